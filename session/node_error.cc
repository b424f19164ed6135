#include "session/node_error.h"

#include "absl/strings/str_cat.h"
#include "core/errors.h"

namespace retrograph {

absl::Status ErrorAtHiddenNode(const absl::Status& status,
                               absl::string_view node_name) {
  return WithMessage(status, absl::StrCat(status.message(), "\n\t [[{{node ",
                                          node_name, "}}]]"));
}

absl::Status ErrorAtNode(const absl::Status& status, const Operation& op) {
  if (!ErrorOpName(status).empty()) return status;
  absl::Status result = ErrorAtHiddenNode(status, op.name());
  SetErrorOpName(&result, op.name());
  return result;
}

std::string InputName(const Output& output) {
  if (output.index == 0) return output.op->name();
  return absl::StrCat(output.op->name(), ":", output.index);
}

}  // namespace retrograph
