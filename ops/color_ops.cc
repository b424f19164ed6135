// Colours: AdjustContrastv2, AdjustHue, AdjustSaturation, RGBToHSV, HSVToRGB.
//
// Numbers are TensorFlow's to the last bit: every step in its type and order
// (python/tests/cases/image_colors.py asks it).
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"

namespace retrograph {
namespace {

absl::Status CheckAdjusted(const KernelContext& ctx, const char* factor,
                           bool three_channels) {
  const TensorShape& shape = ctx.input(0).shape();
  if (shape.rank() < 3) {
    return absl::InvalidArgumentError(absl::StrCat(
        "input must be at least 3-D, got shape", shape.DebugString()));
  }
  if (ctx.input(1).shape().rank() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(factor, " must be scalar: ",
                     ctx.input(1).shape().DebugString()));
  }
  const int64_t channels = shape.dim(shape.rank() - 1);
  if (three_channels && channels != 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("input must have 3 channels but instead has ", channels,
                     " channels."));
  }
  return absl::OkStatus();
}

// ---- Contrast ----

// The mean of every channel over `pixels` pixels, added up as TensorFlow does:
// the image is folded in halves again and again.
void ChannelMeans(const float* image, int64_t pixels, int64_t channels,
                  std::vector<float>* sums, float* means) {
  int64_t left = pixels - pixels / 2;
  const int64_t right = pixels / 2;
  sums->assign(image, image + left * channels);
  for (int64_t i = 0; i < right * channels; ++i) {
    (*sums)[i] = image[left * channels + i] + image[i];
  }
  while (left > 1) {
    const int64_t folded = left / 2, kept = left - folded;
    for (int64_t i = 0; i < folded * channels; ++i) {
      (*sums)[i] += (*sums)[kept * channels + i];
    }
    left = kept;
  }
  const float scale = 1.0f / static_cast<float>(pixels);
  for (int64_t c = 0; c < channels; ++c) means[c] = (*sums)[c] * scale;
}

void ContrastKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckAdjusted(*ctx, "contrast_factor", false));
  const Tensor& images = ctx->input(0);
  const TensorShape& shape = images.shape();
  Tensor out = ctx->Allocate(DT_FLOAT, shape);
  if (!ctx->status().ok()) return;
  if (shape.num_elements() > 0) {
    const int rank = shape.rank();
    const int64_t channels = shape.dim(rank - 1);
    const int64_t pixels = shape.dim(rank - 2) * shape.dim(rank - 3);
    const float factor = ctx->input(1).scalar<float>();
    const float* from = images.flat<float>().data();
    const float* end = from + shape.num_elements();
    float* to = out.mutable_flat<float>().data();
    std::vector<float> sums, means(channels);
    for (; from < end; from += pixels * channels) {
      ChannelMeans(from, pixels, channels, &sums, means.data());
      for (int64_t i = 0; i < pixels; ++i) {
        for (int64_t c = 0; c < channels; ++c) {
          *to++ = means[c] + (from[i * channels + c] - means[c]) * factor;
        }
      }
    }
  }
  ctx->set_output(0, std::move(out));
}

// ---- Hue and saturation of single pixels ----

// change(pixel, factor, result) for every pixel.
void ChangePixels(KernelContext* ctx, const char* factor_name,
                  void (*change)(const float*, float, float*)) {
  RG_KERNEL_OK(ctx, CheckAdjusted(*ctx, factor_name, true));
  const Tensor& images = ctx->input(0);
  Tensor out = ctx->Allocate(DT_FLOAT, images.shape());
  if (!ctx->status().ok()) return;
  const float factor = ctx->input(1).scalar<float>();
  const auto from = images.flat<float>();
  const auto to = out.mutable_flat<float>();
  for (size_t i = 0; i < from.size(); i += 3) {
    change(&from[i], factor, &to[i]);
  }
  ctx->set_output(0, std::move(out));
}

// The hue's sixth of the circle says which of a pixel's channels is the
// highest, the middle and the lowest.
constexpr int kSixths[6][3] = {{0, 1, 2}, {1, 0, 2}, {1, 2, 0},
                               {2, 1, 0}, {2, 0, 1}, {0, 2, 1}};

