// Ops about shapes: Shape and its like, Reshape, ExpandDims, Squeeze,
// broadcasting.
#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/shape_ops.h"
#include "ops/standard_ops.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

// ---- Shape, ShapeN, Size, Rank ----

absl::Status ShapeShape(InferenceContext* c) {
  for (int i = 0; i < c->num_inputs(); ++i) {
    const int rank = c->input(i).rank();
    c->set_output(i, VectorOf(rank < 0 ? kUnknownDim : rank));
  }
  return absl::OkStatus();
}

constexpr int64_t kMaxInt32 = std::numeric_limits<int32_t>::max();

void ShapeKernel(KernelContext* ctx) {
  for (int i = 0; i < ctx->num_inputs(); ++i) {
    const DataType dtype = ctx->op().output_type(i);
    const TensorShape& shape = ctx->input(i).shape();
    std::vector<int64_t> dims(shape.dims().begin(), shape.dims().end());
    for (size_t d = 0; dtype == DT_INT32 && d < dims.size(); ++d) {
      RG_KERNEL_REQUIRES(
          ctx, dims[d] <= kMaxInt32,
          absl::InvalidArgumentError(
              absl::StrCat("Shape output type is 32-bit  but dim ", d, " is ",
                           dims[d])));
    }
    ctx->set_output(i, IntegerVector(dtype, dims));
  }
}

void SizeKernel(KernelContext* ctx) {
  const DataType dtype = ctx->op().output_type(0);
  const int64_t size = ctx->input(0).num_elements();
  RG_KERNEL_REQUIRES(
      ctx, dtype != DT_INT32 || size <= kMaxInt32,
      absl::InvalidArgumentError("Number of elements was larger than "
                                 "representable by 32-bit output type"));
  ctx->set_output(0, IntegerScalar(dtype, size));
}

void RankKernel(KernelContext* ctx) {
  ctx->set_output(0, Tensor::Scalar<int32_t>(ctx->input(0).shape().rank()));
}

// ---- Reshape ----

// The number of elements as far as it is known: `known` is the product of the
// known dimensions, `unknown_axis` the one that is not (-1: none).
struct ElementCount {
  int64_t known = 1;
  int unknown_axis = -1;
  bool several_unknown = false;
};

ElementCount CountElements(const Shape& shape) {
  ElementCount count;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape.dim(i) == 0) return ElementCount{0, -1, false};
  }
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape.dim(i) != kUnknownDim) {
      count.known *= shape.dim(i);
    } else if (count.unknown_axis >= 0) {
      count.several_unknown = true;
    } else {
      count.unknown_axis = i;
    }
  }
  return count;
}

absl::StatusOr<int64_t> DivideEvenly(int64_t size, int64_t divisor) {
  if (size % divisor != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("Dimension size must be evenly divisible by ", divisor,
                     " but is ", size));
  }
  return size / divisor;
}

absl::Status ReshapeShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape out, c->MakeShapeFromInput(1));
  const Shape& in = c->input(0);
  if (out.unknown_rank() || in.unknown_rank()) {
    c->set_output(0, out);
    return absl::OkStatus();
  }
  const ElementCount from = CountElements(in), to = CountElements(out);
  if (!from.several_unknown && !to.several_unknown) {
    if (from.unknown_axis < 0 && to.unknown_axis < 0) {
      if (from.known != to.known) {
        return absl::InvalidArgumentError(absl::StrCat(
            "Cannot reshape a tensor with ", from.known, " elements to shape ",
            out.DebugString(), " (", to.known, " elements)"));
      }
    } else if (from.unknown_axis < 0 && to.known > 0) {
      RG_ASSIGN_OR_RETURN(const int64_t size,
                          DivideEvenly(from.known, to.known));
      out.set_dim(to.unknown_axis, size);
    } else if (to.unknown_axis < 0 && from.known != 0) {
      RG_RETURN_IF_ERROR(DivideEvenly(to.known, from.known).status());
    }
  }
  c->set_output(0, out);
  return absl::OkStatus();
}

// What a wanted size of -1 becomes. Zeros among the sizes do not count, so
// that [0, -1] of an empty tensor can be told as well.
absl::StatusOr<int64_t> MissingSize(const TensorShape& input,
                                    const std::vector<int64_t>& sizes) {
  int64_t product = 1;
  bool has_zero = false;
  for (int64_t size : sizes) {
    if (size == 0) has_zero = true;
    if (size > 0) product *= size;
  }
  int64_t elements = 1;
  bool ignored_zero = false;
  for (int64_t dim : input.dims()) {
    if (dim > 0 || !has_zero) {
      elements *= dim;
    } else {
      ignored_zero = true;
    }
  }
  const int64_t missing = elements / product;
  if (!ignored_zero && product * missing != elements) {
    return absl::InvalidArgumentError(
        absl::StrCat("Input to reshape is a tensor with ", elements,
                     " values, but the requested shape requires a multiple of ",
                     product));
  }
  return missing;
}

