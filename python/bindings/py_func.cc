// Functions of Python as kernels.
#include "ops/py_func.h"

#include <string>
#include <utility>
#include <vector>

#include "python/bindings/bindings.h"
#include "python/bindings/support.h"
#include "python/bindings/tensors.h"

namespace retrograph {
namespace python {
namespace {

// The package's hook returns (0, [(array, dtype)]) or (code, text).
absl::StatusOr<std::vector<Tensor>> Run(const std::string& token,
                                        std::vector<Tensor> arguments) {
  absl::Status error;
  auto results = CallPython([&] {
    nb::list arrays;
    for (Tensor& argument : arguments) {
      arrays.append(TensorToArray(std::move(argument)));
    }
    nb::object result = Hook("run_py_func")(Utf8(token), arrays);
    const int code = nb::cast<int>(result[0]);
    std::vector<Tensor> tensors;
    if (code != 0) {
      error = absl::Status(static_cast<absl::StatusCode>(code),
                           ToStr(result[1]));
      return tensors;
    }
    for (nb::handle value : nb::list(result[1])) {
      tensors.push_back(TensorFromArray(
          value[0], static_cast<DataType>(nb::cast<int>(value[1]))));
    }
    return tensors;
  });
  if (!error.ok()) return error;
  return results;
}

}  // namespace

void BindPyFunc(nb::module_&) { SetPyFuncRunner(Run); }

}  // namespace python
}  // namespace retrograph
