// What a turn in a folder sweeps, and what it leaves alone.
#include "checkpoint/folder_turn.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "checkpoint/merge.h"
#include "checkpoint/names.h"
#include "checkpoint/save_restore.h"
#include "core/fault_file_system.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kParts[] = "/d/m_temp_0123456789abcdef0123456789abcdef";

class FolderTurnTest : public testing::Test {
 protected:
  FolderTurnTest() { EXPECT_OK(fs_.CreateDirectory("/d")); }

  CommitOptions Options(const void* owner = nullptr) {
    CommitOptions options;
    options.owner = owner;
    return options;
  }
  std::vector<std::string> Names() { return *fs_.ListDirectory("/d"); }
  void Write(const std::string& path) {
    ASSERT_OK(WriteStringToFile(&fs_, path, "x"));
  }
  absl::Status SavePart(int shard, const void* owner) {
    BundleWriterOptions options;
    options.commit = Options(owner);
    return SaveTensorsV2(&fs_, ShardedFilename(Part(), shard, 2),
                         {shard == 0 ? "a" : "b"}, {""},
                         {Tensor::Scalar<float>(1)}, options);
  }
  std::string Part() { return std::string(kParts) + "/part"; }

  MemFileSystem fs_;
  const int me_ = 0, other_ = 0;  // owners: their addresses count
};

TEST_F(FolderTurnTest, SweepsTemporaryFilesOfEveryKind) {
  Write(TemporaryFilename("/d/m.index"));
  Write(TemporaryFilename(V1TemporaryBase("/d/m")));
  Write(TextTemporaryFilename("/d/m.meta"));
  Write(TextTemporaryFilename("/d/checkpoint"));
  ASSERT_OK(fs_.CreateSymlink("gone", TemporaryFilename("/d/m.index")));
  Write("/d/m.index");
  // TensorFlow's own, and what only looks like one.
  Write("/d/m.meta.tmp0123456789abcdef0123456789abcdef");
  Write("/d/notes.tmp");
  FolderTurn turn(&fs_, "/d/m", Options());
  EXPECT_THAT(Names(),
              ElementsAre("m.index",
                          "m.meta.tmp0123456789abcdef0123456789abcdef",
                          "notes.tmp"));
}

