// Parts of a GraphDef: what some nodes need, what only training needs.
//
// These functions look at messages alone, so they stand here; freezing a
// graph's variables takes a session and is saver/freeze.h.
//
// Source: tensorflow/python/framework/graph_util_impl.py (1.15).
#ifndef RETROGRAPH_GRAPH_GRAPH_UTIL_H_
#define RETROGRAPH_GRAPH_GRAPH_UTIL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/tensor_shape.h"
#include "graph/graph.h"
#include "proto/graph.pb.h"
#include "proto/node_def.pb.h"

namespace retrograph {

// graph_util.extract_sub_graph: the nodes that `dest_nodes` need, through
// inputs, control inputs and colocation, in the order of the graph.
//
// AssertionError "x is not in graph" for one of `dest_nodes`, KeyError for an
// input that is not there.
absl::StatusOr<GraphDef> ExtractSubGraph(
    const GraphDef& graph_def, const std::vector<std::string>& dest_nodes);

// graph_util.remove_training_nodes: without CheckNumerics (whose consumers lose
// that input, as in TensorFlow) and without Identity nodes that no control edge
// touches; the result has neither versions nor library. Identities that are
// each other's input stay (TensorFlow never returns).
GraphDef RemoveTrainingNodes(const GraphDef& graph_def,
                             const std::vector<std::string>& protected_nodes);

// graph_util.must_run_on_cpu.
bool MustRunOnCpu(const NodeDef& node, bool pin_variables_on_cpu);

// graph_util.tensor_shape_from_node_def_name: of "x:1", or "x" for its first
// output. KeyError or ValueError as Graph::GetTensorByName.
absl::StatusOr<PartialTensorShape> TensorShapeFromNodeDefName(
    const Graph& graph, absl::string_view input_name);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_GRAPH_UTIL_H_
