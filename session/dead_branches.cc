#include "session/dead_branches.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/tensor_proto.h"

namespace retrograph {
namespace {

bool IsMerge(const Operation& op) {
  return op.type() == "Merge" || op.type() == "RefMerge";
}

}  // namespace

bool DeadBranches::IsNotTaken(const Output& output) const {
  const Operation& op = *output.op;
  if (op.type() != "Switch" && op.type() != "RefSwitch") return false;
  Output decides = op.input(1);
  while (decides.op->type() == "Identity" && !is_fed_(decides)) {
    decides = decides.op->input(0);
  }
  if (decides.op->type() != "Const" || is_fed_(decides)) return false;
  const AttrValue* value = decides.op->FindAttr("value");
  if (value == nullptr) return false;
  const absl::StatusOr<Tensor> tensor = TensorFromProto(value->tensor());
  return tensor.ok() && tensor->dtype() == DT_BOOL &&
         tensor->num_elements() == 1 &&
         output.index != (tensor->flat<bool>()[0] ? 1 : 0);
}

bool DeadBranches::IsDead(const Output& tensor) {
  return !is_fed_(tensor) && (IsNotTaken(tensor) || IsDeadOp(tensor.op));
}

bool DeadBranches::IsWhollyDead(const Operation& merge) {
  const auto inputs = merge.inputs();
  return std::all_of(inputs.begin(), inputs.end(),
                     [this](const Output& input) { return IsDead(input); });
}

// With a stack of its own: chains of ops may be long.
bool DeadBranches::IsDeadOp(const Operation* root) {
  struct Visit {
    const Operation* op;
    size_t next = 0;  // among inputs, then control inputs
  };
  if (const auto found = known_.find(root); found != known_.end()) {
    return found->second;
  }
  std::vector<Visit> stack = {{root}};
  known_[root] = false;
  while (!stack.empty()) {
    Visit& visit = stack.back();
    const Operation& op = *visit.op;
    const size_t num_inputs = op.inputs().size();
    const auto& controls = op.control_inputs();
    if (visit.next < num_inputs + controls.size()) {
      const size_t i = visit.next++;
      const Operation* before =
          i < num_inputs ? op.inputs()[i].op : controls[i - num_inputs];
      if (i < num_inputs && is_fed_(op.inputs()[i])) continue;
      if (known_.emplace(before, false).second) stack.push_back({before});
      continue;
    }
    // All that comes before is known.
    const auto is_dead_input = [this](const Output& input) {
      return !is_fed_(input) && (IsNotTaken(input) || known_[input.op]);
    };
    const auto inputs = op.inputs();
    bool is_dead;
    if (IsMerge(op)) {
      is_dead = std::all_of(inputs.begin(), inputs.end(), is_dead_input);
    } else {
      is_dead = std::any_of(inputs.begin(), inputs.end(), is_dead_input) ||
                std::any_of(controls.begin(), controls.end(),
                            [this](const Operation* c) { return known_[c]; });
    }
    known_[&op] = is_dead && op.type() != "ControlTrigger";
    stack.pop_back();
  }
  return known_[root];
}

}  // namespace retrograph
