#include "session/node_runner.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
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
  if (!context->status().ok()) return ErrorAtNode(context->status(), *node.op);
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
    Value* const value = value_of_fetch(static_cast<int>(i));
    if (value == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Retval[", plan.retval_numbers[i], "] does not have value"));
    }
    if (value->ref != nullptr) value->tensor = value->ref->Read();
    if (!value->tensor.IsInitialized()) {
      return ErrorAtHiddenNode(
          Uninitialized(fetches[i]),
          absl::StrCat("_retval_", fetches[i].op->name(), "_", fetches[i].index,
                       "_", plan.retval_numbers[i]));
    }
    results.push_back(std::move(value->tensor));
  }
  return results;
}

}  // namespace retrograph
