#include "train/periodic_saver.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/errors.h"

namespace retrograph {

absl::StatusOr<StepTimer> StepTimer::Create(
    absl::optional<double> every_secs, absl::optional<int64_t> every_steps,
    std::function<double()> now) {
  if (!every_secs.has_value() && !every_steps.has_value()) {
    return ValueError("Either every_secs or every_steps should be provided.");
  }
  if (every_secs.has_value() && every_steps.has_value()) {
    return ValueError("Can not provide both every_secs and every_steps.");
  }
  StepTimer timer;
  timer.every_secs_ = every_secs;
  timer.every_steps_ = every_steps;
  timer.now_ = std::move(now);
  if (timer.now_ == nullptr) {
    timer.now_ = [] { return absl::ToUnixNanos(absl::Now()) * 1e-9; };
  }
  return timer;
}

void StepTimer::Reset() {
  last_step_ = absl::nullopt;
  last_time_ = 0;
}

bool StepTimer::ShouldTrigger(int64_t step) const {
  if (!last_step_.has_value()) return true;
  if (*last_step_ == step) return false;
  if (every_secs_.has_value()) return now_() >= last_time_ + *every_secs_;
  return step >= *last_step_ + *every_steps_;
}

absl::optional<StepTimer::Elapsed> StepTimer::Update(int64_t step) {
  const double now = now_();
  absl::optional<Elapsed> elapsed;
  if (last_step_.has_value()) {
    elapsed = Elapsed{now - last_time_, step - *last_step_};
  }
  last_time_ = now;
  last_step_ = step;
  return elapsed;
}

void PeriodicSaver::Log(const std::string& text) const {
  if (actions_.log != nullptr) actions_.log(text);
}

absl::Status PeriodicSaver::Begin() {
  for (const Listener& listener : listeners_) {
    if (listener.begin != nullptr) RG_RETURN_IF_ERROR(listener.begin());
  }
  return absl::OkStatus();
}

absl::Status PeriodicSaver::AfterCreateSession() {
  RG_ASSIGN_OR_RETURN(const int64_t step, actions_.global_step());
  RG_RETURN_IF_ERROR(Save(step).status());
  timer_.Update(step);
  return absl::OkStatus();
}

absl::StatusOr<bool> PeriodicSaver::AfterRun(int64_t stale_step) {
  if (!timer_.ShouldTrigger(stale_step + steps_per_run_)) return false;
  RG_ASSIGN_OR_RETURN(const int64_t step, actions_.global_step());
  if (!timer_.ShouldTrigger(step)) return false;
  timer_.Update(step);
  return Save(step);
}

absl::Status PeriodicSaver::End() {
  RG_ASSIGN_OR_RETURN(const int64_t step, actions_.global_step());
  if (timer_.last_step() != step) RG_RETURN_IF_ERROR(Save(step).status());
  for (const Listener& listener : listeners_) {
    if (listener.end != nullptr) RG_RETURN_IF_ERROR(listener.end(step));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> PeriodicSaver::Save(int64_t step) {
  Log(absl::StrCat("Saving checkpoints for ", step, " into ",
                   actions_.save_path, "."));
  for (const Listener& listener : listeners_) {
    if (listener.before_save != nullptr) {
      RG_RETURN_IF_ERROR(listener.before_save(step));
    }
  }
  RG_RETURN_IF_ERROR(actions_.save(step));
  if (actions_.saved != nullptr) RG_RETURN_IF_ERROR(actions_.saved(step));
  bool stop = false;
  for (const Listener& listener : listeners_) {
    if (listener.after_save == nullptr) continue;
    RG_ASSIGN_OR_RETURN(const bool asks, listener.after_save(step));
    if (!asks) continue;
    Log(absl::StrCat("A CheckpointSaverListener requested that training be "
                     "stopped. listener: ",
                     listener.name));
    stop = true;
  }
  return stop;
}

}  // namespace retrograph
