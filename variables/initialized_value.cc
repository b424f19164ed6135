#include "variables/initialized_value.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "graph/cond.h"
#include "variables/variable.h"

namespace retrograph {

Output Variable::InitializedValue(GraphBuilder& b) const {
  InitScope init_scope(b.graph());
  const Output pred = IsInitialized(b);
  const std::vector<Output> value = BuildCond(
      b, pred,
      [&]() -> std::vector<BranchResult> { return {ReadValue(b)}; },
      [&]() -> std::vector<BranchResult> { return {initial_value_}; });
  return b.ok() ? value[0] : Output();
}

namespace {

enum class Visit { kNew, kStarted, kFinished };

// Whether the ops that `root` depends on contain a loop.
bool HasCycle(Operation* root) {
  absl::flat_hash_map<Operation*, Visit> state;
  std::vector<std::pair<Operation*, int>> stack;  // op, next dependency
  auto push = [&](Operation* op) {
    Visit& visit = state[op];
    if (visit == Visit::kStarted) return true;
    if (visit == Visit::kNew) {
      visit = Visit::kStarted;
      stack.emplace_back(op, 0);
    }
    return false;
  };
  push(root);
  while (!stack.empty()) {
    Operation* op = stack.back().first;
    const int next = stack.back().second++;
    const int inputs = op->num_inputs();
    if (next < inputs) {
      if (push(op->input(next).op)) return true;
    } else if (next < inputs + static_cast<int>(op->control_inputs().size())) {
      if (push(op->control_inputs()[next - inputs])) return true;
    } else {
      state[op] = Visit::kFinished;
      stack.pop_back();
    }
  }
  return false;
}

// Ops whose inputs are left alone: they do not read a variable, or read it in
// a way that TensorFlow does not guard.
bool IsLeftAlone(const std::string& type) {
  return type == "IsVariableInitialized" || type == "VarIsInitializedOp" ||
         type == "ReadVariableOp" || type == "If";
}

bool IsVariableOp(const std::string& type) {
  return type == "Variable" || type == "VariableV2" || type == "VarHandleOp";
}

class InitialValueGuard {
 public:
  InitialValueGuard(GraphBuilder& b, const std::string& scope_name)
      : b_(b), scope_name_(scope_name) {}

  Output Guard(const Output& value) {
    std::vector<std::pair<Operation*, int>> stack = {{value.op, 0}};
    while (!stack.empty() && b_.ok()) {
      Operation* op = stack.back().first;
      const bool leaf = IsLeftAlone(op->type()) || IsVariableOp(op->type());
      const int next = stack.back().second++;
      if (!leaf && next < op->num_inputs()) {
        Operation* input = op->input(next).op;
        if (!replaced_.contains(input)) stack.emplace_back(input, 0);
        continue;
      }
      replaced_[op] = Replace(op);
      stack.pop_back();
    }
    if (!b_.ok()) return Output();
    return replaced_[value.op]->output(value.index);
  }

 private:
  // The op to use for `op`, whose inputs are done.
  Operation* Replace(Operation* op) {
    if (IsLeftAlone(op->type())) return op;
    if (IsVariableOp(op->type())) {
      std::shared_ptr<Variable> variable = FindVariable(op);
      if (variable == nullptr) return op;
      return variable->InitializedValue(b_).op;
    }
    std::vector<Output> inputs;
    bool modified = false;
    for (const Output& input : op->inputs()) {
      Operation* new_op = replaced_[input.op];
      modified = modified || new_op != input.op;
      inputs.push_back(new_op->output(input.index));
    }
    return modified ? Copy(op, std::move(inputs)) : op;
  }

  Operation* Copy(Operation* op, std::vector<Output> inputs) {
    NodeSpec spec;
    spec.type = op->type() == "RefSwitch" ? "Switch" : op->type();
    // The scope's name ends in "/", which makes the name final.
    spec.name = absl::StrReplaceAll(absl::StrCat(op->name(), "_", scope_name_),
                                    {{":", "_"}});
    spec.inputs = std::move(inputs);
    spec.attrs = op->attrs();
    if (op->registration() == nullptr) {
      spec.keep_unknown = true;
      for (int i = 0; i < op->num_outputs(); ++i) {
        spec.output_types.push_back(op->output_type(i));
      }
    }
    return b_.Take(b_.graph()->CreateOp(std::move(spec)));
  }

  std::shared_ptr<Variable> FindVariable(Operation* op) {
    for (const char* collection :
         {graph_keys::kGlobalVariables, graph_keys::kLocalVariables}) {
      for (auto& variable : VariablesIn(*b_.graph(), collection)) {
        if (variable->op() == op) return variable;
      }
    }
    return nullptr;
  }

  GraphBuilder& b_;
  const std::string& scope_name_;
  absl::flat_hash_map<Operation*, Operation*> replaced_;
};

}  // namespace

Output GuardInitialValue(GraphBuilder& b, const Output& initial_value,
                         const std::string& scope_name) {
  if (!b.ok() || HasCycle(initial_value.op)) return initial_value;
  return InitialValueGuard(b, scope_name).Guard(initial_value);
}

}  // namespace retrograph
