// DeadBranches: what can never have a value, since a constant decides the
// Switch before it.
//
// TensorFlow 1.15's graph optimiser takes such inputs away from Merges before
// the first run, so that the branch not taken is not even asked for what it
// needs from outside: a variable that it reads may be uninitialised. It leaves
// Merges alone that are fetched or run by themselves.
//
// Source: observed; tensorflow/core/grappler/optimizers/loop_optimizer
// (dead branches).
#ifndef RETROGRAPH_SESSION_DEAD_BRANCHES_H_
#define RETROGRAPH_SESSION_DEAD_BRANCHES_H_

#include <functional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "graph/operation.h"

namespace retrograph {

class DeadBranches {
 public:
  // A fed tensor has a value and is no constant.
  explicit DeadBranches(std::function<bool(const Output&)> is_fed)
      : is_fed_(std::move(is_fed)) {}

  bool IsDead(const Output& tensor);
  // Whether all inputs of the Merge are dead: then it keeps them.
  bool IsWhollyDead(const Operation& merge);

 private:
  bool IsDeadOp(const Operation* op);
  // Whether it is that output of a Switch which a constant decides against.
  bool IsNotTaken(const Output& tensor) const;

  const std::function<bool(const Output&)> is_fed_;
  // Ops on the way are taken for live: a loop begins by values from outside.
  absl::flat_hash_map<const Operation*, bool> known_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_DEAD_BRANCHES_H_
