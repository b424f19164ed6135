// Windows that slide over images: convolutions and pooling.
//
// Private to ops/. Source: tensorflow/core/framework/common_shape_fns.cc,
// kernel_shape_util.cc.
#ifndef RETROGRAPH_OPS_WINDOW_H_
#define RETROGRAPH_OPS_WINDOW_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"

namespace retrograph {

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

inline absl::StatusOr<WindowAttrs> ReadWindowAttrs(const Operation& op) {
  WindowAttrs attrs;
  const auto list = [&op](absl::string_view name, std::vector<int64_t>* out) {
    const AttrValue* value = op.FindAttr(name);
    if (value == nullptr) return;
    out->assign(value->list().i().begin(), value->list().i().end());
  };
  list("strides", &attrs.strides);
  list("dilations", &attrs.dilations);
  list("ksize", &attrs.ksize);
  list("explicit_paddings", &attrs.explicit_paddings);
  RG_RETURN_IF_ERROR(op.GetAttr("padding", &attrs.padding));
  std::string format;
  RG_RETURN_IF_ERROR(op.GetAttr("data_format", &format));
  attrs.nchw = format != "NHWC";
  if (attrs.strides.size() != 4) {
    return absl::InvalidArgumentError(absl::StrCat(
        op.type(), " requires the stride attribute to contain 4 values, but ",
        "got: ", attrs.strides.size()));
  }
  return attrs;
}

// Axis i (0: rows, 1: columns) for an input and a window of these sizes.
inline absl::StatusOr<WindowAxis> AxisOf(const WindowAttrs& attrs, int i,
                                         int64_t input, int64_t size) {
  WindowAxis axis;
  const int at = attrs.image_axis(i);
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
