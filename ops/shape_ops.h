// The parts of RegisterShapeOps() in files of their own.
#ifndef RETROGRAPH_OPS_SHAPE_OPS_H_
#define RETROGRAPH_OPS_SHAPE_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

void RegisterBroadcastOps(OpRegistry* registry);  // broadcast_ops.cc

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_SHAPE_OPS_H_
