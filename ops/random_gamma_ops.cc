// RandomGamma and RandomPoisson: numbers that take a varying amount of random
// words. Each has a stretch of the stream of its own, so that it does not
// depend on the others.
//
// Methods: Marsaglia and Tsang's for gamma; Knuth's (small rates) and Hormann's
// transformed rejection for Poisson.
// Source: tensorflow/core/kernels/random_op.cc, random_poisson_op.cc.
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "core/philox.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"
#include "ops/number.h"
#include "ops/random_source.h"

namespace retrograph {
namespace {

// The shape asked for, then that of the parameter.
absl::Status ParameterShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape shape, c->MakeShapeFromInput(0));
  RG_ASSIGN_OR_RETURN(const Shape out, c->Concatenate(shape, c->input(1)));
  c->set_output(0, out);
  return absl::OkStatus();
}

// Pairs of numbers, the second one first.
class Draws {
 public:
  explicit Draws(const Philox& philox) : philox_(philox) {}
  double Uniform() {
    if (uniforms_left_ == 0) {
      RandomUniform<double>()(&philox_, uniforms_);
      uniforms_left_ = 2;
    }
    return uniforms_[--uniforms_left_];
  }
  double Normal() {
    if (normals_left_ == 0) {
      RandomNormal<double>()(&philox_, normals_);
      normals_left_ = 2;
    }
    return normals_[--normals_left_];
  }

 private:
  Philox philox_;
  double uniforms_[2], normals_[2];
  int uniforms_left_ = 0, normals_left_ = 0;
};

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

double Gamma(Draws& draws, double alpha) {
  if (!(alpha >= 0)) return kNotANumber;  // TensorFlow draws for ever
  if (alpha == 1.0) return -std::log(1.0 - draws.Uniform());
  const bool small = alpha < 1;
  const double d = alpha + (small ? 2.0 / 3 : -1.0 / 3);
  const double c = 1.0 / 3 / std::sqrt(d);
  while (true) {
    const double x = draws.Normal();
    double v = 1 + c * x;
    if (v <= 0) continue;
    v = v * v * v;
    const double u = draws.Uniform();
    if (u < 1 - 0.0331 * (x * x) * (x * x) ||
        std::log(u) < 0.5 * x * x + d * (1 - v + std::log(v))) {
      double result = d * v;
      if (small) result *= std::pow(draws.Uniform(), 1 / alpha);
      return result;
    }
  }
}

double PoissonByProduct(Draws& draws, double rate) {
  const double limit = std::exp(-rate);
  double product = 1;
  for (double x = 0;; x += 1) {
    product *= draws.Uniform();
    if (product <= limit) return x;
  }
}

double PoissonByRejection(Draws& draws, double rate, double highest) {
  const double log_rate = std::log(rate);
  const double b = 0.931 + 2.53 * std::sqrt(rate);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  while (true) {
    const double u = draws.Uniform() - 0.5;
    const double v = draws.Uniform();
    const double shifted = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / shifted + b) * u + rate + 0.43);
    if (k > highest) continue;
    if (shifted >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2)) return k;
    if (k < 0 || (shifted < 0.013 && v > shifted)) continue;
    const double s =
        std::log(v * inverse_alpha / (a / (shifted * shifted) + b));
    const double t = -rate + k * log_rate - std::lgamma(k + 1);
    if (s <= t) return k;
  }
}

double Poisson(Draws& draws, double rate, double highest) {
  if (std::isnan(rate)) return kNotANumber;  // TensorFlow draws for ever
  if (rate < 10) return PoissonByProduct(draws, rate);
  if (std::isinf(rate)) return std::numeric_limits<double>::infinity();
  return PoissonByRejection(draws, rate, highest);
}

template <typename Out, typename Parameter, bool kIsGamma>
class ParameterKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<ParameterKernel>> Create(
      const Operation& op) {
    auto kernel = std::make_unique<ParameterKernel>();
    RG_RETURN_IF_ERROR(kernel->source_.Init(op));
    return kernel;
  }

  void Compute(KernelContext* ctx) override {
    auto shape = RandomOutputShape(ctx->input(0));
    RG_KERNEL_OK(ctx, shape.status());
    const int64_t samples = shape->num_elements();
    TensorShape out_shape = *shape;
    for (int64_t dim : ctx->input(1).shape().dims()) out_shape.AddDim(dim);
    Tensor out = ctx->Allocate(DataTypeOf<Out>::value, out_shape);
    if (!ctx->status().ok()) return;
    const auto parameters = ctx->input(1).flat<Parameter>();
    const int64_t count = static_cast<int64_t>(parameters.size());
    Out* to = out.mutable_flat<Out>().data();
    if (samples * count > 0) {
      const Philox stream = source_.ReserveOutputs(samples * count);
      for (int64_t p = 0; p < count; ++p) {
        const double parameter = static_cast<double>(
            static_cast<ComputeType<Parameter>>(parameters[p]));
        for (int64_t i = 0; i < samples; ++i) {
          Philox own = stream;
          own.Skip(static_cast<uint64_t>(kReservedPerOutput) *
                   (p * samples + i));
          Draws draws(own);
          to[i * count + p] = NumberCast<Out>(One(draws, parameter));
        }
      }
    }
    ctx->set_output(0, std::move(out));
  }

 private:
  static double One(Draws& draws, double parameter) {
    if constexpr (kIsGamma) return Gamma(draws, parameter);
    return Poisson(draws, parameter,
                   static_cast<double>(
                       static_cast<ComputeType<Out>>(HighestNumber<Out>())));
  }

  RandomSource source_;
};

OpBuilder SeededOp(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Input("shape: S").Attr("seed: int = 0").Attr("seed2: int = 0");
  op.Attr("S: {int32, int64}").Stateful().Shape(ParameterShape);
  return op;
}

template <typename Out, typename... Rates>
void AddPoissonKernels(OpBuilder& op) {
  (op.Kernel({{"R", {DataTypeOf<Rates>::value}},
              {"dtype", {DataTypeOf<Out>::value}}},
             KernelOf<ParameterKernel<Out, Rates, false>>()),
   ...);
}

}  // namespace

void RegisterRandomGammaOps(OpRegistry* registry) {
  OpBuilder gamma = SeededOp(registry, "RandomGamma");
  gamma.Input("alpha: T").Output("output: T").Attr("T: {half, float, double}");
  gamma.Kernel({{"T", {DT_DOUBLE}}},
               KernelOf<ParameterKernel<double, double, true>>());
  gamma.Kernel({{"T", {DT_FLOAT}}},
               KernelOf<ParameterKernel<float, float, true>>());
  gamma.Kernel({{"T", {DT_HALF}}},
               KernelOf<ParameterKernel<Half, Half, true>>());

  OpBuilder poisson = SeededOp(registry, "RandomPoissonV2");
  poisson.Input("rate: R").Output("output: dtype");
  poisson.Attr("R: {half, float, double, int32, int64} = DT_DOUBLE");
  poisson.Attr("dtype: {half, float, double, int32, int64} = DT_INT64");
  AddPoissonKernels<double, double, float, Half, int32_t, int64_t>(poisson);
  AddPoissonKernels<float, double, float, Half, int32_t, int64_t>(poisson);
  AddPoissonKernels<Half, double, float, Half, int32_t, int64_t>(poisson);
  AddPoissonKernels<int32_t, double, float, Half, int32_t, int64_t>(poisson);
  AddPoissonKernels<int64_t, double, float, Half, int32_t, int64_t>(poisson);
}

}  // namespace retrograph
