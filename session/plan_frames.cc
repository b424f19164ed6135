#include "session/plan_frames.h"

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"

namespace retrograph {
namespace {

// Sources of values are numbered: nodes as in the plan, then feeds.
class FrameAssigner {
 public:
  explicit FrameAssigner(Plan* plan)
      : plan_(plan),
        num_nodes_(static_cast<int32_t>(plan->nodes.size())),
        consumers_(plan->nodes.size() + plan->signature.feeds.size()),
        known_from_(plan->nodes.size(), kUnknown) {}

  void AddEdge(int32_t from, int32_t to) { consumers_[from].push_back(to); }
  void AddFeedEdge(int32_t feed, int32_t to) { AddEdge(num_nodes_ + feed, to); }
  absl::Status Run();

 private:
  static constexpr int32_t kUnknown = -2;
  static constexpr int32_t kRoot = -1;  // has no inputs: frame 0

  absl::StatusOr<int32_t> ChildFrame(const PlanNode& enter);
  // The frame of what `from` puts out.
  absl::StatusOr<int32_t> OutputFrame(int32_t from);
  absl::Status SetFrame(int32_t to, int32_t from, int32_t frame);
  std::string Input(int32_t from, int32_t frame) const;

  Plan* const plan_;
  const int32_t num_nodes_;
  std::vector<std::vector<int32_t>> consumers_;
  std::vector<int32_t> known_from_;  // the input that told a node's frame
  std::deque<int32_t> queue_;
  std::map<std::pair<int32_t, std::string>, int32_t> children_;
};

absl::StatusOr<int32_t> FrameAssigner::ChildFrame(const PlanNode& enter) {
  std::string name;
  int64_t parallel_iterations = 10;
  RG_RETURN_IF_ERROR(enter.op->GetAttr("frame_name", &name));
  RG_RETURN_IF_ERROR(
      enter.op->GetAttr("parallel_iterations", &parallel_iterations));
  const auto [child, is_new] =
      children_.emplace(std::make_pair(enter.frame, name),
                        static_cast<int32_t>(plan_->frames.size()));
  if (is_new) {
    PlanFrame frame;
    frame.name = name;
    frame.parent = enter.frame;
    frame.parallel_iterations =
        static_cast<int32_t>(std::max<int64_t>(1, parallel_iterations));
    plan_->frames.push_back(std::move(frame));
  }
  return child->second;
}

absl::StatusOr<int32_t> FrameAssigner::OutputFrame(int32_t from) {
  if (from >= num_nodes_) return 0;
  PlanNode* const node = &plan_->nodes[from];
  if (node->kind == NodeKind::kEnter) {
    RG_ASSIGN_OR_RETURN(node->child_frame, ChildFrame(*node));
    ++plan_->frames[node->child_frame].num_enters;
    return node->child_frame;
  }
  if (node->kind != NodeKind::kExit) return node->frame;
  const int32_t parent = plan_->frames[node->frame].parent;
  if (parent < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "{{node ", node->op->name(), "}} is an Exit outside of any frame."));
  }
  return parent;
}

std::string FrameAssigner::Input(int32_t from, int32_t frame) const {
  std::string name;
  if (from < num_nodes_) {
    name = plan_->nodes[from].op->name();
  } else {
    const int32_t feed = from - num_nodes_;
    const Output& fed = plan_->signature.feeds[feed];
    name = absl::StrCat("_arg_", fed.op->name(), "_", fed.index, "_",
                        plan_->arg_numbers[feed]);
  }
  return absl::StrCat("The input {{node ", name, "}} is in frame '",
                      plan_->frames[frame].name, "'.");
}

absl::Status FrameAssigner::SetFrame(int32_t to, int32_t from, int32_t frame) {
  PlanNode& node = plan_->nodes[to];
  if (known_from_[to] == kUnknown) {
    node.frame = frame;
    known_from_[to] = from;
    queue_.push_back(to);
  } else if (node.frame != frame) {
    return absl::InvalidArgumentError(absl::StrCat(
        "{{node ", node.op->name(), "}} has inputs from different frames. ",
        Input(from, frame), " ", Input(known_from_[to], node.frame)));
  }
  return absl::OkStatus();
}

absl::Status FrameAssigner::Run() {
  std::vector<bool> has_input(plan_->nodes.size(), false);
  for (const auto& consumers : consumers_) {
    for (int32_t consumer : consumers) has_input[consumer] = true;
  }
  for (int32_t i = 0; i < num_nodes_; ++i) {
    if (has_input[i]) continue;
    known_from_[i] = kRoot;
    queue_.push_back(i);
  }
  const int32_t num_sources = static_cast<int32_t>(consumers_.size());
  for (int32_t i = num_nodes_; i < num_sources; ++i) queue_.push_back(i);
  int32_t done = 0;
  for (; !queue_.empty(); ++done) {
    const int32_t from = queue_.front();
    queue_.pop_front();
    RG_ASSIGN_OR_RETURN(const int32_t frame, OutputFrame(from));
    for (int32_t to : consumers_[from]) {
      RG_RETURN_IF_ERROR(SetFrame(to, from, frame));
    }
  }
  if (done == num_sources) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "Graph is invalid, contains a cycle outside of a loop.");
}

}  // namespace

absl::Status AssignFrames(
    absl::FunctionRef<int32_t(const Output&)> feed_of,
    const absl::flat_hash_map<const Operation*, int32_t>& index, Plan* plan) {
  FrameAssigner assigner(plan);
  for (size_t i = 0; i < plan->nodes.size(); ++i) {
    const Operation& op = *plan->nodes[i].op;
    const int32_t to = static_cast<int32_t>(i);
    for (const Output& input : op.inputs()) {
      const int32_t feed = feed_of(input);
      if (feed >= 0) {
        assigner.AddFeedEdge(feed, to);
      } else if (const auto from = index.find(input.op); from != index.end()) {
        assigner.AddEdge(from->second, to);  // others are dead for good
      }
    }
    for (const Operation* control : op.control_inputs()) {
      const auto from = index.find(control);  // a fed placeholder is not there
      if (from != index.end()) assigner.AddEdge(from->second, to);
    }
  }
  return assigner.Run();
}

}  // namespace retrograph
