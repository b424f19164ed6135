#ifndef RETROGRAPH_OPS_TENSOR_ARRAY_OPS_H_
#define RETROGRAPH_OPS_TENSOR_ARRAY_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

void RegisterTensorArrayOps(OpRegistry* registry);  // tensor_array_ops.cc
void RegisterStackOps(OpRegistry* registry);        // stack_ops.cc

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_TENSOR_ARRAY_OPS_H_
