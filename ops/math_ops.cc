// Arithmetic on two tensors, element by element.
//
// Functors that can fail (a division by zero) raise a flag, and the rest of the
// result is computed all the same, as TensorFlow does.

#include <algorithm>
#include <cmath>
#include <complex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/binary_kernel.h"
#include "ops/broadcast.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

using Complex64 = std::complex<float>;
using Complex128 = std::complex<double>;

// --- What ops do with two numbers. ---

struct FailsOnZero {
  static constexpr bool kCanFail = true;
  static absl::Status Error() {
    return absl::InvalidArgumentError("Integer division by zero");
  }
  bool* failed;
};

struct AddFunctor : NeverFails {
  template <typename T>
  T operator()(const T& a, const T& b) const {
    return WrapAdd(a, b);
  }
};
struct SubFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    return WrapSub(a, b);
  }
};
struct MulFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    return WrapMul(a, b);
  }
};
struct MulNoNanFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    return b == T(0) ? T(0) : WrapMul(a, b);
  }
};
struct RealDivFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    return WrapDivide(a, b);
  }
};
struct DivNoNanFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    return b == T(0) ? T(0) : WrapDivide(a, b);
  }
};
struct XdivyFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    return a == T(0) ? T(0) : WrapDivide(a, b);
  }
};
struct XlogyFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    if (a == T(0)) return T(0);
    using std::log;
    return WrapMul(a, NumberCast<T>(log(static_cast<ComputeType<T>>(b))));
  }
};
struct FloorDivFloatFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    return NumberCast<T>(std::floor(static_cast<ComputeType<T>>(a / b)));
  }
};
struct FmodFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    return std::fmod(a, b);
  }
};
struct FloorModFloatFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    const T remainder = std::fmod(a, b);
    return (a < 0) == (b < 0) ? remainder : std::fmod(remainder + b, b);
  }
};

struct TruncateDivFunctor : FailsOnZero {
  template <typename T>
  T operator()(T a, T b) const {
    if (b == 0) {
      *failed = true;
      return 0;
    }
    return WrapDivide(a, b);
  }
};
// The op TruncateDiv; Div's error is the clearer one.
struct TruncateDivOpFunctor : TruncateDivFunctor {
  static absl::Status Error() {
    return absl::InternalError(
        "Unexpected error in binary operator (only integer div and mod should "
        "have errors)");
  }
};
struct FloorDivFunctor : FailsOnZero {
  template <typename T>
  T operator()(T a, T b) const {
    if (b == 0) {
      *failed = true;
      return 0;
    }
    const T quotient = WrapDivide(a, b);
    const bool inexact = WrapMul(quotient, b) != a;
    return (a < 0) != (b < 0) && inexact ? quotient - 1 : quotient;
  }
};
struct TruncateModFunctor : FailsOnZero {
  template <typename T>
  T operator()(T a, T b) const {
    if (b == 0) {
      *failed = true;
      return 0;
    }
    return b == -1 ? 0 : a % b;  // the lowest number % -1 would trap
  }
};
struct FloorModFunctor : FailsOnZero {
  template <typename T>
  T operator()(T a, T b) const {
    const T remainder = TruncateModFunctor{*this}(a, b);
    return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b
                                                        : remainder;
  }
};

// The arguments' order decides what comes of a NaN: the first one wins.
struct MaximumFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    return a < b ? b : a;
  }
};
struct MinimumFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    return b < a ? b : a;
  }
};
struct PowFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    if constexpr (kIsSmallFloat<T>) {
      return T(std::pow(static_cast<float>(a), static_cast<float>(b)));
    } else {
      return std::pow(a, b);
    }
  }
};
struct IntegerPowFunctor {
  static constexpr bool kCanFail = true;
  static absl::Status Error() {
    return absl::InvalidArgumentError(
        "Integers to negative integer powers are not allowed");
  }
  bool* failed;
  template <typename T>
  T operator()(T base, T exponent) const {
    if (exponent < 0) {
      *failed = true;
      return 0;
    }
    T result = 1;
    for (; exponent != 0; exponent /= 2) {
      if (exponent % 2 != 0) result = WrapMul(result, base);
      base = WrapMul(base, base);
    }
    return result;
  }
};
struct SquaredDifferenceFunctor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    const T difference = WrapSub(a, b);
    if constexpr (kIsComplex<T>) {
      return WrapMul(difference, std::conj(difference));
    } else {
      return WrapMul(difference, difference);
    }
  }
};
struct Atan2Functor : NeverFails {
  template <typename T>
  T operator()(T a, T b) const {
    return std::atan2(a, b);
  }
};

