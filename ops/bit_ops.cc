// Ops that look at numbers bit by bit: NextAfter, PopulationCount, DecodeRaw;
// numbers of few bits, simulated: the gradient of FakeQuantWithMinMaxArgs.
//
// Source: tensorflow/core/kernels/{cwise_op_nextafter,population_count_op,
// decode_raw_op,fake_quant_ops_functor}.
#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/numeric/bits.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/binary_kernel.h"
#include "ops/bit_ops.h"
#include "ops/kernel.h"
#include "ops/same_shape.h"

namespace retrograph {
namespace {

struct NextAfterFunctor : NeverFails {
  template <typename T>
  T operator()(T from, T to) const {
    return std::nextafter(from, to);
  }
};

template <typename T>
void PopulationCountKernel(KernelContext* ctx) {
  const Tensor& input = ctx->input(0);
  Tensor out(DT_UINT8, input.shape());
  const auto from = input.flat<T>();
  const auto to = out.mutable_flat<uint8_t>();
  for (size_t i = 0; i < from.size(); ++i) {
    to[i] = static_cast<uint8_t>(
        absl::popcount(static_cast<std::make_unsigned_t<T>>(from[i])));
  }
  ctx->set_output(0, std::move(out));
}

// Strings of one length as rows of numbers.
absl::Status DecodeRawShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape out,
                      c->Concatenate(c->input(0), Shape({kUnknownDim})));
  c->set_output(0, out);
  return absl::OkStatus();
}

void DecodeRawKernel(KernelContext* ctx) {
  bool little_endian = true;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("little_endian", &little_endian));
  const DataType type = ctx->op().output_type(0);
  const auto strings = ctx->input(0).flat<std::string>();
  const size_t width = static_cast<size_t>(DataTypeSize(type));
  const size_t length = strings.empty() ? 0 : strings[0].size();
  for (size_t i = 0; i < strings.size(); ++i) {
    RG_KERNEL_REQUIRES(
        ctx, strings[i].size() == length,
        absl::InvalidArgumentError(absl::StrCat(
            "DecodeRaw requires input strings to all be the same size, but "
            "element ",
            i, " has size ", length, " != ", strings[i].size())));
  }
  RG_KERNEL_REQUIRES(ctx, length % width == 0,
                     absl::InvalidArgumentError(absl::StrCat(
                         "Input to DecodeRaw has length ", length,
                         " that is not a multiple of ", width, ", the size of ",
                         DataTypeString(type))));
  TensorShape shape = ctx->input(0).shape();
  shape.AddDim(static_cast<int64_t>(length / width));
  Tensor out(type, shape);
  char* to = static_cast<char*>(out.mutable_data());
  // Complex numbers are two floats, each turned round by itself.
  const size_t part = IsComplexType(type) ? width / 2 : width;
  for (const std::string& bytes : strings) {
    std::copy(bytes.begin(), bytes.end(), to);
    for (size_t at = 0; !little_endian && at < length; at += part) {
      std::reverse(to + at, to + at + part);
    }
    to += length;
  }
  ctx->set_output(0, std::move(out));
}

// The range that `bits` can tell apart, moved so that zero is one of its values.
struct Range {
  float low, high;
};
absl::StatusOr<Range> NudgedRange(const Operation& op) {
  float min = 0, max = 0;
  int64_t bits = 8;
  bool narrow = false;
  RG_RETURN_IF_ERROR(op.GetAttr("min", &min));
  RG_RETURN_IF_ERROR(op.GetAttr("max", &max));
  RG_RETURN_IF_ERROR(op.GetAttr("num_bits", &bits));
  RG_RETURN_IF_ERROR(op.GetAttr("narrow_range", &narrow));
  if (!(min < max)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "min has to be smaller than max, was: ", min, " >= ", max));
  }
  if (bits < 2 || bits > 16) {
    return absl::InvalidArgumentError(absl::StrCat(
        "num_bits must be between 2 and 16, inclusive, was: ", bits));
  }
  const float lowest = narrow ? 1 : 0;
  const float highest = static_cast<float>((int64_t{1} << bits) - 1);
  const float scale = (max - min) / (highest - lowest);
  const float zero = lowest - min / scale;
  const float nudged = zero < lowest    ? lowest
                       : zero > highest ? highest
                                        : std::round(zero);
  return Range{(lowest - nudged) * scale, (highest - nudged) * scale};
}

void FakeQuantGradientKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckSameShapes(ctx));
  auto range = NudgedRange(ctx->op());
  RG_KERNEL_OK(ctx, range.status());
  Tensor out(DT_FLOAT, ctx->input(0).shape());
  const auto gradients = ctx->input(0).flat<float>();
  const auto inputs = ctx->input(1).flat<float>();
  const auto to = out.mutable_flat<float>();
  for (size_t i = 0; i < to.size(); ++i) {
    const bool inside = inputs[i] >= range->low && inputs[i] <= range->high;
    to[i] = inside ? gradients[i] : 0.0f;
  }
  ctx->set_output(0, std::move(out));
}

}  // namespace

void RegisterBitOps(OpRegistry* registry) {
  OpBuilder next = registry->Op("NextAfter");
  next.Attr("T: {double, float} = DT_FLOAT");
  next.Input("x1: T").Input("x2: T").Output("output: T");
  next.Shape(BroadcastBinaryShape);
  AddBinaryKernels<NextAfterFunctor, double, float>(next);

  OpBuilder count = registry->Op("PopulationCount");
  count.Input("x: T").Output("y: uint8").Shape(UnchangedShape);
  count.Attr(
      "T: {int8, int16, int32, int64, uint8, uint16, uint32, uint64}");
#define RG_COUNT(T)                          \
  count.Kernel({{"T", {DataTypeOf<T>::value}}}, \
               StatelessKernel(PopulationCountKernel<T>));
  RG_COUNT(uint8_t) RG_COUNT(uint16_t) RG_COUNT(uint32_t) RG_COUNT(uint64_t)
  RG_COUNT(int8_t) RG_COUNT(int16_t) RG_COUNT(int32_t) RG_COUNT(int64_t)
#undef RG_COUNT

  registry->Op("DecodeRaw")
      .Input("bytes: string")
      .Output("output: out_type")
      .Attr(
          "out_type: {half, float, double, int32, uint16, uint8, int16, int8, "
          "int64, complex64, complex128, bool}")
      .Attr("little_endian: bool = true")
      .Shape(DecodeRawShape)
      .Kernel({}, StatelessKernel(DecodeRawKernel));

  registry->Op("FakeQuantWithMinMaxArgsGradient")
      .Input("gradients: float")
      .Input("inputs: float")
      .Output("backprops: float")
      .Attr("min: float = -6.0")
      .Attr("max: float = 6.0")
      .Attr("num_bits: int = 8")
      .Attr("narrow_range: bool = false")
      .Shape(MergeBothShape)
      .Kernel({}, StatelessKernel(FakeQuantGradientKernel));
}

}  // namespace retrograph
