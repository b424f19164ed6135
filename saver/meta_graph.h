// MetaGraphDef: a graph with its collections and SaverDef, the ".meta" file
// beside a checkpoint.
//
// Source: tensorflow/python/framework/meta_graph.py (1.15).
#ifndef RETROGRAPH_SAVER_META_GRAPH_H_
#define RETROGRAPH_SAVER_META_GRAPH_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "checkpoint/checkpoint_state.h"
#include "core/file_system.h"
#include "graph/graph.h"
#include "proto/meta_graph.pb.h"
#include "proto/saver.pb.h"

namespace retrograph {

struct ExportMetaGraphOptions {
  // Null: the meta graph has no saver_def.
  const SaverDef* saver_def = nullptr;
  // Absent: every collection of the graph.
  absl::optional<std::vector<std::string>> collection_list;
  bool clear_devices = false;
  // Leave out attrs that have their default.
  bool strip_default_attrs = false;
  // Collections that cannot be written are left out with a warning.
  LogSink log;
};

// tf.train.export_meta_graph. ValueError if the graph has an op that is not
// registered: "Op x is used by the graph, but is not registered".
absl::StatusOr<MetaGraphDef> ExportMetaGraph(
    const Graph& graph, const ExportMetaGraphOptions& options);

// Writes it in binary, atomically, or as text.
absl::Status WriteMetaGraph(FileSystem* fs, const std::string& path,
                            const MetaGraphDef& meta_graph, bool as_text,
                            bool sync);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_META_GRAPH_H_
