// Random ops: uniform, normal and truncated normal numbers and integers, from
// a stream that a kernel keeps or from seeds that are inputs (stateless).

#include <memory>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/random_source.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

absl::Status RandomShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape shape, c->MakeShapeFromInput(0));
  c->set_output(0, std::move(shape));
  return absl::OkStatus();
}

absl::Status RandomIntShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  RG_RETURN_IF_ERROR(c->WithRank(c->input(2), 0).status());
  return RandomShape(c);
}

absl::Status StatelessShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape seed, c->WithRank(c->input(1), 1));
  RG_RETURN_IF_ERROR(c->WithValue(c->Dim(seed, 0), 2).status());
  return RandomShape(c);
}

absl::Status StatelessIntShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(2), 0).status());
  RG_RETURN_IF_ERROR(c->WithRank(c->input(3), 0).status());
  return StatelessShape(c);
}

// An uninitialised tensor of the shape that input 0 holds; on failure the
// context has the error.
template <typename T>
Tensor AllocateOutput(KernelContext* ctx) {
  auto shape = RandomOutputShape(ctx->input(0));
  if (!shape.ok()) {
    ctx->SetStatus(shape.status());
    return Tensor();
  }
  return ctx->Allocate(DataTypeOf<T>::value, *shape);
}

// Kernels with a stream of their own.
template <typename Self>
class SeededKernel : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<Self>> Create(const Operation& op) {
    auto kernel = std::make_unique<Self>();
    RG_RETURN_IF_ERROR(kernel->source_.Init(op));
    return kernel;
  }

 protected:
  RandomSource source_;
};

template <typename Distribution>
class RandomKernel final : public SeededKernel<RandomKernel<Distribution>> {
 public:
  using T = typename Distribution::Element;
  void Compute(KernelContext* ctx) override {
    Tensor out = AllocateOutput<T>(ctx);
    if (!ctx->status().ok()) return;
    FillRandom(this->source_.ReserveOutputs(out.num_elements()), Distribution(),
               out.mutable_flat<T>());
    ctx->set_output(0, std::move(out));
  }
};

template <typename Distribution>
void StatelessCompute(KernelContext* ctx) {
  using T = typename Distribution::Element;
  Tensor out = AllocateOutput<T>(ctx);
  if (!ctx->status().ok()) return;
  const auto stream = StatelessStream(ctx->input(1));
  RG_KERNEL_OK(ctx, stream.status());
  FillRandom(*stream, Distribution(), out.mutable_flat<T>());
  ctx->set_output(0, std::move(out));
}

// --- Integers in a range that two inputs give. ---

template <typename T>
using RandomInt =
    std::conditional_t<std::is_same_v<T, int32_t>, RandomInt32, RandomInt64>;

// The range from scalars `low` and `high`; an empty output needs no valid one.
template <typename T>
absl::StatusOr<RandomInt<T>> IntRange(const Tensor& low, const Tensor& high,
                                      bool output_is_empty) {
  if (low.shape().rank() != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "minval must be 0-D, got shape ", low.shape().DebugString()));
  }
  if (high.shape().rank() != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "maxval must be 0-D, got shape ", high.shape().DebugString()));
  }
  const T minval = low.scalar<T>(), maxval = high.scalar<T>();
  if (minval >= maxval && !output_is_empty) {
    return absl::InvalidArgumentError(
        absl::StrCat("Need minval < maxval, got ", minval, " >= ", maxval));
  }
  using Unsigned = std::make_unsigned_t<T>;
  RandomInt<T> distribution;
  distribution.low = static_cast<Unsigned>(minval);
  distribution.range =
      static_cast<Unsigned>(maxval) - static_cast<Unsigned>(minval);
  return distribution;
}

template <typename T>
class RandomIntKernel final : public SeededKernel<RandomIntKernel<T>> {
 public:
  void Compute(KernelContext* ctx) override {
    Tensor out = AllocateOutput<T>(ctx);
    if (!ctx->status().ok()) return;
    const auto distribution =
        IntRange<T>(ctx->input(1), ctx->input(2), out.num_elements() == 0);
    RG_KERNEL_OK(ctx, distribution.status());
    FillRandom(this->source_.ReserveOutputs(out.num_elements()), *distribution,
               out.mutable_flat<T>());
    ctx->set_output(0, std::move(out));
  }
};

