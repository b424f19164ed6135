// import_graph_def: adds the nodes of a GraphDef to a graph.
//
// Ops that the registry does not know: TensorFlow refuses them (NotFound "Op
// type not registered ..."); with `keep_unknown_ops` they are kept as they are
// (a graph with custom ops stays useful): the output types come from their
// attrs where an OpDef in `op_list` tells them, else from what consumers ask.
//
// Source: tensorflow/python/framework/importer.py, graph_constructor.cc.
#ifndef RETROGRAPH_GRAPH_IMPORT_H_
#define RETROGRAPH_GRAPH_IMPORT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "graph/graph.h"
#include "proto/op_def.pb.h"

namespace retrograph {

struct ImportOptions {
  // Prefix of all names; TensorFlow's default is "import". "" for none.
  std::string name = "import";
  std::vector<std::pair<std::string, Output>> input_map;
  std::vector<std::string> return_elements;
  bool keep_unknown_ops = false;
  const OpList* producer_op_list = nullptr;
  // Compare min_consumer with our version.
  bool validate_versions = true;
};

// The return_elements, in order. On an error the graph is as it was.
absl::StatusOr<std::vector<Graph::Element>> ImportGraphDef(
    Graph* graph, const GraphDef& graph_def, const ImportOptions& options);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_IMPORT_H_
