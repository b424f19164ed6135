// Graph::Impl: what a Graph is made of, and the steps in which a node comes
// about: allocated, filled in, given its shapes, put into the scopes,
// published.
//
// Internal to graph/. A node that is not published yet belongs to its maker
// and may be given back with Free().
#ifndef RETROGRAPH_GRAPH_GRAPH_IMPL_H_
#define RETROGRAPH_GRAPH_GRAPH_IMPL_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/node_hash_set.h"
#include "absl/types/span.h"
#include "graph/control_flow.h"
#include "graph/graph.h"
#include "graph/name_table.h"
#include "graph/operation_table.h"
#include "graph/scopes.h"
#include "graph/shared_mutex.h"
#include "proto/versions.pb.h"

namespace retrograph {

struct Graph::Impl {
  explicit Impl(Graph* owner) : graph(owner) {}
  ~Impl();

  // ---- Nodes ----
  Operation* Allocate() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  void Free(Operation* op);

  // Type, attrs, inputs and output types, checked; not the name, which the op
  // has already, and nothing of the scopes.
  absl::Status FillIn(Operation* op, NodeSpec* spec);
  // ValueError with TensorFlow's suffix where shapes do not fit.
  static absl::Status InferShapes(Operation* op);
  // Control inputs that the scopes ask for. `scopes` may be null, here and
  // below.
  void AddScopeControlInputs(Operation* op, const GraphScopes* scopes);
  // Device functions, with `device` as what the op itself asks for.
  absl::Status ApplyDevices(Operation* op, const std::string& device,
                            GraphScopes* scopes);
  // Colocation and container.
  void ApplyAttrScopes(Operation* op, const GraphScopes* scopes);
  void SetDevice(Operation* op, const std::string& device);
  // ValueError for a name that is taken; then nothing is published.
  absl::Status Publish(absl::Span<Operation* const> ops);

  static void SetName(Operation* op, std::string name);
  static void SetInput(Operation* op, int index, const Output& input);
  // Each once: one that is there already is left out.
  static void AddControl(Operation* op, Operation* control);
  static void AddControls(Operation* op, absl::Span<Operation* const> controls);
  static void AddOutput(Operation* op, DataType dtype);
  static void SetControls(Operation* op, absl::Span<Operation* const> controls);
  static void SetContext(Operation* op, ControlFlowContext* context);

  // ---- Scopes of this thread ----
  GraphScopes* FindScopes();  // null if there are none
  GraphScopes* MutableScopes();

  const std::string* Intern(absl::string_view text);

  Graph* const graph;
  mutable SharedMutex mu;
  NameTable names ABSL_GUARDED_BY(mu);
  // By index without the lock, by name with it.
  OperationTable operations;
  std::map<std::string, std::vector<CollectionItem>> collections
      ABSL_GUARDED_BY(mu);
  absl::flat_hash_set<Output> unfeedable ABSL_GUARDED_BY(mu);
  // What UpdateInput() replaced, by operation and index.
  absl::flat_hash_set<std::pair<const Operation*, int>> replaced_inputs
      ABSL_GUARDED_BY(mu);
  std::vector<std::shared_ptr<ControlFlowContext>> contexts ABSL_GUARDED_BY(mu);
  VersionDef versions ABSL_GUARDED_BY(mu);
  FunctionDefLibrary library ABSL_GUARDED_BY(mu);
  // Definitions of ops that the registry does not know, by name.
  std::map<std::string, OpDef> foreign_ops ABSL_GUARDED_BY(mu);

 private:
  absl::node_hash_set<std::string> strings_ ABSL_GUARDED_BY(mu);
  absl::flat_hash_map<uint64_t, std::unique_ptr<GraphScopes>> scopes_
      ABSL_GUARDED_BY(mu);
  // Storage for operations, in blocks; places that are free again.
  std::vector<void*> blocks_ ABSL_GUARDED_BY(mu);
  size_t block_used_ ABSL_GUARDED_BY(mu) = 0;
  std::vector<void*> free_ ABSL_GUARDED_BY(mu);
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_GRAPH_IMPL_H_
