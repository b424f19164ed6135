// Conv2D and its gradients.
//
// A convolution here is a sum of products of a matrix of patches and the
// filter, row by row; sums come in another order than TensorFlow's, so that the
// last bits may differ.
//
// Source: tensorflow/core/kernels/conv_ops.cc, conv_grad_ops.cc.
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/conv_family.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"
#include "ops/number.h"
#include "ops/window.h"

namespace retrograph {
namespace {

// ---- Shapes ----

absl::Status ConvShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const WindowAttrs attrs, ReadWindowAttrs(c->op()));
  RG_ASSIGN_OR_RETURN(const Shape input, c->WithRank(c->input(0), 4));
  RG_ASSIGN_OR_RETURN(const Shape filter, c->WithRank(c->input(1), 4));
  const auto dim = [](const Shape& shape, int i) {
    return shape.unknown_rank() ? kUnknownDim : shape.dim(i);
  };
  const int64_t channels = dim(input, attrs.channel_axis());
  const int64_t wanted = dim(filter, 2);
  if (channels != kUnknownDim && wanted != kUnknownDim) {
    if (wanted == 0) {
      return absl::InvalidArgumentError("Depth of filter must not be 0");
    }
    if (channels % wanted != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Depth of input (", channels,
          ") is not a multiple of input depth of filter (", wanted, ")"));
    }
  }
  Shape out = Shape::UnknownOfRank(4);
  out.set_dim(0, dim(input, 0));
  out.set_dim(attrs.channel_axis(), dim(filter, 3));
  for (int i = 0; i < 2; ++i) {
    const int at = attrs.image_axis(i);
    RG_ASSIGN_OR_RETURN(const int64_t size,
                        OutputSize(attrs, i, dim(input, at), dim(filter, i)));
    out.set_dim(at, size);
  }
  c->set_output(0, out);
  return absl::OkStatus();
}

// ---- Kernels ----

struct Conv {
  int64_t batch, in_depth, out_depth;
  WindowAxis rows, columns;
};

absl::StatusOr<Conv> ConvOf(const Operation& op, const TensorShape& input,
                            const TensorShape& filter) {
  RG_ASSIGN_OR_RETURN(const WindowAttrs attrs, ReadWindowAttrs(op));
  RG_RETURN_IF_ERROR(CheckChannelsLast(attrs, op));
  if (input.rank() != 4) {
    return absl::InvalidArgumentError(
        absl::StrCat("input must be 4-dimensional", input.DebugString()));
  }
  if (filter.rank() != 4) {
    return absl::InvalidArgumentError(
        absl::StrCat("filter must be 4-dimensional: ", filter.DebugString()));
  }
  Conv conv;
  conv.batch = input.dim(0);
  conv.in_depth = input.dim(3);
  conv.out_depth = filter.dim(3);
  if (conv.in_depth != filter.dim(2)) {
    return absl::InvalidArgumentError(
        absl::StrCat("input and filter must have the same depth: ",
                     conv.in_depth, " vs ", filter.dim(2)));
  }
  RG_ASSIGN_OR_RETURN(conv.rows, AxisOf(attrs, 0, input.dim(1), filter.dim(0)));
  RG_ASSIGN_OR_RETURN(conv.columns,
                      AxisOf(attrs, 1, input.dim(2), filter.dim(1)));
  return conv;
}

// Calls f(input offset, filter offset, output offset) for each pair of an
// output position and a place in its window: there, in_depth inputs meet an
// in_depth by out_depth matrix of the filter.
template <typename F>
void ForEachTap(const Conv& conv, const F& f) {
  const WindowAxis &rows = conv.rows, &columns = conv.columns;
  // Where one loop has nothing to do, the others could be long.
  if (conv.in_depth == 0 || conv.out_depth == 0 || rows.output == 0 ||
      columns.output == 0) {
    return;
  }
  for (int64_t n = 0; n < conv.batch; ++n) {
    for (int64_t r = 0; r < rows.output; ++r) {
      for (int64_t c = 0; c < columns.output; ++c) {
        const int64_t out =
            ((n * rows.output + r) * columns.output + c) * conv.out_depth;
        for (int64_t i = 0; i < rows.size; ++i) {
          const int64_t y = rows.Start(r) + i * rows.dilation;
          if (y < 0 || y >= rows.input) continue;
          for (int64_t j = 0; j < columns.size; ++j) {
            const int64_t x = columns.Start(c) + j * columns.dilation;
            if (x < 0 || x >= columns.input) continue;
            f(((n * rows.input + y) * columns.input + x) * conv.in_depth,
              (i * columns.size + j) * conv.in_depth * conv.out_depth, out);
          }
        }
      }
    }
  }
}

// 16-bit floats are summed in float and rounded once.
template <typename T>
std::vector<ComputeType<T>> Widened(const Tensor& tensor) {
  const auto flat = tensor.flat<T>();
  std::vector<ComputeType<T>> wide(flat.size());
  for (size_t i = 0; i < flat.size(); ++i) {
    wide[i] = static_cast<ComputeType<T>>(flat[i]);
  }
  return wide;
}
// Adds up a result of this shape by sum(ComputeType<T>* zeros).
template <typename T, typename F>
void SetResult(KernelContext* ctx, const TensorShape& shape, const F& sum) {
  using C = ComputeType<T>;
  Tensor result;
  if (!StartResult(ctx, DataTypeOf<T>::value, shape, &result)) return;
  if constexpr (std::is_same_v<T, C>) {
    sum(result.mutable_flat<T>().data());
  } else {
    absl::StatusOr<Tensor> wide =
        Tensor::AllocateZeros(DataTypeOf<C>::value, shape);
    RG_KERNEL_OK(ctx, wide.status());
    const auto from = wide->mutable_flat<C>();
    sum(from.data());
    const auto to = result.mutable_flat<T>();
    for (size_t i = 0; i < to.size(); ++i) to[i] = NumberCast<T>(from[i]);
  }
  ctx->set_output(0, std::move(result));
}

