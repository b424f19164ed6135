// FusedBatchNorm and its gradient, over all axes but the channels.
//
// Source: tensorflow/core/kernels/fused_batch_norm_op.cc (CPU).
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/array_functions.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"

namespace retrograph {
namespace {

struct BatchNorm {
  bool training = true;
  bool nchw = false;
  float epsilon = 0;
};

absl::StatusOr<BatchNorm> BatchNormOf(const Operation& op) {
  BatchNorm norm;
  std::string format;
  RG_RETURN_IF_ERROR(op.GetAttr("is_training", &norm.training));
  RG_RETURN_IF_ERROR(op.GetAttr("epsilon", &norm.epsilon));
  RG_RETURN_IF_ERROR(op.GetAttr("data_format", &format));
  norm.nchw = format == "NCHW";
  return norm;
}

// The channels' number, agreed upon by x and every vector; x gets it.
absl::Status MergeChannels(InferenceContext* c, bool nchw, Shape* x, int first,
                           int last, int64_t* channels) {
  RG_ASSIGN_OR_RETURN(*x, c->WithRank(*x, 4));
  if (x->unknown_rank()) *x = Shape::UnknownOfRank(4);
  const int axis = nchw ? 1 : 3;
  *channels = x->dim(axis);
  for (int i = first; i <= last; ++i) {
    RG_ASSIGN_OR_RETURN(const Shape vector, c->WithRank(c->input(i), 1));
    if (vector.unknown_rank()) continue;
    RG_ASSIGN_OR_RETURN(*channels, c->MergeDim(*channels, vector.dim(0)));
  }
  x->set_dim(axis, *channels);
  return absl::OkStatus();
}

absl::Status BatchNormShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const BatchNorm norm, BatchNormOf(c->op()));
  Shape x = c->input(0);
  int64_t channels = kUnknownDim;
  // While it trains, mean and variance are empty.
  RG_RETURN_IF_ERROR(
      MergeChannels(c, norm.nchw, &x, 1, norm.training ? 2 : 4, &channels));
  c->set_output(0, x);
  for (int i = 1; i < 5; ++i) c->set_output(i, Shape({channels}));
  if (c->num_outputs() > 5) c->set_output(5, Shape());
  return absl::OkStatus();
}

absl::Status BatchNormGradShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const BatchNorm norm, BatchNormOf(c->op()));
  Shape y = c->input(0);
  int64_t channels = kUnknownDim;
  RG_RETURN_IF_ERROR(MergeChannels(c, norm.nchw, &y, 2, 4, &channels));
  RG_ASSIGN_OR_RETURN(y, c->Merge(y, c->input(1)));
  c->set_output(0, y);
  c->set_output(1, Shape({channels}));
  c->set_output(2, Shape({channels}));
  c->set_output(3, Shape({0}));
  c->set_output(4, Shape({0}));
  return absl::OkStatus();
}

// x as rows of channels: channel c of row r is at Index(r, c).
struct Layout {
  int64_t rows, channels, image;
  bool nchw;

  Layout(const TensorShape& shape, bool is_nchw) : nchw(is_nchw) {
    channels = shape.dim(is_nchw ? 1 : 3);
    rows = channels == 0 ? 0 : shape.num_elements() / channels;
    image = is_nchw ? shape.dim(2) * shape.dim(3) : 1;
  }
  int64_t Index(int64_t r, int64_t c) const {
    if (!nchw) return r * channels + c;
    return (r / image * channels + c) * image + r % image;
  }
};

using Floats = std::vector<float>;

template <typename F>
Floats SumRows(const Layout& at, const F& term) {
  Floats sums(at.channels);
  for (int64_t r = 0; r < at.rows; ++r) {
    for (int64_t c = 0; c < at.channels; ++c) {
      sums[c] += term(at.Index(r, c), c);
    }
  }
  return sums;
}

Floats InverseDeviation(const float* variance, int64_t n, float epsilon) {
  Floats result(n);
  for (int64_t c = 0; c < n; ++c) result[c] = variance[c] + epsilon;
  RsqrtArray(result.data(), result.data(), n);
  return result;
}

Tensor VectorOf(const Floats& values) {
  return Tensor::Vector<float>(absl::MakeConstSpan(values));
}

// A tensor's values as floats: half is computed in float.
class FloatView {
 public:
  explicit FloatView(const Tensor& tensor) : tensor_(tensor) {
    if (tensor.dtype() != DT_HALF) return;
    for (Half value : tensor.flat<Half>()) {
      copy_.push_back(static_cast<float>(value));
    }
  }
  const float* data() const {
    return tensor_.dtype() == DT_HALF ? copy_.data()
                                      : tensor_.flat<float>().data();
  }

 private:
  const Tensor tensor_;
  Floats copy_;
};

