// Running sums and products along an axis: Cumsum, Cumprod.

#include <complex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

struct SumScan {
  template <typename T>
  static T Identity() {
    return T(0);
  }
  template <typename T>
  static T Combine(T a, T b) {
    return WrapAdd(a, b);
  }
};
struct ProdScan {
  template <typename T>
  static T Identity() {
    return NumberCast<T>(1);
  }
  template <typename T>
  static T Combine(T a, T b) {
    return WrapMul(a, b);
  }
};

// One line of `count` elements, `step` apart (negative: backwards).
template <typename R, typename T>
void Scan(const T* in, T* out, int64_t count, int64_t step, bool exclusive) {
  T total = R::template Identity<T>();
  for (int64_t i = 0; i < count; ++i) {
    const T value = in[i * step];
    if (exclusive) out[i * step] = total;
    total = R::Combine(total, value);
    if (!exclusive) out[i * step] = total;
  }
}

absl::StatusOr<int> ScanAxis(const TensorShape& shape, const Tensor& axis) {
  if (axis.shape().rank() != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "ScanOp: axis must be a scalar, not ", axis.shape().DebugString()));
  }
  const int64_t given = IntegerValue(axis);
  const int64_t result = given < 0 ? given + shape.rank() : given;
  if (result < 0 || result >= shape.rank()) {
    return absl::InvalidArgumentError(
        absl::StrCat("ScanOp: Expected scan axis in the range [", -shape.rank(),
                     ", ", shape.rank(), "), but got ", given));
  }
  return static_cast<int>(result);
}

template <typename R, typename T>
void ScanKernel(KernelContext* ctx) {
  bool reverse = false, exclusive = false;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("reverse", &reverse));
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("exclusive", &exclusive));
  const TensorShape shape = ctx->input(0).shape();
  const auto axis = ScanAxis(shape, ctx->input(1));
  RG_KERNEL_OK(ctx, axis.status());
  const T* in = ctx->input(0).flat<T>().data();
  Tensor out = ctx->ForwardOrAllocate(0, DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  T* to = out.mutable_flat<T>().data();
  const int64_t count = shape.dim(*axis);
  int64_t inner = 1;
  for (int i = *axis + 1; i < shape.rank(); ++i) inner *= shape.dim(i);
  const int64_t lines = count == 0 ? 0 : shape.num_elements() / count;
  for (int64_t line = 0; line < lines; ++line) {
    int64_t start = line / inner * inner * count + line % inner;
    if (reverse) start += (count - 1) * inner;
    Scan<R>(in + start, to + start, count, reverse ? -inner : inner, exclusive);
  }
  ctx->set_output(0, std::move(out));
}

template <typename R, typename... Ts>
void AddScanKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}, {"Tidx", {DT_INT64, DT_INT32}}},
             StatelessKernel(&ScanKernel<R, Ts>)),
   ...);
}

template <typename R>
void RegisterScan(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Input("x: T").Input("axis: Tidx").Output("out: T");
  op.Attr("exclusive: bool = false").Attr("reverse: bool = false");
  op.Attr(absl::StrCat("T: ", kNumberTypes));
  op.Attr("Tidx: {int32, int64} = DT_INT32").Shape(UnchangedShape);
  AddScanKernels<R, std::complex<double>, std::complex<float>, double, float,
                 BFloat16, Half, int8_t, uint8_t, int16_t, uint16_t, int32_t,
                 int64_t>(op);
}

}  // namespace

void RegisterScanOps(OpRegistry* registry) {
  RegisterScan<SumScan>(registry, "Cumsum");
  RegisterScan<ProdScan>(registry, "Cumprod");
}

}  // namespace retrograph
