// Softmax, LogSoftmax, and the cross entropies of a softmax with labels.
//
// The order of steps is TensorFlow's: which sums are taken over values computed
// for a whole batch, and which over those of one row, decides the last bits.

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "graph/shape_inference.h"
#include "ops/array_functions.h"
#include "ops/broadcast.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/reduce.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

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
T SumOf(const T* x, int64_t n) {
  return ReduceRun<Plus, T>(x, 0, n);
}

// out = x minus the largest number of its row.
template <typename T>
void ShiftRows(const T* x, T* out, int64_t rows, int64_t classes) {
  for (int64_t r = 0; r < rows; ++r, x += classes, out += classes) {
    T largest = MinusInfinity<T>();
    for (int64_t c = 0; c < classes; ++c) {
      if (x[c] > largest) largest = x[c];
    }
    for (int64_t c = 0; c < classes; ++c) out[c] = x[c] - largest;
  }
}

// For each row of `shifted`, the sum of exp(x).
template <typename T>
std::vector<T> SumExpOfRows(const T* shifted, int64_t rows, int64_t classes) {
  std::vector<T> sums(rows), exp(classes);
  for (int64_t r = 0; r < rows; ++r) {
    ExpArray(shifted + r * classes, exp.data(), classes);
    if constexpr (std::is_same_v<T, Half>) {
      // No packets, as Eigen has no exp() of half packets.
      for (const T& value : exp) sums[r] = sums[r] + value;
    } else {
      sums[r] = SumOf(exp.data(), classes);
    }
  }
  return sums;
}

template <typename T>
std::vector<T> Logs(const std::vector<T>& x) {
  std::vector<T> logs(x.size());
  LogArray(x.data(), logs.data(), static_cast<int64_t>(x.size()));
  return logs;
}

// --- Softmax and LogSoftmax over the last dimension. ---

absl::Status SoftmaxShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape shape, c->WithRankAtLeast(c->input(0), 1));
  c->set_output(0, std::move(shape));
  return absl::OkStatus();
}

template <typename T>
void Softmax(T* x, int64_t rows, int64_t classes) {
  ExpArray(x, x, rows * classes);
  for (int64_t r = 0; r < rows; ++r, x += classes) {
    const T inverse = NumberCast<T>(1) / SumOf(x, classes);
    for (int64_t c = 0; c < classes; ++c) x[c] = x[c] * inverse;
  }
}

template <typename T>
void LogSoftmax(T* x, int64_t rows, int64_t classes) {
  const std::vector<T> logs = Logs(SumExpOfRows(x, rows, classes));
  for (int64_t r = 0; r < rows; ++r, x += classes) {
    for (int64_t c = 0; c < classes; ++c) x[c] = x[c] - logs[r];
  }
}

