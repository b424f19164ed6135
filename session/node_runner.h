// Running one node of a plan: what both ways of executing share.
#ifndef RETROGRAPH_SESSION_NODE_RUNNER_H_
#define RETROGRAPH_SESSION_NODE_RUNNER_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "core/observer.h"
#include "ops/kernel.h"
#include "session/plan.h"
#include "session/step_trace.h"

namespace retrograph {

// Puts the variables' values of this moment in place of the references that
// the node does not take as such.
//
// Errors: FailedPrecondition "Attempting to use uninitialized value v", at the
// node, unless its kernel takes such inputs.
absl::Status ReadReferences(const PlanNode& node, absl::Span<Value> inputs);

// Checks what the kernel of `node` left behind: its status, with the node's
// name, and that each output that is needed is there (Internal).
absl::Status CheckOutputs(const Plan& plan, const PlanNode& node,
                          KernelContext* context);

// The value of fetch number `fetch`, which `value` holds: of a variable the
// value of this moment. Moves from `value`.
//
// Errors: FailedPrecondition at "_retval_v_0_0", InvalidArgument "Retval[0]
// does not have value" if `value` is null.
absl::StatusOr<Tensor> TakeResult(const Plan& plan, int fetch, Value* value);

// The tensors a run returns: feeds where fetches are fed, values of fetched
// variables as they are now. Errors: TakeResult's.
absl::StatusOr<std::vector<Tensor>> TakeResults(
    const Plan& plan, absl::Span<const Tensor> feeds,
    absl::FunctionRef<Value*(int)> value_of_fetch);

// Who hears of the nodes that run.
struct NodeListeners {
  Observer* observer = nullptr;  // null: nobody
  int64_t session_id = 0;        // for the observer
  StepTrace* trace = nullptr;    // null: the run is not traced
};

// Tells the listeners, if there are any, that a node ran: make it before, call
// Done() after, while the kernel's outputs are still there.
class NodeRunReport {
 public:
  NodeRunReport(const NodeListeners& listeners, const Operation* op)
      : listeners_(listeners), op_(op) {
    if (HasListener()) start_ = absl::GetCurrentTimeNanos();
  }
  void Done(bool ok, absl::Span<const Value> outputs) const {
    if (HasListener()) Tell(ok, outputs);
  }

 private:
  bool HasListener() const {
    return listeners_.observer != nullptr || listeners_.trace != nullptr;
  }
  void Tell(bool ok, absl::Span<const Value> outputs) const;

  const NodeListeners listeners_;
  const Operation* const op_;
  int64_t start_ = 0;  // in nanoseconds
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_NODE_RUNNER_H_
