// The op behind the result of Variable::Assign, AssignAdd or AssignSub.
#ifndef RETROGRAPH_TRAIN_UPDATE_OP_H_
#define RETROGRAPH_TRAIN_UPDATE_OP_H_

#include "variables/variable.h"

namespace retrograph {

// Of a resource variable the result is a read that waits for the update, after
// whatever the scopes around it ask for.
inline Operation* UpdateOp(const Variable& variable, const Output& result) {
  return variable.is_resource() ? result.op->control_inputs().back()
                                : result.op;
}

}  // namespace retrograph

#endif  // RETROGRAPH_TRAIN_UPDATE_OP_H_
