// Savers and readers side by side, in processes and threads of their own, on
// the machine's own file system. Files are not synced: that is about time only.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/checkpoint_state.h"
#include "checkpoint/names.h"
#include "core/errors.h"
#include "core/status_matchers.h"
#include "gtest/gtest.h"
#include "saver/meta_graph.h"
#include "tests/faults/model.h"
#include "tests/faults/process.h"

namespace retrograph {
namespace {

using testing::IsEmpty;

class ConcurrentTest : public testing::TestWithParam<SaverConfig> {
 protected:
  ConcurrentTest() : model_(GetParam()) {}

  // Saves `count` times as `path`, the numbers first, first + step, ...
  absl::Status SaveOften(const std::string& path, int count, int first,
                         int step) const {
    const auto session =
        model_.NewSession(FileSystem::Posix(), /*sync=*/false);
    const auto saver = model_.NewSaver(Before::kSamePrefix);
    for (int i = 0; i < count; ++i) {
      RG_RETURN_IF_ERROR(model_.Save(saver.get(), session.get(), path,
                                     Before::kSamePrefix, first + i * step));
    }
    return absl::OkStatus();
  }

  pid_t StartSaver(const std::string& path, int count, int first, int step) {
    return StartProcess([=] {
      const absl::Status status = SaveOften(path, count, first, step);
      if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
      return status.ok() ? 0 : 1;
    });
  }

  // Restores the latest checkpoint of `folder` again and again.
  int ReadWhile(const std::vector<pid_t>& savers, const std::string& folder) {
    int reads = 0, failures = 0;
    size_t ended = 0;
    while (ended < savers.size()) {
      const absl::StatusOr<float> value =
          LatestValue(FileSystem::Posix(), folder);
      ++reads;
      if (!value.ok() && ++failures < 5) ADD_FAILURE() << value.status();
      if (HasEnded(savers[ended])) ++ended;
    }
    EXPECT_EQ(failures, 0) << "of " << reads;
    return reads;
  }

