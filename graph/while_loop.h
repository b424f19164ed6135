// WhileLoop: tf.while_loop, built step by step.
//
// Adds an Enter, a Merge, a Switch, a NextIteration and an Exit for each loop
// variable around the condition's and the body's nodes, which are made in a
// WhileContext, under TensorFlow's names in the current name scope. A loop that
// is in no other context goes into the collection "while_context".
//
// Example (BuildWhileLoop does this in one call):
//   RG_ASSIGN_OR_RETURN(auto loop, WhileLoop::Create(graph, {0}, nullopt, {}));
//   Output go_on = b.Op("Less", {loop->condition_vars()[0], 10});
//   RG_RETURN_IF_ERROR(loop->SetCondition(go_on));
//   Output next = b.Op("Add", {loop->body_vars()[0], 1});
//   RG_ASSIGN_OR_RETURN(std::vector<Output> results, loop->Finish({next}));
//
// After Create() new ops belong to the loop, until Finish() or Abandon().
//
// Ownership: keeps the graph alive. Threads: one, graph building.
//
// Source: tf.while_loop of tensorflow/python/ops/control_flow_ops.py.
#ifndef RETROGRAPH_GRAPH_WHILE_LOOP_H_
#define RETROGRAPH_GRAPH_WHILE_LOOP_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "graph/builder.h"
#include "graph/control_flow.h"

namespace retrograph {

class WhileLoop {
 public:
  // Shapes are what stays the same over all iterations: the variables' own
  // shapes unless `shape_invariants` says otherwise.
  //
  // Errors: ValueError for a variable that does not fit its invariant.
  static absl::StatusOr<std::unique_ptr<WhileLoop>> Create(
      Graph* graph, const std::vector<Input>& loop_vars,
      const absl::optional<std::vector<PartialTensorShape>>& shape_invariants,
      const WhileOptions& options,
      SourceLocation location = SourceLocation::Current());

  const std::vector<Output>& condition_vars() const { return merges_; }
  absl::Status SetCondition(const Input& condition);
  const std::vector<Output>& body_vars() const { return body_vars_; }
  // What the variables are after the loop, whose next values are `results`.
  // Leaves the loop, also after an error.
  //
  // Errors: ValueError if there are not as many results as variables, or the
  // shape of one is more general than the invariant.
  absl::StatusOr<std::vector<Output>> Finish(const std::vector<Input>& results);
  // Leaves the loop unfinished, after an error of the condition or the body.
  void Abandon();

 private:
  WhileLoop(Graph* graph, SourceLocation location) : b_(graph, location) {}
  absl::Status AddEnters(const std::vector<Output>& loop_vars,
                         const std::vector<PartialTensorShape>& shapes);
  absl::Status AddBackEdge(const Output& merge, const Output& value);
  absl::StatusOr<std::vector<Output>> AddExits(
      const std::vector<Input>& results);

  GraphBuilder b_;
  std::shared_ptr<WhileContext> context_;
  std::vector<Output> merges_;
  std::vector<Operation*> switches_;
  std::vector<Output> body_vars_;
};

// The whole of it in a name scope of its own. The functions may use `b`, and
// are called once each. `loop_vars` must not be empty (ValueError).
std::vector<Output> BuildWhileLoop(
    GraphBuilder& b,
    const std::function<Input(const std::vector<Output>&)>& condition,
    const std::function<std::vector<Input>(const std::vector<Output>&)>& body,
    const std::vector<Input>& loop_vars, const WhileOptions& options = {},
    absl::string_view name = "while");

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_WHILE_LOOP_H_
