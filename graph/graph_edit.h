// Changes of an operation that is in its graph already: what Operation's
// private methods (_set_device, _update_input, ...) are in TensorFlow, for code
// that rewires graphs. A finalised graph may be changed, too, as there.
//
// Threads: as set_shape, for whoever builds the graph; no session may run it at
// the same time. What a session has run before goes on as it was.
//
// Source: tensorflow/c/python_api.cc, tensorflow/core/graph/graph.cc
// (Graph::UpdateEdge), as observed.
#ifndef RETROGRAPH_GRAPH_GRAPH_EDIT_H_
#define RETROGRAPH_GRAPH_GRAPH_EDIT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "graph/operation.h"

namespace retrograph {

// The text as it is, whether it names a device or not: the session says.
void SetRequestedDevice(Operation* op, absl::string_view device);

// Makes `tensor`, of the same graph, input `index` of the op; the shapes of its
// outputs stay what they are. OutOfRange if there is no such input,
// InvalidArgument if the shape contradicts the old input's or the op does not
// take the type, which TensorFlow says only when a session runs it.
absl::Status ReplaceInput(Operation* op, int index, const Output& tensor);

void RemoveControlInputs(Operation* op);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_GRAPH_EDIT_H_