TEST_F(FolderTurnTest, SweepsThePartsOfADeadSave) {
  {
    SaveTurn save(&fs_, "/d/m", Options(&me_));
    ASSERT_OK(SavePart(0, &me_));
    EXPECT_THAT(Names(), ElementsAre(Basename(kParts)));
    // As if the process died: nothing is committed, nothing cleaned up.
    ASSERT_OK(fs_.RenameFile(kParts, "/kept"));
  }
  ASSERT_OK(fs_.RenameFile("/kept", kParts));
  FolderTurn turn(&fs_, "/d/x", Options());
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(FolderTurnTest, LeavesThePartsOfOthersAlone) {
  // Written by hand, outside a save: perhaps they will be merged later.
  ASSERT_OK(SavePart(0, nullptr));
  ASSERT_OK(SavePart(1, nullptr));
  { FolderTurn turn(&fs_, "/d/x", Options()); }
  { SaveTurn turn(&fs_, "/d/x", Options(&me_)); }
  ASSERT_OK(MergeV2Checkpoints(
      &fs_, {ShardedFilename(Part(), 0, 2), ShardedFilename(Part(), 1, 2)},
      "/d/m", /*delete_old_dirs=*/true));
  EXPECT_THAT(Names(), ElementsAre("m.data-00000-of-00002",
                                   "m.data-00001-of-00002", "m.index"));
}

TEST_F(FolderTurnTest, AFailedSaveLeavesNoParts) {
  {
    SaveTurn save(&fs_, "/d/m", Options(&me_));
    ASSERT_OK(SavePart(0, &me_));
  }
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(FolderTurnTest, AFinishedSaveLeavesNoParts) {
  SaveTurn save(&fs_, "/d/m", Options(&me_));
  ASSERT_OK(SavePart(0, &me_));
  ASSERT_OK(SavePart(1, &me_));
  ASSERT_OK(MergeV2Checkpoints(
      &fs_, {ShardedFilename(Part(), 0, 2), ShardedFilename(Part(), 1, 2)},
      "/d/m", /*delete_old_dirs=*/true, Options(&me_)));
  ASSERT_OK(save.Commit());
  EXPECT_THAT(Names(), ElementsAre("m.data-00000-of-00002",
                                   "m.data-00001-of-00002", "m.index"));
}

TEST_F(FolderTurnTest, OthersWaitForTheWholeSave) {
  std::atomic<bool> entered{false};
  auto save = std::make_unique<SaveTurn>(&fs_, "/d/m", Options(&me_));
  std::thread waiting([&] {
    FolderTurn turn(&fs_, "/d/x", Options(&other_));
    entered = true;
  });
  for (int i = 0; i < 3; ++i) {
    // Spelt in another way, it is the same folder.
    FolderTurn joined(&fs_, "/d/./m", Options(&me_));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_FALSE(entered);
  }
  ASSERT_OK(save->Commit());
  save.reset();
  waiting.join();
  EXPECT_TRUE(entered);
}

TEST_F(FolderTurnTest, AnUnusedSwitchLeavesNothing) {
  {
    SaveTurn save(&fs_, "/d/m", Options(&me_));
    EXPECT_TRUE(save.HoldEverything().value());
    FolderTurn turn(&fs_, "/d/m", Options(&me_));
    ASSERT_OK(turn.WriteAtomically("/d/m.meta", "new"));
    EXPECT_FALSE(fs_.FileExists("/d/m.meta"));
  }
  EXPECT_THAT(Names(), IsEmpty());
}

class V1SwitchTest : public FolderTurnTest {
 protected:
  // Two shards of one save.
  absl::Status Save(FileSystem* fs, float value) {
    SaveTurn save(fs, "/d/m", Options(&me_));
    for (int shard = 0; shard < 2; ++shard) {
      absl::Status written =
          SaveTensorsV1(fs, ShardedFilename("/d/m", shard, 2),
                        {shard == 0 ? "a" : "b"}, {},
                        {Tensor::Scalar<float>(value)}, Options(&me_));
      if (!written.ok()) return written;
    }
    return save.Commit();
  }
  float Value() {
    auto tensors = RestoreTensors(&fs_, ShardedFilespec("/d/m", 2), {"a", "b"},
                                  {"", ""}, {DT_FLOAT, DT_FLOAT});
    EXPECT_OK(tensors);
    if (!tensors.ok()) return -1;
    EXPECT_EQ((*tensors)[0].scalar<float>(), (*tensors)[1].scalar<float>());
    return (*tensors)[0].scalar<float>();
  }
};

TEST_F(V1SwitchTest, ShardsStayPlainFiles) {
  for (float value : {1.f, 2.f, 3.f}) {
    ASSERT_OK(Save(&fs_, value));
    EXPECT_EQ(Value(), value);
    EXPECT_THAT(Names(),
                ElementsAre("m-00000-of-00002", "m-00001-of-00002"));
    EXPECT_FALSE(fs_.ReadSymlink("/d/m-00000-of-00002").ok());
  }
}

// Until all of it is there, none of it is.
TEST_F(V1SwitchTest, ANewCheckpointAppearsAtOnce) {
  for (int64_t n = 1;; ++n) {
    MemFileSystem disk;
    ASSERT_OK(disk.CreateDirectory("/d"));
    FaultFileSystem fs(&disk);
    fs.CrashAt(n);
    const absl::Status saved = Save(&fs, 2);
    if (fs.operations() < n) {
      ASSERT_OK(saved);
      return;
    }
    EXPECT_EQ(disk.FileExists("/d/m-00000-of-00002"),
              disk.FileExists("/d/m-00001-of-00002"))
        << "after operation " << n;
  }
}

// Where a user keeps a file elsewhere, by a link, that stays readable on the
// way.
TEST_F(V1SwitchTest, AUsersLinkIsReplaced) {
  for (int64_t n = 1;; ++n) {
    MemFileSystem disk;
    ASSERT_OK(disk.CreateDirectory("/d"));
    ASSERT_OK(disk.CreateDirectory("/elsewhere"));
    ASSERT_OK(Save(&disk, 1));
    ASSERT_OK(disk.RenameFile("/d/m-00000-of-00002", "/elsewhere/m"));
    ASSERT_OK(disk.CreateSymlink("/elsewhere/m", "/d/m-00000-of-00002"));
    FaultFileSystem fs(&disk);
    fs.CrashAt(n);
    Save(&fs, 2).IgnoreError();
    EXPECT_TRUE(disk.FileExists("/d/m-00000-of-00002"))
        << "after operation " << n;
    if (fs.operations() < n) {
      EXPECT_FALSE(disk.ReadSymlink("/d/m-00000-of-00002").ok());
      return;
    }
  }
}

class NoLinks : public ForwardingFileSystem {
 public:
  NoLinks(FileSystem* base, bool symlinks)
      : ForwardingFileSystem(base), symlinks_(symlinks) {}
  absl::Status LinkFile(const std::string& from, const std::string&) override {
    return IoError(from, EPERM);
  }
  absl::Status CreateSymlink(const std::string& target,
                             const std::string& path) override {
    return symlinks_ ? base()->CreateSymlink(target, path)
                     : IoError(path, EPERM);
  }

 private:
  const bool symlinks_;
};

TEST_F(V1SwitchTest, WorksWithoutLinks) {
  for (bool symlinks : {false, true}) {
    NoLinks fs(&fs_, symlinks);
    ASSERT_OK(Save(&fs, 1));
    ASSERT_OK(Save(&fs, 2));
    EXPECT_EQ(Value(), 2);
    EXPECT_THAT(Names(),
                ElementsAre("m-00000-of-00002", "m-00001-of-00002"));
  }
}

// A folder that looks like a switch but leads elsewhere is not followed.
TEST_F(V1SwitchTest, AForeignLinkIsLeftAlone) {
  const std::string box = TemporaryFilename(SwitchBase("/d/m"));
  ASSERT_OK(fs_.CreateDirectory(box));
  ASSERT_OK(fs_.CreateDirectory("/elsewhere"));
  Write("/elsewhere/m");
  ASSERT_OK(fs_.CreateSymlink("/elsewhere", box + "/now"));
  { FolderTurn turn(&fs_, "/d/x", Options()); }
  EXPECT_TRUE(fs_.FileExists("/elsewhere/m"));
}

}  // namespace
}  // namespace retrograph
