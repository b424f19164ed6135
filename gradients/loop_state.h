// LoopState: the loops between xs and ys, and those that go back through them.
//
// Internal to gradients/. The gradient of a loop enters by its Exits, all of
// them together: one without a gradient of its own gets zeros, for it may be
// part of what the others came from.
//
// Source: tensorflow/python/ops/control_flow_state.py.
#ifndef RETROGRAPH_GRADIENTS_LOOP_STATE_H_
#define RETROGRAPH_GRADIENTS_LOOP_STATE_H_

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "graph/builder.h"
#include "ops/loop_gradient.h"

namespace retrograph {

class BetweenOps;

class LoopState {
 public:
  explicit LoopState(GraphBuilder& b, bool colocate)
      : b_(b), colocate_(colocate) {}

  bool empty() const { return loops_.empty(); }
  // For an op between xs and ys, an Exit: its loop gets one that goes back. The
  // Exits of the loop are returned, none if it has one already.
  std::vector<Output> AddLoopOf(Operation* exit);

  // The loop that goes back through the one that `op` is in; null if there is
  // none. `before`: where the op's own gradients come from.
  GradientLoop* LoopOf(const Operation* op, bool before) const;
  // Its context.
  WhileContext* ContextOf(const Operation* op, bool before) const;

  // Exits that no gradient will come to but which are part of what has one.
  std::vector<Output> UnusedExits(
      BetweenOps* between, const absl::flat_hash_set<Operation*>& ready) const;
  // The zeros that such an Exit gets. From where gradients are asked for.
  Gradient ZerosForExit(const Output& exit);
  // The zeros for an output of an op in a loop; from the backward loop.
  Gradient ZerosFor(GradientLoop* loop, const Output& output);
  // Closes the loops of variables whose next value does not depend on the one
  // before.
  void Finish();

 private:
  GradientLoop* Find(const ControlFlowContext* forward) const;
  Gradient ZerosOfStack(GradientLoop* loop, const Output& shape,
                        DataType dtype, bool on_dead_branch);
  void CloseWithZeros(GradientLoop* loop, const Output& merge);

  GraphBuilder& b_;
  const bool colocate_;
  // In the order in which they were found.
  std::vector<std::pair<WhileContext*, std::shared_ptr<GradientLoop>>> loops_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRADIENTS_LOOP_STATE_H_
