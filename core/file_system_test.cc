// What every FileSystem does, tried on the real one and on the one in memory
// (also behind a fault injector without faults), so that tests in memory say
// something about the disk.
#include "core/file_system.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/fault_file_system.h"
#include "core/mem_file_system.h"
#include "core/observer.h"
#include "core/status_matchers.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;
using Code = absl::StatusCode;

void RemoveTree(FileSystem* fs, const std::string& path) {
  absl::StatusOr<std::vector<std::string>> names = fs->ListDirectory(path);
  for (const std::string& name : *names) {
    const std::string child = JoinPath(path, name);
    if (fs->IsDirectory(child)) {
      RemoveTree(fs, child);
    } else {
      EXPECT_OK(fs->RemoveFile(child));
    }
  }
  EXPECT_OK(fs->RemoveDirectory(path));
}

class FileSystemTest : public testing::TestWithParam<const char*> {
 protected:
  FileSystemTest() : fault_(&mem_) {
    const std::string which = GetParam();
    fs_ = which == "Posix" ? FileSystem::Posix() : &mem_;
    if (which == "Fault") fs_ = &fault_;
    std::string folder = JoinPath(testing::TempDir(), "file_system_XXXXXX");
    if (which == "Posix") {
      EXPECT_NE(mkdtemp(&folder[0]), nullptr);
      folder_ = folder;
    } else {
      folder_ = "/tmp/t";
      EXPECT_OK(fs_->CreateDirectories(folder_));
    }
  }
  ~FileSystemTest() override { RemoveTree(fs_, folder_); }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  std::string Read(const std::string& path) {
    absl::StatusOr<std::string> data = ReadFileToString(fs_, path);
    return data.ok() ? *data : data.status().ToString();
  }

  MemFileSystem mem_;
  FaultFileSystem fault_;
  FileSystem* fs_;
  std::string folder_;
};

INSTANTIATE_TEST_SUITE_P(All, FileSystemTest,
                         testing::Values("Posix", "Mem", "Fault"),
                         [](const auto& info) { return info.param; });

TEST_P(FileSystemTest, WhatIsWrittenIsRead) {
  const std::string path = Path("a");
  RG_ASSERT_OK_AND_ASSIGN(auto file, fs_->NewWritableFile(path));
  EXPECT_OK(file->Append("hello "));
  EXPECT_OK(file->AppendPieces({"wor", "", "ld"}));
  EXPECT_OK(file->Flush());
  EXPECT_EQ(Read(path), "hello world");
  EXPECT_OK(file->Append("!"));
  EXPECT_OK(file->Sync());
  EXPECT_OK(file->Close());
  EXPECT_EQ(Read(path), "hello world!");
  RG_ASSERT_OK_AND_ASSIGN(const FileStat stat, fs_->Stat(path));
  EXPECT_EQ(stat.size, 12u);
  EXPECT_FALSE(stat.is_directory);
  EXPECT_GT(stat.mtime_nanos, int64_t{1500000000} * 1000000000);
}

// Small pieces are buffered and large ones are not; the order must hold.
TEST_P(FileSystemTest, PiecesOfAllSizesStayInOrder) {
  std::vector<std::string> data;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    const size_t size = i % 7 == 0 ? 20000 + i : i % 100;
    data.push_back(std::string(size, static_cast<char>('a' + i % 26)));
    expected += data.back();
  }
  const std::vector<absl::string_view> pieces(data.begin(), data.end());
  RG_ASSERT_OK_AND_ASSIGN(auto file, fs_->NewWritableFile(Path("a")));
  const absl::Span<const absl::string_view> span(pieces);
  EXPECT_OK(file->AppendPieces(span.subspan(0, 1500)));
  for (absl::string_view piece : span.subspan(1500, 100)) {
    EXPECT_OK(file->Append(piece));
  }
  EXPECT_OK(file->AppendPieces(span.subspan(1600)));
  EXPECT_OK(file->Close());
  EXPECT_TRUE(Read(Path("a")) == expected);
}

TEST_P(FileSystemTest, ManyLargePiecesAtOnce) {
  const std::string piece(16 << 10, 'x');
  const std::vector<absl::string_view> pieces(3000, piece);  // above IOV_MAX
  RG_ASSERT_OK_AND_ASSIGN(auto file, fs_->NewWritableFile(Path("a")));
  EXPECT_OK(file->AppendPieces(pieces));
  EXPECT_OK(file->Close());
  EXPECT_EQ(fs_->Stat(Path("a"))->size, pieces.size() * piece.size());
}

