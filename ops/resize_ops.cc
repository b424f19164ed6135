// Images of another size: ResizeBilinear, ResizeNearestNeighbor, ResizeBicubic,
// ResizeArea, and the gradients of the first three.
//
// Source: TensorFlow's answers (python/tests/cases/image_sizes.py).
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/image_shapes.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"
#include "ops/number.h"
#include "ops/resize_axis.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

// A batch of images that is being resized.
struct Images {
  int64_t batch, channels;
  ResizeAxis y, x;

  int64_t in_row() const { return x.in * channels; }
  int64_t in_image() const { return y.in * in_row(); }
  int64_t out_row() const { return x.out * channels; }
  TensorShape out_shape() const {
    return TensorShape({batch, y.out, x.out, channels});
  }
  TensorShape in_shape() const {
    return TensorShape({batch, y.in, x.in, channels});
  }
};

absl::Status CheckAttrs(const ResizeAttrs& attrs) {
  if (!attrs.align_corners || !attrs.half_pixel_centers) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "If half_pixel_centers is True, align_corners must be False.");
}

absl::StatusOr<ResizeAttrs> ReadAttrs(const Operation& op, bool check = true) {
  ResizeAttrs attrs;
  RG_RETURN_IF_ERROR(op.GetAttr("align_corners", &attrs.align_corners));
  if (op.type() != "ResizeArea") {
    RG_RETURN_IF_ERROR(
        op.GetAttr("half_pixel_centers", &attrs.half_pixel_centers));
  }
  if (check) RG_RETURN_IF_ERROR(CheckAttrs(attrs));
  return attrs;
}

absl::Status CheckRank(const Tensor& tensor, int rank, const char* name,
                       const char* is) {
  if (tensor.shape().rank() == rank) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, is, tensor.shape().DebugString()));
}

// Of inputs images and size.
absl::StatusOr<Images> ReadImages(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(const ResizeAttrs attrs, ReadAttrs(ctx.op()));
  const Tensor& images = ctx.input(0);
  const Tensor& size = ctx.input(1);
  RG_RETURN_IF_ERROR(CheckRank(images, 4, "input", " must be 4-dimensional"));
  RG_RETURN_IF_ERROR(CheckRank(size, 1, "shape_t", " must be 1-dimensional"));
  if (size.num_elements() != 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "shape_t must have two elements", size.shape().DebugString()));
  }
  const int64_t height = size.flat<int32_t>()[0];
  const int64_t width = size.flat<int32_t>()[1];
  const TensorShape& shape = images.shape();
  if (std::max(shape.dim(1), shape.dim(2)) >= INT32_MAX) {
    return absl::InvalidArgumentError(
        "input sizes must be between 0 and max int32");
  }
  if (height <= 0 || width <= 0) {
    return absl::InvalidArgumentError("output dimensions must be positive");
  }
  if (shape.dim(3) <= 0) {
    return absl::InvalidArgumentError("image must have at least one channel");
  }
  if (shape.dim(1) <= 0 || shape.dim(2) <= 0) {
    return absl::InvalidArgumentError("input image must be of non-zero size");
  }
  return Images{shape.dim(0), shape.dim(3),
                ResizeAxis(shape.dim(1), height, attrs),
                ResizeAxis(shape.dim(2), width, attrs)};
}

// Of inputs grads and original_image.
absl::StatusOr<Images> ReadGradients(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(const ResizeAttrs attrs, ReadAttrs(ctx.op()));
  RG_RETURN_IF_ERROR(CheckRank(ctx.input(0), 4, "input_grad",
                               " must be 4-dimensional"));
  RG_RETURN_IF_ERROR(CheckRank(ctx.input(1), 4, "original_image",
                               " must be 4-dimensional"));
  const TensorShape& grads = ctx.input(0).shape();
  const TensorShape& image = ctx.input(1).shape();
  if (image.dim(1) <= 0 || image.dim(2) <= 0) {
    return absl::InvalidArgumentError(
        "original image must be of non-zero size");
  }
  return Images{grads.dim(0), grads.dim(3),
                ResizeAxis(image.dim(1), grads.dim(1), attrs),
                ResizeAxis(image.dim(2), grads.dim(2), attrs)};
}

