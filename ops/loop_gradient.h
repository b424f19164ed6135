// GradientLoop: the loop that goes back through a while_loop for tf.gradients.
//
// The forward loop gets a counter of its iterations; the backward loop counts
// down from there. Whatever of an iteration the backward loop asks for (the
// loop contexts notice that, see LoopGradient in graph/control_flow.h) the
// forward loop pushes on a stack, from which the backward loop pops it. Control
// edges to the counters, or to a ControlTrigger before them (f_sync, b_sync)
// for what is in a branch, keep pushes and pops in the order of iterations.
//
// Made by gradients/loop_state.h; control_flow_gradients.cc uses it.
//
// Ownership: the backward loop's context owns it. Threads: graph building.
// Source: tensorflow/python/ops/control_flow_state.py, control_flow_ops.py.
#ifndef RETROGRAPH_OPS_LOOP_GRADIENT_H_
#define RETROGRAPH_OPS_LOOP_GRADIENT_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "graph/builder.h"
#include "graph/control_flow.h"
#include "ops/gradient.h"

namespace retrograph {

// Makes `context` the current one, if it is one, for the life of the object.
class InContext {
 public:
  InContext(Graph* graph, ControlFlowContext* context)
      : graph_(context == nullptr ? nullptr : graph) {
    if (context != nullptr) context->EnterAgain();
  }
  ~InContext() {
    if (graph_ != nullptr) graph_->ExitControlFlowContext();
  }
  InContext(const InContext&) = delete;
  InContext& operator=(const InContext&) = delete;

 private:
  Graph* graph_;
};

class GradientLoop final : public LoopGradient {
 public:
  // Adds both counters. `outer` is that of the loop around `forward`, or null.
  static absl::StatusOr<std::shared_ptr<GradientLoop>> Create(
      WhileContext* forward, GradientLoop* outer);
  // Of the current context; null if that is no loop that goes back.
  static GradientLoop* Current(const Graph* graph);

  WhileContext* forward_context() const override { return forward_; }
  WhileContext* backward_context() const { return backward_; }

  // `value` of the forward loop, in the iteration gone back through. From the
  // backward loop.
  absl::StatusOr<Output> RealValue(const Output& value) override;
  // The predicate of a cond in the forward loop, likewise.
  absl::StatusOr<Output> RealPredicate(const Output& pred);
  // A stack of what `value` is in each iteration. From where gradients are
  // asked for. `on_dead_branch`: the value is of the branch not taken.
  absl::StatusOr<Output> AddStack(const Output& value,
                                  bool on_dead_branch = false);
  // The top of that stack, in the backward loop.
  absl::StatusOr<Output> AddPop(const Output& stack, const Output& value,
                                bool on_dead_branch = false);
  // The sum of `gradient` over the iterations, for an invariant that came in
  // by `enter`. From the backward loop, after which it is left and entered.
  absl::StatusOr<Gradient> AddAccumulator(Operation* enter,
                                          const Gradient& gradient);
  // What is known of the values asked for; invalid if nothing is.
  Output FindReal(const Output& value) const;

  // The Merge that a Switch of the forward loop became, in order of creation;
  // invalid if it has not been visited.
  Output FindMerge(const Operation* switch_op) const;
  void AddMerge(Operation* switch_op, const Output& merge) {
    merges_.emplace_back(switch_op, merge);
  }
  const std::vector<std::pair<Operation*, Output>>& merges() const {
    return merges_;
  }

  // The exits of the forward loop, and which of them wait to be visited.
  const std::vector<Output>& forward_exits() const { return forward_exits_; }
  int pending_exits = 0;
  std::vector<Output> unused_exits;
  std::vector<Output> deferred_exits;

 private:
  GradientLoop(WhileContext* forward, GradientLoop* outer);
  absl::StatusOr<Output> AddForwardCounter();
  absl::Status AddBackwardCounter(const Output& count);
  absl::StatusOr<Output> AddPush(const Output& stack, const Output& value,
                                 bool on_dead_branch);
  // The branch of a cond that `value` is in, within the stack's context.
  static CondContext* BranchOf(const Output& stack, const Output& value);
  absl::StatusOr<Operation*> ForwardSync();
  absl::StatusOr<Operation*> BackwardSync();
  absl::StatusOr<Output> AccumulatorStart(Operation* enter,
                                          const Output& gradient);
  absl::StatusOr<Gradient> AddTensorAccumulator(Operation* enter,
                                                const Output& gradient);
  absl::StatusOr<Gradient> AddRowsAccumulator(Operation* enter,
                                              const IndexedSlices& rows);

  Graph* const graph_;
  WhileContext* const forward_;
  GradientLoop* const outer_;
  WhileContext* backward_ = nullptr;
  Output forward_index_;   // the NextIteration of the counter
  Output backward_index_;
  Operation* forward_sync_ = nullptr;
  Operation* backward_sync_ = nullptr;
  std::map<std::string, Output> real_values_;  // by name
  std::vector<std::pair<Operation*, Output>> merges_;
  std::vector<Output> forward_exits_;
};

// ---- Parts that gradients of loops are made of ----

Output SwitchSide(GraphBuilder& b, const Input& data, const Input& pred,
                  int side);
Output MergeBoth(GraphBuilder& b, const Output& first, const Output& second,
                 absl::string_view name = "Merge");
bool IsLoopExit(const Operation* op);
// A Switch of a loop variable.
bool IsLoopSwitch(const Operation* op);
bool IsSwitchOp(const Operation* op);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_LOOP_GRADIENT_H_
