#include "session/step.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "core/errors.h"
#include "session/node_runner.h"

namespace retrograph {

namespace {

// How often the caller is asked whether to go on, and after how many tasks the
// clock is looked at for that.
constexpr absl::Duration kAskInterval = absl::Milliseconds(100);
constexpr int kTasksPerLook = 16;

absl::Status TimedOut() {
  return absl::DeadlineExceededError("Timed out waiting for notification");
}

}  // namespace

absl::Status RunCancelled() {
  return absl::CancelledError("Run call was cancelled");
}

// A kernel that finishes later, on whatever thread.
struct Step::AsyncRun {
  AsyncRun(std::shared_ptr<Step> step_in, const Dataflow::Task& task_in,
           absl::Span<Value> inputs, const RunEnvironment* env,
           const NodeListeners& listeners)
      : step(std::move(step_in)),
        task(task_in),
        context(task.node->op, inputs, env),
        report(listeners, task.node->op) {}

  std::shared_ptr<Step> step;
  Dataflow::Task task;
  KernelContext context;
  NodeRunReport report;
};

Step::Step(const Plan& plan, const RunEnvironment& env,
           CancellationManager* cancellation, const ExecutorOptions& options)
    : plan_(plan),
      env_(env),
      cancellation_(cancellation),
      options_(options),
      listeners_{CurrentObserver(), options.session_id, options.trace},
      deadline_(options.timeout == absl::InfiniteDuration()
                    ? absl::InfiniteFuture()
                    : absl::Now() + options.timeout),
      dataflow_(plan) {}

absl::StatusOr<std::vector<Tensor>> Step::Run(absl::Span<const Tensor> feeds) {
  absl::MutexLock lock(&mu_);
  dataflow_.Start(&ready_);
  for (size_t i = 0; i < feeds.size(); ++i) {
    RG_RETURN_IF_ERROR(
        dataflow_.Feed(static_cast<int>(i), feeds[i], &ready_));
  }
  RG_RETURN_IF_ERROR(Drain());
  return TakeResults(plan_, feeds, [this](int i) {
    mu_.AssertHeld();
    Dataflow::Fetched& fetched = dataflow_.fetched()[i];
    return fetched.is_set ? &fetched.value : nullptr;
  });
}

absl::Status Step::Start() {
  absl::MutexLock lock(&mu_);
  dataflow_.Start(&ready_);
  return Drain();
}

absl::StatusOr<std::vector<Tensor>> Step::Continue(
    absl::Span<const std::pair<int, Tensor>> feeds,
    absl::Span<const int> fetches) {
  absl::MutexLock lock(&mu_);
  for (const auto& [feed, value] : feeds) {
    RG_RETURN_IF_ERROR(dataflow_.Feed(feed, value, &ready_));
  }
  RG_RETURN_IF_ERROR(Drain());
  std::vector<Tensor> results;
  for (int fetch : fetches) {
    Dataflow::Fetched& fetched = dataflow_.fetched()[fetch];
    RG_ASSIGN_OR_RETURN(
        Tensor value,
        TakeResult(plan_, fetch, fetched.is_set ? &fetched.value : nullptr));
    results.push_back(std::move(value));
  }
  return results;
}

absl::Status Step::Drain() {
  CallHelpers();
  while (true) {
    Work(options_.is_interrupted != nullptr);
    CancelIfFailed();
    if (running_ > 0) AwaitWork();
    if (running_ == 0 && ready_.empty()) break;
  }
  return status_;
}

void Step::AwaitWork() {
  const auto can_go_on = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return !ready_.empty() || running_ == 0 || (!status_.ok() && !cancelled_);
  };
  const absl::Condition condition(&can_go_on);
  while (!can_go_on()) {
    absl::Time until = over_ ? absl::InfiniteFuture() : deadline_;
    if (options_.is_interrupted && !over_) {
      until = std::min(until, absl::Now() + kAskInterval);
    }
    if (mu_.AwaitWithDeadline(condition, until)) return;
    if (until == deadline_) {
      End(TimedOut());
    } else {
      AskWhetherToGoOn();
    }
  }
}

