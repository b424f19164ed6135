#include "session/plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "session/dead_branches.h"
#include "session/node_error.h"
#include "session/plan_frames.h"
#include "session/ready_queue.h"

namespace retrograph {
namespace {

NodeKind KindOf(const Operation& op) {
  const std::string& type = op.type();
  if (type == "Merge" || type == "RefMerge") return NodeKind::kMerge;
  if (type == "Enter" || type == "RefEnter") return NodeKind::kEnter;
  if (type == "Exit" || type == "RefExit") return NodeKind::kExit;
  if (type == "NextIteration" || type == "RefNextIteration") {
    return NodeKind::kNextIteration;
  }
  if (type == "ControlTrigger") return NodeKind::kControlTrigger;
  return NodeKind::kOrdinary;
}

// Whether the op makes a resource that lives for one run.
bool MakesStepResource(const Operation& op) {
  return op.type() == "TensorArrayV3" || op.type() == "StackV2" ||
         op.type() == "TemporaryVariable";
}

bool IsSwitch(const Operation& op) {
  return op.type() == "Switch" || op.type() == "RefSwitch" ||
         op.type() == "_SwitchN";
}

// For each tensor its place among all, sorted by name, each name counted once.
std::vector<int32_t> NumbersByName(const std::vector<Output>& tensors) {
  std::map<std::string, int32_t> numbers;
  for (const Output& tensor : tensors) numbers[tensor.name()] = 0;
  int32_t next = 0;
  for (auto& [name, number] : numbers) number = next++;
  std::vector<int32_t> result;
  for (const Output& tensor : tensors) result.push_back(numbers[tensor.name()]);
  return result;
}

// Builds one plan, step by step.
class Compiler {
 public:
  Compiler(const Signature& signature, KernelCache* kernels)
      : kernels_(kernels),
        plan_(std::make_unique<Plan>()),
        dead_([this](const Output& tensor) { return feeds_.contains(tensor); }) {
    plan_->signature = signature;
  }

  absl::StatusOr<std::unique_ptr<const Plan>> Compile();

 private:
  void NumberFeeds();
  void Prune();
  void Visit(const Operation* op);
  // Whether an input of a needed op is fed or made by a needed op.
  bool HasSource(const Output& input) const {
    return feeds_.contains(input) || index_.contains(input.op);
  }
  absl::Status MakeNodes();
  absl::Status CheckFeedsOfReferences() const;
  void CountPending();
  absl::Status SortForOneThread();
  void AssignSlots();
  void ConnectEdges();

  const Signature& signature() const { return plan_->signature; }
  // The control inputs that a plan honours: not those that stand for a fed
  // placeholder, which TensorFlow replaces altogether.
  template <typename F>
  void ForEachControlInput(const Operation& op, F&& f) const {
    for (const Operation* control : op.control_inputs()) {
      const bool is_placeholder = control->type() == "Placeholder" ||
                                  control->type() == "PlaceholderV2";
      if (is_placeholder &&
          feeds_.contains(Output{const_cast<Operation*>(control), 0})) {
        continue;
      }
      f(control);
    }
  }

