#include "graph/function_trace.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/string_view.h"
#include "core/check.h"
#include "core/errors.h"
#include "graph/builder.h"
#include "graph/control_flow.h"
#include "graph/op_registry.h"

namespace retrograph {
namespace {

std::vector<FunctionTrace*>& EnteredTraces() {
  static thread_local std::vector<FunctionTrace*> traces;
  return traces;
}

// Stateful ops whose order does not matter.
constexpr absl::string_view kUnordered[] = {
    "CollectiveBcastRecv",  "CollectiveBcastSend",
    "CollectiveGather",     "CollectiveReduce",
    "Multinomial",          "NcclAllReduce",
    "ParameterizedTruncatedNormal",
    "RandomGamma",          "RandomGammaGrad",
    "RandomPoisson",        "RandomPoissonV2",
    "RandomShuffle",        "RandomStandardNormal",
    "RandomUniform",        "RandomUniformInt",
    "TruncatedNormal",
};

bool IsOrdered(const Operation& op) {
  return op.registration() != nullptr &&
         op.registration()->def.is_stateful() &&
         !absl::c_linear_search(kUnordered, op.type());
}

// The walk of AddAutomaticControlDependencies, op by op.
class ControlAdder {
 public:
  explicit ControlAdder(Graph* graph) : graph_(graph) {}

  void Visit(Operation* op) {
    ControlFlowContext* const context = op->control_flow_context();
    if (context != nullptr && context->GetWhileContext() != nullptr) return;
    if (op->registration() == nullptr || IsOrdered(*op)) must_run_.insert(op);
    if (op->type() == "Merge") {
      // Both branches end here, with all that was to run in them.
      TakeAllInto(op);
      return;
    }
    const bool uses_resource = FollowResources(op);
    if (IsOrdered(*op) && !uses_resource && context == nullptr) {
      if (last_stateful_ != nullptr) {
        graph_->AddControlInput(op, last_stateful_);
      }
      last_stateful_ = op;
    }
  }

  void MakeWait(Operation* result) {
    for (Operation* op : must_run_) {
      if (op->control_flow_context() == result->control_flow_context()) {
        graph_->AddControlInput(result, op);
      }
    }
  }
  std::vector<Operation*> MustRun() const {
    return {must_run_.begin(), must_run_.end()};
  }

 private:
  struct ById {
    bool operator()(const Operation* a, const Operation* b) const {
      return a->id() < b->id();
    }
  };
  using Resource = std::pair<const Operation*, int>;

  void TakeAllInto(Operation* merge) {
    for (Operation* op : must_run_) {
      graph_->AddControlInput(merge, op);
      for (const Output& input : op->inputs()) {
        const auto last = last_user_.find({input.op, input.index});
        if (last != last_user_.end()) last->second = merge;
      }
    }
    must_run_ = {merge};
  }

  // Whether the op takes a resource at all.
  bool FollowResources(Operation* op) {
    std::set<Resource> seen;
    for (const Output& input : op->inputs()) {
      if (input.dtype() != DT_RESOURCE) continue;
      const Resource resource(input.op, input.index);
      if (!seen.insert(resource).second) continue;
      Operation*& last = last_user_[resource];
      if (last != nullptr &&
          last->control_flow_context() == op->control_flow_context()) {
        graph_->AddControlInput(op, last);
      }
      last = op;
    }
    return !seen.empty();
  }

  Graph* const graph_;
  std::map<Resource, Operation*> last_user_;
  Operation* last_stateful_ = nullptr;
  std::set<Operation*, ById> must_run_;
};

}  // namespace

void FunctionTrace::Enter() { EnteredTraces().push_back(this); }

void FunctionTrace::Exit() {
  RG_CHECK(!EnteredTraces().empty() && EnteredTraces().back() == this,
           "traces are left in another order than they were entered in");
  EnteredTraces().pop_back();
}

FunctionTrace* FunctionTrace::Of(const Graph* graph) {
  const auto& traces = EnteredTraces();
  for (auto trace = traces.rbegin(); trace != traces.rend(); ++trace) {
    if ((*trace)->body() == graph) return *trace;
  }
  return nullptr;
}

absl::StatusOr<Output> FunctionTrace::Capture(const Output& tensor) {
  if (tensor.graph() == body()) return tensor;
  for (const auto& [outside, placeholder] : captures_) {
    if (outside == tensor) return placeholder;
  }
  const ControlDependencies none(body(), ControlDependencies::kClear);
  NodeSpec spec;
  spec.name = tensor.op->name();
  spec.type = "Placeholder";
  spec.attrs = {Attr("dtype", tensor.dtype()), Attr("shape", tensor.shape())};
  RG_ASSIGN_OR_RETURN(Operation* const op, body()->CreateOp(std::move(spec)));
  if (const HandleData* data = tensor.op->handle_data(tensor.index)) {
    op->SetHandleData(0, *data);
  }
  captures_.emplace_back(tensor, op->output(0));
  return op->output(0);
}

std::vector<Operation*> AddAutomaticControlDependencies(
    Graph* graph, absl::Span<Operation* const> results) {
  ControlAdder adder(graph);
  for (Operation* op : graph->GetOperations()) adder.Visit(op);
  for (Operation* result : results) adder.MakeWait(result);
  return adder.MustRun();
}

}  // namespace retrograph
