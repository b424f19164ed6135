// Errors between C++ and Python.
//
// A callback's exception is kept here under a number while its status passes
// through C++; the status carries the number as its class name.
#include <deque>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "python/bindings/support.h"

namespace retrograph {
namespace python {
namespace {

constexpr char kCallbackClass[] = "python exception ";
// Exceptions under way are few: callbacks nest, they do not queue.
constexpr size_t kMaxKept = 64;

struct KeptExceptions {
  int64_t last = 0;
  std::deque<std::pair<int64_t, nb::object>> kept;
};

KeptExceptions& Kept() {
  static auto* kept = new KeptExceptions();  // guarded by the GIL
  return *kept;
}

[[noreturn]] void RaiseObject(nb::handle exception) {
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())),
                  exception.ptr());
  throw nb::python_error();
}

absl::Status& DeviceError() {
  static thread_local absl::Status error;
  return error;
}

// The code of a tf.errors.OpError.
absl::StatusCode CodeOf(nb::handle exception) {
  nb::object code = nb::getattr(exception, "error_code", nb::none());
  if (!PyLong_Check(code.ptr())) return absl::StatusCode::kUnknown;
  const int number = nb::cast<int>(code);
  return number >= 1 && number <= 16 ? static_cast<absl::StatusCode>(number)
                                     : absl::StatusCode::kUnknown;
}

}  // namespace

nb::object KeptException(const absl::Status& status) {
  const std::string class_name = ErrorClassName(status);
  absl::string_view text = class_name;
  int64_t number = 0;
  if (absl::ConsumePrefix(&text, kCallbackClass) &&
      absl::SimpleAtoi(text, &number)) {
    for (const auto& [kept_number, exception] : Kept().kept) {
      if (kept_number == number) return exception;
    }
  }
  return nb::none();
}

absl::Status FromPythonError(nb::python_error& error) {
  KeptExceptions& kept = Kept();
  nb::object value = nb::borrow(error.value());
  if (!PyExceptionInstance_Check(value.ptr())) {
    value = error.type()(value);  // raised in C, and not yet an object
  }
  kept.kept.emplace_back(++kept.last, value);
  if (kept.kept.size() > kMaxKept) kept.kept.pop_front();
  std::string text;
  try {
    text = nb::cast<std::string>(nb::str(value));
  } catch (const std::exception&) {
    PyErr_Clear();
  }
  return PythonError(absl::StrCat(kCallbackClass, kept.last), CodeOf(value),
                     text);
}

void Raise(const absl::Status& status) {
  nb::object exception = KeptException(status);
  if (!exception.is_none()) RaiseObject(exception);
  exception =
      Hook("make_error")(ErrorClassName(status), Utf8(std::string(status.message())),
                         ErrorOpName(status), ErrorHint(status));
  RaiseObject(exception);
}

void KeepDeviceError(absl::Status status) {
  DeviceError().Update(std::move(status));
}

void RaiseDeviceError() {
  absl::Status error = std::exchange(DeviceError(), absl::OkStatus());
  if (!error.ok()) Raise(error);
}

void RaiseClass(const char* class_name, const std::string& text) {
  RaiseObject(Hook("make_error")(class_name, Utf8(text), "", ""));
}

}  // namespace python
}  // namespace retrograph
