// Pad, PadV2, MirrorPad.
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/array_ops.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

absl::Status PadShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape paddings, c->WithRank(c->input(1), 2));
  RG_RETURN_IF_ERROR(c->WithValue(c->Dim(paddings, 1), 2).status());
  Shape input = c->input(0);
  int64_t rank = c->Dim(paddings, 0);
  if (rank != kUnknownDim) {
    RG_ASSIGN_OR_RETURN(input, c->WithRank(input, rank));
  } else if (!input.unknown_rank()) {
    rank = input.rank();
  }
  const Tensor* values = c->input_tensor(1);
  if (values == nullptr) {
    c->set_output(0, rank == kUnknownDim
                         ? Shape()
                         : Shape::UnknownOfRank(rank));
    return absl::OkStatus();
  }
  const std::vector<int64_t> pads = IntegerValues(*values);
  rank = static_cast<int64_t>(pads.size()) / 2;
  RG_ASSIGN_OR_RETURN(input, c->WithRank(input, rank));
  Shape out = Shape::UnknownOfRank(rank);
  for (int i = 0; i < out.rank(); ++i) {
    if (pads[2 * i] < 0 || pads[2 * i + 1] < 0) {
      return absl::InvalidArgumentError("Paddings must be non-negative");
    }
    out.set_dim(i, AddDims(c->Dim(input, i), pads[2 * i] + pads[2 * i + 1]));
  }
  c->set_output(0, out);
  return absl::OkStatus();
}

// Before and after each axis: paddings[2 d], paddings[2 d + 1]. The two kernels
// differ in their texts.
absl::StatusOr<std::vector<int64_t>> Paddings(const KernelContext& ctx,
                                              bool mirror) {
  const Tensor& input = ctx.input(0);
  const Tensor& paddings = ctx.input(1);
  const TensorShape& shape = paddings.shape();
  if (shape.rank() != 2 || shape.dim(1) != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("paddings must be a matrix with 2 columns: ",
                     shape.DebugString()));
  }
  if (shape.dim(0) != input.shape().rank()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "The first dimension of paddings must be the rank of inputs",
        shape.DebugString(), mirror ? ", " : " ", input.shape().DebugString()));
  }
  std::vector<int64_t> pads = IntegerValues(paddings);
  for (size_t i = 0; i < pads.size(); i += 2) {
    if (pads[i] < 0 || pads[i + 1] < 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          mirror ? "paddings" : "Paddings", " must be non-negative: ", pads[i],
          " ", pads[i + 1]));
    }
  }
  return pads;
}

absl::StatusOr<TensorShape> PaddedShape(const TensorShape& shape,
                                        const std::vector<int64_t>& pads) {
  std::vector<int64_t> dims;
  for (int d = 0; d < shape.rank(); ++d) {
    // Too large for a sum is too large for a shape.
    int64_t dim = shape.dim(d);
    for (const int64_t pad : {pads[2 * d], pads[2 * d + 1]}) {
      if (pad > 0 && dim > INT64_MAX - pad) dim = INT64_MAX - pad;
      dim += pad;
    }
    dims.push_back(dim);
  }
  return TensorShape::Create(dims);
}

// `source(axis, i)`: which element along the axis stands at i.
template <typename Source>
void CopyPadded(KernelContext* ctx, const Tensor& input,
                const std::vector<int64_t>& pads, const Tensor* fill,
                const Source& source) {
  auto shape = PaddedShape(input.shape(), pads);
  RG_KERNEL_OK(ctx, shape.status());
  Tensor out = ctx->Allocate(input.dtype(), *shape);
  if (!ctx->status().ok()) return;
  if (out.num_elements() > 0) {
    const std::vector<int64_t> strides = Strides(input.shape());
    std::vector<std::vector<int64_t>> offsets(shape->rank());
    for (int d = 0; d < shape->rank(); ++d) {
      for (int64_t i = 0; i < shape->dim(d); ++i) {
        const int64_t from = source(d, i - pads[2 * d]);
        offsets[d].push_back(from < 0 ? kFillOffset : from * strides[d]);
      }
    }
    CopyByOffsets(input, offsets, fill, &out);
  }
  ctx->set_output(0, std::move(out));
}

void PadKernel(KernelContext* ctx) {
  const Tensor input = ctx->input(0);
  auto pads = Paddings(*ctx, false);
  RG_KERNEL_OK(ctx, pads.status());
  Tensor fill(input.dtype(), TensorShape());
  if (ctx->num_inputs() == 3) {
    RG_KERNEL_REQUIRES(ctx, ctx->input(2).shape().rank() == 0,
                       absl::InvalidArgumentError(absl::StrCat(
                           "constant_values must be a scalar. Found: ",
                           ctx->input(2).shape().DebugString())));
    fill = ctx->input(2);
  }
  CopyPadded(ctx, input, *pads, &fill, [&](int d, int64_t i) {
    return i < input.shape().dim(d) ? i : -1;
  });
}

void MirrorPadKernel(KernelContext* ctx) {
  const Tensor input = ctx->input(0);
  auto pads = Paddings(*ctx, true);
  RG_KERNEL_OK(ctx, pads.status());
  std::string mode;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("mode", &mode));
  // REFLECT does not repeat the border.
  const int64_t offset = mode == "REFLECT" ? 1 : 0;
  for (int d = 0; d < input.shape().rank(); ++d) {
    const int64_t before = (*pads)[2 * d], after = (*pads)[2 * d + 1];
    const int64_t size = input.shape().dim(d);
    RG_KERNEL_REQUIRES(
        ctx, before <= size - offset && after <= size - offset,
        absl::InvalidArgumentError(absl::StrCat(
            offset == 0
                ? "paddings must be no greater than the dimension size: "
                : "paddings must be less than the dimension size: ",
            before, ", ", after,
            offset == 0 ? " greater than " : " not less than ", size)));
  }
  CopyPadded(ctx, input, *pads, nullptr, [&](int d, int64_t i) {
    const int64_t size = input.shape().dim(d);
    if (i < 0) return -i - 1 + offset;
    return i < size ? i : 2 * size - 1 - i - offset;
  });
}

DataTypeVector PadTypes() { return PodAndStringTypes(); }

}  // namespace

void RegisterPadOps(OpRegistry* registry) {
  registry->Op("Pad")
      .Input("input: T")
      .Input("paddings: Tpaddings")
      .Output("output: T")
      .Attr("T: type")
      .Attr("Tpaddings: {int32, int64} = DT_INT32")
      .Shape(PadShape)
      .Kernel({{"T", PadTypes()}, {"Tpaddings", IndexTypes()}},
              StatelessKernel(PadKernel));
  registry->Op("PadV2")
      .Input("input: T")
      .Input("paddings: Tpaddings")
      .Input("constant_values: T")
      .Output("output: T")
      .Attr("T: type")
      .Attr("Tpaddings: {int32, int64} = DT_INT32")
      .Shape(PadShape)
      .Kernel({{"T", PadTypes()}, {"Tpaddings", IndexTypes()}},
              StatelessKernel(PadKernel));
  registry->Op("MirrorPad")
      .Input("input: T")
      .Input("paddings: Tpaddings")
      .Output("output: T")
      .Attr("T: type")
      .Attr("Tpaddings: {int32, int64} = DT_INT32")
      .Attr("mode: {'REFLECT', 'SYMMETRIC'}")
      .Shape(PadShape)
      .Kernel({{"T", PadTypes()}, {"Tpaddings", IndexTypes()}},
              StatelessKernel(MirrorPadKernel));
}

}  // namespace retrograph
