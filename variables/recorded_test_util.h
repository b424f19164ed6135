// Compares the graphs that a test builds with those TensorFlow 1.15 built, as
// testdata/record.py wrote them down: one line a node, then the collections,
// then what the case said.
#ifndef RETROGRAPH_VARIABLES_RECORDED_TEST_UTIL_H_
#define RETROGRAPH_VARIABLES_RECORDED_TEST_UTIL_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "ops/builders.h"
#include "variables/variable.h"
#include "variables/variable_scope.h"

namespace retrograph {

// What a case of recorded_test builds into and says.
class Recorder {
 public:
  Recorder() : graph_(Graph::Create()), b(graph_.get()) {}

  Graph* graph() { return graph_.get(); }
  void Say(absl::string_view text);
  void SayBool(bool value) { Say(value ? "True" : "False"); }
  // Runs `body` with a builder of its own and says what went wrong.
  void Fails(absl::string_view label,
             const std::function<void(GraphBuilder&)>& body);
  // Everything, in the form of recorded.txt.
  std::vector<std::string> Lines() const;

 private:
  std::shared_ptr<Graph> graph_;
  std::vector<std::string> said_;

 public:
  GraphBuilder b;
};

// Runs a case and expects the lines that are recorded under its name.
void ExpectRecorded(const std::string& name, void (*run)(Recorder&));

// ---- What the cases are written with ----

using Var = std::shared_ptr<Variable>;

inline Tensor Floats(std::vector<float> values) {
  return Tensor::Vector<float>(values);
}
inline Tensor Ints(std::vector<int32_t> values) {
  return Tensor::Vector<int32_t>(values);
}

inline VariableOptions Named(const std::string& name) {
  VariableOptions options;
  options.name = name;
  return options;
}

inline Var MakeVar(GraphBuilder& b, Input value, VariableOptions options) {
  options.initial_value = std::move(value);
  return Variable::Create(b, std::move(options));
}
inline Var MakeVar(GraphBuilder& b, Input value, const std::string& name = "",
                   bool use_resource = false) {
  VariableOptions options = Named(name);
  options.use_resource = use_resource;
  return MakeVar(b, std::move(value), options);
}

inline GetVariableOptions Get(const std::string& name,
                              absl::optional<PartialTensorShape> shape = {},
                              DataType dtype = DT_INVALID) {
  GetVariableOptions options;
  options.name = name;
  options.shape = std::move(shape);
  options.dtype = dtype;
  return options;
}
inline GetVariableOptions Get(const std::string& name, PartialTensorShape shape,
                              Initializer initializer,
                              DataType dtype = DT_INVALID) {
  GetVariableOptions options = Get(name, std::move(shape), dtype);
  options.initializer = std::move(initializer);
  return options;
}

inline VariableScopeOptions Scope(const std::string& name,
                                  absl::optional<Reuse> reuse = {}) {
  VariableScopeOptions options;
  options.name = name;
  options.reuse = reuse;
  return options;
}
inline VariableScopeOptions Scope(const VariableScope& scope,
                                  absl::optional<Reuse> reuse = {}) {
  VariableScopeOptions options;
  options.scope = &scope;
  options.reuse = reuse;
  return options;
}
inline VariableScopeOptions DefaultScope(const std::string& name) {
  VariableScopeOptions options;
  options.default_name = name;
  return options;
}

// An initialiser that is just a function: tf.Variable(lambda: ...).
inline std::function<Output(GraphBuilder&)> ZerosOf(TensorShape shape) {
  return [=](GraphBuilder& b) { return Zeros(b, shape, DT_FLOAT); };
}
inline std::function<Output(GraphBuilder&)> OnesOf(TensorShape shape) {
  return [=](GraphBuilder& b) { return Ones(b, shape, DT_FLOAT); };
}

}  // namespace retrograph

#endif  // RETROGRAPH_VARIABLES_RECORDED_TEST_UTIL_H_
