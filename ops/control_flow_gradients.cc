// Gradients of the ops of cond and while_loop. Backwards, a Merge is a Switch
// and a Switch is a Merge; an Exit enters the loop that goes back, and an Enter
// leaves it.
//
// Source: tensorflow/python/ops/control_flow_grad.py.
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/control_flow.h"
#include "ops/builders.h"
#include "ops/composites.h"
#include "ops/gradient.h"
#include "ops/loop_gradient.h"

namespace retrograph {
namespace {

Output MergeOf(GraphBuilder& b, const Gradient& no, const Gradient& yes,
               absl::string_view name = "") {
  Operation* op =
      b.AddOp("Merge", {Input(std::vector<Input>{no, yes})}, {}, name);
  return op == nullptr ? Output() : op->output(0);
}

CondContext* CondOf(ControlFlowContext* context) {
  return context == nullptr || context->is_while()
             ? nullptr
             : static_cast<CondContext*>(context);
}

// The Switch of a loop variable is visited twice: first from the Exit, which
// makes the Merge, and then from the body, which closes the loop.
Gradients LoopSwitchGradient(GraphBuilder& b, Operation* op,
                             const Gradients& g) {
  GradientLoop* const loop = GradientLoop::Current(b.graph());
  if (loop == nullptr) return Gradients(2);
  const Output merge = loop->FindMerge(op);
  if (merge.valid()) {
    if (g[1].none()) return Gradients(2);
    const Output next = b.Op("NextIteration", {g[1]});
    if (b.ok()) b.graph()->UpdateInput(merge.op, 1, next);
    return Gradients(2);
  }
  if (g[0].none()) return Gradients(2);
  const Output first = b.Convert(g[0]);
  if (!b.ok()) return Gradients(2);
  const Output made = MergeBoth(b, first, first, "b_switch");
  if (b.ok()) loop->AddMerge(op, made);
  return {made, Gradient()};
}

Gradients SwitchGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  if (op->control_flow_context() != nullptr &&
      op->control_flow_context()->is_while()) {
    return LoopSwitchGradient(b, op, g);
  }
  if (const CondContext* cond = CondOf(op->control_flow_context())) {
    const Gradient& taken = g[cond->branch()];
    if (g[1 - cond->branch()].none()) {
      // A resource has no zero for the branch not taken.
      if (op->input(0).dtype() != DT_RESOURCE) return Gradients(2);
      return {MergeOf(b, taken, taken, "cond_resource_grad"), Gradient()};
    }
    return {MergeOf(b, g[0], g[1], "cond_grad"), Gradient()};
  }
  const Output no = SwitchSide(b, g[0], op->input(1), 0);
  const Output yes = SwitchSide(b, g[1], op->input(1), 1);
  return {MergeOf(b, no, yes), Gradient()};
}

Gradients SwitchWith(GraphBuilder& b, const Gradient& g, const Output& pred,
                     absl::string_view name) {
  const Output gradient = b.Convert(g, DT_INVALID, "data");
  if (!b.ok()) return Gradients(2);
  ColocateWith with(b.graph(), gradient.op, /*ignore_existing=*/true);
  Operation* node = b.AddOp("Switch", {gradient, pred}, {}, name);
  if (node == nullptr) return Gradients(2);
  return {node->output(0), node->output(1)};
}

Gradients MergeGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  ControlFlowContext* const context =
      ControlFlowContext::OfOutputs(op->input(0).op);
  GradientLoop* const loop = GradientLoop::Current(b.graph());
  if (context != nullptr && context->is_while() && loop != nullptr) {
    return SwitchWith(b, g[0], loop->backward_context()->pivot(), "");
  }
  if (const CondContext* cond = CondOf(context)) {
    const Output pred = loop == nullptr
                            ? cond->pred()
                            : b.Take(loop->RealPredicate(cond->pred()));
    return SwitchWith(b, g[0], pred, "cond_grad");
  }
  std::vector<Output> taken;
  for (int i = 0; i < op->num_inputs(); ++i) {
    taken.push_back(b.Op("Equal", {op->output(1), i}));
  }
  Gradients result;
  for (int i = 0; i < op->num_inputs(); ++i) {
    result.push_back(SwitchSide(b, g[0], taken[i], 1));
  }
  return result;
}

Gradients ExitGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  GradientLoop* const loop = GradientLoop::Current(b.graph());
  if (loop == nullptr || !loop->backward_context()->options().back_prop) {
    return Gradients(1);
  }
  WhileContext* const forward =
      static_cast<WhileContext*>(op->control_flow_context());
  if (forward->gradient() != nullptr) {
    b.Update(TypeError("Second-order gradient for while loops not supported."));
    return Gradients(1);
  }
  const Output gradient = b.Convert(g[0]);
  if (!b.ok()) return Gradients(1);
  InContext in(b.graph(), loop->backward_context());
  return {b.Take(loop->backward_context()->EnterVariable(gradient, "b_exit"))};
}

Gradients NextIterationGradient(GraphBuilder&, Operation*,
                                const Gradients& g) {
  return {g[0]};
}

Gradients EnterGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  GradientLoop* const loop = GradientLoop::Current(b.graph());
  if (loop == nullptr || !loop->backward_context()->options().back_prop) {
    return {g[0]};
  }
  bool is_constant = false;
  if (!b.Update(op->GetAttr("is_constant", &is_constant))) return Gradients(1);
  if (is_constant) return {b.Take(loop->AddAccumulator(op, g[0]))};
  const Output exit = b.Op("Exit", {g[0]});
  if (b.ok()) loop->backward_context()->AddExit(exit);
  return {exit};
}

}  // namespace

void RegisterControlFlowGradients(GradientRegistry* registry) {
  registry->AddStandard("Switch", SwitchGradient);
  registry->AddStandard("RefSwitch", SwitchGradient);
  registry->AddStandard("Merge", MergeGradient);
  registry->AddStandard("RefMerge", MergeGradient);
  for (const char* ref : {"", "Ref"}) {
    registry->AddStandard(absl::StrCat(ref, "Exit"), ExitGradient);
    registry->AddStandard(absl::StrCat(ref, "NextIteration"),
                          NextIterationGradient);
    registry->AddStandard(absl::StrCat(ref, "Enter"), EnterGradient);
  }
  registry->AddNotDifferentiable({"LoopCond"});
}

}  // namespace retrograph
