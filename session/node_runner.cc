#include "session/node_runner.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "session/equal_nodes.h"
#include "session/node_error.h"

namespace retrograph {
namespace {

absl::Status Uninitialized(const Output& source) {
  return absl::FailedPreconditionError(absl::StrCat(
      "Attempting to use uninitialized value ", InputName(source)));
}

}  // namespace

absl::Status ReadReferences(const PlanNode& node, absl::Span<Value> inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    Value& input = inputs[i];
    if (input.ref == nullptr) continue;
    bool is_initialized;
    if ((*node.takes_reference)[i]) {
      is_initialized =
          node.allows_uninitialized_input || input.ref->IsInitialized();
    } else {
      input.tensor = input.ref->Read();
      input.ref.reset();
      is_initialized =
          node.allows_uninitialized_input || input.tensor.IsInitialized();
    }
    if (!is_initialized) {
      return ErrorAtNode(Uninitialized(node.op->input(static_cast<int>(i))),
                         *node.op);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOutputs(const Plan& plan, const PlanNode& node,
                          KernelContext* context) {
  if (!context->status().ok()) {
    return ErrorAtNode(context->status(), FirstEqualNode(plan, *node.op));
  }
  for (const DataEdge& edge : plan.EdgesOf(node)) {
    const Value& output = context->outputs()[edge.output];
    if (output.ref == nullptr && !output.is_dead &&
        !output.tensor.IsInitialized()) {
      return ErrorAtNode(absl::InternalError(absl::StrCat(
                             "Missing ", edge.output, "-th output from {{node ",
                             node.op->name(), "}}")),
                         *node.op);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Tensor> TakeResult(const Plan& plan, int fetch, Value* value) {
  const int32_t number = plan.retval_numbers[fetch];
  if (value == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("Retval[", number, "] does not have value"));
  }
  if (value->ref != nullptr) value->tensor = value->ref->Read();
  if (!value->tensor.IsInitialized()) {
    const Output& source = plan.signature.fetches[fetch];
    return ErrorAtHiddenNode(Uninitialized(source),
                             absl::StrCat("_retval_", source.op->name(), "_",
                                          source.index, "_", number));
  }
  return std::move(value->tensor);
}

absl::StatusOr<std::vector<Tensor>> TakeResults(
    const Plan& plan, absl::Span<const Tensor> feeds,
    absl::FunctionRef<Value*(int)> value_of_fetch) {
  const std::vector<Output>& fetches = plan.signature.fetches;
  std::vector<Tensor> results;
  results.reserve(fetches.size());
  for (size_t i = 0; i < fetches.size(); ++i) {
    if (plan.fetch_from_feed[i] >= 0) {
      results.push_back(feeds[plan.fetch_from_feed[i]]);
      continue;
    }
    const int fetch = static_cast<int>(i);
    RG_ASSIGN_OR_RETURN(Tensor value,
                        TakeResult(plan, fetch, value_of_fetch(fetch)));
    results.push_back(std::move(value));
  }
  return results;
}

void NodeRunReport::Tell(bool ok, absl::Span<const Value> outputs) const {
  const int64_t end = absl::GetCurrentTimeNanos();
  if (listeners_.trace != nullptr) {
    listeners_.trace->Record(*op_, start_, end, outputs);
  }
  if (listeners_.observer == nullptr) return;
  NodeRunEvent event;
  event.session_id = listeners_.session_id;
  event.name = op_->name();
  event.op = op_->type();
  event.nanos = end - start_;
  event.ok = ok;
  listeners_.observer->OnNodeRun(event);
}

}  // namespace retrograph
