#include "session/dataflow.h"

#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "session/node_error.h"

namespace retrograph {
namespace {

// Marks a Merge that got a live input, in place of its count of dead ones.
constexpr int32_t kLive = -1;

}  // namespace

struct Dataflow::Iteration {
  int64_t index = 0;
  std::vector<Value> values;     // by slot
  std::vector<int32_t> pending;  // by node's index in the frame
  std::vector<int32_t> dead;     // how many of its inputs came dead, or kLive
  int outstanding_tasks = 0;
  int outstanding_frames = 0;
};

struct Dataflow::LoopFrame {
  const PlanFrame* plan = nullptr;
  LoopFrame* parent = nullptr;
  Iteration* parent_iteration = nullptr;
  int32_t number = 0;                                 // in the plan
  std::deque<std::unique_ptr<Iteration>> iterations;  // not ended yet
  std::unique_ptr<Iteration> spare;                   // for the next one
  int64_t next_index = 0;
  int pending_enters = 0;
  std::vector<Kept> constants;     // for every iteration
  std::vector<Kept> waiting_next;  // for an iteration that has no room yet
  std::vector<const PlanNode*> dead_exits;  // in the last iteration
};

Dataflow::Dataflow(const Plan& plan)
    : plan_(plan), fetched_(plan.signature.fetches.size()) {}

Dataflow::~Dataflow() = default;

void Dataflow::Start(ReadyQueue<Task>* ready) {
  ready_ = ready;
  root_ = std::make_unique<LoopFrame>();
  root_->plan = &plan_.frames[0];
  Iteration* iteration = AddIteration(root_.get());
  for (const PlanNode& node : plan_.nodes) {
    if (node.frame != 0 || root_->plan->initial_pending[node.index] != 0) {
      continue;
    }
    ++iteration->outstanding_tasks;
    ready_->PushRoot({&node, root_.get(), iteration, false});
  }
}

absl::Status Dataflow::Feed(int feed, const Tensor& tensor,
                            ReadyQueue<Task>* ready) {
  ready_ = ready;
  is_feeding_ = true;
  // Iteration 0 of the graph itself never ends before the run does.
  Iteration* const iteration = root_->iterations.front().get();
  for (const DataEdge& edge : plan_.EdgesOfFeed(feed)) {
    Value value;
    value.tensor = tensor;
    Deliver(root_.get(), iteration, edge, std::move(value), false);
  }
  is_feeding_ = false;
  return status_;
}

absl::Span<Value> Dataflow::Inputs(const Task& task) const {
  return absl::MakeSpan(task.iteration->values)
      .subspan(task.node->first_slot, task.node->num_inputs);
}

absl::Status Dataflow::Finish(const Task& task, Outputs outputs,
                              ReadyQueue<Task>* ready) {
  ready_ = ready;
  LoopFrame* const frame = task.frame;
  for (Value& input : Inputs(task)) input = Value();  // frees buffers early
  switch (task.node->kind) {
    case NodeKind::kEnter:
      Enter(task, std::move(outputs));
      break;
    case NodeKind::kNextIteration:
      Next(task, std::move(outputs));
      break;
    case NodeKind::kExit:
      if (!task.is_dead) {
        Send(*task.node, frame->parent, frame->parent_iteration, &outputs,
             false);
      } else if (task.iteration->index == frame->next_index - 1) {
        // Dead for good only if no iteration follows.
        frame->dead_exits.push_back(task.node);
      }
      break;
    default:
      Send(*task.node, frame, task.iteration, &outputs, task.is_dead);
  }
  --task.iteration->outstanding_tasks;
  CleanUp(frame);
  return status_;
}

Dataflow::LoopFrame* Dataflow::ChildFrame(const Task& enter) {
  std::unique_ptr<LoopFrame>& child =
      children_[{enter.iteration, enter.node->child_frame}];
  if (child == nullptr) {
    child = std::make_unique<LoopFrame>();
    child->plan = &plan_.frames[enter.node->child_frame];
    child->parent = enter.frame;
    child->parent_iteration = enter.iteration;
    child->number = enter.node->child_frame;
    child->pending_enters = child->plan->num_enters;
    ++enter.iteration->outstanding_frames;
    AddIteration(child.get());
  }
  return child.get();
}

Dataflow::Iteration* Dataflow::AddIteration(LoopFrame* frame) {
  std::unique_ptr<Iteration> iteration = std::move(frame->spare);
  if (iteration == nullptr) {
    iteration = std::make_unique<Iteration>();
    iteration->values.resize(frame->plan->num_slots);
  }
  iteration->index = frame->next_index++;
  iteration->pending = frame->plan->initial_pending;
  iteration->dead.assign(iteration->pending.size(), 0);
  for (int32_t merge : frame->plan->merges) {
    const PlanNode& node = plan_.nodes[merge];
    for (int i = 0; i < node.num_inputs; ++i) {
      iteration->values[node.first_slot + i].is_dead = true;
    }
  }
  Iteration* const result = iteration.get();
  frame->iterations.push_back(std::move(iteration));
  frame->dead_exits.clear();
  for (Kept& constant : frame->constants) {
    Send(*constant.node, frame, result, &constant.outputs, constant.is_dead,
         /*keep=*/true);
  }
  return result;
}

void Dataflow::Enter(const Task& task, Outputs outputs) {
  LoopFrame* const child = ChildFrame(task);
  if (task.node->is_constant_enter) {
    child->constants.push_back({task.node, std::move(outputs), task.is_dead});
    for (auto& iteration : child->iterations) {
      Send(*task.node, child, iteration.get(), &child->constants.back().outputs,
           task.is_dead, /*keep=*/true);
    }
  } else {
    // Iteration 0 is there as long as an Enter is missing.
    Send(*task.node, child, child->iterations.front().get(), &outputs,
         task.is_dead);
  }
  --child->pending_enters;
  CleanUp(child);
}

void Dataflow::Next(const Task& task, Outputs outputs) {
  if (task.is_dead) return;  // the loop is over
  LoopFrame* const frame = task.frame;
  const int64_t first = frame->iterations.front()->index;
  const int64_t next = task.iteration->index + 1;
  if (next < frame->next_index) {
    Send(*task.node, frame, frame->iterations[next - first].get(), &outputs,
         false);
  } else if (static_cast<int32_t>(frame->iterations.size()) >=
             frame->plan->parallel_iterations) {
    frame->waiting_next.push_back({task.node, std::move(outputs), false});
  } else {
    Send(*task.node, frame, AddIteration(frame), &outputs, false);
  }
}

void Dataflow::Send(const PlanNode& node, LoopFrame* frame,
                    Iteration* iteration, Outputs* outputs, bool is_dead,
                    bool keep) {
  for (const DataEdge& edge : plan_.EdgesOf(node)) {
    if (is_dead || (*outputs)[edge.output].is_dead) {
      Deliver(frame, iteration, edge, Value(), true);
    } else if (edge.last && !keep) {
      Deliver(frame, iteration, edge, std::move((*outputs)[edge.output]),
              false);
    } else {
      Deliver(frame, iteration, edge, (*outputs)[edge.output], false);
    }
  }
  for (int32_t consumer : plan_.ControlEdgesOf(node)) {
    DeliverControl(frame, iteration, plan_.nodes[consumer], is_dead);
  }
}

void Dataflow::Deliver(LoopFrame* frame, Iteration* iteration,
                       const DataEdge& edge, Value value, bool is_dead) {
  if (edge.node == DataEdge::kFetch) {
    DeliverFetch(edge.slot, std::move(value), is_dead);
    return;
  }
  const PlanNode& node = plan_.nodes[edge.node];
  int32_t& dead = iteration->dead[node.index];
  if (node.kind == NodeKind::kMerge) {
    if (dead == kLive) return;  // too late
    if (is_dead) {
      // From a NextIteration nothing comes in iteration 0.
      const int32_t expected =
          iteration->index == 0 ? node.num_forward_sources : node.num_sources;
      if (++dead < expected) return;
    } else {
      dead = kLive;
    }
  } else if (is_dead) {
    ++dead;
  }
  if (!is_dead) iteration->values[edge.slot] = std::move(value);
  CountDown(frame, iteration, node);
}

void Dataflow::DeliverControl(LoopFrame* frame, Iteration* iteration,
                              const PlanNode& node, bool is_dead) {
  if (is_dead && node.kind != NodeKind::kMerge) ++iteration->dead[node.index];
  CountDown(frame, iteration, node);
}

void Dataflow::DeliverFetch(int32_t fetch, Value value, bool is_dead) {
  if (is_dead) return;
  Fetched& fetched = fetched_[fetch];
  if (fetched.is_set) {  // by an earlier iteration
    const Output& output = plan_.signature.fetches[fetch];
    const int32_t number = plan_.retval_numbers[fetch];
    status_.Update(ErrorAtHiddenNode(
        absl::InternalError(
            absl::StrCat("Retval[", number, "] has already been set.")),
        absl::StrCat("_retval_", output.op->name(), "_", output.index, "_",
                     number)));
    return;
  }
  fetched.value = std::move(value);
  fetched.is_set = true;
}

void Dataflow::CountDown(LoopFrame* frame, Iteration* iteration,
                         const PlanNode& node) {
  if (--iteration->pending[node.index] > 0) return;
  const int32_t dead = iteration->dead[node.index];
  bool is_dead = dead > 0;
  if (node.kind == NodeKind::kMerge) is_dead = dead != kLive;
  if (node.kind == NodeKind::kControlTrigger) is_dead = false;
  ++iteration->outstanding_tasks;
  const Task task{&node, frame, iteration, is_dead};
  if (is_feeding_) {
    ready_->PushRoot(task);
  } else {
    ready_->Push(task, is_dead || node.is_inexpensive);
  }
}

void Dataflow::CleanUp(LoopFrame* frame) {
  while (frame->parent != nullptr) {
    while (!frame->iterations.empty()) {
      Iteration* const first = frame->iterations.front().get();
      if (first->outstanding_tasks > 0 || first->outstanding_frames > 0 ||
          frame->pending_enters > 0) {
        return;
      }
      frame->spare = std::move(frame->iterations.front());
      for (Value& value : frame->spare->values) value = Value();
      frame->iterations.pop_front();
      if (frame->waiting_next.empty()) continue;
      std::vector<Kept> waiting = std::move(frame->waiting_next);
      frame->waiting_next.clear();
      Iteration* const next = AddIteration(frame);
      for (Kept& kept : waiting) {
        Send(*kept.node, frame, next, &kept.outputs, false);
      }
    }
    // The frame is over.
    LoopFrame* const parent = frame->parent;
    Iteration* const iteration = frame->parent_iteration;
    for (const PlanNode* exit : frame->dead_exits) {
      Send(*exit, parent, iteration, nullptr, true);
    }
    --iteration->outstanding_frames;
    children_.erase({iteration, frame->number});
    frame = parent;
  }
}

}  // namespace retrograph
