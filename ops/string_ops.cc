// Strings: joining, splitting, numbers to text and back.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/number_text.h"
#include "ops/parsing_ops.h"
#include "ops/shape_helpers.h"
#include "ops/standard_ops.h"
#include "ops/string_ops.h"

namespace retrograph {
namespace {

// ---- StringJoin ----

// Scalars go with any shape; the others must agree.
absl::Status StringJoinShape(InferenceContext* c) {
  bool all_scalar = true;
  Shape out;
  for (int i = 0; i < c->num_inputs(); ++i) {
    if (c->input(i).rank() != 0) all_scalar = false;
    if (c->input(i).rank() > 0) {
      RG_ASSIGN_OR_RETURN(out, c->Merge(out, c->input(i)));
    }
  }
  c->set_output(0, all_scalar ? ScalarOf() : out);
  return absl::OkStatus();
}

void StringJoinKernel(KernelContext* ctx) {
  std::string separator;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("separator", &separator));
  TensorShape shape;
  for (int i = 0; i < ctx->num_inputs(); ++i) {
    const TensorShape& input = ctx->input(i).shape();
    if (input.rank() == 0) continue;
    RG_KERNEL_REQUIRES(ctx, shape.rank() == 0 || shape == input,
                       absl::InvalidArgumentError(absl::StrCat(
                           "Input shapes do not match: ", shape.DebugString(),
                           " vs. ", input.DebugString())));
    shape = input;
  }
  Tensor out = ctx->Allocate(DT_STRING, shape);
  if (!ctx->status().ok()) return;
  auto joined = out.mutable_flat<std::string>();
  std::vector<absl::string_view> parts(ctx->num_inputs());
  for (size_t k = 0; k < joined.size(); ++k) {
    for (int i = 0; i < ctx->num_inputs(); ++i) {
      const Tensor& input = ctx->input(i);
      parts[i] = input.flat<std::string>()[input.shape().rank() == 0 ? 0 : k];
    }
    joined[k] = absl::StrJoin(parts, separator);
  }
  ctx->set_output(0, std::move(out));
}

// ---- AsString ----

// Turns numbers into text by a printf format made of the attrs.
class AsStringKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<AsStringKernel>> Create(
      const Operation& op) {
    DataType dtype;
    int64_t precision, width;
    bool scientific, shortest;
    std::string fill;
    RG_RETURN_IF_ERROR(op.GetAttr("T", &dtype));
    RG_RETURN_IF_ERROR(op.GetAttr("precision", &precision));
    RG_RETURN_IF_ERROR(op.GetAttr("width", &width));
    RG_RETURN_IF_ERROR(op.GetAttr("scientific", &scientific));
    RG_RETURN_IF_ERROR(op.GetAttr("shortest", &shortest));
    RG_RETURN_IF_ERROR(op.GetAttr("fill", &fill));
    const bool has_point = IsFloatingType(dtype) || IsComplexType(dtype);
    if (!has_point && (scientific || shortest)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "scientific and shortest format not supported for datatype ",
          DataTypeString(dtype)));
    }
    if (!has_point && precision >= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("precision not supported for datatype ",
                       DataTypeString(dtype)));
    }
    if (fill.size() > 1) {
      return absl::InvalidArgumentError(
          "Fill string must be one or fewer characters");
    }
    if (scientific && shortest) {
      return absl::InvalidArgumentError(
          "Cannot select both scientific and shortest notation");
    }
    std::string format = "%";
    constexpr absl::string_view kFlags = " +-0#";
    if (!fill.empty() && kFlags.find(fill[0]) == absl::string_view::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("Fill argument not supported: \"", fill, "\""));
    }
    absl::StrAppend(&format, fill);
    if (width > -1) absl::StrAppend(&format, width);
    if (precision > -1) absl::StrAppend(&format, ".", precision);
    absl::StrAppend(&format, !has_point   ? "lld"
                             : scientific ? "e"
                             : shortest   ? "g"
                                          : "f");
    auto kernel = std::make_unique<AsStringKernel>();
    kernel->format_ = IsComplexType(dtype)
                          ? absl::StrCat("(", format, ",", format, ")")
                          : format;
    return kernel;
  }

  void Compute(KernelContext* ctx) override {
    const Tensor& in = ctx->input(0);
    Tensor out = ctx->Allocate(DT_STRING, in.shape());
    if (!ctx->status().ok()) return;
    auto texts = out.mutable_flat<std::string>();
    for (size_t i = 0; i < texts.size(); ++i) texts[i] = Text(in, i);
    ctx->set_output(0, std::move(out));
  }

 private:
  template <typename... Args>
  std::string Print(Args... args) const {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
    const int size = std::snprintf(nullptr, 0, format_.c_str(), args...);
    std::string text(size + 1, '\0');
    std::snprintf(&text[0], text.size(), format_.c_str(), args...);
#pragma GCC diagnostic pop
    text.resize(size);
    return text;
  }

  std::string Text(const Tensor& in, size_t i) const {
    switch (in.dtype()) {
      case DT_BOOL:
        return in.flat<bool>()[i] ? "true" : "false";
      case DT_FLOAT:
        return Print(static_cast<double>(in.flat<float>()[i]));
      case DT_DOUBLE:
        return Print(in.flat<double>()[i]);
      case DT_COMPLEX64: {
        const std::complex<float> value = in.flat<std::complex<float>>()[i];
        return Print(static_cast<double>(value.real()),
                     static_cast<double>(value.imag()));
      }
      case DT_COMPLEX128: {
        const std::complex<double> value = in.flat<std::complex<double>>()[i];
        return Print(value.real(), value.imag());
      }
      case DT_INT8:
        return Print(static_cast<long long>(in.flat<int8_t>()[i]));
      case DT_INT16:
        return Print(static_cast<long long>(in.flat<int16_t>()[i]));
      case DT_INT32:
        return Print(static_cast<long long>(in.flat<int32_t>()[i]));
      default:
        return Print(static_cast<long long>(in.flat<int64_t>()[i]));
    }
  }

  std::string format_;
};

