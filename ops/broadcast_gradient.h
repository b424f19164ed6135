// Undoing a broadcast: the gradient of what was repeated is a sum.
#ifndef RETROGRAPH_OPS_BROADCAST_GRADIENT_H_
#define RETROGRAPH_OPS_BROADCAST_GRADIENT_H_

#include <functional>

#include "graph/builder.h"
#include "ops/gradient.h"

namespace retrograph {

// For an op over x and y: brings a gradient of the result's shape to that of
// one input. Where both shapes are known, the axes are worked out once a graph,
// as TensorFlow caches them, and a gradient that fits is left alone.
class BroadcastGradient {
 public:
  // As _AddGrad and its like do; `smart` = false: always by ops on the shapes.
  BroadcastGradient(GraphBuilder& b, const Output& x, const Output& y,
                    const Gradient& gradient, bool smart = true);

  // Whether the gradient of input i (0: x, 1: y) must be summed.
  bool MustReduce(int i) const { return sides_[i].must_reduce; }
  // reshape(reduce_sum(gradient, axes), shape), or `gradient` itself.
  Output Reduce(int i, const Input& gradient) const;
  // The same, whether it is needed or not.
  Output ReduceAlways(int i, const Input& gradient) const;

 private:
  struct Side {
    Input shape{0};
    Input axes{0};
    bool must_reduce = true;
  };
  void UseOps(const Output& x, const Output& y, bool optimize);

  GraphBuilder& b_;
  Side sides_[2];
};

// All three shapes are known and equal: nothing was broadcast.
bool SameKnownShapes(const Output& x, const Output& y,
                     const Gradient& gradient);

// Per graph: for two lists of numbers, two lists worked out from them by ops
// that are added to the graph the first time.
struct ListPair {
  std::vector<int64_t> first;
  std::vector<int64_t> second;
};
absl::optional<ListPair> CachedLists(
    GraphBuilder& b, const char* kind, const ListPair& key,
    const std::function<std::pair<Output, Output>()>& compute);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_BROADCAST_GRADIENT_H_
