// Executing a plan, once.
//
// A plan without control flow and without nodes that wait runs in the calling
// thread, one node after the other: no locks, no queue. Any other goes through
// Dataflow, on the calling thread and, where there is heavy work to share, on
// threads of the process's pool.
//
// Threads: any number of runs may use a plan at a time.
#ifndef RETROGRAPH_SESSION_EXECUTOR_H_
#define RETROGRAPH_SESSION_EXECUTOR_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/tensor.h"
#include "ops/kernel.h"
#include "session/cancellation.h"
#include "session/plan.h"
#include "session/step_trace.h"
#include "session/thread_pool.h"

namespace retrograph {

struct ExecutorOptions {
  int64_t session_id = 0;      // for the observer
  int max_threads = 1;         // the calling one included
  ThreadPool* pool = nullptr;  // only asked for if max_threads > 1
  absl::Duration timeout = absl::InfiniteDuration();
  StepTrace* trace = nullptr;  // null: the run is not traced
  std::function<bool()> is_interrupted;  // as in RunOptions
};

// Returns a tensor per fetch. `feeds` stand in the order of the signature.
// Cancelling `session` makes the call end with Cancelled or with the error of
// the kernel that gave up; env.cancellation is set here.
//
// After an error what needs the failed node does not run and what waits is told
// to give up, but all else runs, as on TensorFlow; the first error is returned.
// DeadlineExceeded "Timed out waiting for notification" after `timeout`; a
// kernel that computes is not interrupted.
absl::StatusOr<std::vector<Tensor>> ExecutePlan(const Plan& plan,
                                                absl::Span<const Tensor> feeds,
                                                RunEnvironment env,
                                                CancellationManager* session,
                                                const ExecutorOptions& options);

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_EXECUTOR_H_
