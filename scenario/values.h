// Values of scenarios: JSON in, Python's and numpy's text out.
#ifndef RETROGRAPH_SCENARIO_VALUES_H_
#define RETROGRAPH_SCENARIO_VALUES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/tensor.h"

namespace retrograph::scenario {

// "10" is int32, "1.5" float, "true" bool, "\"a\"" string, lists of one of them
// in any depth; as tf.constant takes Python values. A dtype other than
// DT_INVALID converts the numbers. InvalidArgument names what is wrong: no
// JSON, a ragged list, mixed kinds, a number that does not fit.
absl::StatusOr<Tensor> ParseValue(absl::string_view json,
                                  DataType dtype = DT_INVALID);

// "[2, -1]" as a shape; "" as the unknown one.
absl::StatusOr<PartialTensorShape> ParseShape(absl::string_view json);

// What Python's print() shows of the numpy value: "10", "[1.  2.5]", "b'a'".
std::string PythonStr(const Tensor& value);
// What it shows of the value inside a list: "10", "array([1., 2.],
// dtype=float32)".
std::string PythonRepr(const Tensor& value);
// A string literal: 'a/b'.
std::string PythonStringRepr(absl::string_view text);

}  // namespace retrograph::scenario

#endif  // RETROGRAPH_SCENARIO_VALUES_H_