  KernelCache* const kernels_;
  std::unique_ptr<Plan> plan_;
  absl::flat_hash_map<Output, int32_t> feeds_;  // the last one wins
  DeadBranches dead_;
  std::vector<const Operation*> needed_;        // in the order of creation
  absl::flat_hash_map<const Operation*, int32_t> index_;
  bool has_control_flow_ = false;
  int num_expensive_ = 0;
};

void Compiler::NumberFeeds() {
  const std::vector<Output>& feeds = signature().feeds;
  for (size_t i = 0; i < feeds.size(); ++i) {
    feeds_[feeds[i]] = static_cast<int32_t>(i);
  }
  plan_->arg_numbers = NumbersByName(feeds);
  std::vector<Output> computed;
  for (const Output& fetch : signature().fetches) {
    const auto fed = feeds_.find(fetch);
    plan_->fetch_from_feed.push_back(fed == feeds_.end() ? -1 : fed->second);
    if (fed == feeds_.end()) computed.push_back(fetch);
  }
  const std::vector<int32_t> numbers = NumbersByName(computed);
  size_t next = 0;
  for (int32_t feed : plan_->fetch_from_feed) {
    plan_->retval_numbers.push_back(feed < 0 ? numbers[next++] : -1);
  }
}

void Compiler::Visit(const Operation* op) {
  if (index_.emplace(op, -1).second) needed_.push_back(op);
}

void Compiler::Prune() {
  for (const Output& fetch : signature().fetches) {
    if (!feeds_.contains(fetch)) Visit(fetch.op);
  }
  for (const Operation* target : signature().targets) Visit(target);
  const size_t num_asked_for = needed_.size();
  for (size_t i = 0; i < needed_.size(); ++i) {  // grows meanwhile
    const Operation* op = needed_[i];
    const bool drops_dead = i >= num_asked_for &&
                            KindOf(*op) == NodeKind::kMerge &&
                            !dead_.IsWhollyDead(*op);
    for (const Output& input : op->inputs()) {
      if (feeds_.contains(input) || (drops_dead && dead_.IsDead(input))) {
        continue;
      }
      Visit(input.op);
    }
    ForEachControlInput(*op, [this](const Operation* c) { Visit(c); });
  }
  std::sort(
      needed_.begin(), needed_.end(),
      [](const Operation* a, const Operation* b) { return a->id() < b->id(); });
  for (size_t i = 0; i < needed_.size(); ++i) {
    index_[needed_[i]] = static_cast<int32_t>(i);
  }
}

absl::Status Compiler::MakeNodes() {
  plan_->nodes.reserve(needed_.size());
  for (const Operation* op : needed_) {
    RG_ASSIGN_OR_RETURN(const CachedKernel* cached, kernels_->Get(op));
    PlanNode node;
    node.op = op;
    node.kernel = cached->kernel.get();
    node.takes_reference = &cached->takes_reference;
    node.allows_uninitialized_input = cached->allows_uninitialized_input;
    node.kind = KindOf(*op);
    node.is_async = node.kernel->IsAsync();
    node.is_expensive = node.kernel->IsExpensive();
    node.is_inexpensive = IsInexpensiveOp(op->type());
    if (node.kind == NodeKind::kEnter) {
      RG_RETURN_IF_ERROR(op->GetAttr("is_constant", &node.is_constant_enter));
    }
    node.num_inputs = op->num_inputs();
    for (const Output& input : op->inputs()) {
      if (IsRefType(input.dtype()) && !feeds_.contains(input)) {
        node.has_ref_inputs = true;
      }
      if (!HasSource(input)) continue;
      ++node.num_sources;
      if (!index_.contains(input.op) ||
          KindOf(*input.op) != NodeKind::kNextIteration) {
        ++node.num_forward_sources;
      }
    }
    has_control_flow_ |= node.kind != NodeKind::kOrdinary || IsSwitch(*op);
    plan_->has_step_resources |= MakesStepResource(*op);
    num_expensive_ += node.is_expensive;
    plan_->is_linear &= !node.is_async;
    plan_->nodes.push_back(node);
  }
  if (has_control_flow_) plan_->is_linear = false;
  // In a loop one node may run for several iterations at a time.
  plan_->is_parallel = num_expensive_ >= (has_control_flow_ ? 1 : 2);
  return absl::OkStatus();
}

absl::Status Compiler::CheckFeedsOfReferences() const {
  for (const PlanNode& node : plan_->nodes) {
    for (int i = 0; i < node.num_inputs; ++i) {
      const Output& input = node.op->input(i);
      const auto feed = feeds_.find(input);
      if (!(*node.takes_reference)[i] || feed == feeds_.end()) continue;
      const DataType dtype = RemoveRefType(input.dtype());
      return absl::InvalidArgumentError(absl::StrCat(
          "Input ", i, " of node ", node.op->name(), " was passed ",
          DataTypeString(dtype), " from _arg_", input.op->name(), "_",
          input.index, "_", plan_->arg_numbers[feed->second],
          ":0 incompatible with expected ", DataTypeString(MakeRefType(dtype)),
          "."));
    }
  }
  return absl::OkStatus();
}

void Compiler::CountPending() {
  for (PlanNode& node : plan_->nodes) {
    PlanFrame& frame = plan_->frames[node.frame];
    node.index = static_cast<int32_t>(frame.initial_pending.size());
    int32_t pending = node.kind == NodeKind::kMerge ? 1 : node.num_inputs;
    ForEachControlInput(*node.op, [&](const Operation*) { ++pending; });
    frame.initial_pending.push_back(pending);
    if (node.kind == NodeKind::kMerge) {
      frame.merges.push_back(static_cast<int32_t>(&node - plan_->nodes.data()));
    }
  }
}

// Puts the nodes into the order in which one thread takes them.
absl::Status Compiler::SortForOneThread() {
  const size_t count = needed_.size();
  std::vector<std::vector<int32_t>> consumers(count);
  std::vector<int32_t> waits_for(count, 0);
  for (size_t i = 0; i < count; ++i) {
    const auto depend_on = [&](const Operation* op) {
      consumers[index_.at(op)].push_back(static_cast<int32_t>(i));
      ++waits_for[i];
    };
    for (const Output& input : needed_[i]->inputs()) {
      if (!feeds_.contains(input)) depend_on(input.op);
    }
    ForEachControlInput(*needed_[i], depend_on);
  }
  ReadyQueue<int32_t> ready;
  for (size_t i = 0; i < count; ++i) {
    if (waits_for[i] == 0) ready.PushRoot(static_cast<int32_t>(i));
  }
  std::vector<int32_t> order;
  order.reserve(count);
  while (!ready.empty()) {
    order.push_back(ready.Pop());
    for (int32_t consumer : consumers[order.back()]) {
      if (--waits_for[consumer] > 0) continue;
      ready.Push(consumer, plan_->nodes[consumer].is_inexpensive);
    }
  }
  if (order.size() != count) {
    return absl::InvalidArgumentError(
        "Graph is invalid, contains a cycle outside of a loop.");
  }
  std::vector<PlanNode> sorted;
  sorted.reserve(count);
  for (int32_t i : order) {
    index_[needed_[i]] = static_cast<int32_t>(sorted.size());
    sorted.push_back(plan_->nodes[i]);
  }
  plan_->nodes = std::move(sorted);
  return absl::OkStatus();
}

void Compiler::AssignSlots() {
  for (PlanNode& node : plan_->nodes) {
    PlanFrame& frame = plan_->frames[node.frame];
    node.first_slot = frame.num_slots;
    frame.num_slots += node.num_inputs;
  }
}

void Compiler::ConnectEdges() {
  // By source, so that one pass over the consumers finds all edges.
  std::vector<std::vector<DataEdge>> from_node(plan_->nodes.size());
  std::vector<std::vector<DataEdge>> from_feed(signature().feeds.size());
  std::vector<std::vector<int32_t>> control(plan_->nodes.size());
  for (size_t i = 0; i < plan_->nodes.size(); ++i) {
    const PlanNode& node = plan_->nodes[i];
    const int32_t self = static_cast<int32_t>(i);
    for (int k = 0; k < node.num_inputs; ++k) {
      const Output& input = node.op->input(k);
      if (!HasSource(input)) continue;
      const DataEdge edge{input.index, self, node.first_slot + k, false};
      const auto feed = feeds_.find(input);
      if (feed != feeds_.end()) {
        from_feed[feed->second].push_back(edge);
      } else {
        from_node[index_.at(input.op)].push_back(edge);
      }
    }
    ForEachControlInput(*node.op, [&](const Operation* c) {
      control[index_.at(c)].push_back(self);
    });
  }
  for (size_t i = 0; i < signature().fetches.size(); ++i) {
    if (plan_->fetch_from_feed[i] >= 0) continue;
    const Output& fetch = signature().fetches[i];
    from_node[index_.at(fetch.op)].push_back(
        {fetch.index, DataEdge::kFetch, static_cast<int32_t>(i), false});
  }
  const auto append = [this](std::vector<DataEdge>& edges) {
    const int32_t first = static_cast<int32_t>(plan_->data_edges.size());
    std::stable_sort(edges.begin(), edges.end(),
                     [](const DataEdge& a, const DataEdge& b) {
                       return a.output < b.output;
                     });
    for (size_t e = 0; e < edges.size(); ++e) {
      edges[e].last =
          e + 1 == edges.size() || edges[e + 1].output != edges[e].output;
    }
    plan_->data_edges.insert(plan_->data_edges.end(), edges.begin(),
                             edges.end());
    return std::make_pair(first, static_cast<int32_t>(edges.size()));
  };
  for (size_t i = 0; i < plan_->nodes.size(); ++i) {
    PlanNode& node = plan_->nodes[i];
    std::tie(node.first_edge, node.num_edges) = append(from_node[i]);
    node.first_control_edge = static_cast<int32_t>(plan_->control_edges.size());
    node.num_control_edges = static_cast<int32_t>(control[i].size());
    plan_->control_edges.insert(plan_->control_edges.end(), control[i].begin(),
                                control[i].end());
  }
  for (auto& edges : from_feed) plan_->feed_edges.push_back(append(edges));
}

absl::StatusOr<std::unique_ptr<const Plan>> Compiler::Compile() {
  NumberFeeds();
  Prune();
  RG_RETURN_IF_ERROR(MakeNodes());
  RG_RETURN_IF_ERROR(CheckFeedsOfReferences());
  plan_->frames.emplace_back();
  if (has_control_flow_) {
    RG_RETURN_IF_ERROR(AssignFrames(
        [this](const Output& input) {
          const auto feed = feeds_.find(input);
          return feed == feeds_.end() ? -1 : feed->second;
        },
        index_, plan_.get()));
  } else {
    RG_RETURN_IF_ERROR(SortForOneThread());
  }
  CountPending();
  AssignSlots();
  ConnectEdges();
  return std::unique_ptr<const Plan>(std::move(plan_));
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Plan>> Plan::Compile(
    const Signature& signature, KernelCache* kernels) {
  return Compiler(signature, kernels).Compile();
}

}  // namespace retrograph
