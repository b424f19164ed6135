// PartialRun: a run in pieces, as Session.partial_run does it: feeds come and
// fetches go a few at a time, and every node runs at most once.
//
// What needs no feed runs at once, as in TensorFlow's DirectSession::PRunSetup.
//
// Threads: thread-safe; the pieces of a run go one after the other.
#ifndef RETROGRAPH_SESSION_PARTIAL_RUN_H_
#define RETROGRAPH_SESSION_PARTIAL_RUN_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "session/executor.h"
#include "session/session.h"
#include "session/step.h"

namespace retrograph {

class PartialRun {
 public:
  // `plan` and what `env` and `options` point to must outlive this.
  // Closing the session, which cancels `session`, ends the run.
  PartialRun(const Plan* plan, RunEnvironment env,
             CancellationManager* session, const ExecutorOptions& options);
  ~PartialRun();
  PartialRun(const PartialRun&) = delete;
  PartialRun& operator=(const PartialRun&) = delete;

  // Does what needs no feed. Once, before the first Continue(). An error is
  // kept for the first Continue().
  void Start();

  // Errors: InvalidArgument "The feed a:0 was not specified in
  // partial_run_setup.", "The feed a:0 has already been fed.", "The fetch c:0
  // was not specified in partial_run_setup.", "The fetch c:0 has already been
  // fetched.", "Fetch b:0 can't be computed from the feeds that have been fed
  // so far." (b:0 being the feed that is missing); these leave the run as it
  // was. And what a kernel reports; then the run is over.
  absl::StatusOr<std::vector<Tensor>> Continue(
      const std::vector<Session::Feed>& feeds,
      const std::vector<Output>& fetches);

  // True if all was fed and fetched, or a kernel failed.
  bool IsOver() const;
  bool HasFailed() const;

 private:
  absl::StatusOr<int> FeedNumber(const Output& feed) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<int> FetchNumber(const Output& fetch) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status CheckComputable(const std::vector<Session::Feed>& feeds,
                               const std::vector<Output>& fetches) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Plan& plan_;
  RunEnvironment env_;
  CancellationManager* const session_;
  CancellationManager cancellation_;
  int64_t token_ = 0;  // of the callback on session_

  mutable absl::Mutex mu_;
  std::shared_ptr<Step> step_ ABSL_GUARDED_BY(mu_);
  absl::Status status_ ABSL_GUARDED_BY(mu_);
  std::vector<bool> fed_ ABSL_GUARDED_BY(mu_);
  std::vector<bool> fetched_ ABSL_GUARDED_BY(mu_);
};

// "a:0,b:0->c:0//1/": what TensorFlow's handles of partial runs begin with.
std::string PartialRunKey(const Signature& signature);

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_PARTIAL_RUN_H_
