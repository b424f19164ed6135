// What is known of a tensor that holds a shape, while the graph is built.
#ifndef RETROGRAPH_GRAPH_CONSTANT_SHAPE_H_
#define RETROGRAPH_GRAPH_CONSTANT_SHAPE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "core/tensor.h"
#include "graph/shape_inference.h"

namespace retrograph {

// The shape in `value`; where that is null, unknown dimensions, as many as
// `vector`, the shape of the shape tensor, says. InvalidArgument if `value` is
// no vector of integers from -1 up.
absl::StatusOr<Shape> ShapeFromTensor(const Tensor* value, const Shape& vector);

// As ShapeRefiner::ConstantPartialShape: the shape that `output` holds, of
// which parts may be unknown.
absl::StatusOr<Shape> ConstantShape(const Output& output);

// The one integer in `value`, if it is that.
absl::optional<int64_t> SingleInteger(const Tensor& value);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_CONSTANT_SHAPE_H_
