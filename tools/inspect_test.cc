#include "tools/inspect.h"

#include <sstream>
#include <string>

#include "checkpoint/bundle_writer.h"
#include "checkpoint/checkpoint_state.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace retrograph {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class InspectTest : public testing::Test {
 protected:
  InspectTest() {
    EXPECT_OK(fs_.CreateDirectories("/d"));
    auto writer = *BundleWriter::Create(&fs_, "/d/m-7");
    EXPECT_OK(writer->Add("layer/w", Tensor::Vector<float>({1.5f, -2.0f})));
    EXPECT_OK(writer->Add("step", Tensor::Scalar<int64_t>(7)));
    EXPECT_OK(writer->Add("name", Tensor::Scalar<std::string>("x")));
    EXPECT_OK(writer->Finish());
    EXPECT_OK(UpdateCheckpointState(&fs_, "/d", "/d/m-7", {"/d/m-7"}));
  }

  MemFileSystem fs_;
  std::ostringstream out_;
};

TEST_F(InspectTest, ListsNamesTypesShapesAndSizes) {
  ASSERT_OK(ListCheckpoint(&fs_, "/d/m-7", {}, out_));
  EXPECT_EQ(out_.str(),
            "layer/w  float32    [2]            8 bytes\n"
            "name     string     []             \n"
            "step     int64      []             8 bytes\n");
}

TEST_F(InspectTest, ListsAsJson) {
  ListOptions options;
  options.json = true;
  ASSERT_OK(ListCheckpoint(&fs_, "/d/m-7", options, out_));
  const auto list = nlohmann::json::parse(out_.str());
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0]["name"], "layer/w");
  EXPECT_EQ(list[0]["dtype"], "float32");
  EXPECT_EQ(list[0]["shape"], nlohmann::json({2}));
  EXPECT_EQ(list[0]["bytes"], 8);
}

TEST_F(InspectTest, FolderMeansItsLatestCheckpointAndAFileItsOwn) {
  EXPECT_EQ(ResolvePrefix(&fs_, "/d"), "/d/m-7");
  EXPECT_EQ(ResolvePrefix(&fs_, "/d/m-7.index"), "/d/m-7");
  EXPECT_EQ(ResolvePrefix(&fs_, "/d/m-7.data-00000-of-00001"), "/d/m-7");
  EXPECT_EQ(ResolvePrefix(&fs_, "/d/m-7"), "/d/m-7");
}

TEST_F(InspectTest, ShowsAValue) {
  ASSERT_OK(ShowTensor(&fs_, "/d", "layer/w", {}, out_));
  EXPECT_EQ(out_.str(), "layer/w  float32 [2]\n[ 1.5 -2. ]\n");
}

TEST_F(InspectTest, UnknownKeyNamesTheNearest) {
  EXPECT_THAT(ShowTensor(&fs_, "/d", "layer/v", {}, out_),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("Key layer/v not found in checkpoint; did you "
                                 "mean layer/w?")));
  EXPECT_THAT(ShowTensor(&fs_, "/d", "something_else", {}, out_),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("it holds layer/w, name, step")));
}

TEST_F(InspectTest, WhatIsNoCheckpointIsNamedWithTheWayOut) {
  EXPECT_THAT(ListCheckpoint(&fs_, "/d/none", {}, out_),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("/d/none: "),
                             HasSubstr("named by its prefix"))));
  ASSERT_OK(fs_.CreateDirectories("/empty"));
  EXPECT_THAT(ListCheckpoint(&fs_, "/empty", {}, out_).message(),
              HasSubstr("a folder without a usable \"checkpoint\" file"));
  ASSERT_OK(WriteStringToFile(&fs_, "/text", std::string(100, 'x')));
  EXPECT_THAT(ListCheckpoint(&fs_, "/text", {}, out_),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("not an sstable (bad magic number)")));
}

}  // namespace
}  // namespace retrograph