TEST_P(FileSystemTest, NewWritableFileTruncates) {
  EXPECT_OK(WriteStringToFile(fs_, Path("a"), "long content"));
  EXPECT_OK(WriteStringToFile(fs_, Path("a"), "x"));
  EXPECT_EQ(Read(Path("a")), "x");
}

TEST_P(FileSystemTest, DestroyingAFileClosesIt) {
  RG_ASSERT_OK_AND_ASSIGN(auto file, fs_->NewWritableFile(Path("a")));
  EXPECT_OK(file->Append("x"));
  file.reset();
  EXPECT_EQ(Read(Path("a")), "x");
}

TEST_P(FileSystemTest, ClosedFileTakesNothing) {
  RG_ASSERT_OK_AND_ASSIGN(auto file, fs_->NewWritableFile(Path("a")));
  EXPECT_OK(file->Close());
  const auto is_closed =
      StatusIs(Code::kFailedPrecondition, Path("a") + "; Bad file descriptor");
  EXPECT_THAT(file->Append("x"), is_closed);
  EXPECT_THAT(file->Flush(), is_closed);
  EXPECT_THAT(file->Sync(), is_closed);
  EXPECT_THAT(file->Close(), is_closed);
}

TEST_P(FileSystemTest, ReadGivesLessOnlyAtTheEnd) {
  EXPECT_OK(WriteStringToFile(fs_, Path("a"), "0123456789"));
  RG_ASSERT_OK_AND_ASSIGN(auto file, fs_->NewRandomAccessFile(Path("a")));
  char buffer[20];
  EXPECT_EQ(*file->Read(2, 3, buffer), 3u);
  EXPECT_EQ(std::string(buffer, 3), "234");
  EXPECT_EQ(*file->Read(8, 10, buffer), 2u);
  EXPECT_EQ(*file->Read(10, 10, buffer), 0u);
  EXPECT_EQ(*file->Read(1000, 10, buffer), 0u);
  EXPECT_EQ(*file->Read(~uint64_t{0}, 10, buffer), 0u);
  EXPECT_EQ(*file->Read(0, 0, buffer), 0u);
  EXPECT_EQ(*file->Size(), 10u);
}

// An open file outlives its name, as checkpoint readers rely on.
TEST_P(FileSystemTest, OpenFileStaysReadableWhenReplacedOrRemoved) {
  EXPECT_OK(WriteStringToFile(fs_, Path("a"), "old"));
  EXPECT_OK(WriteStringToFile(fs_, Path("b"), "new"));
  RG_ASSERT_OK_AND_ASSIGN(auto file, fs_->NewRandomAccessFile(Path("a")));
  EXPECT_OK(fs_->RenameFile(Path("b"), Path("a")));
  EXPECT_OK(fs_->RemoveFile(Path("a")));
  char buffer[3];
  EXPECT_EQ(*file->Read(0, 3, buffer), 3u);
  EXPECT_EQ(std::string(buffer, 3), "old");
}