// A tensor of floats as `dtype`.
Tensor Rounded(Tensor values, DataType dtype) {
  if (dtype != DT_HALF) return values;
  Tensor rounded(DT_HALF, values.shape());
  const auto to = rounded.mutable_flat<Half>();
  const auto from = values.flat<float>();
  for (size_t i = 0; i < from.size(); ++i) to[i] = Half(from[i]);
  return rounded;
}

absl::Status CheckInputs(const KernelContext& ctx, const BatchNorm& norm) {
  if (ctx.input(0).shape().rank() != 4) {
    return absl::InvalidArgumentError(
        absl::StrCat("input must be 4-dimensional",
                     ctx.input(0).shape().DebugString()));
  }
  const int64_t channels = ctx.input(0).shape().dim(norm.nchw ? 1 : 3);
  static const char* const kNames[] = {"scale", "offset", "estimated_mean",
                                       "estimated_variance"};
  const int last = norm.training ? 2 : 4;
  for (int i = 1; i <= last; ++i) {
    const TensorShape& shape = ctx.input(i).shape();
    if (shape.rank() != 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          kNames[i - 1], " must be 1-dimensional", shape.DebugString()));
    }
    if (shape.dim(0) != channels) {
      return absl::InvalidArgumentError(absl::StrCat(
          kNames[i - 1], " must have as many elements as x has channels: ",
          shape.DebugString()));
    }
  }
  return absl::OkStatus();
}

void BatchNormKernel(KernelContext* ctx) {
  auto norm = BatchNormOf(ctx->op());
  RG_KERNEL_OK(ctx, norm.status());
  RG_KERNEL_OK(ctx, CheckInputs(*ctx, *norm));
  const Layout at(ctx->input(0).shape(), norm->nchw);
  const DataType dtype = ctx->input(0).dtype();
  const FloatView x_view(ctx->input(0));
  const float* x = x_view.data();
  const float* scale = ctx->input(1).flat<float>().data();
  const float* offset = ctx->input(2).flat<float>().data();
  const float inverse_rows = 1.0f / static_cast<float>(at.rows);
  Floats mean, variance;
  if (norm->training) {
    mean = SumRows(at, [&](int64_t i, int64_t) { return x[i]; });
    for (float& value : mean) value *= inverse_rows;
    variance = SumRows(at, [&](int64_t i, int64_t c) {
      const float centered = x[i] - mean[c];
      return centered * centered;
    });
    for (float& value : variance) value *= inverse_rows;
  } else {
    const auto given_mean = ctx->input(3).flat<float>();
    const auto given_variance = ctx->input(4).flat<float>();
    mean.assign(given_mean.begin(), given_mean.end());
    variance.assign(given_variance.begin(), given_variance.end());
  }
  Floats factor = InverseDeviation(variance.data(), at.channels, norm->epsilon);
  for (int64_t c = 0; c < at.channels; ++c) factor[c] *= scale[c];
  Tensor out(DT_FLOAT, ctx->input(0).shape());
  float* y = out.mutable_flat<float>().data();
  for (int64_t r = 0; r < at.rows; ++r) {
    for (int64_t c = 0; c < at.channels; ++c) {
      const int64_t i = at.Index(r, c);
      y[i] = (x[i] - mean[c]) * factor[c] + offset[c];
    }
  }
  // What a running average takes is without bias.
  Floats unbiased = variance;
  if (norm->training) {
    const float rest = static_cast<float>(at.rows > 1 ? at.rows - 1 : 1);
    const float adjust = static_cast<float>(at.rows) / rest;
    for (float& value : unbiased) value *= adjust;
  }
  ctx->set_output(0, Rounded(std::move(out), dtype));
  ctx->set_output(1, VectorOf(mean));
  ctx->set_output(2, VectorOf(unbiased));
  ctx->set_output(3, VectorOf(mean));
  ctx->set_output(4, VectorOf(variance));
  if (ctx->op().num_outputs() > 5) {
    ctx->set_output(5, Tensor(DT_FLOAT, TensorShape()));
  }
}

