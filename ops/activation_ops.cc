// Activation functions of neural networks and their gradients.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "graph/shape_inference.h"
#include "ops/array_functions.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/standard_ops.h"
#include "ops/unary_kernel.h"

namespace retrograph {
namespace {

constexpr absl::string_view kFloatTypes = "{half, bfloat16, float, double}";

// --- Forward. A NaN stays one: comparisons are written accordingly. ---

struct ReluF {
  template <typename T>
  T operator()(T x) const {
    return x < T(0) ? T(0) : x;
  }
};
struct Relu6F {
  template <typename T>
  T operator()(T x) const {
    const T six = NumberCast<T>(6);
    const T positive = ReluF()(x);
    return positive > six ? six : positive;
  }
};
struct SoftsignF {
  template <typename T>
  static void Run(const T* x, T* y, int64_t n) {
    const T one = NumberCast<T>(1);
    for (int64_t i = 0; i < n; ++i) {
      const T magnitude = x[i] < T(0) ? -x[i] : x[i];
      y[i] = x[i] / (magnitude + one);
    }
  }
};
struct SoftplusF {
  template <typename T>
  static void Run(const T* x, T* y, int64_t n) {
    // Where exp(x) is too small or too large to change 1 + exp(x).
    const T threshold =
        NumberCast<T>(std::log(static_cast<ComputeType<T>>(Epsilon<T>()))) +
        NumberCast<T>(2);
    const T one = NumberCast<T>(1);
    std::vector<T> exp(n), log(n);
    if constexpr (std::is_same_v<T, double>) {
      // A logarithm in packets is wanting, so TensorFlow uses none at all here.
      for (int64_t i = 0; i < n; ++i) exp[i] = std::exp(x[i]);
    } else {
      ExpArray(x, exp.data(), n);
    }
    for (int64_t i = 0; i < n; ++i) log[i] = exp[i] + one;
    LogArray(log.data(), log.data(), n);
    for (int64_t i = 0; i < n; ++i) {
      y[i] = x[i] > -threshold ? x[i] : x[i] < threshold ? exp[i] : log[i];
    }
  }

