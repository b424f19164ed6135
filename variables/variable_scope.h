// variable_scope and get_variable: variables found again by name.
//
// The variable store belongs to the graph. get_variable's names follow the
// variable scope, not the name scope.
//
// Source: tensorflow/python/ops/variable_scope.py (1.15).
#ifndef RETROGRAPH_VARIABLES_VARIABLE_SCOPE_H_
#define RETROGRAPH_VARIABLES_VARIABLE_SCOPE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "variables/initializers.h"
#include "variables/variable.h"

namespace retrograph {

enum class Reuse { kNo, kYes, kAuto };  // False/None, True, tf.AUTO_REUSE

// How many parts along each axis.
using Partitioner = std::function<absl::StatusOr<std::vector<int>>(
    const TensorShape& shape, DataType dtype)>;
Partitioner FixedSizePartitioner(int num_shards, int axis = 0);
Partitioner VariableAxisSizePartitioner(
    int64_t max_shard_bytes, int axis = 0,
    int64_t bytes_per_string_element = 16,
    absl::optional<int64_t> max_shards = absl::nullopt);
Partitioner MinMaxVariablePartitioner(int64_t max_partitions = 1, int axis = 0,
                                      int64_t min_slice_size = 256 << 10,
                                      int64_t bytes_per_string_element = 16);

// A penalty on a variable: called once for a new one (for each part), in the
// scope "NAME/Regularizer/" and colocated with it. What it returns goes to the
// collection REGULARIZATION_LOSSES; an invalid Output means none.
using Regularizer =
    std::function<Output(GraphBuilder&, const Variable& variable)>;

struct GetVariableOptions;
// What get_variable returns. Exactly one is set; none after an error.
struct GotVariable {
  std::shared_ptr<Variable> variable;
  std::shared_ptr<PartitionedVariable> partitioned;
};
using GetVariableFn =
    std::function<GotVariable(GraphBuilder&, GetVariableOptions)>;
// Called with the getter to call on. The options are complete then: the name
// has the scope's prefix, the scope's defaults and `reuse` are filled in.
using CustomGetter = std::function<GotVariable(
    GetVariableFn getter, GraphBuilder&, GetVariableOptions)>;

struct GetVariableOptions {
  std::string name;
  absl::optional<PartialTensorShape> shape;
  DataType dtype = DT_INVALID;  // the scope's, else float
  // At most one of the two; neither: the scope's, else the default of the
  // dtype (glorot_uniform for floats, zeros for integers and bool).
  absl::optional<Initializer> initializer;
  absl::optional<Input> initial_value;  // initializer given as a tensor/value
  Regularizer regularizer;
  absl::optional<bool> trainable;
  absl::optional<std::vector<std::string>> collections;
  absl::optional<std::string> caching_device;
  Partitioner partitioner;
  bool validate_shape = true;
  absl::optional<bool> use_resource;
  Constraint constraint;
  CustomGetter custom_getter;  // instead of the scope's
  Synchronization synchronization = Synchronization::kAuto;
  Aggregation aggregation = Aggregation::kNone;
  absl::optional<Reuse> reuse;  // nothing: the scope's
};

struct VariableScopeOptions {
  // name_or_scope: the name to open under the current scope, or the scope to
  // re-enter. Without either, default_name is made unique and opened.
  absl::optional<std::string> name;
  const class VariableScope* scope = nullptr;
  absl::optional<std::string> default_name;
  absl::optional<Reuse> reuse;  // nothing or kNo: inherit
  absl::optional<Initializer> initializer;
  Regularizer regularizer;
  absl::optional<std::string> caching_device;
  Partitioner partitioner;
  CustomGetter custom_getter;
  DataType dtype = DT_INVALID;
  absl::optional<bool> use_resource;
  Constraint constraint;  // not inherited, as in TensorFlow
  // Whether ops get a name scope of their own too.
  bool auxiliary_name_scope = true;
};

// The settings in force: tf.get_variable_scope(). A plain value: copy it to
// re-enter it after it was left.
class VariableScope {
 public:
  std::string name;                 // "a/b"
  std::string original_name_scope;  // "a/b/"
  Reuse reuse = Reuse::kNo;
  absl::optional<Initializer> initializer;
  Regularizer regularizer;
  absl::optional<std::string> caching_device;
  Partitioner partitioner;
  CustomGetter custom_getter;
  DataType dtype = DT_FLOAT;
  absl::optional<bool> use_resource;
  Constraint constraint;
};

// The innermost scope of this thread and graph; may be changed in place
// (reuse_variables is `->reuse = Reuse::kYes`; set_initializer, ...). Valid
// until the scope is left.
VariableScope* CurrentVariableScope(Graph* graph);

// with tf.variable_scope(...): lives as long as the scope. Errors (ValueError
// with TensorFlow's texts) go to the builder and leave the scope unentered.
class ScopedVariableScope {
 public:
  ScopedVariableScope(GraphBuilder& b, VariableScopeOptions options);
  ~ScopedVariableScope();
  VariableScope* scope() const { return scope_; }  // null after an error
  ScopedVariableScope(const ScopedVariableScope&) = delete;
  ScopedVariableScope& operator=(const ScopedVariableScope&) = delete;

 private:
  std::shared_ptr<Graph> graph_;
  VariableScope* scope_ = nullptr;
  bool entered_name_scope_ = false;
  bool reentered_ = false;                 // a scope object, not a name
  std::map<std::string, int> old_counts_;  // what re-entering puts back
};

// What get_variable has made in a graph, by full name; of a partitioned variable
// the parts ("v/part_0").
std::map<std::string, std::shared_ptr<Variable>> StoredVariables(Graph* graph);

// tf.get_variable. Errors (ValueError with TensorFlow's texts: "Variable v
// already exists, disallowed. ...") go to the builder.
GotVariable GetVariable(GraphBuilder& b, GetVariableOptions options);
// tf.get_local_variable: in the collection LOCAL_VARIABLES, not trainable.
GotVariable GetLocalVariable(GraphBuilder& b, GetVariableOptions options);

}  // namespace retrograph

#endif  // RETROGRAPH_VARIABLES_VARIABLE_SCOPE_H_