template <typename T>
void Conv2DKernel(KernelContext* ctx) {
  auto conv = ConvOf(ctx->op(), ctx->input(0).shape(), ctx->input(1).shape());
  RG_KERNEL_OK(ctx, conv.status());
  using C = ComputeType<T>;
  const std::vector<C> input = Widened<T>(ctx->input(0));
  const std::vector<C> filter = Widened<T>(ctx->input(1));
  const TensorShape shape({conv->batch, conv->rows.output,
                           conv->columns.output, conv->out_depth});
  SetResult<T>(ctx, shape, [&](C* out) {
    ForEachTap(*conv, [&](int64_t from, int64_t weights, int64_t to) {
      for (int64_t d = 0; d < conv->in_depth; ++d) {
        const C value = input[from + d];
        const C* row = filter.data() + weights + d * conv->out_depth;
        for (int64_t k = 0; k < conv->out_depth; ++k) {
          out[to + k] += value * row[k];
        }
      }
    });
  });
}

absl::StatusOr<TensorShape> ShapeOfSizes(const Tensor& sizes) {
  std::vector<int64_t> dims;
  for (int32_t size : sizes.flat<int32_t>()) dims.push_back(size);
  return TensorShape::Create(dims);
}

absl::Status CheckOutBackprop(const Conv& conv, const TensorShape& shape) {
  const TensorShape wanted({conv.batch, conv.rows.output, conv.columns.output,
                            conv.out_depth});
  if (shape == wanted) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "Conv2DSlowBackprop: Size of out_backprop doesn't match computed: "
      "actual = ",
      shape.DebugString(), ", computed = ", wanted.DebugString()));
}

template <typename T>
void BackpropInputKernel(KernelContext* ctx) {
  auto shape = ShapeOfSizes(ctx->input(0));
  RG_KERNEL_OK(ctx, shape.status());
  auto conv = ConvOf(ctx->op(), *shape, ctx->input(1).shape());
  RG_KERNEL_OK(ctx, conv.status());
  RG_KERNEL_OK(ctx, CheckOutBackprop(*conv, ctx->input(2).shape()));
  using C = ComputeType<T>;
  const std::vector<C> filter = Widened<T>(ctx->input(1));
  const std::vector<C> grad = Widened<T>(ctx->input(2));
  SetResult<T>(ctx, *shape, [&](C* out) {
    ForEachTap(*conv, [&](int64_t to, int64_t weights, int64_t from) {
      for (int64_t d = 0; d < conv->in_depth; ++d) {
        const C* row = filter.data() + weights + d * conv->out_depth;
        C sum = 0;
        for (int64_t k = 0; k < conv->out_depth; ++k) {
          sum += grad[from + k] * row[k];
        }
        out[to + d] += sum;
      }
    });
  });
}

template <typename T>
void BackpropFilterKernel(KernelContext* ctx) {
  auto shape = ShapeOfSizes(ctx->input(1));
  RG_KERNEL_OK(ctx, shape.status());
  auto conv = ConvOf(ctx->op(), ctx->input(0).shape(), *shape);
  RG_KERNEL_OK(ctx, conv.status());
  RG_KERNEL_OK(ctx, CheckOutBackprop(*conv, ctx->input(2).shape()));
  using C = ComputeType<T>;
  const std::vector<C> input = Widened<T>(ctx->input(0));
  const std::vector<C> grad = Widened<T>(ctx->input(2));
  SetResult<T>(ctx, *shape, [&](C* out) {
    ForEachTap(*conv, [&](int64_t from, int64_t weights, int64_t at) {
      for (int64_t d = 0; d < conv->in_depth; ++d) {
        const C value = input[from + d];
        C* row = out + weights + d * conv->out_depth;
        for (int64_t k = 0; k < conv->out_depth; ++k) {
          row[k] += value * grad[at + k];
        }
      }
    });
  });
}

void AddConvAttrs(OpBuilder& op) {
  op.Attr("T: {half, bfloat16, float, double}")
      .Attr("strides: list(int)")
      .Attr("use_cudnn_on_gpu: bool = true")
      .Attr("padding: {'SAME', 'VALID', 'EXPLICIT'}")
      .Attr("explicit_paddings: list(int) = []")
      .Attr("data_format: {'NHWC', 'NCHW'} = 'NHWC'")
      .Attr("dilations: list(int) = [1, 1, 1, 1]");
}

}  // namespace

void RegisterConvOps(OpRegistry* registry) {
  RegisterConvFamily(registry, {"Conv2D", AddConvAttrs, ConvShape,
                                RG_CONV_KERNELS(Conv2DKernel),
                                RG_CONV_KERNELS(BackpropInputKernel),
                                RG_CONV_KERNELS(BackpropFilterKernel)});
}

}  // namespace retrograph
