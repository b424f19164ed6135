// Writing V1 files. What TensorFlow's bytes are is v1_golden_test's question.
#include "checkpoint/v1_writer.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/hash_order.h"
#include "checkpoint/names.h"
#include "checkpoint/save_restore.h"
#include "checkpoint/sha256_testing.h"
#include "checkpoint/v1_reader.h"
#include "core/errors.h"
#include "core/fault_file_system.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kPath[] = "/d/m";

absl::Status SaveOne(FileSystem* fs, float value) {
  return SaveTensorsV1(
      fs, kPath, {"a", "b"}, {},
      {Tensor::Vector<float>({value, value}), Tensor::Scalar<float>(value)});
}

// The value that the file holds in both tensors.
absl::StatusOr<float> Restore(FileSystem* fs) {
  RG_ASSIGN_OR_RETURN(
      std::vector<Tensor> tensors,
      RestoreTensorsV1(fs, kPath, {"a", "b"}, {"", ""}, {DT_FLOAT, DT_FLOAT}));
  const float value = tensors[1].scalar<float>();
  for (float x : tensors[0].flat<float>()) {
    if (x != value) return absl::DataLossError("mixed values");
  }
  return value;
}

std::vector<std::string> FilesIn(FileSystem* fs) {
  return fs->ListDirectory("/d").value();
}

class V1WriterTest : public testing::Test {
 protected:
  V1WriterTest() { EXPECT_OK(fs_.CreateDirectory("/d")); }
  MemFileSystem fs_;
};

TEST_F(V1WriterTest, GivesBackSlicesAsAWhole) {
  ASSERT_OK(SaveTensorsV1(&fs_, kPath, {"w", "w"}, {"4 2,2", "4 0,2"},
                          {Tensor::Vector<std::string>({"c", "d"}),
                           Tensor::Vector<std::string>({"a", "b"})}));
  RG_ASSERT_OK_AND_ASSIGN(
      const std::vector<Tensor> all,
      RestoreTensorsV1(&fs_, kPath, {"w", "w"}, {"", "4 1,2"},
                       {DT_STRING, DT_STRING}));
  EXPECT_TRUE(TensorsIdentical(
      all[0], Tensor::Vector<std::string>({"a", "b", "c", "d"})));
  EXPECT_TRUE(
      TensorsIdentical(all[1], Tensor::Vector<std::string>({"b", "c"})));
  EXPECT_THAT(FilesIn(&fs_), ElementsAre("m"));
}

// With more than 16 names TensorFlow's sort is not stable, which shows in the
// order of the slices that have one name. The sum is that of the file it wrote.
TEST_F(V1WriterTest, ListsTheSlicesOfManyNamesInTensorFlowsOrder) {
  std::vector<std::string> names, specs;
  std::vector<Tensor> tensors;
  for (int i = 0; i < 40; ++i) {
    names.push_back(absl::StrCat("w", i % 3));
    specs.push_back(absl::StrCat("40 ", i, ",1"));
    tensors.push_back(Tensor::Vector<float>({static_cast<float>(i)}));
  }
  ASSERT_OK(SaveTensorsV1(&fs_, kPath, names, specs, tensors));
  EXPECT_EQ(Sha256Hex(*ReadFileToString(&fs_, kPath)),
            "a3105462538cdbe21dfd36a4c85e8e0d8a55b1e063c27848beafffde6d392b2d");
}

// What TensorFlow's debug_string() and get_variable_to_shape_map() of such files
// list: two of its hash tables, in the order in which the files fill them.
TEST_F(V1WriterTest, NamesAreListedInTheOrderOfTensorFlowsTables) {
  const std::vector<std::string> names = {
      "b",           "a",        "c10",        "w/Adam", "w/Adam_1",
      "w",           "beta1_power", "beta2_power", "net/bias",
      "net/kernel",  "step",     "x",          "y",      "z"};
  const auto save = [&](const std::string& path, size_t begin, size_t end) {
    return SaveTensorsV1(
        &fs_, path, absl::MakeSpan(names).subspan(begin, end - begin), {},
        std::vector<Tensor>(end - begin, Tensor::Scalar<float>(1)));
  };
  ASSERT_OK(save("/d/all", 0, names.size()));
  ASSERT_OK(save("/d/two-00000-of-00002", 5, names.size()));
  ASSERT_OK(save("/d/two-00001-of-00002", 0, 5));
  RG_ASSERT_OK_AND_ASSIGN(const auto all, V1Reader::Open(&fs_, "/d/all"));
  EXPECT_THAT(all->ListedNames(),
              ElementsAre("x", "z", "w/Adam_1", "net/kernel", "w", "b", "y",
                          "w/Adam", "beta2_power", "step", "beta1_power", "a",
                          "net/bias", "c10"));
  EXPECT_THAT(all->DebugString(),
              StartsWith("x (DT_FLOAT) []\nz (DT_FLOAT) []\nw/Adam_1 "));
  RG_ASSERT_OK_AND_ASSIGN(const auto two,
                          V1Reader::Open(&fs_, "/d/two-0000?-of-00002"));
  EXPECT_THAT(two->ListedNames(),
              ElementsAre("c10", "w/Adam_1", "z", "x", "w/Adam", "y",
                          "beta2_power", "b", "w", "step", "beta1_power", "a",
                          "net/bias", "net/kernel"));
  RG_ASSERT_OK_AND_ASSIGN(
      const auto reader,
      CheckpointReader::Open(&fs_, "/d/two-0000?-of-00002"));
  EXPECT_THAT(ListedNames(*reader),
              ElementsAre("net/kernel", "net/bias", "a", "beta1_power", "step",
                          "w", "b", "c10", "w/Adam_1", "z", "x", "beta2_power",
                          "w/Adam", "y"));
}

