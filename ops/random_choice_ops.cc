// Random choices: RandomShuffle (an order of rows) and Multinomial (classes by
// their log-probabilities).

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "graph/shape_inference.h"
#include "ops/array_functions.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/random_source.h"
#include "ops/shape_helpers.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

// --- RandomShuffle. ---

class ShuffleKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<ShuffleKernel>> Create(
      const Operation& op) {
    auto kernel = std::make_unique<ShuffleKernel>();
    RG_RETURN_IF_ERROR(kernel->source_.Init(op));
    return kernel;
  }

  void Compute(KernelContext* ctx) override {
    const Tensor in = ctx->input(0);
    const int64_t rows = in.shape().rank() == 0 ? 1 : in.shape().dim(0);
    if (rows <= 1 || in.num_elements() <= 1) {
      ctx->set_output(0, in);
      return;
    }
    // Each place is swapped with one at or after it.
    std::vector<int64_t> order(rows);
    std::iota(order.begin(), order.end(), 0);
    WordStream words(source_.ReserveWords(rows - 1));
    for (int64_t i = 0; i + 1 < rows; ++i) {
      const uint32_t left = static_cast<uint32_t>(rows - i);
      std::swap(order[i], order[i + words.Next() % left]);
    }
    Tensor out = ctx->Allocate(in.dtype(), in.shape());
    if (!ctx->status().ok()) return;
    const int64_t row_size = in.num_elements() / rows;
    for (int64_t i = 0; i < rows; ++i) {
      CopyElements(in, order[i] * row_size, row_size, &out, i * row_size);
    }
    ctx->set_output(0, std::move(out));
  }

 private:
  RandomSource source_;
};

// --- Multinomial. ---

absl::Status MultinomialShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape logits, c->WithRank(c->input(0), 2));
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  RG_ASSIGN_OR_RETURN(const int64_t samples, DimFromScalarInput(c, 1));
  c->set_output(0, Shape({c->Dim(logits, 0), samples}));
  return absl::OkStatus();
}

absl::Status CheckMultinomial(const Tensor& logits, const Tensor& samples) {
  if (logits.shape().rank() != 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "logits should be a matrix, got shape ", logits.shape().DebugString()));
  }
  if (samples.shape().rank() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("num_samples should be a scalar, got shape ",
                     samples.shape().DebugString()));
  }
  const int32_t count = samples.scalar<int32_t>();
  if (count < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("num_samples should be nonnegative, got ", count));
  }
  if (logits.shape().dim(1) <= 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "num_classes should be positive, got ", logits.shape().dim(1)));
  }
  return absl::OkStatus();
}

// Running sums of exp(logit - largest); a class of infinite logit adds nothing.
template <typename T>
std::vector<double> RunningWeights(const T* logits, int64_t classes) {
  auto finite = [&](int64_t i) {
    return std::isfinite(
        static_cast<double>(static_cast<ComputeType<T>>(logits[i])));
  };
  T largest = LowestNumber<T>();
  for (int64_t i = 0; i < classes; ++i) {
    if (finite(i) && logits[i] > largest) largest = logits[i];
  }
  std::vector<double> weights(classes);
  for (int64_t i = 0; i < classes; ++i) {
    weights[i] = static_cast<double>(static_cast<ComputeType<T>>(logits[i])) -
                 static_cast<double>(static_cast<ComputeType<T>>(largest));
  }
  ExpArray(weights.data(), weights.data(), classes);
  double total = 0;
  for (int64_t i = 0; i < classes; ++i) {
    if (finite(i)) total += weights[i];
    weights[i] = total;
  }
  return weights;
}

template <typename T, typename Out>
class MultinomialKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<MultinomialKernel>> Create(
      const Operation& op) {
    auto kernel = std::make_unique<MultinomialKernel>();
    RG_RETURN_IF_ERROR(kernel->source_.Init(op));
    return kernel;
  }

  void Compute(KernelContext* ctx) override {
    const Tensor& logits = ctx->input(0);
    RG_KERNEL_OK(ctx, CheckMultinomial(logits, ctx->input(1)));
    const int64_t samples = ctx->input(1).scalar<int32_t>();
    const int64_t rows = logits.shape().dim(0);
    const int64_t classes = logits.shape().dim(1);
    Tensor out =
        ctx->Allocate(DataTypeOf<Out>::value, TensorShape({rows, samples}));
    if (!ctx->status().ok()) return;
    if (out.num_elements() > 0) {
      // TensorFlow rounds up to 4 and doubles, as a sample takes two words.
      WordStream words(
          source_.ReserveOutputs(rows * ((samples + 3) / 4 * 4) * 2));
      const T* row = logits.flat<T>().data();
      Out* to = out.mutable_flat<Out>().data();
      for (int64_t r = 0; r < rows; ++r, row += classes) {
        const std::vector<double> weights = RunningWeights(row, classes);
        for (int64_t s = 0; s < samples; ++s) {
          const double at = words.NextDouble() * weights.back();
          *to++ = static_cast<Out>(
              std::upper_bound(weights.begin(), weights.end(), at) -
              weights.begin());
        }
      }
    }
    ctx->set_output(0, std::move(out));
  }

 private:
  RandomSource source_;
};

template <typename... Ts>
void AddMultinomialKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}, {"output_dtype", {DT_INT64}}},
             KernelOf<MultinomialKernel<Ts, int64_t>>())
       .Kernel({{"T", {DataTypeOf<Ts>::value}}, {"output_dtype", {DT_INT32}}},
               KernelOf<MultinomialKernel<Ts, int32_t>>()),
   ...);
}

}  // namespace

void RegisterRandomChoiceOps(OpRegistry* registry) {
  OpBuilder shuffle = registry->Op("RandomShuffle");
  shuffle.Input("value: T").Output("output: T");
  shuffle.Attr("seed: int = 0").Attr("seed2: int = 0").Attr("T: type");
  shuffle.Stateful().Shape(UnchangedShape);
  shuffle.Kernel(
      {{"T",
        {DT_VARIANT, DT_RESOURCE, DT_STRING, DT_BOOL, DT_COMPLEX128,
         DT_COMPLEX64, DT_DOUBLE, DT_FLOAT, DT_BFLOAT16, DT_HALF, DT_INT8,
         DT_UINT8, DT_INT16, DT_UINT16, DT_INT32, DT_INT64}}},
      KernelOf<ShuffleKernel>());

  OpBuilder multinomial = registry->Op("Multinomial");
  multinomial.Input("logits: T").Input("num_samples: int32");
  multinomial.Output("output: output_dtype");
  multinomial.Attr("seed: int = 0").Attr("seed2: int = 0");
  multinomial.Attr(absl::StrCat("T: ", kRealNumberTypes));
  multinomial.Attr("output_dtype: {int32, int64} = DT_INT64");
  multinomial.Stateful().Shape(MultinomialShape);
  AddMultinomialKernels<double, float, Half>(multinomial);
}

}  // namespace retrograph