void BatchNormGradKernel(KernelContext* ctx) {
  auto norm = BatchNormOf(ctx->op());
  RG_KERNEL_OK(ctx, norm.status());
  RG_KERNEL_REQUIRES(
      ctx,
      ctx->input(0).shape().rank() == 4 &&
          ctx->input(0).shape() == ctx->input(1).shape(),
      absl::InvalidArgumentError("x and y_backprop must have the same shape"));
  const Layout at(ctx->input(0).shape(), norm->nchw);
  for (int i = 2; i < 5; ++i) {
    RG_KERNEL_REQUIRES(ctx, ctx->input(i).num_elements() == at.channels,
                       absl::InvalidArgumentError(
                           "scale and reserve spaces must have as many "
                           "elements as x has channels"));
  }
  const DataType dtype = ctx->input(0).dtype();
  const FloatView dy_view(ctx->input(0)), x_view(ctx->input(1));
  const float* dy = dy_view.data();
  const float* x = x_view.data();
  const float* scale = ctx->input(2).flat<float>().data();
  const float* mean = ctx->input(3).flat<float>().data();
  const Floats inverse = InverseDeviation(ctx->input(4).flat<float>().data(),
                                          at.channels, norm->epsilon);
  const Floats sum_dy = SumRows(at, [&](int64_t i, int64_t) { return dy[i]; });
  const Floats sum_product = SumRows(at, [&](int64_t i, int64_t c) {
    return dy[i] * (x[i] - mean[c]);
  });
  const float inverse_rows = 1.0f / static_cast<float>(at.rows);
  Tensor out(DT_FLOAT, ctx->input(0).shape());
  float* dx = out.mutable_flat<float>().data();
  Floats dscale(at.channels);
  for (int64_t c = 0; c < at.channels; ++c) {
    dscale[c] = sum_product[c] * inverse[c];
    const float slope = scale[c] * inverse[c];
    const float mean_dy = sum_dy[c] * inverse_rows;
    const float spread =
        inverse[c] * inverse[c] * (sum_product[c] * inverse_rows);
    for (int64_t r = 0; r < at.rows; ++r) {
      const int64_t i = at.Index(r, c);
      dx[i] = norm->training
                  ? slope * (dy[i] - mean_dy - (x[i] - mean[c]) * spread)
                  : slope * dy[i];
    }
  }
  ctx->set_output(0, Rounded(std::move(out), dtype));
  ctx->set_output(1, VectorOf(dscale));
  ctx->set_output(2, VectorOf(sum_dy));
  ctx->set_output(3, Tensor(DT_FLOAT, TensorShape()));
  ctx->set_output(4, Tensor(DT_FLOAT, TensorShape()));
}

// V1 has one type for all, V2 and V3 one for the statistics; V3 has a sixth
// output.
void RegisterVersion(OpRegistry* registry, int version) {
  const std::string suffix = version == 1 ? "" : absl::StrCat("V", version);
  const char* u = version == 1 ? "T" : "U";
  const auto arg = [u](const char* name) { return absl::StrCat(name, ": ", u); };
  const auto add_attrs = [version](OpBuilder& op) {
    op.Attr(version == 1 ? "T: {float}" : "T: {half, bfloat16, float}");
    if (version > 1) op.Attr("U: {float}");
    op.Attr("epsilon: float = 0.0001")
        .Attr("data_format: {'NHWC', 'NCHW'} = 'NHWC'")
        .Attr("is_training: bool = true");
  };
  const auto add_kernel = [version](OpBuilder& op,
                                    void (*compute)(KernelContext*)) {
    if (version == 1) {
      op.Kernel({{"T", {DT_FLOAT}}}, StatelessKernel(compute));
    } else {
      for (DataType dtype : {DT_HALF, DT_FLOAT}) {
        op.Kernel({{"U", {DT_FLOAT}}, {"T", {dtype}}},
                  StatelessKernel(compute));
      }
    }
  };
  OpBuilder op = registry->Op(absl::StrCat("FusedBatchNorm", suffix));
  op.Input("x: T").Input(arg("scale")).Input(arg("offset"));
  op.Input(arg("mean")).Input(arg("variance")).Output("y: T");
  op.Output(arg("batch_mean")).Output(arg("batch_variance"));
  op.Output(arg("reserve_space_1")).Output(arg("reserve_space_2"));
  if (version == 3) op.Output(arg("reserve_space_3"));
  add_attrs(op);
  op.Shape(BatchNormShape);
  add_kernel(op, BatchNormKernel);

  OpBuilder grad = registry->Op(absl::StrCat("FusedBatchNormGrad", suffix));
  grad.Input("y_backprop: T").Input("x: T");
  grad.Input(version == 1 ? "scale: T" : "scale: float");
  grad.Input(arg("reserve_space_1")).Input(arg("reserve_space_2"));
  if (version == 3) grad.Input(arg("reserve_space_3"));
  grad.Output("x_backprop: T").Output(arg("scale_backprop"));
  grad.Output(arg("offset_backprop"));
  grad.Output(arg(version == 3 ? "reserve_space_4" : "reserve_space_3"));
  grad.Output(arg(version == 3 ? "reserve_space_5" : "reserve_space_4"));
  add_attrs(grad);
  grad.Shape(BatchNormGradShape);
  add_kernel(grad, BatchNormGradKernel);
}

}  // namespace

void RegisterBatchNormOps(OpRegistry* registry) {
  for (int version : {1, 2, 3}) RegisterVersion(registry, version);
}

}  // namespace retrograph
