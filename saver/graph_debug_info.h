// Where the nodes of an exported graph were made: the ".debug" file that goes
// beside a ".meta" file when it is asked for.
//
// Source: tensorflow/python/framework/error_interpolation.py (1.15), whose
// stack traces begin in TensorFlow's own files; ours hold the user's frames.
#ifndef RETROGRAPH_SAVER_GRAPH_DEBUG_INFO_H_
#define RETROGRAPH_SAVER_GRAPH_DEBUG_INFO_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/file_system.h"
#include "graph/graph.h"
#include "proto/graph.pb.h"
#include "proto/graph_debug_info.pb.h"

namespace retrograph {

// The frames of each node of `graph_def`, whose names are those in `graph`
// inside `scope`. KeyError if the graph has no such node.
absl::StatusOr<GraphDebugInfo> MakeGraphDebugInfo(const Graph& graph,
                                                  const GraphDef& graph_def,
                                                  absl::string_view scope);

// "d/m.meta" -> "d/m.debug"
std::string DebugFilename(absl::string_view meta_graph_filename);

// Writes it beside the meta graph, in binary or as text.
absl::Status WriteGraphDebugInfo(FileSystem* fs,
                                 absl::string_view meta_graph_filename,
                                 const GraphDebugInfo& info, bool as_text,
                                 bool sync);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_GRAPH_DEBUG_INFO_H_
