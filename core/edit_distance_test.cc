#include "core/edit_distance.h"

#include "gtest/gtest.h"

namespace retrograph {
namespace {

TEST(EditDistanceTest, CountsChanges) {
  EXPECT_EQ(EditDistance("kitten", "sitting", 10), 3);
  EXPECT_EQ(EditDistance("kitten", "sitting", 2), 2);
  EXPECT_EQ(EditDistance("", "abc", 10), 3);
  EXPECT_EQ(EditDistance("same", "same", 10), 0);
}

}  // namespace
}  // namespace retrograph
