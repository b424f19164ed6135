// Small parts that shape functions of several op families share.
#ifndef RETROGRAPH_OPS_SHAPE_HELPERS_H_
#define RETROGRAPH_OPS_SHAPE_HELPERS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "graph/shape_inference.h"

namespace retrograph {

inline Shape ScalarOf() { return Shape({}); }
inline Shape VectorOf(int64_t size) { return Shape({size}); }

// What is known of the resource behind input `from` holds for output `to`.
void PassHandleData(InferenceContext* c, int from, int to);

// Output 0 is input 0, handle data included: Identity and its like.
absl::Status IdentityShape(InferenceContext* c);

// Output 0 has the shape of attr "shape".
absl::Status ShapeFromAttr(InferenceContext* c);

// The size that scalar input i stands for, kUnknownDim if it is not constant;
// InvalidArgument if it is negative.
absl::StatusOr<int64_t> DimFromScalarInput(InferenceContext* c, int i);

// a + b and a * b with unknown dimensions. What no int64 holds is unknown: no
// tensor has it either.
inline int64_t AddDims(int64_t a, int64_t b) {
  int64_t sum;
  return a == kUnknownDim || b == kUnknownDim ||
                 __builtin_add_overflow(a, b, &sum)
             ? kUnknownDim
             : sum;
}
inline int64_t MultiplyDims(int64_t a, int64_t b) {
  if (a == 0 || b == 0) return 0;
  int64_t product;
  return a == kUnknownDim || b == kUnknownDim ||
                 __builtin_mul_overflow(a, b, &product)
             ? kUnknownDim
             : product;
}

// The axis after `axis`, which may be any number that stands in a file.
inline int64_t AfterAxis(int64_t axis) {
  return axis == INT64_MAX ? axis : axis + 1;
}
// How many axes there must be for `axis`, counted from the end if negative, to
// be one.
inline int64_t AxesUpTo(int64_t axis) {
  if (axis < 0) return axis < -INT64_MAX ? INT64_MAX : -axis;
  return AfterAxis(axis);
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_SHAPE_HELPERS_H_