void Step::AskWhetherToGoOn() {
  mu_.Unlock();
  const bool is_interrupted = options_.is_interrupted();
  mu_.Lock();
  if (is_interrupted) End(RunCancelled());
}

void Step::Work(bool asks) {
  absl::Time next_question =
      asks ? absl::Now() + kAskInterval : absl::InfiniteFuture();
  int tasks = 0;
  while (!ready_.empty()) {
    if (asks && ++tasks % kTasksPerLook == 0 && absl::Now() >= next_question) {
      AskWhetherToGoOn();
      next_question = absl::Now() + kAskInterval;
      continue;
    }
    if (!cancelled_ && cancellation_->IsCancelled()) {
      End(RunCancelled());
      return;
    }
    if (deadline_ != absl::InfiniteFuture() && absl::Now() >= deadline_) {
      End(TimedOut());
      return;
    }
    RunTask(ready_.Pop());
  }
}

void Step::RunTask(const Dataflow::Task& task) {
  ++running_;
  if (task.is_dead) {
    Finish(task, absl::OkStatus(), {});
    return;
  }
  const PlanNode& node = *task.node;
  const absl::Span<Value> inputs = dataflow_.Inputs(task);
  absl::Status ready = ReadReferences(node, inputs);
  if (!ready.ok()) {
    NodeRunReport(listeners_, node.op).Done(false, {});
    Finish(task, std::move(ready), {});
    return;
  }
  if (node.is_async) {
    StartAsync(task);
    return;
  }
  mu_.Unlock();
  const NodeRunReport report(listeners_, node.op);
  KernelContext context(node.op, inputs, &env_);
  node.kernel->Compute(&context);
  absl::Status status = CheckOutputs(plan_, node, &context);
  report.Done(status.ok(), context.outputs());
  mu_.Lock();
  Finish(task, std::move(status), std::move(context.outputs()));
}

void Step::StartAsync(const Dataflow::Task& task) {
  auto* const run =
      new AsyncRun(shared_from_this(), task, dataflow_.Inputs(task), &env_,
                   listeners_);
  mu_.Unlock();
  task.node->kernel->ComputeAsync(&run->context,
                                  [run] { run->step->FinishAsync(run); });
  mu_.Lock();
}

void Step::FinishAsync(AsyncRun* run) {
  // Held until the lock is released: Run() may return as soon as it is.
  const std::shared_ptr<Step> self = std::move(run->step);
  absl::Status status = CheckOutputs(plan_, *run->task.node, &run->context);
  run->report.Done(status.ok(), run->context.outputs());
  {
    absl::MutexLock lock(&mu_);
    Finish(run->task, std::move(status), std::move(run->context.outputs()));
  }
  delete run;
}

void Step::Finish(const Dataflow::Task& task, absl::Status status,
                  std::vector<Value> outputs) {
  --running_;
  if (over_) return;
  if (!status.ok()) {
    status_.Update(status);  // what waits for the node never gets ready
    return;
  }
  status = dataflow_.Finish(task, std::move(outputs), &ready_);
  if (!status.ok()) {
    End(std::move(status));
    return;
  }
  CallHelpers();
}

void Step::End(absl::Status status) {
  status_.Update(status);
  over_ = true;
  ready_.Clear();
}

void Step::CancelIfFailed() {
  if (status_.ok() || cancelled_) return;
  cancelled_ = true;
  mu_.Unlock();
  cancellation_->Cancel();  // its callbacks finish tasks of this step
  mu_.Lock();
}

void Step::CallHelpers() {
  if (!plan_.is_parallel) return;
  while (helpers_ + 1 < options_.max_threads &&
         helpers_ + 1 < static_cast<int>(ready_.size())) {
    ++helpers_;
    options_.pool->Schedule([self = shared_from_this()] {
      absl::MutexLock lock(&self->mu_);
      self->Work(/*asks=*/false);
      --self->helpers_;
    });
  }
}

}  // namespace retrograph