  const FaultModel model_;
};

TEST_P(ConcurrentTest, AReaderBesideAThousandSavesSeesOneOfThem) {
  const TestFolder folder;
  const std::string path = folder.path() + "/m";
  ASSERT_OK(SaveOften(path, 1, 0, 1));
  const int reads = ReadWhile({StartSaver(path, 1000, 1, 1)}, folder.path());
  std::printf("%d reads\n", reads);
  EXPECT_GT(reads, 100);
  EXPECT_EQ(LatestValue(FileSystem::Posix(), folder.path()).value_or(-1), 1000);
  EXPECT_THAT(StrayNames(FileSystem::Posix(), folder.path()), IsEmpty());
}

// Graph and data are read one after the other, so they may be of two saves; but
// each of them can be read at any time.
TEST_P(ConcurrentTest, AReaderBesideSavesOfChangingGraphsFindsEveryFile) {
  const TestFolder folder;
  const std::string path = folder.path() + "/m";
  const FaultModel renamed(GetParam(), Variables::kRenamed);
  ASSERT_OK(SaveOften(path, 1, 0, 1));
  const pid_t saver = StartProcess([&] {
    const auto usual_saver = model_.NewSaver(Before::kSamePrefix);
    const auto renamed_saver = renamed.NewSaver(Before::kSamePrefix);
    FileSystem* fs = FileSystem::Posix();
    const auto usual_session = model_.NewSession(fs, /*sync=*/false);
    const auto renamed_session = renamed.NewSession(fs, /*sync=*/false);
    for (int i = 1; i <= 300; ++i) {
      const absl::Status saved =
          i % 2 == 0 ? model_.Save(usual_saver.get(), usual_session.get(), path,
                                   Before::kSamePrefix, i)
                     : renamed.Save(renamed_saver.get(), renamed_session.get(),
                                    path, Before::kSamePrefix, i);
      if (!saved.ok()) return 1;
    }
    return 0;
  });
  int reads = 0;
  FileSystem* fs = FileSystem::Posix();
  do {
    const auto latest = LatestCheckpoint(fs, folder.path());
    ASSERT_OK(latest);
    ASSERT_TRUE(latest->has_value());
    ASSERT_OK(ReadMetaGraph(fs, MetaGraphFilename(**latest)));
    const auto reader = CheckpointReader::Open(fs, **latest);
    ASSERT_OK(reader);
    float first = -1;
    for (const std::string& name : (*reader)->names()) {
      const auto value = (*reader)->GetTensor(name);
      ASSERT_OK(value);
      if (first < 0) first = value->flat<float>()[0];
      for (float x : value->flat<float>()) ASSERT_EQ(x, first);
    }
    ++reads;
  } while (!HasEnded(saver));
  std::printf("%d reads\n", reads);
  EXPECT_GT(reads, 30);
  EXPECT_EQ(LatestValue(fs, folder.path()).value_or(-1), 300);
  EXPECT_THAT(StrayNames(fs, folder.path()), IsEmpty());
}

TEST_P(ConcurrentTest, TwoProcessesThatSaveOnePrefixDoNotClash) {
  const TestFolder folder;
  const std::string path = folder.path() + "/m";
  ASSERT_OK(SaveOften(path, 1, 0, 1));
  ReadWhile({StartSaver(path, 150, 1, 2), StartSaver(path, 150, 2, 2)},
            folder.path());
  const float last =
      LatestValue(FileSystem::Posix(), folder.path()).value_or(-1);
  EXPECT_TRUE(last == 299 || last == 300) << last;
  EXPECT_THAT(StrayNames(FileSystem::Posix(), folder.path()), IsEmpty());
}

TEST_P(ConcurrentTest, TwoProcessesThatSaveInOneFolderDoNotClash) {
  const TestFolder folder;
  const std::string a = folder.path() + "/a", b = folder.path() + "/b";
  ASSERT_OK(SaveOften(a, 1, 0, 1));
  ReadWhile({StartSaver(a, 150, 1, 1), StartSaver(b, 150, 1, 1)},
            folder.path());
  for (const std::string& path : {a, b}) {
    const std::string prefix =
        GetParam().version == SaverDef::V1 && GetParam().sharded
            ? path + "-\?\?\?\?\?-of-00002"
            : path;
    EXPECT_EQ(RestoredValue(FileSystem::Posix(), prefix).value_or(-1), 150);
  }
  EXPECT_THAT(StrayNames(FileSystem::Posix(), folder.path()), IsEmpty());
}

TEST_P(ConcurrentTest, ThreadsWithSessionsOfTheirOwnDoNotClash) {
  const TestFolder folder;
  const std::string path = folder.path() + "/m";
  std::vector<std::thread> threads;
  for (int i = 1; i <= 3; ++i) {
    threads.emplace_back([=] { EXPECT_OK(SaveOften(path, 50, i, 0)); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(LatestValue(FileSystem::Posix(), folder.path()).value_or(-1), 0);
  EXPECT_THAT(StrayNames(FileSystem::Posix(), folder.path()), IsEmpty());
}

// A child that is forked while its parent saves inherits the open folder, but
// must not keep the lock on it.
TEST(FolderLockTest, AForkedChildDoesNotKeepIt) {
  const TestFolder folder;
  auto lock = FileSystem::Posix()->LockFile(folder.path());
  ASSERT_OK(lock);
  const pid_t idle = StartProcess([] {
    pause();
    return 0;
  });
  lock->reset();
  const pid_t next = StartProcess([&folder] {
    alarm(20);  // ends it if the lock cannot be had
    return FileSystem::Posix()->LockFile(folder.path()).ok() ? 0 : 1;
  });
  EXPECT_EQ(WaitForProcess(next), 0);
  kill(idle, SIGKILL);
  EXPECT_EQ(WaitForProcess(idle), -SIGKILL);
}

INSTANTIATE_TEST_SUITE_P(
    , ConcurrentTest,
    testing::Values(SaverConfig{"V2", SaverDef::V2, false, false},
                    SaverConfig{"V1", SaverDef::V1, false, false},
                    SaverConfig{"V2Sharded", SaverDef::V2, true, true},
                    SaverConfig{"V1Sharded", SaverDef::V1, true, true}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace retrograph
