#include "session/session_test_util.h"

#include "core/check.h"
#include "graph/import.h"
#include "ops/standard_ops.h"

namespace retrograph {

KernelFactory LambdaKernelFactory(std::function<void(KernelContext*)> compute,
                                  bool is_expensive) {
  return [compute, is_expensive](
             const Operation&) -> absl::StatusOr<std::unique_ptr<Kernel>> {
    return std::unique_ptr<Kernel>(
        std::make_unique<LambdaKernel>(compute, is_expensive));
  };
}

std::unique_ptr<OpRegistry> StandardRegistryForTesting() {
  auto registry = std::make_unique<OpRegistry>();
  RegisterControlFlowOps(registry.get());
  RegisterArrayOps(registry.get());
  RegisterMathOps(registry.get());
  RegisterComparisonOps(registry.get());
  RegisterUnaryOps(registry.get());
  RegisterStateOps(registry.get());
  RegisterResourceVariableOps(registry.get());
  return registry;
}

GraphDefWriter& GraphDefWriter::Node(const std::string& name,
                                     const std::string& op,
                                     const std::vector<std::string>& inputs,
                                     const AttrList& attrs,
                                     const std::string& device) {
  NodeDef* const node = def_.add_node();
  node->set_name(name);
  node->set_op(op);
  node->set_device(device);
  for (const std::string& input : inputs) node->add_input(input);
  for (const auto& [key, value] : attrs) (*node->mutable_attr())[key] = value;
  return *this;
}

GraphDefWriter& GraphDefWriter::Value(const std::string& name,
                                      const Tensor& value,
                                      const std::vector<std::string>& inputs) {
  return Node(name, "Const", inputs,
              {Attr("dtype", value.dtype()), Attr("value", value)});
}

std::shared_ptr<Graph> GraphDefWriter::Build(const OpRegistry* registry) const {
  std::shared_ptr<Graph> graph = Graph::Create(registry);
  ImportOptions options;
  options.name = "";
  const auto imported = ImportGraphDef(graph.get(), def_, options);
  RG_CHECK(imported.ok(), imported.status().ToString());
  return graph;
}

Traceback PlaceInFile(const std::string& file, int line) {
  Frame outer;
  outer.file = "outer.py";
  outer.line = 1;
  Frame inner;
  inner.file = file;
  inner.line = line;
  return std::make_shared<std::vector<Frame>>(std::vector<Frame>{outer, inner});
}

absl::StatusOr<Tensor> RunOne(
    Session* session, const std::string& fetch,
    const std::vector<std::pair<std::string, Tensor>>& feeds) {
  absl::StatusOr<std::vector<Tensor>> values =
      session->RunByName(feeds, {fetch});
  if (!values.ok()) return values.status();
  return (*values)[0];
}

}  // namespace retrograph