// ---- StringToNumber ----

template <typename T>
void StringToNumberKernel(KernelContext* ctx) {
  const Tensor& in = ctx->input(0);
  Tensor out = ctx->Allocate(DataTypeOf<T>::value, in.shape());
  if (!ctx->status().ok()) return;
  const auto texts = in.flat<std::string>();
  auto numbers = out.mutable_flat<T>();
  for (size_t i = 0; i < texts.size(); ++i) {
    RG_KERNEL_REQUIRES(
        ctx, ParseNumber(texts[i], &numbers[i]),
        absl::InvalidArgumentError(absl::StrCat(
            "StringToNumberOp could not correctly convert string: ",
            texts[i])));
  }
  ctx->set_output(0, std::move(out));
}

}  // namespace

void RegisterStringOps(OpRegistry* registry) {
  registry->Op("StringJoin")
      .Input("inputs: N * string")
      .Output("output: string")
      .Attr("N: int >= 1")
      .Attr("separator: string = ''")
      .Shape(StringJoinShape)
      .Kernel({}, StatelessKernel(StringJoinKernel));
  registry->Op("AsString")
      .Input("input: T")
      .Output("output: string")
      .Attr("T: {int8, int16, int32, int64, complex64, complex128, float, "
            "double, bool}")
      .Attr("precision: int = -1")
      .Attr("scientific: bool = false")
      .Attr("shortest: bool = false")
      .Attr("width: int = -1")
      .Attr("fill: string = ''")
      .Shape(UnchangedShape)
      .Kernel({}, KernelOf<AsStringKernel>());
  registry->Op("StringToNumber")
      .Input("string_tensor: string")
      .Output("output: out_type")
      .Attr("out_type: {float, double, int32, int64} = DT_FLOAT")
      .Shape(UnchangedShape)
      .Kernel({{"out_type", {DT_INT64}}},
              StatelessKernel(StringToNumberKernel<int64_t>))
      .Kernel({{"out_type", {DT_INT32}}},
              StatelessKernel(StringToNumberKernel<int32_t>))
      .Kernel({{"out_type", {DT_DOUBLE}}},
              StatelessKernel(StringToNumberKernel<double>))
      .Kernel({{"out_type", {DT_FLOAT}}},
              StatelessKernel(StringToNumberKernel<float>));
  RegisterStringSplitOps(registry);
  RegisterSubstrOps(registry);
  RegisterCsvOps(registry);
  RegisterExampleOps(registry);
  RegisterSparseOps(registry);
  RegisterTextOps(registry);
}

}  // namespace retrograph
