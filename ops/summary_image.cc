// ImageSummary: pictures as PNG files in a Summary.
//
// Source: TensorFlow's answers (python/tests/cases/image_summaries.py).
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/dtype.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/png_codec.h"
#include "ops/summary_ops.h"
#include "proto/summary.pb.h"

namespace retrograph {
namespace {

// Whether all numbers of a pixel are finite.
template <typename T>
bool IsFinite(const T* pixel, int64_t depth) {
  for (int64_t i = 0; i < depth; ++i) {
    if (!std::isfinite(ComputeType<T>(pixel[i]))) return false;
  }
  return true;
}

// Rounded to T after each step, cut off to a byte in the end.
template <typename T>
uint8_t ScaledByte(T value, T scale, T offset) {
  const T product = value * scale;
  const T sum = product + offset;
  return static_cast<uint8_t>(static_cast<int32_t>(ComputeType<T>(sum)));
}

// Numbers of any range as those of a picture: the largest becomes 255, or where
// some are below zero, zero becomes 128 and the one farthest from it 127 away.
// A pixel that is not finite gets `bad_color`.
template <typename T>
void Normalize(const T* values, int64_t pixels, int64_t depth,
               const uint8_t* bad_color, uint8_t* to) {
  float lowest = std::numeric_limits<float>::infinity(), highest = -lowest;
  for (int64_t i = 0; i < pixels; ++i) {
    if (!IsFinite(values + i * depth, depth)) continue;
    for (int64_t j = 0; j < depth; ++j) {
      const float value = static_cast<float>(values[i * depth + j]);
      lowest = std::min(lowest, value);
      highest = std::max(highest, value);
    }
  }
  const bool centered = lowest < 0;
  const float range =
      centered ? std::max(std::abs(lowest), std::abs(highest)) : highest;
  const float top = centered ? 127.0f : 255.0f;
  const T scale = T(range < 1e-6f ? 0.0f : top / range);
  const T offset = T(centered ? 128.0f : 0.0f);
  for (int64_t i = 0; i < pixels; ++i) {
    const T* from = values + i * depth;
    const bool finite = IsFinite(from, depth);
    for (int64_t j = 0; j < depth; ++j) {
      *to++ = finite ? ScaledByte(from[j], scale, offset) : bad_color[j];
    }
  }
}

class ImageSummaryKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<ImageSummaryKernel>> Create(
      const Operation& op) {
    auto kernel = std::make_unique<ImageSummaryKernel>();
    RG_RETURN_IF_ERROR(op.GetAttr("max_images", &kernel->max_images_));
    if (kernel->max_images_ > INT32_MAX) {
      return absl::InvalidArgumentError("max_images must be < 2^31");
    }
    RG_RETURN_IF_ERROR(op.GetAttr("bad_color", &kernel->bad_color_));
    const Tensor& bad_color = kernel->bad_color_;
    if (bad_color.dtype() != DT_UINT8) {
      return absl::InvalidArgumentError(
          absl::StrCat("bad_color must be uint8, got ",
                       DataTypeString(bad_color.dtype())));
    }
    if (bad_color.shape().rank() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("bad_color must be a vector, got shape ",
                       bad_color.shape().DebugString()));
    }
    return kernel;
  }

  void Compute(KernelContext* ctx) override {
    const Tensor& tag = ctx->input(0);
    const Tensor& images = ctx->input(1);
    RG_KERNEL_REQUIRES(ctx, tag.shape().rank() == 0,
                       absl::InvalidArgumentError("Tags must be a scalar"));
    RG_KERNEL_OK(ctx, Check(images));
    Summary summary;
    const int64_t count = std::min(max_images_, images.shape().dim(0));
    for (int64_t i = 0; i < count; ++i) {
      // By how many may be there, not by how many there are.
      const std::string suffix = max_images_ > 1 ? absl::StrCat("/", i) : "";
      Summary::Value* const value = summary.add_value();
      value->set_tag(
          absl::StrCat(tag.scalar<std::string>(), "/image", suffix));
      RG_KERNEL_OK(ctx, AddImage(images, i, value->mutable_image()));
    }
    ctx->set_output(0, Tensor::Scalar(summary.SerializeAsString()));
  }
  bool IsExpensive() const override { return true; }

