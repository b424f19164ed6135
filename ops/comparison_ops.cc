// Comparisons of two tensors, element by element, and logic.

#include <cmath>
#include <complex>
#include <string>
#include <type_traits>
#include <utility>

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

#define RG_COMPARISON_FUNCTOR_(name, op)            \
  struct name : NeverFails {                        \
    template <typename T>                           \
    bool operator()(const T& a, const T& b) const { \
      return a op b;                                \
    }                                               \
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

// Equal and NotEqual: shapes that do not fit may be an answer.
template <typename F, typename T>
void EqualityKernel(KernelContext* ctx) {
  if (!Broadcast::Create(ctx->input(0).shape(), ctx->input(1).shape())) {
    bool strict = true;
    RG_KERNEL_OK(ctx, ctx->op().GetAttr("incompatible_shape_error", &strict));
    if (!strict) {
      ctx->set_output(0, Tensor::Scalar(std::is_same_v<F, NotEqualFunctor>));
      return;
    }
  }
  BinaryKernel<F, T>(ctx);
}

template <typename F, typename... Ts>
void AddEqualityKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&EqualityKernel<F, Ts>)),
   ...);
}

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
  AddBinaryKernels<LessFunctor, int16_t, int8_t, uint8_t, int64_t, int32_t,
                   BFloat16, double, Half, float>(less);
  OpBuilder less_equal = OrderOp(registry, "LessEqual");
  AddBinaryKernels<LessEqualFunctor, int16_t, int8_t, uint8_t, int64_t, int32_t,
                   double, BFloat16, Half, float>(less_equal);
  OpBuilder greater = OrderOp(registry, "Greater");
  AddBinaryKernels<GreaterFunctor, BFloat16, int16_t, int8_t, uint8_t, int64_t,
                   int32_t, double, Half, float>(greater);
  OpBuilder greater_equal = OrderOp(registry, "GreaterEqual");
  AddBinaryKernels<GreaterEqualFunctor, BFloat16, int16_t, int8_t, uint8_t,
                   int64_t, int32_t, double, Half, float>(greater_equal);
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
  logical_and.Kernel({},
                     StatelessKernel(&BinaryKernel<LogicalAndFunctor, bool>));

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

void RegisterComparisonOps(OpRegistry* registry) {
  RegisterComparison(registry);
  RegisterLogic(registry);
}

}  // namespace retrograph