template <typename T>
void StatelessIntCompute(KernelContext* ctx) {
  Tensor out = AllocateOutput<T>(ctx);
  if (!ctx->status().ok()) return;
  const auto stream = StatelessStream(ctx->input(1));
  RG_KERNEL_OK(ctx, stream.status());
  const auto distribution =
      IntRange<T>(ctx->input(2), ctx->input(3), out.num_elements() == 0);
  RG_KERNEL_OK(ctx, distribution.status());
  FillRandom(*stream, *distribution, out.mutable_flat<T>());
  ctx->set_output(0, std::move(out));
}

// --- Registration. ---

template <template <typename> class Distribution, typename... Ts>
void AddSeededKernels(OpBuilder& op) {
  (op.Kernel({{"dtype", {DataTypeOf<Ts>::value}}},
             KernelOf<RandomKernel<Distribution<Ts>>>()),
   ...);
}

template <template <typename> class Distribution>
void RegisterSeeded(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Input("shape: T").Output("output: dtype");
  op.Attr("seed: int = 0").Attr("seed2: int = 0");
  op.Attr("dtype: {half, bfloat16, float, double}").Attr("T: {int32, int64}");
  op.Stateful().Shape(RandomShape);
  AddSeededKernels<Distribution, double, float, BFloat16, Half>(op);
}

template <template <typename> class Distribution, typename... Ts>
void AddStatelessKernels(OpBuilder& op) {
  (op.Kernel({{"dtype", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&StatelessCompute<Distribution<Ts>>)),
   ...);
}

template <template <typename> class Distribution>
void RegisterStateless(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Input("shape: T").Input("seed: Tseed").Output("output: dtype");
  op.Attr("dtype: {half, bfloat16, float, double} = DT_FLOAT");
  op.Attr("T: {int32, int64} = DT_INT32");
  op.Attr("Tseed: {int32, int64} = DT_INT64").Shape(StatelessShape);
  AddStatelessKernels<Distribution, double, float, BFloat16, Half>(op);
}

void RegisterIntegers(OpRegistry* registry) {
  registry->Op("RandomUniformInt")
      .Input("shape: T")
      .Input("minval: Tout")
      .Input("maxval: Tout")
      .Output("output: Tout")
      .Attr("seed: int = 0")
      .Attr("seed2: int = 0")
      .Attr("Tout: {int32, int64}")
      .Attr("T: {int32, int64}")
      .Stateful()
      .Shape(RandomIntShape)
      .Kernel({{"Tout", {DT_INT64}}}, KernelOf<RandomIntKernel<int64_t>>())
      .Kernel({{"Tout", {DT_INT32}}}, KernelOf<RandomIntKernel<int32_t>>());

  registry->Op("StatelessRandomUniformInt")
      .Input("shape: T")
      .Input("seed: Tseed")
      .Input("minval: dtype")
      .Input("maxval: dtype")
      .Output("output: dtype")
      .Attr("dtype: {int32, int64}")
      .Attr("T: {int32, int64}")
      .Attr("Tseed: {int32, int64} = DT_INT64")
      .Shape(StatelessIntShape)
      .Kernel({{"dtype", {DT_INT64}}},
              StatelessKernel(&StatelessIntCompute<int64_t>))
      .Kernel({{"dtype", {DT_INT32}}},
              StatelessKernel(&StatelessIntCompute<int32_t>));
}

}  // namespace

void RegisterRandomOps(OpRegistry* registry) {
  RegisterSeeded<RandomUniform>(registry, "RandomUniform");
  RegisterSeeded<RandomNormal>(registry, "RandomStandardNormal");
  RegisterSeeded<RandomTruncatedNormal>(registry, "TruncatedNormal");
  RegisterStateless<RandomUniform>(registry, "StatelessRandomUniform");
  RegisterStateless<RandomNormal>(registry, "StatelessRandomNormal");
  RegisterStateless<RandomTruncatedNormal>(registry,
                                           "StatelessTruncatedNormal");
  RegisterIntegers(registry);
}

}  // namespace retrograph
