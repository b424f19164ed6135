// Gradients of tf.TensorArray: what was read from an array is written to the
// array of its gradients, and the other way round.
//
// One call of tf.gradients has arrays of its own, told by the name of its
// scope.
//
// Source: tensorflow/python/ops/tensor_array_grad.py.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"
#include "ops/builder_scope.h"
#include "ops/builders.h"
#include "ops/composites.h"
#include "ops/gradient.h"

namespace retrograph {
namespace {

// "a/gradients" of "a/gradients/b/c:0".
std::string SourceOf(GraphBuilder& b, const Output& gradient) {
  std::vector<std::string> parts = absl::StrSplit(gradient.name(), '/');
  size_t count = parts.size();
  while (count > 0 && !absl::StartsWith(parts[count - 1], "gradients")) {
    --count;
  }
  if (count == 0) {
    b.Update(ValueError(absl::StrCat(
        "Expected op/tensor name to start with gradients (excluding scope), "
        "got: ",
        gradient.name(),
        ". This means that a tf.gradients op with this op in its dependency "
        "path has a custom name that does not start with 'gradients'. Please "
        "make sure all calls to tf.gradients that have non-empty 'name' "
        "arguments use names that start with 'gradients'.")));
  }
  parts.resize(count);
  return absl::StrJoin(parts, "/");
}

struct GradientArray {
  Output handle;
  Output flow;
};

// TensorArray.grad: the array and a flow that it is made before.
GradientArray GradientArrayOf(GraphBuilder& b, const Output& handle,
                              const Output& flow, const Output& gradient) {
  const std::string source = SourceOf(b, gradient);
  if (!b.ok()) return {};
  {
    BuilderScope wrapper(b, "TensorArray");
  }
  BuilderScope scope(b, "TensorArrayGrad");
  ColocateWith with(b.graph(), handle.op);
  Operation* const made = b.AddOp("TensorArrayGradV3", {handle, flow},
                                  {Attr("source", source)});
  if (made == nullptr) return {};
  ControlDependencies after(b.graph(), {made});
  const GradientArray array = {made->output(0),
                               Identity(b, flow, "gradient_flow")};
  BuilderScope wrapper(b, "TensorArray");
  return array;
}

Gradients ReadGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output gradient = b.Convert(g[0]);
  if (!b.ok()) return Gradients(3);
  const GradientArray array =
      GradientArrayOf(b, op->input(0), op->input(2), gradient);
  if (!b.ok()) return Gradients(3);
  BuilderScope scope(b, "TensorArrayWrite");
  const Output flow = b.Op("TensorArrayWriteV3", {array.handle, op->input(1),
                                                  gradient, array.flow});
  return {Gradient(), Gradient(), flow};
}

Gradients WriteGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output flow = g[0].tensor();
  const GradientArray array = GradientArrayOf(b, op->input(0), flow, flow);
  if (!b.ok()) return Gradients(4);
  const Output value =
      b.Op("TensorArrayReadV3", {array.handle, op->input(1), array.flow},
           {Attr("dtype", RemoveRefType(op->input(2).dtype()))});
  return {Gradient(), Gradient(), value, flow};
}

Gradients GatherGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output gradient = b.Convert(g[0]);
  if (!b.ok()) return Gradients(3);
  const GradientArray array =
      GradientArrayOf(b, op->input(0), op->input(2), gradient);
  if (!b.ok()) return Gradients(3);
  BuilderScope scope(b, "TensorArrayScatter");
  const Output flow = b.Op("TensorArrayScatterV3", {array.handle, op->input(1),
                                                    gradient, array.flow});
  return {Gradient(), Gradient(), flow};
}

Gradients ScatterGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output flow = g[0].tensor();
  const GradientArray array = GradientArrayOf(b, op->input(0), flow, flow);
  if (!b.ok()) return Gradients(4);
  const Output value =
      b.Op("TensorArrayGatherV3", {array.handle, op->input(1), array.flow},
           {Attr("dtype", RemoveRefType(op->input(2).dtype())),
            Attr("element_shape", PartialTensorShape())});
  return {Gradient(), Gradient(), value, flow};
}

Gradients ConcatGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output gradient = b.Convert(g[0]);
  if (!b.ok()) return Gradients(2);
  const GradientArray array =
      GradientArrayOf(b, op->input(0), op->input(1), gradient);
  if (!b.ok()) return Gradients(2);
  BuilderScope scope(b, "TensorArraySplit");
  const Output flow =
      b.Op("TensorArraySplitV3",
           {array.handle, gradient, op->output(1), array.flow});
  return {Gradient(), flow};
}

Gradients SplitGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output flow = g[0].tensor();
  const GradientArray array = GradientArrayOf(b, op->input(0), flow, flow);
  if (!b.ok()) return Gradients(4);
  Operation* const concat =
      b.AddOp("TensorArrayConcatV3", {array.handle, array.flow},
              {Attr("dtype", RemoveRefType(op->input(1).dtype())),
               Attr("element_shape_except0", PartialTensorShape())});
  if (concat == nullptr) return Gradients(4);
  return {Gradient(), concat->output(0), Gradient(), flow};
}

}  // namespace

void RegisterTensorArrayGradients(GradientRegistry* registry) {
  registry->AddStandard("TensorArrayReadV3", ReadGradient);
  registry->AddStandard("TensorArrayWriteV3", WriteGradient);
  registry->AddStandard("TensorArrayGatherV3", GatherGradient);
  registry->AddStandard("TensorArrayScatterV3", ScatterGradient);
  registry->AddStandard("TensorArrayConcatV3", ConcatGradient);
  registry->AddStandard("TensorArraySplitV3", SplitGradient);
  registry->AddNotDifferentiable(
      {"TensorArrayV3", "TensorArrayGradV3", "TensorArrayGradWithShape",
       "TensorArraySizeV3", "TensorArrayCloseV3", "StackV2", "StackPushV2",
       "StackPopV2", "StackCloseV2"});
}

}  // namespace retrograph
