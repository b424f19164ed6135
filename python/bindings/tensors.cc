#include "python/bindings/tensors.h"

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/tensor_proto.h"
#include "python/bindings/support.h"

namespace retrograph {
namespace python {
namespace {

TensorShape ShapeOfArray(nb::handle array) {
  std::vector<int64_t> dims;
  for (nb::handle dim : array.attr("shape")) {
    dims.push_back(nb::cast<int64_t>(dim));
  }
  return Check(TensorShape::Create(dims));
}

Tensor StringsFromArray(nb::handle array) {
  Tensor tensor = Check(Tensor::Allocate(DT_STRING, ShapeOfArray(array)));
  absl::Span<std::string> strings = tensor.mutable_flat<std::string>();
  size_t i = 0;
  for (nb::handle element : array.attr("ravel")().attr("tolist")()) {
    if (!PyBytes_Check(element.ptr()) && !PyUnicode_Check(element.ptr())) {
      RaiseClass("TypeError", "Unsupported object type " + TypeName(element));
    }
    strings[i++] = ToStr(element);
  }
  return tensor;
}

// Releases the memory of an array when the last tensor over it goes.
struct HeldBuffer {
  Py_buffer view;
  ~HeldBuffer() {
    nb::gil_scoped_acquire gil;
    PyBuffer_Release(&view);
  }
};

nb::object StringsToArray(const Tensor& tensor) {
  absl::Span<const std::string> strings = tensor.flat<std::string>();
  if (tensor.shape().rank() == 0) return ToBytes(strings[0]);
  nb::list list;
  for (const std::string& s : strings) list.append(ToBytes(s));
  return Hook("object_array")(list, ShapeToPython(tensor.shape()));
}

}  // namespace

Tensor TensorFromArray(nb::handle array, DataType dtype, bool copy) {
  if (dtype == DT_STRING) return StringsFromArray(array);
  if (!IsPodType(dtype)) {
    RaiseClass("TypeError", "no array can hold a " + DataTypeString(dtype));
  }
  const TensorShape shape = ShapeOfArray(array);
  auto held = std::make_unique<HeldBuffer>();
  held->view.obj = nullptr;
  if (PyObject_GetBuffer(array.ptr(), &held->view, PyBUF_C_CONTIGUOUS) != 0) {
    throw nb::python_error();
  }
  const size_t bytes =
      static_cast<size_t>(shape.num_elements()) * DataTypeSize(dtype);
  if (static_cast<size_t>(held->view.len) != bytes) {
    RaiseClass("ValueError", "the array's bytes do not fit its dtype");
  }
  if (!copy && bytes > 0) {
    const void* data = held->view.buf;
    // A std::function must be copyable.
    std::shared_ptr<HeldBuffer> shared = std::move(held);
    return Tensor::FromExternal(dtype, shape, data,
                                [shared]() mutable { shared.reset(); });
  }
  Tensor tensor = Check(Tensor::Allocate(dtype, shape));
  if (bytes > 0) std::memcpy(tensor.mutable_data(), held->view.buf, bytes);
  return tensor;
}

nb::object TensorToArray(Tensor tensor) {
  if (tensor.dtype() == DT_STRING) return StringsToArray(tensor);
  if (tensor.dtype() == DT_VARIANT) {
    RaiseClass("InternalError",
               "Tensorflow type 21 not convertible to numpy dtype.");
  }
  if (!IsPodType(tensor.dtype())) {
    RaiseClass("InvalidArgumentError",
               "Tensors of type " + DataTypeString(tensor.dtype()) +
                   " cannot be fetched");
  }
  const size_t bytes = tensor.bytes();
  const int dtype = static_cast<int>(tensor.dtype());
  nb::object shape = ShapeToPython(tensor.shape());
  if (bytes <= 256) {  // not worth a reference
    nb::object memory = nb::steal(PyByteArray_FromStringAndSize(
        static_cast<const char*>(bytes ? tensor.data() : nullptr), bytes));
    return Hook("array_from_memory")(memory, shape, dtype);
  }
  auto* owner = new Tensor(std::move(tensor));
  void* data = owner->mutable_data();  // copies if somebody else holds it
  // A writable view of the memory; the capsule keeps the tensor.
  nb::capsule capsule(owner, [](void* p) noexcept {
    delete static_cast<Tensor*>(p);
  });
  return Hook("array_from_address")(reinterpret_cast<uintptr_t>(data), capsule,
                                    shape, dtype);
}

void BindTensors(nb::module_& m) {
  m.def("dtype_size", [](int dtype) {
    return DataTypeSize(static_cast<DataType>(dtype));
  });
  m.def("tensor_proto_to_array", [](nb::bytes proto) {
    return TensorToArray(Check(TensorFromProto(Parsed<TensorProto>(proto))));
  });
  // As tf.make_tensor_proto; `shape` may ask for more elements than there are.
  m.def("array_to_tensor_proto",
        [](nb::handle array, int dtype, nb::object shape) {
          Tensor tensor = TensorFromArray(array, static_cast<DataType>(dtype));
          if (shape.is_none()) return Serialized(MakeTensorProto(tensor));
          TensorShape full = ShapeFromPython(shape).AsTensorShape();
          if (full.num_elements() == tensor.num_elements()) {
            return Serialized(MakeTensorProto(tensor.Reshaped(full)));
          }
          return Serialized(MakeShortTensorProto(tensor, full));
        },
        nb::arg(), nb::arg(), nb::arg().none());
}

}  // namespace python
}  // namespace retrograph
