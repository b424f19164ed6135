#include "core/errors.h"

#include "absl/strings/cord.h"
#include "absl/types/optional.h"

namespace retrograph {
namespace {

constexpr char kClassUrl[] = "retrograph/python_class";
constexpr char kOpNameUrl[] = "retrograph/op_name";
constexpr char kHintUrl[] = "retrograph/hint";

std::string GetPayload(const absl::Status& status, absl::string_view url) {
  absl::optional<absl::Cord> payload = status.GetPayload(url);
  return payload.has_value() ? std::string(*payload) : std::string();
}

void SetPayload(absl::Status* status, absl::string_view url,
                absl::string_view value) {
  if (value.empty()) {
    status->ErasePayload(url);
  } else {
    status->SetPayload(url, absl::Cord(value));
  }
}

struct CodeNames {
  absl::StatusCode code;
  const char* code_name;
  const char* class_name;
};

constexpr CodeNames kCodes[] = {
    {absl::StatusCode::kOk, "OK", ""},
    {absl::StatusCode::kCancelled, "CANCELLED", "CancelledError"},
    {absl::StatusCode::kUnknown, "UNKNOWN", "UnknownError"},
    {absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT",
     "InvalidArgumentError"},
    {absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
     "DeadlineExceededError"},
    {absl::StatusCode::kNotFound, "NOT_FOUND", "NotFoundError"},
    {absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS", "AlreadyExistsError"},
    {absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED",
     "PermissionDeniedError"},
    {absl::StatusCode::kUnauthenticated, "UNAUTHENTICATED",
     "UnauthenticatedError"},
    {absl::StatusCode::kResourceExhausted, "RESOURCE_EXHAUSTED",
     "ResourceExhaustedError"},
    {absl::StatusCode::kFailedPrecondition, "FAILED_PRECONDITION",
     "FailedPreconditionError"},
    {absl::StatusCode::kAborted, "ABORTED", "AbortedError"},
    {absl::StatusCode::kOutOfRange, "OUT_OF_RANGE", "OutOfRangeError"},
    {absl::StatusCode::kUnimplemented, "UNIMPLEMENTED", "UnimplementedError"},
    {absl::StatusCode::kInternal, "INTERNAL", "InternalError"},
    {absl::StatusCode::kUnavailable, "UNAVAILABLE", "UnavailableError"},
    {absl::StatusCode::kDataLoss, "DATA_LOSS", "DataLossError"},
};

const CodeNames& NamesOf(absl::StatusCode code) {
  for (const CodeNames& names : kCodes) {
    if (names.code == code) return names;
  }
  return kCodes[2];  // TensorFlow, too, calls what it does not know UNKNOWN
}

}  // namespace

absl::Status PythonError(absl::string_view class_name, absl::StatusCode code,
                         absl::string_view message) {
  absl::Status status(code, message);
  SetPayload(&status, kClassUrl, class_name);
  return status;
}

absl::Status ValueError(absl::string_view message) {
  return PythonError("ValueError", absl::StatusCode::kInvalidArgument, message);
}
absl::Status TypeError(absl::string_view message) {
  return PythonError("TypeError", absl::StatusCode::kInvalidArgument, message);
}
absl::Status KeyError(absl::string_view message) {
  return PythonError("KeyError", absl::StatusCode::kNotFound, message);
}
absl::Status LookupError(absl::string_view message) {
  return PythonError("LookupError", absl::StatusCode::kNotFound, message);
}
absl::Status RuntimeError(absl::string_view message) {
  return PythonError("RuntimeError", absl::StatusCode::kFailedPrecondition,
                     message);
}
absl::Status AttributeError(absl::string_view message) {
  return PythonError("AttributeError", absl::StatusCode::kNotFound, message);
}
absl::Status AssertionError(absl::string_view message) {
  return PythonError("AssertionError", absl::StatusCode::kInternal, message);
}
absl::Status NotImplementedError(absl::string_view message) {
  return PythonError("NotImplementedError", absl::StatusCode::kUnimplemented,
                     message);
}
absl::Status OSError(absl::string_view message) {
  return PythonError("OSError", absl::StatusCode::kUnknown, message);
}

std::string ErrorClassName(const absl::Status& status) {
  if (status.ok()) return "";
  std::string carried = GetPayload(status, kClassUrl);
  return carried.empty() ? NamesOf(status.code()).class_name : carried;
}

absl::string_view ErrorCodeName(absl::StatusCode code) {
  return NamesOf(code).code_name;
}

std::string ErrorOpName(const absl::Status& status) {
  return GetPayload(status, kOpNameUrl);
}

void SetErrorOpName(absl::Status* status, absl::string_view op_name) {
  SetPayload(status, kOpNameUrl, op_name);
}

std::string ErrorHint(const absl::Status& status) {
  return GetPayload(status, kHintUrl);
}

void SetErrorHint(absl::Status* status, absl::string_view hint) {
  SetPayload(status, kHintUrl, hint);
}

absl::Status WithMessage(const absl::Status& status,
                         absl::string_view message) {
  if (status.ok()) return status;
  absl::Status result(status.code(), message);
  status.ForEachPayload(
      [&result](absl::string_view url, const absl::Cord& payload) {
        result.SetPayload(url, payload);
      });
  return result;
}

}  // namespace retrograph
