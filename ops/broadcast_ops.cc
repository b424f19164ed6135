// BroadcastTo, BroadcastArgs, BroadcastGradientArgs: numpy's rule that an axis
// of size 1 (or a missing one on the left) fits any size.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/shape_ops.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

using Dims = std::vector<int64_t>;

// `dims` with ones on the left up to `rank`.
Dims PadLeft(const Dims& dims, size_t rank) {
  Dims padded(rank - dims.size(), 1);
  padded.insert(padded.end(), dims.begin(), dims.end());
  return padded;
}

// The common shape of two shapes; false if they do not fit.
bool BroadcastDims(const Dims& a, const Dims& b, Dims* joint) {
  const size_t rank = std::max(a.size(), b.size());
  const Dims x = PadLeft(a, rank), y = PadLeft(b, rank);
  joint->resize(rank);
  for (size_t i = 0; i < rank; ++i) {
    if (x[i] != y[i] && x[i] != 1 && y[i] != 1) return false;
    (*joint)[i] = x[i] == 1 ? y[i] : x[i];
  }
  return true;
}

// ---- BroadcastTo ----

absl::Status BroadcastToShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 1).status());
  RG_ASSIGN_OR_RETURN(Shape out, c->MakeShapeFromInput(1));
  Shape in = c->input(0);
  if (!out.unknown_rank() && !in.unknown_rank()) {
    RG_ASSIGN_OR_RETURN(in, c->WithRankAtMost(in, out.rank()));
    for (int i = 1; i <= in.rank(); ++i) {
      if (c->Dim(in, -i) <= 1) continue;
      RG_ASSIGN_OR_RETURN(const int64_t dim,
                          c->MergeDim(c->Dim(in, -i), c->Dim(out, -i)));
      out.set_dim(out.rank() - i, dim);
    }
  }
  c->set_output(0, out);
  return absl::OkStatus();
}

void BroadcastToKernel(KernelContext* ctx) {
  const Tensor input = ctx->input(0);
  const Tensor& shape_tensor = ctx->input(1);
  RG_KERNEL_REQUIRES(ctx, shape_tensor.shape().rank() <= 1,
                     absl::InvalidArgumentError(
                         absl::StrCat("shape must be a vector of int32 or "
                                      "int64, got shape ",
                                      shape_tensor.shape().DebugString())));
  auto shape = TensorShape::Create(IntegerValues(shape_tensor));
  RG_KERNEL_OK(ctx, shape.status());
  RG_KERNEL_REQUIRES(
      ctx, input.shape().rank() <= shape->rank(),
      absl::InvalidArgumentError(absl::StrCat(
          "Rank of input (", input.shape().rank(),
          ") must be no greater than rank of output shape (", shape->rank(),
          ").")));
  const Dims from(input.shape().dims().begin(), input.shape().dims().end());
  const Dims to(shape->dims().begin(), shape->dims().end());
  Dims joint;
  RG_KERNEL_REQUIRES(ctx, BroadcastDims(from, to, &joint),
                     absl::InvalidArgumentError(absl::StrCat(
                         "Incompatible shapes: ", input.shape().DebugString(),
                         " vs. ", shape->DebugString())));
  RG_KERNEL_REQUIRES(
      ctx, joint == to,
      absl::InvalidArgumentError(absl::StrCat(
          "Unable to broadcast tensor of shape ", input.shape().DebugString(),
          " to tensor of shape ", shape->DebugString())));
  if (input.shape() == *shape) {
    ctx->set_output(0, input);
    return;
  }
  Tensor out = ctx->Allocate(input.dtype(), *shape);
  if (!ctx->status().ok()) return;
  if (out.num_elements() == 0) {  // but an axis may be long
    ctx->set_output(0, std::move(out));
    return;
  }
  const Dims padded = PadLeft(from, to.size());
  std::vector<Dims> offsets(to.size());
  int64_t stride = 1;
  for (size_t d = to.size(); d-- > 0;) {
    for (int64_t i = 0; i < to[d]; ++i) {
      offsets[d].push_back(padded[d] == 1 ? 0 : i * stride);
    }
    stride *= padded[d];
  }
  CopyByOffsets(input, offsets, nullptr, &out);
  ctx->set_output(0, std::move(out));
}

