// A process is killed by SIGKILL at every file operation of a save, on the
// machine's own file system. (fault_matrix_test has errors and power losses.)
//
// Files are not synced: what a killed process has written stays.
#include <signal.h>

#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/fault_file_system.h"
#include "core/status_matchers.h"
#include "gtest/gtest.h"
#include "tests/faults/model.h"
#include "tests/faults/process.h"

namespace retrograph {
namespace {

using testing::AnyOf;
using testing::IsEmpty;

constexpr int kOld = 1, kNew = 2, kNext = 3;

class KillTest : public testing::TestWithParam<FaultCase> {
 protected:
  KillTest() : scene_(GetParam()) {}

  absl::Status Save(FileSystem* fs, Saver* saver, const std::string& folder,
                    int number) {
    return scene_.Save(fs, /*sync=*/false, saver, folder + "/m", number);
  }
  std::unique_ptr<Saver> SaveOld(const std::string& folder) {
    auto saver = scene_.SaveBefore(FileSystem::Posix(), /*sync=*/false,
                                   folder + "/m", kOld);
    EXPECT_OK(saver);
    return *std::move(saver);
  }

  // Saves the old number, and then the new one in a process that is killed at
  // its n-th operation. False if it was not killed.
  bool RunAndKill(const std::string& folder, int64_t n, bool half) {
    const auto saver = SaveOld(folder);
    const pid_t child = StartProcess([&] {
      FaultFileSystem fs(FileSystem::Posix());
      fs.KillAt(n, half);
      return Save(&fs, saver.get(), folder, kNew).ok() ? 0 : 1;
    });
    const int result = WaitForProcess(child);
    if (result == -SIGKILL) return true;
    EXPECT_EQ(result, 0);
    return false;
  }

  // Which operations of an undisturbed save write data.
  std::set<int64_t> Appends() {
    const TestFolder folder;
    FaultFileSystem fs(FileSystem::Posix());
    const auto saver = SaveOld(folder.path());
    EXPECT_OK(Save(&fs, saver.get(), folder.path(), kNew));
    std::set<int64_t> appends;
    const std::vector<std::string> log = fs.log();
    for (size_t i = 0; i < log.size(); ++i) {
      if (absl::StartsWith(log[i], "append")) appends.insert(i + 1);
    }
    return appends;
  }

  void ExpectWhole(const std::string& folder, bool killed) {
    const absl::StatusOr<float> latest =
        LatestValue(FileSystem::Posix(), folder);
    if (!killed) {
      EXPECT_EQ(latest.value_or(-1), kNew) << latest.status();
    } else if (GetParam().before != Before::kNothing ||
               !absl::IsNotFound(latest.status())) {
      ASSERT_OK(latest);
      EXPECT_THAT(*latest, AnyOf(kOld, kNew));
    }
  }

  void ExpectNextSaveTidiesUp(const std::string& folder) {
    ASSERT_OK(Save(FileSystem::Posix(), scene_.NewSaver().get(), folder,
                   kNext));
    EXPECT_EQ(LatestValue(FileSystem::Posix(), folder).value_or(-1), kNext);
    EXPECT_THAT(StrayNames(FileSystem::Posix(), folder), IsEmpty());
  }

  const FaultScene scene_;
};

TEST_P(KillTest, LeavesAWholeCheckpoint) {
  int points = 0;
  const std::set<int64_t> appends = Appends();
  for (bool half : {false, true}) {
    for (int64_t n = 1;; ++n) {
      if (half && n > *appends.rbegin()) break;
      if (half && appends.count(n) == 0) continue;
      SCOPED_TRACE(absl::StrCat("operation ", n, half ? ", half" : ""));
      const TestFolder folder;
      const bool killed = RunAndKill(folder.path(), n, half);
      ExpectWhole(folder.path(), killed);
      if (!killed) break;
      ++points;
      ExpectNextSaveTidiesUp(folder.path());
      ASSERT_FALSE(HasFailure());
    }
  }
  std::printf("%d kills\n", points);
  EXPECT_GT(points, 20);
}

INSTANTIATE_TEST_SUITE_P(, KillTest, testing::ValuesIn(AllFaultCases()),
                         [](const auto& info) { return info.param.Name(); });

}  // namespace
}  // namespace retrograph
