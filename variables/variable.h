// Variable: a named value that a session holds: tf.Variable in graph mode.
//
// Two kinds. A ref variable (VariableV2 + Assign + Identity "read") and a
// resource variable (VarHandleOp + VarIsInitializedOp + AssignVariableOp +
// ReadVariableOp). The kind shows in the graph's ops and in what a Saver emits.
//
// A variable registers itself in its collections when it is made; that is what
// a Saver built later reads, and one built earlier never saw.
//
// Source: tensorflow/python/ops/variables.py, resource_variable_ops.py (1.15).
#ifndef RETROGRAPH_VARIABLES_VARIABLE_H_
#define RETROGRAPH_VARIABLES_VARIABLE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "proto/variable.pb.h"

namespace retrograph {

// Where a partition lies in the whole variable.
struct SaveSliceInfo {
  std::string full_name;
  std::vector<int64_t> full_shape;
  std::vector<int64_t> var_offset;
  std::vector<int64_t> var_shape;
  // "4 2 2,2:0,2": what SaveV2 takes.
  std::string spec() const;
};

enum class Synchronization { kAuto, kNone, kOnWrite, kOnRead };
enum class Aggregation { kNone, kSum, kMean, kOnlyFirstReplica };

// A projection that an optimizer applies to the value after an update.
using Constraint = std::function<Output(GraphBuilder&, Output value)>;

struct VariableOptions {
  // Exactly one of the two, unless neither is given (an error with
  // TensorFlow's text: "initial_value must be specified.").
  absl::optional<Input> initial_value;
  // Called inside the variable's "Initializer" name scope, without control
  // dependencies or a device; its nodes are colocated with the variable.
  std::function<Output(GraphBuilder&)> initializer;

  absl::optional<bool> trainable;  // default: unless kOnRead
  // Absent: {GLOBAL_VARIABLES}; TRAINABLE_VARIABLES is added if trainable.
  absl::optional<std::vector<std::string>> collections;
  bool validate_shape = true;
  absl::optional<std::string> caching_device;
  std::string name;             // "": "Variable"
  DataType dtype = DT_INVALID;  // from the initial value
  // What the variable may hold, if not what the initial value says.
  absl::optional<PartialTensorShape> shape;
  absl::optional<bool> use_resource;  // default: the variable scope's, else no
  Constraint constraint;
  Synchronization synchronization = Synchronization::kAuto;
  Aggregation aggregation = Aggregation::kNone;
};

class Variable : public CollectionObject,
                 public std::enable_shared_from_this<Variable> {
 public:
  // tf.Variable(...): follows the name scope. On error the builder has it and
  // the result is null.
  static std::shared_ptr<Variable> Create(GraphBuilder& b,
                                          VariableOptions options);
  // tf.Variable.from_proto: over ops that are in the graph already. Adds
  // nothing to the graph or its collections. Errors are as_graph_element's.
  static absl::StatusOr<std::shared_ptr<Variable>> FromProto(
      Graph* graph, const VariableDef& proto,
      absl::string_view import_scope = "");
  // Without variable_name if the variable is not inside `export_scope` (where
  // TensorFlow returns None).
  VariableDef ToProto(absl::string_view export_scope = "") const;

  std::string TypeName() const override;  // "RefVariable", "ResourceVariable"
  absl::optional<std::string> CollectionName() const override { return name(); }
  bool is_resource() const { return is_resource_; }
  std::string name() const { return handle_.name(); }                // "v:0"
  const std::string& op_name() const { return handle_.op->name(); }  // "v"
  // v.op: the VariableV2 or VarHandleOp node.
  Operation* op() const { return handle_.op; }
  DataType dtype() const { return dtype_; }  // without _ref; see handle()
  const PartialTensorShape& shape() const;
  const std::string& device() const { return handle_.op->device(); }
  Graph* graph() const { return handle_.op->graph(); }
  bool trainable() const { return trainable_; }
  Synchronization synchronization() const { return synchronization_; }
  Aggregation aggregation() const { return aggregation_; }
  const Constraint& constraint() const { return constraint_; }

  // The ref output (ref kind) or the resource handle.
  const Output& handle() const { return handle_; }
  // What VariableDef calls snapshot: "v/read", or for a resource variable the
  // cached value or "v/Read/ReadVariableOp".
  Output snapshot() const { return snapshot_; }
  // What Session.run fetches for the variable: the ref output, or for a
  // resource variable "v/Read/ReadVariableOp".
  Output graph_element() const {
    return is_resource_ ? graph_element_ : handle_;
  }
  // v.value(): the snapshot; for a resource variable without a cached value a
  // new ReadVariableOp.
  Output Value(GraphBuilder& b) const;
  // v.read_value(): a new read, in the current scopes.
  Output ReadValue(GraphBuilder& b) const;
  // As an op's input: the value, or the ref of a ref variable where the op
  // takes one.
  Input AsInput() const;

  Operation* initializer() const { return initializer_; }
  const Output& initial_value() const { return initial_value_; }
  // What initialises the variable from now on; the ops made for it before stay
  // in the graph. An invalid value leaves the initial value as it is. For a ref
  // variable TensorFlow keeps the result of the Assign, not the op.
  void ReplaceInitializer(Operation* initializer, Output initial_value) {
    initializer_ = initializer;
    initializer_is_tensor_ = !is_resource_;
    if (initial_value.valid()) initial_value_ = initial_value;
  }
  // Whether VariableDefs and Python know the initializer as a tensor.
  bool initializer_is_tensor() const { return initializer_is_tensor_; }
  // v.initialized_value().
  Output InitializedValue(GraphBuilder& b) const;
  Output IsInitialized(GraphBuilder& b, absl::string_view name = "") const;

  // v.assign, v.assign_add, v.assign_sub. The result is the updated ref, or
  // for a resource variable the value read after (read_value = true): its last
  // control input is the assignment. ValueError "Shapes (2,) and (3,) are
  // incompatible" for a resource variable, Assign's shape error for a ref one.
  Output Assign(GraphBuilder& b, const Input& value,
                absl::string_view name = "", bool use_locking = false) const;
  Output AssignAdd(GraphBuilder& b, const Input& delta,
                   absl::string_view name = "", bool use_locking = false) const;
  Output AssignSub(GraphBuilder& b, const Input& delta,
                   absl::string_view name = "", bool use_locking = false) const;

  const absl::optional<SaveSliceInfo>& save_slice_info() const {
    return save_slice_info_;
  }
  void set_save_slice_info(SaveSliceInfo info) {
    save_slice_info_ = std::move(info);
  }
  // <tf.Variable 'v:0' shape=(2,) dtype=float32_ref>
  std::string ReprString() const;

 private:
  friend class VariableMaker;  // variable_create.cc
  Variable() = default;
  Output Change(GraphBuilder& b, absl::string_view type, const Input& delta,
                absl::string_view name, bool use_locking) const;
  Output ReadAfter(GraphBuilder& b, Operation* update) const;
  absl::Status TakeResourceProto(const VariableDef& proto,
                                 absl::string_view import_scope);

  bool is_resource_ = false;
  bool trainable_ = true;
  DataType dtype_ = DT_INVALID;
  PartialTensorShape shape_;  // resource kind
  Output handle_;
  Output snapshot_;
  Output graph_element_;  // resource: the read made at construction
  Output initial_value_;
  Operation* initializer_ = nullptr;
  bool initializer_is_tensor_ = false;
  Output cached_value_;  // resource with a caching device
  Constraint constraint_;
  Synchronization synchronization_ = Synchronization::kAuto;
  Aggregation aggregation_ = Aggregation::kNone;
  absl::optional<SaveSliceInfo> save_slice_info_;
};

// A variable in parts along one axis (get_variable with a partitioner).
class PartitionedVariable : public CollectionObject {
 public:
  std::string TypeName() const override { return "PartitionedVariable"; }
  absl::optional<std::string> CollectionName() const override { return name_; }
  const std::string& name() const { return name_; }
  DataType dtype() const { return dtype_; }
  const TensorShape& shape() const { return shape_; }
  const std::vector<std::shared_ptr<Variable>>& parts() const { return parts_; }
  const std::vector<int>& partitions() const { return partitions_; }
  // The concatenation of the parts ("name/ConcatPartitions/concat", then an
  // Identity "name"), made anew with every call and without control inputs.
  Output AsTensor(GraphBuilder& b) const;
  // As an op's input.
  Input AsInput() const;

