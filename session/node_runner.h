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

// The tensors a run returns: feeds where fetches are fed, values of fetched
// variables as they are now.
//
// Errors: FailedPrecondition at "_retval_v_0_0", InvalidArgument "Retval[0]
// does not have value" where `value_of_fetch` is null.
absl::StatusOr<std::vector<Tensor>> TakeResults(
    const Plan& plan, absl::Span<const Tensor> feeds,
    absl::FunctionRef<Value*(int)> value_of_fetch);

// Tells the observer, if there is one, that a node ran: make it before, call
// Done() after.
class NodeRunReport {
 public:
  NodeRunReport(Observer* observer, int64_t session_id, const Operation* op)
      : observer_(observer), session_id_(session_id), op_(op) {
    if (observer_ != nullptr) start_ = absl::GetCurrentTimeNanos();
  }
  void Done(bool ok) const {
    if (observer_ == nullptr) return;
    NodeRunEvent event;
    event.session_id = session_id_;
    event.name = op_->name();
    event.op = op_->type();
    event.nanos = absl::GetCurrentTimeNanos() - start_;
    event.ok = ok;
    observer_->OnNodeRun(event);
  }

 private:
  Observer* const observer_;
  const int64_t session_id_;
  const Operation* const op_;
  int64_t start_ = 0;
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_NODE_RUNNER_H_
