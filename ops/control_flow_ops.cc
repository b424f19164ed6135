// Control flow: NoOp, and the ops that cond and while_loop are made of.
//
// The executor carries dead tensors and frames; the kernels here only pass
// values on. Enter, Exit and NextIteration are identities as kernels.
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/standard_ops.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

// ---- Shapes ----

absl::Status SwitchShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  for (int side = 0; side < 2; ++side) {
    c->set_output(side, c->input(0));
    PassHandleData(c, 0, side);
  }
  return absl::OkStatus();
}

// What all inputs agree on, dimension by dimension; nothing if the ranks
// differ.
absl::Status MergeShape(InferenceContext* c) {
  Shape merged = c->input(0);
  for (int i = 1; i < c->num_inputs() && !merged.unknown_rank(); ++i) {
    const Shape& input = c->input(i);
    if (input.rank() != merged.rank()) {
      merged = Shape();
      break;
    }
    for (int d = 0; d < merged.rank(); ++d) {
      if (merged.dim(d) != input.dim(d)) merged.set_dim(d, kUnknownDim);
    }
  }
  c->set_output(0, merged);
  c->set_output(1, ScalarOf());
  return absl::OkStatus();
}

// A loop variable may change its shape; an invariant keeps it.
absl::Status EnterShape(InferenceContext* c) {
  bool is_constant = false;
  RG_RETURN_IF_ERROR(c->GetAttr("is_constant", &is_constant));
  c->set_output(0, is_constant ? c->input(0) : Shape());
  PassHandleData(c, 0, 0);
  return absl::OkStatus();
}

absl::Status LoopCondShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape out, c->WithRank(c->input(0), 0));
  c->set_output(0, out);
  return absl::OkStatus();
}

absl::Status RefSelectShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 0).status());
  const Shape& first = c->input(1);
  if (!first.IsFullyDefined()) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  for (int i = 2; i < c->num_inputs(); ++i) {
    const Shape& input = c->input(i);
    if (!input.IsFullyDefined() || !(input == first)) {
      c->set_output(0, Shape());
      return absl::OkStatus();
    }
  }
  c->set_output(0, first);
  return absl::OkStatus();
}

// ---- Kernels ----

void DoNothing(KernelContext*) {}

// Passes input 0 on: a reference where the op gives one.
void PassOn(KernelContext* ctx) {
  if (ctx->input_ref(0) != nullptr) {
    ctx->set_output_ref(0, ctx->input_ref(0));
  } else {
    ctx->set_output(0, ctx->TakeInput(0));
  }
}

void SwitchKernel(KernelContext* ctx) {
  const Tensor& pred = ctx->input(1);
  RG_KERNEL_REQUIRES(
      ctx, pred.shape().rank() == 0,
      absl::InvalidArgumentError(
          absl::StrCat("The second input must be a scalar, but it has shape ",
                       pred.shape().DebugString())));
  const int taken = pred.scalar<bool>() ? 1 : 0;
  if (ctx->input_ref(0) != nullptr) {
    ctx->set_output_ref(taken, ctx->input_ref(0));
  } else {
    ctx->set_output(taken, ctx->TakeInput(0));
  }
  ctx->set_output_dead(1 - taken);
}

void MergeKernel(KernelContext* ctx) {
  int chosen = -1;
  for (int i = 0; i < ctx->num_inputs(); ++i) {
    const bool present =
        !ctx->input_is_dead(i) &&
        (ctx->input_ref(i) != nullptr || ctx->input(i).IsInitialized());
    if (!present) continue;
    RG_KERNEL_REQUIRES(ctx, chosen < 0,
                       absl::InternalError(
                           "Merge can not have more than one valid input."));
    chosen = i;
  }
  if (chosen < 0) {  // every input is dead, and so is what comes out
    ctx->set_output_dead(0);
    ctx->set_output_dead(1);
    return;
  }
  if (ctx->input_ref(chosen) != nullptr) {
    ctx->set_output_ref(0, ctx->input_ref(chosen));
  } else {
    ctx->set_output(0, ctx->TakeInput(chosen));
  }
  ctx->set_output(1, Tensor::Scalar<int32_t>(chosen));
}

