// What is on the disk when a save is stopped at any of its file operations.
#include "checkpoint/bundle_commit.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "checkpoint/bundle_reader.h"
#include "checkpoint/merge.h"
#include "checkpoint/names.h"
#include "checkpoint/save_restore.h"
#include "core/fault_file_system.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

constexpr char kPrefix[] = "/d/m";

// A save writes this tensor, of which every element is `value`.
Tensor Filled(float value) {
  Tensor t(DT_FLOAT, TensorShape({1000}));
  for (float& x : t.mutable_flat<float>()) x = value;
  return t;
}

absl::Status SaveOne(FileSystem* fs, float value) {
  return SaveTensorsV2(fs, kPrefix, {"a", "b"}, {"", ""},
                       {Filled(value), Filled(value)});
}

// As a sharded Saver does: two parts in a folder of their own, merged.
absl::Status SaveSharded(FileSystem* fs, float value) {
  std::vector<std::string> parts;
  for (int shard = 0; shard < 2; ++shard) {
    parts.push_back(ShardedFilename("/d/m_temp/part", shard, 2));
    absl::Status saved = SaveTensorsV2(
        fs, parts.back(), {shard == 0 ? "a" : "b"}, {""}, {Filled(value)});
    if (!saved.ok()) return saved;
  }
  return MergeV2Checkpoints(fs, parts, kPrefix, /*delete_old_dirs=*/true);
}

// The value that the checkpoint holds, checked to be the same everywhere; an
// error if there is no whole checkpoint.
absl::StatusOr<float> Restore(FileSystem* fs) {
  RG_ASSIGN_OR_RETURN(
      std::vector<Tensor> tensors,
      RestoreTensors(fs, kPrefix, {"a", "b"}, {"", ""}, {DT_FLOAT, DT_FLOAT}));
  const float value = tensors[0].flat<float>()[0];
  for (const Tensor& tensor : tensors) {
    for (float x : tensor.flat<float>()) {
      if (x != value) return absl::DataLossError("mixed values");
    }
  }
  return value;
}

std::vector<std::string> TemporaryFiles(FileSystem* fs) {
  const std::vector<std::string> names = fs->ListDirectory("/d").value();
  std::vector<std::string> found;
  for (const std::string& name : names) {
    if (IsTemporaryFilename(name)) found.push_back(name);
  }
  return found;
}

using SaveFunction = absl::Status (*)(FileSystem*, float);

struct Scenario {
  const char* name;
  SaveFunction before;  // null: the prefix is new
  SaveFunction save;
};

std::ostream& operator<<(std::ostream& os, const Scenario& s) {
  return os << s.name;
}

class StoppedSaveTest : public testing::TestWithParam<Scenario> {
 protected:
  static void MakeOld(FileSystem* fs) {
    ASSERT_OK(fs->CreateDirectory("/d"));
    if (GetParam().before == nullptr) return;
    ASSERT_OK(GetParam().before(fs, 1));
  }

  // 1 is the old value, 2 the new one; a new prefix may hold nothing.
  static void ExpectWhole(FileSystem* fs, int64_t n) {
    absl::StatusOr<float> value = Restore(fs);
    if (GetParam().before == nullptr && absl::IsNotFound(value.status())) {
      EXPECT_FALSE(fs->FileExists(MetaFilename(kPrefix)))
          << "after operation " << n << ": " << value.status();
      return;
    }
    ASSERT_TRUE(value.ok())
        << "after operation " << n << ": " << value.status();
    EXPECT_TRUE(*value == 1 || *value == 2) << *value;
  }

  // The next save in the folder works and tidies up.
  static void ExpectRecovers(FileSystem* fs) {
    ASSERT_OK(GetParam().save(fs, 3));
    EXPECT_EQ(Restore(fs).value_or(-1), 3);
    EXPECT_TRUE(TemporaryFiles(fs).empty());
  }
};

TEST_P(StoppedSaveTest, AnErrorLeavesAWholeCheckpointAndNoTemporaryFile) {
  for (int64_t n = 1;; ++n) {
    MemFileSystem disk;
    MakeOld(&disk);
    FaultFileSystem fs(&disk);
    fs.FailOperation(n, absl::ResourceExhaustedError("x; No space left"));
    const absl::Status status = GetParam().save(&fs, 2);
    if (fs.operations() < n) break;
    SCOPED_TRACE(absl::StrCat("operation ", n, ": ", fs.log()[n - 1]));
    ExpectWhole(&disk, n);
    if (status.ok()) {
      EXPECT_EQ(Restore(&disk).value_or(-1), 2);
    }
    // A removal that fails leaves its file.
    if (!absl::StartsWith(fs.log()[n - 1], "remove")) {
      EXPECT_TRUE(TemporaryFiles(&disk).empty());
    }
    ExpectRecovers(&disk);
  }
}

