// Cond: tf.cond, built branch by branch.
//
// Adds a Switch on the predicate, the two branches' nodes, each in a
// CondContext, and one Merge for each result, under TensorFlow's names in the
// current name scope. A cond that is in no other context goes into the
// collection "cond_context", its true branch first.
//
// Example (BuildCond does this in one call):
//   RG_ASSIGN_OR_RETURN(auto cond, Cond::Create(graph, pred));
//   cond->BeginBranch(1);
//   Output y = b.Op("Mul", {x, 2.0f});
//   RG_RETURN_IF_ERROR(cond->EndBranch({y}));
//   cond->BeginBranch(0);
//   RG_RETURN_IF_ERROR(cond->EndBranch({Input(0.0f)}));
//   RG_ASSIGN_OR_RETURN(std::vector<Output> results, cond->Merge());
//
// Ownership: keeps the graph alive. Threads: one, graph building.
//
// Source: tf.cond of tensorflow/python/ops/control_flow_ops.py.
#ifndef RETROGRAPH_GRAPH_COND_H_
#define RETROGRAPH_GRAPH_COND_H_

#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "graph/builder.h"
#include "graph/control_flow.h"

namespace retrograph {

// What a branch gives: a value, or an operation to run, in whose place the
// predicate is returned.
using BranchResult = std::variant<Input, Operation*>;

class Cond {
 public:
  static absl::StatusOr<std::unique_ptr<Cond>> Create(
      Graph* graph, const Input& pred,
      SourceLocation location = SourceLocation::Current());

  // Enters branch 1, and after its end branch 0. Each needs one EndBranch or
  // AbandonBranch.
  void BeginBranch(int branch);
  // Converts the results, takes them into the branch and leaves it, also after
  // an error.
  absl::Status EndBranch(const std::vector<BranchResult>& results);
  void AbandonBranch();
  // After both branches, which gave as many results: the merged ones.
  //
  // Errors: ValueError if there are none or types differ.
  absl::StatusOr<std::vector<Output>> Merge();

 private:
  explicit Cond(Graph* graph, SourceLocation location) : b_(graph, location) {}
  absl::Status AddPredicate(const Input& pred);
  absl::StatusOr<Output> TakeResult(CondContext* context,
                                    const BranchResult& result);

  GraphBuilder b_;
  Output pred_id_;
  Output pivots_[2];
  int branch_ = 1;  // the one that was begun last
  std::shared_ptr<CondContext> contexts_[2];
  std::vector<Output> results_[2];
};

// The whole of it in a name scope of its own. The functions may use `b`, and
// are called once each.
std::vector<Output> BuildCond(
    GraphBuilder& b, const Input& pred,
    const std::function<std::vector<BranchResult>()>& true_fn,
    const std::function<std::vector<BranchResult>()>& false_fn,
    absl::string_view name = "cond");

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_COND_H_
