// The ops of datasets and their iterators.
#ifndef RETROGRAPH_OPS_DATASET_OPS_H_
#define RETROGRAPH_OPS_DATASET_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

void RegisterDatasetOps(OpRegistry* registry);   // dataset_ops.cc
void RegisterIteratorOps(OpRegistry* registry);  // iterator_ops.cc

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_DATASET_OPS_H_
