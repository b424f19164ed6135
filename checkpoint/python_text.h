// Python's spelling of values, for texts that TensorFlow's Python layer makes
// of them.
#ifndef RETROGRAPH_CHECKPOINT_PYTHON_TEXT_H_
#define RETROGRAPH_CHECKPOINT_PYTHON_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace retrograph {

// repr() of a float: the shortest text that reads back the same, "1.5", "3.0",
// "1e+16".
std::string PythonFloatRepr(double value);
// repr() of a str: "'d/a'".
std::string PythonStringRepr(absl::string_view text);
// repr() of lists: "['d/a', 'd/b']", "[1.5]".
std::string PythonListRepr(const std::vector<std::string>& values);
std::string PythonListRepr(const std::vector<double>& values);

// os.path.normpath: without empty, "." and (where possible) ".." parts.
std::string PythonNormalizedPath(absl::string_view path);
// os.path.relpath: `path` as seen from the folder `start`. Both are relative to
// the current folder unless they are absolute. ValueError for an empty path.
absl::StatusOr<std::string> PythonRelativePath(absl::string_view path,
                                               absl::string_view start);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_PYTHON_TEXT_H_
