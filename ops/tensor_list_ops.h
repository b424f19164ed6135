// The ops on lists of tensors: tensor_list_ops.cc, tensor_list_tensor_ops.cc.
#ifndef RETROGRAPH_OPS_TENSOR_LIST_OPS_H_
#define RETROGRAPH_OPS_TENSOR_LIST_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

void RegisterTensorListOps(OpRegistry* registry);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_TENSOR_LIST_OPS_H_