 private:
  absl::Status Check(const Tensor& images) const {
    const TensorShape& shape = images.shape();
    const int64_t depth = shape.rank() == 4 ? shape.dim(3) : 0;
    if (depth != 1 && depth != 3 && depth != 4) {
      return absl::InvalidArgumentError(
          absl::StrCat("Tensor must be 4-D with last dim 1, 3, or 4, not ",
                       shape.DebugString()));
    }
    if (shape.dim(0) > INT32_MAX || shape.dim(1) > INT32_MAX ||
        shape.dim(2) > INT32_MAX || shape.dim(1) * shape.dim(2) > INT32_MAX) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Tensor too large for summary ", shape.DebugString()));
    }
    if (shape.dim(1) * shape.dim(2) == 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input tensor must have non-zero dims. Found: [", shape.dim(0), ", ",
          shape.dim(1), ", ", shape.dim(2), ", ", depth, "]."));
    }
    if (images.dtype() != DT_UINT8 && bad_color_.num_elements() < depth) {
      return absl::InvalidArgumentError(absl::StrCat(
          "expected depth <= bad_color.size, got depth = ", depth,
          ", bad_color.size = ", bad_color_.num_elements()));
    }
    return absl::OkStatus();
  }

  absl::Status AddImage(const Tensor& images, int64_t index,
                        Summary::Image* image) const {
    const TensorShape& shape = images.shape();
    const int64_t height = shape.dim(1), width = shape.dim(2);
    const int64_t depth = shape.dim(3);
    image->set_height(static_cast<int32_t>(height));
    image->set_width(static_cast<int32_t>(width));
    image->set_colorspace(static_cast<int32_t>(depth));
    const Tensor one = images.Slice0(index, index + 1);
    std::vector<uint8_t> bytes;
    const uint8_t* pixels;
    if (one.dtype() == DT_UINT8) {
      pixels = one.flat<uint8_t>().data();
    } else {
      bytes.resize(one.num_elements());
      NormalizeImage(one, bytes.data());
      pixels = bytes.data();
    }
    if (!EncodePng(pixels, width, height, static_cast<int>(depth), 8, -1,
                   image->mutable_encoded_image_string())) {
      return absl::InternalError("PNG encoding failed");
    }
    return absl::OkStatus();
  }

  void NormalizeImage(const Tensor& image, uint8_t* to) const {
    const int64_t depth = image.shape().dim(3);
    const int64_t pixels = image.num_elements() / depth;
    const uint8_t* bad_color = bad_color_.flat<uint8_t>().data();
    if (image.dtype() == DT_HALF) {
      Normalize(image.flat<Half>().data(), pixels, depth, bad_color, to);
    } else if (image.dtype() == DT_FLOAT) {
      Normalize(image.flat<float>().data(), pixels, depth, bad_color, to);
    } else {
      Normalize(image.flat<double>().data(), pixels, depth, bad_color, to);
    }
  }

  int64_t max_images_ = 3;
  Tensor bad_color_;
};

}  // namespace

void RegisterImageSummaryOp(OpRegistry* registry) {
  registry->Op("ImageSummary")
      .Input("tag: string")
      .Input("tensor: T")
      .Output("summary: string")
      .Attr("max_images: int >= 1 = 3")
      .Attr("T: {uint8, float, half, double} = DT_FLOAT")
      .Attr(
          "bad_color: tensor = { dtype: DT_UINT8 tensor_shape { dim { size: 4 "
          "} } int_val: 255 int_val: 0 int_val: 0 int_val: 255 }")
      .Shape(ScalarShape)
      .Kernel({}, KernelOf<ImageSummaryKernel>());
}

}  // namespace retrograph
