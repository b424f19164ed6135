#include "session/step.h"

#include <utility>

#include "absl/time/clock.h"
#include "session/node_runner.h"

namespace retrograph {

absl::Status RunCancelled() {
  return absl::CancelledError("Run call was cancelled");
}

// A kernel that finishes later, on whatever thread.
struct Step::AsyncRun {
  AsyncRun(std::shared_ptr<Step> step_in, const Dataflow::Task& task_in,
           absl::Span<Value> inputs, const RunEnvironment* env,
           Observer* observer, int64_t session_id)
      : step(std::move(step_in)),
        task(task_in),
        context(task.node->op, inputs, env),
        report(observer, session_id, task.node->op) {}

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
      observer_(CurrentObserver()),
      deadline_(options.timeout == absl::InfiniteDuration()
                    ? absl::InfiniteFuture()
                    : absl::Now() + options.timeout),
      dataflow_(plan) {}

absl::StatusOr<std::vector<Tensor>> Step::Run(absl::Span<const Tensor> feeds) {
  absl::MutexLock lock(&mu_);
  absl::Status started = dataflow_.Start(feeds, &ready_);
  if (!started.ok()) return started;
  CallHelpers();
  while (true) {
    Work();
    CancelIfFailed();
    const auto can_go_on = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return !ready_.empty() || running_ == 0 || (!status_.ok() && !cancelled_);
    };
    if (running_ > 0) {
      const bool in_time =
          mu_.AwaitWithDeadline(absl::Condition(&can_go_on),
                                over_ ? absl::InfiniteFuture() : deadline_);
      if (!in_time) {
        End(absl::DeadlineExceededError("Timed out waiting for notification"));
      }
    }
    if (running_ == 0 && ready_.empty()) break;
  }
  if (!status_.ok()) return status_;
  return TakeResults(plan_, feeds, [this](int i) {
    mu_.AssertHeld();
    Dataflow::Fetched& fetched = dataflow_.fetched()[i];
    return fetched.is_set ? &fetched.value : nullptr;
  });
}

void Step::Work() {
  while (!ready_.empty()) {
    if (!cancelled_ && cancellation_->IsCancelled()) {
      End(RunCancelled());
      return;
    }
    if (deadline_ != absl::InfiniteFuture() && absl::Now() >= deadline_) {
      End(absl::DeadlineExceededError("Timed out waiting for notification"));
      return;
    }
    const Dataflow::Task task = ready_.front();
    ready_.pop_front();
    RunTask(task);
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
    const NodeRunReport report(observer_, options_.session_id, node.op);
    report.Done(false);
    Finish(task, std::move(ready), {});
    return;
  }
  if (node.is_async) {
    StartAsync(task);
    return;
  }
  mu_.Unlock();
  const NodeRunReport report(observer_, options_.session_id, node.op);
  KernelContext context(node.op, inputs, &env_);
  node.kernel->Compute(&context);
  absl::Status status = CheckOutputs(plan_, node, &context);
  report.Done(status.ok());
  mu_.Lock();
  Finish(task, std::move(status), std::move(context.outputs()));
}

void Step::StartAsync(const Dataflow::Task& task) {
  auto* const run =
      new AsyncRun(shared_from_this(), task, dataflow_.Inputs(task), &env_,
                   observer_, options_.session_id);
  mu_.Unlock();
  task.node->kernel->ComputeAsync(&run->context,
                                  [run] { run->step->FinishAsync(run); });
  mu_.Lock();
}

void Step::FinishAsync(AsyncRun* run) {
  // Held until the lock is released: Run() may return as soon as it is.
  const std::shared_ptr<Step> self = std::move(run->step);
  absl::Status status = CheckOutputs(plan_, *run->task.node, &run->context);
  run->report.Done(status.ok());
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
  ready_.clear();
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
      self->Work();
      --self->helpers_;
    });
  }
}

}  // namespace retrograph
