#include "python/bindings/collection_item.h"

#include <utility>

#include "graph/control_flow.h"
#include "saver/message_item.h"
#include "variables/variable.h"

namespace retrograph {
namespace python {

PythonObject::PythonObject(nb::object object)
    : object_(Keep(object)), type_name_(python::TypeName(object)) {}

absl::optional<std::string> PythonObject::CollectionName() const {
  nb::gil_scoped_acquire gil;
  try {
    nb::object name = nb::getattr(*object_, "name", nb::none());
    if (PyUnicode_Check(name.ptr())) return ToStr(name);
  } catch (nb::python_error&) {
    // A property that raises: for Python, too, there is no name then.
  }
  return absl::nullopt;
}

absl::optional<PlainValue> PythonObject::Plain() const {
  nb::gil_scoped_acquire gil;
  PyObject* const value = object_->ptr();
  if (PyUnicode_Check(value) || PyBytes_Check(value)) return ToStr(*object_);
  if (PyFloat_Check(value)) return PyFloat_AsDouble(value);
  if (PyLong_Check(value)) {
    int overflow = 0;
    const int64_t number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow == 0) return number;
  }
  if (type_name_ == "Any" && nb::hasattr(*object_, "type_url")) {
    google::protobuf::Any any;
    any.set_type_url(ToStr(nb::getattr(*object_, "type_url")));
    any.set_value(ToStr(nb::getattr(*object_, "value")));
    return any;
  }
  return absl::nullopt;
}

absl::StatusOr<absl::optional<std::string>> PythonObject::ToProto(
    absl::string_view export_scope) const {
  return CallPython([&]() -> absl::optional<std::string> {
    nb::object scope = nb::none();
    if (!export_scope.empty()) scope = Utf8(std::string(export_scope));
    nb::object proto =
        nb::getattr(*object_, "to_proto")(nb::arg("export_scope") = scope);
    if (proto.is_none()) return absl::nullopt;
    return ToStr(nb::getattr(proto, "SerializeToString")());
  });
}

CollectionItem CollectionItemOf(nb::handle value) {
  Output output = OutputOf(value);
  if (output.valid()) return output;
  nb::object variable = nb::getattr(value, "_core_variable", nb::none());
  if (!variable.is_none()) {
    return std::shared_ptr<CollectionObject>(
        nb::cast<std::shared_ptr<Variable>>(variable));
  }
  nb::object parts = nb::getattr(value, "_core_partitioned", nb::none());
  if (!parts.is_none()) {
    return std::shared_ptr<CollectionObject>(
        nb::cast<std::shared_ptr<PartitionedVariable>>(parts));
  }
  nb::object context = nb::getattr(value, "_core_context", nb::none());
  if (!context.is_none()) {
    return std::shared_ptr<CollectionObject>(
        nb::cast<std::shared_ptr<ControlFlowContext>>(context));
  }
  nb::object op = nb::getattr(value, "_core_operation", nb::none());
  if (!op.is_none()) {
    return OpOf(nb::cast<Graph&>(op[0]), nb::cast<int>(op[1]));
  }
  // Values, too, are kept as the objects they are: what comes out of a
  // collection is what went in.
  if (PyUnicode_CheckExact(value.ptr()) || PyBytes_CheckExact(value.ptr()) ||
      PyLong_CheckExact(value.ptr()) || PyFloat_CheckExact(value.ptr())) {
    if (PyUnicode_CheckExact(value.ptr())) return ToStr(value);
    if (PyBytes_CheckExact(value.ptr())) {
      return std::shared_ptr<CollectionObject>(
          std::make_shared<BytesItem>(ToStr(value)));
    }
    if (PyFloat_CheckExact(value.ptr())) return nb::cast<double>(value);
    int overflow = 0;
    if (PyLong_CheckExact(value.ptr())) {
      const int64_t number =
          PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
      if (overflow == 0) return number;
    }
  }
  return std::shared_ptr<CollectionObject>(
      std::make_shared<PythonObject>(nb::borrow(value)));
}

nb::object CollectionItemToPython(const CollectionItem& item) {
  if (auto* output = std::get_if<Output>(&item)) {
    return nb::make_tuple("tensor", output->op->id(), output->index);
  }
  if (auto* op = std::get_if<Operation*>(&item)) {
    return nb::make_tuple("operation", (*op)->id());
  }
  if (auto* text = std::get_if<std::string>(&item)) {
    return nb::make_tuple("value", Utf8(*text));
  }
  if (auto* number = std::get_if<int64_t>(&item)) {
    return nb::make_tuple("value", *number);
  }
  if (auto* number = std::get_if<double>(&item)) {
    return nb::make_tuple("value", *number);
  }
  auto object = std::get<std::shared_ptr<CollectionObject>>(item);
  if (auto variable = std::dynamic_pointer_cast<Variable>(object)) {
    return nb::make_tuple("variable", variable);
  }
  if (auto parts = std::dynamic_pointer_cast<PartitionedVariable>(object)) {
    return nb::make_tuple("variable", parts);
  }
  if (auto python = std::dynamic_pointer_cast<PythonObject>(object)) {
    return nb::make_tuple("value", python->object());
  }
  if (auto bytes = std::dynamic_pointer_cast<BytesItem>(object)) {
    return nb::make_tuple("value", ToBytes(bytes->bytes()));
  }
  if (auto message = std::dynamic_pointer_cast<MessageItem>(object)) {
    return nb::make_tuple(
        "value",
        Hook("message_item")(message->TypeName(), ToBytes(message->bytes())));
  }
  if (auto context = std::dynamic_pointer_cast<ControlFlowContext>(object)) {
    return nb::make_tuple("context", context);
  }
  return nb::make_tuple("other", object->TypeName().c_str());
}

nb::object KnownVariable(const CollectionItem& item, nb::dict variables) {
  const auto* object = std::get_if<std::shared_ptr<CollectionObject>>(&item);
  if (object == nullptr) return nb::object();
  const auto* variable = dynamic_cast<const Variable*>(object->get());
  if (variable == nullptr) return nb::object();
  const nb::int_ key(KeyOf(*variable));
  PyObject* known = PyDict_GetItemWithError(variables.ptr(), key.ptr());
  if (known == nullptr && PyErr_Occurred() != nullptr) throw nb::python_error();
  return nb::borrow(known);
}

}  // namespace python
}  // namespace retrograph
