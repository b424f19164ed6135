// Step: one run of a plan through Dataflow, on several threads if need be.
//
// The thread that calls Run() works like any helper and goes last. One mutex
// guards the dataflow; kernels run without it.
//
// When a node fails, what waits is cancelled and the rest still runs, but for
// what needs the node: the first error is the run's. A run that is cancelled
// from outside or out of time starts nothing more.
#ifndef RETROGRAPH_SESSION_STEP_H_
#define RETROGRAPH_SESSION_STEP_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "session/dataflow.h"
#include "session/executor.h"
#include "session/node_runner.h"

namespace retrograph {

// What a run returns that was given up from outside: the session was closed.
absl::Status RunCancelled();

// Made with std::make_shared: helpers and waiting kernels hold it, too.
class Step : public std::enable_shared_from_this<Step> {
 public:
  Step(const Plan& plan, const RunEnvironment& env,
       CancellationManager* cancellation, const ExecutorOptions& options);

  // A whole run; see ExecutePlan().
  absl::StatusOr<std::vector<Tensor>> Run(absl::Span<const Tensor> feeds);

  // A run in pieces: Start(), which does what needs no feed, then any number
  // of Continue(): each puts the values of some feeds in, does what can be
  // done now, and returns the values of some fetches, which must not need a
  // feed that has not come. After an error nothing more may be called.
  absl::Status Start();
  absl::StatusOr<std::vector<Tensor>> Continue(
      absl::Span<const std::pair<int, Tensor>> feeds,
      absl::Span<const int> fetches);

 private:
  struct AsyncRun;

  // Works until all is done that can be, or one run has failed.
  absl::Status Drain() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Takes ready tasks until there are none; `asks`, where it is the thread that
  // called Run(): whether to go on.
  void Work(bool asks) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Waits until there is work, or all is done or failed, or the time is up.
  void AwaitWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Ends the run if the caller wants that.
  void AskWhetherToGoOn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void RunTask(const Dataflow::Task& task) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void StartAsync(const Dataflow::Task& task)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void FinishAsync(AsyncRun* run);
  void Finish(const Dataflow::Task& task, absl::Status status,
              std::vector<Value> outputs) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Nothing more is started.
  void End(absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Calls for helpers if more is ready than one thread can take.
  void CallHelpers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Cancels what waits, once, after a failure.
  void CancelIfFailed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Plan& plan_;
  const RunEnvironment& env_;
  CancellationManager* const cancellation_;
  const ExecutorOptions options_;
  const NodeListeners listeners_;
  const absl::Time deadline_;

  absl::Mutex mu_;
  Dataflow dataflow_ ABSL_GUARDED_BY(mu_);
  ReadyQueue<Dataflow::Task> ready_ ABSL_GUARDED_BY(mu_);
  int running_ ABSL_GUARDED_BY(mu_) = 0;  // tasks that were started
  int helpers_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mu_);  // the first error
  bool over_ ABSL_GUARDED_BY(mu_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;  // by this step
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_STEP_H_