 private:
  friend class VariableStore;
  std::string name_;
  DataType dtype_ = DT_INVALID;
  TensorShape shape_;
  std::vector<std::shared_ptr<Variable>> parts_;
  std::vector<int> partitions_;
};

// Collections, as variables. Objects of other kinds are skipped. A `scope` is a
// regular expression that the variable's name must match at its start.
std::vector<std::shared_ptr<Variable>> GlobalVariables(const Graph& graph);
std::vector<std::shared_ptr<Variable>> LocalVariables(const Graph& graph);
std::vector<std::shared_ptr<Variable>> TrainableVariables(const Graph& graph);
std::vector<std::shared_ptr<Variable>> VariablesIn(
    const Graph& graph, absl::string_view collection,
    absl::string_view scope = "");

// tf.variables_initializer / global_variables_initializer: op "init".
Operation* VariablesInitializer(
    GraphBuilder& b, const std::vector<std::shared_ptr<Variable>>& variables,
    absl::string_view name = "init");
Operation* GlobalVariablesInitializer(GraphBuilder& b);
Operation* LocalVariablesInitializer(GraphBuilder& b);
// tf.report_uninitialized_variables: a 1-D string tensor of op names. The
// short form looks at the global and the local variables, and if there are none
// at VariableRefs().
Output ReportUninitializedVariables(
    GraphBuilder& b, absl::string_view name = "report_uninitialized_variables");
Output ReportUninitializedVariables(
    GraphBuilder& b, const std::vector<std::shared_ptr<Variable>>& variables,
    absl::string_view name = "report_uninitialized_variables");

// What ops of type Variable, VariableV2 and AutoReloadVariable hold, in whatever
// collection they are: TensorFlow looks at these where no variable is collected.
std::vector<Output> VariableRefs(const Graph& graph);

}  // namespace retrograph

#endif  // RETROGRAPH_VARIABLES_VARIABLE_H_