int SixthOf(float r, float g, float b) {
  if (r < g) return b < r ? 1 : b > g ? 3 : 2;
  return b < g ? 0 : b > r ? 4 : 5;
}

// What is left of a hue after whole circles.
float OnCircle(float hue) {
  constexpr float kCircle = 6.0f;
  // In single steps, as TensorFlow, where the result depends on it; far away
  // there would be too many.
  if (!(std::abs(hue) < 1000.0f)) hue = std::fmod(hue, kCircle);
  while (hue < 0) hue += kCircle;
  while (hue >= kCircle) hue -= kCircle;
  return hue;
}

void TurnHue(const float* pixel, float delta, float* result) {
  const int sixth = SixthOf(pixel[0], pixel[1], pixel[2]);
  const int* order = kSixths[sixth];
  const float high = pixel[order[0]], low = pixel[order[2]];
  float hue = 0.0f;
  if (high != low) {
    const float part = (pixel[order[1]] - low) / (high - low);
    hue = static_cast<float>(sixth) + (sixth % 2 == 0 ? part : 1 - part);
  }
  hue = OnCircle(hue + delta * 6.0f);
  // Not a number is in no sixth.
  const int turned = hue >= 0 ? std::min(static_cast<int>(hue), 5) : 5;
  float part = hue - static_cast<float>(turned);
  if (turned % 2 != 0) part = 1 - part;
  result[kSixths[turned][0]] = high;
  result[kSixths[turned][1]] = low + part * (high - low);
  result[kSixths[turned][2]] = low;
}

struct Hsv {
  float hue, saturation, value;
};

Hsv HsvOf(float r, float g, float b) {
  const float value = std::max(r, std::max(g, b));
  const float range = value - std::min(r, std::min(g, b));
  const float norm = 1.0f / (6.0f * range);
  double hue;
  if (r == value) {
    hue = norm * (g - b);
  } else if (g == value) {
    hue = norm * (b - r) + 2.0 / 6.0;
  } else {
    hue = norm * (r - g) + 4.0 / 6.0;
  }
  float turned = static_cast<float>(hue);
  if (range <= 0) turned = 0;
  if (turned < 0) turned += 1;
  return {turned, value > 0 ? range / value : 0.0f, value};
}

void ScaleSaturation(const float* pixel, float scale, float* result) {
  const Hsv hsv = HsvOf(pixel[0], pixel[1], pixel[2]);
  const float saturation =
      std::min(1.0f, std::max(0.0f, hsv.saturation * scale));
  const float chroma = saturation * hsv.value;
  const float low = hsv.value - chroma;
  const float sixths = hsv.hue * 6;
  float half = std::fmod(sixths, 2.0f);
  if (half < 0) half += 2.0f;
  const float middle = chroma * (1 - std::abs(half - 1));
  float channels[3] = {0, 0, 0};
  if (sixths >= 0 && sixths < 6) {
    const int* order = kSixths[static_cast<int>(sixths)];
    channels[order[0]] = chroma;
    channels[order[1]] = middle;
  }
  for (int i = 0; i < 3; ++i) result[i] = channels[i] + low;
}

void HueKernel(KernelContext* ctx) { ChangePixels(ctx, "delta", TurnHue); }
void SaturationKernel(KernelContext* ctx) {
  ChangePixels(ctx, "scale", ScaleSaturation);
}

// ---- Between colour spaces ----

template <typename T>
void RgbToHsv(const T* pixel, T* result) {
  const T r = pixel[0], g = pixel[1], b = pixel[2];
  const T value = std::max(std::max(r, g), b);
  const T range = value - std::min(std::min(r, g), b);
  const T norm = (T(1) / range) * (T(1) / T(6));
  T hue = r == value   ? norm * (g - b)
          : g == value ? norm * (b - r) + T(2) / T(6)
                       : norm * (r - g) + T(4) / T(6);
  if (!(range > 0)) hue = 0;
  if (hue < 0) hue += T(1);
  result[0] = hue;
  result[1] = value > 0 ? range / value : T(0);
  result[2] = value;
}

