// The stack of default graphs.
//
// Source: tensorflow/python/framework/ops.py (_DefaultGraphStack), which is
// local to each thread, its bottom included.
#include <memory>
#include <utility>
#include <vector>

#include "core/errors.h"
#include "graph/graph.h"
#include "graph/graph_impl.h"

namespace retrograph {
namespace {

struct DefaultEntry {
  std::shared_ptr<Graph> graph;
  // The graph's device scopes at that time, as they are by now.
  std::shared_ptr<GraphScopes::DeviceStack> devices;
};

struct DefaultStack {
  std::shared_ptr<Graph> bottom;  // made when first asked for
  std::vector<DefaultEntry> stack;
};

DefaultStack& ThreadDefaultStack() {
  static thread_local DefaultStack stack;
  return stack;
}

}  // namespace

std::shared_ptr<Graph> Graph::Default() {
  DefaultStack& defaults = ThreadDefaultStack();
  if (!defaults.stack.empty()) return defaults.stack.back().graph;
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
  auto devices = graph->impl_->MutableScopes()->devices();
  ThreadDefaultStack().stack.push_back({std::move(graph), std::move(devices)});
}

absl::Status Graph::PopDefault(const Graph* graph) {
  DefaultStack& defaults = ThreadDefaultStack();
  if (defaults.stack.empty()) return absl::OkStatus();
  if (defaults.stack.back().graph.get() != graph) {
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

void Graph::EnterInitScope() {
  GraphScopes* const scopes = impl_->MutableScopes();
  auto devices = scopes->devices();
  const DefaultStack& defaults = ThreadDefaultStack();
  if (!scopes->has_devices() && !defaults.stack.empty() &&
      defaults.stack.back().graph.get() == this) {
    devices = defaults.stack.back().devices;
  }
  // An init scope is a default of its own: the next one within sees the device
  // scopes that are in force here.
  PushDefault(shared_from_this());
  scopes->PushDeviceStack(std::move(devices));
  scopes->PushControlDependencies({}, /*clear=*/true);
}

void Graph::ExitInitScope() {
  GraphScopes* const scopes = impl_->MutableScopes();
  scopes->PopControlDependencies();
  scopes->PopDeviceStack();
  PopDefault(this).IgnoreError();
}

}  // namespace retrograph
