// Binary elementwise ops: arithmetic, comparison, logic; sums of many tensors.
//
// A functor states what an op does with two numbers; BinaryKernel does the
// broadcasting around it. Functors that can fail (a division by zero) raise a
// flag, and the rest of the result is computed all the same, as TensorFlow does.

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
#include "ops/broadcast.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

using Complex64 = std::complex<float>;
using Complex128 = std::complex<double>;

// --- What ops do with two numbers. ---

// Functors derive from one of these: whether they can fail, and how.
struct NeverFails {
  static constexpr bool kCanFail = false;
};
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

#define RG_COMPARISON_FUNCTOR_(name, op)           \
  struct name : NeverFails {                       \
    template <typename T>                          \
    bool operator()(const T& a, const T& b) const { \
      return a op b;                               \
    }                                              \
  }
RG_COMPARISON_FUNCTOR_(EqualFunctor, ==);
RG_COMPARISON_FUNCTOR_(NotEqualFunctor, !=);
RG_COMPARISON_FUNCTOR_(LessFunctor, <);
RG_COMPARISON_FUNCTOR_(LessEqualFunctor, <=);
RG_COMPARISON_FUNCTOR_(GreaterFunctor, >);
RG_COMPARISON_FUNCTOR_(GreaterEqualFunctor, >=);
RG_COMPARISON_FUNCTOR_(LogicalAndFunctor, &&);
RG_COMPARISON_FUNCTOR_(LogicalOrFunctor, ||);
#undef RG_COMPARISON_FUNCTOR_

// --- The kernels around them. ---

template <typename F, typename T>
void BinaryCompute(KernelContext* ctx, const Broadcast& broadcast) {
  using Out = std::decay_t<decltype(std::declval<F&>()(std::declval<T>(),
                                                       std::declval<T>()))>;
  const T* x = ctx->input(0).flat<T>().data();
  const T* y = ctx->input(1).flat<T>().data();
  // Keep what the operands point to where the output takes neither.
  Tensor out = ForwardEitherOrAllocate(ctx, DataTypeOf<Out>::value,
                                       broadcast.output_shape());
  if (!ctx->status().ok()) return;
  Out* to = out.mutable_flat<Out>().data();
  if constexpr (F::kCanFail) {
    bool failed = false;
    broadcast.Apply(x, y, to, F{&failed});
    RG_KERNEL_REQUIRES(ctx, !failed, F::Error());
  } else {
    broadcast.Apply(x, y, to, F{});
  }
  ctx->set_output(0, std::move(out));
}

// TensorFlow's limit on dimensions that are walked differently.
constexpr int kMaxBroadcastRank = 8;

absl::Status CheckBroadcastRank(const Broadcast& broadcast,
                                const TensorShape& x, const TensorShape& y) {
  if (broadcast.rank() <= kMaxBroadcastRank) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat("Broadcast between ", x.DebugString(), " and ",
                   y.DebugString(), " is not supported yet."));
}

template <typename F, typename T>
void BinaryKernel(KernelContext* ctx) {
  const TensorShape& x = ctx->input(0).shape();
  const TensorShape& y = ctx->input(1).shape();
  const auto broadcast = Broadcast::Create(x, y);
  RG_KERNEL_REQUIRES(ctx, broadcast.has_value(), IncompatibleShapes(x, y));
  RG_KERNEL_OK(ctx, CheckBroadcastRank(*broadcast, x, y));
  BinaryCompute<F, T>(ctx, *broadcast);
}

// Equal and NotEqual: shapes that do not fit may be an answer.
template <typename F, typename T>
void EqualityKernel(KernelContext* ctx) {
  if (!Broadcast::Create(ctx->input(0).shape(), ctx->input(1).shape())) {
    bool strict = true;
    RG_KERNEL_OK(ctx, ctx->op().GetAttr("incompatible_shape_error", &strict));
    if (!strict) {
      ctx->set_output(0,
                      Tensor::Scalar(std::is_same_v<F, NotEqualFunctor>));
      return;
    }
  }
  BinaryKernel<F, T>(ctx);
}

