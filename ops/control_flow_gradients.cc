// Gradients of the ops of cond. Backwards, a Merge is a Switch and a Switch is
// a Merge.
//
// Source: tensorflow/python/ops/control_flow_grad.py.
#include "graph/control_flow.h"
#include "ops/builders.h"
#include "ops/composites.h"
#include "ops/gradient.h"

namespace retrograph {
namespace {

Output SwitchOutput(GraphBuilder& b, const Input& x, const Output& pred,
                    int branch, absl::string_view name = "") {
  Operation* op = b.AddOp("Switch", {x, pred}, {}, name);
  return op == nullptr ? Output() : op->output(branch);
}

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

Gradients SwitchGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  if (const CondContext* cond = CondOf(op->control_flow_context())) {
    const Gradient& taken = g[cond->branch()];
    if (g[1 - cond->branch()].none()) {
      // A resource has no zero for the branch not taken.
      if (op->input(0).dtype() != DT_RESOURCE) return Gradients(2);
      return {MergeOf(b, taken, taken, "cond_resource_grad"), Gradient()};
    }
    return {MergeOf(b, g[0], g[1], "cond_grad"), Gradient()};
  }
  const Output no = SwitchOutput(b, g[0], op->input(1), 0);
  const Output yes = SwitchOutput(b, g[1], op->input(1), 1);
  return {MergeOf(b, no, yes), Gradient()};
}

// The context that an op's results belong to: an Exit's is the one around.
ControlFlowContext* OutputContext(const Operation* op) {
  ControlFlowContext* context = op->control_flow_context();
  if (context != nullptr && (op->type() == "Exit" || op->type() == "RefExit")) {
    context = context->outer();
  }
  return context;
}

Gradients MergeGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  if (const CondContext* cond = CondOf(OutputContext(op->input(0).op))) {
    Output gradient;
    {
      gradient = b.Convert(g[0], DT_INVALID, "data");
      if (!b.ok()) return Gradients(op->num_inputs());
    }
    ColocateWith with(b.graph(), gradient.op, /*ignore_existing=*/true);
    Operation* node =
        b.AddOp("Switch", {gradient, cond->pred()}, {}, "cond_grad");
    if (node == nullptr) return Gradients(op->num_inputs());
    return {node->output(0), node->output(1)};
  }
  std::vector<Output> taken;
  for (int i = 0; i < op->num_inputs(); ++i) {
    taken.push_back(b.Op("Equal", {op->output(1), i}));
  }
  Gradients result;
  for (int i = 0; i < op->num_inputs(); ++i) {
    result.push_back(SwitchOutput(b, g[0], taken[i], 1));
  }
  return result;
}

}  // namespace

void RegisterControlFlowGradients(GradientRegistry* registry) {
  registry->AddStandard("Switch", SwitchGradient);
  registry->AddStandard("RefSwitch", SwitchGradient);
  registry->AddStandard("Merge", MergeGradient);
  registry->AddStandard("RefMerge", MergeGradient);
  registry->AddNotDifferentiable({"LoopCond"});
}

}  // namespace retrograph