void ReshapeKernel(KernelContext* ctx) {
  const Tensor& sizes_tensor = ctx->input(1);
  RG_KERNEL_REQUIRES(ctx, sizes_tensor.shape().rank() == 1,
                     absl::InvalidArgumentError(
                         absl::StrCat("sizes input must be 1-D, not ",
                                      sizes_tensor.shape().DebugString())));
  std::vector<int64_t> sizes = IntegerValues(sizes_tensor);
  int unknown = -1;
  for (size_t d = 0; d < sizes.size(); ++d) {
    if (sizes[d] == -1) {
      RG_KERNEL_REQUIRES(
          ctx, unknown < 0,
          absl::InvalidArgumentError(
              absl::StrCat("Only one input size may be -1, not both ", unknown,
                           " and ", d)));
      unknown = static_cast<int>(d);
      continue;
    }
    RG_KERNEL_REQUIRES(ctx, sizes[d] >= 0,
                       absl::InvalidArgumentError(
                           absl::StrCat("Size ", d, " must be non-negative, not ",
                                        sizes[d])));
  }
  const Tensor input = ctx->TakeInput(0);
  if (unknown >= 0) {
    auto missing = MissingSize(input.shape(), sizes);
    RG_KERNEL_OK(ctx, missing.status());
    sizes[unknown] = *missing;
  }
  auto shape = TensorShape::Create(sizes);
  RG_KERNEL_OK(ctx, shape.status());
  RG_KERNEL_REQUIRES(
      ctx, shape->num_elements() == input.num_elements(),
      absl::InvalidArgumentError(absl::StrCat(
          "Input to reshape is a tensor with ", input.num_elements(),
          " values, but the requested shape has ", shape->num_elements())));
  ctx->set_output(0, input.Reshaped(*shape));
}

// ---- ExpandDims, Squeeze ----

absl::Status ExpandDimsShape(InferenceContext* c) {
  const Shape& input = c->input(0);
  const Tensor* dim_tensor = c->input_tensor(1);
  if (dim_tensor != nullptr && dim_tensor->num_elements() != 1) {
    return absl::InvalidArgumentError(
        "'dim' input must be a tensor with a single value");
  }
  if (dim_tensor == nullptr || input.unknown_rank()) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  const int64_t dim = IntegerValue(*dim_tensor);
  const int64_t rank = input.rank();
  if (dim < -rank - 1 || dim > rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("dim ", dim, " not in the interval [", -rank - 1, ", ",
                     rank, "]."));
  }
  std::vector<int64_t> dims(input.dims().begin(), input.dims().end());
  dims.insert(dims.begin() + (dim < 0 ? dim + rank + 1 : dim), 1);
  c->set_output(0, Shape(dims));
  return absl::OkStatus();
}

void ExpandDimsKernel(KernelContext* ctx) {
  const Tensor& dim_tensor = ctx->input(1);
  RG_KERNEL_REQUIRES(ctx, dim_tensor.num_elements() == 1,
                     absl::InvalidArgumentError(
                         "'dim' must be a tensor with a single value"));
  const int64_t dim = IntegerValue(dim_tensor);
  const TensorShape shape = ctx->input(0).shape();
  const int64_t rank = shape.rank();
  RG_KERNEL_REQUIRES(
      ctx, dim >= -1 - rank && dim <= rank,
      absl::InvalidArgumentError(
          absl::StrCat("Tried to expand dim index ", dim, " for tensor with ",
                       rank, " dimensions.")));
  std::vector<int64_t> dims(shape.dims().begin(), shape.dims().end());
  dims.insert(dims.begin() + (dim < 0 ? dim + rank + 1 : dim), 1);
  ctx->set_output(0, ctx->TakeInput(0).Reshaped(TensorShape(dims)));
}