OpBuilder BinaryOp(OpRegistry* registry, absl::string_view name,
                   absl::string_view types) {
  OpBuilder op = registry->Op(name);
  op.Input("x: T").Input("y: T").Output("z: T");
  op.Attr(absl::StrCat("T: ", types)).Shape(BroadcastBinaryShape);
  return op;
}

constexpr absl::string_view kArithmeticTypes =
    "{bfloat16, half, float, double, uint8, int8, uint16, int16, int32, int64, "
    "complex64, complex128}";
constexpr absl::string_view kMinMaxTypes =
    "{bfloat16, half, float, double, int32, int64}";
constexpr absl::string_view kModTypes =
    "{int32, int64, bfloat16, half, float, double}";
constexpr absl::string_view kNoNanTypes =
    "{half, float, double, complex64, complex128}";

void RegisterSums(OpRegistry* registry) {
  OpBuilder add = BinaryOp(
      registry, "Add",
      "{bfloat16, half, float, double, uint8, int8, int16, int32, int64, "
      "complex64, complex128, string}");
  AddBinaryKernels<AddFunctor, std::string, Complex128, uint8_t, Complex64,
                   int16_t, int8_t, BFloat16, int64_t, int32_t, double, Half,
                   float>(add);

  OpBuilder add_v2 = BinaryOp(
      registry, "AddV2",
      "{bfloat16, half, float, double, uint8, int8, int16, int32, int64, "
      "complex64, complex128}");
  add_v2.Aggregate().Commutative();
  AddBinaryKernels<AddFunctor, Complex128, uint8_t, Complex64, int16_t, int8_t,
                   BFloat16, int64_t, int32_t, double, Half, float>(add_v2);

  OpBuilder sub = BinaryOp(registry, "Sub", kArithmeticTypes);
  AddBinaryKernels<SubFunctor, uint16_t, int16_t, uint8_t, int8_t, Complex128,
                   Complex64, BFloat16, int64_t, int32_t, double, Half, float>(
      sub);

  OpBuilder squared_difference = BinaryOp(
      registry, "SquaredDifference",
      "{bfloat16, half, float, double, int32, int64, complex64, complex128}");
  squared_difference.Commutative();
  AddBinaryKernels<SquaredDifferenceFunctor, Complex128, Complex64, int64_t,
                   int32_t, double, Half, float>(squared_difference);
}

