// Gradients of images of another size.
//
// Source: tensorflow/python/ops/image_grad.py.
#include <algorithm>

#include "ops/builders.h"
#include "ops/composites.h"
#include "ops/gradient.h"

namespace retrograph {
namespace {

AttrList AttrsOf(const Operation* op,
                 std::initializer_list<const char*> names) {
  AttrList attrs;
  for (const char* name : names) attrs.emplace_back(name, *op->FindAttr(name));
  return attrs;
}

bool IsOneOf(DataType dtype, std::initializer_list<DataType> list) {
  return std::find(list.begin(), list.end(), dtype) != list.end();
}

Gradients NearestGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output image = op->input(0);
  const PartialTensorShape& shape = image.shape();
  const bool known = shape.rank() == 4 && shape.dim(1) >= 0 &&
                     shape.dim(2) >= 0;
  const Input size = known ? IntList({shape.dim(1), shape.dim(2)})
                           : Input(SliceRange(b, ShapeOf(b, image), 1, 3));
  return {b.Op("ResizeNearestNeighborGrad", {g[0], size},
               AttrsOf(op, {"align_corners", "half_pixel_centers"})),
          Gradient()};
}

GradientFunction ResizeGradient(const char* type) {
  return [type](GraphBuilder& b, Operation* op,
                const Gradients& g) -> Gradients {
    if (op->type() == "ResizeBicubic" &&
        !IsOneOf(op->input(0).dtype(), {DT_FLOAT, DT_DOUBLE})) {
      return Gradients(2);
    }
    return {b.Op(type, {g[0], op->input(0)},
                 AttrsOf(op, {"align_corners", "half_pixel_centers"})),
            Gradient()};
  };
}

Gradients CropGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output image = op->input(0);
  const PartialTensorShape& shape = image.shape();
  const Input size = shape.IsFullyDefined() ? IntList(shape.dims())
                                            : Input(ShapeOf(b, image));
  Gradients result(4);
  if (IsOneOf(image.dtype(), {DT_HALF, DT_FLOAT, DT_DOUBLE})) {
    result[0] = b.Op("CropAndResizeGradImage",
                     {g[0], op->input(1), op->input(2), size},
                     AttrsOf(op, {"T", "method"}));
  }
  result[1] = b.Op("CropAndResizeGradBoxes",
                   {g[0], image, op->input(1), op->input(2)});
  return result;
}

}  // namespace

void RegisterImageGradients(GradientRegistry* registry) {
  registry->AddStandard("ResizeNearestNeighbor", NearestGradient);
  registry->AddStandard("ResizeBilinear", ResizeGradient("ResizeBilinearGrad"));
  registry->AddStandard("ResizeBicubic", ResizeGradient("ResizeBicubicGrad"));
  registry->AddStandard("CropAndResize", CropGradient);
  registry->AddNotDifferentiable({"HSVToRGB"});
}

}  // namespace retrograph
