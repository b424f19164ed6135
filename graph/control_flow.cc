#include "graph/control_flow.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/builder.h"
#include "graph/control_flow_nodes.h"
#include "graph/graph_impl.h"

namespace retrograph {
namespace {

bool IsEnter(const Operation* op) {
  return op->type() == "Enter" || op->type() == "RefEnter";
}
bool IsExit(const Operation* op) {
  return op->type() == "Exit" || op->type() == "RefExit";
}
bool IsSwitch(const Operation* op) {
  return op->type() == "Switch" || op->type() == "RefSwitch";
}

bool IsIn(const ControlFlowContext* context,
          const ControlFlowContext* maybe_outer) {
  while (context != maybe_outer && context != nullptr) {
    context = context->outer();
  }
  return context == maybe_outer;
}

WhileContext* LoopOf(ControlFlowContext* context) {
  return context == nullptr ? nullptr : context->GetWhileContext();
}

// Between a loop and the one that goes back through it tensors may flow: the
// contexts see to how.
bool AreOfOneGradient(const WhileContext* loop,
                      const WhileContext* input_loop) {
  if (input_loop == nullptr) return false;
  if (const LoopGradient* gradient = loop->gradient()) {
    const WhileContext* const forward = gradient->forward_context();
    return IsIn(forward, input_loop) || input_loop->outer() == forward;
  }
  return input_loop->gradient() != nullptr &&
         input_loop->gradient()->forward_context() == loop;
}

// Only tensors of the op's own loop or of those around it may be its inputs;
// which branch of a cond they are of is found out when they are run.
absl::Status CheckInputContext(const Operation* op, const Operation* input) {
  ControlFlowContext* const context = op->control_flow_context();
  ControlFlowContext* const input_context = ControlFlowContext::OfOutputs(input);
  if (input_context == nullptr || input_context == context) {
    return absl::OkStatus();
  }
  WhileContext* const loop = LoopOf(context);
  WhileContext* const input_loop = LoopOf(input_context);
  if (loop == nullptr) {
    // Enters and Switches are made outside before they join a context.
    if (input_loop == nullptr || IsEnter(op) || IsSwitch(op)) {
      return absl::OkStatus();
    }
    return ValueError(absl::StrCat(
        "Cannot use '", input->name(), "' as input to '", op->name(),
        "' because '", input->name(),
        "' is in a while loop. See info log for more details."));
  }
  if (IsIn(loop, input_loop) || AreOfOneGradient(loop, input_loop)) {
    return absl::OkStatus();
  }
  return ValueError(absl::StrCat(
      "Cannot use '", input->name(), "' as input to '", op->name(),
      "' because they are in different while loops. See info log for more "
      "details."));
}

bool IsLoopConstant(const Operation* op) {
  bool is_constant = false;
  return IsEnter(op) && op->GetAttr("is_constant", &is_constant).ok() &&
         is_constant;
}

// Whether nothing ties `op` to an iteration.
bool IsFree(const Operation* op) {
  return op->control_inputs().empty() &&
         std::all_of(op->inputs().begin(), op->inputs().end(),
                     [](const Output& x) { return IsLoopConstant(x.op); });
}

// As other control inputs, these may be in any order.
void AddControls(Graph* graph, Operation* op,
                 absl::Span<Operation* const> controls) {
  for (Operation* control : controls) graph->AddControlInput(op, control);
}

}  // namespace

// ---- ControlFlowContext ----

ControlFlowContext::ControlFlowContext(Graph* graph)
    : graph_(graph), outer_(graph->CurrentControlFlowContext()) {}

absl::Status ControlFlowContext::Adopt(Operation* op) {
  for (const Output& input : op->inputs()) {
    RG_RETURN_IF_ERROR(CheckInputContext(op, input.op));
  }
  if (op->control_flow_context() == nullptr) return absl::OkStatus();
  return op->control_flow_context()->AddOp(op);
}

WhileContext* ControlFlowContext::GetWhileContext() {
  ControlFlowContext* context = this;
  while (context != nullptr && !context->is_while()) context = context->outer_;
  return static_cast<WhileContext*>(context);
}

ControlFlowContext* ControlFlowContext::OfOutputs(const Operation* op) {
  ControlFlowContext* context = op->control_flow_context();
  return context != nullptr && IsExit(op) ? context->outer() : context;
}

bool ControlFlowContext::IsReplacedInput(const Operation& op, int index) {
  Graph::Impl& impl = *op.graph()->impl_;
  ReaderLock lock(&impl.mu);
  return impl.replaced_inputs.contains({&op, index});
}

void ControlFlowContext::ExitResult(absl::Span<const Output> results) {
  if (outer_ == nullptr) return;
  for (const Output& result : results) outer_->values_.insert(result.name());
}

Output ControlFlowContext::FindExternal(const Output& value) const {
  const auto it = external_.find(value.name());
  return it == external_.end() ? Output() : it->second;
}

void ControlFlowContext::AddOutputs(const Operation* op) {
  for (int i = 0; i < op->num_outputs(); ++i) {
    values_.insert(Output{const_cast<Operation*>(op), i}.name());
  }
}

void ControlFlowContext::SetContext(Operation* op,
                                    ControlFlowContext* context) {
  Graph::Impl::SetContext(op, context);
}

void ControlFlowContext::EnterAgain() {
  graph_->impl_->MutableScopes()->PushContext(this);
}

std::vector<Operation*> ControlFlowContext::RemoveExternalControls(
    Operation* op) {
  const WhileContext* const loop = GetWhileContext();
  if (loop == nullptr) return {};
  std::vector<Operation*> internal;
  std::vector<Operation*> external;
  for (Operation* control : op->control_inputs()) {
    const bool is_internal = LoopOf(ControlFlowContext::OfOutputs(control)) == loop;
    (is_internal ? internal : external).push_back(control);
  }
  if (!external.empty()) Graph::Impl::SetControls(op, internal);
  return external;
}

void ControlFlowContext::FixControlInputs(absl::Span<const Output> enters) {
  GraphScopes* const scopes = graph_->impl_->MutableScopes();
  const WhileContext* const outer_loop = LoopOf(outer_);
  for (const Output& enter : enters) {
    ControlInputs controls;
    scopes->AddControlInputsFor(enter.op->inputs(), &controls);
    std::vector<Operation*> kept;
    for (Operation* control : controls) {
      const ControlFlowContext* const wanted = ControlFlowContext::OfOutputs(control);
      const ControlFlowContext* context = outer_;
      while (context != wanted && context != nullptr &&
             context != outer_loop) {
        context = context->outer_;
      }
      if (context == wanted) kept.push_back(control);
    }
    SetContext(enter.op, this);
    AddControls(graph_, enter.op, kept);
    scopes->RecordOp(enter.op);
  }
}

// ---- CondContext ----

CondContext::CondContext(Graph* graph, const Output& pred, const Output& pivot,
                         int branch)
    : ControlFlowContext(graph), pred_(pred), pivot_(pivot), branch_(branch) {
  name_ = graph->UniqueName("cond_text");
  values_ = {pred.name(), pivot.name()};
  external_[pred.name()] = pred;
  SetContext(pivot.op, this);
}

absl::StatusOr<Output> CondContext::SwitchInto(const Output& value) const {
  GraphBuilder b(graph_);
  Operation* const op = AddSwitch(b, value, pred_);
  if (!b.ok()) return b.status();
  return op->output(branch_);
}

absl::StatusOr<Output> CondContext::AddValue(const Output& value) {
  if (Knows(value)) {
    const Output inside = FindExternal(value);
    return inside.valid() ? inside : value;
  }
  values_.insert(value.name());
  Output result = value;
  if (outer_ != nullptr) {
    RG_ASSIGN_OR_RETURN(result, outer_->AddValue(value));
    values_.insert(result.name());
    external_[result.name()] = result;
  }
  {
    ControlDependencies none(graph_, ControlDependencies::kClear);
    RG_ASSIGN_OR_RETURN(result, SwitchInto(result));
  }
  graph_->PreventFetching(result.op);
  SetContext(result.op, this);
  for (ControlFlowContext* c = this; c != nullptr; c = c->outer()) {
    c->ExitResult({result});
  }
  values_.insert(result.name());
  external_[value.name()] = result;
  return result;
}

absl::StatusOr<Output> CondContext::AddResult(const Output& value) {
  if (Knows(value)) {
    const Output inside = FindExternal(value);
    return inside.valid() ? inside : value;
  }
  // A branch that returns a tensor from outside, as it is.
  values_.insert(value.name());
  Output result = value;
  if (outer_ != nullptr) {
    RG_ASSIGN_OR_RETURN(result, outer_->AddValue(value));
    values_.insert(result.name());
    external_[result.name()] = result;
  }
  RG_ASSIGN_OR_RETURN(result, SwitchInto(result));
  external_[value.name()] = result;
  return result;
}

absl::Status CondContext::AddOp(Operation* op) {
  for (int i = 0; i < op->num_inputs(); ++i) {
    const Output input = op->input(i);
    // The back edge of an imported loop, which joins later.
    if (op->type() == "Merge" && input.op->type() == "NextIteration") continue;
    RG_ASSIGN_OR_RETURN(const Output inside, AddValue(input));
    if (inside != input) graph_->UpdateInput(op, i, inside);
  }
  RemoveExternalControls(op);
  if (op->num_inputs() == 0 &&
      std::none_of(op->control_inputs().begin(), op->control_inputs().end(),
                   [this](const Operation* control) {
                     return IsIn(control->control_flow_context(), this);
                   })) {
    graph_->AddControlInput(op, pivot_.op);
  }
  AddOutputs(op);
  std::vector<Output> outputs;
  for (int i = 0; i < op->num_outputs(); ++i) outputs.push_back(op->output(i));
  for (ControlFlowContext* c = this; c != nullptr; c = c->outer()) {
    c->ExitResult(outputs);
  }
  if (outer_ != nullptr || !IsExit(op)) graph_->PreventFetching(op);
  return absl::OkStatus();
}

// ---- WhileContext ----

WhileContext::WhileContext(Graph* graph, WhileOptions options)
    : WhileContext(graph, std::move(options), "while_context") {}

WhileContext::WhileContext(Graph* graph, WhileOptions options,
                           absl::string_view name)
    : ControlFlowContext(graph), options_(std::move(options)) {
  name_ = graph->UniqueName(name);
}

absl::StatusOr<Output> WhileContext::EnterLoop(const Output& value,
                                               bool is_constant,
                                               bool keep_shape,
                                               absl::string_view name) {
  GraphBuilder b(graph_);
  const bool is_ref = IsRefType(value.dtype());
  const Output enter =
      b.Op(is_ref ? "RefEnter" : "Enter", {value},
           {Attr("frame_name", name_), Attr("is_constant", is_constant),
            Attr("parallel_iterations", options_.parallel_iterations)},
           name);
  if (!b.ok()) return b.status();
  if (keep_shape) {
    RG_RETURN_IF_ERROR(enter.op->MergeOutputShape(0, value.shape()));
  }
  graph_->PreventFeeding(enter);
  return enter;
}

absl::StatusOr<Output> WhileContext::EnterVariable(const Output& value,
                                                   absl::string_view name,
                                                   bool keep_shape) {
  AddName(value);
  RG_ASSIGN_OR_RETURN(const Output enter, EnterLoop(value, /*is_constant=*/false,
                                                    keep_shape, name));
  enters_.push_back(enter);
  return enter;
}

void WhileContext::AddExit(const Output& exit) {
  exits_.push_back(exit);
  ExitResult({exit});
}

LoopGradient* WhileContext::GradientThrough(const Operation* op) const {
  WhileContext* const current = LoopOf(graph_->CurrentControlFlowContext());
  if (current == nullptr || current->gradient() == nullptr) return nullptr;
  WhileContext* loop = LoopOf(op->control_flow_context());
  if (loop != nullptr && IsExit(op)) loop = LoopOf(loop->outer());
  return loop == current->gradient()->forward_context() ? current->gradient()
                                                        : nullptr;
}

absl::StatusOr<Output> WhileContext::AddValue(const Output& value) {
  if (Knows(value) || value.op->control_flow_context() == this) {
    const Output inside = FindExternal(value);
    return inside.valid() ? inside : value;
  }
  values_.insert(value.name());
  if (LoopGradient* const gradient = GradientThrough(value.op)) {
    RG_ASSIGN_OR_RETURN(const Output real, gradient->RealValue(value));
    external_[value.name()] = real;
    return real;
  }
  Output result = value;
  if (outer_ != nullptr) {
    RG_ASSIGN_OR_RETURN(result, outer_->AddValue(value));
  }
  {
    ControlDependencies none(graph_, ControlDependencies::kClear);
    RG_ASSIGN_OR_RETURN(result, EnterLoop(result, /*is_constant=*/true,
                                          /*keep_shape=*/true));
  }
  FixControlInputs({result});
  values_.insert(result.name());
  external_[value.name()] = result;
  return result;
}

// A shape is smaller than the tensor, so the forward loop takes it there and
// keeps that.
absl::Status WhileContext::AddOp(Operation* op) {
  if (op->type() == "Shape" || op->type() == "Size" || op->type() == "Rank") {
    const WhileContext* const current =
        LoopOf(graph_->CurrentControlFlowContext());
    ControlFlowContext* const context =
        op->input(0).op->control_flow_context();
    if (current != nullptr && current->gradient() != nullptr &&
        LoopOf(context) == current->gradient()->forward_context()) {
      SetContext(op, context);
      return AddOpTo(context, op);
    }
  }
  return AddOpHere(op);
}

absl::Status WhileContext::AddOpHere(Operation* op) {
  for (int i = 0; i < op->num_inputs(); ++i) {
    const Output input = op->input(i);
    RG_ASSIGN_OR_RETURN(const Output inside, AddValue(input));
    if (inside != input) graph_->UpdateInput(op, i, inside);
  }
  const std::vector<Operation*> external = RemoveExternalControls(op);
  if (IsFree(op)) graph_->AddControlInput(op, control_pivot().op);
  AddOutputs(op);
  RG_RETURN_IF_ERROR(AddExternalControls(op, external));
  if (outer_ == nullptr && IsExit(op)) return absl::OkStatus();
  graph_->PreventFetching(op);
  for (int i = 0; i < op->num_outputs(); ++i) {
    graph_->PreventFeeding(op->output(i));
  }
  return absl::OkStatus();
}

// An op outside runs once, not in each iteration: what waits for it waits for
// one of its outputs to enter the loop.
absl::Status WhileContext::AddExternalControls(
    Operation* op, absl::Span<Operation* const> controls) {
  if (controls.empty()) return absl::OkStatus();
  std::vector<Operation*> inside;
  GraphBuilder b(graph_);
  {
    ControlDependencies none(graph_, ControlDependencies::kClear);
    EnterAgain();
    for (Operation* control : controls) {
      if (control->num_outputs() == 0) continue;
      inside.push_back(AddIdentity(b, control->output(0)).op);
    }
    graph_->ExitControlFlowContext();
  }
  RG_RETURN_IF_ERROR(b.status());
  AddControls(graph_, op, inside);
  return absl::OkStatus();
}

void WhileContext::ResetValues(absl::Span<const Output> values) {
  values_.clear();
  for (const Output& value : values) values_.insert(value.name());
}

}  // namespace retrograph
