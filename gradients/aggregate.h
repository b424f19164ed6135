// Adding up the gradients that one tensor gets from its consumers.
//
// Internal to gradients/.
#ifndef RETROGRAPH_GRADIENTS_AGGREGATE_H_
#define RETROGRAPH_GRADIENTS_AGGREGATE_H_

#include <vector>

#include "gradients/gradients.h"
#include "ops/gradient.h"

namespace retrograph {

// The sum of `parts`; none if there are none. Tensors are added, rows put one
// behind the other. `op` is whose output gets it.
Gradient Aggregate(GraphBuilder& b, const Operation& op,
                   const std::vector<Gradient>& parts,
                   AggregationMethod method);

}  // namespace retrograph

#endif  // RETROGRAPH_GRADIENTS_AGGREGATE_H_
