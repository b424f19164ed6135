// LRN (local response normalisation: a pixel's channel is divided by a power of
// the sum of squares of the channels around it) and its gradient.
//
// Source: tensorflow/core/kernels/lrn_op.cc (CPU).
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"
#include "ops/number.h"

namespace retrograph {
namespace {

struct Lrn {
  int64_t radius = 0;
  float bias = 0, alpha = 0, beta = 0;

  // What a channel's power is taken of: bias + alpha * the sum of the squares
  // around it.
  float Scale(const std::vector<float>& squares, int64_t channel) const {
    const int64_t depth = static_cast<int64_t>(squares.size());
    float sum = 0;
    for (int64_t k = First(channel); k < End(channel, depth); ++k) {
      sum += squares[k];
    }
    return sum * alpha + bias;
  }
  int64_t First(int64_t channel) const {
    return channel > radius ? channel - radius : 0;
  }
  int64_t End(int64_t channel, int64_t depth) const {
    return depth - channel - 1 > radius ? channel + radius + 1 : depth;
  }
};

absl::StatusOr<Lrn> LrnOf(const Operation& op) {
  Lrn lrn;
  RG_RETURN_IF_ERROR(op.GetAttr("depth_radius", &lrn.radius));
  RG_RETURN_IF_ERROR(op.GetAttr("bias", &lrn.bias));
  RG_RETURN_IF_ERROR(op.GetAttr("alpha", &lrn.alpha));
  RG_RETURN_IF_ERROR(op.GetAttr("beta", &lrn.beta));
  lrn.radius = std::max<int64_t>(lrn.radius, 0);
  return lrn;
}

template <typename T>
void SquaresOf(const T* pixel, std::vector<float>* squares) {
  for (size_t k = 0; k < squares->size(); ++k) {
    const float value = static_cast<float>(pixel[k]);
    (*squares)[k] = value * value;
  }
}

template <typename T>
void LrnKernel(KernelContext* ctx) {
  const auto lrn = LrnOf(ctx->op());
  RG_KERNEL_OK(ctx, lrn.status());
  const Tensor in = ctx->input(0);
  RG_KERNEL_REQUIRES(ctx, in.shape().rank() == 4,
                     absl::InvalidArgumentError("in must be 4-dimensional"));
  Tensor out = ctx->Allocate(DataTypeOf<T>::value, in.shape());
  if (!ctx->status().ok()) return;
  const int64_t depth = in.shape().dim(3);
  const T* from = in.flat<T>().data();
  T* to = out.mutable_flat<T>().data();
  std::vector<float> squares(depth);
  const int64_t pixels = depth == 0 ? 0 : in.num_elements() / depth;
  for (int64_t i = 0; i < pixels; ++i, from += depth, to += depth) {
    SquaresOf(from, &squares);
    for (int64_t d = 0; d < depth; ++d) {
      to[d] = T(static_cast<float>(from[d]) *
                std::pow(lrn->Scale(squares, d), -lrn->beta));
    }
  }
  ctx->set_output(0, std::move(out));
}

template <typename T>
void LrnGradKernel(KernelContext* ctx) {
  const auto lrn = LrnOf(ctx->op());
  RG_KERNEL_OK(ctx, lrn.status());
  const Tensor grads = ctx->input(0), in = ctx->input(1), out = ctx->input(2);
  RG_KERNEL_REQUIRES(
      ctx, in.shape().rank() == 4 && grads.shape().rank() == 4,
      absl::InvalidArgumentError("inputs must be 4-dimensional"));
  RG_KERNEL_REQUIRES(
      ctx, in.shape() == grads.shape() && in.shape() == out.shape(),
      absl::InvalidArgumentError(
          "input_grads, input_image, and out_image should have the same "
          "shape"));
  Tensor result = ctx->Allocate(DataTypeOf<T>::value, in.shape());
  if (!ctx->status().ok()) return;
  const int64_t depth = in.shape().dim(3);
  const T* grad = grads.flat<T>().data();
  const T* x = in.flat<T>().data();
  const T* y = out.flat<T>().data();
  T* to = result.mutable_flat<T>().data();
  std::vector<float> squares(depth), sums(depth);
  const int64_t pixels = depth == 0 ? 0 : in.num_elements() / depth;
  const float slope = -2.0f * lrn->alpha * lrn->beta;
  for (int64_t i = 0; i < pixels; ++i) {
    SquaresOf(x, &squares);
    std::fill(sums.begin(), sums.end(), 0.0f);
    for (int64_t j = 0; j < depth; ++j) {
      const float scale = lrn->Scale(squares, j);
      const float g = static_cast<float>(grad[j]);
      const float share = slope * static_cast<float>(y[j]) / scale * g;
      for (int64_t k = lrn->First(j); k < lrn->End(j, depth); ++k) {
        sums[k] += share * static_cast<float>(x[k]);
      }
      sums[j] += std::pow(scale, -lrn->beta) * g;
    }
    for (int64_t k = 0; k < depth; ++k) to[k] = T(sums[k]);
    grad += depth, x += depth, y += depth, to += depth;
  }
  ctx->set_output(0, std::move(result));
}

absl::Status LrnShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape shape, c->WithRank(c->input(0), 4));
  for (int i = 1; i < c->num_inputs(); ++i) {
    RG_ASSIGN_OR_RETURN(shape, c->Merge(shape, c->input(i)));
  }
  c->set_output(0, shape);
  return absl::OkStatus();
}

void AddAttrs(OpBuilder& op) {
  op.Attr("depth_radius: int = 5").Attr("bias: float = 1.0");
  op.Attr("alpha: float = 1.0").Attr("beta: float = 0.5");
  op.Attr("T: {half, bfloat16, float} = DT_FLOAT").Shape(LrnShape);
}

}  // namespace

void RegisterLrnOps(OpRegistry* registry) {
  OpBuilder lrn = registry->Op("LRN");
  lrn.Input("input: T").Output("output: T");
  AddAttrs(lrn);
  lrn.Kernel({{"T", {DT_HALF}}}, StatelessKernel(LrnKernel<Half>));
  lrn.Kernel({{"T", {DT_FLOAT}}}, StatelessKernel(LrnKernel<float>));

  OpBuilder grad = registry->Op("LRNGrad");
  grad.Input("input_grads: T").Input("input_image: T");
  grad.Input("output_image: T").Output("output: T");
  AddAttrs(grad);
  grad.Kernel({{"T", {DT_HALF}}}, StatelessKernel(LrnGradKernel<Half>));
  grad.Kernel({{"T", {DT_FLOAT}}}, StatelessKernel(LrnGradKernel<float>));
}

}  // namespace retrograph
