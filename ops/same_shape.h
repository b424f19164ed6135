// The check of kernels whose inputs must all have one shape.
#ifndef RETROGRAPH_OPS_SAME_SHAPE_H_
#define RETROGRAPH_OPS_SAME_SHAPE_H_

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ops/kernel.h"

namespace retrograph {

// InvalidArgument "Inputs to operation N of type T must have the same size and
// shape.  Input 0: [2] != input 1: [3]".
inline absl::Status CheckSameShapes(KernelContext* ctx) {
  const TensorShape& first = ctx->input(0).shape();
  for (int i = 1; i < ctx->num_inputs(); ++i) {
    const TensorShape& other = ctx->input(i).shape();
    if (other == first) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "Inputs to operation ", ctx->op().name(), " of type ", ctx->op().type(),
        " must have the same size and shape.  Input 0: ", first.DebugString(),
        " != input ", i, ": ", other.DebugString()));
  }
  return absl::OkStatus();
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_SAME_SHAPE_H_
