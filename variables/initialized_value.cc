#include "variables/initialized_value.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ops/builders.h"
#include "variables/variable.h"

namespace retrograph {
namespace {

// What tf.cond makes first: the switch on the predicate and its parts.
struct Cond {
  Output pred_id;
};

Cond OpenCond(GraphBuilder& b, const Output& pred) {
  Operation* split = b.AddOp("Switch", {pred, pred});
  if (!b.ok()) return {};
  Output on_true = Identity(b, split->output(1), "switch_t");
  Output on_false = Identity(b, split->output(0), "switch_f");
  Cond cond{Identity(b, pred, "pred_id")};
  if (!b.ok()) return {};
  // TensorFlow forbids fetching these: they may be dead.
  for (Operation* op : {split, on_true.op, on_false.op, cond.pred_id.op}) {
    b.graph()->PreventFetching(op);
  }
  return cond;
}

// An outer tensor as one branch of a cond sees it; `branch` is 1 for true.
Output SwitchInto(GraphBuilder& b, const Cond& cond, const Output& outer,
                  int branch, absl::string_view name) {
  if (!b.ok()) return Output();
  ColocateWith colocate(b.graph(), outer.op, /*ignore_existing=*/true);
  const char* type = IsRefType(outer.dtype()) ? "RefSwitch" : "Switch";
  Operation* op = b.AddOp(type, {outer, cond.pred_id}, {}, name);
  return b.ok() ? op->output(branch) : Output();
}

// read_value() in the true branch, its input replaced by a switched one.
Output ReadInCond(GraphBuilder& b, const Cond& cond, const Variable& v) {
  Graph* graph = b.graph();
  if (!v.is_resource()) {
    const std::string name = graph->UniqueName("read", /*mark_as_used=*/false);
    Output outer;
    {
      NameScope root(graph, "");
      outer = SwitchInto(b, cond, v.handle(), 1, absl::StrCat(name, "/Switch"));
    }
    if (!b.ok()) return Output();
    graph->PreventFetching(outer.op);
    return Identity(b, outer, "read");
  }
  Output value;
  {
    NameScope read(graph, "Read");
    DeviceScope device(graph, v.device());
    const std::string name =
        graph->UniqueName("ReadVariableOp", /*mark_as_used=*/false);
    Output outer;
    {
      NameScope root(graph, "");
      outer = SwitchInto(b, cond, v.handle(), 1, absl::StrCat(name, "/Switch"));
    }
    if (!b.ok()) return Output();
    graph->PreventFetching(outer.op);
    value = b.Op("ReadVariableOp", {outer}, {Attr("dtype", v.dtype())});
  }
  return Identity(b, value);
}

}  // namespace

Output Variable::InitializedValue(GraphBuilder& b) const {
  ControlDependencies init_scope(b.graph(), ControlDependencies::kClear);
  Output pred = IsInitialized(b);
  if (!b.ok()) return Output();
  NameScope scope(b.graph(), "cond");
  Cond cond = OpenCond(b, pred);
  Output on_true = ReadInCond(b, cond, *this);
  Output on_false = SwitchInto(b, cond, initial_value_, 0, "Switch");
  if (!b.ok()) return Output();
  Operation* merge =
      b.AddOp("Merge", {Input(std::vector<Input>{on_false, on_true})});
  return b.ok() ? merge->output(0) : Output();
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