TEST_P(StoppedSaveTest, AKillLeavesAWholeCheckpoint) {
  for (bool half_write : {false, true}) {
    for (int64_t n = 1;; ++n) {
      MemFileSystem disk;
      MakeOld(&disk);
      FaultFileSystem fs(&disk);
      fs.CrashAt(n, half_write);
      GetParam().save(&fs, 2).IgnoreError();
      if (fs.operations() < n) break;
      SCOPED_TRACE(absl::StrCat("operation ", n, ": ", fs.log()[n - 1]));
      ExpectWhole(&disk, n);
      ExpectRecovers(&disk);
    }
  }
}

TEST_P(StoppedSaveTest, APowerLossLeavesAWholeCheckpoint) {
  for (int64_t n = 1;; ++n) {
    MemFileSystem disk;
    MakeOld(&disk);
    disk.SyncEverything();
    FaultFileSystem fs(&disk);
    fs.CrashAt(n);
    GetParam().save(&fs, 2).IgnoreError();
    if (fs.operations() < n) break;
    SCOPED_TRACE(absl::StrCat("operation ", n, ": ", fs.log()[n - 1]));
    disk.DropUnsyncedData();
    ExpectWhole(&disk, n);
    ExpectRecovers(&disk);
  }
}

TEST_P(StoppedSaveTest, APowerLossThatKeepsSomeWritesLeavesAWholeCheckpoint) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    for (int64_t n = 1;; ++n) {
      MemFileSystem disk;
      MakeOld(&disk);
      disk.SyncEverything();
      FaultFileSystem fs(&disk);
      fs.CrashAt(n, /*half_write=*/seed % 2 == 0);
      GetParam().save(&fs, 2).IgnoreError();
      if (fs.operations() < n) break;
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", operation ", n, ": ",
                                fs.log()[n - 1]));
      disk.DropSomeUnsyncedData(seed);
      ExpectWhole(&disk, n);
      ExpectRecovers(&disk);
    }
  }
}

TEST_P(StoppedSaveTest, AFinishedSaveSurvivesAPowerLoss) {
  MemFileSystem disk;
  MakeOld(&disk);
  disk.SyncEverything();
  ASSERT_OK(GetParam().save(&disk, 2));
  disk.DropUnsyncedData();
  EXPECT_EQ(Restore(&disk).value_or(-1), 2);
}

TEST_P(StoppedSaveTest, AFullDiskLeavesTheOldCheckpoint) {
  for (int64_t bytes = 0; bytes < 20000; bytes += 500) {
    MemFileSystem disk;
    MakeOld(&disk);
    FaultFileSystem fs(&disk);
    fs.LimitBytes(bytes);
    const absl::Status status = GetParam().save(&fs, 2);
    if (status.ok()) return;
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted,
                                 testing::HasSubstr("No space left")));
    ExpectWhole(&disk, bytes);
    if (GetParam().before != nullptr) {
      EXPECT_EQ(Restore(&disk).value_or(-1), 1);
    }
    EXPECT_TRUE(TemporaryFiles(&disk).empty());
  }
  FAIL() << "20,000 bytes should do";
}

