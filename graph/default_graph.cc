// The stack of default graphs.
//
// Source: tensorflow/python/framework/ops.py (_DefaultGraphStack), which is
// local to each thread, its bottom included.
#include <memory>
#include <utility>
#include <vector>

#include "core/errors.h"
#include "graph/graph.h"

namespace retrograph {
namespace {

struct DefaultStack {
  std::shared_ptr<Graph> bottom;  // made when first asked for
  std::vector<std::shared_ptr<Graph>> stack;
};

DefaultStack& ThreadDefaultStack() {
  static thread_local DefaultStack stack;
  return stack;
}

}  // namespace

std::shared_ptr<Graph> Graph::Default() {
  DefaultStack& defaults = ThreadDefaultStack();
  if (!defaults.stack.empty()) return defaults.stack.back();
  if (defaults.bottom == nullptr) defaults.bottom = Create();
  return defaults.bottom;
}

absl::Status Graph::ResetDefault() {
  DefaultStack& defaults = ThreadDefaultStack();
  if (!defaults.stack.empty()) {
    return AssertionError(
        "Do not use tf.reset_default_graph() to clear nested graphs. If you "
        "need a cleared graph, exit the nesting and create a new graph.");
  }
  defaults.bottom = nullptr;
  return absl::OkStatus();
}

void Graph::PushDefault(std::shared_ptr<Graph> graph) {
  ThreadDefaultStack().stack.push_back(std::move(graph));
}

absl::Status Graph::PopDefault(const Graph* graph) {
  DefaultStack& defaults = ThreadDefaultStack();
  if (defaults.stack.empty()) return absl::OkStatus();
  if (defaults.stack.back().get() != graph) {
    return AssertionError(
        "Nesting violated for default stack of <class "
        "'tensorflow.python.framework.ops.Graph'> objects");
  }
  defaults.stack.pop_back();
  return absl::OkStatus();
}

Graph::AsDefault::AsDefault(std::shared_ptr<Graph> graph)
    : graph_(std::move(graph)) {
  PushDefault(graph_);
}

Graph::AsDefault::~AsDefault() { PopDefault(graph_.get()).IgnoreError(); }

}  // namespace retrograph
