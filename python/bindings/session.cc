// Sessions.
#include "session/session.h"

#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "python/bindings/bindings.h"
#include "python/bindings/support.h"
#include "python/bindings/tensors.h"

namespace retrograph {
namespace python {
namespace {

std::unique_ptr<Session> NewSession(const std::shared_ptr<Graph>& graph,
                                    int inter_op_threads,
                                    int64_t operation_timeout_ms,
                                    int cpu_devices,
                                    bool allow_soft_placement) {
  SessionOptions options;
  options.inter_op_threads = inter_op_threads;
  options.operation_timeout_ms = operation_timeout_ms;
  options.cpu_devices = cpu_devices;
  options.allow_soft_placement = allow_soft_placement;
  return Check(Session::Create(graph, options));
}

Output OutputOfPair(Graph& graph, nb::handle pair) {
  return Output{OpOf(graph, nb::cast<int>(pair[0])), nb::cast<int>(pair[1])};
}

// feeds: (op id, index, array, dtype); fetches: (op id, index); targets: op
// ids. Returns one array a fetch. Other threads run meanwhile.
nb::list Run(Session& session, nb::list feeds, nb::list fetches,
             const std::vector<int>& targets) {
  Graph& graph = *session.graph();
  std::vector<Session::Feed> feed_values;
  for (nb::handle feed : feeds) {
    // A copy: the caller may change the array while the graph runs, or after.
    feed_values.emplace_back(
        OutputOfPair(graph, feed),
        TensorFromArray(feed[2],
                        static_cast<DataType>(nb::cast<int>(feed[3]))));
  }
  std::vector<Output> outputs;
  for (nb::handle fetch : fetches) outputs.push_back(OutputOfPair(graph, fetch));
  std::vector<Operation*> ops;
  for (int id : targets) ops.push_back(OpOf(graph, id));
  absl::StatusOr<std::vector<Tensor>> values;
  {
    nb::gil_scoped_release release;
    values = session.Run(feed_values, outputs, ops);
    feed_values.clear();
  }
  Check(values.status());
  nb::list arrays;
  for (Tensor& value : *values) arrays.append(TensorToArray(std::move(value)));
  return arrays;
}

}  // namespace

void BindSession(nb::module_& m) {
  nb::class_<Session>(m, "Session")
      .def(nb::new_(&NewSession), nb::arg("graph"),
           nb::arg("inter_op_threads") = 0,
           nb::arg("operation_timeout_ms") = 0, nb::arg("cpu_devices") = 1,
           nb::arg("allow_soft_placement") = false)
      .def("run", &Run)
      .def("close",
           [](Session& s) {
             absl::Status status;
             {
               nb::gil_scoped_release release;
               status = s.Close();
             }
             Check(status);
           })
      .def_prop_ro("closed", [](Session& s) { return s.closed(); });
}

}  // namespace python
}  // namespace retrograph
