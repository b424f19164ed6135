// The ops between xs and ys, through which gradients go.
//
// Internal to gradients/.
#ifndef RETROGRAPH_GRADIENTS_BETWEEN_OPS_H_
#define RETROGRAPH_GRADIENTS_BETWEEN_OPS_H_

#include <functional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "graph/graph.h"

namespace retrograph {

// Floats, complex numbers, resources and variants: an output of such a type
// gets a gradient of zeros if nothing else came.
bool IsTrainable(const Output& output);

// The ops on a way from xs to ys, and how many gradients each still waits for.
class BetweenOps {
 public:
  // Called with each Exit of a loop on the way, in turn: more outputs whose ops
  // count as being on the way.
  using ExitsOf = std::function<std::vector<Output>(Operation* exit)>;

  BetweenOps(const Graph* graph, const std::vector<Output>& ys,
             const std::vector<Output>& xs, const ExitsOf& exits_of);

  bool IsReachableY(Operation* op) const { return reachable_ys_.contains(op); }
  int pending(Operation* op) const {
    const auto it = pending_.find(op);
    return it == pending_.end() ? 0 : it->second;
  }
  void SetPending(Operation* op, int count) { pending_[op] = count; }
  // One gradient less to wait for; how many there still are.
  int Arrived(Operation* op) { return --pending_[op]; }

 private:
  absl::flat_hash_set<Operation*> reachable_ys_;
  absl::flat_hash_map<Operation*, int> pending_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRADIENTS_BETWEEN_OPS_H_
