// Lets graph/ evaluate ops while a graph is built, for shape inference.
#ifndef RETROGRAPH_OPS_CONSTANT_FOLDING_H_
#define RETROGRAPH_OPS_CONSTANT_FOLDING_H_

#include <vector>

#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "core/tensor.h"
#include "graph/operation.h"

namespace retrograph {

// The outputs of one stateless op on these input values; nullopt if it has no
// kernel or the kernel fails.
absl::optional<std::vector<Tensor>> FoldConstant(const Operation& op,
                                                 absl::Span<const Tensor> inputs);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_CONSTANT_FOLDING_H_
