#include "checkpoint/checkpoint_wait.h"

#include <string>
#include <vector>

#include "core/mem_file_system.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;

// A folder in which checkpoints appear at given times of a clock of its own.
class CheckpointWaitTest : public testing::Test {
 protected:
  CheckpointWaitTest() {
    EXPECT_OK(fs_.CreateDirectories("/d"));
    options_.clock.now = [this] { return now_; };
    options_.clock.sleep = [this](double seconds) {
      slept_.push_back(seconds);
      now_ += seconds;
      if (now_ >= next_time_) Write(next_);
      return sleep_status_;
    };
    options_.log = [this](LogLevel, absl::string_view line) {
      log_.emplace_back(line);
    };
  }

  void Write(const std::string& prefix) {
    EXPECT_OK(WriteStringToFileAtomically(&fs_, prefix + ".index", "", false));
    EXPECT_OK(UpdateCheckpointState(&fs_, "/d", prefix, {}));
  }
  void WriteAt(double time, const std::string& prefix) {
    next_time_ = time;
    next_ = prefix;
  }
  CheckpointsIterator Iterator(
      double min_interval_secs = 0,
      std::function<absl::StatusOr<bool>()> on_timeout = nullptr) {
    return CheckpointsIterator(&fs_, "/d", min_interval_secs, options_,
                               std::move(on_timeout));
  }

  MemFileSystem fs_;
  WaitOptions options_;
  double now_ = 100;
  double next_time_ = 1e9;
  std::string next_;
  std::vector<double> slept_;
  std::vector<std::string> log_;
  absl::Status sleep_status_;
};

TEST_F(CheckpointWaitTest, LooksOnceEvenWithoutTime) {
  Write("/d/m-1");
  options_.timeout = 0;
  const auto found = WaitForNewCheckpoint(&fs_, "/d", std::nullopt, options_);
  ASSERT_OK(found.status());
  EXPECT_EQ(found->value_or("none"), "/d/m-1");
  const auto none = WaitForNewCheckpoint(&fs_, "/d", "/d/m-1", options_);
  ASSERT_OK(none.status());
  EXPECT_FALSE(none->has_value());
  EXPECT_THAT(slept_, ElementsAre());
  EXPECT_THAT(log_, ElementsAre("Waiting for new checkpoint at /d",
                                "Found new checkpoint at /d/m-1",
                                "Waiting for new checkpoint at /d"));
}

TEST_F(CheckpointWaitTest, DoesNotSleepBeyondTheTimeout) {
  options_.timeout = 7;
  options_.seconds_to_sleep = 3;
  const auto none = WaitForNewCheckpoint(&fs_, "/d", std::nullopt, options_);
  ASSERT_OK(none.status());
  EXPECT_FALSE(none->has_value());
  EXPECT_THAT(slept_, ElementsAre(3, 3));
}

TEST_F(CheckpointWaitTest, KeepsTheIntervalBetweenTwo) {
  Write("/d/m-1");
  options_.timeout = 10;
  auto iterator = Iterator(2.5);
  EXPECT_EQ((*iterator.Next()).value_or("none"), "/d/m-1");
  now_ += 1;  // what the caller does
  WriteAt(103, "/d/m-2");
  EXPECT_EQ((*iterator.Next()).value_or("none"), "/d/m-2");
  EXPECT_THAT(slept_, ElementsAre(1.5, 1));
}

TEST_F(CheckpointWaitTest, AsksAfterATimeoutWhetherToGoOn) {
  options_.timeout = 0;
  int asked = 0;
  auto iterator = Iterator(0, [&]() -> absl::StatusOr<bool> {
    if (++asked == 2) Write("/d/m-1");
    return asked == 4;
  });
  EXPECT_EQ((*iterator.Next()).value_or("none"), "/d/m-1");
  EXPECT_EQ(asked, 2);
  EXPECT_FALSE((*iterator.Next()).has_value());
  EXPECT_EQ(asked, 4);
}

TEST_F(CheckpointWaitTest, AnErrorOfTheClockEndsTheWait) {
  sleep_status_ = absl::CancelledError("interrupted");
  EXPECT_THAT(Iterator().Next().status(),
              StatusIs(absl::StatusCode::kCancelled, "interrupted"));
}

}  // namespace
}  // namespace retrograph
