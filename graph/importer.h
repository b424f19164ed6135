// Importer: one call of ImportGraphDef.
//
// Nodes are made in the order TensorFlow makes them, off to the side: until
// all of them are good nobody sees any, and an error leaves the graph as it
// was. The texts are those of TensorFlow's C++ importer, then those of the
// Python layer, in the order in which these look.
//
// Internal to graph/.
#ifndef RETROGRAPH_GRAPH_IMPORTER_H_
#define RETROGRAPH_GRAPH_IMPORTER_H_

#include <functional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "graph/graph_impl.h"
#include "graph/import.h"
#include "graph/tensor_id.h"
#include "graph/unknown_ops.h"

namespace retrograph {

class Importer {
 public:
  Importer(Graph* graph, const GraphDef& graph_def,
           const ImportOptions& options);
  ~Importer();

  absl::StatusOr<std::vector<Graph::Element>> Run();

  // What foreign_ops.cc works on.
  static Graph::Impl& ImplOf(const Graph& graph) { return *graph.impl_; }

 private:
  struct BackEdge {
    Operation* op;
    int input;  // -1: the source is a control input
    TensorId source;
  };

  absl::Status CheckVersions() const;
  absl::Status ReadInputMap();
  absl::Status IndexNodes();
  absl::Status CountInputs();
  absl::Status MakeNodes();
  absl::Status AddBackEdges();
  absl::Status FindReturnElements();
  absl::Status CheckInputMapUsed() const;
  // What the Python layer does with new ops: scopes and devices.
  absl::Status ApplyScopes();
  absl::Status PlaceColocated(Operation* op);
  absl::Status Publish();

  absl::Status MakeNode(int index);
  absl::Status CheckColocation(const NodeDef& node) const;
  // The inputs of a node: made, mapped, or stand-ins for back edges, which are
  // noted in `back_edges` by input (-1: a control input, which has none).
  absl::Status FindInputs(int index, NodeSpec* spec,
                          std::vector<std::pair<int, TensorId>>* back_edges);
  Operation* StandIn(const NodeDef& merge);
  // Sorted by name.
  AttrList AttrsOf(const NodeDef& node,
                   const OpRegistration* registration) const;
  bool IsProducersDefault(const NodeDef& node, const std::string& attr,
                          const AttrValue& value) const;
  // Nothing is left of _output_shapes but the shapes themselves.
  absl::Status TakeOutputShapes(const NodeDef& node, const AttrValue& shapes,
                                Operation* op);
  std::string NewName(const std::string& name);
  bool NameIsTaken(absl::string_view name) const;
  void RenameColocations();
  const Operation* FindByNewName(absl::string_view name);
  // The op made of the node of a name; null if none has it, or has it yet.
  Operation* MadeOf(absl::string_view name) const {
    const auto it = nodes_.find(name);
    return it == nodes_.end() ? nullptr : made_[it->second];
  }
  void MarkDone(int index);

  Graph* const graph_;
  Graph::Impl* const impl_;
  const GraphDef& graph_def_;
  const ImportOptions& options_;
  std::string prefix_;  // "import/", or ""
  GraphScopes* scopes_ = nullptr;
  UnknownOps unknown_;

  absl::flat_hash_map<TensorId, Output> input_map_;
  absl::flat_hash_map<TensorId, Operation*> control_map_;
  absl::flat_hash_set<TensorId> used_keys_;

  absl::flat_hash_map<absl::string_view, int> nodes_;
  std::vector<Operation*> made_;  // by the node's index; null until it is made
  absl::flat_hash_map<absl::string_view, const OpDef*> producer_ops_;
  // Sorted, if the graph has operations already: the names that come, and those
  // that are there. The scopes in them are looked up here, for a list of scopes
  // may take the square of the names' lengths.
  std::vector<absl::string_view> node_names_;
  std::vector<std::string> existing_names_;
  absl::flat_hash_map<std::string, std::string> renamed_;

  // What each input of each node comes from: a node's index, or -1 where it is
  // mapped. Those of node i begin at first_input_[i].
  std::vector<int> sources_;
  std::vector<size_t> first_input_;
  std::vector<int> pending_;
  std::vector<std::vector<int>> consumers_;
  // The lowest first.
  std::priority_queue<int, std::vector<int>, std::greater<int>> ready_;

  std::vector<Operation*> ops_;  // in order of creation
  std::vector<const std::string*> devices_;
  absl::flat_hash_map<absl::string_view, const Operation*> by_new_name_;
  std::vector<Operation*> stand_ins_;
  std::vector<BackEdge> back_edges_;
  std::vector<Graph::Element> return_elements_;
  bool published_ = false;
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_IMPORTER_H_
