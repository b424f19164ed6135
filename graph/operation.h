// Operation: a node of a Graph. Output: one of its results, what Python calls
// a Tensor while a graph is built.
//
// Operations belong to their graph, never move and are never deleted before
// it, so plain pointers to them are valid as long as the graph is.
//
// Threads: an Operation is immutable once it is published, except for output
// shapes (set_shape), which only graph building touches.
#ifndef RETROGRAPH_GRAPH_OPERATION_H_
#define RETROGRAPH_GRAPH_OPERATION_H_

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/dtype.h"
#include "core/tensor.h"
#include "core/tensor_shape.h"
#include "graph/traceback.h"
#include "proto/attr_value.pb.h"
#include "proto/node_def.pb.h"
#include "proto/op_def.pb.h"

namespace retrograph {

class ControlFlowContext;  // control_flow.h
class Graph;
class Operation;
struct OpRegistration;  // op_registry.h

struct Output {
  Operation* op = nullptr;
  int index = 0;

  bool valid() const { return op != nullptr; }
  std::string name() const;  // "a:0"
  DataType dtype() const;    // DT_FLOAT_REF for a ref variable's output
  const PartialTensorShape& shape() const;
  Graph* graph() const;
  // tf.Tensor's str(): Tensor("a:0", shape=(), dtype=int32). The shape is left
  // out if nothing is known of it.
  std::string DebugString() const;
  // tf.Tensor's repr(): <tf.Tensor 'a:0' shape=() dtype=int32>.
  std::string ReprString() const;

  friend bool operator==(const Output& a, const Output& b) {
    return a.op == b.op && a.index == b.index;
  }
  friend bool operator!=(const Output& a, const Output& b) { return !(a == b); }
  template <typename H>
  friend H AbslHashValue(H h, const Output& o) {
    return H::combine(std::move(h), o.op, o.index);
  }
};

// What is known of the value behind a DT_RESOURCE output: a variable's dtype
// and shape.
struct HandleData {
  DataType dtype = DT_INVALID;
  PartialTensorShape shape;
};

using AttrList = std::vector<std::pair<std::string, AttrValue>>;

class Operation {
 public:
  Graph* graph() const { return graph_; }
  int id() const { return id_; }  // 1, 2, ... in order of creation (TF's _id)
  const std::string& name() const { return name_; }
  const std::string& type() const { return *type_; }
  // Null for an op that the registry does not know.
  const OpRegistration* registration() const { return registration_; }
  // As NodeDef.device; "" if none was asked for.
  const std::string& device() const { return *device_; }

  int num_inputs() const { return static_cast<int>(inputs_.size()); }
  const Output& input(int i) const { return inputs_[i]; }
  absl::Span<const Output> inputs() const { return inputs_; }
  // In the order they were given; NodeDefs list them sorted by name.
  absl::Span<Operation* const> control_inputs() const {
    return control_inputs_;
  }

  int num_outputs() const { return static_cast<int>(output_types_.size()); }
  DataType output_type(int i) const { return output_types_[i]; }
  const PartialTensorShape& output_shape(int i) const {
    return output_shapes_[i];
  }
  Output output(int i = 0) { return Output{this, i}; }
  // Null unless output i is a resource of a known kind.
  const HandleData* handle_data(int i) const;

  // Merges `shape` into what is known of output i; ValueError with TF's text
  // if they contradict each other.
  absl::Status MergeOutputShape(int i, const PartialTensorShape& shape);
  void OverwriteOutputShape(int i, PartialTensorShape shape);
  void SetHandleData(int i, HandleData data);

  // The branch of a cond or the loop that the op belongs to; null outside. An
  // Exit belongs to the loop that it leaves.
  ControlFlowContext* control_flow_context() const { return context_; }

  // Sorted by name. Defaults included.
  const AttrList& attrs() const { return attrs_; }
  const AttrValue* FindAttr(absl::string_view name) const;
  // Sets or replaces an attr after creation (Operation._set_attr).
  void SetAttr(absl::string_view name, AttrValue value);

  // Typed access: ValueError "Operation 'a' has no attr named 'x'." if absent;
  // InvalidArgument if it is of another kind.
  absl::Status GetAttr(absl::string_view name, DataType* value) const;
  absl::Status GetAttr(absl::string_view name, int64_t* value) const;
  absl::Status GetAttr(absl::string_view name, bool* value) const;
  absl::Status GetAttr(absl::string_view name, float* value) const;
  absl::Status GetAttr(absl::string_view name, std::string* value) const;
  absl::Status GetAttr(absl::string_view name, PartialTensorShape* value) const;
  absl::Status GetAttr(absl::string_view name, Tensor* value) const;
  absl::Status GetAttr(absl::string_view name, DataTypeVector* value) const;
  absl::Status GetAttr(absl::string_view name, std::vector<int64_t>* v) const;
  absl::Status GetAttr(absl::string_view name,
                       std::vector<std::string>* value) const;

  // "loc:@x" entries of the _class attr, without the prefix; the op's own name
  // if there are none.
  std::vector<std::string> ColocationGroups() const;

  const Traceback& traceback() const { return traceback_; }
  void ToNodeDef(NodeDef* node_def) const;
  NodeDef node_def() const;

 private:
  friend class Graph;
  // Graphs make operations.
  Operation() = default;
  ~Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  // A million nodes fit into a gigabyte: no heap blocks for what is small,
  // strings that repeat belong to the graph.
  Graph* graph_ = nullptr;
  std::string name_;
  const std::string* type_ = nullptr;
  const std::string* device_ = nullptr;
  const OpRegistration* registration_ = nullptr;
  absl::InlinedVector<Output, 2> inputs_;
  absl::InlinedVector<Operation*, 2> control_inputs_;
  absl::InlinedVector<DataType, 4> output_types_;
  absl::InlinedVector<PartialTensorShape, 1> output_shapes_;
  std::unique_ptr<std::vector<std::pair<int, HandleData>>> handle_data_;
  AttrList attrs_;
  Traceback traceback_;
  int id_ = 0;
  std::atomic<bool> fetchable_{true};
  ControlFlowContext* context_ = nullptr;
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_OPERATION_H_
