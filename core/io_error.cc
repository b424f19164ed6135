// IoError: which code TensorFlow 1.15 gives to which errno value. Measured by
// calling its IOError() with every value.
#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/file_system.h"

namespace retrograph {
namespace {

using Code = absl::StatusCode;

Code CodeOfErrno(int error_number) {
  switch (error_number) {
    case 0:
      return Code::kOk;
    case E2BIG:
    case EDESTADDRREQ:
    case EDOM:
    case EFAULT:
    case EILSEQ:
    case EINVAL:
    case ENAMETOOLONG:
    case ENOPROTOOPT:
    case ENOSTR:
    case ENOTSOCK:
    case ENOTTY:
    case EPROTOTYPE:
    case ESPIPE:
      return Code::kInvalidArgument;
    case ETIME:
    case ETIMEDOUT:
      return Code::kDeadlineExceeded;
    case ENODEV:
    case ENOENT:
    case ENXIO:
    case ESRCH:
      return Code::kNotFound;
    case EADDRNOTAVAIL:
    case EALREADY:
    case EEXIST:
      return Code::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::kPermissionDenied;
    case EADDRINUSE:
    case EBADF:
    case EBUSY:
    case ECHILD:
    case EISCONN:
    case EISDIR:
    case ENOTBLK:
    case ENOTCONN:
    case ENOTDIR:
    case ENOTEMPTY:
    case EPIPE:
    case ESHUTDOWN:
    case ETXTBSY:
      return Code::kFailedPrecondition;
    case EDQUOT:
    case EMFILE:
    case EMLINK:
    case ENFILE:
    case ENOBUFS:
    case ENODATA:
    case ENOMEM:
    case ENOSPC:
    case ENOSR:
    case EUSERS:
      return Code::kResourceExhausted;
    case EFBIG:
    case EOVERFLOW:
    case ERANGE:
      return Code::kOutOfRange;
    case EAFNOSUPPORT:
    case ENOSYS:
    case ENOTSUP:
    case EPFNOSUPPORT:
    case EPROTONOSUPPORT:
    case ESOCKTNOSUPPORT:
    case EXDEV:
      return Code::kUnimplemented;
    case EAGAIN:
    case ECONNABORTED:
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case EINTR:
    case ENETDOWN:
    case ENETRESET:
    case ENETUNREACH:
    case ENOLCK:
    case ENOLINK:
    case ENONET:
      return Code::kUnavailable;
    case EDEADLK:
    case ESTALE:
      return Code::kAborted;
    case ECANCELED:
      return Code::kCancelled;
    default:
      return Code::kUnknown;
  }
}

}  // namespace

absl::Status IoError(absl::string_view context, int error_number) {
  const Code code = CodeOfErrno(error_number);
  if (code == Code::kOk) return absl::OkStatus();
  char buffer[256];
  // GNU's strerror_r, which returns the text.
  return absl::Status(
      code, absl::StrCat(context, "; ",
                         strerror_r(error_number, buffer, sizeof(buffer))));
}

}  // namespace retrograph
