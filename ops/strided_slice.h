// What a StridedSlice op takes out of a tensor: Python's x[1:, ..., None, 3].
#ifndef RETROGRAPH_OPS_STRIDED_SLICE_H_
#define RETROGRAPH_OPS_STRIDED_SLICE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "core/tensor.h"
#include "core/tensor_shape.h"
#include "graph/operation.h"

namespace retrograph {

// The op's attrs, a bit for each entry of begin, end and strides.
struct StridedSliceMasks {
  int64_t begin = 0;        // begin is ignored: from the start
  int64_t end = 0;          // end is ignored: to the end
  int64_t ellipsis = 0;     // "...": as many axes as are needed
  int64_t new_axis = 0;     // None: a new axis of size 1
  int64_t shrink_axis = 0;  // an index: the axis goes away

  static absl::StatusOr<StridedSliceMasks> FromAttrs(const Operation& op);
};

struct StridedSliceSpec {
  // By axis of the input; -1 sizes are unknown, begin and end are valid only
  // where everything was known.
  std::vector<int64_t> begin, end, strides;
  PartialTensorShape processing_shape;  // of what is copied, axis by axis
  PartialTensorShape final_shape;       // with new axes, without shrunk ones
  bool is_identity = true;
  bool is_dim0_slice = true;  // whole rows in order
};

// `begin` and `end` may be null (not known yet); `strides` is known. Errors are
// TensorFlow's.
absl::StatusOr<StridedSliceSpec> ResolveStridedSlice(
    const Tensor* begin, const Tensor* end, const Tensor& strides,
    const PartialTensorShape& input_shape, const StridedSliceMasks& masks);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_STRIDED_SLICE_H_