// Registers F for each of the types, in this order (it shows in the text about
// a missing kernel).
template <typename F, typename... Ts>
void AddKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&BinaryKernel<F, Ts>)),
   ...);
}
template <typename F, typename... Ts>
void AddEqualityKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&EqualityKernel<F, Ts>)),
   ...);
}

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
  AddKernels<AddFunctor, std::string, Complex128, uint8_t, Complex64, int16_t,
             int8_t, BFloat16, int64_t, int32_t, double, Half, float>(add);

  OpBuilder add_v2 = BinaryOp(
      registry, "AddV2",
      "{bfloat16, half, float, double, uint8, int8, int16, int32, int64, "
      "complex64, complex128}");
  add_v2.Aggregate().Commutative();
  AddKernels<AddFunctor, Complex128, uint8_t, Complex64, int16_t, int8_t,
             BFloat16, int64_t, int32_t, double, Half, float>(add_v2);

  OpBuilder sub = BinaryOp(registry, "Sub", kArithmeticTypes);
  AddKernels<SubFunctor, uint16_t, int16_t, uint8_t, int8_t, Complex128,
             Complex64, BFloat16, int64_t, int32_t, double, Half, float>(sub);

  OpBuilder squared_difference = BinaryOp(
      registry, "SquaredDifference",
      "{bfloat16, half, float, double, int32, int64, complex64, complex128}");
  squared_difference.Commutative();
  AddKernels<SquaredDifferenceFunctor, Complex128, Complex64, int64_t, int32_t,
             double, Half, float>(squared_difference);
}

void RegisterProducts(OpRegistry* registry) {
  OpBuilder mul = BinaryOp(registry, "Mul", kArithmeticTypes);
  mul.Commutative();
  AddKernels<MulFunctor, Complex128, Complex64, int64_t, int16_t, uint16_t,
             int8_t, BFloat16, int32_t, uint8_t, double, Half, float>(mul);

  OpBuilder mul_no_nan = BinaryOp(registry, "MulNoNan", kNoNanTypes);
  AddKernels<MulNoNanFunctor, Complex128, Complex64, double, float, Half>(
      mul_no_nan);

  OpBuilder div = BinaryOp(registry, "Div", kArithmeticTypes);
  AddKernels<TruncateDivFunctor, int64_t, int32_t, int16_t, uint16_t, uint8_t>(
      div);
  AddKernels<RealDivFunctor, Complex128, Complex64, BFloat16, double, Half,
             float>(div);

  OpBuilder real_div = BinaryOp(registry, "RealDiv", kArithmeticTypes);
  AddKernels<RealDivFunctor, Complex128, Complex64, BFloat16, double, Half,
             float>(real_div);

  OpBuilder div_no_nan = BinaryOp(registry, "DivNoNan", kNoNanTypes);
  AddKernels<DivNoNanFunctor, Complex128, Complex64, double, float, Half>(
      div_no_nan);

  OpBuilder xdivy = BinaryOp(registry, "Xdivy", kNoNanTypes);
  AddKernels<XdivyFunctor, Complex128, Complex64, double, Half, float>(xdivy);

  OpBuilder xlogy = BinaryOp(registry, "Xlogy", kNoNanTypes);
  AddKernels<XlogyFunctor, Complex128, Complex64, double, Half, float>(xlogy);

  OpBuilder pow = BinaryOp(
      registry, "Pow",
      "{bfloat16, float, half, double, int32, int64, complex64, complex128}");
  AddKernels<IntegerPowFunctor, int64_t, int32_t>(pow);
  AddKernels<PowFunctor, Complex128, Complex64, double, Half, float>(pow);
}

