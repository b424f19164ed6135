// The `checkpoint` state file: which checkpoints a folder has and which is the
// newest. Functions of tf.train with TensorFlow's names, path rules and texts.
//
// Paths in the file are as the caller spelled them, or relative to the folder
// of the file if folder and path are both relative.
//
// Nothing here prints; what TensorFlow logs goes to a LogSink, if one is given.
#ifndef RETROGRAPH_CHECKPOINT_CHECKPOINT_STATE_H_
#define RETROGRAPH_CHECKPOINT_CHECKPOINT_STATE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/file_system.h"
#include "proto/checkpoint_state.pb.h"

namespace retrograph {

enum class LogLevel { kInfo, kWarning, kError, kDebug };
using LogSink = std::function<void(LogLevel level, absl::string_view message)>;

// The lists that may come with a state: empty timestamps and no last_preserved
// leave the fields out.
struct CheckpointStateDetails {
  std::vector<double> all_model_checkpoint_timestamps;
  std::optional<double> last_preserved_timestamp;
};

// tf.train.generate_checkpoint_state_proto. Appends model_checkpoint_path to
// `all_paths` if it is not the last of them. ValueError if there are timestamps
// but not as many as paths.
absl::StatusOr<CheckpointState> GenerateCheckpointStateProto(
    absl::string_view save_dir, absl::string_view model_checkpoint_path,
    std::vector<std::string> all_model_checkpoint_paths,
    const CheckpointStateDetails& details = CheckpointStateDetails(),
    const LogSink& log = nullptr);

// The text of a state file, as TensorFlow writes it: non-ASCII bytes as octal
// escapes, floats as Python's text_format prints them.
std::string CheckpointStateToText(const CheckpointState& state);

struct UpdateCheckpointStateOptions {
  std::string latest_filename = "checkpoint";
  bool save_relative_paths = false;
  bool sync = SyncFilesByDefault();  // the file and its folder to the disk
  const void* owner = nullptr;       // see CommitOptions
  CheckpointStateDetails details;
  LogSink log;
};

// tf.train.update_checkpoint_state: writes the state file atomically.
// RuntimeError if the checkpoint's path is that of the state file.
absl::Status UpdateCheckpointState(
    FileSystem* fs, absl::string_view save_dir,
    absl::string_view model_checkpoint_path,
    const std::vector<std::string>& all_model_checkpoint_paths,
    const UpdateCheckpointStateOptions& options =
        UpdateCheckpointStateOptions());

// The two halves of it, for who has something to write in between: what the
// file will say, with all errors but those of files; and writing it.
absl::StatusOr<CheckpointState> MakeCheckpointState(
    absl::string_view save_dir, absl::string_view model_checkpoint_path,
    const std::vector<std::string>& all_model_checkpoint_paths,
    const UpdateCheckpointStateOptions& options);
absl::Status WriteCheckpointState(FileSystem* fs, absl::string_view save_dir,
                                  const CheckpointState& state,
                                  const UpdateCheckpointStateOptions& options);

// tf.train.get_checkpoint_state: no value if there is no state file, or it
// cannot be read or parsed (logged as warnings). Relative paths are joined to
// `checkpoint_dir` as given. ValueError "Invalid checkpoint state loaded from
// <dir>" if it names no checkpoint; UnicodeDecodeError if it is not UTF-8.
absl::StatusOr<std::optional<CheckpointState>> GetCheckpointState(
    FileSystem* fs, absl::string_view checkpoint_dir,
    absl::string_view latest_filename = "checkpoint",
    const LogSink& log = nullptr);

// tf.train.latest_checkpoint: the newest checkpoint's prefix, or no value if
// there is no state or its files are gone (logged as an error).
absl::StatusOr<std::optional<std::string>> LatestCheckpoint(
    FileSystem* fs, absl::string_view checkpoint_dir,
    absl::string_view latest_filename = "checkpoint",
    const LogSink& log = nullptr);

// tf.train.checkpoint_exists: whether "<prefix>.index" or, as a V1 file or
// pattern, "<prefix>" is there. NotFound if the folder is not.
absl::StatusOr<bool> CheckpointExists(FileSystem* fs, absl::string_view prefix);

// tf.train.get_checkpoint_mtimes: whole seconds since the epoch, of those
// checkpoints that are there.
absl::StatusOr<std::vector<double>> GetCheckpointMtimes(
    FileSystem* fs, const std::vector<std::string>& prefixes);

// tf.train.remove_checkpoint: the .meta file first, then index and data files
// (V2), or the V1 files. What is not there is no error, but a missing folder is
// (NotFound).
absl::Status RemoveCheckpoint(FileSystem* fs, absl::string_view prefix,
                              bool v2 = true,
                              absl::string_view meta_graph_suffix = "meta");

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_CHECKPOINT_STATE_H_
