#include "gradients/between_ops.h"

#include <deque>

#include "absl/types/span.h"
#include "ops/loop_gradient.h"

namespace retrograph {

bool IsTrainable(const Output& output) {
  switch (RemoveRefType(output.dtype())) {
    case DT_HALF:
    case DT_FLOAT:
    case DT_DOUBLE:
    case DT_COMPLEX64:
    case DT_COMPLEX128:
    case DT_RESOURCE:
    case DT_VARIANT:
      return true;
    default:
      return false;
  }
}

namespace {

bool IsBackpropagatable(const Output& output) {
  return IsTrainable(output) ||
         RemoveRefType(output.dtype()) == DT_BFLOAT16;
}

// By id: the ops that read an output through which gradients can flow.
class Consumers {
 public:
  explicit Consumers(const Graph* graph)
      : starts_(graph->num_operations() + 2) {
    ForEachEdge(graph, [this](int from, int) { ++starts_[from + 1]; });
    for (size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
    consumers_.resize(starts_.back());
    std::vector<int> at = starts_;
    ForEachEdge(graph,
                [&](int from, int to) { consumers_[at[from]++] = to; });
  }
  absl::Span<const int> Of(int id) const {
    return absl::MakeConstSpan(consumers_)
        .subspan(starts_[id], starts_[id + 1] - starts_[id]);
  }

 private:
  template <typename F>
  static void ForEachEdge(const Graph* graph, const F& f) {
    const int count = graph->num_operations();
    for (int i = 0; i < count; ++i) {
      const Operation* op = graph->operation(i);
      for (const Output& input : op->inputs()) {
        if (IsBackpropagatable(input)) f(input.op->id(), op->id());
      }
    }
  }

  std::vector<int> starts_;
  std::vector<int> consumers_;
};

// By id: the ops that an x flows into.
std::vector<bool> Reached(const Graph* graph, const std::vector<Output>& xs) {
  const int count = graph->num_operations();
  std::vector<bool> reached(count + 1);
  std::vector<int> queue;  // ids
  for (const Output& x : xs) {
    if (reached[x.op->id()]) continue;
    reached[x.op->id()] = true;
    queue.push_back(x.op->id());
  }
  // An op may be older than what it reads: in a branch, in a loop.
  const Consumers consumers(graph);
  while (!queue.empty()) {
    const int id = queue.back();
    queue.pop_back();
    for (int consumer : consumers.Of(id)) {
      if (reached[consumer]) continue;
      reached[consumer] = true;
      queue.push_back(consumer);
    }
  }
  return reached;
}

}  // namespace

BetweenOps::BetweenOps(const Graph* graph, const std::vector<Output>& ys,
                       const std::vector<Output>& xs,
                       const ExitsOf& exits_of) {
  const std::vector<bool> reached = Reached(graph, xs);
  std::vector<bool> visited(reached.size());
  std::deque<Operation*> queue;
  for (const Output& y : ys) {
    if (reached[y.op->id()]) reachable_ys_.insert(y.op);
    queue.push_back(y.op);
  }
  std::vector<Operation*> between;
  while (!queue.empty()) {
    Operation* op = queue.front();
    queue.pop_front();
    if (!reached[op->id()] || visited[op->id()]) continue;
    visited[op->id()] = true;
    between.push_back(op);
    for (const Output& input : op->inputs()) queue.push_back(input.op);
  }
  // What is made meanwhile is on no way.
  for (size_t i = 0; i < between.size(); ++i) {
    if (!IsLoopExit(between[i])) continue;
    for (const Output& exit : exits_of(between[i])) {
      if (visited[exit.op->id()]) continue;
      visited[exit.op->id()] = true;
      between.push_back(exit.op);
    }
  }
  for (Operation* op : between) {
    for (const Output& input : op->inputs()) {
      if (input.op->id() < static_cast<int>(visited.size()) &&
          visited[input.op->id()]) ++pending_[input.op];
    }
  }
}

}  // namespace retrograph
