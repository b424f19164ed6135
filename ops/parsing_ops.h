// The ops that take values out of strings (examples, lines, encoded bytes), and
// the sparse tensors that come of it.
#ifndef RETROGRAPH_OPS_PARSING_OPS_H_
#define RETROGRAPH_OPS_PARSING_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

// Each in a .cc of its own.
void RegisterCsvOps(OpRegistry* registry);
void RegisterExampleOps(OpRegistry* registry);
void RegisterSparseOps(OpRegistry* registry);
void RegisterTextOps(OpRegistry* registry);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_PARSING_OPS_H_
