// Bincount: how often each small integer occurs, or the sum of its weights.

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

absl::Status NegativeSize(int64_t size) {
  return absl::InvalidArgumentError(
      absl::StrCat("size (", size, ") must be non-negative"));
}

absl::Status BincountShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  const Tensor* size = c->input_tensor(1);
  if (size == nullptr) {
    c->set_output(0, Shape({kUnknownDim}));
    return absl::OkStatus();
  }
  const int64_t value = IntegerValue(*size);
  if (value < 0) return NegativeSize(value);
  c->set_output(0, Shape({value}));
  return absl::OkStatus();
}

template <typename T>
void BincountKernel(KernelContext* ctx) {
  const auto numbers = ctx->input(0).flat<int32_t>();
  const auto weights = ctx->input(2).flat<T>();
  RG_KERNEL_REQUIRES(
      ctx, ctx->input(1).num_elements() == 1,
      absl::InvalidArgumentError(absl::StrCat(
          "Shape must be rank 0 but is rank ", ctx->input(1).shape().rank())));
  const int32_t size = ctx->input(1).flat<int32_t>()[0];
  RG_KERNEL_REQUIRES(ctx, size >= 0, NegativeSize(size));
  for (const int32_t number : numbers) {
    RG_KERNEL_REQUIRES(
        ctx, number >= 0,
        absl::InvalidArgumentError("Input arr must be non-negative!"));
  }
  Tensor out = ctx->Allocate(DataTypeOf<T>::value, TensorShape({size}));
  if (!ctx->status().ok()) return;
  const absl::Span<T> bins = out.mutable_flat<T>();
  std::fill(bins.begin(), bins.end(), T(0));
  // Without weights each number counts 1; those beyond the size are dropped.
  const size_t count = weights.empty()
                           ? numbers.size()
                           : std::min(numbers.size(), weights.size());
  for (size_t i = 0; i < count; ++i) {
    if (numbers[i] >= size) continue;
    T& bin = bins[numbers[i]];
    bin = WrapAdd(bin, weights.empty() ? T(1) : weights[i]);
  }
  ctx->set_output(0, std::move(out));
}

}  // namespace

void RegisterBincountOps(OpRegistry* registry) {
  registry->Op("Bincount")
      .Input("arr: int32")
      .Input("size: int32")
      .Input("weights: T")
      .Output("bins: T")
      .Attr("T: {int32, int64, float, double}")
      .Shape(BincountShape)
      .Kernel({{"T", {DT_DOUBLE}}}, StatelessKernel(&BincountKernel<double>))
      .Kernel({{"T", {DT_FLOAT}}}, StatelessKernel(&BincountKernel<float>))
      .Kernel({{"T", {DT_INT32}}}, StatelessKernel(&BincountKernel<int32_t>))
      .Kernel({{"T", {DT_INT64}}}, StatelessKernel(&BincountKernel<int64_t>));
}

}  // namespace retrograph
