// Windows that slide over images: convolutions and pooling.
//
// Private to ops/. Source: tensorflow/core/framework/common_shape_fns.cc,
// kernel_shape_util.cc.
#ifndef RETROGRAPH_OPS_WINDOW_H_
#define RETROGRAPH_OPS_WINDOW_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"

namespace retrograph {

// What an axis may have, and what may be put around it.
inline constexpr int64_t kMaxWindowSize = INT32_MAX;
inline constexpr int64_t kMaxWindowPadding = int64_t{1} << 60;

// One axis: output position o looks at inputs o * stride - before + k * dilation
// for 0 <= k < size.
struct WindowAxis {
  int64_t input = 0;
  int64_t size = 0;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t output = 0;
  int64_t before = 0;

  int64_t extent() const { return (size - 1) * dilation + 1; }
  int64_t Start(int64_t o) const { return o * stride - before; }
};

// Fills in output and before. `padding` is SAME, VALID or EXPLICIT, the last
// with what is added on both sides.
inline absl::Status PlaceWindow(absl::string_view padding, int64_t explicit_lo,
                                int64_t explicit_hi, WindowAxis* axis) {
  if (axis->stride <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("Stride must be > 0, but got ", axis->stride));
  }
  if (padding == "SAME") {
    axis->output = (axis->input + axis->stride - 1) / axis->stride;
    const int64_t needed =
        (axis->output - 1) * axis->stride + axis->extent() - axis->input;
    axis->before = std::max<int64_t>(needed, 0) / 2;
    return absl::OkStatus();
  }
  axis->before = padding == "EXPLICIT" ? explicit_lo : 0;
  const int64_t after = padding == "EXPLICIT" ? explicit_hi : 0;
  const int64_t padded = axis->input + axis->before + after;
  if (padded < axis->extent()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Negative dimension size caused by subtracting ",
                     axis->extent(), " from ", padded));
  }
  axis->output = (padded - axis->extent()) / axis->stride + 1;
  return absl::OkStatus();
}

// The attrs of such an op.
struct WindowAttrs {
  std::vector<int64_t> strides;
  std::vector<int64_t> dilations = {1, 1, 1, 1};
  std::vector<int64_t> ksize;
  std::vector<int64_t> explicit_paddings;
  std::string padding;
  bool nchw = false;

  int channel_axis() const { return nchw ? 1 : 3; }
  int image_axis(int i) const { return nchw ? 2 + i : 1 + i; }
};

// Reads an attr with a number an axis, if the op has it.
inline absl::Status ReadAxes(const Operation& op, absl::string_view name,
                             absl::string_view called,
                             std::vector<int64_t>* axes) {
  const AttrValue* value = op.FindAttr(name);
  if (value == nullptr) return absl::OkStatus();
  axes->assign(value->list().i().begin(), value->list().i().end());
  for (const int64_t axis : *axes) {
    if (axis == static_cast<int32_t>(axis)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "Attr ", name, " has value ", axis, " out of range for an int32"));
  }
  if (axes->size() == 4) return absl::OkStatus();
  // Of all of them Conv2D's strides alone are worded like this.
  std::string format;
  if (op.type() == "Conv2D" && called == "stride") {
    RG_RETURN_IF_ERROR(op.GetAttr("data_format", &format));
    format = absl::StrCat(" on data format ", format);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      op.type(), format, " requires the ", called,
      " attribute to contain 4 values, but got: ", axes->size()));
}

inline absl::Status ReadPaddings(const Operation& op, WindowAttrs* attrs) {
  std::vector<int64_t>& all = attrs->explicit_paddings;
  const AttrValue* value = op.FindAttr("explicit_paddings");
  if (value != nullptr) {
    all.assign(value->list().i().begin(), value->list().i().end());
  }
  if (all.size() != 8) {
    return absl::InvalidArgumentError(
        absl::StrCat("explicit_paddings attribute must contain 8 values, but "
                     "got: ",
                     all.size()));
  }
  const auto [least, most] = std::minmax_element(all.begin(), all.end());
  if (*least < 0) {
    return absl::InvalidArgumentError(
        "All elements of explicit_paddings must be nonnegative");
  }
  // TensorFlow ends the process on such.
  if (*most > kMaxWindowPadding) {
    return absl::InvalidArgumentError("Explicit padding is too large");
  }
  return absl::OkStatus();
}

