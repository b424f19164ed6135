// StepTimer: whether it is time again, by seconds or by steps.
// PeriodicSaver: what a checkpoint hook does between a training's runs.
//
// The order of a hook's calls: AfterCreateSession() saves at once; after each
// run AfterRun() with the step that the run saw; End() saves what is new since.
// Listeners are told around every save and at the end.
//
// Example:
//   PeriodicSaver::Actions actions;
//   actions.global_step = [&] { return ReadStep(session); };
//   actions.save = [&](int64_t step) { return Save(saver, session, step); };
//   PeriodicSaver periodic(*StepTimer::Create({}, 100), std::move(actions));
//   RG_RETURN_IF_ERROR(periodic.AfterCreateSession());
//
// Source of the rules: SecondOrStepTimer and CheckpointSaverHook of
// tensorflow/python/training/basic_session_run_hooks.py (1.15).
#ifndef RETROGRAPH_TRAIN_PERIODIC_SAVER_H_
#define RETROGRAPH_TRAIN_PERIODIC_SAVER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"

namespace retrograph {

class StepTimer {
 public:
  struct Elapsed {
    double secs = 0;
    int64_t steps = 0;
  };

  // Exactly one of the two; ValueError otherwise. `now`: the clock in seconds,
  // null for the machine's.
  static absl::StatusOr<StepTimer> Create(
      absl::optional<double> every_secs, absl::optional<int64_t> every_steps,
      std::function<double()> now = nullptr);

  void Reset();
  // True the first time, never again for the step that it was last true for,
  // and else once so many seconds or steps have gone by.
  bool ShouldTrigger(int64_t step) const;
  // What went by since the last time; nothing the first time.
  absl::optional<Elapsed> Update(int64_t step);
  absl::optional<int64_t> last_step() const { return last_step_; }

 private:
  StepTimer() = default;
  absl::optional<double> every_secs_;
  absl::optional<int64_t> every_steps_;
  std::function<double()> now_;
  absl::optional<int64_t> last_step_;
  double last_time_ = 0;
};

class PeriodicSaver {
 public:
  // Told of each save. A listener returns true from after_save to ask for an
  // end of the training.
  struct Listener {
    std::string name;  // for the log
    std::function<absl::Status()> begin;
    std::function<absl::Status(int64_t step)> before_save;
    std::function<absl::StatusOr<bool>(int64_t step)> after_save;
    std::function<absl::Status(int64_t step)> end;
  };
  // What it does its work with. `log` and `saved` may be null.
  struct Actions {
    std::function<absl::StatusOr<int64_t>()> global_step;
    std::function<absl::Status(int64_t step)> save;
    std::function<absl::Status(int64_t step)> saved;  // before after_save
    std::function<void(const std::string& text)> log;
    std::string save_path;  // for the log
  };

  PeriodicSaver(StepTimer timer, Actions actions,
                std::vector<Listener> listeners = {})
      : timer_(std::move(timer)),
        actions_(std::move(actions)),
        listeners_(std::move(listeners)) {}

  // How many steps one run makes.
  void set_steps_per_run(int64_t steps) { steps_per_run_ = steps; }

  absl::Status Begin();
  // Saves, whatever the timer says.
  absl::Status AfterCreateSession();
  // `stale_step`: the global step as the run saw it, maybe before its own
  // update; the step is read again before a save. Returns whether a listener
  // asks for an end.
  absl::StatusOr<bool> AfterRun(int64_t stale_step);
  // Saves unless the last save was of this step.
  absl::Status End();

 private:
  absl::StatusOr<bool> Save(int64_t step);
  void Log(const std::string& text) const;

  StepTimer timer_;
  Actions actions_;
  std::vector<Listener> listeners_;
  int64_t steps_per_run_ = 1;
};

}  // namespace retrograph

#endif  // RETROGRAPH_TRAIN_PERIODIC_SAVER_H_