void RegisterIntegerDivision(OpRegistry* registry) {
  OpBuilder floor_div = BinaryOp(registry, "FloorDiv", kArithmeticTypes);
  AddKernels<FloorDivFloatFunctor, double, Half, float>(floor_div);
  AddKernels<FloorDivFunctor, int64_t, int32_t, int16_t, int8_t, uint16_t,
             uint8_t>(floor_div);

  OpBuilder truncate_div = BinaryOp(registry, "TruncateDiv", kArithmeticTypes);
  AddKernels<TruncateDivOpFunctor, int64_t, int32_t, int16_t, uint16_t,
             uint8_t>(truncate_div);

  OpBuilder floor_mod = BinaryOp(registry, "FloorMod", kModTypes);
  AddKernels<FloorModFloatFunctor, double, float>(floor_mod);
  AddKernels<FloorModFunctor, int64_t, int32_t>(floor_mod);

  // TensorFlow's definition lists half twice.
  OpBuilder mod = BinaryOp(registry, "Mod",
                           "{int32, int64, half, half, bfloat16, float, "
                           "double}");
  AddKernels<FmodFunctor, double, float>(mod);
  AddKernels<TruncateModFunctor, int64_t, int32_t>(mod);

  OpBuilder truncate_mod = BinaryOp(registry, "TruncateMod", kModTypes);
  AddKernels<FmodFunctor, double, float>(truncate_mod);
  AddKernels<TruncateModFunctor, int64_t, int32_t>(truncate_mod);
}

void RegisterOrderAndAngle(OpRegistry* registry) {
  OpBuilder maximum = BinaryOp(registry, "Maximum", kMinMaxTypes);
  AddKernels<MaximumFunctor, int64_t, int32_t, double, BFloat16, Half, float>(
      maximum);
  OpBuilder minimum = BinaryOp(registry, "Minimum", kMinMaxTypes);
  AddKernels<MinimumFunctor, int64_t, int32_t, double, BFloat16, Half, float>(
      minimum);

  OpBuilder atan2 = registry->Op("Atan2");
  atan2.Input("y: T").Input("x: T").Output("z: T");
  atan2.Attr("T: {bfloat16, half, float, double}").Shape(BroadcastBinaryShape);
  AddKernels<Atan2Functor, double, float>(atan2);
}

// --- Comparison and logic. ---

absl::Status EqualityShape(InferenceContext* c) {
  bool strict = true;
  RG_RETURN_IF_ERROR(c->GetAttr("incompatible_shape_error", &strict));
  RG_ASSIGN_OR_RETURN(Shape shape,
                      BroadcastShapes(c, c->input(0), c->input(1), strict));
  c->set_output(0, std::move(shape));
  return absl::OkStatus();
}

template <typename F>
void RegisterEquality(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Input("x: T").Input("y: T").Output("z: bool");
  op.Attr(
      "T: {bfloat16, half, float, double, uint8, int8, int16, int32, int64, "
      "complex64, quint8, qint8, qint32, string, bool, complex128}");
  op.Attr("incompatible_shape_error: bool = true");
  op.Commutative().Shape(EqualityShape);
  AddEqualityKernels<F, bool, std::string, Complex128, Complex64, int64_t,
                     int32_t, BFloat16, int16_t, int8_t, uint8_t, double, Half,
                     float>(op);
}

OpBuilder OrderOp(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Input("x: T").Input("y: T").Output("z: bool");
  op.Attr(absl::StrCat("T: ", kRealNumberTypes)).Shape(BroadcastBinaryShape);
  return op;
}

