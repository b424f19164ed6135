// The .meta file of a save. It is made before the data is written, since what
// has to happen then depends on whether it changes, and written afterwards.
//
// Example:
//   SavedMetaGraph meta(fs, "/d/m.meta", graph, options, false);
//   if (meta.ReplacesAnother()) ...
//   RG_RETURN_IF_ERROR(meta.Write(commit_options));
#ifndef RETROGRAPH_SAVER_SAVED_META_GRAPH_H_
#define RETROGRAPH_SAVER_SAVED_META_GRAPH_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "checkpoint/checkpoint_state.h"
#include "checkpoint/folder_turn.h"
#include "core/file_system.h"
#include "graph/graph.h"
#include "proto/graph_debug_info.pb.h"
#include "saver/meta_graph.h"

namespace retrograph {

class SavedMetaGraph {
 public:
  // Exports the graph; Write() tells of errors, and logs. With debug info, a
  // ".debug" file is written, too.
  SavedMetaGraph(FileSystem* fs, std::string path, Graph* graph,
                 ExportMetaGraphOptions options, bool with_debug_info);

  // Whether there is a file at the path that says something else.
  bool ReplacesAnother() const;

  // Writes the file, in the turn of options.owner if that has one. Logs the
  // first time.
  absl::Status Write(const CommitOptions& options);

  const std::string& path() const { return path_; }

 private:
  absl::Status Export(Graph* graph, const ExportMetaGraphOptions& options,
                      bool with_debug_info);

  FileSystem* fs_;
  std::string path_;
  LogSink log_;
  std::vector<std::pair<LogLevel, std::string>> logged_;
  absl::Status exported_;
  std::string bytes_;
  absl::optional<GraphDebugInfo> debug_info_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_SAVED_META_GRAPH_H_
