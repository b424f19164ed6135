// The definitions of ops that a graph was imported with and that the registry
// does not know.
#include <string>

#include "graph/graph_impl.h"
#include "graph/import.h"
#include "graph/importer.h"

namespace retrograph {

void KeepForeignOpDefs(Graph* graph, const OpList& ops) {
  auto& impl = Importer::ImplOf(*graph);
  WriterLock lock(&impl.mu);
  for (const OpDef& op : ops.op()) {
    if (graph->registry()->Find(op.name()) == nullptr) {
      impl.foreign_ops.try_emplace(op.name(), op);
    }
  }
}

absl::optional<OpDef> FindForeignOpDef(const Graph& graph,
                                       absl::string_view op) {
  auto& impl = Importer::ImplOf(graph);
  ReaderLock lock(&impl.mu);
  const auto it = impl.foreign_ops.find(std::string(op));
  if (it == impl.foreign_ops.end()) return absl::nullopt;
  return it->second;
}

}  // namespace retrograph