INSTANTIATE_TEST_SUITE_P(
    , StoppedSaveTest,
    testing::Values(Scenario{"NewPrefix", nullptr, SaveOne},
                    Scenario{"SamePrefix", SaveOne, SaveOne},
                    Scenario{"NewPrefixSharded", nullptr, SaveSharded},
                    Scenario{"SamePrefixSharded", SaveSharded, SaveSharded},
                    Scenario{"ShardedOverPlain", SaveOne, SaveSharded},
                    Scenario{"PlainOverSharded", SaveSharded, SaveOne}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(BundleCommitTest, ASaveLeavesTensorFlowsNamesOnly) {
  MemFileSystem fs;
  ASSERT_OK(SaveOne(&fs, 1));
  const std::vector<std::string> names = {"m.data-00000-of-00001", "m.index"};
  EXPECT_EQ(fs.ListDirectory("/d").value(), names);
  ASSERT_OK(SaveOne(&fs, 2));
  EXPECT_EQ(fs.ListDirectory("/d").value(), names);
}

TEST(BundleCommitTest, AShardedSaveLeavesTensorFlowsNamesOnly) {
  MemFileSystem fs;
  ASSERT_OK(fs.CreateDirectory("/d"));
  const std::vector<std::string> names = {"m.data-00000-of-00002",
                                          "m.data-00001-of-00002", "m.index"};
  for (float value : {1.f, 2.f}) {
    ASSERT_OK(SaveSharded(&fs, value));
    EXPECT_EQ(fs.ListDirectory("/d").value(), names);
  }
}

TEST(BundleCommitTest, ANewFolderSurvivesAPowerLoss) {
  MemFileSystem fs;
  ASSERT_OK(SaveOne(&fs, 1));
  fs.DropUnsyncedData();
  EXPECT_EQ(Restore(&fs).value_or(-1), 1);
}

TEST(BundleCommitTest, WithoutSyncingNothingIsSynced) {
  MemFileSystem disk;
  FaultFileSystem fs(&disk);
  BundleWriterOptions options;
  options.commit.sync = false;
  ASSERT_OK(SaveTensorsV2(&fs, kPrefix, {"a"}, {""}, {Filled(1)}, options));
  for (const std::string& operation : fs.log()) {
    EXPECT_FALSE(absl::StartsWith(operation, "sync")) << operation;
  }
}

TEST(BundleCommitTest, RemovesTheNamesOfASwitchThatWasCutShort) {
  // The save is killed after the switch, when the index says 2 shards.
  for (int64_t n = 1;; ++n) {
    MemFileSystem disk;
    ASSERT_OK(SaveOne(&disk, 1));
    FaultFileSystem fs(&disk);
    fs.CrashAt(n);
    SaveOne(&fs, 2).IgnoreError();
    if (fs.operations() < n) break;
    ASSERT_OK(SaveOne(&disk, 3));
    EXPECT_EQ(disk.ListDirectory("/d").value(),
              (std::vector<std::string>{"m.data-00000-of-00001", "m.index"}))
        << "after operation " << n;
  }
}

TEST(BundleCommitTest, LeavesTemporaryFilesOfOthersAlone) {
  MemFileSystem fs;
  ASSERT_OK(fs.CreateDirectory("/d"));
  ASSERT_OK(WriteStringToFile(&fs, "/d/x.index.tempstate123", "TensorFlow's"));
  ASSERT_OK(WriteStringToFile(&fs, TemporaryFilename("/d/x.index"), "stray"));
  ASSERT_OK(SaveOne(&fs, 1));
  EXPECT_TRUE(fs.FileExists("/d/x.index.tempstate123"));
  EXPECT_TRUE(TemporaryFiles(&fs).empty());
}

// A file system that has no hard links.
class NoLinks : public ForwardingFileSystem {
 public:
  using ForwardingFileSystem::ForwardingFileSystem;
  absl::Status LinkFile(const std::string&, const std::string&) override {
    return absl::UnimplementedError("no links");
  }
};

TEST(BundleCommitTest, CopiesWhereThereAreNoHardLinks) {
  MemFileSystem disk;
  NoLinks fs(&disk);
  ASSERT_OK(SaveOne(&fs, 1));
  ASSERT_OK(SaveOne(&fs, 2));
  EXPECT_EQ(Restore(&fs).value_or(-1), 2);
  EXPECT_EQ(disk.ListDirectory("/d").value().size(), 2);
}

TEST(BundleCommitTest, ReadersBesideAnOverwriteSeeOneSaveOrTheOther) {
  MemFileSystem fs;
  ASSERT_OK(SaveOne(&fs, 0));
  std::atomic<bool> done{false};
  std::atomic<int> reads{0};
  std::vector<std::string> failures;
  std::thread reader([&] {
    while (!done) {
      absl::StatusOr<float> value = Restore(&fs);
      ++reads;
      if (!value.ok()) failures.push_back(value.status().ToString());
    }
  });
  for (int i = 1; i <= 1000; ++i) {
    ASSERT_OK(SaveOne(&fs, static_cast<float>(i)));
  }
  done = true;
  reader.join();
  EXPECT_GT(reads, 10);
  EXPECT_TRUE(failures.empty())
      << failures.size() << " of " << reads << ", " << failures[0];
}

TEST(BundleCommitTest, TwoWritersOfOneFolderTakeTurns) {
  MemFileSystem fs;
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&fs, w] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_OK(SaveOne(&fs, static_cast<float>(w)));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_OK(Restore(&fs).status());
  EXPECT_EQ(fs.ListDirectory("/d").value().size(), 2);
}

}  // namespace
}  // namespace retrograph
