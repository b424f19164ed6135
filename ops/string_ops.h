// The parts of RegisterStringOps() in files of their own.
#ifndef RETROGRAPH_OPS_STRING_OPS_H_
#define RETROGRAPH_OPS_STRING_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

void RegisterStringSplitOps(OpRegistry* registry);  // string_split_ops.cc
void RegisterSubstrOps(OpRegistry* registry);       // substr_ops.cc

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_STRING_OPS_H_
