// Shapes of images whose size is an input.
#ifndef RETROGRAPH_OPS_IMAGE_SHAPES_H_
#define RETROGRAPH_OPS_IMAGE_SHAPES_H_

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "core/errors.h"
#include "graph/shape_inference.h"

namespace retrograph {

// Output 0 is [batch, height, width, channels]; input `size` holds height and
// width.
inline absl::Status SizedImageShape(InferenceContext* c, int64_t batch,
                                    int size, int64_t channels) {
  RG_ASSIGN_OR_RETURN(const Shape sizes, c->WithRank(c->input(size), 1));
  RG_RETURN_IF_ERROR(c->WithValue(c->Dim(sizes, 0), 2).status());
  int64_t height = kUnknownDim, width = kUnknownDim;
  if (const Tensor* value = c->input_tensor(size); value != nullptr) {
    height = std::max<int64_t>(value->flat<int32_t>()[0], kUnknownDim);
    width = std::max<int64_t>(value->flat<int32_t>()[1], kUnknownDim);
  }
  c->set_output(0, Shape({batch, height, width, channels}));
  return absl::OkStatus();
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_IMAGE_SHAPES_H_