// The sum is that of the file that TensorFlow wrote.
TEST_F(V1WriterTest, ASliceThatComesTwiceIsListedTwiceAndRefusedByReaders) {
  ASSERT_OK(SaveTensorsV1(
      &fs_, kPath, {"w", "w"}, {},
      {Tensor::Vector<float>({1, 2}), Tensor::Vector<float>({2, 3})}));
  EXPECT_EQ(Sha256Hex(*ReadFileToString(&fs_, kPath)),
            "e523662977d77c9b41a7026fe56cf97f861096d105af0204064581aa9baa3c86");
  EXPECT_THAT(
      RestoreTensorsV1(&fs_, kPath, {"w"}, {""}, {DT_FLOAT}),
      StatusIs(absl::StatusCode::kInternal,
               "Overlapping slices: existing slice = -, new slice = -"));
}

TEST_F(V1WriterTest, RefusesWhatTensorFlowRefuses) {
  const Tensor pair = Tensor::Vector<float>({1, 2});
  const struct {
    std::vector<std::string> specs;
    Tensor second;
    absl::StatusCode code;
    std::string message;
  } kCases[] = {
      {{},
       Tensor::Scalar<float>(1),
       absl::StatusCode::kInternal,
       "Mismatching shapes: existing tensor = [2], trying to add name w, "
       "shape = []"},
      {{},
       Tensor::Vector<int32_t>({1, 2}),
       absl::StatusCode::kInternal,
       "Mismatching types: existing type = float, trying to add name w, type "
       "= int32"},
      {{"4 0,2", "bad"},
       pair,
       absl::StatusCode::kInvalidArgument,
       "Need least two elements in shape_and_slice specification: bad"},
      {{"4 0,2", "4 0,3"},
       pair,
       absl::StatusCode::kInvalidArgument,
       "Slice in shape_and_slice specification does not match the shape of "
       "the tensor to  save: 4 0,3, tensor: [2]"},
      {{"4 0,2", "2 1,2"},
       pair,
       absl::StatusCode::kInternal,
       "Extent in dimension 0 out of bounds: shape = [2], slice = 1,2"},
      {{"4 0,2", "2 2 0,2"},
       pair,
       absl::StatusCode::kInternal,
       "Mismatching ranks: shape = [2,2], slice = 0,2"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(
        SaveTensorsV1(&fs_, kPath, {"w", "w"}, c.specs, {pair, c.second}),
        StatusIs(c.code, c.message));
    EXPECT_THAT(FilesIn(&fs_), IsEmpty());
  }
  for (DataType dtype : {DT_BFLOAT16, DT_UINT32, DT_UINT64, DT_QINT16,
                         DT_QUINT16, DT_RESOURCE}) {
    EXPECT_THAT(
        SaveTensorsV1(&fs_, kPath, {"w"}, {}, {Tensor(dtype, TensorShape())}),
        StatusIs(absl::StatusCode::kUnimplemented,
                 absl::StrCat("Saving data type ", DataTypeString(dtype),
                              " not yet supported")));
  }
}

TEST_F(V1WriterTest, RefusesASliceOfWhichAMessageMightBeTooLarge) {
  // Numbers that need not be touched.
  RG_ASSERT_OK_AND_ASSIGN(const Tensor big,
                          Tensor::Allocate(DT_INT8, TensorShape({214748265})));
  V1Writer writer(&fs_, kPath);
  EXPECT_THAT(writer.Add("w", big.shape(), TensorSlice(1), big),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "Tensor slice is too large to serialize (conservative "
                       "estimate: 2147483681 bytes)"));
}

