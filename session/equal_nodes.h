// Nodes that do the same thing as others.
//
// TensorFlow 1.15.5 computes equal nodes once (OptimizerCSE, which every session
// runs by default), so errors name the first of them. Ours run each, and look
// for the first only when one has failed.
#ifndef RETROGRAPH_SESSION_EQUAL_NODES_H_
#define RETROGRAPH_SESSION_EQUAL_NODES_H_

#include "graph/operation.h"
#include "session/plan.h"

namespace retrograph {

// The first node of `plan` that equals `op`, or `op` itself: of its type, on its
// device, with its attrs and with inputs that are equal, too. Nodes with a
// state, placeholders and those that have to do with references equal none.
const Operation& FirstEqualNode(const Plan& plan, const Operation& op);

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_EQUAL_NODES_H_
