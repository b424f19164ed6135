// What a Saver is made of. Internal to saver.cc, which builds and saves, and
// saver_restore.cc.
#ifndef RETROGRAPH_SAVER_SAVER_IMPL_H_
#define RETROGRAPH_SAVER_SAVER_IMPL_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "core/file_system.h"
#include "saver/saved_meta_graph.h"
#include "saver/saver.h"

namespace retrograph {

struct Saver::Impl {
  struct Checkpoint {
    std::string path;
    double time;  // seconds since the epoch
  };

  SaverOptions options;
  Traceback traceback;
  bool is_built = false;
  bool is_empty = false;
  absl::optional<SaverDef> saver_def;
  std::vector<std::string> keys;
  std::vector<Checkpoint> last_checkpoints;
  std::vector<Checkpoint> to_be_deleted;
  double next_checkpoint_time = 0;
  // What was given or found when the ops were made; for object-based
  // checkpoints, which another Saver restores.
  absl::optional<std::vector<Saveable>> var_list;
  std::unique_ptr<Saver> object_based_saver;
  // That this is such a Saver: its names are a checkpoint's keys.
  bool is_object_based = false;

  absl::Status Build(Graph* graph);
  absl::Status BuildOps(Graph* graph);
  absl::StatusOr<std::vector<Saveable>> VarList(const Graph& graph) const;
  absl::Status PrepareObjectBasedSaver(
      Graph* graph, const std::map<std::string, std::string>& names_to_keys);
  absl::Status CheckFilename(const std::string& path,
                             const SaveOptions& save) const;
  std::string CheckpointFile(const std::string& path,
                             const SaveOptions& save) const;
  absl::StatusOr<std::string> RunSave(Session* session,
                                      const std::string& checkpoint_file);
  absl::Status RunRestore(Session* session, const std::string& path);
  void RecordLastCheckpoint(const std::string& path);
  void MaybeDeleteOldCheckpoint(FileSystem* fs,
                                const std::string& meta_graph_suffix);
  absl::StatusOr<std::string> SaveAndRecord(Session* session,
                                            const std::string& path,
                                            const std::string& checkpoint_file,
                                            const SaveOptions& save);
  SavedMetaGraph MakeMeta(Session* session, const std::string& checkpoint_file,
                          const SaveOptions& save) const;
  std::vector<std::string> Paths() const;
};

// Where a session's savers read and write.
inline FileSystem* FileSystemOf(const Session& session) {
  FileSystem* fs = session.options().file_system;
  return fs != nullptr ? fs : FileSystem::Posix();
}

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_SAVER_IMPL_H_
