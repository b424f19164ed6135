// Functions of one number: signs, powers, exponentials, angles, rounding, and
// the gradient ops of some.

#include <algorithm>
#include <cmath>
#include <complex>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "graph/shape_inference.h"
#include "ops/array_functions.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/standard_ops.h"
#include "ops/unary_kernel.h"

namespace retrograph {
namespace {

using Complex64 = std::complex<float>;
using Complex128 = std::complex<double>;

constexpr absl::string_view kFloatTypes = "{bfloat16, half, float, double}";
constexpr absl::string_view kFloatAndComplexTypes =
    "{bfloat16, half, float, double, complex64, complex128}";
constexpr absl::string_view kSignedTypes =
    "{bfloat16, half, float, double, int32, int64, complex64, complex128}";

OpBuilder UnaryOp(OpRegistry* registry, absl::string_view name,
                  absl::string_view types) {
  OpBuilder op = registry->Op(name);
  op.Input("x: T").Output("y: T");
  op.Attr(absl::StrCat("T: ", types)).Shape(UnchangedShape);
  return op;
}

// --- Array functions as functors. ---

#define RG_ARRAY_FUNCTOR_(name, function)          \
  struct name {                                    \
    template <typename T>                          \
    static void Run(const T* x, T* y, int64_t n) { \
      function(x, y, n);                           \
    }                                              \
  }
RG_ARRAY_FUNCTOR_(ExpF, ExpArray);
RG_ARRAY_FUNCTOR_(Expm1F, Expm1Array);
RG_ARRAY_FUNCTOR_(LogF, LogArray);
RG_ARRAY_FUNCTOR_(Log1pF, Log1pArray);
RG_ARRAY_FUNCTOR_(SinF, SinArray);
RG_ARRAY_FUNCTOR_(CosF, CosArray);
RG_ARRAY_FUNCTOR_(TanhF, TanhArray);
RG_ARRAY_FUNCTOR_(SigmoidF, SigmoidArray);
RG_ARRAY_FUNCTOR_(SqrtF, SqrtArray);
RG_ARRAY_FUNCTOR_(RsqrtF, RsqrtArray);
#undef RG_ARRAY_FUNCTOR_

// Elements that TensorFlow computes in packets of AVX's 32 bytes; the rest of
// an array one by one, by formulas whose roundings may differ.
template <typename T>
int64_t Packed(int64_t n) {
  constexpr int64_t kPacket = std::is_floating_point_v<T> ? 32 / sizeof(T) : 1;
  return kPacket == 1 ? 0 : n - n % kPacket;
}

struct NegF {
  template <typename T>
  static void Run(const T* x, T* y, int64_t n) {
    // 0 - x in packets, of complex numbers, too: no -0.
    constexpr int64_t kPacket = 32 / sizeof(T);
    const int64_t packed = kIsComplex<T> ? n - n % kPacket : Packed<T>(n);
    for (int64_t i = 0; i < packed; ++i) y[i] = T(0) - x[i];
    for (int64_t i = packed; i < n; ++i) y[i] = WrapNegate(x[i]);
  }
};

// --- Functors of one element. ---

struct AbsF {
  template <typename T>
  T operator()(T x) const {
    if constexpr (kIsSmallFloat<T>) {
      x.bits &= 0x7fff;
      return x;
    } else if constexpr (kIsInteger<T>) {
      return x < 0 ? WrapNegate(x) : x;
    } else {
      return std::abs(x);
    }
  }
};
struct SignF {
  template <typename T>
  T operator()(T x) const {
    if constexpr (kIsComplex<T>) {
      return x == T(0) ? T(0) : WrapDivide(x, T(std::abs(x)));
    } else {
      // 0 for NaN.
      const T zero(0);
      return NumberCast<T>((x > zero) - (x < zero));
    }
  }
};
struct SquareF {
  template <typename T>
  T operator()(T x) const {
    return WrapMul(x, x);
  }
};
struct ReciprocalF {
  template <typename T>
  T operator()(T x) const {
    return WrapDivide(NumberCast<T>(1), x);
  }
};

#define RG_LIBRARY_FUNCTOR_(name, function)                           \
  struct name {                                                       \
    template <typename T>                                             \
    T operator()(T x) const {                                         \
      using std::function;                                            \
      return NumberCast<T>(function(static_cast<ComputeType<T>>(x))); \
    }                                                                 \
  }
RG_LIBRARY_FUNCTOR_(TanF, tan);
RG_LIBRARY_FUNCTOR_(AsinF, asin);
RG_LIBRARY_FUNCTOR_(AcosF, acos);
RG_LIBRARY_FUNCTOR_(AtanF, atan);
RG_LIBRARY_FUNCTOR_(SinhF, sinh);
RG_LIBRARY_FUNCTOR_(CoshF, cosh);
RG_LIBRARY_FUNCTOR_(AsinhF, asinh);
RG_LIBRARY_FUNCTOR_(AcoshF, acosh);
RG_LIBRARY_FUNCTOR_(AtanhF, atanh);
RG_LIBRARY_FUNCTOR_(ErfF, erf);
RG_LIBRARY_FUNCTOR_(ErfcF, erfc);
RG_LIBRARY_FUNCTOR_(LgammaF, lgamma);
RG_LIBRARY_FUNCTOR_(FloorF, floor);
RG_LIBRARY_FUNCTOR_(CeilF, ceil);
RG_LIBRARY_FUNCTOR_(RintF, nearbyint);
#undef RG_LIBRARY_FUNCTOR_

// Halves go to the even neighbour. What is between -1/2 and 0 gives +0.
struct RoundF {
  template <typename T>
  T operator()(T value) const {
    if constexpr (kIsInteger<T>) {
      return value;
    } else {
      using C = ComputeType<T>;
      const C x = static_cast<C>(value);
      C result = std::floor(x);
      const C fraction = x - result;
      if (fraction > C(0.5)) {
        result += C(1);
      } else if (fraction == C(0.5) &&
                 result - C(2) * std::floor(C(0.5) * x) == C(1)) {
        result += C(1);
      }
      return NumberCast<T>(result);
    }
  }
};

struct IsFiniteF {
  template <typename T>
  bool operator()(T x) const {
    return std::isfinite(static_cast<ComputeType<T>>(x));
  }
};
struct IsNanF {
  template <typename T>
  bool operator()(T x) const {
    return std::isnan(static_cast<ComputeType<T>>(x));
  }
};
struct IsInfF {
  template <typename T>
  bool operator()(T x) const {
    return std::isinf(static_cast<ComputeType<T>>(x));
  }
};

// --- Gradients: from the op's output y and the gradient dy. ---

template <typename T>
T Conj(const T& x) {
  if constexpr (kIsComplex<T>) {
    return std::conj(x);
  } else {
    return x;
  }
}

struct TanhGradF {
  template <typename T>
  static void Run(const T* y, const T* dy, T* out, int64_t n) {
    const T one = NumberCast<T>(1);
    for (int64_t i = 0; i < n; ++i) {
      out[i] = WrapMul(dy[i], one - WrapMul(y[i], y[i]));
    }
  }
};
struct SigmoidGradF {
  template <typename T>
  static void Run(const T* y, const T* dy, T* out, int64_t n) {
    const T one = NumberCast<T>(1);
    const int64_t packed = Packed<T>(n);
    for (int64_t i = 0; i < packed; ++i) {
      out[i] = dy[i] * (y[i] * (one - y[i]));
    }
    for (int64_t i = packed; i < n; ++i) {
      const T v = Conj(y[i]);
      out[i] = WrapMul(WrapMul(dy[i], v), one - v);
    }
  }
};
struct ReciprocalGradF {
  template <typename T>
  static void Run(const T* y, const T* dy, T* out, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      const T v = Conj(y[i]);
      out[i] = WrapMul(-dy[i], WrapMul(v, v));
    }
  }
};
struct SqrtGradF {
  template <typename T>
  static void Run(const T* y, const T* dy, T* out, int64_t n) {
    const T half = NumberCast<T>(0.5f), one = NumberCast<T>(1);
    const int64_t packed = Packed<T>(n);
    for (int64_t i = 0; i < packed; ++i) {
      out[i] = (half * dy[i]) * (one / y[i]);
    }
    for (int64_t i = packed; i < n; ++i) {
      out[i] = WrapMul(half, dy[i]) / Conj(y[i]);
    }
  }
};
struct RsqrtGradF {
  template <typename T>
  static void Run(const T* y, const T* dy, T* out, int64_t n) {
    const T factor = NumberCast<T>(-0.5f);
    for (int64_t i = 0; i < n; ++i) {
      const T v = Conj(y[i]);
      out[i] = WrapMul(WrapMul(factor, WrapMul(dy[i], v)), WrapMul(v, v));
    }
  }
};

// --- Registration, family by family. ---

void RegisterSigns(OpRegistry* registry) {
  OpBuilder neg = UnaryOp(registry, "Neg", kSignedTypes);
  AddArrayKernels<NegF, BFloat16, Complex128, int64_t, Complex64, int32_t,
                  double, Half, float>(neg);
  OpBuilder abs =
      UnaryOp(registry, "Abs",
              "{bfloat16, half, float, double, int8, int16, int32, int64}");
  AddElementKernels<AbsF, int64_t, int32_t, int16_t, int8_t, double, float,
                    BFloat16, Half>(abs);
  OpBuilder sign = UnaryOp(registry, "Sign", kSignedTypes);
  AddElementKernels<SignF, Complex128, Half, Complex64, int64_t, int32_t,
                    double, float>(sign);
}

void RegisterPowers(OpRegistry* registry) {
  OpBuilder square = UnaryOp(registry, "Square", kSignedTypes);
  AddElementKernels<SquareF, BFloat16, Complex128, Complex64, int64_t, int32_t,
                    double, Half, float>(square);
  OpBuilder sqrt = UnaryOp(registry, "Sqrt", kFloatAndComplexTypes);
  AddArrayKernels<SqrtF, Complex128, Complex64, BFloat16, double, Half, float>(
      sqrt);
  OpBuilder rsqrt = UnaryOp(registry, "Rsqrt", kFloatAndComplexTypes);
  AddArrayKernels<RsqrtF, Complex128, Complex64, double, Half, float>(rsqrt);
  for (const char* name : {"Reciprocal", "Inv"}) {
    OpBuilder op = UnaryOp(registry, name, kSignedTypes);
    AddElementKernels<ReciprocalF, Complex128, Complex64, double, Half, float>(
        op);
  }
}

template <typename F>
void RegisterArrayFunction(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = UnaryOp(registry, name, kFloatAndComplexTypes);
  AddArrayKernels<F, Complex128, Complex64, double, Half, float>(op);
}

// For float and double alone.
template <typename F>
void RegisterInverseAngle(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = UnaryOp(registry, name, kSignedTypes);
  AddElementKernels<F, double, float>(op);
}
template <typename F>
void RegisterHyperbolic(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = UnaryOp(registry, name, kFloatAndComplexTypes);
  AddElementKernels<F, Complex128, Complex64, double, float>(op);
}
template <typename F>
void RegisterRealFunction(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = UnaryOp(registry, name, kFloatTypes);
  AddElementKernels<F, double, Half, float>(op);
}

void RegisterFunctions(OpRegistry* registry) {
  RegisterArrayFunction<ExpF>(registry, "Exp");
  RegisterArrayFunction<Expm1F>(registry, "Expm1");
  RegisterArrayFunction<Log1pF>(registry, "Log1p");
  RegisterArrayFunction<SinF>(registry, "Sin");
  RegisterArrayFunction<CosF>(registry, "Cos");
  RegisterArrayFunction<TanhF>(registry, "Tanh");
  RegisterArrayFunction<SigmoidF>(registry, "Sigmoid");
  OpBuilder log = UnaryOp(registry, "Log", kFloatAndComplexTypes);
  AddArrayKernels<LogF, Complex128, Complex64, BFloat16, double, Half, float>(
      log);

  OpBuilder tan = UnaryOp(registry, "Tan", kSignedTypes);
  AddElementKernels<TanF, Complex128, Complex64, double, float, Half>(tan);
  RegisterInverseAngle<AsinF>(registry, "Asin");
  RegisterInverseAngle<AcosF>(registry, "Acos");
  RegisterInverseAngle<AtanF>(registry, "Atan");
  RegisterHyperbolic<SinhF>(registry, "Sinh");
  RegisterHyperbolic<CoshF>(registry, "Cosh");
  RegisterHyperbolic<AsinhF>(registry, "Asinh");
  RegisterHyperbolic<AcoshF>(registry, "Acosh");
  RegisterHyperbolic<AtanhF>(registry, "Atanh");
  RegisterRealFunction<ErfF>(registry, "Erf");
  RegisterRealFunction<ErfcF>(registry, "Erfc");
  RegisterRealFunction<LgammaF>(registry, "Lgamma");
}

void RegisterRounding(OpRegistry* registry) {
  RegisterRealFunction<FloorF>(registry, "Floor");
  RegisterRealFunction<CeilF>(registry, "Ceil");
  OpBuilder round = UnaryOp(registry, "Round", kSignedTypes);
  AddElementKernels<RoundF, int64_t, int32_t, double, float, Half>(round);
  OpBuilder rint = UnaryOp(registry, "Rint", kFloatTypes);
  AddElementKernels<RintF, double, float>(rint);
}

OpBuilder PredicateOp(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Input("x: T").Output("y: bool");
  op.Attr(absl::StrCat("T: ", kFloatTypes)).Shape(UnchangedShape);
  return op;
}

void RegisterPredicates(OpRegistry* registry) {
  OpBuilder is_finite = PredicateOp(registry, "IsFinite");
  AddElementKernels<IsFiniteF, double, Half, float>(is_finite);
  OpBuilder is_inf = PredicateOp(registry, "IsInf");
  AddElementKernels<IsInfF, double, Half, float>(is_inf);
  OpBuilder is_nan = PredicateOp(registry, "IsNan");
  AddElementKernels<IsNanF, BFloat16, double, Half, float>(is_nan);
}

OpBuilder GradientOp(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Input("y: T").Input("dy: T").Output("z: T");
  op.Attr(absl::StrCat("T: ", kFloatAndComplexTypes)).Shape(UnchangedShape);
  return op;
}

template <typename F>
void RegisterGradient(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = GradientOp(registry, name);
  AddPairKernels<F, Complex128, Complex64, double, Half, float>(op);
}

void RegisterGradients(OpRegistry* registry) {
  RegisterGradient<TanhGradF>(registry, "TanhGrad");
  RegisterGradient<SigmoidGradF>(registry, "SigmoidGrad");
  RegisterGradient<ReciprocalGradF>(registry, "ReciprocalGrad");
  RegisterGradient<ReciprocalGradF>(registry, "InvGrad");
  RegisterGradient<RsqrtGradF>(registry, "RsqrtGrad");
  OpBuilder sqrt_grad = GradientOp(registry, "SqrtGrad");
  AddPairKernels<SqrtGradF, Complex128, Complex64, double, BFloat16, Half,
                 float>(sqrt_grad);
}

}  // namespace

void RegisterUnaryOps(OpRegistry* registry) {
  RegisterSigns(registry);
  RegisterPowers(registry);
  RegisterFunctions(registry);
  RegisterRounding(registry);
  RegisterPredicates(registry);
  RegisterGradients(registry);
}

}  // namespace retrograph