// The texts are those of TensorFlow 1.15.5.
TEST_P(FileSystemTest, ErrorsNameThePathAndTheReason) {
  EXPECT_OK(fs_->CreateDirectory(Path("d")));
  EXPECT_OK(WriteStringToFile(fs_, Path("f"), "x"));
  const std::string missing = "; No such file or directory";
  const std::string not_a_directory = "; Not a directory";
  const std::string is_a_directory = "; Is a directory";
  const struct {
    absl::Status status;
    Code code;
    std::string message;
  } kCases[] = {
      {fs_->NewRandomAccessFile(Path("zz")).status(), Code::kNotFound,
       Path("zz") + missing},
      {fs_->NewRandomAccessFile("").status(), Code::kNotFound, missing},
      {fs_->NewWritableFile(Path("zz/a")).status(), Code::kNotFound,
       Path("zz/a") + missing},
      {fs_->NewWritableFile(Path("f/a")).status(), Code::kFailedPrecondition,
       Path("f/a") + not_a_directory},
      {fs_->NewWritableFile(Path("d")).status(), Code::kFailedPrecondition,
       Path("d") + is_a_directory},
      {ReadFileToString(fs_, Path("d")).status(), Code::kFailedPrecondition,
       Path("d") + is_a_directory},
      {fs_->Stat(Path("zz")).status(), Code::kNotFound, Path("zz") + missing},
      {fs_->Stat(Path("f/")).status(), Code::kFailedPrecondition,
       Path("f/") + not_a_directory},
      {fs_->ListDirectory(Path("zz")).status(), Code::kNotFound,
       Path("zz") + missing},
      {fs_->ListDirectory(Path("f")).status(), Code::kFailedPrecondition,
       Path("f") + not_a_directory},
      {fs_->CreateDirectory(Path("d")), Code::kAlreadyExists,
       Path("d") + "; File exists"},
      {fs_->CreateDirectory(Path("q/r")), Code::kNotFound,
       Path("q/r") + missing},
      {fs_->RemoveFile(Path("zz")), Code::kNotFound, Path("zz") + missing},
      {fs_->RemoveFile(Path("d")), Code::kFailedPrecondition,
       Path("d") + is_a_directory},
      {fs_->RemoveDirectory(Path("f")), Code::kFailedPrecondition,
       Path("f") + not_a_directory},
      {fs_->RemoveDirectory(folder_), Code::kFailedPrecondition,
       folder_ + "; Directory not empty"},
      {fs_->RenameFile(Path("zz"), Path("q")), Code::kNotFound,
       Path("zz") + missing},
      {fs_->RenameFile(Path("f"), Path("no/q")), Code::kNotFound,
       Path("f") + missing},
      {fs_->RenameFile(Path("f"), Path("d")), Code::kFailedPrecondition,
       Path("f") + is_a_directory},
      {fs_->RenameFile(Path("d"), Path("f")), Code::kFailedPrecondition,
       Path("d") + not_a_directory},
      {fs_->RenameFile(Path("d"), Path("d/e")), Code::kInvalidArgument,
       Path("d") + "; Invalid argument"},
      {fs_->LinkFile(Path("f"), Path("d")), Code::kAlreadyExists,
       Path("d") + "; File exists"},
      {fs_->LinkFile(Path("zz"), Path("q")), Code::kNotFound,
       Path("zz") + missing},
      {fs_->SyncDirectory(Path("f")), Code::kFailedPrecondition,
       Path("f") + not_a_directory},
      {fs_->SyncDirectory(Path("zz")), Code::kNotFound, Path("zz") + missing},
      {fs_->LockFile(Path("zz/lock")).status(), Code::kNotFound,
       Path("zz/lock") + missing},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(c.status, StatusIs(c.code, c.message));
  }
}

TEST_P(FileSystemTest, RenameReplacesAtomicallyAndKeepsTheInode) {
  EXPECT_OK(WriteStringToFile(fs_, Path("a"), "new"));
  EXPECT_OK(WriteStringToFile(fs_, Path("b"), "old"));
  const uint64_t inode = fs_->Stat(Path("a"))->inode;
  EXPECT_OK(fs_->RenameFile(Path("a"), Path("b")));
  EXPECT_EQ(Read(Path("b")), "new");
  EXPECT_EQ(fs_->Stat(Path("b"))->inode, inode);
  EXPECT_FALSE(fs_->FileExists(Path("a")));
}

TEST_P(FileSystemTest, LinkIsASecondNameOfTheSameFile) {
  EXPECT_OK(WriteStringToFile(fs_, Path("a"), "x"));
  EXPECT_OK(fs_->LinkFile(Path("a"), Path("b")));
  EXPECT_EQ(fs_->Stat(Path("a"))->inode, fs_->Stat(Path("b"))->inode);
  // Renaming one name over the other leaves both, as POSIX has it.
  EXPECT_OK(fs_->RenameFile(Path("a"), Path("b")));
  EXPECT_TRUE(fs_->FileExists(Path("a")));
  EXPECT_OK(fs_->RemoveFile(Path("a")));
  EXPECT_EQ(Read(Path("b")), "x");
}

