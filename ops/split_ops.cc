// Split and SplitV: one tensor becomes several along one axis.
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/array_ops.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

// ---- Shapes ----

// Scalar input i as an axis of a tensor of `rank`; kUnknownDim if unknown.
absl::StatusOr<int64_t> AxisFromInput(InferenceContext* c, int i, int rank) {
  const Tensor* value = c->input_tensor(i);
  if (value == nullptr) return kUnknownDim;
  if (value->shape().rank() != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Input must be scalar but has rank ", value->shape().rank()));
  }
  const int64_t axis = IntegerValue(*value);
  if (rank < 0) return axis < 0 ? kUnknownDim : axis;
  if (axis < -rank || axis >= rank) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Dimension size, given by scalar input ", axis, " must be in range [-",
        rank, ", ", rank, ")"));
  }
  return axis < 0 ? axis + rank : axis;
}

void SetAllOutputs(InferenceContext* c, const Shape& shape) {
  for (int i = 0; i < c->num_outputs(); ++i) c->set_output(i, shape);
}

absl::Status SplitShape(InferenceContext* c) {
  Shape input = c->input(1);
  RG_ASSIGN_OR_RETURN(const int64_t axis, AxisFromInput(c, 0, input.rank()));
  if (axis == kUnknownDim) {
    SetAllOutputs(c, input.unknown_rank() ? Shape()
                                          : Shape::UnknownOfRank(input.rank()));
    return absl::OkStatus();
  }
  RG_ASSIGN_OR_RETURN(input,
                      c->WithRankAtLeast(input, AxesUpTo(axis)));
  if (input.unknown_rank()) {
    SetAllOutputs(c, Shape());
    return absl::OkStatus();
  }
  const int64_t size = input.dim(axis);
  if (size != kUnknownDim) {
    if (size % c->num_outputs() != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Dimension size must be evenly divisible by ", c->num_outputs(),
          " but is ", size,
          "\n\tNumber of ways to split should evenly divide the split "
          "dimension"));
    }
    input.set_dim(axis, size / c->num_outputs());
  }
  SetAllOutputs(c, input);
  return absl::OkStatus();
}

// Every output's size along the axis, where `sizes` may hold one -1.
absl::Status SplitVShapeOfSizes(InferenceContext* c, Shape input, int64_t axis,
                                const std::vector<int64_t>& sizes) {
  RG_ASSIGN_OR_RETURN(input,
                      c->WithRankAtLeast(input, AxesUpTo(axis)));
  if (static_cast<int>(sizes.size()) != c->num_outputs()) {
    return absl::InvalidArgumentError(
        "Length of size_splits should be equal to num_outputs");
  }
  int64_t total = 0;
  bool has_rest = false;
  for (int64_t size : sizes) {
    if (size != -1) {
      total += size;
      continue;
    }
    if (has_rest) {
      return absl::InvalidArgumentError("size_splits can only have one -1");
    }
    has_rest = true;
  }
  const int64_t whole = input.dim(axis);
  for (int i = 0; i < c->num_outputs(); ++i) {
    const bool is_rest = sizes[i] == -1 && whole != kUnknownDim;
    Shape output = input;
    output.set_dim(axis, is_rest ? whole - total : sizes[i]);
    c->set_output(i, output);
  }
  if (whole != kUnknownDim && (has_rest ? total > whole : total != whole)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "can't split axis of size ", whole, " into pieces of size [",
        absl::StrJoin(sizes, ","), "]"));
  }
  return absl::OkStatus();
}

absl::Status SplitVShape(InferenceContext* c) {
  const Shape& input = c->input(0);
  RG_ASSIGN_OR_RETURN(const int64_t axis, AxisFromInput(c, 2, input.rank()));
  const Tensor* sizes = c->input_tensor(1);
  if (input.unknown_rank()) {
    SetAllOutputs(c, Shape());
    return absl::OkStatus();
  }
  if (input.rank() == 0) {
    return absl::InvalidArgumentError("Can't split scalars");
  }
  if (axis == kUnknownDim && sizes == nullptr) {
    SetAllOutputs(c, Shape::UnknownOfRank(input.rank()));
    return absl::OkStatus();
  }
  if (axis == kUnknownDim) {  // TensorFlow takes it for -1, the last axis
    return SplitVShapeOfSizes(c, input, input.rank() - 1,
                              IntegerValues(*sizes));
  }
  if (sizes == nullptr) {
    RG_ASSIGN_OR_RETURN(Shape output,
                        c->WithRankAtLeast(input, AxesUpTo(axis)));
    output.set_dim(axis, kUnknownDim);
    SetAllOutputs(c, output);
    return absl::OkStatus();
  }
  return SplitVShapeOfSizes(c, input, axis, IntegerValues(*sizes));
}

// ---- Kernels ----

