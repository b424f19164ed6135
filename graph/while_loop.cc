#include "graph/while_loop.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/control_flow_nodes.h"

namespace retrograph {
namespace {

// Whether `shape` is at least as much known as `bound`, and in agreement.
bool IsWithin(const PartialTensorShape& shape,
              const PartialTensorShape& bound) {
  if (bound.unknown_rank()) return true;
  if (shape.unknown_rank() || shape.rank() != bound.rank()) return false;
  for (int i = 0; i < bound.rank(); ++i) {
    if (bound.dim(i) >= 0 && bound.dim(i) != shape.dim(i)) return false;
  }
  return true;
}

bool IsLoopConstant(const Operation* op) {
  bool is_constant = false;
  return (op->type() == "Enter" || op->type() == "RefEnter") &&
         op->GetAttr("is_constant", &is_constant).ok() && is_constant;
}

// What the ops of the innermost context that has a pivot wait for.
Output OuterPivot(const ControlFlowContext* context) {
  Output pivot;
  while (context != nullptr && !pivot.valid()) {
    pivot = context->control_pivot();
    context = context->outer();
  }
  return pivot;
}

}  // namespace

absl::StatusOr<std::unique_ptr<WhileLoop>> WhileLoop::Create(
    Graph* graph, const std::vector<Input>& loop_vars,
    const absl::optional<std::vector<PartialTensorShape>>& shape_invariants,
    const WhileOptions& options, SourceLocation location) {
  std::unique_ptr<WhileLoop> loop(new WhileLoop(graph, location));
  loop->context_ = std::make_shared<WhileContext>(graph, options);
  if (loop->context_->outer() == nullptr) {
    graph->AddToCollection(graph_keys::kWhileContext, loop->context_);
  }
  std::vector<Output> vars;
  std::vector<PartialTensorShape> shapes;
  for (const Input& var : loop_vars) vars.push_back(loop->b_.Convert(var));
  RG_RETURN_IF_ERROR(loop->b_.status());
  for (const Output& var : vars) shapes.push_back(var.shape());
  graph->EnterControlFlowContext(loop->context_);
  const absl::Status status =
      loop->AddEnters(vars, shape_invariants.value_or(shapes));
  if (status.ok()) return loop;
  graph->ExitControlFlowContext();
  return status;
}

absl::Status WhileLoop::AddEnters(
    const std::vector<Output>& loop_vars,
    const std::vector<PartialTensorShape>& shapes) {
  WhileContext& context = *context_;
  ControlFlowContext* const outer = context.outer();
  context.ResetValues(loop_vars);
  std::vector<Output> vars = loop_vars;
  if (outer != nullptr) {
    for (Output& var : vars) {
      RG_ASSIGN_OR_RETURN(var, outer->AddValue(var));
    }
  }
  std::vector<Output> enters;
  {
    ControlDependencies none(b_.graph(), ControlDependencies::kClear);
    for (const Output& var : vars) {
      RG_ASSIGN_OR_RETURN(const Output enter,
                          context.EnterLoop(var, /*is_constant=*/false,
                                            /*keep_shape=*/false));
      enters.push_back(enter);
    }
  }
  const Output pivot = OuterPivot(outer);
  for (size_t i = 0; i < enters.size(); ++i) {
    // A constant of an outer loop is there in its first iteration only; the
    // pivot is in each.
    if (pivot.valid() && IsLoopConstant(vars[i].op)) {
      b_.graph()->AddControlInput(enters[i].op, pivot.op);
    }
  }
  for (size_t i = 0; i < enters.size(); ++i) {
    if (!IsWithin(vars[i].shape(), shapes[i])) {
      return ValueError(absl::StrCat(
          "The shape invariant specified for ", vars[i].name(),
          " is not compatible with the initial shape of the loop variable. It "
          "enters the loop with shape ",
          vars[i].shape().PythonString(),
          ", but the specified shape invariant is ", shapes[i].PythonString(),
          "."));
    }
    RG_RETURN_IF_ERROR(enters[i].op->MergeOutputShape(0, shapes[i]));
  }
  context.FixControlInputs(enters);
  context.ResetValues(enters);
  context.enters_ = enters;
  for (const Output& enter : enters) {
    merges_.push_back(AddMerge(b_, enter, enter));
  }
  RG_RETURN_IF_ERROR(b_.status());
  context.pivot_for_pred_ = merges_[0];
  return absl::OkStatus();
}

absl::Status WhileLoop::SetCondition(const Input& condition) {
  WhileContext& context = *context_;
  const Output value = b_.Convert(condition);
  context.pivot_ = b_.Op("LoopCond", {value}, {}, "LoopCond");
  if (!b_.ok()) return b_.status();
  for (const Output& merge : merges_) {
    switches_.push_back(AddSwitch(b_, merge, context.pivot_));
  }
  if (!b_.ok()) return b_.status();
  for (Operation* op : switches_) {
    const char* type =
        IsRefType(op->output_type(1)) ? "RefIdentity" : "Identity";
    body_vars_.push_back(b_.Op(type, {op->output(1)}));
  }
  if (!b_.ok()) return b_.status();
  context.pivot_for_body_ = body_vars_[0];
  return absl::OkStatus();
}

absl::Status WhileLoop::AddBackEdge(const Output& merge, const Output& value) {
  const Output next = AddNextIteration(b_, value);
  if (!b_.ok()) return b_.status();
  if (!IsWithin(next.shape(), merge.shape())) {
    const Output input = merge.op->input(0).op->input(0);
    return ValueError(absl::StrCat(
        "Input tensor '", input.name(), "' enters the loop with shape ",
        input.shape().PythonString(), ", but has shape ",
        next.shape().PythonString(),
        " after one iteration. To allow the shape to vary across iterations, "
        "use the `shape_invariants` argument of tf.while_loop to specify a "
        "less-specific shape."));
  }
  b_.graph()->UpdateInput(merge.op, 1, next);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Output>> WhileLoop::AddExits(
    const std::vector<Input>& results) {
  std::vector<Output> values;
  for (const Input& result : results) values.push_back(b_.Convert(result));
  if (!b_.ok()) return b_.status();
  if (values.size() != merges_.size()) {
    return ValueError(absl::StrCat(
        "Number of inputs and outputs of body must match loop_vars: ",
        merges_.size(), ", ", values.size()));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    RG_RETURN_IF_ERROR(AddBackEdge(merges_[i], values[i]));
  }
  std::vector<Output> exits;
  for (Operation* op : switches_) exits.push_back(AddExit(b_, op->output(0)));
  if (!b_.ok()) return b_.status();
  context_->exits_ = exits;
  context_->ExitResult(exits);
  return exits;
}

absl::StatusOr<std::vector<Output>> WhileLoop::Finish(
    const std::vector<Input>& results) {
  const absl::Cleanup leave = [this] { Abandon(); };
  return AddExits(results);
}

void WhileLoop::Abandon() { b_.graph()->ExitControlFlowContext(); }

std::vector<Output> BuildWhileLoop(
    GraphBuilder& b,
    const std::function<Input(const std::vector<Output>&)>& condition,
    const std::function<std::vector<Input>(const std::vector<Output>&)>& body,
    const std::vector<Input>& loop_vars, const WhileOptions& options,
    absl::string_view name) {
  if (!b.ok()) return {};
  NameScope scope(b.graph(), name);
  if (loop_vars.empty()) {
    b.Update(ValueError("No loop variables provided"));
    return {};
  }
  std::unique_ptr<WhileLoop> loop =
      b.Take(WhileLoop::Create(b.graph(), loop_vars, absl::nullopt, options));
  if (loop == nullptr) return {};
  const Input go_on = condition(loop->condition_vars());
  if (b.ok()) b.Update(loop->SetCondition(go_on));
  std::vector<Input> results;
  if (b.ok()) results = body(loop->body_vars());
  if (b.ok()) return b.Take(loop->Finish(results));
  loop->Abandon();
  return {};
}

}  // namespace retrograph
