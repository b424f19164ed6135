// Small ops of neural networks: L2Loss, CheckNumerics, ClipByValue, TopK,
// InTopK.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/reduce.h"
#include "ops/shape_helpers.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

// --- L2Loss: half the sum of squares. ---

struct Plus {
  template <typename T>
  static T Identity() {
    return T(0);
  }
  template <typename T>
  static T Combine(T a, T b) {
    return a + b;
  }
};

template <typename T>
void L2LossKernel(KernelContext* ctx) {
  const auto in = ctx->input(0).flat<T>();
  std::vector<T> squares(in.size());
  for (size_t i = 0; i < in.size(); ++i) squares[i] = in[i] * in[i];
  const T sum = ReduceRun<Plus, T>(squares.data(), 0,
                                   static_cast<int64_t>(squares.size()));
  ctx->set_output(0, Tensor::Scalar(sum * NumberCast<T>(0.5f)));
}

// --- CheckNumerics: an error for NaN or infinite numbers. ---

template <typename T>
void CheckNumericsKernel(KernelContext* ctx) {
  bool has_nan = false, has_inf = false;
  for (const T value : ctx->input(0).flat<T>()) {
    const auto x = static_cast<ComputeType<T>>(value);
    if (std::isfinite(x)) continue;
    (std::isnan(x) ? has_nan : has_inf) = true;
  }
  if (has_nan || has_inf) {
    std::string message;
    RG_KERNEL_OK(ctx, ctx->op().GetAttr("message", &message));
    ctx->SetStatus(absl::InvalidArgumentError(
        absl::StrCat(message, " : Tensor had ",
                     has_nan && has_inf ? "Inf and NaN"
                     : has_nan          ? "NaN"
                                        : "Inf",
                     " values")));
    return;
  }
  ctx->set_output(0, ctx->TakeInput(0));
}

// --- ClipByValue. ---

template <typename T>
void ClipKernel(KernelContext* ctx) {
  const TensorShape shape = ctx->input(0).shape();
  const TensorShape& low_shape = ctx->input(1).shape();
  const TensorShape& high_shape = ctx->input(2).shape();
  const bool low_fits = low_shape.rank() == 0 || low_shape == shape;
  const bool high_fits = high_shape.rank() == 0 || high_shape == shape;
  RG_KERNEL_REQUIRES(
      ctx, low_fits && high_fits,
      absl::InvalidArgumentError(absl::StrCat(
          "clip_value_min and clip_value_max must be either of the same shape "
          "as input, or a scalar. input shape: ",
          shape.DebugString(),
          "clip_value_min shape: ", low_shape.DebugString(),
          "clip_value_max shape: ", high_shape.DebugString())));
  const T* in = ctx->input(0).flat<T>().data();
  const T* low = ctx->input(1).flat<T>().data();
  const T* high = ctx->input(2).flat<T>().data();
  const int64_t low_step = low_shape.rank() == 0 ? 0 : 1;
  const int64_t high_step = high_shape.rank() == 0 ? 0 : 1;
  Tensor out = ctx->ForwardOrAllocate(0, DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  T* to = out.mutable_flat<T>().data();
  for (int64_t i = 0; i < shape.num_elements(); ++i) {
    // The minimum has the last word; NaN stays.
    T value = in[i];
    if (high[i * high_step] < value) value = high[i * high_step];
    if (value < low[i * low_step]) value = low[i * low_step];
    to[i] = value;
  }
  ctx->set_output(0, std::move(out));
}

// --- TopK: the largest k of the last dimension, and where they are. ---

absl::Status TopKShapes(InferenceContext* c, int64_t k) {
  RG_ASSIGN_OR_RETURN(Shape shape, c->WithRankAtLeast(c->input(0), 1));
  if (shape.unknown_rank()) return UnknownShape(c);
  const int last = shape.rank() - 1;
  if (k != kUnknownDim && shape.dim(last) != kUnknownDim &&
      shape.dim(last) < k) {
    return absl::InvalidArgumentError(
        absl::StrCat("input must have last dimension >= k = ", k, " but is ",
                     shape.dim(last)));
  }
  shape.set_dim(last, k);
  c->set_output(0, shape);
  c->set_output(1, std::move(shape));
  return absl::OkStatus();
}

absl::Status TopKShape(InferenceContext* c) {
  int64_t k = 0;
  RG_RETURN_IF_ERROR(c->GetAttr("k", &k));
  return TopKShapes(c, k);
}

absl::Status TopKV2Shape(InferenceContext* c) {
  int64_t k = kUnknownDim;
  if (c->input_tensor(1) != nullptr) {
    RG_ASSIGN_OR_RETURN(k, DimFromScalarInput(c, 1));
  }
  return TopKShapes(c, k);
}

// k from the attr or, for V2, from input 1.
absl::StatusOr<int64_t> TopKCount(KernelContext* ctx) {
  int64_t k = 0;
  if (ctx->num_inputs() < 2) {
    RG_RETURN_IF_ERROR(ctx->op().GetAttr("k", &k));
  } else {
    const Tensor& input = ctx->input(1);
    if (input.shape().rank() != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "k must be scalar, got shape ", input.shape().DebugString()));
    }
    k = input.scalar<int32_t>();
  }
  if (k < 0) {
    return absl::InvalidArgumentError(absl::StrCat("Need k >= 0, got ", k));
  }
  const TensorShape& shape = ctx->input(0).shape();
  if (shape.rank() < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("input must be >= 1-D, got shape ", shape.DebugString()));
  }
  if (shape.dim(shape.rank() - 1) < k) {
    return absl::InvalidArgumentError(
        absl::StrCat("input must have at least k columns. Had ",
                     shape.dim(shape.rank() - 1), ", needed ", k));
  }
  return k;
}

