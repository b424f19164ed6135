// The file systems that tests use to break things: they must break exactly
// what they promise to.
#include "core/fault_file_system.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "core/mem_file_system.h"
#include "core/status_matchers.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Code = absl::StatusCode;

// Writes `data` and syncs it.
absl::Status WriteSynced(FileSystem* fs, const std::string& path,
                         absl::string_view data) {
  RG_ASSIGN_OR_RETURN(auto file, fs->NewWritableFile(path));
  RG_RETURN_IF_ERROR(file->Append(data));
  RG_RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

std::string Read(FileSystem* fs, const std::string& path) {
  absl::StatusOr<std::string> data = ReadFileToString(fs, path);
  return data.ok() ? *data : "(none)";
}

TEST(MemFileSystemTest, UnsyncedContentIsLost) {
  MemFileSystem fs;
  EXPECT_OK(WriteSynced(&fs, "/a", "old"));
  EXPECT_OK(fs.SyncDirectory("/"));
  EXPECT_OK(WriteStringToFile(&fs, "/a", "new"));
  fs.DropUnsyncedData();
  EXPECT_EQ(Read(&fs, "/a"), "old");
}

TEST(MemFileSystemTest, SyncedFileInAnUnsyncedDirectoryIsLost) {
  MemFileSystem fs;
  EXPECT_OK(WriteSynced(&fs, "/a", "x"));
  fs.DropUnsyncedData();
  EXPECT_FALSE(fs.FileExists("/a"));
}

TEST(MemFileSystemTest, NameWithoutSyncedContentIsAnEmptyFile) {
  MemFileSystem fs;
  EXPECT_OK(WriteStringToFile(&fs, "/a", "x"));
  EXPECT_OK(fs.SyncDirectory("/"));
  fs.DropUnsyncedData();
  EXPECT_EQ(Read(&fs, "/a"), "");
}

TEST(MemFileSystemTest, UnsyncedDirectoryOperationsAreUndone) {
  MemFileSystem fs;
  EXPECT_OK(fs.CreateDirectory("/d"));
  for (const char* path : {"/a", "/b", "/c"}) {
    EXPECT_OK(WriteSynced(&fs, path, path));
  }
  EXPECT_OK(fs.SyncDirectory("/"));
  EXPECT_OK(fs.RenameFile("/a", "/b"));
  EXPECT_OK(fs.RenameFile("/c", "/d/c"));
  EXPECT_OK(fs.LinkFile("/b", "/e"));
  EXPECT_OK(fs.CreateDirectory("/f"));
  EXPECT_EQ(Read(&fs, "/b"), "/a");
  fs.DropUnsyncedData();
  EXPECT_THAT(*fs.ListDirectory("/"), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(*fs.ListDirectory("/d"), IsEmpty());
  EXPECT_EQ(Read(&fs, "/b"), "/b");
}

TEST(MemFileSystemTest, OpenFilesFailAfterAPowerLoss) {
  MemFileSystem fs;
  RG_ASSERT_OK_AND_ASSIGN(auto file, fs.NewWritableFile("/a"));
  fs.DropUnsyncedData();
  EXPECT_THAT(file->Append("x"),
              StatusIs(Code::kUnknown, "/a; Input/output error"));
}

TEST(MemFileSystemTest, LocksAreFreeAfterAPowerLoss) {
  MemFileSystem fs;
  RG_ASSERT_OK_AND_ASSIGN(auto old_lock, fs.LockFile("/"));
  fs.DropUnsyncedData();
  RG_ASSERT_OK_AND_ASSIGN(auto new_lock, fs.LockFile("/"));
  old_lock.reset();  // must not free the new one
  std::atomic<bool> entered{false};
  std::thread other([&] {
    EXPECT_OK(fs.LockFile("/"));
    entered = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(entered);
  new_lock.reset();
  other.join();
}

TEST(MemFileSystemTest, SyncEverythingKeepsAll) {
  MemFileSystem fs;
  EXPECT_OK(fs.CreateDirectories("/a/b"));
  EXPECT_OK(WriteStringToFile(&fs, "/a/b/c", "x"));
  fs.SyncEverything();
  fs.DropUnsyncedData();
  EXPECT_EQ(Read(&fs, "a/b/c"), "x");
}

TEST(MemFileSystemTest, SomeLossesDifferBySeedAndSpareWhatIsSynced) {
  std::set<std::string> contents;
  int renamed = 0;
  constexpr int kSeeds = 64;
  for (int seed = 0; seed < kSeeds; ++seed) {
    MemFileSystem fs;
    EXPECT_OK(WriteSynced(&fs, "/safe", "safe"));
    EXPECT_OK(WriteSynced(&fs, "/a", "old"));
    fs.SyncEverything();
    EXPECT_OK(WriteStringToFile(&fs, "/a", "newer"));
    EXPECT_OK(fs.RenameFile("/safe", "/kept"));
    fs.DropSomeUnsyncedData(seed);
    contents.insert(Read(&fs, "/a"));
    EXPECT_EQ(Read(&fs, "/safe") == "(none)" && Read(&fs, "/kept") == "(none)",
              false)
        << "a rename must not lose the file, seed " << seed;
    if (fs.FileExists("/kept")) {
      ++renamed;
      EXPECT_EQ(Read(&fs, "/kept"), "safe");
    }
  }
  EXPECT_TRUE(contents.count("old"));
  EXPECT_TRUE(contents.count("newer"));
  EXPECT_GT(contents.size(), 3u);  // partial contents, too
  EXPECT_GT(renamed, 0);
  EXPECT_LT(renamed, kSeeds);
}

TEST(FaultFileSystemTest, CountsAndNamesOperations) {
  MemFileSystem mem;
  FaultFileSystem fs(&mem);
  EXPECT_OK(WriteSynced(&fs, "/a", "abc"));
  EXPECT_OK(fs.RenameFile("/a", "/b"));
  EXPECT_FALSE(fs.FileExists("/a"));
  EXPECT_THAT(fs.log(), ElementsAre("create /a", "append /a 3", "sync /a",
                                    "close /a", "rename /a /b", "stat /a"));
  EXPECT_EQ(fs.operations(), 6);
  fs.Reset();
  EXPECT_EQ(fs.operations(), 0);
}

TEST(FaultFileSystemTest, FailsTheChosenOperationOnly) {
  MemFileSystem mem;
  FaultFileSystem fs(&mem);
  fs.FailOperation(2, absl::UnknownError("/a; Input/output error"));
  RG_ASSERT_OK_AND_ASSIGN(auto file, fs.NewWritableFile("/a"));
  EXPECT_THAT(file->Append("x"),
              StatusIs(Code::kUnknown, "/a; Input/output error"));
  EXPECT_OK(file->Append("y"));
  EXPECT_OK(file->Close());
  EXPECT_EQ(Read(&mem, "/a"), "y");
}

TEST(FaultFileSystemTest, HalfAWriteArrives) {
  MemFileSystem mem;
  FaultFileSystem fs(&mem);
  fs.FailHalfway(2, absl::UnknownError("short"));
  RG_ASSERT_OK_AND_ASSIGN(auto file, fs.NewWritableFile("/a"));
  EXPECT_THAT(file->AppendPieces({"abc", "def"}), StatusIs(Code::kUnknown));
  EXPECT_EQ(Read(&mem, "/a"), "abc");
}

TEST(FaultFileSystemTest, NothingHappensAfterACrash) {
  MemFileSystem mem;
  FaultFileSystem fs(&mem);
  fs.CrashAt(3, /*half_write=*/true);
  RG_ASSERT_OK_AND_ASSIGN(auto file, fs.NewWritableFile("/a"));
  EXPECT_OK(file->Append("12"));
  const auto crashed = StatusIs(Code::kAborted, "the process has crashed");
  EXPECT_THAT(file->Append("3456"), crashed);
  EXPECT_THAT(file->Append("78"), crashed);
  EXPECT_THAT(file->Close(), crashed);
  EXPECT_THAT(fs.RemoveFile("/a"), crashed);
  EXPECT_THAT(fs.NewRandomAccessFile("/a"), crashed);
  EXPECT_EQ(Read(&mem, "/a"), "1234");
}

TEST(FaultFileSystemTest, DiskIsFullAfterSoManyBytes) {
  MemFileSystem mem;
  FaultFileSystem fs(&mem);
  fs.LimitBytes(5);
  RG_ASSERT_OK_AND_ASSIGN(auto file, fs.NewWritableFile("/a"));
  EXPECT_OK(file->Append("123"));
  const auto full =
      StatusIs(Code::kResourceExhausted, "/a; No space left on device");
  EXPECT_THAT(file->AppendPieces({"4", "567"}), full);
  EXPECT_THAT(file->Append("8"), full);
  EXPECT_OK(file->Append(""));
  EXPECT_EQ(Read(&mem, "/a"), "12345");
}

// The example of the header: every single failure leaves old or new content.
TEST(FaultFileSystemTest, AtomicWriteSurvivesEveryFailure) {
  int failures = 0;
  for (int64_t n = 1;; ++n) {
    MemFileSystem mem;
    ASSERT_OK(WriteStringToFile(&mem, "/a", "old"));
    FaultFileSystem fs(&mem);
    fs.FailOperation(n, absl::UnknownError("/a; Input/output error"));
    const absl::Status status =
        WriteStringToFileAtomically(&fs, "/a", "new", /*sync=*/true);
    if (fs.operations() < n) break;
    ++failures;
    EXPECT_FALSE(status.ok()) << n;
    EXPECT_EQ(Read(&mem, "/a"), "old") << n;
    EXPECT_THAT(*mem.ListDirectory("/"), ElementsAre("a")) << n;
  }
  EXPECT_EQ(failures, 5);  // create, append, sync, close, rename
}

}  // namespace
}  // namespace retrograph
