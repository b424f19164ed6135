#include "core/glob.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Code = absl::StatusCode;

class CountingFileSystem : public MemFileSystem {
 public:
  absl::StatusOr<FileStat> Stat(const std::string& path) override {
    ++stats;
    return MemFileSystem::Stat(path);
  }
  absl::StatusOr<std::vector<std::string>> ListDirectory(
      const std::string& path) override {
    ++folders;
    absl::StatusOr<std::vector<std::string>> found =
        MemFileSystem::ListDirectory(path);
    if (found.ok()) names += static_cast<int64_t>(found->size());
    return found;
  }

  int64_t stats = 0;
  int64_t folders = 0;
  int64_t names = 0;
};

class GlobTest : public testing::Test {
 protected:
  void AddFiles(const std::string& folder, int count) {
    EXPECT_OK(fs_.CreateDirectories(folder));
    for (int i = 0; i < count; ++i) {
      EXPECT_OK(WriteStringToFile(&fs_, absl::StrCat(folder, "/f", i), ""));
    }
  }

  absl::StatusOr<std::vector<std::string>> Find(const std::string& pattern) {
    steps_ = kCheckpointGlobSteps;
    fs_.stats = fs_.folders = fs_.names = 0;
    return Glob(&fs_, pattern, &steps_);
  }

  // That little was done for `pattern`, and too much to do.
  void ExpectTooMuch(const std::string& pattern) {
    EXPECT_THAT(
        Find(pattern),
        StatusIs(Code::kResourceExhausted,
                 pattern + " leads through too many folders and files"));
    EXPECT_LE(fs_.folders * kGlobFolderSteps + fs_.names * kGlobNameSteps +
                  fs_.stats * kGlobPathSteps,
              kCheckpointGlobSteps + 2 * kMostFiles)
        << fs_.folders << " folders, " << fs_.names << " names, " << fs_.stats
        << " paths";
  }

  static constexpr int kMostFiles = 3000;  // in a folder
  CountingFileSystem fs_;
  int64_t steps_ = 0;
};

TEST_F(GlobTest, OneFolderIsReadHoweverManyFilesItHas) {
  AddFiles("/d", 50000);
  EXPECT_THAT(*Find("/d/f*"), SizeIs(50000));
  EXPECT_THAT(*Find("/d/f4999?"), SizeIs(10));
  steps_ = 1;
  EXPECT_THAT(*Glob(&fs_, "/d/*", &steps_), SizeIs(50000));
  EXPECT_THAT(Glob(&fs_, "/d/*", &steps_),
              StatusIs(Code::kResourceExhausted,
                       "/d/* leads through too many folders and files"));
}

TEST_F(GlobTest, ManyFoldersAreTooMany) {
  for (int i = 0; i < 1000; ++i) {
    EXPECT_OK(fs_.CreateDirectories(absl::StrCat("/d", i)));
  }
  ExpectTooMuch("/*/*");
  ExpectTooMuch("/*/x.index");
  EXPECT_THAT(*Find("/d1?/*"), IsEmpty());
}

TEST_F(GlobTest, ManyFilesInFewFoldersAreTooMany) {
  for (int i = 0; i < 100; ++i) AddFiles(absl::StrCat("/d", i), kMostFiles);
  ExpectTooMuch("/*/*");
  // Each of these might be a folder.
  AddFiles("/e", 25000);
  ExpectTooMuch("/e/*/*/*/*/*");
  ExpectTooMuch("/d1?/*/*");
  EXPECT_THAT(*Find("/d1?/f1"), SizeIs(10));
}

TEST_F(GlobTest, ALargerBoundIsForWhatTheUserWrote) {
  for (int i = 0; i < 1000; ++i) AddFiles(absl::StrCat("/d", i), 10);
  EXPECT_THAT(*fs_.Glob("/*/f1"), SizeIs(1000));
  EXPECT_THAT(*fs_.Glob("/*/*"), SizeIs(10000));
}

TEST_F(GlobTest, NorMayTheUserAskForEverything) {
  for (int i = 0; i < 110; ++i) {
    for (int k = 0; k < 100; ++k) {
      EXPECT_OK(fs_.CreateDirectories(absl::StrCat("/d", i, "/e", k)));
    }
  }
  EXPECT_OK(fs_.Glob("/*/*").status());
  EXPECT_THAT(fs_.Glob("/*/*/*"),
              StatusIs(Code::kResourceExhausted,
                       "/*/*/* leads through too many folders and files"));
}

TEST_F(GlobTest, PatternsShareTheirSteps) {
  AddFiles("/d", 10);
  int64_t steps = 3 * (kGlobFolderSteps + 10 * kGlobNameSteps);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(*Glob(&fs_, "/d/*", &steps), SizeIs(10));
  }
  EXPECT_EQ(steps, 0);
  EXPECT_THAT(Glob(&fs_, "/d/*", &steps),
              StatusIs(Code::kResourceExhausted, testing::_));
  EXPECT_THAT(*Glob(&fs_, "/d/f1", &steps), SizeIs(1));
}

TEST_F(GlobTest, AnOrdinaryPathReadsNoFolder) {
  AddFiles("/d", 10);
  EXPECT_OK(fs_.CreateSymlink("nowhere", "/d/link"));
  EXPECT_THAT(*Find("/d/f1"), ElementsAre("/d/f1"));
  EXPECT_THAT(*Find("/d/link"), ElementsAre("/d/link"));
  EXPECT_THAT(*Find("/d/none"), IsEmpty());
  EXPECT_EQ(fs_.folders, 0);
  // Has no name in its folder.
  EXPECT_THAT(*Find("/d/."), IsEmpty());
  EXPECT_THAT(*Find("/d/.."), IsEmpty());
  EXPECT_THAT(*Find("/d//f1"), IsEmpty());
  EXPECT_THAT(Find("/none/f1"), StatusIs(Code::kNotFound, testing::_));
}

TEST_F(GlobTest, LongPatternsCostLittleForEachName) {
  AddFiles("/d", 20000);
  std::string stars, elements;
  for (int i = 0; i < 50000; ++i) stars += "*";
  for (int i = 0; i < 10000; ++i) elements += "*[a-z]";
  EXPECT_THAT(*Find("/d/" + stars), SizeIs(20000));
  EXPECT_THAT(*Find("/d/" + elements), IsEmpty());
}

// Else a pipe without a writer is waited for.
TEST(PipeTest, CannotBeReadAndIsNotWaitedFor) {
  std::string folder = JoinPath(testing::TempDir(), "pipe_XXXXXX");
  ASSERT_NE(mkdtemp(&folder[0]), nullptr);
  const std::string path = JoinPath(folder, "pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(ReadFileToString(FileSystem::Posix(), path).ok());
  EXPECT_EQ(unlink(path.c_str()), 0);
  EXPECT_EQ(rmdir(folder.c_str()), 0);
}

}  // namespace
}  // namespace retrograph
