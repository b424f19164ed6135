#include "python/bindings/collection_item.h"

#include <utility>

#include "variables/variable.h"

namespace retrograph {
namespace python {

PythonObject::PythonObject(nb::object object)
    : object_(Keep(object)), type_name_(python::TypeName(object)) {}

CollectionItem CollectionItemOf(nb::handle value) {
  Output output = OutputOf(value);
  if (output.valid()) return output;
  nb::object variable = nb::getattr(value, "_core_variable", nb::none());
  if (!variable.is_none()) {
    return std::shared_ptr<CollectionObject>(
        nb::cast<std::shared_ptr<Variable>>(variable));
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
  if (auto python = std::dynamic_pointer_cast<PythonObject>(object)) {
    return nb::make_tuple("value", python->object());
  }
  return nb::make_tuple("other", object->TypeName().c_str());
}

}  // namespace python
}  // namespace retrograph