template <typename T, bool kLog>
void SoftmaxKernel(KernelContext* ctx) {
  const TensorShape shape = ctx->input(0).shape();
  RG_KERNEL_REQUIRES(
      ctx, shape.rank() >= 1,
      absl::InvalidArgumentError(absl::StrCat(
          "logits must have >= 1 dimension, got ", shape.DebugString())));
  const T* logits = ctx->input(0).flat<T>().data();
  Tensor out = ctx->ForwardOrAllocate(0, DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  if (shape.num_elements() > 0) {
    T* x = out.mutable_flat<T>().data();
    const int64_t classes = shape.dim(shape.rank() - 1);
    const int64_t rows = shape.num_elements() / classes;
    ShiftRows(logits, x, rows, classes);
    kLog ? LogSoftmax(x, rows, classes) : Softmax(x, rows, classes);
  }
  ctx->set_output(0, std::move(out));
}

// --- With labels as distributions. ---

absl::Status CrossEntropyShape(InferenceContext* c) {
  absl::StatusOr<Shape> matrix = c->WithRank(c->input(0), 2);
  if (matrix.ok()) matrix = c->Merge(*matrix, c->input(1));
  if (!matrix.ok()) {
    matrix = BroadcastShapes(c, c->input(0), c->input(1));
    RG_RETURN_IF_ERROR(matrix.status());
    if (matrix->rank() != 2) {
      return absl::InvalidArgumentError(
          absl::StrCat("Shape must be broadcasted with rank 2, but is rank ",
                       matrix->unknown_rank() ? "is unknown."
                                              : absl::StrCat(matrix->rank())));
    }
  }
  c->set_output(0, Shape({matrix->dim(0)}));
  c->set_output(1, *std::move(matrix));
  return absl::OkStatus();
}

// `x` repeated as `shape` asks.
template <typename T>
std::vector<T> Expanded(const Tensor& x, const TensorShape& shape) {
  std::vector<T> out(shape.num_elements());
  const T* from = x.flat<T>().data();
  Broadcast::Create(x.shape(), shape)
      ->Apply(from, out.data(), out.data(), [](T value, T) { return value; });
  return out;
}

template <typename T>
void CrossEntropyKernel(KernelContext* ctx) {
  const Tensor& logits = ctx->input(0);
  const Tensor& labels = ctx->input(1);
  const auto broadcast = Broadcast::Create(logits.shape(), labels.shape());
  RG_KERNEL_REQUIRES(
      ctx, broadcast.has_value(),
      absl::InvalidArgumentError(
          absl::StrCat("logits and labels must be broadcastable: logits_size=",
                       logits.shape().DebugString(),
                       " labels_size=", labels.shape().DebugString())));
  const TensorShape& shape = broadcast->output_shape();
  RG_KERNEL_REQUIRES(
      ctx, shape.rank() == 2,
      absl::InvalidArgumentError("logits and labels must be either "
                                 "2-dimensional, or broadcasted to be "
                                 "2-dimensional"));
  const int64_t rows = shape.dim(0), classes = shape.dim(1);
  Tensor loss = ctx->Allocate(DataTypeOf<T>::value, TensorShape({rows}));
  Tensor backprop = ctx->Allocate(DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  const absl::Span<T> to = loss.mutable_flat<T>();
  if (classes == 0) {
    std::fill(to.begin(), to.end(), T(0));
  } else if (rows > 0) {
    T* x = backprop.mutable_flat<T>().data();
    const std::vector<T> label = Expanded<T>(labels, shape);
    ShiftRows(Expanded<T>(logits, shape).data(), x, rows, classes);
    const std::vector<T> sums = SumExpOfRows(x, rows, classes);
    const std::vector<T> logs = Logs(sums);
    std::vector<T> terms(classes);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < classes; ++c) {
        const int64_t i = r * classes + c;
        terms[c] = label[i] * (logs[r] - x[i]);
      }
      to[r] = SumOf(terms.data(), classes);
    }
    ExpArray(x, x, rows * classes);
    for (int64_t i = 0; i < rows * classes; ++i) {
      x[i] = x[i] / sums[i / classes] - label[i];
    }
  }
  ctx->set_output(0, std::move(loss));
  ctx->set_output(1, std::move(backprop));
}

// --- With labels as class numbers. ---

absl::Status SparseCrossEntropyShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape features, c->WithRank(c->input(0), 2));
  RG_ASSIGN_OR_RETURN(const Shape labels, c->WithRank(c->input(1), 1));
  RG_ASSIGN_OR_RETURN(const int64_t batch,
                      c->MergeDim(c->Dim(features, 0), c->Dim(labels, 0)));
  c->set_output(0, Shape({batch}));
  c->set_output(1, Shape({batch, c->Dim(features, 1)}));
  return absl::OkStatus();
}

absl::Status CheckSparse(const TensorShape& logits, const TensorShape& labels) {
  if (logits.rank() != 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "logits must be 2-D, but got shape ", logits.DebugString()));
  }
  if (labels.rank() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "labels must be 1-D, but got shape ", labels.DebugString()));
  }
  if (logits.dim(0) != labels.dim(0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "logits and labels must have the same first dimension, got logits "
        "shape ",
        logits.DebugString(), " and labels shape ", labels.DebugString()));
  }
  if (logits.dim(1) <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("Must have at least one class, but got logits shape ",
                     logits.DebugString()));
  }
  return absl::OkStatus();
}

absl::Status CheckLabels(const std::vector<int64_t>& labels, int64_t classes) {
  for (const int64_t label : labels) {
    if (label >= 0 && label < classes) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("Received a label value of ", label,
                     " which is outside the valid range of [0, ", classes,
                     ").  Label values: ", absl::StrJoin(labels, " ")));
  }
  return absl::OkStatus();
}

