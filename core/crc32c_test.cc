#include "core/crc32c.h"

#include <string>

#include "gtest/gtest.h"

namespace retrograph {
namespace crc32c {
namespace {

// RFC 3720, appendix B.4.
TEST(Crc32cTest, StandardResults) {
  EXPECT_EQ(Value(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Value(std::string(32, '\xff')), 0x62a8ab43u);
  std::string counting;
  for (int i = 0; i < 32; ++i) counting.push_back(static_cast<char>(i));
  EXPECT_EQ(Value(counting), 0x46dd794eu);
  EXPECT_EQ(Value(std::string(counting.rbegin(), counting.rend())),
            0x113fdb5cu);
  EXPECT_EQ(Value("123456789"), 0xe3069283u);
  EXPECT_EQ(Value(""), 0u);
}

TEST(Crc32cTest, ExtendIsTheValueOfTheWhole) {
  const std::string text = "hello world, from a checkpoint";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(Extend(Value(text.substr(0, cut)), text.substr(cut)),
              Value(text));
  }
}

TEST(Crc32cTest, MaskIsUndoneByUnmaskOnly) {
  const uint32_t crc = Value("foo");
  EXPECT_NE(crc, Mask(crc));
  EXPECT_NE(crc, Mask(Mask(crc)));
  EXPECT_EQ(crc, Unmask(Mask(crc)));
  EXPECT_EQ(crc, Unmask(Unmask(Mask(Mask(crc)))));
  EXPECT_EQ(Mask(0), kMaskDelta);
  EXPECT_EQ(Mask(1), kMaskDelta + (1u << 17));
}

}  // namespace
}  // namespace crc32c
}  // namespace retrograph