// The output; where it is empty, or cannot be had, there is nothing more to do.
Tensor AllocateOutput(KernelContext* ctx, DataType dtype,
                      const Images& images) {
  Tensor out = ctx->Allocate(dtype, images.out_shape());
  if (!ctx->status().ok()) return Tensor(dtype, TensorShape({0}));
  if (out.num_elements() == 0) ctx->set_output(0, out);
  return out;
}

// The output of zeros that a gradient is added up in, likewise.
Tensor ZeroGradient(KernelContext* ctx, DataType dtype, const Images& images) {
  auto zeros = Tensor::AllocateZeros(dtype, images.in_shape());
  if (!zeros.ok()) {
    ctx->SetStatus(zeros.status());
    return Tensor(dtype, TensorShape({0}));
  }
  if (zeros->num_elements() == 0) ctx->set_output(0, *zeros);
  return *std::move(zeros);
}

// ---- Bilinear ----

float Mix(float a, float b, float part) { return a + (b - a) * part; }

template <typename T>
void BilinearKernel(KernelContext* ctx) {
  absl::StatusOr<Images> read = ReadImages(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const Images images = *read;
  Tensor out = AllocateOutput(ctx, DT_FLOAT, images);
  if (out.num_elements() == 0) return;
  const T* from = ctx->input(0).flat<T>().data();
  float* to = out.mutable_flat<float>().data();
  if (images.y.in == images.y.out && images.x.in == images.x.out) {
    std::transform(from, from + out.num_elements(), to,
                   [](T value) { return static_cast<float>(value); });
    ctx->set_output(0, std::move(out));
    return;
  }
  const std::vector<BetweenPixels> columns = AllBetween(images.x);
  const std::vector<BetweenPixels> rows = AllBetween(images.y);
  const int64_t channels = images.channels;
  for (int64_t b = 0; b < images.batch; ++b, from += images.in_image()) {
    for (const BetweenPixels& row : rows) {
      const T* top = from + row.lower * images.in_row();
      const T* bottom = from + row.upper * images.in_row();
      for (const BetweenPixels& column : columns) {
        const int64_t left = column.lower * channels;
        const int64_t right = column.upper * channels;
        for (int64_t c = 0; c < channels; ++c) {
          const float above = Mix(static_cast<float>(top[left + c]),
                                  static_cast<float>(top[right + c]),
                                  column.part);
          const float below = Mix(static_cast<float>(bottom[left + c]),
                                  static_cast<float>(bottom[right + c]),
                                  column.part);
          *to++ = Mix(above, below, row.part);
        }
      }
    }
  }
  ctx->set_output(0, std::move(out));
}

template <typename T>
void BilinearGradKernel(KernelContext* ctx) {
  absl::StatusOr<Images> read = ReadGradients(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const Images images = *read;
  Tensor out = ZeroGradient(ctx, DataTypeOf<T>::value, images);
  if (out.num_elements() == 0) return;
  const std::vector<BetweenPixels> columns = AllBetween(images.x);
  const std::vector<BetweenPixels> rows = AllBetween(images.y);
  const float* from = ctx->input(0).flat<float>().data();
  T* to = out.mutable_flat<T>().data();
  const int64_t channels = images.channels;
  const auto add = [](T* sum, float value) { *sum = *sum + T(value); };
  for (int64_t b = 0; b < images.batch; ++b, to += images.in_image()) {
    for (const BetweenPixels& row : rows) {
      T* top = to + row.lower * images.in_row();
      T* bottom = to + row.upper * images.in_row();
      const float rest_y = 1.0f - row.part;
      for (const BetweenPixels& column : columns) {
        const int64_t left = column.lower * channels;
        const int64_t right = column.upper * channels;
        const float rest_x = 1.0f - column.part;
        for (int64_t c = 0; c < channels; ++c) {
          const float g = *from++;
          add(&top[left + c], g * rest_y * rest_x);
          add(&top[right + c], g * rest_y * column.part);
          add(&bottom[left + c], g * row.part * rest_x);
          add(&bottom[right + c], g * row.part * column.part);
        }
      }
    }
  }
  ctx->set_output(0, std::move(out));
}

// ---- The nearest pixel ----

void NearestKernel(KernelContext* ctx) {
  absl::StatusOr<Images> read = ReadImages(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const Images images = *read;
  const Tensor& in = ctx->input(0);
  Tensor out = AllocateOutput(ctx, in.dtype(), images);
  if (out.num_elements() == 0) return;
  const std::vector<int64_t> columns = AllNearest(images.x);
  const std::vector<int64_t> rows = AllNearest(images.y);
  WithElementType(in.dtype(), [&](auto element) {
    using T = decltype(element);
    const T* from = Elements<T>(in);
    T* to = MutableElements<T>(&out);
    for (int64_t b = 0; b < images.batch; ++b, from += images.in_image()) {
      for (const int64_t row : rows) {
        const T* line = from + row * images.in_row();
        for (const int64_t column : columns) {
          to = std::copy_n(line + column * images.channels, images.channels,
                           to);
        }
      }
    }
  });
  ctx->set_output(0, std::move(out));
}

// Of inputs grads and size.
absl::StatusOr<Images> ReadNearestGradients(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(const ResizeAttrs attrs, ReadAttrs(ctx.op(), false));
  const Tensor& grads = ctx.input(0);
  const Tensor& size = ctx.input(1);
  RG_RETURN_IF_ERROR(CheckRank(grads, 4, "input", " must be 4-dimensional"));
  RG_RETURN_IF_ERROR(CheckRank(size, 1, "shape_t", " must be 1-dimensional"));
  if (size.num_elements() != 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "shape_t must have two elements", size.shape().DebugString()));
  }
  const auto sizes = size.flat<int32_t>();
  if (sizes[0] <= 0 || sizes[1] <= 0) {
    return absl::InvalidArgumentError("shape_t's elements must be positive");
  }
  const TensorShape& shape = grads.shape();
  return Images{shape.dim(0), shape.dim(3),
                ResizeAxis(sizes[0], shape.dim(1), attrs),
                ResizeAxis(sizes[1], shape.dim(2), attrs)};
}

template <typename T>
void NearestGradKernel(KernelContext* ctx) {
  absl::StatusOr<Images> read = ReadNearestGradients(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const Images images = *read;
  Tensor out = ZeroGradient(ctx, DataTypeOf<T>::value, images);
  if (out.num_elements() == 0) return;
  const std::vector<int64_t> columns = AllNearest(images.x);
  const std::vector<int64_t> rows = AllNearest(images.y);
  const T* from = ctx->input(0).flat<T>().data();
  T* to = out.mutable_flat<T>().data();
  for (int64_t b = 0; b < images.batch; ++b, to += images.in_image()) {
    for (const int64_t row : rows) {
      for (const int64_t column : columns) {
        T* sum = to + row * images.in_row() + column * images.channels;
        for (int64_t c = 0; c < images.channels; ++c) {
          sum[c] = WrapAdd(sum[c], *from++);
        }
      }
    }
  }
  ctx->set_output(0, std::move(out));
}

// ---- Bicubic ----

float WeightedSum(const std::array<float, 4>& weights, float a, float b,
                  float c, float d) {
  return a * weights[0] + b * weights[1] + c * weights[2] + d * weights[3];
}

template <typename T>
void BicubicKernel(KernelContext* ctx) {
  absl::StatusOr<Images> read = ReadImages(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const Images images = *read;
  Tensor out = AllocateOutput(ctx, DT_FLOAT, images);
  if (out.num_elements() == 0) return;
  const std::vector<FourPixels> columns = AllCubic(images.x);
  const std::vector<FourPixels> rows = AllCubic(images.y);
  const T* from = ctx->input(0).flat<T>().data();
  float* to = out.mutable_flat<float>().data();
  const int64_t channels = images.channels;
  std::vector<float> line(images.in_row());  // four rows as one
  for (int64_t b = 0; b < images.batch; ++b, from += images.in_image()) {
    for (const FourPixels& row : rows) {
      const T* lines[4];
      for (int k = 0; k < 4; ++k) {
        lines[k] = from + row.pixels[k] * images.in_row();
      }
      for (int64_t i = 0; i < images.in_row(); ++i) {
        line[i] = WeightedSum(
            row.weights, static_cast<float>(lines[0][i]),
            static_cast<float>(lines[1][i]), static_cast<float>(lines[2][i]),
            static_cast<float>(lines[3][i]));
      }
      for (const FourPixels& column : columns) {
        const auto& pixels = column.pixels;
        for (int64_t c = 0; c < channels; ++c) {
          *to++ = WeightedSum(
              column.weights, line[pixels[0] * channels + c],
              line[pixels[1] * channels + c], line[pixels[2] * channels + c],
              line[pixels[3] * channels + c]);
        }
      }
    }
  }
  ctx->set_output(0, std::move(out));
}

template <typename T>
void BicubicGradKernel(KernelContext* ctx) {
  absl::StatusOr<Images> read = ReadGradients(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const Images images = *read;
  Tensor out = ZeroGradient(ctx, DataTypeOf<T>::value, images);
  if (out.num_elements() == 0) return;
  const std::vector<FourPixels> columns = AllCubic(images.x);
  const std::vector<FourPixels> rows = AllCubic(images.y);
  const float* from = ctx->input(0).flat<float>().data();
  T* to = out.mutable_flat<T>().data();
  const int64_t channels = images.channels;
  for (int64_t b = 0; b < images.batch; ++b, to += images.in_image()) {
    for (const FourPixels& row : rows) {
      for (const FourPixels& column : columns) {
        for (int64_t c = 0; c < channels; ++c) {
          const float g = *from++;
          for (int i = 0; i < 4; ++i) {
            T* line = to + row.pixels[i] * images.in_row() + c;
            for (int k = 0; k < 4; ++k) {
              line[column.pixels[k] * channels] +=
                  T(g * row.weights[i] * column.weights[k]);
            }
          }
        }
      }
    }
  }
  ctx->set_output(0, std::move(out));
}

// ---- Area ----

// What an output pixel covers of one row.
template <typename T>
float SumOfRow(const T* row, const CoveredPixels& covered,
               const Images& images) {
  const auto at = [&](int64_t x) {
    return static_cast<float>(row[images.x.Bound(x) * images.channels]);
  };
  if (covered.parts.empty()) return 0.0f;
  float sum = at(covered.start) * covered.parts[0];
  if (covered.start + 1 == covered.end) return sum;
  for (int64_t x = covered.start + 1; x < covered.end - 1; ++x) sum += at(x);
  return sum + at(covered.end - 1) * covered.parts.back();
}

template <typename T>
void AreaKernel(KernelContext* ctx) {
  absl::StatusOr<Images> read = ReadImages(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const Images images = *read;
  Tensor out = AllocateOutput(ctx, DT_FLOAT, images);
  if (out.num_elements() == 0) return;
  const std::vector<CoveredPixels> columns = AllCovered(images.x);
  const std::vector<CoveredPixels> rows = AllCovered(images.y);
  const float scale =
      static_cast<float>(1.0 / (images.y.scale * images.x.scale));
  const T* from = ctx->input(0).flat<T>().data();
  float* to = out.mutable_flat<float>().data();
  for (int64_t b = 0; b < images.batch; ++b, from += images.in_image()) {
    for (const CoveredPixels& row : rows) {
      for (const CoveredPixels& column : columns) {
        for (int64_t c = 0; c < images.channels; ++c) {
          float sum = 0.0f;
          for (int64_t y = row.start; y < row.end; ++y) {
            const T* line = from + images.y.Bound(y) * images.in_row() + c;
            sum += SumOfRow(line, column, images) * row.parts[y - row.start];
          }
          *to++ = sum * scale;
        }
      }
    }
  }
  ctx->set_output(0, std::move(out));
}

// ---- Registration ----

absl::Status ResizeShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape images, c->WithRank(c->input(0), 4));
  return SizedImageShape(c, c->Dim(images, 0), 1, c->Dim(images, 3));
}
absl::Status OriginalShape(InferenceContext* c) {
  c->set_output(0, c->input(1));
  return absl::OkStatus();
}

OpBuilder RegisterResize(OpRegistry* registry, absl::string_view name,
                         absl::string_view types, const char* out,
                         bool half_pixels = true) {
  OpBuilder op = registry->Op(name);
  op.Input("images: T").Input("size: int32");
  op.Output(absl::StrCat("resized_images: ", out));
  op.Attr(absl::StrCat("T: ", types)).Attr("align_corners: bool = false");
  if (half_pixels) op.Attr("half_pixel_centers: bool = false");
  op.Shape(ResizeShape);
  return op;
}

OpBuilder RegisterGradient(OpRegistry* registry, absl::string_view name,
                           const char* second, const char* grads,
                           absl::string_view types) {
  OpBuilder op = registry->Op(name);
  op.Input(absl::StrCat("grads: ", grads)).Input(second).Output("output: T");
  op.Attr(absl::StrCat("T: ", types)).Attr("align_corners: bool = false");
  op.Attr("half_pixel_centers: bool = false");
  return op;
}

#define RG_RESIZE_TYPES(C)                                               \
  C(double) C(float) C(BFloat16) C(Half) C(int8_t) C(uint8_t) C(int16_t) \
      C(uint16_t) C(int32_t) C(int64_t)
#define RG_ADD_KERNEL(op, Kernel_, T_) \
  op.Kernel({{"T", {DataTypeOf<T_>::value}}}, StatelessKernel(Kernel_<T_>))

constexpr absl::string_view kTypes =
    "{int8, uint8, int16, uint16, int32, int64, half, float, double}";

void RegisterForward(OpRegistry* registry) {
  OpBuilder bilinear = RegisterResize(
      registry, "ResizeBilinear",
      "{int8, uint8, int16, uint16, int32, int64, bfloat16, half, float, "
      "double}",
      "float");
  OpBuilder bicubic =
      RegisterResize(registry, "ResizeBicubic", kTypes, "float");
  OpBuilder area =
      RegisterResize(registry, "ResizeArea", kTypes, "float", false);
#define RG_FORWARD(T)                       \
  RG_ADD_KERNEL(bilinear, BilinearKernel, T); \
  RG_ADD_KERNEL(bicubic, BicubicKernel, T);   \
  RG_ADD_KERNEL(area, AreaKernel, T);
  RG_RESIZE_TYPES(RG_FORWARD)
#undef RG_FORWARD
  RegisterResize(registry, "ResizeNearestNeighbor", kTypes, "T")
      .Kernel({{"T", RealTypes()}}, StatelessKernel(NearestKernel));
}

void RegisterBackward(OpRegistry* registry) {
  OpBuilder bilinear =
      RegisterGradient(registry, "ResizeBilinearGrad", "original_image: T",
                       "float", "{float, bfloat16, half, double}");
  bilinear.Shape(OriginalShape);
  RG_ADD_KERNEL(bilinear, BilinearGradKernel, double);
  RG_ADD_KERNEL(bilinear, BilinearGradKernel, float);
  RG_ADD_KERNEL(bilinear, BilinearGradKernel, Half);
  OpBuilder bicubic =
      RegisterGradient(registry, "ResizeBicubicGrad", "original_image: T",
                       "float", "{float, double}");
  bicubic.Shape(OriginalShape);
  RG_ADD_KERNEL(bicubic, BicubicGradKernel, double);
  RG_ADD_KERNEL(bicubic, BicubicGradKernel, float);
  OpBuilder nearest = RegisterGradient(
      registry, "ResizeNearestNeighborGrad", "size: int32", "T",
      "{uint8, int8, int32, half, float, double}");
  nearest.Shape(ResizeShape);
#define RG_NEAREST(T) RG_ADD_KERNEL(nearest, NearestGradKernel, T);
  RG_RESIZE_TYPES(RG_NEAREST)
#undef RG_NEAREST
}

}  // namespace

void RegisterResizeOps(OpRegistry* registry) {
  RegisterForward(registry);
  RegisterBackward(registry);
}

}  // namespace retrograph
