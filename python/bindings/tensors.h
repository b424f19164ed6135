// Tensors and numpy arrays.
#ifndef RETROGRAPH_PYTHON_BINDINGS_TENSORS_H_
#define RETROGRAPH_PYTHON_BINDINGS_TENSORS_H_

#include <nanobind/nanobind.h>

#include <vector>

#include "core/tensor.h"

namespace retrograph {
namespace python {

// A tensor over an array's memory, which it keeps alive (strings are copied).
// `dtype` says how to read it: a bfloat16 or quantised tensor is given as an
// array of plain integers of that size; a string tensor as an object array of
// bytes or str. The array must be in C order.
Tensor TensorFromArray(nanobind::handle array, DataType dtype,
                       bool copy = true);

// A numpy array (with 0 dimensions: a numpy scalar) that holds the tensor's
// values. The memory is the tensor's own if nobody else has it, else a copy.
nanobind::object TensorToArray(Tensor tensor);

void BindTensors(nanobind::module_& m);

}  // namespace python
}  // namespace retrograph

#endif  // RETROGRAPH_PYTHON_BINDINGS_TENSORS_H_
