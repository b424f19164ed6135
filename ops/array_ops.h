// The parts of RegisterArrayOps(), one a file.
#ifndef RETROGRAPH_OPS_ARRAY_OPS_H_
#define RETROGRAPH_OPS_ARRAY_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

void RegisterConcatOps(OpRegistry* registry);     // concat_ops.cc
void RegisterSplitOps(OpRegistry* registry);      // split_ops.cc
void RegisterSliceOps(OpRegistry* registry);      // slice_ops.cc
void RegisterStridedSliceOps(OpRegistry* registry);  // strided_slice_ops.cc
void RegisterGatherOps(OpRegistry* registry);     // gather_ops.cc
void RegisterRearrangeOps(OpRegistry* registry);  // rearrange_ops.cc
void RegisterPadOps(OpRegistry* registry);        // pad_ops.cc
void RegisterSequenceOps(OpRegistry* registry);   // sequence_ops.cc
void RegisterDiagonalOps(OpRegistry* registry);   // diagonal_ops.cc

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_ARRAY_OPS_H_
