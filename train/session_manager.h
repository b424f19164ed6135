// SessionManager: makes a session whose model is ready: restored from a
// checkpoint, or initialised, or made ready by somebody else.
//
// What it asks of the outside (a session, a value of the ready op, a restore,
// the time) stands in SessionManagerOptions as functions, so that a wrapper in
// another language can put its own there; ForOps() makes them for C++.
//
// Example:
//   auto options = SessionManagerOptions::ForOps(graph, ops);
//   SessionManager manager(*options);
//   SessionManager::Prepare how;
//   how.init_op = ...;
//   how.saver = RestoreWith(saver);
//   how.checkpoint_dir = "/tmp/model";
//   auto session = manager.PrepareSession(how);
//
// Source of rules and texts: tensorflow/python/training/session_manager.py
// (1.15).
#ifndef RETROGRAPH_TRAIN_SESSION_MANAGER_H_
#define RETROGRAPH_TRAIN_SESSION_MANAGER_H_

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "checkpoint/checkpoint_state.h"
#include "core/file_system.h"
#include "core/tensor.h"
#include "graph/graph.h"
#include "saver/saver.h"
#include "session/session.h"

namespace retrograph {

// The ops that say how far a model is; null or invalid: there is none.
struct ReadinessOps {
  Operation* local_init_op = nullptr;
  // String vectors with the names of what is not initialised.
  Output ready_op;
  Output ready_for_local_init_op;
};

struct SessionManagerOptions {
  using SessionPtr = std::shared_ptr<Session>;
  // A new session on the graph.
  std::function<absl::StatusOr<SessionPtr>()> new_session;
  // Null: there is no such op.
  std::function<absl::Status(Session*)> run_local_init_op;
  // The value of the ready op; Tensor() if it is an operation without one.
  std::function<absl::StatusOr<Tensor>(Session*)> ready;
  std::function<absl::StatusOr<Tensor>(Session*)> ready_for_local_init;
  // How the text of an error names the local init op.
  std::string local_init_op_text = "None";
  double recovery_wait_secs = 30;
  FileSystem* file_system = nullptr;  // null: the machine's
  // Seconds since some moment, and a rest of so many; null: the machine's.
  std::function<double()> now;
  std::function<absl::Status(double)> sleep;
  LogSink log;

  // ValueError for a ready_for_local_init_op without a local_init_op.
  static absl::StatusOr<SessionManagerOptions> ForOps(
      std::shared_ptr<Graph> graph, const ReadinessOps& ops,
      const SessionOptions& session_options = {});
};

// What a SessionManager needs of a saver.
struct Restorer {
  std::function<absl::Status(Session*, const std::string&)> restore;
  std::function<absl::Status(const std::vector<std::string>&)>
      recover_last_checkpoints;
  explicit operator bool() const { return restore != nullptr; }
};
Restorer RestoreWith(std::shared_ptr<Saver> saver,
                     FileSystem* file_system = nullptr);

class SessionManager {
 public:
  using SessionPtr = SessionManagerOptions::SessionPtr;

  // Where to restore from. Both paths: ValueError.
  struct Restore {
    Restorer saver;  // none: nothing is restored
    std::string checkpoint_dir;
    std::string checkpoint_filename_with_path;
    bool wait_for_checkpoint = false;
    double max_wait_secs = 7200;
  };
  struct Prepare : Restore {
    // Run where nothing was restored; null: there is none.
    std::function<absl::Status(Session*)> run_init_op;
    std::function<absl::Status(Session*)> init_fn;
    // How the text of an error names them.
    std::string init_op_text = "None";
    std::string init_fn_text = "None";
    // Sets run_init_op and its text.
    void set_init_op(Operation* op, std::vector<Session::Feed> feeds = {});
  };

  explicit SessionManager(SessionManagerOptions options);

  // Restores the newest checkpoint, or else initialises; then runs the local
  // init op.
  //
  // Errors: RuntimeError where there is nothing to initialise with, and where
  // the model is not ready afterwards.
  absl::StatusOr<SessionPtr> PrepareSession(const Prepare& how);

  // Restores the newest checkpoint if there is one; whether the model is ready
  // then.
  absl::StatusOr<std::pair<SessionPtr, bool>> RecoverSession(
      const Restore& how);

  // Waits, with a new session each time, until the model is ready.
  //
  // Errors: DeadlineExceeded after `max_wait_secs`.
  absl::StatusOr<SessionPtr> WaitForSession(
      double max_wait_secs = std::numeric_limits<double>::infinity());

 private:
  // Why something is not ready; nothing if it is.
  using Reason = absl::optional<std::string>;

  absl::StatusOr<std::pair<SessionPtr, bool>> RestoreCheckpoint(
      const Restore& how);
  absl::StatusOr<Reason> TryLocalInit(Session* session);
  absl::StatusOr<Reason> ReasonOf(
      const std::function<absl::StatusOr<Tensor>(Session*)>& ready,
      Session* session, const char* what);
  absl::StatusOr<Reason> ModelReady(Session* session) {
    return ReasonOf(options_.ready, session, "Model not ready");
  }
  void Log(LogLevel level, const std::string& text) const;

  SessionManagerOptions options_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_TRAIN_SESSION_MANAGER_H_
