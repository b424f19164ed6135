// From Python arguments to inputs and attrs.
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "python/bindings/support.h"
#include "python/bindings/tensor_base.h"
#include "python/bindings/tensors.h"
#include "variables/variable.h"

namespace retrograph {
namespace python {
namespace {

[[noreturn]] void RaiseKind(const char* kind, const std::string& arg_name,
                            nb::handle value) {
  RaiseClass("TypeError", absl::StrCat("Expected ", kind, " for argument '",
                                       arg_name, "' not ", Repr(value), "."));
}

bool IsText(nb::handle h) {
  return PyUnicode_Check(h.ptr()) || PyBytes_Check(h.ptr());
}

int64_t IntOf(nb::handle value, const std::string& arg_name) {
  if (!IsText(value)) {
    PyObject* number = PyNumber_Long(value.ptr());
    if (number != nullptr) {
      const int64_t result = PyLong_AsLongLong(number);
      Py_DECREF(number);
      if (result == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        RaiseClass("ValueError",
                   absl::StrCat("Value out of range: ", Repr(value)));
      }
      return result;
    }
    PyErr_Clear();
  }
  RaiseKind("int", arg_name, value);
}

float FloatOf(nb::handle value, const std::string& arg_name) {
  if (!nb::cast<bool>(Hook("is_real")(value))) {
    RaiseKind("float", arg_name, value);
  }
  return static_cast<float>(PyFloat_AsDouble(value.ptr()));
}

bool BoolOf(nb::handle value, const std::string& arg_name) {
  if (!PyBool_Check(value.ptr())) RaiseKind("bool", arg_name, value);
  return value.ptr() == Py_True;
}

std::string StringOf(nb::handle value, const std::string& arg_name) {
  if (!IsText(value)) RaiseKind("string", arg_name, value);
  return ToStr(value);
}

DataType TypeOf(nb::handle value, const std::string& arg_name) {
  nb::object number = Hook("dtype_number")(value);  // None: no dtype
  if (number.is_none()) RaiseKind("DataType", arg_name, value);
  return RemoveRefType(static_cast<DataType>(nb::cast<int>(number)));
}

TensorShapeProto ShapeProtoOf(nb::handle value, const std::string& arg_name) {
  return Parsed<TensorShapeProto>(
      nb::cast<nb::bytes>(Hook("shape_proto")(value, arg_name)));
}

TensorProto TensorProtoOf(nb::handle value, const std::string& arg_name) {
  return Parsed<TensorProto>(
      nb::cast<nb::bytes>(Hook("tensor_proto")(value, arg_name)));
}

// A NameAttrList.
NameAttrList FunctionOf(nb::handle value, const std::string& arg_name) {
  if (!nb::hasattr(value, "SerializeToString")) {
    RaiseClass("TypeError",
               absl::StrCat("Don't know how to convert ", Repr(value),
                            " to a func for argument ", arg_name));
  }
  return Parsed<NameAttrList>(
      nb::cast<nb::bytes>(value.attr("SerializeToString")()));
}

// One element of a list attr.
void AddToList(nb::handle v, absl::string_view type, const std::string& name,
               AttrValue::ListValue* list) {
  if (type == "int") {
    list->add_i(IntOf(v, name));
  } else if (type == "float") {
    list->add_f(FloatOf(v, name));
  } else if (type == "bool") {
    list->add_b(BoolOf(v, name));
  } else if (type == "string") {
    list->add_s(StringOf(v, name));
  } else if (type == "type") {
    list->add_type(TypeOf(v, name));
  } else if (type == "shape") {
    *list->add_shape() = ShapeProtoOf(v, name);
  } else if (type == "tensor") {
    *list->add_tensor() = TensorProtoOf(v, name);
  } else {
    RaiseClass("TypeError", absl::StrCat("Attrs of type list(", std::string(type),
                                         ") cannot be given"));
  }
}

// A value that the package converts when the op says what it needs. `op_type`
// is for the texts of its errors; "" leaves them as they are.
Input ValueInput(nb::handle h, const std::string& op_type) {
  std::shared_ptr<nb::object> value = Keep(nb::borrow(h));
  return Input::FromConverter(
      [value, op_type](GraphBuilder* builder, DataType dtype, DataType preferred,
              absl::string_view name) -> absl::StatusOr<Output> {
        return CallPython([&] {
          nb::object tensor = Hook("convert")(
              *value, static_cast<int>(dtype), std::string(name).c_str(),
              static_cast<int>(preferred),
              builder->graph()->unique_graph_key(), op_type.c_str());
          return OutputOf(tensor);
        });
      });
}

// The converter of an element of a list: the op has one text for all elements
// that do not fit, so that their own exceptions are not needed.
Input::Converter WithoutException(Input::Converter converter) {
  return [converter](GraphBuilder* builder, DataType dtype, DataType preferred,
                     absl::string_view name) -> absl::StatusOr<Output> {
    absl::StatusOr<Output> output =
        converter(builder, dtype, preferred, name);
    if (output.ok()) return output;
    nb::gil_scoped_acquire gil;
    const nb::object exception = KeptException(output.status());
    if (nb::isinstance(exception, PyExc_TypeError)) {
      return TypeError(output.status().message());
    }
    if (nb::isinstance(exception, PyExc_ValueError)) {
      return ValueError(output.status().message());
    }
    return output;
  };
}

}  // namespace

Output OutputOf(nb::handle h) {
  TensorBase* base = nullptr;
  if (!nb::try_cast(h, base) || base == nullptr) return Output();
  return base->output;
}

Input InputOf(nb::handle h, const std::string& op_type) {
  Output output = OutputOf(h);
  if (output.valid()) return Input(output);
  nb::object variable = nb::getattr(h, "_core_variable", nb::none());
  if (!variable.is_none()) {
    return nb::cast<std::shared_ptr<Variable>>(variable)->AsInput();
  }
  return ValueInput(h, op_type);
}

Input ElementOf(nb::handle h) {
  Input input = InputOf(h);
  if (!input.is_custom()) return input;
  return Input::FromConverter(WithoutException(input.converter()));
}

AttrValue AttrOf(nb::handle value, const std::string& type,
                 const std::string& name) {
  AttrValue attr;
  absl::string_view element = type;
  if (absl::ConsumePrefix(&element, "list(")) {
    absl::ConsumeSuffix(&element, ")");
    if (!PyList_Check(value.ptr()) && !PyTuple_Check(value.ptr())) {
      RaiseClass("TypeError", absl::StrCat("Expected list for attr ", name));
    }
    AttrValue::ListValue* list = attr.mutable_list();
    for (nb::handle v : value) AddToList(v, element, name, list);
  } else if (type == "int") {
    attr.set_i(IntOf(value, name));
  } else if (type == "float") {
    attr.set_f(FloatOf(value, name));
  } else if (type == "bool") {
    attr.set_b(BoolOf(value, name));
  } else if (type == "string") {
    attr.set_s(StringOf(value, name));
  } else if (type == "type") {
    attr.set_type(TypeOf(value, name));
  } else if (type == "shape") {
    *attr.mutable_shape() = ShapeProtoOf(value, name);
  } else if (type == "tensor") {
    *attr.mutable_tensor() = TensorProtoOf(value, name);
  } else if (type == "func") {
    *attr.mutable_func() = FunctionOf(value, name);
  } else {
    RaiseClass("TypeError",
               absl::StrCat("Attrs of type ", type, " cannot be given"));
  }
  return attr;
}

namespace {

nb::object ListToPython(const AttrValue::ListValue& list) {
  nb::list result;
  for (const std::string& s : list.s()) result.append(ToBytes(s));
  for (int64_t i : list.i()) result.append(i);
  for (float f : list.f()) result.append(f);
  for (bool b : list.b()) result.append(b);
  for (int t : list.type()) result.append(Hook("dtype")(t));
  for (const TensorShapeProto& shape : list.shape()) {
    result.append(Hook("shape_message")(Serialized(shape)));
  }
  for (const TensorProto& tensor : list.tensor()) {
    result.append(Hook("tensor_message")(Serialized(tensor)));
  }
  return result;
}

}  // namespace

nb::object AttrToPython(const AttrValue& value) {
  switch (value.value_case()) {
    case AttrValue::kS: return ToBytes(value.s());
    case AttrValue::kI: return nb::int_(value.i());
    case AttrValue::kF: return nb::float_(value.f());
    case AttrValue::kB: return nb::bool_(value.b());
    case AttrValue::kType: return Hook("dtype")(static_cast<int>(value.type()));
    case AttrValue::kShape:
      return Hook("shape_message")(Serialized(value.shape()));
    case AttrValue::kTensor:
      return Hook("tensor_message")(Serialized(value.tensor()));
    case AttrValue::kFunc:
      return Hook("function_message")(Serialized(value.func()));
    case AttrValue::kList: return ListToPython(value.list());
    default: return nb::none();
  }
}

}  // namespace python
}  // namespace retrograph
