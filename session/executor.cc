#include "session/executor.h"

#include <utility>

#include "core/observer.h"
#include "session/node_runner.h"
#include "session/step.h"

namespace retrograph {
namespace {

// Where a fetch's value is put while the nodes run.
struct Slots {
  std::vector<Value> inputs;
  std::vector<Value> fetched;

  void Put(const DataEdge& edge, Value value) {
    auto& values = edge.node == DataEdge::kFetch ? fetched : inputs;
    values[edge.slot] = std::move(value);
  }
};

absl::Status RunNode(const Plan& plan, const PlanNode& node,
                     const RunEnvironment& env, const NodeRunReport& report,
                     Slots* slots) {
  const absl::Span<Value> inputs =
      absl::MakeSpan(slots->inputs).subspan(node.first_slot, node.num_inputs);
  if (node.has_ref_inputs) {
    absl::Status ready = ReadReferences(node, inputs);
    if (!ready.ok()) {
      report.Done(false, {});
      return ready;
    }
  }
  KernelContext context(node.op, inputs, &env);
  node.kernel->Compute(&context);
  absl::Status status = CheckOutputs(plan, node, &context);
  report.Done(status.ok(), context.outputs());
  if (!status.ok()) return status;
  for (Value& input : inputs) input = Value();  // frees buffers early
  for (const DataEdge& edge : plan.EdgesOf(node)) {
    Value& output = context.outputs()[edge.output];
    if (edge.last) {
      slots->Put(edge, std::move(output));
    } else {
      slots->Put(edge, output);
    }
  }
  return absl::OkStatus();
}

// What must not run since a node before it failed. The rest of a run goes on,
// as on TensorFlow, whose executor ends only the failed node's own line.
class Failures {
 public:
  explicit Failures(const Plan& plan) : plan_(plan) {}

  const absl::Status& first() const { return first_; }

  // Whether `node` waits for a node that failed; then it fails with it.
  bool TakesAlong(const PlanNode& node) {
    if (first_.ok() || !lost_[NumberOf(node)]) return false;
    LoseConsumers(node);
    return true;
  }

  void Add(const PlanNode& node, absl::Status status) {
    if (first_.ok()) {
      first_ = std::move(status);
      lost_.resize(plan_.nodes.size());
    }
    LoseConsumers(node);
  }

 private:
  size_t NumberOf(const PlanNode& node) const {
    return static_cast<size_t>(&node - plan_.nodes.data());
  }
  void LoseConsumers(const PlanNode& node) {
    for (const DataEdge& edge : plan_.EdgesOf(node)) {
      if (edge.node != DataEdge::kFetch) lost_[edge.node] = true;
    }
    for (int32_t consumer : plan_.ControlEdgesOf(node)) lost_[consumer] = true;
  }

  const Plan& plan_;
  absl::Status first_;
  std::vector<bool> lost_;  // by number; empty if nothing failed
};

absl::StatusOr<std::vector<Tensor>> RunInOrder(
    const Plan& plan, absl::Span<const Tensor> feeds, const RunEnvironment& env,
    const CancellationManager& cancellation, const ExecutorOptions& options) {
  Slots slots;
  slots.inputs.resize(plan.frames[0].num_slots);
  slots.fetched.resize(plan.signature.fetches.size());
  for (size_t i = 0; i < feeds.size(); ++i) {
    for (const DataEdge& edge : plan.EdgesOfFeed(static_cast<int>(i))) {
      slots.inputs[edge.slot].tensor = feeds[i];
    }
  }
  const NodeListeners listeners{CurrentObserver(), options.session_id,
                                options.trace};
  Failures failures(plan);
  for (const PlanNode& node : plan.nodes) {
    if (cancellation.IsCancelled()) return RunCancelled();
    if (failures.TakesAlong(node)) continue;
    const NodeRunReport report(listeners, node.op);
    absl::Status status = RunNode(plan, node, env, report, &slots);
    if (!status.ok()) failures.Add(node, std::move(status));
  }
  RG_RETURN_IF_ERROR(failures.first());
  return TakeResults(plan, feeds,
                     [&slots](int i) { return &slots.fetched[i]; });
}

}  // namespace

absl::StatusOr<std::vector<Tensor>> ExecutePlan(
    const Plan& plan, absl::Span<const Tensor> feeds, RunEnvironment env,
    CancellationManager* session, const ExecutorOptions& options) {
  const bool use_threads = plan.is_parallel && options.max_threads > 1;
  const bool has_deadline = options.timeout < absl::InfiniteDuration();
  if (plan.is_linear && !use_threads && !has_deadline) {
    env.cancellation = session;
    return RunInOrder(plan, feeds, env, *session, options);
  }
  // A cancellation of its own: a failed run must not end others.
  CancellationManager cancellation;
  env.cancellation = &cancellation;
  int64_t token = 0;
  if (!session->OnCancel(&token, [&cancellation] { cancellation.Cancel(); })) {
    return RunCancelled();
  }
  auto step = std::make_shared<Step>(plan, env, &cancellation, options);
  absl::StatusOr<std::vector<Tensor>> results = step->Run(feeds);
  session->Forget(token);
  return results;
}

}  // namespace retrograph
