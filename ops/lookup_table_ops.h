// The ops of hash tables.
#ifndef RETROGRAPH_OPS_LOOKUP_TABLE_OPS_H_
#define RETROGRAPH_OPS_LOOKUP_TABLE_OPS_H_

#include "graph/op_registry.h"

namespace retrograph {

void RegisterLookupTableOps(OpRegistry* registry);  // lookup_table_ops.cc
// Those of tables that are filled once; the other has them registered.
void RegisterHashTableOps(OpRegistry* registry);  // hash_table_ops.cc

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_LOOKUP_TABLE_OPS_H_
