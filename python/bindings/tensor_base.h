// The C++ side of a tf.Tensor: which output it is. The package's class derives
// from it, so that an argument is known for a tensor without asking Python.
#ifndef RETROGRAPH_PYTHON_BINDINGS_TENSOR_BASE_H_
#define RETROGRAPH_PYTHON_BINDINGS_TENSOR_BASE_H_

#include "graph/operation.h"

namespace retrograph {
namespace python {

struct TensorBase {
  Output output;
};

}  // namespace python
}  // namespace retrograph

#endif  // RETROGRAPH_PYTHON_BINDINGS_TENSOR_BASE_H_
