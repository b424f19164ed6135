// Text as Python prints it, for messages that quote a name or a value.
#ifndef RETROGRAPH_GRAPH_PYTHON_TEXT_H_
#define RETROGRAPH_GRAPH_PYTHON_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace retrograph {

// repr() of a str: 'a', "it's", 'tab\t'. Bytes that are not UTF-8 appear as
// \xNN.
std::string PythonRepr(absl::string_view text);
// repr() of a float: 1.5, 1.0, 1e+20, nan.
std::string PythonRepr(double value);

// int(text): spaces around it, a sign and single underscores between digits
// are allowed. nullopt if int() would raise ValueError. A number beyond int64
// becomes the nearest end of its range.
absl::optional<int64_t> PythonInt(absl::string_view text);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_PYTHON_TEXT_H_
