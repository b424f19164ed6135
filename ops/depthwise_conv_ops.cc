// DepthwiseConv2dNative (each channel convolved with filters of its own) and its
// gradients. Sums come in another order than TensorFlow's, so that the last
// bits may differ.
//
// Source: tensorflow/core/kernels/depthwise_conv_op.cc,
// depthwise_conv_grad_op.cc (CPU), which do not look at `dilations`.
#include <string>
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
#include "ops/shape_helpers.h"
#include "ops/window.h"

namespace retrograph {
namespace {

absl::StatusOr<WindowAttrs> AttrsOf(const Operation& op) {
  const AttrValue* strides = op.FindAttr("strides");
  if (strides != nullptr && strides->list().i_size() != 4) {
    return absl::InvalidArgumentError(absl::StrCat(
        "DepthwiseConv2D requires the stride attribute to contain 4 values, "
        "but got: ",
        strides->list().i_size()));
  }
  RG_ASSIGN_OR_RETURN(WindowAttrs attrs, ReadWindowAttrs(op));
  attrs.dilations.assign(4, 1);
  return attrs;
}

absl::Status DepthwiseShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const WindowAttrs attrs, AttrsOf(c->op()));
  RG_ASSIGN_OR_RETURN(Shape input, c->WithRank(c->input(0), 4));
  RG_ASSIGN_OR_RETURN(Shape filter, c->WithRank(c->input(1), 4));
  if (input.unknown_rank()) input = Shape::UnknownOfRank(4);
  if (filter.unknown_rank()) filter = Shape::UnknownOfRank(4);
  RG_ASSIGN_OR_RETURN(const int64_t depth,
                      c->MergeDim(input.dim(attrs.channel_axis()),
                                  filter.dim(2)));
  Shape out = Shape::UnknownOfRank(4);
  out.set_dim(0, input.dim(0));
  out.set_dim(attrs.channel_axis(), MultiplyDims(depth, filter.dim(3)));
  for (int i = 0; i < 2; ++i) {
    const int at = attrs.image_axis(i);
    RG_ASSIGN_OR_RETURN(
        const int64_t size,
        OutputSize(attrs, i, input.dim(at), filter.dim(i)));
    out.set_dim(at, size);
  }
  c->set_output(0, out);
  return absl::OkStatus();
}

struct Depthwise {
  int64_t batch, depth, multiplier;
  WindowAxis rows, columns;

  int64_t out_depth() const { return depth * multiplier; }
  TensorShape OutputShape() const {
    return TensorShape({batch, rows.output, columns.output, out_depth()});
  }
};

absl::Status CheckStrides(const WindowAttrs& attrs) {
  if (attrs.strides[attrs.image_axis(0)] !=
      attrs.strides[attrs.image_axis(1)]) {
    return absl::InvalidArgumentError(
        "Current implementation only supports equal length strides in the row "
        "and column dimensions.");
  }
  if (attrs.strides[0] != 1 || attrs.strides[attrs.channel_axis()] != 1) {
    return absl::InvalidArgumentError(
        "Current implementation does not yet support strides in the batch and "
        "depth dimensions.");
  }
  if (attrs.nchw) {
    return absl::UnimplementedError(
        "Depthwise convolution on CPU is only supported for NHWC format");
  }
  return absl::OkStatus();
}