// Cuts `input` along `axis` into pieces of these sizes.
void CutInto(KernelContext* ctx, const Tensor& input, int axis,
             const std::vector<int64_t>& sizes) {
  const TensorShape& shape = input.shape();
  int64_t outer = 1, inner = 1;
  for (int d = 0; d < axis; ++d) outer *= shape.dim(d);
  for (int d = axis + 1; d < shape.rank(); ++d) inner *= shape.dim(d);
  const int64_t row = shape.dim(axis) * inner;
  int64_t start = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const int64_t end = start + sizes[i];
    if (axis == 0) {
      ctx->set_output(i, input.Slice0(start, end));
    } else {
      TensorShape part = shape;
      part.set_dim(axis, sizes[i]);
      Tensor out = ctx->Allocate(input.dtype(), part);
      if (!ctx->status().ok()) return;
      const int64_t run = sizes[i] * inner;
      for (int64_t k = 0; k < outer; ++k) {
        CopyElements(input, k * row + start * inner, run, &out, k * run);
      }
      ctx->set_output(i, std::move(out));
    }
    start = end;
  }
}

absl::StatusOr<int> SplitAxis(const Tensor& axis_tensor, int rank) {
  if (axis_tensor.shape().rank() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("split_dim must be a scalar but has rank ",
                     axis_tensor.shape().rank()));
  }
  const int64_t wanted = IntegerValue(axis_tensor);
  const int64_t axis = wanted < 0 ? wanted + rank : wanted;
  if (axis < 0 || axis >= rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("-input rank(-", rank, ") <= split_dim < input rank (",
                     rank, "), but got ", wanted));
  }
  return static_cast<int>(axis);
}

void SplitKernel(KernelContext* ctx) {
  const Tensor input = ctx->input(1);
  auto axis = SplitAxis(ctx->input(0), input.shape().rank());
  RG_KERNEL_OK(ctx, axis.status());
  const int count = ctx->op().num_outputs();
  const int64_t size = input.shape().dim(*axis);
  RG_KERNEL_REQUIRES(
      ctx, size % count == 0,
      absl::InvalidArgumentError(absl::StrCat(
          "Number of ways to split should evenly divide the split dimension, "
          "but got split_dim ",
          *axis, " (size = ", size, ") and num_split ", count)));
  CutInto(ctx, input, *axis, std::vector<int64_t>(count, size / count));
}

// Puts what is left in the place of a -1.
absl::Status CompleteSizes(int64_t whole, std::vector<int64_t>* sizes) {
  int64_t total = 0;
  int rest = -1;
  for (size_t i = 0; i < sizes->size(); ++i) {
    if ((*sizes)[i] != -1) {
      total += (*sizes)[i];
      continue;
    }
    if (rest >= 0) {
      return absl::InvalidArgumentError("There can only be one -1 in the input.");
    }
    rest = static_cast<int>(i);
  }
  const bool fits = rest < 0 ? total == whole : total <= whole;
  if (!fits) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Determined shape must either match input shape along split_dim "
        "exactly if fully specified, or be less than the size of the input "
        "along split_dim if not fully specified.  Got: ",
        total));
  }
  if (rest >= 0) (*sizes)[rest] = whole - total;
  return absl::OkStatus();
}

void SplitVKernel(KernelContext* ctx) {
  const Tensor input = ctx->input(0);
  const Tensor& sizes_tensor = ctx->input(1);
  const int count = ctx->op().num_outputs();
  const int rank = input.shape().rank();
  RG_KERNEL_REQUIRES(
      ctx,
      sizes_tensor.shape().rank() == 1 && sizes_tensor.num_elements() == count,
      absl::InvalidArgumentError(absl::StrCat(
          "size of the split_tensor must be 1-D and have the same elements as "
          "outputs got ",
          sizes_tensor.shape().rank(), " -D and ", sizes_tensor.num_elements(),
          " elements")));
  auto axis = SplitAxis(ctx->input(2), rank);
  RG_KERNEL_OK(ctx, axis.status());
  std::vector<int64_t> sizes = IntegerValues(sizes_tensor);
  const int64_t whole = input.shape().dim(*axis);
  RG_KERNEL_REQUIRES(
      ctx, count != 1 || sizes[0] == whole,
      absl::InvalidArgumentError(absl::StrCat(
          "If there is only one output, it must have the same size as the "
          "input. Input size: ",
          whole, " output size: ", sizes[0])));
  RG_KERNEL_OK(ctx, CompleteSizes(whole, &sizes));
  for (size_t i = 0; i < sizes.size(); ++i) {
    RG_KERNEL_REQUIRES(ctx, sizes[i] >= 0,
                       absl::InvalidArgumentError(absl::StrCat(
                           "Split size at index ", i,
                           " must be >= 0. Got: ", sizes[i])));
  }
  CutInto(ctx, input, *axis, sizes);
}

}  // namespace

void RegisterSplitOps(OpRegistry* registry) {
  registry->Op("Split")
      .Input("split_dim: int32")
      .Input("value: T")
      .Output("output: num_split * T")
      .Attr("num_split: int >= 1")
      .Attr("T: type")
      .Shape(SplitShape)
      .Kernel({{"T", Join({DT_QUINT8}, AllTypes())}},
              StatelessKernel(SplitKernel));
  registry->Op("SplitV")
      .Input("value: T")
      .Input("size_splits: Tlen")
      .Input("split_dim: int32")
      .Output("output: num_split * T")
      .Attr("num_split: int >= 1")
      .Attr("T: type")
      .Attr("Tlen: {int32, int64} = DT_INT64")
      .Shape(SplitVShape)
      .Kernel({{"T", AllTypes()}, {"Tlen", IndexTypes()}},
              StatelessKernel(SplitVKernel));
}

}  // namespace retrograph
