#include "train/periodic_saver.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using testing::ElementsAre;

TEST(StepTimerTest, WantsSecondsOrSteps) {
  EXPECT_THAT(StepTimer::Create({}, {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "Either every_secs or every_steps should be provided."));
  EXPECT_THAT(StepTimer::Create(1.0, 1).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "Can not provide both every_secs and every_steps."));
}

TEST(StepTimerTest, GoesBySteps) {
  RG_ASSERT_OK_AND_ASSIGN(StepTimer timer, StepTimer::Create({}, 3));
  EXPECT_TRUE(timer.ShouldTrigger(7));  // the first time
  EXPECT_FALSE(timer.Update(7).has_value());
  EXPECT_FALSE(timer.ShouldTrigger(7));
  EXPECT_FALSE(timer.ShouldTrigger(9));
  EXPECT_TRUE(timer.ShouldTrigger(10));
  EXPECT_EQ(timer.Update(11)->steps, 4);
  timer.Reset();
  EXPECT_TRUE(timer.ShouldTrigger(11));
  EXPECT_FALSE(timer.last_step().has_value());
}

TEST(StepTimerTest, GoesBySecondsButNeverTwiceForAStep) {
  double now = 100;
  RG_ASSERT_OK_AND_ASSIGN(StepTimer timer,
                          StepTimer::Create(2.5, {}, [&] { return now; }));
  timer.Update(1);
  now = 102;
  EXPECT_FALSE(timer.ShouldTrigger(50));
  now = 102.5;
  EXPECT_TRUE(timer.ShouldTrigger(50));
  EXPECT_FALSE(timer.ShouldTrigger(1));
  EXPECT_EQ(timer.Update(50)->secs, 2.5);
}

class PeriodicSaverTest : public testing::Test {
 protected:
  PeriodicSaver Make(int64_t every_steps, int64_t stop_at = 99) {
    PeriodicSaver::Actions actions;
    actions.global_step = [this] { return step_; };
    actions.save = [this](int64_t step) { return Note("save", step); };
    actions.saved = [this](int64_t step) { return Note("saved", step); };
    PeriodicSaver::Listener listener;
    listener.begin = [this] { return Note("begin", 0); };
    listener.before_save = [this](int64_t step) { return Note("before", step); };
    listener.after_save = [this, stop_at](int64_t step) -> absl::StatusOr<bool> {
      RG_RETURN_IF_ERROR(Note("after", step));
      return step >= stop_at;
    };
    listener.end = [this](int64_t step) { return Note("end", step); };
    return PeriodicSaver(*StepTimer::Create({}, every_steps),
                         std::move(actions), {listener});
  }
  absl::Status Note(const std::string& what, int64_t step) {
    calls_.push_back(absl::StrCat(what, step));
    return what == fails_ ? absl::InternalError("failed") : absl::OkStatus();
  }
  // A run that makes a step after it has seen the old one.
  absl::StatusOr<bool> Step(PeriodicSaver* saver) {
    const int64_t seen = step_++;
    return saver->AfterRun(seen);
  }

  int64_t step_ = 0;
  std::string fails_;
  std::vector<std::string> calls_;
};

TEST_F(PeriodicSaverTest, SavesAtOnceThenByStepsAndWhatIsNewAtTheEnd) {
  PeriodicSaver saver = Make(2);
  ASSERT_OK(saver.Begin());
  ASSERT_OK(saver.AfterCreateSession());
  for (int i = 0; i < 3; ++i) ASSERT_OK(Step(&saver));
  ASSERT_OK(saver.End());
  EXPECT_THAT(calls_, ElementsAre("begin0",                                //
                                  "before0", "save0", "saved0", "after0",  //
                                  "before2", "save2", "saved2", "after2",  //
                                  "before3", "save3", "saved3", "after3",
                                  "end3"));
}

TEST_F(PeriodicSaverTest, DoesNotSaveAStepTwice) {
  PeriodicSaver saver = Make(1);
  ASSERT_OK(saver.AfterCreateSession());
  ASSERT_OK(saver.AfterRun(0));  // a run that made no step
  ASSERT_OK(saver.End());
  EXPECT_THAT(calls_, ElementsAre("before0", "save0", "saved0", "after0",
                                  "end0"));
}

TEST_F(PeriodicSaverTest, AListenerCanAskForTheEnd) {
  PeriodicSaver saver = Make(1, /*stop_at=*/2);
  ASSERT_OK(saver.AfterCreateSession());
  EXPECT_FALSE(*Step(&saver));
  EXPECT_TRUE(*Step(&saver));
}

TEST_F(PeriodicSaverTest, AFailedSaveIsReportedAndListenersHearNothing) {
  PeriodicSaver saver = Make(1);
  fails_ = "save";
  EXPECT_THAT(saver.AfterCreateSession(),
              StatusIs(absl::StatusCode::kInternal, "failed"));
  EXPECT_THAT(calls_, ElementsAre("before0", "save0"));
}

}  // namespace
}  // namespace retrograph
