// StridedSlice and its gradient.
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/array_ops.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/strided_slice.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

absl::Status StridedSliceShape(InferenceContext* c) {
  const Shape& input = c->input(0);
  RG_ASSIGN_OR_RETURN(Shape begin_shape, c->WithRank(c->input(1), 1));
  RG_ASSIGN_OR_RETURN(Shape end_shape, c->WithRank(c->input(2), 1));
  RG_ASSIGN_OR_RETURN(Shape strides_shape, c->WithRank(c->input(3), 1));
  RG_ASSIGN_OR_RETURN(begin_shape, c->Merge(begin_shape, end_shape));
  RG_ASSIGN_OR_RETURN(begin_shape, c->Merge(begin_shape, strides_shape));
  const Tensor* strides = c->input_tensor(3);
  if (input.unknown_rank() || c->Dim(begin_shape, 0) == kUnknownDim ||
      strides == nullptr) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  RG_ASSIGN_OR_RETURN(StridedSliceMasks masks,
                      StridedSliceMasks::FromAttrs(c->op()));
  RG_ASSIGN_OR_RETURN(
      StridedSliceSpec spec,
      ResolveStridedSlice(c->input_tensor(1), c->input_tensor(2), *strides,
                          input, masks));
  c->set_output(0, spec.final_shape);
  PassHandleData(c, 0, 0);
  return absl::OkStatus();
}

// Calls body(place in the input, place among the slice's elements) for each
// element of the slice, row by row.
template <typename Body>
void ForEachElement(const TensorShape& input, const StridedSliceSpec& spec,
                    const Body& body) {
  const TensorShape shape = spec.processing_shape.AsTensorShape();
  const int rank = shape.rank();
  const std::vector<int64_t> strides = Strides(input);
  std::vector<int64_t> at(rank, 0);
  const int64_t count = shape.num_elements();
  const int64_t run = rank == 0 ? 1 : shape.dim(rank - 1);
  const int64_t step = rank == 0 ? 0 : spec.strides[rank - 1];
  for (int64_t out = 0; out < count;) {
    int64_t in = 0;
    for (int d = 0; d < rank; ++d) {
      in += (spec.begin[d] + at[d] * spec.strides[d]) * strides[d];
    }
    for (int64_t k = 0; k < run; ++k, in += step, ++out) body(in, out);
    for (int d = rank - 2; d >= 0 && ++at[d] == shape.dim(d); --d) at[d] = 0;
  }
}

void StridedSliceKernel(KernelContext* ctx) {
  const Tensor input = ctx->input(0);
  auto masks = StridedSliceMasks::FromAttrs(ctx->op());
  RG_KERNEL_OK(ctx, masks.status());
  auto spec = ResolveStridedSlice(&ctx->input(1), &ctx->input(2), ctx->input(3),
                                  input.shape(), *masks);
  RG_KERNEL_OK(ctx, spec.status());
  const TensorShape shape = spec->final_shape.AsTensorShape();
  if (spec->is_identity) {
    ctx->set_output(0, input.Reshaped(shape));
    return;
  }
  if (spec->is_dim0_slice && input.shape().rank() > 0) {
    const int64_t end = std::max(spec->begin[0], spec->end[0]);
    ctx->set_output(0, input.Slice0(spec->begin[0], end).Reshaped(shape));
    return;
  }
  Tensor out = ctx->Allocate(input.dtype(), shape);
  if (!ctx->status().ok()) return;
  if (shape.num_elements() > 0) {
    WithElementType(input.dtype(), [&](auto element) {
      using T = decltype(element);
      const T* from = Elements<T>(input);
      T* to = MutableElements<T>(&out);
      ForEachElement(input.shape(), *spec,
                     [&](int64_t in, int64_t at) { to[at] = from[in]; });
    });
  }
  ctx->set_output(0, std::move(out));
}

absl::Status StridedSliceGradShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape out, c->MakeShapeFromInput(0));
  c->set_output(0, out);
  return absl::OkStatus();
}

// Zeros of the sliced tensor's shape with dy where the slice was.
void StridedSliceGradKernel(KernelContext* ctx) {
  const Tensor& dims = ctx->input(0);
  const Tensor dy = ctx->input(4);
  RG_KERNEL_REQUIRES(ctx, dims.shape().rank() == 1,
                     absl::InvalidArgumentError(
                         absl::StrCat("shape must be 1-D, got shape.shape = ",
                                      dims.shape().DebugString())));
  auto shape = TensorShape::Create(IntegerValues(dims));
  RG_KERNEL_OK(ctx, shape.status());
  auto masks = StridedSliceMasks::FromAttrs(ctx->op());
  RG_KERNEL_OK(ctx, masks.status());
  auto spec = ResolveStridedSlice(&ctx->input(1), &ctx->input(2), ctx->input(3),
                                  *shape, *masks);
  RG_KERNEL_OK(ctx, spec.status());
  const TensorShape sliced = spec->final_shape.AsTensorShape();
  RG_KERNEL_REQUIRES(ctx, sliced == dy.shape(),
                     absl::InvalidArgumentError(absl::StrCat(
                         "shape of dy was ", dy.shape().DebugString(),
                         " instead of ", sliced.DebugString())));
  auto zeros = Tensor::AllocateZeros(dy.dtype(), *shape);
  RG_KERNEL_OK(ctx, zeros.status());
  Tensor out = *std::move(zeros);
  if (dy.num_elements() > 0) {
    WithElementType(dy.dtype(), [&](auto element) {
      using T = decltype(element);
      const T* from = Elements<T>(dy);
      T* to = MutableElements<T>(&out);
      ForEachElement(*shape, *spec,
                     [&](int64_t at, int64_t in) { to[at] = from[in]; });
    });
  }
  ctx->set_output(0, std::move(out));
}

DataTypeVector StridedSliceTypes() {
  return Join({DT_UINT64, DT_UINT32}, AllTypes());
}

}  // namespace

void RegisterStridedSliceOps(OpRegistry* registry) {
  registry->Op("StridedSlice")
      .Input("input: T")
      .Input("begin: Index")
      .Input("end: Index")
      .Input("strides: Index")
      .Output("output: T")
      .Attr("T: type")
      .Attr("Index: {int32, int64}")
      .Attr("begin_mask: int = 0")
      .Attr("end_mask: int = 0")
      .Attr("ellipsis_mask: int = 0")
      .Attr("new_axis_mask: int = 0")
      .Attr("shrink_axis_mask: int = 0")
      .Shape(StridedSliceShape)
      .Kernel({{"T", StridedSliceTypes()}},
              StatelessKernel(StridedSliceKernel));
  registry->Op("StridedSliceGrad")
      .Input("shape: Index")
      .Input("begin: Index")
      .Input("end: Index")
      .Input("strides: Index")
      .Input("dy: T")
      .Output("output: T")
      .Attr("T: type")
      .Attr("Index: {int32, int64}")
      .Attr("begin_mask: int = 0")
      .Attr("end_mask: int = 0")
      .Attr("ellipsis_mask: int = 0")
      .Attr("new_axis_mask: int = 0")
      .Attr("shrink_axis_mask: int = 0")
      .Shape(StridedSliceGradShape)
      .Kernel({{"T", StridedSliceTypes()}},
              StatelessKernel(StridedSliceGradKernel));
}

}  // namespace retrograph