// `label` begins the messages of the gradients; they give no shapes.
absl::StatusOr<Depthwise> DepthwiseOf(const Operation& op,
                                      const std::string& label,
                                      const TensorShape& input,
                                      const TensorShape& filter) {
  RG_ASSIGN_OR_RETURN(const WindowAttrs attrs, AttrsOf(op));
  RG_RETURN_IF_ERROR(CheckStrides(attrs));
  const auto text = [&](const TensorShape& shape, const char* before) {
    return label.empty() ? absl::StrCat(before, shape.DebugString()) : "";
  };
  if (input.rank() != 4) {
    return absl::InvalidArgumentError(absl::StrCat(
        label, "input must be 4-dimensional", text(input, "")));
  }
  if (filter.rank() != 4) {
    return absl::InvalidArgumentError(absl::StrCat(
        label, "filter must be 4-dimensional", text(filter, ": ")));
  }
  if (input.dim(3) != filter.dim(2)) {
    return absl::InvalidArgumentError(
        absl::StrCat(label, "input and filter must have the same ",
                     label.empty()
                         ? absl::StrCat("depth: ", input.dim(3), " vs ",
                                        filter.dim(2))
                         : "in_depth"));
  }
  Depthwise conv;
  conv.batch = input.dim(0);
  conv.depth = input.dim(3);
  conv.multiplier = filter.dim(3);
  // Sizes of empty tensors may be anything.
  int64_t out_depth;
  if (__builtin_mul_overflow(conv.depth, conv.multiplier, &out_depth) ||
      out_depth > kMaxWindowSize) {
    return absl::InvalidArgumentError(
        absl::StrCat(label, "filter too large"));
  }
  RG_ASSIGN_OR_RETURN(conv.rows, AxisOf(attrs, 0, input.dim(1), filter.dim(0)));
  RG_ASSIGN_OR_RETURN(conv.columns,
                      AxisOf(attrs, 1, input.dim(2), filter.dim(1)));
  return conv;
}

absl::Status CheckOutBackprop(const Depthwise& conv, const std::string& label,
                              const TensorShape& shape) {
  if (shape.rank() != 4) {
    return absl::InvalidArgumentError(
        absl::StrCat(label, "out_backprop must be 4-dimensional"));
  }
  if (shape.dim(0) != conv.batch) {
    return absl::InvalidArgumentError(absl::StrCat(
        label, "input and out_backprop must have the same batch size"));
  }
  const std::pair<const char*, int64_t> wanted[] = {
      {"rows", conv.rows.output}, {"cols", conv.columns.output}};
  for (int i = 0; i < 2; ++i) {
    if (shape.dim(1 + i) == wanted[i].second) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        label, "Number of ", wanted[i].first,
        " of out_backprop doesn't match computed: actual = ", shape.dim(1 + i),
        ", computed = ", wanted[i].second));
  }
  if (shape.dim(3) != conv.out_depth()) {
    return absl::InvalidArgumentError(absl::StrCat(
        label, "depth_multiplier * in_depth not equal to out_depth"));
  }
  return absl::OkStatus();
}

// Calls f(input, filter, output), offsets of single numbers, for each product
// that the convolution sums.
template <typename F>
void ForEachProduct(const Depthwise& conv, const F& f) {
  const WindowAxis &rows = conv.rows, &columns = conv.columns;
  // Where one loop has nothing to do, the others could be long.
  if (conv.out_depth() == 0 || rows.output == 0 || columns.output == 0) return;
  int64_t out = 0;
  for (int64_t n = 0; n < conv.batch; ++n) {
    for (int64_t r = 0; r < rows.output; ++r) {
      for (int64_t c = 0; c < columns.output; ++c, out += conv.out_depth()) {
        for (int64_t i = 0; i < rows.size; ++i) {
          const int64_t y = rows.Start(r) + i;
          if (y < 0 || y >= rows.input) continue;
          for (int64_t j = 0; j < columns.size; ++j) {
            const int64_t x = columns.Start(c) + j;
            if (x < 0 || x >= columns.input) continue;
            const int64_t in =
                ((n * rows.input + y) * columns.input + x) * conv.depth;
            const int64_t weights =
                (i * columns.size + j) * conv.out_depth();
            for (int64_t k = 0; k < conv.out_depth(); ++k) {
              f(in + k / conv.multiplier, weights + k, out + k);
            }
          }
        }
      }
    }
  }
}

template <typename T>
std::vector<ComputeType<T>> Widened(const Tensor& tensor) {
  const auto flat = tensor.flat<T>();
  std::vector<ComputeType<T>> wide(flat.size());
  for (size_t i = 0; i < flat.size(); ++i) {
    wide[i] = static_cast<ComputeType<T>>(flat[i]);
  }
  return wide;
}

