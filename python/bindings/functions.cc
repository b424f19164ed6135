// Functions of a graph's library: tracing their bodies, adding them.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "graph/function_def.h"
#include "graph/function_trace.h"
#include "graph/graph.h"
#include "graph/unique_id.h"
#include "python/bindings/bindings.h"
#include "python/bindings/support.h"
#include "python/bindings/tensors.h"

namespace retrograph {
namespace python {
namespace {

using Pairs = std::vector<std::pair<int, int>>;  // (op id, index)

std::vector<Output> OutputsOf(Graph& graph, const Pairs& pairs) {
  std::vector<Output> outputs;
  for (const auto& [op, index] : pairs) {
    outputs.push_back(Output{OpOf(graph, op), index});
  }
  return outputs;
}

// Adds the function that was traced to the library of `graph`. Its arguments
// are `arguments`, then what it captured.
void AddFunction(FunctionTrace& trace, Graph& graph, const std::string& name,
                 const Pairs& arguments, const Pairs& results) {
  FunctionBody body;
  body.name = name;
  body.graph = trace.body()->shared_from_this();
  body.arguments = OutputsOf(*body.graph, arguments);
  for (const auto& capture : trace.captures()) {
    body.arguments.push_back(capture.second);
  }
  body.results = OutputsOf(*body.graph, results);
  std::vector<Operation*> result_ops;
  for (const Output& result : body.results) result_ops.push_back(result.op);
  body.must_run =
      AddAutomaticControlDependencies(body.graph.get(), result_ops);
  FunctionDefLibrary library = LibraryOf(*body.graph);
  *library.add_function() = Check(ToFunctionDef(body));
  Check(graph.CheckNotFinalized());
  graph.AddFunctions(library);
}

}  // namespace

void BindFunctions(nb::module_& m) {
  nb::class_<FunctionTrace>(m, "FunctionTrace")
      .def("__init__",
           [](FunctionTrace* self, const std::shared_ptr<Graph>& body) {
             new (self) FunctionTrace(body);
           })
      .def("enter", &FunctionTrace::Enter)
      .def("exit", &FunctionTrace::Exit)
      // (op id, index) in the body of a tensor of any graph.
      .def("capture",
           [](FunctionTrace& trace, nb::object tensor) {
             CallSite call_site;
             return OutputToPython(Check(trace.Capture(OutputOf(tensor))));
           })
      // (graph's key, (op id, index)) of the tensors outside.
      .def("captured",
           [](FunctionTrace& trace) {
             nb::list captured;
             for (const auto& capture : trace.captures()) {
               captured.append(nb::make_tuple(
                   capture.first.graph()->unique_graph_key(),
                   OutputToPython(capture.first)));
             }
             return captured;
           })
      .def("add_function", &AddFunction);
  m.def("take_unique_id", [] { return TakeUniqueIds(); });
}

}  // namespace python
}  // namespace retrograph
