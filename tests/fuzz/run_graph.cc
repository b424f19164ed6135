#include "tests/fuzz/run_graph.h"

#include <algorithm>
#include <vector>

#include "core/check.h"
#include "core/mem_file_system.h"
#include "graph/import.h"
#include "ops/standard_ops.h"
#include "session/session.h"

namespace retrograph {
namespace fuzz {
namespace {

constexpr int kMostNodes = 40;
constexpr int kMostOutputs = 4;
constexpr int64_t kTimeLimitMs = 100;

}  // namespace

void RunEverything(const std::shared_ptr<Graph>& graph) {
  MemFileSystem files;
  RG_CHECK(files.CreateDirectories("/d").ok(), "no folder");
  SessionOptions options;
  options.file_system = &files;
  options.inter_op_threads = 1;
  options.operation_timeout_ms = kTimeLimitMs;
  const auto session = Session::Create(graph, options);
  RG_CHECK(session.ok(), "no session");
  const int count = std::min(graph->num_operations(), kMostNodes);
  for (int i = 0; i < count; ++i) {
    Operation* const op = graph->operation(i);
    std::vector<Output> fetches;
    for (int k = 0; k < std::min(op->num_outputs(), kMostOutputs); ++k) {
      fetches.push_back(op->output(k));
    }
    const auto values = (*session)->Run({}, fetches, {op});
    if (!values.ok()) continue;
    // Reads the values, so that a tensor of another size is found.
    for (const Tensor& value : *values) value.DebugString();
  }
}

void ImportAndRun(const GraphDef& graph_def) {
  RegisterStandardOps();
  const std::shared_ptr<Graph> graph = Graph::Create();
  ImportOptions options;
  options.name = "";
  if (!ImportGraphDef(graph.get(), graph_def, options).ok()) return;
  graph->ToGraphDef(/*add_shapes=*/true);
  RunEverything(graph);
  // Into a graph that has these names.
  ImportGraphDef(graph.get(), graph_def, options).status().IgnoreError();
}

}  // namespace fuzz
}  // namespace retrograph