template <typename T>
void TopKKernel(KernelContext* ctx) {
  const auto k = TopKCount(ctx);
  RG_KERNEL_OK(ctx, k.status());
  const Tensor& in = ctx->input(0);
  TensorShape shape = in.shape();
  const int64_t columns = shape.dim(shape.rank() - 1);
  shape.set_dim(shape.rank() - 1, *k);
  Tensor values = ctx->Allocate(DataTypeOf<T>::value, shape);
  Tensor indices = ctx->Allocate(DT_INT32, shape);
  if (!ctx->status().ok()) return;
  T* value = values.mutable_flat<T>().data();
  int32_t* index = indices.mutable_flat<int32_t>().data();
  const T* row = in.flat<T>().data();
  const int64_t rows = columns == 0 ? 0 : in.num_elements() / columns;
  // Without rows there may be more columns than there is memory.
  std::vector<int32_t> order(rows == 0 ? 0 : columns);
  for (int64_t r = 0; r < rows; ++r, row += columns) {
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + *k, order.end(),
                      [row](int32_t a, int32_t b) {
                        if (row[a] > row[b]) return true;
                        if (row[b] > row[a]) return false;
                        return a < b;
                      });
    for (int64_t i = 0; i < *k; ++i) {
      *value++ = row[order[i]];
      *index++ = order[i];
    }
  }
  ctx->set_output(0, std::move(values));
  ctx->set_output(1, std::move(indices));
}

// --- InTopK: whether a row's target is among its k largest predictions. ---

absl::Status InTopKShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape predictions, c->WithRank(c->input(0), 2));
  RG_ASSIGN_OR_RETURN(const Shape targets, c->WithRank(c->input(1), 1));
  RG_ASSIGN_OR_RETURN(const int64_t batch,
                      c->MergeDim(c->Dim(predictions, 0), c->Dim(targets, 0)));
  c->set_output(0, Shape({batch}));
  return absl::OkStatus();
}

bool IsInTopK(const float* row, int64_t classes, int64_t target, int64_t k) {
  if (target < 0 || target >= classes || !std::isfinite(row[target])) {
    return false;
  }
  int64_t better = 0;
  for (int64_t c = 0; c < classes; ++c) {
    if (!std::isfinite(row[c])) return false;
    if (row[c] > row[target] && ++better > k) return false;
  }
  return better < k;
}

