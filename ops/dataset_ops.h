// The ops of datasets and their iterators.
#ifndef RETROGRAPH_OPS_DATASET_OPS_H_
#define RETROGRAPH_OPS_DATASET_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

// All but the iterators; it calls the next three, which have files of their
// own.
void RegisterDatasetOps(OpRegistry* registry);
void RegisterFileDatasetOps(OpRegistry* registry);
void RegisterFunctionDatasetOps(OpRegistry* registry);
void RegisterRearrangedDatasetOps(OpRegistry* registry);

void RegisterIteratorOps(OpRegistry* registry);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_DATASET_OPS_H_
