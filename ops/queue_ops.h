// The ops of queues, and of the readers that take names of files from them.
#ifndef RETROGRAPH_OPS_QUEUE_OPS_H_
#define RETROGRAPH_OPS_QUEUE_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

void RegisterQueueOps(OpRegistry* registry);   // queue_ops.cc: both
void RegisterReaderOps(OpRegistry* registry);  // reader_ops.cc

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_QUEUE_OPS_H_