TEST_F(V1WriterTest, AFolderThatIsMissingStaysMissing) {
  const absl::Status status =
      SaveTensorsV1(&fs_, "/no/m", {"w"}, {}, {Tensor::Scalar<float>(1)});
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), StartsWith("/no/m"));
  EXPECT_FALSE(fs_.FileExists("/no"));
}

TEST_F(V1WriterTest, AFolderInTheWayIsAnErrorAndLeavesNothing) {
  ASSERT_OK(fs_.CreateDirectory(kPath));
  EXPECT_FALSE(SaveOne(&fs_, 1).ok());
  EXPECT_THAT(FilesIn(&fs_), ElementsAre("m"));
}

TEST_F(V1WriterTest, AnErrorLeavesAWholeFileAndNoTemporaryOne) {
  for (bool overwrite : {false, true}) {
    for (int64_t n = 1;; ++n) {
      MemFileSystem disk;
      ASSERT_OK(disk.CreateDirectory("/d"));
      if (overwrite) {
        ASSERT_OK(SaveOne(&disk, 1));
      }
      FaultFileSystem fs(&disk);
      fs.FailHalfway(n, absl::ResourceExhaustedError("x; No space left"));
      const absl::Status status = SaveOne(&fs, 2);
      if (fs.operations() < n) break;
      const std::string operation = fs.log()[n - 1];
      SCOPED_TRACE(absl::StrCat("operation ", n, ": ", operation));
      const absl::StatusOr<float> value = Restore(&disk);
      if (status.ok()) {
        EXPECT_EQ(value.value_or(-1), 2);
      } else if (overwrite) {
        EXPECT_TRUE(value.ok()) << value.status();
      } else {
        EXPECT_TRUE(value.ok() || absl::IsNotFound(value.status()));
      }
      if (!absl::StartsWith(operation, "remove")) {
        for (const std::string& name : FilesIn(&disk)) EXPECT_EQ(name, "m");
      }
    }
  }
}

TEST_F(V1WriterTest, AKillOrAPowerLossLeavesTheOldFileOrTheNewOne) {
  for (bool power_loss : {false, true}) {
    for (bool half_write : {false, true}) {
      for (int64_t n = 1;; ++n) {
        MemFileSystem disk;
        ASSERT_OK(disk.CreateDirectory("/d"));
        ASSERT_OK(SaveOne(&disk, 1));
        disk.SyncEverything();
        FaultFileSystem fs(&disk);
        fs.CrashAt(n, half_write);
        SaveOne(&fs, 2).IgnoreError();
        if (fs.operations() < n) break;
        if (power_loss) disk.DropUnsyncedData();
        SCOPED_TRACE(absl::StrCat("operation ", n, ": ", fs.log()[n - 1]));
        RG_ASSERT_OK_AND_ASSIGN(const float value, Restore(&disk));
        EXPECT_TRUE(value == 1 || value == 2) << value;
        // The next save tidies up.
        ASSERT_OK(SaveOne(&disk, 3));
        EXPECT_THAT(FilesIn(&disk), ElementsAre("m"));
        EXPECT_EQ(Restore(&disk).value_or(-1), 3);
      }
    }
  }
}

TEST_F(V1WriterTest, WithoutSyncingNothingIsSynced) {
  FaultFileSystem fs(&fs_);
  CommitOptions options;
  options.sync = false;
  ASSERT_OK(SaveTensorsV1(&fs, kPath, {"w"}, {}, {Tensor::Scalar<float>(1)},
                          options));
  for (const std::string& operation : fs.log()) {
    EXPECT_FALSE(absl::StartsWith(operation, "sync")) << operation;
  }
}

// Each look at a file finds it changed, as it is in /proc.
class RestlessFileSystem : public MemFileSystem {
 public:
  absl::StatusOr<FileStat> Stat(const std::string& path) override {
    RG_ASSIGN_OR_RETURN(FileStat stat, MemFileSystem::Stat(path));
    stat.mtime_nanos += ++stats;
    return stat;
  }
  int64_t stats = 0;
};

TEST(RestlessFilesTest, AreNotLookedAtAgainAndAgain) {
  RestlessFileSystem fs;
  EXPECT_OK(fs.CreateDirectory("/d"));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_OK(WriteStringToFile(&fs, absl::StrCat("/d/", i), "no table"));
  }
  EXPECT_THAT(RestoreTensorsV1(&fs, "/d/*", {"a"}, {""}, {DT_FLOAT}).status(),
              StatusIs(absl::StatusCode::kDataLoss, testing::_));
  EXPECT_LT(fs.stats, 1000);
}

}  // namespace
}  // namespace retrograph
