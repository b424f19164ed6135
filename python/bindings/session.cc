// Sessions.
#include "session/session.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "python/bindings/bindings.h"
#include "python/bindings/support.h"
#include "python/bindings/tensors.h"
#include "session/step_trace.h"

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

// (op id, index)
std::vector<Output> Outputs(Graph& graph, nb::list pairs) {
  std::vector<Output> outputs;
  for (nb::handle pair : pairs) outputs.push_back(OutputOfPair(graph, pair));
  return outputs;
}

std::vector<Operation*> Operations(Graph& graph, const std::vector<int>& ids) {
  std::vector<Operation*> ops;
  for (int id : ids) ops.push_back(OpOf(graph, id));
  return ops;
}

// (op id, index, array, dtype)
std::vector<Session::Feed> Feeds(Graph& graph, nb::list feeds) {
  std::vector<Session::Feed> result;
  for (nb::handle feed : feeds) {
    // A copy: the caller may change the array while the graph runs, or after.
    result.emplace_back(
        OutputOfPair(graph, feed),
        TensorFromArray(feed[2],
                        static_cast<DataType>(nb::cast<int>(feed[3]))));
  }
  return result;
}

nb::list Arrays(std::vector<Tensor> values) {
  nb::list arrays;
  for (Tensor& value : values) arrays.append(TensorToArray(std::move(value)));
  return arrays;
}

// Lets Python handle signals, Ctrl-C first of all, while a run goes on; what a
// handler raises ends the run.
class SignalWatch {
 public:
  // Python handles signals in its main thread alone; and in another one, waiting
  // for the GIL could last beyond Python's end.
  static bool IsMainThread() {
    static thread_local const bool is_main = syscall(SYS_gettid) == getpid();
    return is_main;
  }
  // Whether a handler has raised.
  bool operator()() {
    nb::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() == 0) return false;
    raised_.emplace();
    return true;
  }
  void Raise() const {
    if (raised_.has_value()) throw nb::python_error(*raised_);
  }

 private:
  std::optional<nb::python_error> raised_;
};

// Returns one array a fetch. Other threads run meanwhile.
nb::list Run(Session& session, nb::list feeds, nb::list fetches,
             const std::vector<int>& targets, int64_t timeout_ms,
             StepTrace* trace) {
  Graph& graph = *session.graph();
  std::vector<Session::Feed> feed_values = Feeds(graph, feeds);
  const std::vector<Output> outputs = Outputs(graph, fetches);
  const std::vector<Operation*> ops = Operations(graph, targets);
  RunOptions options;
  options.timeout_ms = timeout_ms;
  options.trace = trace;
  SignalWatch signals;
  if (SignalWatch::IsMainThread()) {
    options.is_interrupted = [&signals] { return signals(); };
  }
  absl::StatusOr<std::vector<Tensor>> values;
  {
    nb::gil_scoped_release release;
    values = session.Run(feed_values, outputs, ops, options);
    feed_values.clear();
  }
  signals.Raise();
  return Arrays(Check(std::move(values)));
}

std::string PartialRunSetup(Session& session, nb::list feeds, nb::list fetches,
                            const std::vector<int>& targets) {
  Graph& graph = *session.graph();
  const std::vector<Output> inputs = Outputs(graph, feeds);
  const std::vector<Output> outputs = Outputs(graph, fetches);
  const std::vector<Operation*> ops = Operations(graph, targets);
  absl::StatusOr<std::string> handle;
  {
    nb::gil_scoped_release release;
    handle = session.PartialRunSetup(inputs, outputs, ops);
  }
  return Check(std::move(handle));
}

nb::list PartialRun(Session& session, const std::string& handle,
                    nb::list feeds, nb::list fetches) {
  Graph& graph = *session.graph();
  const std::vector<Session::Feed> feed_values = Feeds(graph, feeds);
  const std::vector<Output> outputs = Outputs(graph, fetches);
  absl::StatusOr<std::vector<Tensor>> values;
  {
    nb::gil_scoped_release release;
    values = session.PartialRun(handle, feed_values, outputs);
  }
  return Arrays(Check(std::move(values)));
}

}  // namespace

void BindSession(nb::module_& m) {
  nb::class_<StepTrace>(m, "StepTrace")
      .def(nb::init<>())
      // A serialized StepStats.
      .def("stats", [](const StepTrace& trace) {
        const std::string stats = trace.Stats().SerializeAsString();
        return nb::bytes(stats.data(), stats.size());
      });
  nb::class_<Session>(m, "Session")
      .def(nb::new_(&NewSession), nb::arg("graph"),
           nb::arg("inter_op_threads") = 0,
           nb::arg("operation_timeout_ms") = 0, nb::arg("cpu_devices") = 1,
           nb::arg("allow_soft_placement") = false)
      .def("run", &Run, nb::arg("feeds"), nb::arg("fetches"),
           nb::arg("targets"), nb::arg("timeout_ms") = 0,
           nb::arg("trace") = nb::none())
      .def("partial_run_setup", &PartialRunSetup)
      .def("partial_run", &PartialRun)
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
