// Updates of rows of a variable: what the Scatter ops of ref and of resource
// variables share.
#ifndef RETROGRAPH_OPS_SCATTER_H_
#define RETROGRAPH_OPS_SCATTER_H_

#include <string>

#include "absl/status/status.h"
#include "core/tensor.h"

namespace retrograph {

enum class UpdateKind { kAssign, kAdd, kSub, kMul, kDiv, kMin, kMax };

// params = params + value, or - for kSub, element by element; shapes and dtypes
// are equal. Integers wrap around.
absl::Status UpdateInPlace(UpdateKind kind, const Tensor& value,
                           Tensor* params);

// Which checks precede a scatter: a resource variable's are laxer.
enum class ScatterTarget { kRefVariable, kResourceVariable };

// For each i: params[indices[i]] op= updates[i]. A scalar `updates` stands for
// all. InvalidArgument with TensorFlow's text for shapes that do not fit or an
// index out of range; rows before that index have been updated by then, as in
// TensorFlow.
absl::Status ScatterInPlace(ScatterTarget target,UpdateKind kind, const Tensor& indices,
                            const Tensor& updates, Tensor* params);

// "[1,0]", where element `flat` is in a tensor of this shape; "" for a scalar.
std::string SlicePosition(const TensorShape& shape, int64_t flat);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_SCATTER_H_
