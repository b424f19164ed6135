// Rows of a tensor by their numbers: what Gather, GatherV2 and ResourceGather
// share.
#ifndef RETROGRAPH_OPS_GATHER_H_
#define RETROGRAPH_OPS_GATHER_H_

#include "absl/status/statusor.h"
#include "core/tensor.h"

namespace retrograph {

// params[..., indices, ...] along `axis` (not negative, checked by the caller).
// The first `batch_dims` axes are common to both. The result's shape is
// params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:].
// InvalidArgument "indices[0,1] = 7 is not in [0, 3)".
absl::StatusOr<Tensor> GatherRows(const Tensor& params, const Tensor& indices,
                                  int axis, int batch_dims);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_GATHER_H_
