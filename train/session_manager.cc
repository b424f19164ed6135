#include "train/session_manager.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/errors.h"

namespace retrograph {
namespace {

std::function<absl::StatusOr<Tensor>(Session*)> FetchOf(const Output& op) {
  if (!op.valid()) return nullptr;
  return [op](Session* session) -> absl::StatusOr<Tensor> {
    RG_ASSIGN_OR_RETURN(const std::vector<Tensor> values,
                        session->Run({}, {op}, {}));
    return values[0];
  };
}

// As Python's "%d" prints seconds.
std::string WholeSeconds(double secs) {
  return absl::StrCat(static_cast<int64_t>(secs));
}

std::string TextOf(const absl::optional<std::string>& reason) {
  return reason.value_or("None");
}

}  // namespace

absl::StatusOr<SessionManagerOptions> SessionManagerOptions::ForOps(
    std::shared_ptr<Graph> graph, const ReadinessOps& ops,
    const SessionOptions& session_options) {
  if (ops.ready_for_local_init_op.valid() && ops.local_init_op == nullptr) {
    return ValueError(absl::StrCat(
        "If you pass a ready_for_local_init_op you must also pass a "
        "local_init_op , ready_for_local_init_op [",
        ops.ready_for_local_init_op.name(), "]"));
  }
  SessionManagerOptions options;
  options.file_system = session_options.file_system;
  options.new_session = [graph, session_options]() -> absl::StatusOr<SessionPtr> {
    RG_ASSIGN_OR_RETURN(std::unique_ptr<Session> session,
                        Session::Create(graph, session_options));
    return SessionPtr(std::move(session));
  };
  if (Operation* const local_init = ops.local_init_op) {
    options.local_init_op_text = local_init->name();
    options.run_local_init_op = [local_init](Session* session) {
      return session->Run({}, {}, {local_init}).status();
    };
  }
  options.ready = FetchOf(ops.ready_op);
  options.ready_for_local_init = FetchOf(ops.ready_for_local_init_op);
  return options;
}

Restorer RestoreWith(std::shared_ptr<Saver> saver, FileSystem* file_system) {
  Restorer restorer;
  restorer.restore = [saver](Session* session, const std::string& path) {
    return saver->Restore(session, path);
  };
  restorer.recover_last_checkpoints =
      [saver, file_system](
          const std::vector<std::string>& paths) -> absl::Status {
    FileSystem* const fs =
        file_system != nullptr ? file_system : FileSystem::Posix();
    std::vector<std::pair<std::string, double>> there;
    for (const std::string& path : paths) {
      const absl::StatusOr<std::vector<double>> times =
          GetCheckpointMtimes(fs, {path});
      // Gone, with its folder even.
      if (absl::IsNotFound(times.status())) continue;
      RG_RETURN_IF_ERROR(times.status());
      if (!times->empty()) there.emplace_back(path, (*times)[0]);
    }
    saver->set_last_checkpoints_with_time(there);
    return absl::OkStatus();
  };
  return restorer;
}

void SessionManager::Prepare::set_init_op(Operation* op,
                                          std::vector<Session::Feed> feeds) {
  init_op_text = op->name();
  run_init_op = [op, feeds = std::move(feeds)](Session* session) {
    return session->Run(feeds, {}, {op}).status();
  };
}

SessionManager::SessionManager(SessionManagerOptions options)
    : options_(std::move(options)) {
  if (options_.file_system == nullptr) {
    options_.file_system = FileSystem::Posix();
  }
  if (options_.now == nullptr) {
    options_.now = [] { return absl::ToUnixNanos(absl::Now()) * 1e-9; };
  }
  if (options_.sleep == nullptr) {
    options_.sleep = [](double secs) {
      absl::SleepFor(absl::Seconds(secs));
      return absl::OkStatus();
    };
  }
}

void SessionManager::Log(LogLevel level, const std::string& text) const {
  if (options_.log != nullptr) options_.log(level, text);
}

absl::StatusOr<std::pair<SessionManager::SessionPtr, bool>>
SessionManager::RestoreCheckpoint(const Restore& how) {
  RG_ASSIGN_OR_RETURN(SessionPtr session, options_.new_session());
  const std::string& dir = how.checkpoint_dir;
  const std::string& file = how.checkpoint_filename_with_path;
  if (!dir.empty() && !file.empty()) {
    return ValueError(
        "Can not provide both checkpoint_dir and "
        "checkpoint_filename_with_path.");
  }
  if (!how.saver || (dir.empty() && file.empty())) {
    return std::make_pair(std::move(session), false);
  }
  if (!file.empty()) {
    RG_RETURN_IF_ERROR(how.saver.restore(session.get(), file));
    return std::make_pair(std::move(session), true);
  }
  double waited = 0;
  while (true) {
    RG_ASSIGN_OR_RETURN(
        const std::optional<CheckpointState> state,
        GetCheckpointState(options_.file_system, dir, "checkpoint",
                           options_.log));
    if (state.has_value() && !state->model_checkpoint_path().empty()) {
      RG_RETURN_IF_ERROR(
          how.saver.restore(session.get(), state->model_checkpoint_path()));
      const auto& all = state->all_model_checkpoint_paths();
      RG_RETURN_IF_ERROR(
          how.saver.recover_last_checkpoints({all.begin(), all.end()}));
      return std::make_pair(std::move(session), true);
    }
    if (!how.wait_for_checkpoint || waited >= how.max_wait_secs) {
      return std::make_pair(std::move(session), false);
    }
    Log(LogLevel::kInfo, "Waiting for checkpoint to be available.");
    RG_RETURN_IF_ERROR(options_.sleep(options_.recovery_wait_secs));
    waited += options_.recovery_wait_secs;
  }
}

absl::StatusOr<SessionManager::Reason> SessionManager::ReasonOf(
    const std::function<absl::StatusOr<Tensor>(Session*)>& ready,
    Session* session, const char* what) {
  if (ready == nullptr) return Reason();
  const absl::StatusOr<Tensor> value = ready(session);
  if (!value.ok()) {
    if (value.status().code() != absl::StatusCode::kFailedPrecondition) {
      return value.status();
    }
    const std::string text(value.status().message());
    if (!absl::StrContains(text, "uninitialized")) {
      Log(LogLevel::kWarning, absl::StrCat(what, " : error [", text, "]"));
      return value.status();
    }
    return Reason(text);
  }
  if (!value->IsInitialized() || value->dtype() == DT_INT32 ||
      value->num_elements() == 0) {
    return Reason();
  }
  if (value->dtype() != DT_STRING) {
    return TypeError(absl::StrCat("a ready op gives strings, not ",
                                  DataTypeString(value->dtype())));
  }
  return Reason(absl::StrCat("Variables not initialized: ",
                             absl::StrJoin(value->flat<std::string>(), ", ")));
}

absl::StatusOr<SessionManager::Reason> SessionManager::TryLocalInit(
    Session* session) {
  if (options_.run_local_init_op == nullptr) return Reason();
  RG_ASSIGN_OR_RETURN(const Reason reason,
                      ReasonOf(options_.ready_for_local_init, session,
                               "Model not ready for local init"));
  if (reason.has_value()) return reason;
  Log(LogLevel::kInfo, "Running local_init_op.");
  RG_RETURN_IF_ERROR(options_.run_local_init_op(session));
  Log(LogLevel::kInfo, "Done running local_init_op.");
  return Reason();
}

absl::StatusOr<SessionManager::SessionPtr> SessionManager::PrepareSession(
    const Prepare& how) {
  RG_ASSIGN_OR_RETURN(auto restored, RestoreCheckpoint(how));
  Session* const session = restored.first.get();
  if (!restored.second) {
    if (how.run_init_op == nullptr && how.init_fn == nullptr &&
        options_.run_local_init_op == nullptr) {
      return RuntimeError(
          "Model is not initialized and no init_op or init_fn or local_init_op "
          "was given");
    }
    if (how.run_init_op != nullptr) {
      RG_RETURN_IF_ERROR(how.run_init_op(session));
    }
    if (how.init_fn != nullptr) RG_RETURN_IF_ERROR(how.init_fn(session));
  }
  RG_ASSIGN_OR_RETURN(Reason reason, TryLocalInit(session));
  const std::string init = absl::StrCat("Init op: ", how.init_op_text,
                                        ", init fn: ", how.init_fn_text);
  if (reason.has_value()) {
    return RuntimeError(absl::StrCat(
        "Init operations did not make model ready for local_init.  ", init,
        ", error: ", *reason));
  }
  RG_ASSIGN_OR_RETURN(reason, ModelReady(session));
  if (reason.has_value()) {
    return RuntimeError(absl::StrCat(
        "Init operations did not make model ready.  ", init,
        ", local_init_op: ", options_.local_init_op_text, ", error: ",
        *reason));
  }
  return std::move(restored.first);
}

absl::StatusOr<std::pair<SessionManager::SessionPtr, bool>>
SessionManager::RecoverSession(const Restore& how) {
  RG_ASSIGN_OR_RETURN(auto result, RestoreCheckpoint(how));
  RG_ASSIGN_OR_RETURN(Reason reason, TryLocalInit(result.first.get()));
  if (!result.second) return result;
  const std::string& from = !how.checkpoint_dir.empty()
                                ? how.checkpoint_dir
                                : how.checkpoint_filename_with_path;
  const char* ready_for = " did not make model ready for local init: ";
  if (!reason.has_value()) {
    RG_ASSIGN_OR_RETURN(reason, ModelReady(result.first.get()));
    ready_for = " did not make model ready: ";
  }
  if (reason.has_value()) {
    Log(LogLevel::kInfo,
        absl::StrCat("Restoring model from ", from, ready_for, *reason));
    result.second = false;
    return result;
  }
  Log(LogLevel::kInfo, absl::StrCat("Restored model from ", from));
  return result;
}

absl::StatusOr<SessionManager::SessionPtr> SessionManager::WaitForSession(
    double max_wait_secs) {
  const double start = options_.now();
  while (true) {
    RG_ASSIGN_OR_RETURN(SessionPtr session, options_.new_session());
    Reason not_ready;
    RG_ASSIGN_OR_RETURN(const Reason no_local_init,
                        TryLocalInit(session.get()));
    if (!no_local_init.has_value()) {
      RG_ASSIGN_OR_RETURN(not_ready, ModelReady(session.get()));
      if (!not_ready.has_value()) return session;
    }
    session->Close().IgnoreError();
    const double remaining =
        std::max(0.0, max_wait_secs - (options_.now() - start));
    if (remaining - options_.recovery_wait_secs < 0) {
      return absl::DeadlineExceededError(
          absl::StrCat("Session was not ready after waiting ",
                       WholeSeconds(max_wait_secs), " secs."));
    }
    Log(LogLevel::kInfo,
        absl::StrCat("Waiting for model to be ready.  "
                     "Ready_for_local_init_op:  ",
                     TextOf(no_local_init), ", ready: ", TextOf(not_ready)));
    RG_RETURN_IF_ERROR(options_.sleep(options_.recovery_wait_secs));
  }
}

}  // namespace retrograph
