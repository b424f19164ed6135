// Every file operation of a save through the real Saver fails, or is the last
// one: by an error, by a crash, by a power loss. Whatever happens, the folder
// holds the old checkpoint or the new one, whole, and the state file names it
// with its .meta.
//
// Each test goes through the operations until a run meets no fault, so none is
// missed, and prints how many there were.
#include <cerrno>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "checkpoint/folder_turn.h"
#include "core/fault_file_system.h"
#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gtest/gtest.h"
#include "tests/faults/model.h"

namespace retrograph {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kFolder[] = "/d";
constexpr char kPrefix[] = "/d/m";
constexpr int kOld = 1, kNew = 2, kNext = 3;

class FaultMatrixTest : public testing::TestWithParam<FaultCase> {
 protected:
  // One save under test, on a disk of its own.
  struct Attempt {
    MemFileSystem disk;
    FaultFileSystem fs{&disk};
    absl::Status status;  // of the save
  };
  using Arm = std::function<void(FaultFileSystem* fs, int64_t n)>;
  using Check = std::function<void(Attempt* attempt, const std::string& op)>;

  FaultMatrixTest() : scene_(GetParam()) {}
  ~FaultMatrixTest() override {
    std::printf("%d fault points\n", points_);
    EXPECT_GT(points_, 20);
  }

  // Saves the old number, and then the new one with a fault.
  void RunWithFault(Attempt* attempt, const std::function<void()>& arm) {
    ASSERT_OK(attempt->disk.CreateDirectory(kFolder));
    const auto saver =
        scene_.SaveBefore(&attempt->fs, /*sync=*/true, kPrefix, kOld);
    ASSERT_OK(saver);
    attempt->disk.SyncEverything();
    attempt->fs.Reset();
    arm();
    attempt->status = scene_.Save(&attempt->fs, /*sync=*/true, saver->get(),
                                  kPrefix, kNew);
  }

  void ForEachOperation(const Arm& arm, const Check& check,
                        bool appends_only = false) {
    for (int64_t n = 1;; ++n) {
      Attempt attempt;
      RunWithFault(&attempt, [&] { arm(&attempt.fs, n); });
      if (attempt.fs.operations() < n) {
        ASSERT_OK(attempt.status);
        return;
      }
      const std::string op = attempt.fs.log()[n - 1];
      if (appends_only && !absl::StartsWith(op, "append")) continue;
      ++points_;
      SCOPED_TRACE(absl::StrCat("operation ", n, ": ", op));
      check(&attempt, op);
      if (HasFatalFailure()) return;
    }
  }

  void ExpectWhole(Attempt* attempt) {
    const absl::StatusOr<float> latest = LatestValue(&attempt->disk, kFolder);
    if (attempt->status.ok()) {
      EXPECT_EQ(latest.value_or(-1), kNew) << latest.status();
    } else if (GetParam().before != Before::kNothing) {
      ASSERT_OK(latest);
      EXPECT_THAT(*latest, AnyOf(kOld, kNew));
    } else if (!absl::IsNotFound(latest.status())) {
      EXPECT_EQ(latest.value_or(-1), kNew) << latest.status();
    }
  }

  // The next save, by a process that knows nothing, works and tidies up.
  void ExpectNextSaveTidiesUp(Attempt* attempt) {
    ASSERT_OK(scene_.Save(&attempt->disk, /*sync=*/true,
                          scene_.NewSaver().get(), kPrefix, kNext));
    EXPECT_EQ(LatestValue(&attempt->disk, kFolder).value_or(-1), kNext);
    EXPECT_THAT(StrayNames(&attempt->disk, kFolder), IsEmpty());
    // Data files of another number of shards stay, as TensorFlow leaves them.
    if (GetParam().before != Before::kSamePrefix ||
        GetParam().variables != Variables::kUsual) {
      return;
    }
    Attempt clean;
    RunWithFault(&clean, [] {});
    EXPECT_EQ(attempt->disk.ListDirectory(kFolder).value(),
              clean.disk.ListDirectory(kFolder).value());
  }

