// import_graph_def: adds the nodes of a GraphDef to a graph.
//
// Ops that the registry does not know: TensorFlow refuses them (NotFound "Op
// type not registered ..."); with `keep_unknown_ops` they are kept as they are
// (a graph with custom ops stays useful): the output types come from their
// attrs where an OpDef in `producer_op_list` tells them, else from what
// consumers ask; DT_INVALID where nobody does. A node that calls a function of
// the graph's library counts as known; the library is kept for export.
//
// As in TensorFlow, the graph's producer version becomes the older one of the
// two graphs', control dependencies of open scopes go to every imported node,
// and devices are merged with those of open scopes.
//
// Source: tensorflow/python/framework/importer.py, graph_constructor.cc.
#ifndef RETROGRAPH_GRAPH_IMPORT_H_
#define RETROGRAPH_GRAPH_IMPORT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "graph/graph.h"
#include "proto/op_def.pb.h"

namespace retrograph {

struct ImportOptions {
  // Prefix of all names, made unique; TensorFlow's default is "import". With
  // "" there is none, and single nodes are renamed where their name is taken.
  std::string name = "import";
  // By the imported graph's names: "a:0", or "^a" for a control input.
  std::vector<std::pair<std::string, Output>> input_map;
  std::vector<std::string> return_elements;
  bool keep_unknown_ops = false;
  const OpList* producer_op_list = nullptr;
  // Compare min_consumer with our version.
  bool validate_versions = true;
};

// The return_elements, in order. On an error no node was added (TensorFlow
// keeps the nodes after the errors of its Python layer: bad devices and keys of
// the input map that are not there).
//
// Errors: ValueError with the importer's texts, NotFound for an unknown op.
absl::StatusOr<std::vector<Graph::Element>> ImportGraphDef(
    Graph* graph, const GraphDef& graph_def, const ImportOptions& options);

// The definitions of ops that the graph's registry does not know, as the
// program that wrote the graph gave them. A meta graph exported later has them
// again.
void KeepForeignOpDefs(Graph* graph, const OpList& ops);
absl::optional<OpDef> FindForeignOpDef(const Graph& graph,
                                       absl::string_view op);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_IMPORT_H_
