// Ops that the registry does not know: what can be said of their nodes all the
// same.
//
// Internal to graph/. An OpDef that came with the graph (a function's
// signature, the op list of a MetaGraphDef) tells the output types; without
// one, the nodes that take the outputs do.
#ifndef RETROGRAPH_GRAPH_UNKNOWN_OPS_H_
#define RETROGRAPH_GRAPH_UNKNOWN_OPS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "graph/op_registry.h"
#include "graph/op_signature.h"
#include "proto/graph.pb.h"

namespace retrograph {

class UnknownOps {
 public:
  explicit UnknownOps(const OpRegistry* registry) : registry_(registry) {}

  // An OpDef to go by; ignored if it contradicts itself.
  void AddOpDef(const OpDef& def);
  bool HasOpDef(absl::string_view op) const { return defs_.contains(op); }

  // Looks through the graph for what is asked of outputs of unknown ops.
  void LookAtConsumers(const GraphDef& graph_def);

  // The output types of a node of an unknown op; DT_INVALID where nothing is
  // known. Adds the defaults that its OpDef has to `attrs`.
  DataTypeVector OutputTypes(const NodeDef& node, AttrList* attrs) const;

 private:
  void LookAt(const NodeDef& consumer);

  const OpRegistry* registry_;
  absl::flat_hash_map<std::string, std::unique_ptr<OpSignature>> defs_;
  // By node name.
  absl::flat_hash_map<std::string, DataTypeVector> wanted_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_UNKNOWN_OPS_H_