void RegisterProducts(OpRegistry* registry) {
  OpBuilder mul = BinaryOp(registry, "Mul", kArithmeticTypes);
  mul.Commutative();
  AddBinaryKernels<MulFunctor, Complex128, Complex64, int64_t, int16_t,
                   uint16_t, int8_t, BFloat16, int32_t, uint8_t, double, Half,
                   float>(mul);

  OpBuilder mul_no_nan = BinaryOp(registry, "MulNoNan", kNoNanTypes);
  AddBinaryKernels<MulNoNanFunctor, Complex128, Complex64, double, float, Half>(
      mul_no_nan);

  OpBuilder div = BinaryOp(registry, "Div", kArithmeticTypes);
  AddBinaryKernels<TruncateDivFunctor, int64_t, int32_t, int16_t, uint16_t,
                   uint8_t>(div);
  AddBinaryKernels<RealDivFunctor, Complex128, Complex64, BFloat16, double,
                   Half, float>(div);

  OpBuilder real_div = BinaryOp(registry, "RealDiv", kArithmeticTypes);
  AddBinaryKernels<RealDivFunctor, Complex128, Complex64, BFloat16, double,
                   Half, float>(real_div);

  OpBuilder div_no_nan = BinaryOp(registry, "DivNoNan", kNoNanTypes);
  AddBinaryKernels<DivNoNanFunctor, Complex128, Complex64, double, float, Half>(
      div_no_nan);

  OpBuilder xdivy = BinaryOp(registry, "Xdivy", kNoNanTypes);
  AddBinaryKernels<XdivyFunctor, Complex128, Complex64, double, Half, float>(
      xdivy);

  OpBuilder xlogy = BinaryOp(registry, "Xlogy", kNoNanTypes);
  AddBinaryKernels<XlogyFunctor, Complex128, Complex64, double, Half, float>(
      xlogy);

  OpBuilder pow = BinaryOp(
      registry, "Pow",
      "{bfloat16, float, half, double, int32, int64, complex64, complex128}");
  AddBinaryKernels<IntegerPowFunctor, int64_t, int32_t>(pow);
  AddBinaryKernels<PowFunctor, Complex128, Complex64, double, Half, float>(pow);
}

void RegisterIntegerDivision(OpRegistry* registry) {
  OpBuilder floor_div = BinaryOp(registry, "FloorDiv", kArithmeticTypes);
  AddBinaryKernels<FloorDivFloatFunctor, double, Half, float>(floor_div);
  AddBinaryKernels<FloorDivFunctor, int64_t, int32_t, int16_t, int8_t, uint16_t,
                   uint8_t>(floor_div);

  OpBuilder truncate_div = BinaryOp(registry, "TruncateDiv", kArithmeticTypes);
  AddBinaryKernels<TruncateDivOpFunctor, int64_t, int32_t, int16_t, uint16_t,
                   uint8_t>(truncate_div);

  OpBuilder floor_mod = BinaryOp(registry, "FloorMod", kModTypes);
  AddBinaryKernels<FloorModFloatFunctor, double, float>(floor_mod);
  AddBinaryKernels<FloorModFunctor, int64_t, int32_t>(floor_mod);

  // TensorFlow's definition lists half twice.
  OpBuilder mod = BinaryOp(registry, "Mod",
                           "{int32, int64, half, half, bfloat16, float, "
                           "double}");
  AddBinaryKernels<FmodFunctor, double, float>(mod);
  AddBinaryKernels<TruncateModFunctor, int64_t, int32_t>(mod);

  OpBuilder truncate_mod = BinaryOp(registry, "TruncateMod", kModTypes);
  AddBinaryKernels<FmodFunctor, double, float>(truncate_mod);
  AddBinaryKernels<TruncateModFunctor, int64_t, int32_t>(truncate_mod);
}

void RegisterOrderAndAngle(OpRegistry* registry) {
  OpBuilder maximum = BinaryOp(registry, "Maximum", kMinMaxTypes);
  AddBinaryKernels<MaximumFunctor, int64_t, int32_t, double, BFloat16, Half,
                   float>(maximum);
  OpBuilder minimum = BinaryOp(registry, "Minimum", kMinMaxTypes);
  AddBinaryKernels<MinimumFunctor, int64_t, int32_t, double, BFloat16, Half,
                   float>(minimum);

  OpBuilder atan2 = registry->Op("Atan2");
  atan2.Input("y: T").Input("x: T").Output("z: T");
  atan2.Attr("T: {bfloat16, half, float, double}").Shape(BroadcastBinaryShape);
  AddBinaryKernels<Atan2Functor, double, float>(atan2);
}

}  // namespace

void RegisterMathOps(OpRegistry* registry) {
  RegisterSums(registry);
  RegisterProducts(registry);
  RegisterIntegerDivision(registry);
  RegisterOrderAndAngle(registry);
}

}  // namespace retrograph
