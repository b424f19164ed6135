// ArgMax and ArgMin: where the largest or smallest element of an axis is.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

absl::Status ArgShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  const Shape& input = c->input(0);
  if (input.unknown_rank()) return UnknownShape(c);
  const int rank = input.rank();
  if (rank <= 1) return ScalarShape(c);
  const Tensor* axis_tensor = c->input_tensor(1);
  if (axis_tensor == nullptr) {
    c->set_output(0, Shape::UnknownOfRank(rank - 1));
    return absl::OkStatus();
  }
  int64_t axis = IntegerValue(*axis_tensor);
  if (axis < -rank || axis >= rank) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Dimension (", axis, ") must be in the range [", -rank, ", ", rank,
        "), where ", rank, " is the number of dimensions in the input."));
  }
  if (axis < 0) axis += rank;
  std::vector<int64_t> dims;
  for (int i = 0; i < rank; ++i) {
    if (i != axis) dims.push_back(input.dim(i));
  }
  c->set_output(0, Shape(dims));
  return absl::OkStatus();
}

// The axis to look along, checked.
absl::StatusOr<int> CheckedAxis(const Tensor& input, const Tensor& axis_input) {
  if (axis_input.shape().rank() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("dim must be a scalar, but received tensor of shape: ",
                     axis_input.shape().DebugString()));
  }
  const int rank = input.shape().rank();
  const int64_t given = IntegerValue(axis_input);
  const int64_t axis = given < 0 ? given + rank : given;
  if (axis < 0 || axis >= rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected dimension in the range [", -rank, ", ", rank,
                     "), but got ", given));
  }
  if (input.shape().dim(axis) == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("Reduction axis ", given, " is empty in shape ",
                     input.shape().DebugString()));
  }
  return static_cast<int>(axis);
}

// The first of the largest (smallest) elements; NaNs never are; 0 if nothing
// beats the type's lowest (highest) number.
template <bool kMax, typename T, typename Out>
Out FindBest(const T* x, int64_t count, int64_t stride) {
  T best = kMax ? LowestNumber<T>() : HighestNumber<T>();
  Out at = 0;
  for (int64_t i = 0; i < count; ++i) {
    const T& value = x[i * stride];
    if (kMax ? value > best : value < best) {
      best = value;
      at = static_cast<Out>(i);
    }
  }
  return at;
}

template <bool kMax, typename T, typename Out>
void ArgKernel(KernelContext* ctx) {
  const Tensor& input = ctx->input(0);
  const auto axis = CheckedAxis(input, ctx->input(1));
  RG_KERNEL_OK(ctx, axis.status());
  TensorShape shape;
  int64_t outer = 1, inner = 1;
  for (int i = 0; i < input.shape().rank(); ++i) {
    if (i == *axis) continue;
    shape.AddDim(input.shape().dim(i));
    (i < *axis ? outer : inner) *= input.shape().dim(i);
  }
  Tensor out = ctx->Allocate(DataTypeOf<Out>::value, shape);
  if (!ctx->status().ok()) return;
  const int64_t count = input.shape().dim(*axis);
  const T* in = input.flat<T>().data();
  Out* to = out.mutable_flat<Out>().data();
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      *to++ = FindBest<kMax, T, Out>(in + o * count * inner + i, count, inner);
    }
  }
  ctx->set_output(0, std::move(out));
}

template <bool kMax, typename... Ts>
void AddArgKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}, {"output_type", {DT_INT32}}},
             StatelessKernel(&ArgKernel<kMax, Ts, int32_t>))
       .Kernel({{"T", {DataTypeOf<Ts>::value}}, {"output_type", {DT_INT64}}},
               StatelessKernel(&ArgKernel<kMax, Ts, int64_t>)),
   ...);
}

template <bool kMax>
void RegisterArg(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Input("input: T").Input("dimension: Tidx").Output("output: output_type");
  op.Attr(absl::StrCat("T: ", kNumberTypes));
  op.Attr("Tidx: {int32, int64} = DT_INT32");
  op.Attr("output_type: {int32, int64} = DT_INT64").Shape(ArgShape);
  AddArgKernels<kMax, double, float, BFloat16, Half, int8_t, uint8_t, int16_t,
                uint16_t, int32_t, int64_t>(op);
}

}  // namespace

void RegisterArgMaxOps(OpRegistry* registry) {
  RegisterArg<true>(registry, "ArgMax");
  RegisterArg<false>(registry, "ArgMin");
}

}  // namespace retrograph
