// Parts of graphs, and frozen ones.
#include "graph/graph_util.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "python/bindings/bindings.h"
#include "python/bindings/log_sink.h"
#include "python/bindings/support.h"
#include "saver/freeze.h"

namespace retrograph {
namespace python {
namespace {

nb::bytes Freeze(Session& session, nb::bytes graph_def,
                 const std::vector<std::string>& output_node_names,
                 nb::object only, const std::vector<std::string>& except) {
  FreezeOptions options;
  if (!only.is_none()) {
    options.only.emplace();
    for (nb::handle name : nb::list(only)) options.only->insert(ToStr(name));
  }
  options.except = std::set<std::string>(except.begin(), except.end());
  options.log = PythonLog();
  const GraphDef graph = Parsed<GraphDef>(graph_def);
  absl::StatusOr<GraphDef> frozen;
  {
    nb::gil_scoped_release release;
    frozen = ConvertVariablesToConstants(&session, graph, output_node_names,
                                         options);
  }
  return Serialized(Check(std::move(frozen)));
}

}  // namespace

void BindGraphUtil(nb::module_& m) {
  m.def("extract_sub_graph",
        [](nb::bytes graph_def, const std::vector<std::string>& dest_nodes) {
          return Serialized(Check(
              ExtractSubGraph(Parsed<GraphDef>(graph_def), dest_nodes)));
        });
  m.def("remove_training_nodes",
        [](nb::bytes graph_def, const std::vector<std::string>& kept) {
          return Serialized(
              RemoveTrainingNodes(Parsed<GraphDef>(graph_def), kept));
        });
  m.def("must_run_on_cpu", [](nb::bytes node_def, bool pin_variables_on_cpu) {
    return MustRunOnCpu(Parsed<NodeDef>(node_def), pin_variables_on_cpu);
  });
  m.def("tensor_shape_from_node_def_name",
        [](const std::shared_ptr<Graph>& graph, const std::string& name) {
          return ShapeToPython(
              Check(TensorShapeFromNodeDefName(*graph, name)));
        });
  m.def("convert_variables_to_constants", &Freeze, nb::arg("session"),
        nb::arg("graph_def"), nb::arg("output_node_names"),
        nb::arg("only").none(), nb::arg("except_names"));
}

}  // namespace python
}  // namespace retrograph
