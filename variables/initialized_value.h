// Private to variables/: initial values that look at other variables.
#ifndef RETROGRAPH_VARIABLES_INITIALIZED_VALUE_H_
#define RETROGRAPH_VARIABLES_INITIALIZED_VALUE_H_

#include <string>

#include "graph/builder.h"

namespace retrograph {

// If `initial_value` depends on variables, the same value computed from their
// initialised values, so that initialisers may run in any order; else the
// value itself. The copies of ops on the way are named OP_SCOPE, where
// `scope_name` is the new variable's name scope ("w/").
//
// Source: _try_guard_against_uninitialized_dependencies of TensorFlow 1.15.
Output GuardInitialValue(GraphBuilder& b, const Output& initial_value,
                         const std::string& scope_name);

}  // namespace retrograph

#endif  // RETROGRAPH_VARIABLES_INITIALIZED_VALUE_H_
