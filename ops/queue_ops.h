// The ops of queues.
#ifndef RETROGRAPH_OPS_QUEUE_OPS_H_
#define RETROGRAPH_OPS_QUEUE_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

void RegisterQueueOps(OpRegistry* registry);  // queue_ops.cc

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_QUEUE_OPS_H_
