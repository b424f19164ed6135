#include "ops/broadcast_gradient.h"

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/builders.h"
#include "ops/composites.h"

namespace retrograph {
namespace {

using ListKey =
    std::tuple<std::string, std::vector<int64_t>, std::vector<int64_t>>;

// What graphs remember; graphs that are gone are forgotten.
class ListCache {
 public:
  static ListCache* Global() {
    static auto* cache = new ListCache;
    return cache;
  }
  absl::optional<ListPair> Find(Graph* graph, const ListKey& key) {
    absl::MutexLock lock(&mu_);
    const auto graph_entry = graphs_.find(graph->unique_graph_key());
    if (graph_entry == graphs_.end()) return absl::nullopt;
    const auto found = graph_entry->second.lists.find(key);
    if (found == graph_entry->second.lists.end()) return absl::nullopt;
    return found->second;
  }
  void Put(Graph* graph, const ListKey& key, const ListPair& value) {
    absl::MutexLock lock(&mu_);
    for (auto it = graphs_.begin(); it != graphs_.end();) {
      it = it->second.graph.expired() ? graphs_.erase(it) : std::next(it);
    }
    Entry& entry = graphs_[graph->unique_graph_key()];
    entry.graph = graph->weak_from_this();
    entry.lists[key] = value;
  }

 private:
  struct Entry {
    std::weak_ptr<Graph> graph;
    std::map<ListKey, ListPair> lists;
  };
  absl::Mutex mu_;
  std::map<int64_t, Entry> graphs_ ABSL_GUARDED_BY(mu_);
};

absl::optional<std::vector<int64_t>> ListOf(const Output& output) {
  const absl::optional<Tensor> value = EvaluateConstant(output);
  if (!value.has_value()) return absl::nullopt;
  if (value->dtype() == DT_INT64) {
    const auto flat = value->flat<int64_t>();
    return std::vector<int64_t>(flat.begin(), flat.end());
  }
  const auto flat = value->flat<int32_t>();
  return std::vector<int64_t>(flat.begin(), flat.end());
}

std::vector<int64_t> DimsOf(const Output& x) {
  return {x.shape().dims().begin(), x.shape().dims().end()};
}

}  // namespace

absl::optional<ListPair> CachedLists(
    GraphBuilder& b, const char* kind, const ListPair& key,
    const std::function<std::pair<Output, Output>()>& compute) {
  if (!b.ok()) return absl::nullopt;
  const ListKey full_key{kind, key.first, key.second};
  if (auto found = ListCache::Global()->Find(b.graph(), full_key)) return found;
  const std::pair<Output, Output> outputs = compute();
  if (!b.ok()) return absl::nullopt;
  auto first = ListOf(outputs.first);
  auto second = ListOf(outputs.second);
  if (!first.has_value() || !second.has_value()) {
    b.Update(AssertionError(""));
    return absl::nullopt;
  }
  const ListPair lists{*std::move(first), *std::move(second)};
  ListCache::Global()->Put(b.graph(), full_key, lists);
  return lists;
}

bool SameKnownShapes(const Output& x, const Output& y,
                     const Gradient& gradient) {
  return gradient.is_tensor() && x.shape().IsFullyDefined() &&
         x.shape() == y.shape() && x.shape() == gradient.tensor().shape();
}

void BroadcastGradient::UseOps(const Output& x, const Output& y,
                               bool optimize) {
  const Output sx = ShapeOf(b_, x, DT_INT32, optimize);
  const Output sy = ShapeOf(b_, y, DT_INT32, optimize);
  Operation* axes = b_.AddOp("BroadcastGradientArgs", {sx, sy});
  if (axes == nullptr) return;
  sides_[0] = Side{sx, axes->output(0), true};
  sides_[1] = Side{sy, axes->output(1), true};
}

BroadcastGradient::BroadcastGradient(GraphBuilder& b, const Output& x,
                                     const Output& y, const Gradient& gradient,
                                     bool smart)
    : b_(b) {
  if (!b.ok()) return;
  const bool dense = smart && gradient.is_tensor();
  if (!dense || !x.shape().IsFullyDefined() || !y.shape().IsFullyDefined()) {
    UseOps(x, y, /*optimize=*/!dense);
    return;
  }
  const ListPair dims{DimsOf(x), DimsOf(y)};
  const auto axes = CachedLists(b, "broadcast", dims, [&] {
    // TensorFlow converts both lists in one helper, which names them.
    Operation* op = b.AddOp("BroadcastGradientArgs",
                            {IntList(dims.first), IntList(dims.second)});
    return op == nullptr ? std::make_pair(Output(), Output())
                         : std::make_pair(op->output(0), op->output(1));
  });
  if (!axes.has_value()) return;
  const PartialTensorShape& shape = gradient.tensor().shape();
  sides_[0] = Side{IntList(dims.first), IntList(axes->first),
                   !(x.shape() == shape)};
  sides_[1] = Side{IntList(dims.second), IntList(axes->second),
                   !(y.shape() == shape)};
}

Output BroadcastGradient::ReduceAlways(int i, const Input& gradient) const {
  const Output sum = ReduceSum(b_, gradient, sides_[i].axes);
  return Reshape(b_, sum, sides_[i].shape);
}

Output BroadcastGradient::Reduce(int i, const Input& gradient) const {
  if (sides_[i].must_reduce) return ReduceAlways(i, gradient);
  return gradient.output();
}

}  // namespace retrograph