template <typename T>
T Unit(T x) {
  return std::min(std::max(x, T(0)), T(1));
}

template <typename T>
void HsvToRgb(const T* pixel, T* result) {
  const T sixths = pixel[0] * T(6);
  const T saturation = pixel[1], value = pixel[2];
  const T parts[3] = {Unit(std::abs(sixths - T(3)) - T(1)),
                      Unit(-std::abs(sixths - T(2)) + T(2)),
                      Unit(-std::abs(sixths - T(4)) + T(2))};
  const T rest = -saturation + T(1);
  for (int i = 0; i < 3; ++i) {
    result[i] = (rest + saturation * parts[i]) * value;
  }
}

template <typename T, void (*convert)(const T*, T*)>
void ConvertKernel(KernelContext* ctx) {
  const Tensor& images = ctx->input(0);
  const TensorShape& shape = images.shape();
  RG_KERNEL_REQUIRES(ctx, shape.rank() >= 1,
                     absl::InvalidArgumentError(absl::StrCat(
                         "input must be at least 1D", shape.DebugString())));
  const int64_t channels = shape.dim(shape.rank() - 1);
  RG_KERNEL_REQUIRES(ctx, channels == 3,
                     absl::FailedPreconditionError(absl::StrCat(
                         "input must have 3 channels but input only has ",
                         channels, " channels.")));
  Tensor out = ctx->Allocate(images.dtype(), shape);
  if (!ctx->status().ok()) return;
  const auto from = images.flat<T>();
  const auto to = out.mutable_flat<T>();
  for (size_t i = 0; i < from.size(); i += 3) convert(&from[i], &to[i]);
  ctx->set_output(0, std::move(out));
}

// ---- Registration ----

absl::Status ImageShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape images, c->WithRankAtLeast(c->input(0), 3));
  c->set_output(0, std::move(images));
  return absl::OkStatus();
}
absl::Status ContrastShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  return ImageShape(c);
}
absl::Status ColorsShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape images, c->WithRankAtLeast(c->input(0), 1));
  if (!images.unknown_rank()) {
    const int last = images.rank() - 1;
    RG_ASSIGN_OR_RETURN(const int64_t three, c->WithValue(images.dim(last), 3));
    images.set_dim(last, three);
  }
  c->set_output(0, std::move(images));
  return absl::OkStatus();
}

void RegisterAdjust(OpRegistry* registry, absl::string_view name,
                    const char* factor, ShapeFn shape,
                    void (*kernel)(KernelContext*)) {
  registry->Op(name)
      .Input("images: T")
      .Input(absl::StrCat(factor, ": float"))
      .Output("output: T")
      .Attr("T: {half, float} = DT_FLOAT")
      .Shape(std::move(shape))
      .Kernel({{"T", {DT_FLOAT}}}, StatelessKernel(kernel));
}

void RegisterConversion(OpRegistry* registry, absl::string_view name,
                        void (*doubles)(KernelContext*),
                        void (*floats)(KernelContext*)) {
  registry->Op(name)
      .Input("images: T")
      .Output("output: T")
      .Attr("T: {half, bfloat16, float, double} = DT_FLOAT")
      .Shape(ColorsShape)
      .Kernel({{"T", {DT_DOUBLE}}}, StatelessKernel(doubles))
      .Kernel({{"T", {DT_FLOAT}}}, StatelessKernel(floats));
}

}  // namespace

void RegisterColorOps(OpRegistry* registry) {
  RegisterAdjust(registry, "AdjustContrastv2", "contrast_factor",
                 ContrastShape, ContrastKernel);
  RegisterAdjust(registry, "AdjustHue", "delta", ImageShape, HueKernel);
  RegisterAdjust(registry, "AdjustSaturation", "scale", ImageShape,
                 SaturationKernel);
  RegisterConversion(registry, "RGBToHSV",
                     ConvertKernel<double, RgbToHsv<double>>,
                     ConvertKernel<float, RgbToHsv<float>>);
  RegisterConversion(registry, "HSVToRGB",
                     ConvertKernel<double, HsvToRgb<double>>,
                     ConvertKernel<float, HsvToRgb<float>>);
}

}  // namespace retrograph
