// Arguments that tf.Variable and tf.get_variable share.
#ifndef RETROGRAPH_PYTHON_BINDINGS_VARIABLE_OPTIONS_H_
#define RETROGRAPH_PYTHON_BINDINGS_VARIABLE_OPTIONS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "python/bindings/support.h"
#include "variables/variable.h"

namespace retrograph {
namespace python {

absl::optional<bool> OptionalBool(nb::handle h);
absl::optional<std::string> OptionalString(nb::handle h);
absl::optional<std::vector<std::string>> OptionalStrings(nb::handle h);
Constraint ConstraintOf(nb::handle h);

// Calls Python code that returns a tf.Tensor or None; an exception becomes the
// builder's error.
Output CallForOutput(GraphBuilder& b, const std::function<nb::object()>& call);

}  // namespace python
}  // namespace retrograph

#endif  // RETROGRAPH_PYTHON_BINDINGS_VARIABLE_OPTIONS_H_
