#ifndef RETROGRAPH_OPS_BIT_OPS_H_
#define RETROGRAPH_OPS_BIT_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

void RegisterBitOps(OpRegistry* registry);  // bit_ops.cc

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_BIT_OPS_H_