absl::Status SqueezeShape(InferenceContext* c) {
  std::vector<int64_t> squeeze;
  RG_RETURN_IF_ERROR(c->GetAttr("squeeze_dims", &squeeze));
  const Shape& input = c->input(0);
  const int64_t rank = input.rank();
  if (input.unknown_rank()) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  for (size_t i = 0; i < squeeze.size(); ++i) {
    if (squeeze[i] < -rank || squeeze[i] >= rank) {
      return absl::InvalidArgumentError(absl::StrCat(
          "squeeze_dims[", i, "] not in [", -rank, ",", rank, ")."));
    }
    if (squeeze[i] < 0) squeeze[i] += rank;
  }
  std::vector<int64_t> dims;
  for (int64_t i = 0; i < rank; ++i) {
    const int64_t dim = input.dim(i);
    const bool named =
        std::find(squeeze.begin(), squeeze.end(), i) != squeeze.end();
    if (dim == kUnknownDim && squeeze.empty()) {
      c->set_output(0, Shape());
      return absl::OkStatus();
    }
    if (named && dim != kUnknownDim && dim != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("Can not squeeze dim[", i,
                       "], expected a dimension of 1, got ", dim));
    }
    if (!named && !(squeeze.empty() && dim == 1)) dims.push_back(dim);
  }
  c->set_output(0, Shape(dims));
  return absl::OkStatus();
}

void SqueezeKernel(KernelContext* ctx) {
  std::vector<int64_t> squeeze;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("squeeze_dims", &squeeze));
  const TensorShape shape = ctx->input(0).shape();
  const int64_t rank = shape.rank();
  for (int64_t& dim : squeeze) {
    RG_KERNEL_REQUIRES(
        ctx, dim >= -rank && dim < rank,
        absl::InvalidArgumentError(
            absl::StrCat("Tried to squeeze dim index ", dim,
                         " for tensor with ", rank, " dimensions.")));
    if (dim < 0) dim += rank;
  }
  std::vector<int64_t> dims;
  for (int64_t i = 0; i < rank; ++i) {
    const bool named =
        std::find(squeeze.begin(), squeeze.end(), i) != squeeze.end();
    RG_KERNEL_REQUIRES(
        ctx, !named || shape.dim(i) == 1,
        absl::InvalidArgumentError(
            absl::StrCat("Can not squeeze dim[", i,
                         "], expected a dimension of 1, got ", shape.dim(i))));
    if (!named && !(squeeze.empty() && shape.dim(i) == 1)) {
      dims.push_back(shape.dim(i));
    }
  }
  ctx->set_output(0, ctx->TakeInput(0).Reshaped(TensorShape(dims)));
}

}  // namespace

void RegisterShapeOps(OpRegistry* registry) {
  registry->Op("Shape")
      .Input("input: T")
      .Output("output: out_type")
      .Attr("T: type")
      .Attr("out_type: {int32, int64} = DT_INT32")
      .Shape(ShapeShape)
      .Kernel({{"out_type", IndexTypes()}}, StatelessKernel(ShapeKernel));
  registry->Op("ShapeN")
      .Input("input: N * T")
      .Output("output: N * out_type")
      .Attr("N: int >= 1")
      .Attr("T: type")
      .Attr("out_type: {int32, int64} = DT_INT32")
      .Shape(ShapeShape)
      .Kernel({{"out_type", IndexTypes()}}, StatelessKernel(ShapeKernel));
  registry->Op("Size")
      .Input("input: T")
      .Output("output: out_type")
      .Attr("T: type")
      .Attr("out_type: {int32, int64} = DT_INT32")
      .Shape(ScalarShape)
      .Kernel({{"out_type", IndexTypes()}}, StatelessKernel(SizeKernel));
  registry->Op("Rank")
      .Input("input: T")
      .Output("output: int32")
      .Attr("T: type")
      .Shape(ScalarShape)
      .Kernel({}, StatelessKernel(RankKernel));
  registry->Op("Reshape")
      .Input("tensor: T")
      .Input("shape: Tshape")
      .Output("output: T")
      .Attr("T: type")
      .Attr("Tshape: {int32, int64} = DT_INT32")
      .Shape(ReshapeShape)
      .Kernel({{"Tshape", IndexTypes()}}, StatelessKernel(ReshapeKernel));
  registry->Op("ExpandDims")
      .Input("input: T")
      .Input("dim: Tdim")
      .Output("output: T")
      .Attr("T: type")
      .Attr("Tdim: {int32, int64} = DT_INT32")
      .Shape(ExpandDimsShape)
      .Kernel({{"Tdim", IndexTypes()}}, StatelessKernel(ExpandDimsKernel));
  registry->Op("Squeeze")
      .Input("input: T")
      .Output("output: T")
      .Attr("T: type")
      .Attr("squeeze_dims: list(int) >= 0 = []")
      .Shape(SqueezeShape)
      .Kernel({}, StatelessKernel(SqueezeKernel));
  RegisterBroadcastOps(registry);
}

}  // namespace retrograph