void RefSelectKernel(KernelContext* ctx) {
  const Tensor& index = ctx->input(0);
  RG_KERNEL_REQUIRES(
      ctx, index.shape().rank() == 0,
      absl::InvalidArgumentError(
          absl::StrCat("Index must be a scalar, but it has shape ",
                       index.shape().DebugString())));
  const int32_t chosen = index.scalar<int32_t>();
  const int count = ctx->num_inputs() - 1;
  RG_KERNEL_REQUIRES(ctx, chosen >= 0 && chosen < count,
                     absl::InvalidArgumentError(absl::StrCat(
                         "Index must be in the range [0, ", count,
                         ") but got ", chosen)));
  ctx->set_output_ref(0, ctx->input_ref(1 + chosen));
}

// ---- Registration ----

DataTypeVector SwitchTypes() { return Join(QuantizedTypes(), AllTypes()); }

void RegisterBranches(OpRegistry* registry) {
  registry->Op("Switch")
      .Input("data: T")
      .Input("pred: bool")
      .Output("output_false: T")
      .Output("output_true: T")
      .Attr("T: type")
      .Shape(SwitchShape)
      .Kernel({{"T", Join({DT_UINT64}, SwitchTypes())}},
              StatelessKernel(SwitchKernel));
  registry->Op("RefSwitch")
      .Input("data: Ref(T)")
      .Input("pred: bool")
      .Output("output_false: Ref(T)")
      .Output("output_true: Ref(T)")
      .Attr("T: type")
      .AllowsUninitializedInput()
      .Shape(SwitchShape)
      .UninitializedKernel({{"T", SwitchTypes()}},
                           StatelessKernel(SwitchKernel));
  registry->Op("RefSelect")
      .Input("index: int32")
      .Input("inputs: Ref(N * T)")
      .Output("output: Ref(T)")
      .Attr("T: type")
      .Attr("N: int >= 1")
      .Shape(RefSelectShape)
      .Kernel({{"T", AllTypes()}}, StatelessKernel(RefSelectKernel));
  registry->Op("Merge")
      .Input("inputs: N * T")
      .Output("output: T")
      .Output("value_index: int32")
      .Attr("T: type")
      .Attr("N: int >= 1")
      .Shape(MergeShape)
      .Kernel({}, StatelessKernel(MergeKernel));
  registry->Op("RefMerge")
      .Input("inputs: Ref(N * T)")
      .Output("output: Ref(T)")
      .Output("value_index: int32")
      .Attr("T: type")
      .Attr("N: int >= 1")
      .Shape(MergeShape)
      .Kernel({}, StatelessKernel(MergeKernel));
}

void RegisterFrames(OpRegistry* registry) {
  registry->Op("Enter")
      .Input("data: T")
      .Output("output: T")
      .Attr("T: type")
      .Attr("frame_name: string")
      .Attr("is_constant: bool = false")
      .Attr("parallel_iterations: int = 10")
      .Shape(EnterShape)
      .Kernel({}, StatelessKernel(PassOn));
  registry->Op("RefEnter")
      .Input("data: Ref(T)")
      .Output("output: Ref(T)")
      .Attr("T: type")
      .Attr("frame_name: string")
      .Attr("is_constant: bool = false")
      .Attr("parallel_iterations: int = 10")
      .Shape(UnchangedShape)
      .Kernel({}, StatelessKernel(PassOn));
  for (const char* name : {"Exit", "NextIteration"}) {
    registry->Op(name)
        .Input("data: T")
        .Output("output: T")
        .Attr("T: type")
        .Shape(IdentityShape)
        .Kernel({}, StatelessKernel(PassOn));
  }
  for (const char* name : {"RefExit", "RefNextIteration"}) {
    registry->Op(name)
        .Input("data: Ref(T)")
        .Output("output: Ref(T)")
        .Attr("T: type")
        .Shape(UnchangedShape)
        .Kernel({}, StatelessKernel(PassOn));
  }
  registry->Op("LoopCond")
      .Input("input: bool")
      .Output("output: bool")
      .Shape(LoopCondShape)
      .Kernel({}, StatelessKernel(PassOn));
}

}  // namespace

void RegisterControlFlowOps(OpRegistry* registry) {
  for (const char* name : {"NoOp", "ControlTrigger"}) {
    registry->Op(name).Shape(NoOutputShape).Kernel({},
                                                   StatelessKernel(DoNothing));
  }
  RegisterBranches(registry);
  RegisterFrames(registry);
}

}  // namespace retrograph