TEST_P(FileSystemTest, LinkFollowsASymlink) {
  ASSERT_OK(fs_->CreateDirectory(Path("x")));
  ASSERT_OK(WriteStringToFile(fs_, Path("a"), "1"));
  ASSERT_OK(fs_->CreateSymlink("a", Path("s")));
  ASSERT_OK(fs_->LinkFile(Path("s"), Path("x/b")));
  EXPECT_EQ(Read(Path("x/b")), "1");
  EXPECT_EQ(fs_->Stat(Path("a"))->inode, fs_->Stat(Path("x/b"))->inode);
  EXPECT_FALSE(fs_->ReadSymlink(Path("x/b")).ok());
}

TEST_P(FileSystemTest, SymlinksLeadToWhatTheyName) {
  ASSERT_OK(fs_->CreateDirectory(Path("old")));
  ASSERT_OK(fs_->CreateDirectory(Path("new")));
  ASSERT_OK(WriteStringToFile(fs_, Path("old/f"), "1"));
  ASSERT_OK(WriteStringToFile(fs_, Path("new/f"), "22"));
  ASSERT_OK(fs_->CreateSymlink("old", Path("now")));
  ASSERT_OK(fs_->CreateSymlink("now/f", Path("f")));
  EXPECT_EQ(ReadFileToString(fs_, Path("f")).value(), "1");
  EXPECT_TRUE(fs_->IsDirectory(Path("now")));
  EXPECT_EQ(fs_->Stat(Path("f"))->inode, fs_->Stat(Path("old/f"))->inode);
  EXPECT_EQ(fs_->ReadSymlink(Path("f")).value(), "now/f");
  EXPECT_THAT(fs_->ReadSymlink(Path("old/f")),
              StatusIs(Code::kInvalidArgument));
  EXPECT_THAT(fs_->CreateSymlink("x", Path("f")),
              StatusIs(Code::kAlreadyExists));
  // Renaming over a link replaces the link.
  ASSERT_OK(fs_->CreateSymlink("new", Path("next")));
  ASSERT_OK(fs_->RenameFile(Path("next"), Path("now")));
  EXPECT_EQ(ReadFileToString(fs_, Path("f")).value(), "22");
  ASSERT_OK(fs_->RenameFile(Path("new/f"), Path("f")));
  EXPECT_EQ(ReadFileToString(fs_, Path("f")).value(), "22");
  EXPECT_FALSE(fs_->FileExists(Path("new/f")));
  EXPECT_EQ(ReadFileToString(fs_, Path("old/f")).value(), "1");
  ASSERT_OK(fs_->RemoveFile(Path("now")));
  EXPECT_TRUE(fs_->IsDirectory(Path("new")));
}

TEST_P(FileSystemTest, ASymlinkToNothingIsNotFound) {
  ASSERT_OK(fs_->CreateSymlink("nothing", Path("f")));
  EXPECT_THAT(fs_->NewRandomAccessFile(Path("f")), StatusIs(Code::kNotFound));
  ASSERT_OK(fs_->CreateSymlink("loop", Path("loop")));
  EXPECT_FALSE(fs_->Stat(Path("loop")).ok());
}

TEST_P(FileSystemTest, DirectoriesAreListedSortedAndMovable) {
  EXPECT_OK(fs_->CreateDirectories(Path("x/y/z")));
  EXPECT_OK(fs_->CreateDirectories(Path("x/y/z")));
  EXPECT_OK(fs_->CreateDirectories(""));
  for (const char* name : {"b", "a", ".c", "B"}) {
    EXPECT_OK(WriteStringToFile(fs_, Path(std::string("x/") + name), ""));
  }
  EXPECT_THAT(*fs_->ListDirectory(Path("x")),
              ElementsAre(".c", "B", "a", "b", "y"));
  EXPECT_OK(fs_->RenameFile(Path("x"), Path("w")));
  EXPECT_TRUE(fs_->IsDirectory(Path("w/y/z")));
  EXPECT_TRUE(fs_->IsDirectory(Path("w/y/z/")));
  EXPECT_FALSE(fs_->IsDirectory(Path("w/a")));
  EXPECT_TRUE(fs_->FileExists(Path("w/a")));
  EXPECT_OK(fs_->SyncDirectory(Path("w")));
}

TEST_P(FileSystemTest, CreateDirectoriesBelowAFileFailsButOnAFileDoesNot) {
  EXPECT_OK(WriteStringToFile(fs_, Path("f"), ""));
  EXPECT_OK(fs_->CreateDirectories(Path("f")));  // as in TensorFlow
  EXPECT_THAT(
      fs_->CreateDirectories(Path("f/x/y")),
      StatusIs(Code::kFailedPrecondition, Path("f/x") + "; Not a directory"));
}