void RegisterComparison(OpRegistry* registry) {
  RegisterEquality<EqualFunctor>(registry, "Equal");
  RegisterEquality<NotEqualFunctor>(registry, "NotEqual");

  OpBuilder less = OrderOp(registry, "Less");
  AddKernels<LessFunctor, int16_t, int8_t, uint8_t, int64_t, int32_t, BFloat16,
             double, Half, float>(less);
  OpBuilder less_equal = OrderOp(registry, "LessEqual");
  AddKernels<LessEqualFunctor, int16_t, int8_t, uint8_t, int64_t, int32_t,
             double, BFloat16, Half, float>(less_equal);
  OpBuilder greater = OrderOp(registry, "Greater");
  AddKernels<GreaterFunctor, BFloat16, int16_t, int8_t, uint8_t, int64_t,
             int32_t, double, Half, float>(greater);
  OpBuilder greater_equal = OrderOp(registry, "GreaterEqual");
  AddKernels<GreaterEqualFunctor, BFloat16, int16_t, int8_t, uint8_t, int64_t,
             int32_t, double, Half, float>(greater_equal);
}

template <typename T>
void ApproximateEqualKernel(KernelContext* ctx) {
  const Tensor& x = ctx->input(0);
  const Tensor& y = ctx->input(1);
  RG_KERNEL_REQUIRES(
      ctx, x.shape() == y.shape(),
      absl::InvalidArgumentError(absl::StrCat(
          "x and y must be of the same shape. x shape: ",
          x.shape().DebugString(), ". y shape: ", y.shape().DebugString())));
  float tolerance = 0;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("tolerance", &tolerance));
  Tensor out = ctx->Allocate(DT_BOOL, x.shape());
  if (!ctx->status().ok()) return;
  const auto a = x.flat<T>(), b = y.flat<T>();
  const auto to = out.mutable_flat<bool>();
  for (size_t i = 0; i < to.size(); ++i) {
    to[i] = std::abs(a[i] - b[i]) < static_cast<T>(tolerance);
  }
  ctx->set_output(0, std::move(out));
}

void LogicalNotKernel(KernelContext* ctx) {
  const absl::Span<const bool> from = ctx->input(0).flat<bool>();
  Tensor out = ctx->ForwardOrAllocate(0, DT_BOOL, ctx->input(0).shape());
  if (!ctx->status().ok()) return;
  bool* to = out.mutable_flat<bool>().data();
  for (size_t i = 0; i < from.size(); ++i) to[i] = !from[i];
  ctx->set_output(0, std::move(out));
}

void RegisterLogic(OpRegistry* registry) {
  OpBuilder logical_and = registry->Op("LogicalAnd");
  logical_and.Input("x: bool").Input("y: bool").Output("z: bool");
  logical_and.Commutative().Shape(BroadcastBinaryShape);
  logical_and.Kernel({}, StatelessKernel(&BinaryKernel<LogicalAndFunctor, bool>));

  OpBuilder logical_or = registry->Op("LogicalOr");
  logical_or.Input("x: bool").Input("y: bool").Output("z: bool");
  logical_or.Commutative().Shape(BroadcastBinaryShape);
  logical_or.Kernel({}, StatelessKernel(&BinaryKernel<LogicalOrFunctor, bool>));

  registry->Op("LogicalNot")
      .Input("x: bool")
      .Output("y: bool")
      .Shape(UnchangedShape)
      .Kernel({}, StatelessKernel(&LogicalNotKernel));

  registry->Op("ApproximateEqual")
      .Input("x: T")
      .Input("y: T")
      .Output("z: bool")
      .Attr(absl::StrCat("T: ", kNumberTypes))
      .Attr("tolerance: float = 1e-05")
      .Commutative()
      .Shape(MergeBothShape)
      .Kernel({{"T", {DT_DOUBLE}}},
              StatelessKernel(&ApproximateEqualKernel<double>))
      .Kernel({{"T", {DT_FLOAT}}},
              StatelessKernel(&ApproximateEqualKernel<float>));
}

}  // namespace

void RegisterMathOps(OpRegistry* registry) {
  RegisterSums(registry);
  RegisterProducts(registry);
  RegisterIntegerDivision(registry);
  RegisterOrderAndAngle(registry);
  RegisterComparison(registry);
  RegisterLogic(registry);
}

}  // namespace retrograph