// ---- BroadcastArgs, BroadcastGradientArgs ----

absl::Status CheckVectors(KernelContext* ctx) {
  for (int i = 0; i < 2; ++i) {
    if (ctx->input(i).shape().rank() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("In[", i, "] must be a vector.",
                       ctx->input(i).shape().DebugString()));
    }
  }
  return absl::OkStatus();
}

absl::Status IncompatibleShapes(const Dims& a, const Dims& b) {
  return absl::InvalidArgumentError(
      absl::StrCat("Incompatible shapes: [", absl::StrJoin(a, ","), "] vs. [",
                   absl::StrJoin(b, ","), "]"));
}

absl::Status BroadcastArgsShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape a, c->WithRank(c->input(0), 1));
  RG_ASSIGN_OR_RETURN(Shape b, c->WithRank(c->input(1), 1));
  const int64_t x = c->Dim(a, 0), y = c->Dim(b, 0);
  const bool known = x != kUnknownDim && y != kUnknownDim;
  c->set_output(0, VectorOf(known ? std::max(x, y) : kUnknownDim));
  return absl::OkStatus();
}

void BroadcastArgsKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckVectors(ctx));
  const Dims a = IntegerValues(ctx->input(0)), b = IntegerValues(ctx->input(1));
  Dims joint;
  RG_KERNEL_REQUIRES(ctx, BroadcastDims(a, b, &joint),
                     IncompatibleShapes(a, b));
  ctx->set_output(0, IntegerVector(ctx->op().output_type(0), joint));
}

absl::Status BroadcastGradientArgsShape(InferenceContext* c) {
  for (int i = 0; i < 2; ++i) {
    RG_RETURN_IF_ERROR(c->WithRank(c->input(i), 1).status());
    c->set_output(i, VectorOf(kUnknownDim));
  }
  return absl::OkStatus();
}

// The axes over which the gradient of each side is summed: where that side was
// repeated. Where both are 1 TensorFlow lists the axis for both.
void BroadcastGradientArgsKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckVectors(ctx));
  const Dims a = IntegerValues(ctx->input(0)), b = IntegerValues(ctx->input(1));
  Dims joint, reduce_a, reduce_b;
  RG_KERNEL_REQUIRES(ctx, BroadcastDims(a, b, &joint),
                     IncompatibleShapes(a, b));
  if (a != b) {
    const Dims x = PadLeft(a, joint.size()), y = PadLeft(b, joint.size());
    for (size_t i = 0; i < joint.size(); ++i) {
      const bool both_one = x[i] == 1 && y[i] == 1;
      if (both_one || (x[i] == 1 && y[i] != 1)) reduce_a.push_back(i);
      if (both_one || (y[i] == 1 && x[i] != 1)) reduce_b.push_back(i);
    }
  }
  const DataType dtype = ctx->op().output_type(0);
  ctx->set_output(0, IntegerVector(dtype, reduce_a));
  ctx->set_output(1, IntegerVector(dtype, reduce_b));
}

}  // namespace

void RegisterBroadcastOps(OpRegistry* registry) {
  registry->Op("BroadcastTo")
      .Input("input: T")
      .Input("shape: Tidx")
      .Output("output: T")
      .Attr("T: type")
      .Attr("Tidx: {int32, int64} = DT_INT32")
      .Shape(BroadcastToShape)
      .Kernel({{"T", AllTypes()}}, StatelessKernel(BroadcastToKernel));
  registry->Op("BroadcastArgs")
      .Input("s0: T")
      .Input("s1: T")
      .Output("r0: T")
      .Attr("T: {int32, int64} = DT_INT32")
      .Shape(BroadcastArgsShape)
      .Kernel({{"T", IndexTypes()}}, StatelessKernel(BroadcastArgsKernel));
  registry->Op("BroadcastGradientArgs")
      .Input("s0: T")
      .Input("s1: T")
      .Output("r0: T")
      .Output("r1: T")
      .Attr("T: {int32, int64} = DT_INT32")
      .Shape(BroadcastGradientArgsShape)
      .Kernel({{"T", IndexTypes()}},
              StatelessKernel(BroadcastGradientArgsKernel));
}

}  // namespace retrograph