// What tf.gfile.Glob finds in such a folder.
TEST_P(FileSystemTest, GlobFindsWhatTensorFlowFinds) {
  EXPECT_OK(fs_->CreateDirectories(Path("e/f")));
  EXPECT_OK(fs_->CreateDirectories(Path(".h")));
  for (const char* name :
       {"a1", "a2", ".hid", "e/a1", "e/f/x", "st*r", ".h/a1", "b[1]"}) {
    EXPECT_OK(WriteStringToFile(fs_, Path(name), ""));
  }
  const struct {
    const char* pattern;
    std::vector<std::string> found;
  } kCases[] = {
      {"*", {".h", ".hid", "a1", "a2", "b[1]", "e", "st*r"}},
      {"**", {".h", ".hid", "a1", "a2", "b[1]", "e", "st*r"}},
      {"a?", {"a1", "a2"}},
      {"[ab]*", {"a1", "a2", "b[1]"}},
      {"[!a]*", {".h", ".hid", "b[1]", "e", "st*r"}},
      {"*/a1", {".h/a1", "e/a1"}},
      {"*/*", {".h/a1", "e/a1", "e/f"}},
      {"e/*/x", {"e/f/x"}},
      {"a1", {"a1"}},
      {"st\\*r", {"st*r"}},
      {"b\\[1]", {"b[1]"}},
      {"b[[]1]", {"b[1]"}},
      {".*", {".h", ".hid"}},
      {"\\*", {}},
      {"*/", {}},
      {"", {}},
      {"/*", {}},
      {"b[1]", {}},
      {"{a1,a2}", {}},
      {"*/../a1", {}},
      {"[a", {}},
      {"none", {}},
  };
  for (const auto& c : kCases) {
    std::vector<std::string> expected;
    for (const std::string& name : c.found) expected.push_back(Path(name));
    EXPECT_EQ(*fs_->Glob(Path(c.pattern)), expected) << c.pattern;
  }
  EXPECT_THAT(
      fs_->Glob(Path("no/*")),
      StatusIs(Code::kNotFound, Path("no") + "; No such file or directory"));
  EXPECT_THAT(
      fs_->Glob(Path("no/x")),
      StatusIs(Code::kNotFound, Path("no") + "; No such file or directory"));
  EXPECT_THAT(
      fs_->Glob(Path("a1/*")),
      StatusIs(Code::kFailedPrecondition, Path("a1") + "; Not a directory"));
}

// fnmatch() takes longer than the universe is old for these.
TEST_P(FileSystemTest, GlobIsQuickForManyStars) {
  const std::string name(200, 'a');
  EXPECT_OK(WriteStringToFile(fs_, Path(name), ""));
  EXPECT_OK(WriteStringToFile(fs_, Path("a[*"), ""));
  std::string stars, brackets;
  for (int i = 0; i < 60; ++i) {
    stars += "*a";
    brackets += "*[!b-z]";
  }
  const std::vector<std::string> found = {Path(name)};
  EXPECT_EQ(*fs_->Glob(Path(stars)), found);
  EXPECT_EQ(*fs_->Glob(Path(stars + "*")), found);
  EXPECT_EQ(*fs_->Glob(Path(brackets)), found);
  EXPECT_EQ(*fs_->Glob(Path("a***" + name.substr(1))), found);
  EXPECT_EQ(*fs_->Glob(Path("*a*[[:alpha:]]*?*aaa")), found);
  EXPECT_EQ(*fs_->Glob(Path("*a*[*\\*")),
            std::vector<std::string>({Path("a[*")}));
  for (const char* const end : {"b", "*b", "b*", "[", "\\*", "[b-z]"}) {
    EXPECT_TRUE(fs_->Glob(Path(stars + end))->empty()) << end;
  }
}

