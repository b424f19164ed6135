#include "session/equal_nodes.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/dtype.h"
#include "core/message_bytes.h"
#include "graph/op_registry.h"

namespace retrograph {
namespace {

bool CanEqualAnother(const Operation& op) {
  if (op.registration() == nullptr ||
      op.registration()->def.is_stateful() ||
      absl::StartsWith(op.type(), "Placeholder")) {
    return false;
  }
  for (int i = 0; i < op.num_outputs(); ++i) {
    if (IsRefType(op.output_type(i))) return false;
  }
  for (const Output& input : op.inputs()) {
    if (IsRefType(input.dtype())) return false;
  }
  return true;
}

// Gives nodes numbers such that equal nodes have the same.
class Numbering {
 public:
  explicit Numbering(const Plan& plan)
      : feeds_(plan.signature.feeds.begin(), plan.signature.feeds.end()) {}

  // Numbers what `op` needs first; a list instead of the stack, which long
  // graphs would fill.
  int Of(const Operation& op) {
    std::vector<const Operation*> todo = {&op};
    while (!todo.empty()) {
      const Operation* next = todo.back();
      if (numbers_.contains(next)) {
        todo.pop_back();
        continue;
      }
      const size_t before = todo.size();
      if (CanEqualAnother(*next) && begun_.insert(next).second) {
        AddMissing(*next, &todo);
      }
      if (todo.size() > before) continue;
      todo.pop_back();
      numbers_.emplace(next, Number(*next));
    }
    return numbers_.at(&op);
  }

 private:
  void AddMissing(const Operation& op, std::vector<const Operation*>* todo) {
    for (const Output& input : op.inputs()) {
      if (!feeds_.contains(input) && !numbers_.contains(input.op)) {
        todo->push_back(input.op);
      }
    }
    for (const Operation* control : op.control_inputs()) {
      if (!numbers_.contains(control)) todo->push_back(control);
    }
  }

  int Number(const Operation& op) {
    if (!CanEqualAnother(op)) return next_++;
    const auto [found, is_new] = by_text_.emplace(Text(op), next_);
    if (is_new) ++next_;
    return found->second;
  }

  // All that makes the node what it is, but its name. In a loop a node may need
  // one that has no number yet; that one equals itself alone.
  std::string Text(const Operation& op) {
    NodeDef def = op.node_def();
    def.clear_name();
    def.clear_input();
    std::string text = SerializeDeterministically(def);
    for (const Output& input : op.inputs()) {
      if (feeds_.contains(input)) {
        absl::StrAppend(&text, " f", input.op->id(), ":", input.index);
      } else {
        absl::StrAppend(&text, NameOf(*input.op), ":", input.index);
      }
    }
    std::vector<std::string> controls;
    for (const Operation* control : op.control_inputs()) {
      controls.push_back(NameOf(*control));
    }
    std::sort(controls.begin(), controls.end());
    for (const std::string& control : controls) {
      absl::StrAppend(&text, " ^", control);
    }
    return text;
  }
  std::string NameOf(const Operation& op) const {
    const auto number = numbers_.find(&op);
    return number == numbers_.end() ? absl::StrCat(" op", op.id())
                                    : absl::StrCat(" ", number->second);
  }

  const absl::flat_hash_set<Output> feeds_;
  absl::flat_hash_set<const Operation*> begun_;
  absl::flat_hash_map<const Operation*, int> numbers_;
  absl::flat_hash_map<std::string, int> by_text_;
  int next_ = 0;
};

}  // namespace

const Operation& FirstEqualNode(const Plan& plan, const Operation& op) {
  if (!CanEqualAnother(op)) return op;
  Numbering numbering(plan);
  const Operation* first = &op;
  for (const PlanNode& node : plan.nodes) {
    if (node.op->id() >= first->id() || node.op->type() != op.type()) continue;
    if (numbering.Of(*node.op) == numbering.Of(op)) first = node.op;
  }
  return *first;
}

}  // namespace retrograph