template <typename T>
void SparseCrossEntropyKernel(KernelContext* ctx) {
  const TensorShape shape = ctx->input(0).shape();
  RG_KERNEL_OK(ctx, CheckSparse(shape, ctx->input(1).shape()));
  const int64_t rows = shape.dim(0), classes = shape.dim(1);
  const std::vector<int64_t> labels = IntegerValues(ctx->input(1));
  RG_KERNEL_OK(ctx, CheckLabels(labels, classes));
  const T* logits = ctx->input(0).flat<T>().data();
  Tensor loss = ctx->Allocate(DataTypeOf<T>::value, TensorShape({rows}));
  Tensor backprop = ctx->ForwardOrAllocate(0, DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  if (rows == 0) {  // and there may be more classes than there is memory
    ctx->set_output(0, std::move(loss));
    ctx->set_output(1, std::move(backprop));
    return;
  }
  const absl::Span<T> to = loss.mutable_flat<T>();
  T* x = backprop.mutable_flat<T>().data();
  ShiftRows(logits, x, rows, classes);
  const std::vector<T> sums = SumExpOfRows(x, rows, classes);
  for (int64_t r = 0; r < rows; ++r) {
    const T log = NumberCast<T>(std::log(static_cast<ComputeType<T>>(sums[r])));
    to[r] = log - x[r * classes + labels[r]];
  }
  ExpArray(x, x, rows * classes);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < classes; ++c) {
      const T one_hot = NumberCast<T>(c == labels[r] ? 1 : 0);
      x[r * classes + c] = x[r * classes + c] / sums[r] - one_hot;
    }
  }
  ctx->set_output(0, std::move(loss));
  ctx->set_output(1, std::move(backprop));
}

// --- Registration. ---

template <bool kLog, typename... Ts>
void AddSoftmaxKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&SoftmaxKernel<Ts, kLog>)),
   ...);
}

template <bool kLog>
void RegisterSoftmax(OpRegistry* registry, absl::string_view name,
                     absl::string_view output) {
  OpBuilder op = registry->Op(name);
  op.Input("logits: T").Output(absl::StrCat(output, ": T"));
  op.Attr("T: {half, bfloat16, float, double}").Shape(SoftmaxShape);
  AddSoftmaxKernels<kLog, double, float, Half>(op);
}

void RegisterCrossEntropies(OpRegistry* registry) {
  registry->Op("SoftmaxCrossEntropyWithLogits")
      .Input("features: T")
      .Input("labels: T")
      .Output("loss: T")
      .Output("backprop: T")
      .Attr("T: {half, bfloat16, float, double}")
      .Shape(CrossEntropyShape)
      .Kernel({{"T", {DT_DOUBLE}}},
              StatelessKernel(&CrossEntropyKernel<double>))
      .Kernel({{"T", {DT_FLOAT}}}, StatelessKernel(&CrossEntropyKernel<float>))
      .Kernel({{"T", {DT_HALF}}}, StatelessKernel(&CrossEntropyKernel<Half>));
  const DataTypeVector labels = {DT_INT64, DT_INT32};
  registry->Op("SparseSoftmaxCrossEntropyWithLogits")
      .Input("features: T")
      .Input("labels: Tlabels")
      .Output("loss: T")
      .Output("backprop: T")
      .Attr("T: {half, bfloat16, float, double}")
      .Attr("Tlabels: {int32, int64} = DT_INT64")
      .Shape(SparseCrossEntropyShape)
      .Kernel({{"T", {DT_HALF}}, {"Tlabels", labels}},
              StatelessKernel(&SparseCrossEntropyKernel<Half>))
      .Kernel({{"T", {DT_DOUBLE}}, {"Tlabels", labels}},
              StatelessKernel(&SparseCrossEntropyKernel<double>))
      .Kernel({{"T", {DT_FLOAT}}, {"Tlabels", labels}},
              StatelessKernel(&SparseCrossEntropyKernel<float>));
}

}  // namespace

void RegisterSoftmaxOps(OpRegistry* registry) {
  RegisterSoftmax<false>(registry, "Softmax", "softmax");
  RegisterSoftmax<true>(registry, "LogSoftmax", "logsoftmax");
  RegisterCrossEntropies(registry);
}

}  // namespace retrograph
