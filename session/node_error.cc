#include "session/node_error.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/device_name.h"

namespace retrograph {

absl::Status ErrorAtHiddenNode(const absl::Status& status,
                               absl::string_view node_name) {
  return WithMessage(status, absl::StrCat(status.message(), "\n\t [[{{node ",
                                          node_name, "}}]]"));
}

namespace {

// The device that the op runs on, as TensorFlow's runtime names it.
std::string FullDevice(const Operation& op) {
  const absl::StatusOr<DeviceName> asked = DeviceName::Parse(op.device());
  const int64_t index =
      asked.ok() && asked->type == "CPU" ? asked->index.value_or(0) : 0;
  return absl::StrCat("/job:localhost/replica:0/task:0/device:CPU:", index);
}

bool IsOutOfMemory(const absl::Status& status) {
  return absl::IsResourceExhausted(status) &&
         absl::StartsWith(status.message(), "OOM when allocating tensor");
}

absl::Status AddedNode(const absl::Status& status, const Operation& op) {
  if (!IsOutOfMemory(status)) return ErrorAtHiddenNode(status, op.name());
  const absl::Status at_node = ErrorAtHiddenNode(
      WithMessage(status, absl::StrCat(status.message(), " on ", FullDevice(op),
                                       " by allocator cpu")),
      op.name());
  return WithMessage(
      at_node,
      absl::StrCat(at_node.message(),
                   "\nHint: If you want to see a list of allocated tensors when "
                   "OOM happens, add report_tensor_allocations_upon_oom to "
                   "RunOptions for current allocation info.\n"));
}

}  // namespace

absl::Status ErrorAtNode(const absl::Status& status, const Operation& op) {
  if (!ErrorOpName(status).empty()) return status;
  constexpr absl::string_view kNode = "{{node ";
  const absl::string_view message = status.message();
  const size_t inner = message.find(kNode);
  if (inner != absl::string_view::npos) {
    // Of a node in a function that this node called.
    absl::Status result = WithMessage(
        status, absl::StrCat(message, "\n\t [[", op.name(), "]]"));
    const absl::string_view name = message.substr(inner + kNode.size());
    SetErrorOpName(&result, name.substr(0, name.find('}')));
    return result;
  }
  absl::Status result = AddedNode(status, op);
  SetErrorOpName(&result, op.name());
  return result;
}

std::string InputName(const Output& output) {
  if (output.index == 0) return output.op->name();
  return absl::StrCat(output.op->name(), ":", output.index);
}

}  // namespace retrograph
