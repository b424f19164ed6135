// MetaGraphDef: a graph with its collections and SaverDef, the ".meta" file
// beside a checkpoint. This is how it is made and kept in a file;
// meta_graph_import.h makes a graph of it again.
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
#include "google/protobuf/arena.h"
#include "graph/graph.h"
#include "proto/meta_graph.pb.h"
#include "proto/op_def.pb.h"
#include "proto/saver.pb.h"

namespace retrograph {

struct ExportMetaGraphOptions {
  // Null: the meta graph has no saver_def.
  const SaverDef* saver_def = nullptr;
  // Null: the graph's own.
  const GraphDef* graph_def = nullptr;
  // What the meta graph says of itself; versions are filled in, and the
  // stripped op list if it has none.
  const MetaGraphDef::MetaInfoDef* meta_info_def = nullptr;
  // Absent: every collection of the graph.
  absl::optional<std::vector<std::string>> collection_list;
  // Only nodes whose names begin so, without that scope. Inputs from outside
  // begin with kUnboundInputPrefix then.
  std::string export_scope;
  // The collection that lists those inputs, in the graph and in the meta graph.
  // "": none is written.
  std::string unbound_inputs_collection = "unbound_inputs";
  bool clear_devices = false;
  // Leave out the nodes and SaverDefs of all Savers but saver_def's. A Saver's
  // nodes are those in the name scope of a save or restore op.
  bool clear_extraneous_savers = false;
  // Leave out attrs that have their default.
  bool strip_default_attrs = false;
  // Collections that cannot be written are left out with a warning.
  LogSink log;
};

// tf.train.export_meta_graph. ValueError if the graph has an op that is not
// registered: "Op x is used by the graph, but is not registered"; those that an
// import brought with their definitions count as registered.
absl::StatusOr<MetaGraphDef> ExportMetaGraph(
    Graph* graph, const ExportMetaGraphOptions& options);
// The same into an empty message, which on an arena takes half the time.
absl::Status ExportMetaGraph(Graph* graph,
                             const ExportMetaGraphOptions& options,
                             MetaGraphDef* meta_graph);

// The same as the bytes of a ".meta" file, which for a whole graph takes a
// fraction of the time: no message is made of a node.
absl::StatusOr<std::string> ExportMetaGraphBytes(
    Graph* graph, const ExportMetaGraphOptions& options);

// meta_graph.ops_used_by_graph_def: the op types of its nodes and of its
// functions' nodes, sorted, without the functions.
std::vector<std::string> OpsUsedByGraphDef(const GraphDef& graph_def);
// meta_graph.stripped_op_list_for_graph: their definitions, from the graph's
// registry or its imports. ValueError as ExportMetaGraph.
absl::StatusOr<OpList> StrippedOpList(const GraphDef& graph_def,
                                      const Graph& graph);

// Writes it in binary, atomically, or as Python's text. Makes the folder. Waits
// for savers in it, other than `owner` (see CommitOptions).
absl::Status WriteMetaGraph(FileSystem* fs, const std::string& path,
                            const MetaGraphDef& meta_graph, bool as_text,
                            bool sync, const void* owner = nullptr);

// The same of one that was made into bytes before.
absl::Status WriteMetaGraphBytes(FileSystem* fs, const std::string& path,
                                 absl::string_view bytes, bool sync,
                                 const void* owner);

// Reads a binary or a text file. OSError "File x does not exist." or "Cannot
// parse file x: ..."; UnicodeDecodeError where it is neither message nor text.
absl::StatusOr<MetaGraphDef> ReadMetaGraph(FileSystem* fs,
                                           const std::string& path);
// The same, into an empty message: on an arena, which is faster.
absl::Status ReadMetaGraph(FileSystem* fs, const std::string& path,
                           MetaGraphDef* meta_graph);
// The same as bytes, which are those of a binary file.
absl::StatusOr<std::string> ReadMetaGraphBytes(FileSystem* fs,
                                               const std::string& path);

// For messages of very many parts.
google::protobuf::ArenaOptions LargeArena();

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_META_GRAPH_H_