  const FaultScene scene_;
  int points_ = 0;
};

TEST_P(FaultMatrixTest, AnError) {
  for (int error : {EIO, ENOSPC}) {
    for (bool half : {false, true}) {
      const std::string cause =
          error == EIO ? "; Input/output error" : "; No space left on device";
      ForEachOperation(
          [&](FaultFileSystem* fs, int64_t n) {
            fs->FailWithErrno(n, error, half);
          },
          [&](Attempt* attempt, const std::string& op) {
            ExpectWhole(attempt);
            if (!attempt->status.ok()) {
              EXPECT_THAT(std::string(attempt->status.message()),
                          HasSubstr(cause));
              EXPECT_THAT(std::string(attempt->status.message()),
                          HasSubstr(kFolder));
            }
            // What cannot be removed stays until the next save.
            if (!attempt->status.ok() && !absl::StartsWith(op, "remove") &&
                !absl::StartsWith(op, "rmdir")) {
              EXPECT_THAT(StrayNames(&attempt->disk, kFolder), IsEmpty());
            }
            ExpectNextSaveTidiesUp(attempt);
          },
          /*appends_only=*/half);
    }
  }
}

TEST_P(FaultMatrixTest, ACrash) {
  for (bool half : {false, true}) {
    ForEachOperation(
        [&](FaultFileSystem* fs, int64_t n) { fs->CrashAt(n, half); },
        [&](Attempt* attempt, const std::string&) {
          ExpectWhole(attempt);
          ExpectNextSaveTidiesUp(attempt);
        },
        /*appends_only=*/half);
  }
}

TEST_P(FaultMatrixTest, APowerLoss) {
  ForEachOperation([&](FaultFileSystem* fs, int64_t n) { fs->CrashAt(n); },
                   [&](Attempt* attempt, const std::string&) {
                     attempt->disk.DropUnsyncedData();
                     ExpectWhole(attempt);
                     ExpectNextSaveTidiesUp(attempt);
                   });
}

TEST_P(FaultMatrixTest, APowerLossThatKeepsSomeWrites) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    ForEachOperation(
        [&](FaultFileSystem* fs, int64_t n) { fs->CrashAt(n, seed % 2 == 0); },
        [&](Attempt* attempt, const std::string& op) {
          attempt->disk.DropSomeUnsyncedData(seed * 1000 + op.size());
          ExpectWhole(attempt);
        });
  }
}

TEST_P(FaultMatrixTest, APowerLossAfterASaveKeepsIt) {
  Attempt attempt;
  RunWithFault(&attempt, [] {});
  ASSERT_OK(attempt.status);
  attempt.disk.DropUnsyncedData();
  EXPECT_EQ(LatestValue(&attempt.disk, kFolder).value_or(-1), kNew);
  points_ = static_cast<int>(attempt.fs.operations());
}

TEST_P(FaultMatrixTest, AFullDisk) {
  constexpr int64_t kSteps = 60;
  int64_t most = 0;  // bytes that a save writes
  {
    Attempt attempt;
    RunWithFault(&attempt, [] {});
    for (const std::string& op : attempt.fs.log()) {
      const std::vector<std::string> words = absl::StrSplit(op, ' ');
      if (words[0] == "append") most += std::stoll(words[2]);
    }
  }
  for (int64_t step = 0; step < kSteps; ++step) {
    ++points_;
    Attempt attempt;
    const int64_t bytes = most * step / kSteps;
    RunWithFault(&attempt, [&] { attempt.fs.LimitBytes(bytes); });
    SCOPED_TRACE(absl::StrCat("full after ", bytes, " bytes"));
    EXPECT_THAT(attempt.status,
                StatusIs(absl::StatusCode::kResourceExhausted,
                         HasSubstr("; No space left on device")));
    ExpectWhole(&attempt);
    EXPECT_THAT(StrayNames(&attempt.disk, kFolder), IsEmpty());
  }
}

TEST_P(FaultMatrixTest, SyncsNothingWhereThatIsSwitchedOff) {
  MemFileSystem disk;
  FaultFileSystem fs(&disk);
  ASSERT_OK(fs.CreateDirectory(kFolder));
  const auto saver =
      scene_.SaveBefore(&disk, /*sync=*/false, kPrefix, kOld);
  ASSERT_OK(saver);
  for (bool by_default : {true, false}) {
    SetSyncFilesByDefault(by_default);
    EXPECT_EQ(SessionOptions().sync_files, by_default);
    EXPECT_EQ(CommitOptions().sync, by_default);
    fs.Reset();
    ASSERT_OK(scene_.Save(&fs, SessionOptions().sync_files, saver->get(),
                          kPrefix, kNew));
    int syncs = 0;
    for (const std::string& op : fs.log()) {
      if (absl::StartsWith(op, "sync")) ++syncs;
      ++points_;
    }
    EXPECT_EQ(syncs > 0, by_default);
  }
  SetSyncFilesByDefault(true);
}

INSTANTIATE_TEST_SUITE_P(, FaultMatrixTest,
                         testing::ValuesIn(AllFaultCases()),
                         [](const auto& info) { return info.param.Name(); });

}  // namespace
}  // namespace retrograph
