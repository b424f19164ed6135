#include "graph/cond.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/errors.h"
#include "graph/control_flow_nodes.h"

namespace retrograph {

absl::StatusOr<std::unique_ptr<Cond>> Cond::Create(Graph* graph,
                                                   const Input& pred,
                                                   SourceLocation location) {
  std::unique_ptr<Cond> cond(new Cond(graph, location));
  RG_RETURN_IF_ERROR(cond->AddPredicate(pred));
  return cond;
}

absl::Status Cond::AddPredicate(const Input& pred) {
  Graph* const graph = b_.graph();
  Operation* split = nullptr;
  {
    NameScope scope(graph, "Switch");
    // TensorFlow switches the reference if the predicate is a variable.
    const Output data = b_.Take(b_.TryConvert(pred, DT_INVALID, "data",
                                              DT_INVALID, /*as_ref=*/true));
    const Output value = b_.Convert(pred, DT_INVALID, "pred");
    if (!b_.ok()) return b_.status();
    split = b_.AddOp("Switch", {data, value}, {}, scope.full_name());
  }
  if (!b_.ok()) return b_.status();
  pivots_[1] = AddIdentity(b_, split->output(1), "switch_t");
  pivots_[0] = AddIdentity(b_, split->output(0), "switch_f");
  pred_id_ = b_.Op("Identity", {pred}, {}, "pred_id");
  if (!b_.ok()) return b_.status();
  for (Operation* op : {split, pivots_[1].op, pivots_[0].op, pred_id_.op}) {
    graph->PreventFetching(op);
  }
  return absl::OkStatus();
}

void Cond::BeginBranch(int branch) {
  branch_ = branch;
  contexts_[branch] = std::make_shared<CondContext>(b_.graph(), pred_id_,
                                                    pivots_[branch], branch);
  b_.graph()->EnterControlFlowContext(contexts_[branch]);
}

void Cond::AbandonBranch() { b_.graph()->ExitControlFlowContext(); }

absl::StatusOr<Output> Cond::TakeResult(CondContext* context,
                                        const BranchResult& result) {
  if (auto* op = std::get_if<Operation*>(&result)) {
    const Output pivot = AddIdentityAfter(b_, *op, context->pivot());
    if (!b_.ok()) return b_.status();
    return pivot;
  }
  const Output value = b_.Convert(std::get<Input>(result));
  if (!b_.ok()) return b_.status();
  return context->AddResult(value);
}

absl::Status Cond::EndBranch(const std::vector<BranchResult>& results) {
  const absl::Cleanup leave = [this] { b_.graph()->ExitControlFlowContext(); };
  CondContext* const context = contexts_[branch_].get();
  for (const BranchResult& result : results) {
    RG_ASSIGN_OR_RETURN(const Output taken, TakeResult(context, result));
    results_[branch_].push_back(taken);
  }
  context->ExitResult(results_[branch_]);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Output>> Cond::Merge() {
  const std::vector<Output>& on_true = results_[1];
  const std::vector<Output>& on_false = results_[0];
  RG_CHECK(on_true.size() == on_false.size(),
           "the branches of a cond must give as many results");
  for (size_t i = 0; i < on_true.size(); ++i) {
    const DataType t = RemoveRefType(on_true[i].dtype());
    const DataType f = RemoveRefType(on_false[i].dtype());
    if (t == f) continue;
    return ValueError(absl::StrCat(
        "Outputs of true_fn and false_fn must have the same type: ",
        DTypePythonName(on_true[i].dtype()), ", ",
        DTypePythonName(on_false[i].dtype())));
  }
  std::vector<Output> merged;
  for (size_t i = 0; i < on_true.size(); ++i) {
    merged.push_back(AddMerge(b_, on_false[i], on_true[i]));
  }
  if (!b_.ok()) return b_.status();
  for (int branch : {1, 0}) {
    if (contexts_[branch]->outer() != nullptr) continue;
    b_.graph()->AddToCollection(graph_keys::kCondContext, contexts_[branch]);
  }
  return merged;
}

std::vector<Output> BuildCond(
    GraphBuilder& b, const Input& pred,
    const std::function<std::vector<BranchResult>()>& true_fn,
    const std::function<std::vector<BranchResult>()>& false_fn,
    absl::string_view name) {
  if (!b.ok()) return {};
  NameScope scope(b.graph(), name);
  std::unique_ptr<Cond> cond = b.Take(Cond::Create(b.graph(), pred));
  if (cond == nullptr) return {};
  for (int branch : {1, 0}) {
    cond->BeginBranch(branch);
    const std::vector<BranchResult> results =
        branch == 1 ? true_fn() : false_fn();
    if (!b.ok()) {
      cond->AbandonBranch();
      return {};
    }
    if (!b.Update(cond->EndBranch(results))) return {};
  }
  return b.Take(cond->Merge());
}

}  // namespace retrograph
