// Slice: a box out of a tensor.
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

absl::StatusOr<int64_t> SubtractDims(int64_t a, int64_t b) {
  if (b == 0) return a;
  if (a == kUnknownDim || b == kUnknownDim) return kUnknownDim;
  if (a < b) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Negative dimension size caused by subtracting ", b, " from ", a));
  }
  return a - b;
}

absl::Status SliceShape(InferenceContext* c) {
  Shape input = c->input(0);
  RG_ASSIGN_OR_RETURN(Shape begin_shape, c->WithRank(c->input(1), 1));
  RG_ASSIGN_OR_RETURN(Shape size_shape, c->WithRank(c->input(2), 1));
  RG_ASSIGN_OR_RETURN(begin_shape, c->Merge(begin_shape, size_shape));
  const int64_t rank = c->Dim(begin_shape, 0);
  if (rank != kUnknownDim) {
    RG_ASSIGN_OR_RETURN(input, c->WithRank(input, static_cast<int>(rank)));
  }
  RG_ASSIGN_OR_RETURN(Shape begin, c->MakeShapeFromInput(1));
  const Tensor* size_tensor = c->input_tensor(2);
  if (size_tensor != nullptr) {
    const std::vector<int64_t> sizes = IntegerValues(*size_tensor);
    RG_ASSIGN_OR_RETURN(begin,
                        c->WithRank(begin, static_cast<int>(sizes.size())));
    std::vector<int64_t> dims(sizes);
    for (size_t i = 0; i < sizes.size(); ++i) {
      if (sizes[i] != -1) continue;  // -1 is "up to the end"
      RG_ASSIGN_OR_RETURN(dims[i], SubtractDims(c->Dim(input, i),
                                                c->Dim(begin, i)));
    }
    RG_ASSIGN_OR_RETURN(Shape out, Shape::Create(dims));
    c->set_output(0, out);
    return absl::OkStatus();
  }
  // A -1 among partly known sizes reads as unknown, which is right here.
  RG_ASSIGN_OR_RETURN(Shape size, c->MakeShapeFromInput(2));
  if (!size.unknown_rank()) {
    RG_RETURN_IF_ERROR(c->WithRank(begin, size.rank()).status());
    c->set_output(0, size);
  } else {
    c->set_output(0, input.unknown_rank() ? Shape()
                                          : Shape::UnknownOfRank(input.rank()));
  }
  return absl::OkStatus();
}

absl::Status CheckSlice(const Tensor& input, const Tensor& begin_tensor,
                        const Tensor& size_tensor, std::vector<int64_t>* begin,
                        std::vector<int64_t>* size) {
  const int rank = input.shape().rank();
  if (begin_tensor.shape().rank() != 1 || size_tensor.shape().rank() != 1 ||
      begin_tensor.num_elements() != rank ||
      size_tensor.num_elements() != rank) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Expected begin and size arguments to be 1-D tensors of size ", rank,
        ", but got shapes ", begin_tensor.shape().DebugString(), " and ",
        size_tensor.shape().DebugString(), " instead."));
  }
  *begin = IntegerValues(begin_tensor);
  *size = IntegerValues(size_tensor);
  for (int i = 0; i < rank; ++i) {
    const int64_t dim = input.shape().dim(i);
    const int64_t b = (*begin)[i];
    if ((*size)[i] == -1) (*size)[i] = dim - b;
    const int64_t s = (*size)[i];
    if (dim == 0) {
      if (b == 0 && s == 0) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "Expected begin[", i, "] == 0 (got ", b, ") and size[", i,
          "] == 0 (got ", s, ") when input.dim_size(", i, ") == 0"));
    }
    if (b < 0 || b > dim) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Expected begin[", i, "] in [0, ", dim, "], but got ", b));
    }
    if (s < 0 || b + s > dim) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Expected size[", i, "] in [0, ", dim - b, "], but got ", s));
    }
  }
  return absl::OkStatus();
}

// Copies the box row by row; a row is a run along the last axis.
void CopyBox(const Tensor& input, const std::vector<int64_t>& begin,
             Tensor* out) {
  const TensorShape& shape = out->shape();
  const int rank = shape.rank();
  const std::vector<int64_t> strides = Strides(input.shape());
  const int64_t run = shape.dim(rank - 1);
  const int64_t rows = run == 0 ? 0 : shape.num_elements() / run;
  std::vector<int64_t> at(rank, 0);
  WithElementType(input.dtype(), [&](auto element) {
    using T = decltype(element);
    const T* from = Elements<T>(input);
    T* to = rows == 0 ? nullptr : MutableElements<T>(out);
    for (int64_t row = 0; row < rows; ++row, to += run) {
      int64_t start = begin[rank - 1];
      for (int d = 0; d + 1 < rank; ++d) start += (begin[d] + at[d]) * strides[d];
      std::copy(from + start, from + start + run, to);
      for (int d = rank - 2; d >= 0 && ++at[d] == shape.dim(d); --d) at[d] = 0;
    }
  });
}

void SliceKernel(KernelContext* ctx) {
  const Tensor input = ctx->input(0);
  std::vector<int64_t> begin, size;
  RG_KERNEL_OK(ctx,
               CheckSlice(input, ctx->input(1), ctx->input(2), &begin, &size));
  const TensorShape shape(size);
  if (shape == input.shape()) {
    ctx->set_output(0, input);
    return;
  }
  bool rows_only = true;  // whole along every axis but the first
  for (int i = 1; i < shape.rank(); ++i) {
    rows_only = rows_only && size[i] == input.shape().dim(i);
  }
  if (rows_only) {
    ctx->set_output(0, input.Slice0(begin[0], begin[0] + size[0]));
    return;
  }
  Tensor out = ctx->Allocate(input.dtype(), shape);
  if (!ctx->status().ok()) return;
  CopyBox(input, begin, &out);
  ctx->set_output(0, std::move(out));
}

}  // namespace

void RegisterSliceOps(OpRegistry* registry) {
  registry->Op("Slice")
      .Input("input: T")
      .Input("begin: Index")
      .Input("size: Index")
      .Output("output: T")
      .Attr("T: type")
      .Attr("Index: {int32, int64}")
      .Shape(SliceShape)
      .Kernel({{"T", Join(QuantizedTypes(), PodAndStringTypes())}},
              StatelessKernel(SliceKernel))
      // TensorFlow's XLA_CPU device has these two.
      .Kernel({{"T", {DT_UINT32, DT_UINT64}}}, StatelessKernel(SliceKernel));
}

}  // namespace retrograph
