#include "gradients/loop_state.h"

#include "absl/types/optional.h"
#include "gradients/between_ops.h"
#include "ops/builders.h"
#include "ops/composites.h"

namespace retrograph {
namespace {

WhileContext* LoopAround(ControlFlowContext* context) {
  return context == nullptr ? nullptr : context->GetWhileContext();
}

Output ZeroConstant(GraphBuilder& b, const Output& like) {
  return RepeatedConstant(b,
                          Tensor(RemoveRefType(like.dtype()), TensorShape()),
                          like.shape().AsTensorShape(), "Const");
}

}  // namespace

GradientLoop* LoopState::Find(const ControlFlowContext* forward) const {
  for (const auto& [context, loop] : loops_) {
    if (context == forward) return loop.get();
  }
  return nullptr;
}

std::vector<Output> LoopState::AddLoopOf(Operation* exit) {
  WhileContext* const forward = LoopAround(exit->control_flow_context());
  if (forward == nullptr || Find(forward) != nullptr || !b_.ok()) return {};
  absl::optional<ColocateWith> with;
  if (colocate_) with.emplace(b_.graph(), exit);
  GradientLoop* const outer = Find(LoopAround(forward->outer()));
  std::shared_ptr<GradientLoop> loop =
      b_.Take(GradientLoop::Create(forward, outer));
  if (loop == nullptr) return {};
  loops_.emplace_back(forward, loop);
  return loop->forward_exits();
}

GradientLoop* LoopState::LoopOf(const Operation* op, bool before) const {
  WhileContext* forward = LoopAround(op->control_flow_context());
  if (before && forward != nullptr && IsLoopExit(op)) {
    forward = LoopAround(op->control_flow_context()->outer());
  }
  return forward == nullptr ? nullptr : Find(forward);
}

WhileContext* LoopState::ContextOf(const Operation* op, bool before) const {
  GradientLoop* const loop = LoopOf(op, before);
  return loop == nullptr ? nullptr : loop->backward_context();
}

std::vector<Output> LoopState::UnusedExits(
    BetweenOps* between, const absl::flat_hash_set<Operation*>& ready) const {
  std::vector<Output> exits;
  for (const auto& [context, loop] : loops_) {
    for (const Output& exit : loop->forward_exits()) {
      if (between->pending(exit.op) != 0) continue;
      --loop->pending_exits;
      if (!ready.contains(exit.op)) loop->unused_exits.push_back(exit);
      if (loop->pending_exits == 0) {
        exits.insert(exits.end(), loop->unused_exits.begin(),
                     loop->unused_exits.end());
      }
    }
    for (const Output& enter : context->enters()) {
      if (between->pending(enter.op) == 0) between->SetPending(enter.op, 1);
    }
  }
  return exits;
}

Gradient LoopState::ZerosForExit(const Output& exit) {
  WhileContext* const forward = LoopAround(exit.op->control_flow_context());
  GradientLoop* const outer = Find(LoopAround(forward->outer()));
  const DataType dtype = RemoveRefType(exit.dtype());
  if (exit.shape().IsFullyDefined()) {
    InContext in(b_.graph(),
                 outer == nullptr ? nullptr : outer->backward_context());
    return Zeros(b_, exit.shape().AsTensorShape(), dtype);
  }
  if (outer == nullptr) return ZerosLikeOf(b_, exit, /*optimize=*/false);
  Output shape;
  {
    InContext in(b_.graph(), forward->outer());
    shape = ShapeOf(b_, exit, DT_INT32, /*optimize=*/false);
  }
  if (!b_.ok()) return Gradient();
  const Output stack = b_.Take(outer->AddStack(shape));
  if (!b_.ok()) return Gradient();
  InContext in(b_.graph(), outer->backward_context());
  const Output real = b_.Take(outer->AddPop(stack, shape));
  return ZerosOf(b_, real, dtype);
}

// From the backward loop.
Gradient LoopState::ZerosOfStack(GradientLoop* loop, const Output& shape,
                                 DataType dtype, bool on_dead_branch) {
  b_.graph()->ExitControlFlowContext();
  const Output stack = b_.Take(loop->AddStack(shape, on_dead_branch));
  loop->backward_context()->EnterAgain();
  if (!b_.ok()) return Gradient();
  const Output real = b_.Take(loop->AddPop(stack, shape, on_dead_branch));
  return ZerosOf(b_, real, dtype);
}

Gradient LoopState::ZerosFor(GradientLoop* loop, const Output& output) {
  Operation* const op = output.op;
  ControlFlowContext* const context = op->control_flow_context();
  const DataType dtype = RemoveRefType(output.dtype());
  // A Switch puts out to a branch, which its other side is not of.
  const bool is_dead = IsSwitchOp(op) && !context->is_while();
  auto* const cond = is_dead ? static_cast<CondContext*>(context) : nullptr;
  if (output.shape().IsFullyDefined()) {
    const Output zero = ZeroConstant(b_, output);
    if (!is_dead || !b_.ok()) return zero;
    ColocateWith with(b_.graph(), zero.op, /*ignore_existing=*/true);
    return SwitchSide(b_, zero, loop->FindReal(cond->pred()),
                      1 - cond->branch());
  }
  Output shape;
  if (!is_dead) {
    InContext in(b_.graph(), context);
    shape = ShapeOf(b_, output, DT_INT32, /*optimize=*/false);
  } else {
    Output value;
    {
      InContext in(b_.graph(), context->outer());
      ColocateWith with(b_.graph(), op->input(0).op, /*ignore_existing=*/true);
      value = SwitchSide(b_, op->input(0), cond->pred(), 1 - cond->branch());
      if (!b_.ok()) return Gradient();
    }
    {
      InContext in(b_.graph(), context->outer());
      shape = ShapeOf(b_, value, DT_INT32, /*optimize=*/false);
      if (!b_.ok()) return Gradient();
    }
    ControlFlowContext::SetContext(value.op, context);
    ControlFlowContext::SetContext(shape.op, context);
  }
  if (!b_.ok()) return Gradient();
  return ZerosOfStack(loop, shape, dtype, is_dead);
}

void LoopState::CloseWithZeros(GradientLoop* loop, const Output& merge) {
  const Output start = merge.op->input(0);
  Output zeros;
  if (!start.shape().IsFullyDefined()) {
    InContext in(b_.graph(), loop->backward_context()->outer());
    const Output shape =
        ShapeOf(b_, start.op->input(0), DT_INT32, /*optimize=*/false);
    zeros = ZerosOf(b_, shape, DT_FLOAT);
    if (!b_.ok()) return;
  }
  InContext in(b_.graph(), loop->backward_context());
  if (!zeros.valid()) zeros = ZeroConstant(b_, start);
  const Output next = b_.Op("NextIteration", {zeros});
  if (b_.ok()) b_.graph()->UpdateInput(merge.op, 1, next);
}

void LoopState::Finish() {
  for (const auto& entry : loops_) {
    for (const auto& [op, merge] : entry.second->merges()) {
      if (!b_.ok()) return;
      if (merge.op->input(0) == merge.op->input(1)) {
        CloseWithZeros(entry.second.get(), merge);
      }
    }
  }
}

}  // namespace retrograph