 private:
  template <typename T>
  static double Epsilon() {
    // What TensorFlow takes for it in 16-bit floats, not what it is.
    if constexpr (std::is_same_v<T, Half>) {
      return std::ldexp(1.0, -13);
    } else if constexpr (std::is_same_v<T, BFloat16>) {
      return 0.0;
    } else {
      return std::numeric_limits<T>::epsilon();
    }
  }
};
struct EluF {
  template <typename T>
  static void Run(const T* x, T* y, int64_t n) {
    const T one = NumberCast<T>(1);
    std::vector<T> exp(n);
    ExpArray(x, exp.data(), n);
    for (int64_t i = 0; i < n; ++i) y[i] = x[i] < T(0) ? exp[i] - one : x[i];
  }
};

constexpr double kSeluScale = 1.0507009873554804934193349852946;
constexpr double kSeluScaleAlpha = 1.7580993408473768599402175208123;

struct SeluF {
  template <typename T>
  static void Run(const T* x, T* y, int64_t n) {
    const T one = NumberCast<T>(1), scale = NumberCast<T>(kSeluScale);
    const T scale_alpha = NumberCast<T>(kSeluScaleAlpha);
    std::vector<T> exp(n);
    ExpArray(x, exp.data(), n);
    for (int64_t i = 0; i < n; ++i) {
      y[i] = x[i] < T(0) ? scale_alpha * (exp[i] - one) : scale * x[i];
    }
  }
};

// --- Backward: from the gradient g and the forward input (or output) x. ---

struct ReluGradF {
  template <typename T>
  static void Run(const T* g, const T* x, T* out, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      out[i] = WrapMul(g[i], NumberCast<T>(x[i] > T(0) ? 1 : 0));
    }
  }
};
struct Relu6GradF {
  template <typename T>
  static void Run(const T* g, const T* x, T* out, int64_t n) {
    const T six = NumberCast<T>(6);
    for (int64_t i = 0; i < n; ++i) {
      out[i] = WrapMul(g[i], NumberCast<T>(x[i] > T(0) && x[i] < six ? 1 : 0));
    }
  }
};
struct SoftplusGradF {
  template <typename T>
  static void Run(const T* g, const T* x, T* out, int64_t n) {
    const T one = NumberCast<T>(1);
    std::vector<T> exp(n);
    for (int64_t i = 0; i < n; ++i) exp[i] = -x[i];
    ExpArray(exp.data(), exp.data(), n);
    for (int64_t i = 0; i < n; ++i) out[i] = g[i] / (exp[i] + one);
  }
};
struct SoftsignGradF {
  template <typename T>
  static void Run(const T* g, const T* x, T* out, int64_t n) {
    const T one = NumberCast<T>(1);
    for (int64_t i = 0; i < n; ++i) {
      const T root = (x[i] < T(0) ? -x[i] : x[i]) + one;
      out[i] = g[i] / (root * root);
    }
  }
};
struct EluGradF {
  template <typename T>
  static void Run(const T* g, const T* y, T* out, int64_t n) {
    const T one = NumberCast<T>(1);
    for (int64_t i = 0; i < n; ++i) {
      out[i] = y[i] < T(0) ? (y[i] + one) * g[i] : g[i];
    }
  }
};
struct SeluGradF {
  template <typename T>
  static void Run(const T* g, const T* y, T* out, int64_t n) {
    const T scale = NumberCast<T>(kSeluScale);
    const T scale_alpha = NumberCast<T>(kSeluScaleAlpha);
    for (int64_t i = 0; i < n; ++i) {
      out[i] = y[i] < T(0) ? g[i] * (y[i] + scale_alpha) : g[i] * scale;
    }
  }
};

// --- LeakyRelu has an attr. ---

template <typename T>
void LeakyReluKernel(KernelContext* ctx) {
  float attr = 0;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("alpha", &attr));
  const T alpha = NumberCast<T>(attr);
  const TensorShape shape = ctx->input(0).shape();
  const T* x = ctx->input(0).flat<T>().data();
  Tensor out = ctx->ForwardOrAllocate(0, DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  T* y = out.mutable_flat<T>().data();
  for (int64_t i = 0; i < shape.num_elements(); ++i) {
    const T scaled = WrapMul(x[i], alpha);
    y[i] = x[i] < scaled ? scaled : x[i];  // the larger of both
  }
  ctx->set_output(0, std::move(out));
}

template <typename T>
void LeakyReluGradKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckSameShapes(ctx));
  float attr = 0;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("alpha", &attr));
  const T alpha = NumberCast<T>(attr);
  const TensorShape shape = ctx->input(0).shape();
  const T* g = ctx->input(0).flat<T>().data();
  const T* x = ctx->input(1).flat<T>().data();
  Tensor out = ctx->ForwardOrAllocate(0, DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  T* y = out.mutable_flat<T>().data();
  for (int64_t i = 0; i < shape.num_elements(); ++i) {
    y[i] = x[i] > T(0) ? g[i] : WrapMul(g[i], alpha);
  }
  ctx->set_output(0, std::move(out));
}

// --- Registration. ---

OpBuilder ActivationOp(OpRegistry* registry, absl::string_view name,
                       absl::string_view types) {
  OpBuilder op = registry->Op(name);
  op.Input("features: T").Output("activations: T");
  op.Attr(absl::StrCat("T: ", types)).Shape(UnchangedShape);
  return op;
}
OpBuilder ActivationGradOp(OpRegistry* registry, absl::string_view name,
                           absl::string_view second, absl::string_view types) {
  OpBuilder op = registry->Op(name);
  op.Input("gradients: T").Input(absl::StrCat(second, ": T"));
  op.Output("backprops: T").Attr(absl::StrCat("T: ", types));
  op.Shape(MergeBothShape);
  return op;
}

