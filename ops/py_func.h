// What PyFunc ops run: functions of the language that the graph was built in,
// which this room knows nothing of.
#ifndef RETROGRAPH_OPS_PY_FUNC_H_
#define RETROGRAPH_OPS_PY_FUNC_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/tensor.h"
#include "graph/op_registry.h"

namespace retrograph {

// Calls the function that is registered under a token ("pyfunc_0") and returns
// what it returned. An error has the code and text that TensorFlow gives it.
// Called by sessions' threads.
using PyFuncRunner = std::function<absl::StatusOr<std::vector<Tensor>>(
    const std::string& token, std::vector<Tensor> arguments)>;

// For the whole process, once, before a session runs.
void SetPyFuncRunner(PyFuncRunner runner);

// PyFunc and PyFuncStateless (py_func_ops.cc).
void RegisterPyFuncOps(OpRegistry* registry);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_PY_FUNC_H_
