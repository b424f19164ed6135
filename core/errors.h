// Errors as TensorFlow 1.15 raises them, carried by absl::Status.
//
// A status has TensorFlow's code and exactly its text. What the text does not
// hold rides in payloads: the Python exception class where it is not the class
// that the code implies (a ValueError while a graph is built), the name of the
// op that failed, and a hint for the reader that is never part of the message.
//
// Example:
//   return ValueError("No variables to save");
//   ErrorClassName(status)  ->  "ValueError"
//   ErrorClassName(absl::NotFoundError("..."))  ->  "NotFoundError"
//
// Source of the class names: tensorflow.python.framework.errors_impl.
#ifndef RETROGRAPH_CORE_ERRORS_H_
#define RETROGRAPH_CORE_ERRORS_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace retrograph {

// Errors that TensorFlow's Python layer raises with a class of Python's own.
// The absl code is the nearest one: InvalidArgument for ValueError and
// TypeError, NotFound for KeyError and LookupError, FailedPrecondition for
// RuntimeError, Internal for AssertionError, Unimplemented for
// NotImplementedError, and so on.
absl::Status ValueError(absl::string_view message);
absl::Status TypeError(absl::string_view message);
absl::Status KeyError(absl::string_view message);
absl::Status LookupError(absl::string_view message);
absl::Status RuntimeError(absl::string_view message);
absl::Status AttributeError(absl::string_view message);
absl::Status AssertionError(absl::string_view message);
absl::Status NotImplementedError(absl::string_view message);
absl::Status OSError(absl::string_view message);

// Any other Python class, such as "InaccessibleTensorError".
absl::Status PythonError(absl::string_view class_name, absl::StatusCode code,
                         absl::string_view message);

// The Python class that TensorFlow raises for `status`: the one it carries, or
// the tf.errors class of its code ("NotFoundError"). "" for an OK status.
std::string ErrorClassName(const absl::Status& status);

// TensorFlow's name of a status code: "NOT_FOUND", "DATA_LOSS", ...
absl::string_view ErrorCodeName(absl::StatusCode code);

// The op whose kernel failed ("save/RestoreV2"), or "".
std::string ErrorOpName(const absl::Status& status);
void SetErrorOpName(absl::Status* status, absl::string_view op_name);

// What was probably meant: the nearest key, the line where a Saver was built.
// Never part of the message. "" if there is none.
std::string ErrorHint(const absl::Status& status);
void SetErrorHint(absl::Status* status, absl::string_view hint);

// The same code and payloads with another message. OK stays OK.
absl::Status WithMessage(const absl::Status& status,
                         absl::string_view message);

#define RG_CONCAT_INNER_(a, b) a##b
#define RG_CONCAT_(a, b) RG_CONCAT_INNER_(a, b)

// Returns from the enclosing function if `expr`, an absl::Status, is not OK.
#define RG_RETURN_IF_ERROR(expr)                        \
  do {                                                  \
    ::absl::Status rg_status_ = (expr);                 \
    if (!rg_status_.ok()) return rg_status_;            \
  } while (false)

// RG_ASSIGN_OR_RETURN(auto x, F()): x gets the value of the StatusOr, or the
// enclosing function returns its error.
#define RG_ASSIGN_OR_RETURN(lhs, expr) \
  RG_ASSIGN_OR_RETURN_IMPL_(RG_CONCAT_(rg_statusor_, __LINE__), lhs, expr)
#define RG_ASSIGN_OR_RETURN_IMPL_(var, lhs, expr)     \
  auto var = (expr);                                  \
  if (!var.ok()) return std::move(var).status();      \
  lhs = *std::move(var)

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_ERRORS_H_