void InTopKKernel(KernelContext* ctx) {
  const Tensor& predictions = ctx->input(0);
  const Tensor& targets = ctx->input(1);
  RG_KERNEL_REQUIRES(
      ctx, predictions.shape().rank() == 2,
      absl::InvalidArgumentError("predictions must be 2-dimensional"));
  RG_KERNEL_REQUIRES(
      ctx, targets.shape().rank() == 1,
      absl::InvalidArgumentError("targets must be 1-dimensional"));
  const int64_t rows = predictions.shape().dim(0);
  const int64_t classes = predictions.shape().dim(1);
  RG_KERNEL_REQUIRES(
      ctx, rows == targets.shape().dim(0),
      absl::InvalidArgumentError(absl::StrCat(
          "First dimension of predictions ", rows,
          " must match length of targets ", targets.shape().dim(0))));
  int64_t k = 0;
  if (ctx->num_inputs() > 2) {
    RG_KERNEL_REQUIRES(
        ctx, ctx->input(2).shape().rank() == 0,
        absl::InvalidArgumentError(absl::StrCat(
            "k must be 0-D, got shape ", ctx->input(2).shape().DebugString())));
    k = IntegerValue(ctx->input(2));
  } else {
    RG_KERNEL_OK(ctx, ctx->op().GetAttr("k", &k));
  }
  const std::vector<int64_t> wanted = IntegerValues(targets);
  Tensor out = ctx->Allocate(DT_BOOL, targets.shape());
  if (!ctx->status().ok()) return;
  bool* to = out.mutable_flat<bool>().data();
  const float* row = predictions.flat<float>().data();
  for (int64_t r = 0; r < rows; ++r) {
    to[r] = IsInTopK(row + r * classes, classes, wanted[r], k);
  }
  ctx->set_output(0, std::move(out));
}

// --- Registration. ---

template <typename... Ts>
void AddClipKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&ClipKernel<Ts>)),
   ...);
}
template <typename... Ts>
void AddTopKKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&TopKKernel<Ts>)),
   ...);
}

void RegisterNumericOps(OpRegistry* registry) {
  registry->Op("L2Loss")
      .Input("t: T")
      .Output("output: T")
      .Attr("T: {half, bfloat16, float, double}")
      .Shape(ScalarShape)
      .Kernel({{"T", {DT_HALF}}}, StatelessKernel(&L2LossKernel<Half>))
      .Kernel({{"T", {DT_DOUBLE}}}, StatelessKernel(&L2LossKernel<double>))
      .Kernel({{"T", {DT_FLOAT}}}, StatelessKernel(&L2LossKernel<float>));

  registry->Op("CheckNumerics")
      .Input("tensor: T")
      .Output("output: T")
      .Attr("T: {bfloat16, half, float, double}")
      .Attr("message: string")
      .Stateful()
      .Shape(UnchangedShape)
      .Kernel({{"T", {DT_DOUBLE}}},
              StatelessKernel(&CheckNumericsKernel<double>))
      .Kernel({{"T", {DT_FLOAT}}}, StatelessKernel(&CheckNumericsKernel<float>))
      .Kernel({{"T", {DT_BFLOAT16}}},
              StatelessKernel(&CheckNumericsKernel<BFloat16>))
      .Kernel({{"T", {DT_HALF}}}, StatelessKernel(&CheckNumericsKernel<Half>));

  OpBuilder clip = registry->Op("ClipByValue");
  clip.Input("t: T").Input("clip_value_min: T").Input("clip_value_max: T");
  clip.Output("output: T").Attr(absl::StrCat("T: ", kNumberTypes));
  clip.Shape(UnchangedShape);
  AddClipKernels<uint16_t, uint8_t, int64_t, int32_t, int16_t, int8_t, double,
                 float, Half>(clip);
}

void RegisterTopKOps(OpRegistry* registry) {
  for (const bool v2 : {false, true}) {
    OpBuilder op = registry->Op(v2 ? "TopKV2" : "TopK");
    op.Input("input: T");
    if (v2) op.Input("k: int32");
    op.Output("values: T").Output("indices: int32");
    if (!v2) op.Attr("k: int >= 0");
    op.Attr("sorted: bool = true");
    op.Attr(absl::StrCat("T: ", kRealNumberTypes));
    op.Shape(v2 ? TopKV2Shape : TopKShape);
    if (!v2) op.Deprecated(7, "Use TopKV2 instead");
    AddTopKKernels<double, float, BFloat16, Half, int8_t, uint8_t, int16_t,
                   uint16_t, int32_t, int64_t>(op);
  }
  for (const bool v2 : {false, true}) {
    OpBuilder op = registry->Op(v2 ? "InTopKV2" : "InTopK");
    op.Input("predictions: float").Input("targets: T");
    if (v2) op.Input("k: T");
    op.Output("precision: bool");
    if (!v2) op.Attr("k: int");
    op.Attr("T: {int32, int64} = DT_INT32").Shape(InTopKShape);
    op.Kernel({{"T", {DT_INT64, DT_INT32}}}, StatelessKernel(&InTopKKernel));
  }
}

}  // namespace

void RegisterNnOps(OpRegistry* registry) {
  RegisterNumericOps(registry);
  RegisterTopKOps(registry);
}

}  // namespace retrograph
