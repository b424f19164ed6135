// Saver stores a graph's variables in a checkpoint and puts them back, matching
// by name, as tf.train.Saver of TensorFlow 1 does.
//
// Create() decides once what a Saver handles: the variables that exist at that
// moment, each under the key it has then. A variable added later is neither
// saved nor restored. Afterwards a Saver holds names only (a SaverDef): Save()
// and Restore() look them up in the *session's* graph, so they run whatever ops
// have these names there.
//
// Example:
//   absl::StatusOr<std::unique_ptr<Saver>> saver = Saver::Create(graph.get());
//   if (!saver.ok()) return saver.status();
//   absl::StatusOr<std::string> prefix =
//       (*saver)->Save(session, "/tmp/m", {.global_step = 7});
//   // *prefix is "/tmp/m-7"; files: /tmp/m-7.index, /tmp/m-7.data-*, .meta,
//   // and /tmp/checkpoint names it.
//
// Ownership: keeps no pointer to an op or a session.
// Threads:   thread-compatible: calls on one Saver need a lock.
// See also:  docs/checkpoint_format.md, docs/pitfalls.md.
#ifndef RETROGRAPH_SAVER_SAVER_H_
#define RETROGRAPH_SAVER_SAVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "checkpoint/checkpoint_state.h"
#include "checkpoint/names.h"
#include "core/file_system.h"
#include "graph/builder.h"
#include "proto/saver.pb.h"
#include "saver/saveable.h"
#include "saver/saver_builder.h"
#include "session/session.h"

namespace retrograph {

struct SaverOptions {
  // Absent: every variable in GLOBAL_VARIABLES and every object in
  // SAVEABLE_OBJECTS of the default graph, at the moment of the build.
  absl::optional<std::vector<Saveable>> var_list;
  bool var_list_is_dict = false;
  // What an absent var_list means, if not AllSaveableObjects(graph).
  std::function<absl::StatusOr<std::vector<Saveable>>(const Graph& graph)>
      default_var_list;
  bool reshape = false;
  bool sharded = false;
  absl::optional<int64_t> max_to_keep = 5;  // nullopt or 0: keep all
  double keep_checkpoint_every_n_hours = 10000.0;
  absl::optional<std::string> name;
  bool restore_sequentially = false;
  absl::optional<SaverDef> saver_def;
  // Who makes the ops, in the format that it was made for. Null: a
  // BulkSaverBuilder for `write_version`.
  std::shared_ptr<SaverBuilder> builder;
  bool defer_build = false;
  bool allow_empty = false;
  SaverDef::CheckpointFormatVersion write_version = SaverDef::V2;
  bool pad_step_number = false;
  bool save_relative_paths = false;
  absl::optional<std::string> filename;
  // The clock, in seconds since the epoch: what keep_checkpoint_every_n_hours
  // goes by. Null: the system's.
  std::function<double()> now;
  // Where TensorFlow logs ("Restoring parameters from ..."). Null: nowhere.
  LogSink log;
};

struct SaveOptions {
  absl::optional<int64_t> global_step;
  std::string latest_filename = kCheckpointStateFilename;
  std::string meta_graph_suffix = "meta";
  bool write_meta_graph = true;
  bool write_state = true;
  bool strip_default_attrs = false;
  // Beside the .meta file, if one is written: where each node was made, in a
  // file with ".debug" in place of its last extension.
  bool save_debug_info = false;
  bool has_begun = false;  // BeginSave() was called
};

class Saver {
 public:
  // Adds the save and restore ops to the builder's (default) graph, unless
  // options.defer_build. Errors with TensorFlow's classes and texts:
  //   ValueError  "No variables to save", duplicate names, ...
  //   TypeError   a var_list of something else.
  static absl::StatusOr<std::unique_ptr<Saver>> Create(
      Graph* graph, SaverOptions options = {},
      SourceLocation location = SourceLocation::Current());
  ~Saver();

  // For defer_build: builds now, into `graph`.
  absl::Status Build(Graph* graph);

  // What a save checks and logs before it looks at its path and step, for a
  // caller whose step may be wrong: RuntimeError if nothing was built, the
  // warning about V1, ValueError for a latest_filename in a folder.
  absl::Status BeginSave(const std::string& latest_filename) const;
  // Writes the current values; returns the prefix written: `path`, then
  // "-<step>" if there is a step. "" if the Saver is empty (allow_empty). On
  // error, earlier checkpoints stay as they were and stay the latest.
  absl::StatusOr<std::string> Save(Session* session, const std::string& path,
                                   const SaveOptions& options = {});
  // Puts the values back. NotFound with TensorFlow's whole text if a key is
  // missing: no variable is changed then.
  //
  // Of an object-based checkpoint the values are found by their variables'
  // names. The first time this adds the ops of another Saver to `graph` (null:
  // the session's), as TensorFlow adds them to the default graph.
  absl::Status Restore(Session* session, const std::string& path,
                       Graph* graph = nullptr);

  // SaverDef with the names of this Saver's ops; null before Build and for an
  // empty Saver.
  const SaverDef* saver_def() const;
  // Built with allow_empty, over no variables.
  bool is_empty() const;
  // Other names to run, or another max_to_keep, from now on.
  void set_saver_def(const SaverDef& saver_def);
  // saver_def() with names as inside `export_scope` ("": as they are); nullopt
  // if they are not inside it.
  absl::optional<SaverDef> ToProto(absl::string_view export_scope) const;
  std::vector<std::string> last_checkpoints() const;
  void set_last_checkpoints(const std::vector<std::string>& paths);
  // Paths with the times when they were saved, in seconds since the epoch:
  // what keep_checkpoint_every_n_hours goes by.
  void set_last_checkpoints_with_time(
      const std::vector<std::pair<std::string, double>>& checkpoints);
  // set_last_checkpoints_with_time() of those that are there, with the times of
  // their files. NotFound if a folder is missing.
  absl::Status RecoverLastCheckpoints(FileSystem* fs,
                                      const std::vector<std::string>& paths);
  // The keys this Saver handles, sorted; for narration and tests.
  const std::vector<std::string>& keys() const;
  // Where it was built.
  const Traceback& traceback() const;


 private:
  Saver();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_SAVER_H_