TEST_P(FileSystemTest, AtomicWriteReplacesAndLeavesNothingBehind) {
  EXPECT_OK(WriteStringToFile(fs_, Path("a"), "old"));
  EXPECT_OK(WriteStringToFileAtomically(fs_, Path("a"), "new", true));
  EXPECT_EQ(Read(Path("a")), "new");
  EXPECT_OK(fs_->CreateDirectory(Path("d")));
  // As TensorFlow's, the message names the temporary file.
  EXPECT_THAT(
      WriteStringToFileAtomically(fs_, Path("d"), "new", false),
      StatusIs(Code::kFailedPrecondition,
               MatchesRegex(Path("d") + "\\.tmp[0-9a-f]{32}; Is a directory")));
  EXPECT_THAT(*fs_->ListDirectory(folder_), ElementsAre("a", "d"));
}

TEST_P(FileSystemTest, ReadFileToStringStopsAtItsLimit) {
  EXPECT_OK(WriteStringToFile(fs_, Path("a"), "12345"));
  EXPECT_EQ(*ReadFileToString(fs_, Path("a"), 5), "12345");
  EXPECT_THAT(ReadFileToString(fs_, Path("a"), 4),
              StatusIs(Code::kResourceExhausted,
                       Path("a") + " is larger than 4 bytes"));
}

