// What all bindings share: errors between C++ and Python, where the Python
// caller stands, and arguments of a Python call.
//
// The bindings are thin: graphs, operations and tensors go up as numbers (an
// operation is its id, an output an (id, index) pair), protobuf messages as
// bytes, values as numpy arrays. The package on top makes objects of them.
#ifndef RETROGRAPH_PYTHON_BINDINGS_SUPPORT_H_
#define RETROGRAPH_PYTHON_BINDINGS_SUPPORT_H_

#include <nanobind/nanobind.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/errors.h"
#include "graph/builder.h"
#include "graph/graph.h"
#include "proto/attr_value.pb.h"

namespace retrograph {
namespace python {

namespace nb = nanobind;

// ---- Errors ----

// Raises the Python exception for an error: the one that a callback raised, if
// the error is that, or one of TensorFlow's class and text.
[[noreturn]] void Raise(const absl::Status& status);
inline void Check(const absl::Status& status) {
  if (!status.ok()) Raise(status);
}
template <typename T>
T Check(absl::StatusOr<T> value) {
  if (!value.ok()) Raise(value.status());
  return *std::move(value);
}
// Raises a Python exception of a class given by name.
[[noreturn]] void RaiseClass(const char* class_name, const std::string& text);

// Runs Python code from inside a C++ call: an exception becomes a status,
// which Raise() turns into the same exception again.
absl::Status FromPythonError(nb::python_error& error);
// The exception that `status` stands for; None if it is not of that kind.
nb::object KeptException(const absl::Status& status);
template <typename F>
auto CallPython(F&& f) -> absl::StatusOr<decltype(f())> {
  nb::gil_scoped_acquire gil;
  try {
    return f();
  } catch (nb::python_error& error) {
    return FromPythonError(error);
  }
}

// A device function of the user's cannot fail: the graph asks for no status.
// Its error is kept here, for this thread, and raised once the op is there.
void KeepDeviceError(absl::Status status);
void RaiseDeviceError();

// A Python object that may be copied and dropped without the GIL held.
std::shared_ptr<nb::object> Keep(nb::object object);

// ---- Hooks: what the package tells the bindings ----

// A module attribute set by _core.set_hook(name, value); raises if absent.
nb::handle Hook(const char* name);
void BindSupport(nb::module_& m);

// ---- Where the caller stands ----

// The user's Python frames, innermost last; frames of the package itself are
// left out. Source lines are read only when somebody prints them.
Traceback UserTraceback();

// What every call that may add operations holds: the operations it makes are
// the user's line's.
class CallSite {
 public:
  CallSite() : scope_(UserTraceback()) {}

 private:
  ScopedTraceback scope_;
};

// ---- Arguments ----

std::string ToStr(nb::handle h);  // a str or bytes, as bytes
std::string Repr(nb::handle h);
std::string TypeName(nb::handle h);  // type(h).__name__
nb::bytes ToBytes(const std::string& text);
nb::object Utf8(const std::string& text);  // a str; bad bytes are replaced
template <typename Message>
nb::bytes Serialized(const Message& message) {
  return ToBytes(message.SerializeAsString());
}
template <typename Message>
Message Parsed(nb::bytes bytes) {
  Message message;
  if (!message.ParseFromArray(bytes.c_str(), static_cast<int>(bytes.size()))) {
    RaiseClass("DecodeError", "Error parsing message");
  }
  return message;
}

// The shape as a list of int or None, or None for an unknown rank.
nb::object ShapeToPython(const PartialTensorShape& shape);
PartialTensorShape ShapeFromPython(nb::handle h);

// An operation of `graph` by its id.
Operation* OpOf(Graph& graph, int id);
// None, or an (op id, index) pair.
nb::object OutputToPython(const Output& output);
// The output behind a tf.Tensor; invalid if `h` is none.
Output OutputOf(nb::handle h);

// An argument of an op: a tensor, a variable, or a value that the package
// converts when the op says what it needs. With `op_type`, errors of the
// conversion name the op and the argument.
Input InputOf(nb::handle h, const std::string& op_type = "");
// An element of a list argument.
Input ElementOf(nb::handle h);

// A value for an attr of the type that an OpDef names; TypeError with
// TensorFlow's texts for another kind of value.
AttrValue AttrOf(nb::handle value, const std::string& type,
                 const std::string& arg_name);

// The attr as Python's Operation.get_attr returns it, for those that are
// simple; a "tensor" comes as bytes of a TensorProto.
nb::object AttrToPython(const AttrValue& value);

}  // namespace python
}  // namespace retrograph

#endif  // RETROGRAPH_PYTHON_BINDINGS_SUPPORT_H_
