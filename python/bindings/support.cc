#include "python/bindings/support.h"

#include <string>
#include <utility>
#include <vector>

namespace retrograph {
namespace python {
namespace {

nb::dict& Hooks() {
  static auto* hooks = new nb::dict();  // lives as long as the process
  return *hooks;
}

}  // namespace

nb::handle Hook(const char* name) {
  PyObject* hook = PyDict_GetItemString(Hooks().ptr(), name);
  if (hook == nullptr) {
    PyErr_Format(PyExc_RuntimeError, "retrograph._core: no hook '%s'", name);
    throw nb::python_error();
  }
  return nb::handle(hook);
}

std::shared_ptr<nb::object> Keep(nb::object object) {
  return std::shared_ptr<nb::object>(
      new nb::object(std::move(object)), [](nb::object* kept) {
        nb::gil_scoped_acquire gil;
        delete kept;
      });
}

std::string ToStr(nb::handle h) {
  if (PyBytes_Check(h.ptr())) {
    char* data = nullptr;
    Py_ssize_t size = 0;
    PyBytes_AsStringAndSize(h.ptr(), &data, &size);
    return std::string(data, size);
  }
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(h.ptr(), &size);
  if (data == nullptr) throw nb::python_error();
  return std::string(data, size);
}

std::string Repr(nb::handle h) { return ToStr(nb::repr(h)); }

std::string TypeName(nb::handle h) {
  return ToStr(nb::handle(reinterpret_cast<PyObject*>(Py_TYPE(h.ptr())))
                   .attr("__name__"));
}

nb::bytes ToBytes(const std::string& text) {
  return nb::bytes(text.data(), text.size());
}

nb::object Utf8(const std::string& text) {
  PyObject* str = PyUnicode_DecodeUTF8(text.data(), text.size(), "replace");
  if (str == nullptr) throw nb::python_error();
  return nb::steal(str);
}

nb::object ShapeToPython(const PartialTensorShape& shape) {
  if (shape.unknown_rank()) return nb::none();
  nb::list dims;
  for (int64_t dim : shape.dims()) {
    if (dim < 0) {
      dims.append(nb::none());
    } else {
      dims.append(dim);
    }
  }
  return dims;
}

PartialTensorShape ShapeFromPython(nb::handle h) {
  if (h.is_none()) return PartialTensorShape();
  std::vector<int64_t> dims;
  for (nb::handle dim : h) {
    dims.push_back(dim.is_none() ? -1 : nb::cast<int64_t>(dim));
  }
  return Check(PartialTensorShape::Create(dims));
}

Operation* OpOf(Graph& graph, int id) {
  if (id < 1 || id > graph.num_operations()) {
    PyErr_SetString(PyExc_IndexError, "no operation of this number");
    throw nb::python_error();
  }
  return graph.operation(id - 1);
}

nb::object OutputToPython(const Output& output) {
  if (!output.valid()) return nb::none();
  return nb::make_tuple(output.op->id(), output.index);
}

void BindSupport(nb::module_& m) {
  m.def("set_hook", [](nb::str name, nb::object value) {
    Hooks()[name] = value;
  });
}

}  // namespace python
}  // namespace retrograph
