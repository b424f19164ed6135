#include "graph/tensor_id.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/errors.h"
#include "graph/python_text.h"

namespace retrograph {

std::string TensorId::ToString() const {
  return is_control() ? absl::StrCat("^", node)
                      : absl::StrCat(node, ":", index);
}

TensorId TensorId::Parse(absl::string_view text) {
  if (absl::ConsumePrefix(&text, "^")) return {text, kControlSlot};
  size_t digits = text.size();
  while (digits > 0 &&
         absl::ascii_isdigit(static_cast<unsigned char>(text[digits - 1]))) {
    --digits;
  }
  if (digits == 0 || digits == text.size() || text[digits - 1] != ':') {
    return {text, 0};
  }
  return {text.substr(0, digits - 1), *PythonInt(text.substr(digits))};
}

absl::StatusOr<TensorId> ParseTensorName(absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, ':');
  if (parts.size() == 1) return TensorId{name, 0};
  const absl::optional<int64_t> index =
      parts.size() == 2 ? PythonInt(parts[1]) : absl::nullopt;
  if (!index.has_value()) {
    return ValueError(absl::StrCat("Cannot convert ", PythonRepr(name),
                                   " to a tensor name."));
  }
  return TensorId{parts[0], *index};
}

}  // namespace retrograph
