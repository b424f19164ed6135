// What TensorFlow logs goes to the package's logger.
#ifndef RETROGRAPH_PYTHON_BINDINGS_LOG_SINK_H_
#define RETROGRAPH_PYTHON_BINDINGS_LOG_SINK_H_

#include "checkpoint/checkpoint_state.h"

namespace retrograph {
namespace python {

LogSink PythonLog();

}  // namespace python
}  // namespace retrograph

#endif  // RETROGRAPH_PYTHON_BINDINGS_LOG_SINK_H_
