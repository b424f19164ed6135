// CropAndResize and its gradients: boxes of images, each resized to one size.
//
// Source: TensorFlow's answers (python/tests/cases/image_sizes.py).
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/image_shapes.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"
#include "ops/number.h"

namespace retrograph {
namespace {

absl::Status Invalid(absl::string_view text) {
  return absl::InvalidArgumentError(text);
}

// The sizes of what takes part.
struct Crops {
  int64_t boxes, height, width, depth;  // of the crops
  int64_t images, image_height, image_width;
  bool nearest;

  int64_t image_row() const { return image_width * depth; }
  int64_t image_size() const { return image_height * image_row(); }
};

absl::Status CheckBoxes(const Tensor& boxes, const Tensor& box_index,
                        int64_t* count) {
  *count = 0;
  if (boxes.num_elements() == 0 && box_index.num_elements() == 0) {
    return absl::OkStatus();
  }
  if (boxes.shape().rank() != 2) {
    return Invalid(
        absl::StrCat("boxes must be 2-D", boxes.shape().DebugString()));
  }
  *count = boxes.shape().dim(0);
  if (boxes.shape().dim(1) != 4) return Invalid("boxes must have 4 columns");
  if (box_index.shape().rank() != 1) {
    return Invalid(
        absl::StrCat("box_index must be 1-D", box_index.shape().DebugString()));
  }
  if (box_index.shape().dim(0) != *count) {
    return Invalid("box_index has incompatible shape");
  }
  return absl::OkStatus();
}

absl::Status CheckIndices(const Tensor& box_index, int64_t images) {
  for (const int32_t index : box_index.flat<int32_t>()) {
    if (index < 0 || index >= images) {
      return absl::OutOfRangeError(
          "box_index has values outside [0, batch_size)");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadMethod(const Operation& op, Crops* crops) {
  std::string method;
  RG_RETURN_IF_ERROR(op.GetAttr("method", &method));
  crops->nearest = method == "nearest";
  return absl::OkStatus();
}

absl::Status ReadImageSize(const Tensor& image, Crops* crops) {
  const TensorShape& shape = image.shape();
  if (shape.rank() != 4) {
    return Invalid(
        absl::StrCat("input image must be 4-D", shape.DebugString()));
  }
  crops->images = shape.dim(0);
  crops->image_height = shape.dim(1);
  crops->image_width = shape.dim(2);
  crops->depth = shape.dim(3);
  if (crops->image_height <= 0 || crops->image_width <= 0) {
    return Invalid("image dimensions must be positive");
  }
  return absl::OkStatus();
}

absl::Status ReadGradSize(const Tensor& grads, Crops* crops) {
  const TensorShape& shape = grads.shape();
  if (shape.rank() != 4) {
    return Invalid(
        absl::StrCat("grads image must be 4-D", shape.DebugString()));
  }
  crops->height = shape.dim(1);
  crops->width = shape.dim(2);
  if (crops->height <= 0 || crops->width <= 0) {
    return Invalid("grads dimensions must be positive");
  }
  return absl::OkStatus();
}

// ---- Places ----

// Where the crop's pixels of one axis of one box are in the image.
class Line {
 public:
  Line(float start, float end, int64_t image_size, int64_t crop_size)
      : start_(start),
        end_(end),
        last_(static_cast<float>(image_size - 1)),
        single_(crop_size <= 1),
        ratio_(single_ ? 0.0f : last_ / static_cast<float>(crop_size - 1)),
        scale_(single_ ? 0.0f
                       : (end - start) * last_ /
                             static_cast<float>(crop_size - 1)),
        gradient_scale_(single_ ? 0.0f : (end - start) * ratio_) {}

  // False beyond the image's edge.
  bool Find(int64_t i, float* place) const {
    return FindBy(scale_, i, place);
  }
  // The gradient of boxes rounds in another order.
  bool FindForBoxes(int64_t i, float* place) const {
    return FindBy(gradient_scale_, i, place);
  }
  // How the place of pixel i moves with the box's start and end.
  void AddMoves(int64_t i, float gradient, float* start, float* end) const {
    if (single_) {
      const float half =
          static_cast<float>(gradient * 0.5 * static_cast<double>(last_));
      *start += half;
      *end += half;
      return;
    }
    *start += gradient * (last_ - static_cast<float>(i) * ratio_);
    *end += gradient * (static_cast<float>(i) * ratio_);
  }

 private:
  bool FindBy(float scale, int64_t i, float* place) const {
    *place = single_ ? static_cast<float>(0.5 * (start_ + end_) * last_)
                     : start_ * last_ + static_cast<float>(i) * scale;
    return *place >= 0 && *place <= last_;
  }

  float start_, end_, last_;
  bool single_;
  float ratio_, scale_, gradient_scale_;
};

// A pixel's number; a float may be rounded up to beyond the last one's.
int64_t Pixel(float number, int64_t size) {
  return std::min(static_cast<int64_t>(number), size - 1);
}

// Two pixels of a line and how far a place is from the first; or the nearest.
struct Pixels {
  int64_t lower, upper;
  float part;

  Pixels(float place, int64_t size)
      : lower(Pixel(std::floor(place), size)),
        upper(Pixel(std::ceil(place), size)),
        part(place - std::floor(place)) {}
};
int64_t Nearest(float place, int64_t size) {
  return Pixel(std::round(place), size);
}

// One box.
struct BoxLines {
  Line y, x;
  int64_t image;

  BoxLines(const Crops& crops, const float* box, int32_t index)
      : y(box[0], box[2], crops.image_height, crops.height),
        x(box[1], box[3], crops.image_width, crops.width),
        image(index) {}
};

std::vector<BoxLines> LinesOf(const Crops& crops, const Tensor& boxes,
                              const Tensor& box_index) {
  std::vector<BoxLines> lines;
  for (int64_t i = 0; i < crops.boxes; ++i) {
    lines.emplace_back(crops, &boxes.flat<float>()[i * 4],
                       box_index.flat<int32_t>()[i]);
  }
  return lines;
}

// ---- CropAndResize ----

absl::StatusOr<Crops> ReadCrops(const KernelContext& ctx) {
  Crops crops = {};
  const Tensor& size = ctx.input(3);
  RG_RETURN_IF_ERROR(ReadMethod(ctx.op(), &crops));
  RG_RETURN_IF_ERROR(ReadImageSize(ctx.input(0), &crops));
  RG_RETURN_IF_ERROR(CheckBoxes(ctx.input(1), ctx.input(2), &crops.boxes));
  if (size.shape().rank() != 1) {
    return Invalid(
        absl::StrCat("crop_size must be 1-D", size.shape().DebugString()));
  }
  if (size.num_elements() != 2) {
    return Invalid(absl::StrCat("crop_size must have two elements",
                                size.shape().DebugString()));
  }
  crops.height = size.flat<int32_t>()[0];
  crops.width = size.flat<int32_t>()[1];
  if (crops.height <= 0 || crops.width <= 0) {
    return Invalid("crop dimensions must be positive");
  }
  return crops;
}

// The pixels of one place, `depth` numbers.
template <typename T>
void ReadPlace(const T* image, const Crops& crops, float y, float x,
               float* to) {
  const auto at = [&](int64_t row, int64_t column) {
    return image + row * crops.image_row() + column * crops.depth;
  };
  if (crops.nearest) {
    const T* from =
        at(Nearest(y, crops.image_height), Nearest(x, crops.image_width));
    for (int64_t d = 0; d < crops.depth; ++d) {
      to[d] = static_cast<float>(from[d]);
    }
    return;
  }
  const Pixels rows(y, crops.image_height), columns(x, crops.image_width);
  const T* top_left = at(rows.lower, columns.lower);
  const T* top_right = at(rows.lower, columns.upper);
  const T* bottom_left = at(rows.upper, columns.lower);
  const T* bottom_right = at(rows.upper, columns.upper);
  const auto mix = [](float a, float b, float part) {
    return a + (b - a) * part;
  };
  for (int64_t d = 0; d < crops.depth; ++d) {
    const float top =
        mix(static_cast<float>(top_left[d]), static_cast<float>(top_right[d]),
            columns.part);
    const float bottom = mix(static_cast<float>(bottom_left[d]),
                             static_cast<float>(bottom_right[d]),
                             columns.part);
    to[d] = mix(top, bottom, rows.part);
  }
}

template <typename T>
void CropKernel(KernelContext* ctx) {
  const absl::StatusOr<Crops> read = ReadCrops(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const Crops& crops = *read;
  Tensor out = ctx->Allocate(
      DT_FLOAT,
      TensorShape({crops.boxes, crops.height, crops.width, crops.depth}));
  if (!ctx->status().ok()) return;
  RG_KERNEL_OK(ctx, CheckIndices(ctx->input(2), crops.images));
  float outside = 0;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("extrapolation_value", &outside));
  const T* images = ctx->input(0).flat<T>().data();
  float* to = out.mutable_flat<float>().data();
  for (const BoxLines& box : LinesOf(crops, ctx->input(1), ctx->input(2))) {
    if (crops.depth == 0) break;
    const T* image = images + box.image * crops.image_size();
    for (int64_t i = 0; i < crops.height; ++i) {
      float y, x;
      const bool inside = box.y.Find(i, &y);
      for (int64_t k = 0; k < crops.width; ++k, to += crops.depth) {
        if (inside && box.x.Find(k, &x)) {
          ReadPlace(image, crops, y, x, to);
        } else {
          std::fill_n(to, crops.depth, outside);
        }
      }
    }
  }
  ctx->set_output(0, std::move(out));
}

// ---- The gradient of the images ----

absl::StatusOr<Crops> ReadImageGrad(const KernelContext& ctx) {
  Crops crops = {};
  const Tensor& grads = ctx.input(0);
  const Tensor& size = ctx.input(3);
  RG_RETURN_IF_ERROR(ReadMethod(ctx.op(), &crops));
  RG_RETURN_IF_ERROR(ReadGradSize(grads, &crops));
  RG_RETURN_IF_ERROR(CheckBoxes(ctx.input(1), ctx.input(2), &crops.boxes));
  if (grads.shape().dim(0) != crops.boxes) {
    return Invalid("boxes and grads have incompatible shape");
  }
  if (size.shape().rank() != 1) {
    return Invalid(
        absl::StrCat("image_size must be 1-D", size.shape().DebugString()));
  }
  if (size.num_elements() != 4) {
    return Invalid(absl::StrCat("image_size must have 4 elements",
                                size.shape().DebugString()));
  }
  const auto sizes = size.flat<int32_t>();
  crops.images = sizes[0];
  crops.image_height = sizes[1];
  crops.image_width = sizes[2];
  crops.depth = sizes[3];
  if (crops.image_height <= 0 || crops.image_width <= 0) {
    return Invalid("image dimensions must be positive");
  }
  if (grads.shape().dim(3) != crops.depth) {
    return Invalid("image_size and grads are incompatible");
  }
  return crops;
}

template <typename T>
void AddPlace(T* image, const Crops& crops, float y, float x,
              const float* grads) {
  const auto add = [&](int64_t row, int64_t column, int64_t d, float value) {
    T& sum = image[row * crops.image_row() + column * crops.depth + d];
    sum = sum + T(value);
  };
  if (crops.nearest) {
    for (int64_t d = 0; d < crops.depth; ++d) {
      add(Nearest(y, crops.image_height), Nearest(x, crops.image_width), d,
          grads[d]);
    }
    return;
  }
  const Pixels rows(y, crops.image_height), columns(x, crops.image_width);
  for (int64_t d = 0; d < crops.depth; ++d) {
    const float top = (1 - rows.part) * grads[d];
    add(rows.lower, columns.lower, d, (1 - columns.part) * top);
    add(rows.lower, columns.upper, d, columns.part * top);
    const float bottom = rows.part * grads[d];
    add(rows.upper, columns.lower, d, (1 - columns.part) * bottom);
    add(rows.upper, columns.upper, d, columns.part * bottom);
  }
}

template <typename T>
void ImageGradKernel(KernelContext* ctx) {
  const absl::StatusOr<Crops> read = ReadImageGrad(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const Crops& crops = *read;
  auto out = Tensor::AllocateZeros(
      DataTypeOf<T>::value,
      TensorShape({crops.images, crops.image_height, crops.image_width,
                   crops.depth}));
  RG_KERNEL_OK(ctx, out.status());
  RG_KERNEL_OK(ctx, CheckIndices(ctx->input(2), crops.images));
  const float* grads = ctx->input(0).flat<float>().data();
  T* images = out->template mutable_flat<T>().data();
  for (const BoxLines& box : LinesOf(crops, ctx->input(1), ctx->input(2))) {
    if (crops.depth == 0) break;
    T* image = images + box.image * crops.image_size();
    for (int64_t i = 0; i < crops.height; ++i) {
      float y, x;
      const bool inside = box.y.Find(i, &y);
      for (int64_t k = 0; k < crops.width; ++k, grads += crops.depth) {
        if (inside && box.x.Find(k, &x)) AddPlace(image, crops, y, x, grads);
      }
    }
  }
  ctx->set_output(0, *std::move(out));
}

// ---- The gradient of the boxes ----

absl::StatusOr<Crops> ReadBoxGrad(const KernelContext& ctx) {
  Crops crops = {};
  const Tensor& grads = ctx.input(0);
  RG_RETURN_IF_ERROR(ReadGradSize(grads, &crops));
  RG_RETURN_IF_ERROR(ReadImageSize(ctx.input(1), &crops));
  if (grads.shape().dim(3) != crops.depth) {
    return Invalid("image, grads depth differ");
  }
  RG_RETURN_IF_ERROR(CheckBoxes(ctx.input(2), ctx.input(3), &crops.boxes));
  if (grads.shape().dim(0) != crops.boxes) {
    return Invalid("boxes and grads have incompatible shape");
  }
  return crops;
}

// What one place adds to the gradient of its box's four edges.
template <typename T>
void AddEdges(const T* image, const Crops& crops, const BoxLines& box,
              int64_t i, int64_t k, float y, float x, const float* grads,
              float* edges) {
  const Pixels rows(y, crops.image_height), columns(x, crops.image_width);
  const auto at = [&](int64_t row, int64_t column, int64_t d) {
    return static_cast<float>(
        image[row * crops.image_row() + column * crops.depth + d]);
  };
  for (int64_t d = 0; d < crops.depth; ++d) {
    const float top_left = at(rows.lower, columns.lower, d);
    const float top_right = at(rows.lower, columns.upper, d);
    const float bottom_left = at(rows.upper, columns.lower, d);
    const float bottom_right = at(rows.upper, columns.upper, d);
    float by_y = (1 - columns.part) * (bottom_left - top_left) +
                 columns.part * (bottom_right - top_right);
    float by_x = (1 - rows.part) * (top_right - top_left) +
                 rows.part * (bottom_right - bottom_left);
    by_y *= grads[d];
    by_x *= grads[d];
    box.y.AddMoves(i, by_y, &edges[0], &edges[2]);
    box.x.AddMoves(k, by_x, &edges[1], &edges[3]);
  }
}

template <typename T>
void BoxGradKernel(KernelContext* ctx) {
  const absl::StatusOr<Crops> read = ReadBoxGrad(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const Crops& crops = *read;
  auto out =
      Tensor::AllocateZeros(DT_FLOAT, TensorShape({crops.boxes, 4}));
  RG_KERNEL_OK(ctx, out.status());
  RG_KERNEL_OK(ctx, CheckIndices(ctx->input(3), crops.images));
  const float* grads = ctx->input(0).flat<float>().data();
  const T* images = ctx->input(1).flat<T>().data();
  float* edges = out->mutable_flat<float>().data();
  for (const BoxLines& box : LinesOf(crops, ctx->input(2), ctx->input(3))) {
    const T* image = images + box.image * crops.image_size();
    for (int64_t i = 0; i < crops.height; ++i) {
      float y, x;
      const bool inside = box.y.FindForBoxes(i, &y);
      for (int64_t k = 0; k < crops.width; ++k, grads += crops.depth) {
        if (inside && box.x.FindForBoxes(k, &x)) {
          AddEdges(image, crops, box, i, k, y, x, grads, edges);
        }
      }
    }
    edges += 4;
  }
  ctx->set_output(0, *std::move(out));
}

// ---- Registration ----

absl::Status CropShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape image, c->WithRank(c->input(0), 4));
  RG_ASSIGN_OR_RETURN(const Shape boxes, c->WithRank(c->input(1), 2));
  RG_ASSIGN_OR_RETURN(const Shape index, c->WithRank(c->input(2), 1));
  RG_ASSIGN_OR_RETURN(const int64_t count,
                      c->MergeDim(c->Dim(boxes, 0), c->Dim(index, 0)));
  RG_RETURN_IF_ERROR(c->WithValue(c->Dim(boxes, 1), 4).status());
  return SizedImageShape(c, count, 3, c->Dim(image, 3));
}

absl::Status ImageGradShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape size, c->MakeShapeFromInput(3));
  RG_ASSIGN_OR_RETURN(Shape out, c->WithRank(size, 4));
  c->set_output(0, std::move(out));
  return absl::OkStatus();
}

absl::Status BoxGradShape(InferenceContext* c) {
  c->set_output(0, c->input(2));
  return absl::OkStatus();
}

}  // namespace

void RegisterCropOps(OpRegistry* registry) {
  constexpr char kTypes[] =
      "T: {uint8, uint16, int8, int16, int32, int64, half, float, double}";
  OpBuilder crop = registry->Op("CropAndResize");
  crop.Input("image: T").Input("boxes: float").Input("box_ind: int32");
  crop.Input("crop_size: int32").Output("crops: float").Attr(kTypes);
  crop.Attr("method: {'bilinear', 'nearest'} = 'bilinear'");
  crop.Attr("extrapolation_value: float = 0.0").Shape(CropShape);
  OpBuilder image = registry->Op("CropAndResizeGradImage");
  image.Input("grads: float").Input("boxes: float").Input("box_ind: int32");
  image.Input("image_size: int32").Output("output: T");
  image.Attr("T: {float, half, double}");
  image.Attr("method: {'bilinear', 'nearest'} = 'bilinear'");
  image.Shape(ImageGradShape);
  OpBuilder boxes = registry->Op("CropAndResizeGradBoxes");
  boxes.Input("grads: float").Input("image: T").Input("boxes: float");
  boxes.Input("box_ind: int32").Output("output: float").Attr(kTypes);
  boxes.Attr("method: {'bilinear'} = 'bilinear'").Shape(BoxGradShape);
#define RG_ADD_KERNEL(op, Kernel_, T_) \
  op.Kernel({{"T", {DataTypeOf<T_>::value}}}, StatelessKernel(Kernel_<T_>))
#define RG_CROP(T)                   \
  RG_ADD_KERNEL(crop, CropKernel, T); \
  RG_ADD_KERNEL(boxes, BoxGradKernel, T);
  RG_CROP(double)
  RG_CROP(float)
  RG_CROP(BFloat16)
  RG_CROP(Half)
  RG_CROP(int8_t)
  RG_CROP(uint8_t)
  RG_CROP(int16_t)
  RG_CROP(uint16_t)
  RG_CROP(int32_t)
  RG_CROP(int64_t)
#undef RG_CROP
  RG_ADD_KERNEL(image, ImageGradKernel, double);
  RG_ADD_KERNEL(image, ImageGradKernel, float);
  RG_ADD_KERNEL(image, ImageGradKernel, Half);
}

}  // namespace retrograph