// Sums f's products into a result of this shape; 16-bit floats are summed in
// float and rounded once.
template <typename T, typename F>
void SetSums(KernelContext* ctx, const Depthwise& conv,
             const TensorShape& shape, const F& f) {
  Tensor result;
  if (!StartResult(ctx, DataTypeOf<T>::value, shape, &result)) return;
  std::vector<ComputeType<T>> sums(shape.num_elements());
  ForEachProduct(conv, [&](int64_t in, int64_t weight, int64_t out) {
    f(&sums, in, weight, out);
  });
  const auto to = result.mutable_flat<T>();
  for (size_t i = 0; i < to.size(); ++i) to[i] = NumberCast<T>(sums[i]);
  ctx->set_output(0, std::move(result));
}

template <typename T>
void DepthwiseKernel(KernelContext* ctx) {
  const auto conv = DepthwiseOf(ctx->op(), "", ctx->input(0).shape(),
                                ctx->input(1).shape());
  RG_KERNEL_OK(ctx, conv.status());
  const auto input = Widened<T>(ctx->input(0));
  const auto filter = Widened<T>(ctx->input(1));
  SetSums<T>(ctx, *conv, conv->OutputShape(),
             [&](auto* sums, int64_t in, int64_t weight, int64_t out) {
               (*sums)[out] += input[in] * filter[weight];
             });
}

absl::StatusOr<TensorShape> ShapeOfSizes(const Tensor& sizes,
                                         const char* name) {
  if (sizes.shape().rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Conv2DBackprop", name, "_sizes input must be 1-dim, not ",
                     sizes.shape().rank()));
  }
  std::vector<int64_t> dims;
  for (int32_t size : sizes.flat<int32_t>()) dims.push_back(size);
  return TensorShape::Create(dims);
}

template <typename T>
void BackpropInputKernel(KernelContext* ctx) {
  const std::string label = "DepthwiseConv2DBackpropInput: ";
  const auto shape = ShapeOfSizes(ctx->input(0), "Input: input");
  RG_KERNEL_OK(ctx, shape.status());
  const auto conv =
      DepthwiseOf(ctx->op(), label, *shape, ctx->input(1).shape());
  RG_KERNEL_OK(ctx, conv.status());
  RG_KERNEL_OK(ctx, CheckOutBackprop(*conv, label, ctx->input(2).shape()));
  const auto filter = Widened<T>(ctx->input(1));
  const auto grad = Widened<T>(ctx->input(2));
  SetSums<T>(ctx, *conv, *shape,
             [&](auto* sums, int64_t in, int64_t weight, int64_t out) {
               (*sums)[in] += grad[out] * filter[weight];
             });
}

template <typename T>
void BackpropFilterKernel(KernelContext* ctx) {
  const std::string label = "DepthwiseConv2DBackpropFilter: ";
  const auto shape = ShapeOfSizes(ctx->input(1), "Filter: filter");
  RG_KERNEL_OK(ctx, shape.status());
  const auto conv =
      DepthwiseOf(ctx->op(), label, ctx->input(0).shape(), *shape);
  RG_KERNEL_OK(ctx, conv.status());
  RG_KERNEL_OK(ctx, CheckOutBackprop(*conv, label, ctx->input(2).shape()));
  const auto input = Widened<T>(ctx->input(0));
  const auto grad = Widened<T>(ctx->input(2));
  SetSums<T>(ctx, *conv, *shape,
             [&](auto* sums, int64_t in, int64_t weight, int64_t out) {
               (*sums)[weight] += grad[out] * input[in];
             });
}

void AddAttrs(OpBuilder& op) {
  op.Attr("T: {half, bfloat16, float, double}").Attr("strides: list(int)");
  op.Attr("padding: {'SAME', 'VALID'}");
  op.Attr("data_format: {'NHWC', 'NCHW'} = 'NHWC'");
  op.Attr("dilations: list(int) = [1, 1, 1, 1]");
}

}  // namespace

void RegisterDepthwiseConvOps(OpRegistry* registry) {
  RegisterConvFamily(registry, {"DepthwiseConv2dNative", AddAttrs, DepthwiseShape,
                                RG_CONV_KERNELS(DepthwiseKernel),
                                RG_CONV_KERNELS(BackpropInputKernel),
                                RG_CONV_KERNELS(BackpropFilterKernel)});
}

}  // namespace retrograph
