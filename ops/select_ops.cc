// Select and SelectV2: elements from one of two tensors by a condition.
//
// The kernels move elements without looking at them, so they are compiled once
// for each element size.

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ops/broadcast.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/same_shape.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

// --- Select: no broadcasting, but the condition may be a scalar or one value
// for each row. ---

absl::Status SelectShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape data, c->Merge(c->input(1), c->input(2)));
  const Shape& condition = c->input(0);
  c->set_output(0, data);
  // What fits with anything: a scalar, or what is not known yet.
  if (condition.unknown_rank() || data.unknown_rank()) return absl::OkStatus();
  if (condition.rank() == 0) return absl::OkStatus();
  if (condition.rank() == 1 && data.rank() > 1) {
    // They must agree; nothing is learned from it.
    RG_ASSIGN_OR_RETURN(Shape rows, c->Subshape(data, 0, 1));
    RG_RETURN_IF_ERROR(c->Merge(condition, rows).status());
  } else {
    RG_ASSIGN_OR_RETURN(data, c->Merge(data, condition));
  }
  c->set_output(0, std::move(data));
  return absl::OkStatus();
}

absl::Status CheckSelectShapes(KernelContext* ctx) {
  const TensorShape& condition = ctx->input(0).shape();
  const TensorShape& then = ctx->input(1).shape();
  const TensorShape& other = ctx->input(2).shape();
  if (condition.rank() == 1 && then.rank() != 1) {
    if (then.rank() == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("'then' must be at least a vector, but saw shape: ",
                       then.DebugString()));
    }
    if (then.dim(0) != condition.dim(0)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Number of batches of 'then' must match size of 'cond', but saw: ",
          then.dim(0), " vs. ", condition.dim(0)));
    }
  } else if (condition.rank() != 0) {
    return CheckSameShapes(ctx);
  }
  if (then != other) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'then' and 'else' must have the same size.  but received: ",
        then.DebugString(), " vs. ", other.DebugString()));
  }
  return absl::OkStatus();
}

void SelectKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckSelectShapes(ctx));
  const Tensor condition = ctx->input(0), then = ctx->input(1),
               other = ctx->input(2);
  const bool* choose = condition.flat<bool>().data();
  if (condition.shape().rank() == 0) {
    ctx->set_output(0, choose[0] ? then : other);
    return;
  }
  Tensor out = ctx->Allocate(then.dtype(), then.shape());
  if (!ctx->status().ok()) return;
  const int64_t rows = condition.num_elements();
  const int64_t row_size = rows == 0 ? 0 : then.num_elements() / rows;
  WithElementType(then.dtype(), [&](auto element) {
    using T = decltype(element);
    const T* a = Elements<T>(then);
    const T* b = Elements<T>(other);
    T* to = MutableElements<T>(&out);
    for (int64_t row = 0; row < rows; ++row) {
      const T* from = (choose[row] ? a : b) + row * row_size;
      std::copy(from, from + row_size, to + row * row_size);
    }
  });
  ctx->set_output(0, std::move(out));
}

// --- SelectV2: all three are broadcast against each other. ---

absl::Status SelectV2Shape(InferenceContext* c) {
  if (c->input(0).unknown_rank() || c->input(1).unknown_rank() ||
      c->input(2).unknown_rank()) {
    return UnknownShape(c);
  }
  RG_ASSIGN_OR_RETURN(Shape data, BroadcastShapes(c, c->input(1), c->input(2)));
  RG_ASSIGN_OR_RETURN(Shape shape, BroadcastShapes(c, c->input(0), data));
  c->set_output(0, std::move(shape));
  return absl::OkStatus();
}

// `from` repeated to fill `shape`, which it fits.
Tensor ExpandTo(KernelContext* ctx, const Tensor& from,
                const TensorShape& shape) {
  if (from.shape() == shape) return from;
  Tensor out = ctx->Allocate(from.dtype(), shape);
  if (!ctx->status().ok()) return out;
  const auto broadcast = Broadcast::Create(from.shape(), shape);
  WithElementType(from.dtype(), [&](auto element) {
    using T = decltype(element);
    T* to = MutableElements<T>(&out);
    // The second operand only lends its shape.
    broadcast->Apply(Elements<T>(from), to, to,
                     [](const T& value, const T&) { return value; });
  });
  return out;
}

void SelectV2Kernel(KernelContext* ctx) {
  Tensor condition = ctx->input(0), then = ctx->input(1), other = ctx->input(2);
  const auto data = Broadcast::Create(then.shape(), other.shape());
  RG_KERNEL_REQUIRES(
      ctx, data.has_value(),
      absl::InvalidArgumentError(
          absl::StrCat("then ", then.shape().DebugString(), " and else ",
                       other.shape().DebugString(), " must be broadcastable")));
  const auto all = Broadcast::Create(condition.shape(), data->output_shape());
  RG_KERNEL_REQUIRES(
      ctx, all.has_value(),
      absl::InvalidArgumentError(
          absl::StrCat("condition ", condition.shape().DebugString(), ", then ",
                       then.shape().DebugString(), ", and else ",
                       other.shape().DebugString(), " must be broadcastable")));
  const TensorShape& shape = all->output_shape();
  condition = ExpandTo(ctx, condition, shape);
  then = ExpandTo(ctx, then, shape);
  other = ExpandTo(ctx, other, shape);
  Tensor out = ctx->Allocate(then.dtype(), shape);
  if (!ctx->status().ok()) return;
  const bool* choose = condition.flat<bool>().data();
  WithElementType(then.dtype(), [&](auto element) {
    using T = decltype(element);
    const T* a = Elements<T>(then);
    const T* b = Elements<T>(other);
    T* to = MutableElements<T>(&out);
    for (int64_t i = 0; i < shape.num_elements(); ++i) {
      to[i] = choose[i] ? a[i] : b[i];
    }
  });
  ctx->set_output(0, std::move(out));
}

// In the order in which TensorFlow lists them.
DataTypeVector SelectTypes() {
  return {DT_VARIANT,    DT_RESOURCE,  DT_STRING, DT_BOOL,
          DT_COMPLEX128, DT_COMPLEX64, DT_DOUBLE, DT_FLOAT,
          DT_BFLOAT16,   DT_HALF,      DT_INT8,   DT_UINT8,
          DT_INT16,      DT_UINT16,    DT_INT32,  DT_INT64};
}

}  // namespace

void RegisterSelectOps(OpRegistry* registry) {
  for (const bool v2 : {false, true}) {
    registry->Op(v2 ? "SelectV2" : "Select")
        .Input("condition: bool")
        .Input("t: T")
        .Input("e: T")
        .Output("output: T")
        .Attr("T: type")
        .Shape(v2 ? SelectV2Shape : SelectShape)
        .Kernel({{"T", SelectTypes()}},
                StatelessKernel(v2 ? &SelectV2Kernel : &SelectKernel));
  }
}

}  // namespace retrograph