TEST_P(FileSystemTest, LockKeepsOtherThreadsOut) {
  // `path` is a file that does not exist yet, then a directory.
  for (const std::string& path : {Path("lock"), folder_}) {
    RG_ASSERT_OK_AND_ASSIGN(auto lock, fs_->LockFile(path));
    std::atomic<bool> entered{false};
    std::thread other([&] {
      absl::StatusOr<std::unique_ptr<FileLock>> second = fs_->LockFile(path);
      EXPECT_OK(second);
      entered = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(entered);
    lock.reset();
    other.join();
    EXPECT_TRUE(entered);
  }
}

class Recorder : public Observer {
 public:
  void OnFileWritten(const FileWrittenEvent& e) override {
    events_.push_back("write " + std::string(Basename(e.path)) + " " +
                      std::to_string(e.bytes));
  }
  void OnFileRenamed(const FileRenamedEvent& e) override {
    events_.push_back("rename " + std::string(Basename(e.from)) + " " +
                      std::string(Basename(e.to)));
  }
  void OnFileRemoved(const FileRemovedEvent& e) override {
    events_.push_back("remove " + std::string(Basename(e.path)));
  }
  std::vector<std::string> events_;
};

TEST_P(FileSystemTest, ObserverHearsOfWhatSucceeded) {
  Recorder recorder;
  {
    ScopedObserver installed(&recorder);
    EXPECT_OK(WriteStringToFile(fs_, Path("a"), "abc"));
    EXPECT_OK(fs_->RenameFile(Path("a"), Path("b")));
    EXPECT_FALSE(fs_->RenameFile(Path("a"), Path("c")).ok());
    EXPECT_OK(fs_->RemoveFile(Path("b")));
    EXPECT_FALSE(fs_->RemoveFile(Path("b")).ok());
  }
  EXPECT_OK(WriteStringToFile(fs_, Path("a"), "abc"));  // nobody listens
  EXPECT_THAT(recorder.events_,
              ElementsAre("write a 3", "rename a b", "remove b"));
}

TEST(ObserverTest, InnerOneReplacesTheOuterOneForItsLifetime) {
  EXPECT_EQ(CurrentObserver(), nullptr);
  Recorder outer, inner;
  {
    ScopedObserver first(&outer);
    {
      ScopedObserver second(&inner);
      EXPECT_EQ(second.previous(), &outer);
      EXPECT_EQ(CurrentObserver(), &inner);
    }
    EXPECT_EQ(CurrentObserver(), &outer);
  }
  EXPECT_EQ(CurrentObserver(), nullptr);
}

TEST(PosixFileSystemTest, FullDeviceIsResourceExhaustedAndStaysSo) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full";
  RG_ASSERT_OK_AND_ASSIGN(auto file,
                          FileSystem::Posix()->NewWritableFile("/dev/full"));
  EXPECT_OK(file->Append("small"));  // in the buffer still
  const auto is_full =
      StatusIs(Code::kResourceExhausted, "/dev/full; No space left on device");
  EXPECT_THAT(file->Flush(), is_full);
  EXPECT_THAT(file->Append("x"), is_full);
  EXPECT_THAT(file->Close(), is_full);
}

// A hole takes no disk, but its size would take memory.
TEST(PosixFileSystemTest, HugeSparseFileIsRefused) {
  const std::string path = TemporaryPath(testing::TempDir() + "/sparse");
  ASSERT_OK(WriteStringToFile(FileSystem::Posix(), path, ""));
  if (truncate(path.c_str(), int64_t{1} << 40) == 0) {
    EXPECT_THAT(ReadFileToString(FileSystem::Posix(), path),
                StatusIs(Code::kResourceExhausted));
  }
  EXPECT_OK(FileSystem::Posix()->RemoveFile(path));
}

TEST(PosixFileSystemTest, FileWithoutASizeIsReadWhole) {
  if (access("/proc/self/stat", R_OK) != 0) GTEST_SKIP() << "no /proc";
  EXPECT_THAT(ReadFileToString(FileSystem::Posix(), "/proc/self/stat", 5),
              StatusIs(Code::kResourceExhausted));
  RG_ASSERT_OK_AND_ASSIGN(
      const std::string stat,
      ReadFileToString(FileSystem::Posix(), "/proc/self/stat"));
  EXPECT_GT(stat.size(), 20u);
  EXPECT_EQ(stat.back(), '\n');
}

// A lock on a file that somebody removed while this one waited is worth
// nothing: whoever comes next creates the file anew.
TEST(PosixFileSystemTest, LockOutlivesTheRemovalOfItsFile) {
  FileSystem* fs = FileSystem::Posix();
  const std::string path = TemporaryPath(testing::TempDir() + "/lock");
  RG_ASSERT_OK_AND_ASSIGN(auto first, fs->LockFile(path));
  std::unique_ptr<FileLock> second;
  std::thread waiting([&] { second = *fs->LockFile(path); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_OK(fs->RemoveFile(path));
  first.reset();
  waiting.join();
  EXPECT_TRUE(fs->FileExists(path));  // created again by the second
  second.reset();
  EXPECT_OK(fs->RemoveFile(path));
}

TEST(IoErrorTest, CodesAreTensorFlows) {
  EXPECT_OK(IoError("x", 0));
  EXPECT_THAT(IoError("x", EIO),
              StatusIs(Code::kUnknown, "x; Input/output error"));
  EXPECT_THAT(IoError("x", EACCES),
              StatusIs(Code::kPermissionDenied, "x; Permission denied"));
  EXPECT_THAT(IoError("x", EXDEV),
              StatusIs(Code::kUnimplemented, "x; Invalid cross-device link"));
  EXPECT_THAT(IoError("x", ENAMETOOLONG),
              StatusIs(Code::kInvalidArgument, "x; File name too long"));
  EXPECT_THAT(IoError("x", EAGAIN), StatusIs(Code::kUnavailable));
  EXPECT_THAT(IoError("x", ESTALE), StatusIs(Code::kAborted));
  EXPECT_THAT(IoError("x", EFBIG), StatusIs(Code::kOutOfRange));
  EXPECT_THAT(IoError("x", 9999),
              StatusIs(Code::kUnknown, "x; Unknown error 9999"));
}

TEST(PathTest, PathsAreTakenApartAsPythonDoes) {
  const struct {
    const char *path, *dirname, *basename;
  } kCases[] = {
      {"", "", ""},          {"a", "", "a"},     {"a/", "a", ""},
      {"/a", "/", "a"},      {"/", "/", ""},     {"a/b", "a", "b"},
      {"//a", "//", "a"},    {"a//b", "a", "b"}, {"/a/", "/a", ""},
      {"a/b/c", "a/b", "c"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Dirname(c.path), c.dirname) << c.path;
    EXPECT_EQ(Basename(c.path), c.basename) << c.path;
  }
  EXPECT_EQ(JoinPath("a", "b"), "a/b");
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("a", "/b"), "/b");
  EXPECT_EQ(JoinPath("", "b"), "b");
  EXPECT_EQ(JoinPath("a", ""), "a/");
  EXPECT_TRUE(IsAbsolutePath("/a"));
  EXPECT_FALSE(IsAbsolutePath("a"));
}

TEST(PathTest, TemporaryPathsDiffer) {
  std::set<std::string> paths;
  for (int i = 0; i < 1000; ++i) paths.insert(TemporaryPath("d/m"));
  EXPECT_EQ(paths.size(), 1000u);
  EXPECT_EQ(paths.begin()->rfind("d/m.tmp", 0), 0u);
}

}  // namespace
}  // namespace retrograph