inline absl::StatusOr<WindowAttrs> ReadWindowAttrs(const Operation& op) {
  WindowAttrs attrs;
  RG_RETURN_IF_ERROR(ReadAxes(op, "dilations", "dilation", &attrs.dilations));
  RG_RETURN_IF_ERROR(ReadAxes(op, "strides", "stride", &attrs.strides));
  RG_RETURN_IF_ERROR(ReadAxes(op, "ksize", "ksize", &attrs.ksize));
  for (const int64_t dilation : attrs.dilations) {
    if (dilation >= 1) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("Dilation rate must be >= 1, but got ", dilation));
  }
  RG_RETURN_IF_ERROR(op.GetAttr("padding", &attrs.padding));
  if (attrs.padding == "EXPLICIT") RG_RETURN_IF_ERROR(ReadPaddings(op, &attrs));
  std::string format;
  RG_RETURN_IF_ERROR(op.GetAttr("data_format", &format));
  attrs.nchw = format != "NHWC";
  return attrs;
}

// Axis i (0: rows, 1: columns) for an input and a window of these sizes.
inline absl::StatusOr<WindowAxis> AxisOf(const WindowAttrs& attrs, int i,
                                         int64_t input, int64_t size) {
  WindowAxis axis;
  const int at = attrs.image_axis(i);
  // So that nothing below overflows. TensorFlow's kernels say so.
  if (size > kMaxWindowSize) {
    return absl::InvalidArgumentError("filter too large");
  }
  if (input > kMaxWindowSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("Input ", i == 0 ? "rows" : "cols", " too large"));
  }
  axis.input = input;
  axis.size = size;
  axis.stride = attrs.strides[at];
  axis.dilation = attrs.dilations[at];
  const bool is_explicit = attrs.explicit_paddings.size() == 8;
  const int64_t lo = is_explicit ? attrs.explicit_paddings[2 * at] : 0;
  const int64_t hi = is_explicit ? attrs.explicit_paddings[2 * at + 1] : 0;
  RG_RETURN_IF_ERROR(PlaceWindow(attrs.padding, lo, hi, &axis));
  return axis;
}

// The size of the output along axis i; unknown where something is unknown.
inline absl::StatusOr<int64_t> OutputSize(const WindowAttrs& attrs, int i,
                                          int64_t input, int64_t size) {
  if (input == kUnknownDim || size == kUnknownDim) return kUnknownDim;
  RG_ASSIGN_OR_RETURN(const WindowAxis axis, AxisOf(attrs, i, input, size));
  return axis.output;
}

// Makes room for the result, zeros at first. False if the kernel is to end
// here: the result does not fit, which is then the kernel's error, or is empty,
// which is then its output.
inline bool StartResult(KernelContext* ctx, DataType dtype,
                        const TensorShape& shape, Tensor* result) {
  absl::StatusOr<Tensor> zeros = Tensor::AllocateZeros(dtype, shape);
  if (!zeros.ok()) {
    ctx->SetStatus(zeros.status());
    return false;
  }
  *result = *std::move(zeros);
  if (result->num_elements() > 0) return true;
  ctx->set_output(0, std::move(*result));
  return false;
}

inline absl::Status CheckChannelsLast(const WindowAttrs& attrs,
                                      const Operation& op) {
  if (!attrs.nchw) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "The ", op.type(),
      " op currently only supports the NHWC tensor format on the CPU. The op "
      "was given the format: NCHW"));
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_WINDOW_H_
