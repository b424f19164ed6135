#include "variables/initialized_value.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "ops/builders.h"
#include "proto/control_flow.pb.h"
#include "variables/variable.h"

namespace retrograph {
namespace {

// tf.cond's two branches: a predicate, and what each branch made or took from
// outside, which is kept for a meta graph.
class Cond {
 public:
  // Makes the switch on the predicate and its parts in the current name scope.
  Cond(GraphBuilder& b, const Output& pred) : b_(b) {
    Operation* split = b.AddOp("Switch", {pred, pred});
    if (!b.ok()) return;
    Output on_true = Identity(b, split->output(1), "switch_t");
    Output on_false = Identity(b, split->output(0), "switch_f");
    pred_id_ = Identity(b, pred, "pred_id");
    if (!b.ok()) return;
    // TensorFlow forbids fetching these: they may be dead.
    for (Operation* op : {split, on_true.op, on_false.op, pred_id_.op}) {
      b.graph()->PreventFetching(op);
    }
    OpenBranch(0, on_false);
    OpenBranch(1, on_true);
    // In this order, which shows in their names.
    for (int branch : {1, 0}) {
      contexts_[branch].set_context_name(b.graph()->UniqueName("cond_text"));
    }
  }

  // An outer tensor as the branch sees it.
  Output Enter(const Output& outer, int branch, absl::string_view name) {
    if (!b_.ok()) return Output();
    ColocateWith colocate(b_.graph(), outer.op, /*ignore_existing=*/true);
    const char* type = IsRefType(outer.dtype()) ? "RefSwitch" : "Switch";
    Operation* op = b_.AddOp(type, {outer, pred_id_}, {}, name);
    if (!b_.ok()) return Output();
    Made(outer, branch);
    Made(op->output(branch), branch);
    AddExternal(outer, op->output(branch), branch);
    return op->output(branch);
  }

  void Made(const Output& value, int branch) {
    if (b_.ok()) values_[branch].insert(value.name());
  }

  // Puts both branches into the collection, as the bytes of a meta graph.
  void Finish() {
    for (int branch : {1, 0}) {
      CondContextDef& context = contexts_[branch];
      for (const std::string& value : values_[branch]) {
        context.mutable_values_def()->add_values(value);
      }
      std::string bytes;
      {
        google::protobuf::io::StringOutputStream stream(&bytes);
        google::protobuf::io::CodedOutputStream coded(&stream);
        coded.SetSerializationDeterministic(true);
        context.SerializeToCodedStream(&coded);
      }
      b_.graph()->AddToCollection(graph_keys::kCondContext, bytes);
    }
  }

 private:
  void OpenBranch(int branch, const Output& pivot) {
    CondContextDef& context = contexts_[branch];
    context.set_pred_name(pred_id_.name());
    context.set_pivot_name(pivot.name());
    context.set_branch(branch);
    Made(pred_id_, branch);
    Made(pivot, branch);
    AddExternal(pred_id_, pred_id_, branch);
  }

  void AddExternal(const Output& outer, const Output& inner, int branch) {
    (*contexts_[branch]
          .mutable_values_def()
          ->mutable_external_values())[outer.name()] = inner.name();
  }

  GraphBuilder& b_;
  Output pred_id_;
  CondContextDef contexts_[2];
  std::set<std::string> values_[2];
};

// An op of the true branch that reads `handle`. TensorFlow makes it first and
// then switches its input into the branch, under the op's own name.
Output ReadInBranch(GraphBuilder& b, Cond& cond, const Output& handle,
                    const char* type, const char* name, AttrList attrs) {
  Output value = b.Op(type, {handle}, std::move(attrs), name);
  if (!b.ok()) return Output();
  NameScope root(b.graph(), "");
  Output inside =
      cond.Enter(handle, 1, absl::StrCat(value.op->name(), "/Switch"));
  if (!b.ok()) return Output();
  b.graph()->PreventFetching(inside.op);
  b.graph()->UpdateInput(value.op, 0, inside);
  cond.Made(value, 1);
  return value;
}

// read_value() in the true branch.
Output ReadValueInBranch(GraphBuilder& b, Cond& cond, const Variable& v) {
  if (!v.is_resource()) {
    return ReadInBranch(b, cond, v.handle(), "Identity", "read", {});
  }
  Output value;
  {
    NameScope read(b.graph(), "Read");
    DeviceScope device(b.graph(), v.device());
    value = ReadInBranch(b, cond, v.handle(), "ReadVariableOp",
                         "ReadVariableOp", {Attr("dtype", v.dtype())});
  }
  value = Identity(b, value);
  cond.Made(value, 1);
  return value;
}

}  // namespace

Output Variable::InitializedValue(GraphBuilder& b) const {
  ControlDependencies init_scope(b.graph(), ControlDependencies::kClear);
  Output pred = IsInitialized(b);
  if (!b.ok()) return Output();
  NameScope scope(b.graph(), "cond");
  Cond cond(b, pred);
  Output on_true = ReadValueInBranch(b, cond, *this);
  Output on_false = cond.Enter(initial_value_, 0, "Switch");
  if (!b.ok()) return Output();
  cond.Made(on_false.op->output(1), 0);
  Operation* merge =
      b.AddOp("Merge", {Input(std::vector<Input>{on_false, on_true})});
  if (!b.ok()) return Output();
  cond.Finish();
  return merge->output(0);
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