void RegisterRelus(OpRegistry* registry) {
  OpBuilder relu = ActivationOp(
      registry, "Relu",
      "{float, double, int32, uint8, int16, int8, int64, bfloat16, uint16, "
      "half, uint32, uint64, qint8}");
  AddElementKernels<ReluF, double, float, BFloat16, Half, int8_t, uint8_t,
                    int16_t, uint16_t, int32_t, int64_t>(relu);
  OpBuilder relu6 = ActivationOp(registry, "Relu6", kRealNumberTypes);
  AddElementKernels<Relu6F, double, float, BFloat16, Half, int8_t, uint8_t,
                    int16_t, uint16_t, int32_t, int64_t>(relu6);
  OpBuilder relu_grad =
      ActivationGradOp(registry, "ReluGrad", "features", kRealNumberTypes);
  AddPairKernels<ReluGradF, double, float, BFloat16, Half, int8_t, uint8_t,
                 int16_t, uint16_t, int32_t, int64_t>(relu_grad);
  OpBuilder relu6_grad =
      ActivationGradOp(registry, "Relu6Grad", "features", kRealNumberTypes);
  AddPairKernels<Relu6GradF, double, float, BFloat16, Half, int8_t, uint8_t,
                 int16_t, uint16_t, int32_t, int64_t>(relu6_grad);
}

template <typename... Ts>
void AddLeakyKernels(OpBuilder& forward, OpBuilder& backward) {
  (forward.Kernel({{"T", {DataTypeOf<Ts>::value}}},
                  StatelessKernel(&LeakyReluKernel<Ts>)),
   ...);
  (backward.Kernel({{"T", {DataTypeOf<Ts>::value}}},
                   StatelessKernel(&LeakyReluGradKernel<Ts>)),
   ...);
}

void RegisterLeakyRelu(OpRegistry* registry) {
  OpBuilder forward = registry->Op("LeakyRelu");
  forward.Input("features: T").Output("activations: T");
  OpBuilder backward = registry->Op("LeakyReluGrad");
  backward.Input("gradients: T").Input("features: T").Output("backprops: T");
  for (OpBuilder* op : {&forward, &backward}) {
    op->Attr("alpha: float = 0.2");
    op->Attr("T: {half, bfloat16, float, double} = DT_FLOAT");
  }
  forward.Shape(UnchangedShape);
  backward.Shape(MergeBothShape);
  AddLeakyKernels<double, float, BFloat16, Half>(forward, backward);
}

void RegisterSoft(OpRegistry* registry) {
  OpBuilder softplus = ActivationOp(registry, "Softplus", kFloatTypes);
  AddArrayKernels<SoftplusF, double, float, BFloat16, Half>(softplus);
  OpBuilder softsign = ActivationOp(registry, "Softsign", kFloatTypes);
  AddArrayKernels<SoftsignF, double, float, BFloat16, Half>(softsign);
  OpBuilder softplus_grad =
      ActivationGradOp(registry, "SoftplusGrad", "features", kFloatTypes);
  AddPairKernels<SoftplusGradF, double, float, BFloat16, Half>(softplus_grad);
  OpBuilder softsign_grad =
      ActivationGradOp(registry, "SoftsignGrad", "features", kFloatTypes);
  AddPairKernels<SoftsignGradF, double, float, BFloat16, Half>(softsign_grad);
}

void RegisterExponentialUnits(OpRegistry* registry) {
  OpBuilder elu = ActivationOp(registry, "Elu", kFloatTypes);
  AddArrayKernels<EluF, double, float, Half>(elu);
  OpBuilder selu = ActivationOp(registry, "Selu", kFloatTypes);
  AddArrayKernels<SeluF, double, float, Half>(selu);
  OpBuilder elu_grad =
      ActivationGradOp(registry, "EluGrad", "outputs", kFloatTypes);
  AddPairKernels<EluGradF, double, float, Half>(elu_grad);
  OpBuilder selu_grad =
      ActivationGradOp(registry, "SeluGrad", "outputs", kFloatTypes);
  AddPairKernels<SeluGradF, double, float, Half>(selu_grad);
}

}  // namespace

void RegisterActivationOps(OpRegistry* registry) {
  RegisterRelus(registry);
  RegisterLeakyRelu(registry);
  RegisterSoft(registry);
  RegisterExponentialUnits(registry);
}

}  // namespace retrograph
