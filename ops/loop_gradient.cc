#include "ops/loop_gradient.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/builders.h"
#include "ops/composites.h"

namespace retrograph {

Output SwitchSide(GraphBuilder& b, const Input& data, const Input& pred,
                  int side) {
  Operation* const op = b.AddOp("Switch", {data, pred});
  return op == nullptr ? Output() : op->output(side);
}

Output MergeBoth(GraphBuilder& b, const Output& first, const Output& second,
                 absl::string_view name) {
  Operation* const op =
      b.AddOp("Merge", {Input::List({first, second})}, {}, name);
  return op == nullptr ? Output() : op->output(0);
}

bool IsLoopExit(const Operation* op) {
  return op->type() == "Exit" || op->type() == "RefExit";
}

bool IsSwitchOp(const Operation* op) {
  return op->type() == "Switch" || op->type() == "RefSwitch";
}

bool IsLoopSwitch(const Operation* op) {
  return IsSwitchOp(op) && op->control_flow_context() != nullptr &&
         op->control_flow_context()->is_while() &&
         op->input(1).op->type() == "LoopCond";
}

namespace {

// Null unless `value` is a constant of the loop, perhaps switched into a branch.
Operation* ConstantEnter(const Output& value) {
  bool is_constant = false;
  Operation* op = value.op;
  while (IsSwitchOp(op) || op->type() == "Identity" ||
         op->type() == "RefIdentity") {
    op = op->input(0).op;
  }
  const bool is_enter = op->type() == "Enter" || op->type() == "RefEnter";
  return is_enter && op->GetAttr("is_constant", &is_constant).ok() &&
                 is_constant
             ? op
             : nullptr;
}

// The shape of a row of `table`: for a variable what its handle's op says.
Input RowShape(GraphBuilder& b, Output table) {
  if (table.dtype() != DT_RESOURCE) {
    const Output shape = ShapeOf(b, table, DT_INT32, /*optimize=*/false);
    return SliceRange(b, shape, 1, absl::nullopt);
  }
  while (table.op->num_inputs() > 0) table = table.op->input(0);
  PartialTensorShape shape;
  if (!b.Update(table.op->GetAttr("shape", &shape))) return Output();
  std::vector<int64_t> dims(shape.dims().begin(), shape.dims().end());
  if (!dims.empty()) dims.erase(dims.begin());
  return IntList(dims);
}

// The back edge of a loop variable.
void CloseLoop(Graph* graph, const Output& merge, const Output& next) {
  if (merge.valid() && next.valid()) graph->UpdateInput(merge.op, 1, next);
}

}  // namespace

// ---- Counters ----

GradientLoop::GradientLoop(WhileContext* forward, GradientLoop* outer)
    : graph_(forward->graph()),
      forward_(forward),
      outer_(outer),
      forward_exits_(forward->exits()) {
  pending_exits = static_cast<int>(forward_exits_.size());
}

absl::StatusOr<std::shared_ptr<GradientLoop>> GradientLoop::Create(
    WhileContext* forward, GradientLoop* outer) {
  std::shared_ptr<GradientLoop> loop(new GradientLoop(forward, outer));
  Graph* const graph = forward->graph();
  ControlFlowContext* const around =
      outer == nullptr ? forward->outer() : outer->forward_;
  Output count;
  {
    InContext in(graph, around);
    RG_ASSIGN_OR_RETURN(count, loop->AddForwardCounter());
  }
  Output stack;
  if (outer != nullptr) {
    around->AddName(count);
    RG_ASSIGN_OR_RETURN(stack, outer->AddStack(count));
  }
  InContext in(graph, outer == nullptr ? forward->outer() : outer->backward_);
  auto backward = std::make_shared<WhileContext>(graph, forward->options(),
                                                 forward->name());
  backward->set_gradient(loop);
  loop->backward_ = backward.get();
  if (outer != nullptr) {
    RG_ASSIGN_OR_RETURN(count, outer->AddPop(stack, count));
  }
  // The graph keeps a context that was entered.
  graph->EnterControlFlowContext(backward);
  graph->ExitControlFlowContext();
  RG_RETURN_IF_ERROR(loop->AddBackwardCounter(count));
  return loop;
}

GradientLoop* GradientLoop::Current(const Graph* graph) {
  ControlFlowContext* const context = graph->CurrentControlFlowContext();
  WhileContext* const loop =
      context == nullptr ? nullptr : context->GetWhileContext();
  return loop == nullptr ? nullptr
                         : static_cast<GradientLoop*>(loop->gradient());
}

absl::StatusOr<Output> GradientLoop::AddForwardCounter() {
  GraphBuilder b(graph_);
  const Output zero = b.Convert(Input(0), DT_INT32, "f_count");
  if (!b.ok()) return b.status();
  if (outer_ != nullptr) {
    // The pushes of one run of the inner loop come before those of the next.
    graph_->AddControlInput(zero.op, outer_->forward_index_.op->input(0).op);
  }
  InContext in(graph_, forward_);
  RG_ASSIGN_OR_RETURN(const Output enter,
                      forward_->EnterVariable(zero, "f_count"));
  const Output merge = MergeBoth(b, enter, enter);
  if (!b.ok()) return b.status();
  Operation* const split = b.AddOp("Switch", {merge, forward_->pivot()});
  if (!b.ok()) return b.status();
  const Output index = b.Op("Add", {split->output(1), 1});
  forward_index_ = b.Op("NextIteration", {index});
  CloseLoop(graph_, merge, forward_index_);
  const Output total = b.Op("Exit", {split->output(0)}, {}, "f_count");
  if (!b.ok()) return b.status();
  forward_->AddExit(total);
  return total;
}

absl::Status GradientLoop::AddBackwardCounter(const Output& count) {
  GraphBuilder b(graph_);
  const Output one = b.Convert(Input(1), DT_INT32, "b_count");
  if (!b.ok()) return b.status();
  InContext in(graph_, backward_);
  RG_ASSIGN_OR_RETURN(const Output enter,
                      backward_->EnterVariable(count, "b_count"));
  const Output merge = MergeBoth(b, enter, enter);
  if (!b.ok()) return b.status();
  backward_->set_pivot_for_pred(merge);
  const Output more = b.Op("GreaterEqual", {merge, one});
  const Output pivot = b.Op("LoopCond", {more}, {}, "b_count");
  if (!b.ok()) return b.status();
  backward_->set_pivot(pivot);
  Operation* const split = b.AddOp("Switch", {merge, pivot});
  if (!b.ok()) return b.status();
  const Output index = b.Op("Sub", {split->output(1), one});
  if (!b.ok()) return b.status();
  backward_->set_pivot_for_body(index);
  backward_index_ = b.Op("NextIteration", {index});
  CloseLoop(graph_, merge, backward_index_);
  const Output zero = b.Op("Exit", {split->output(0)}, {}, "b_count");
  if (!b.ok()) return b.status();
  backward_->AddExit(zero);
  if (outer_ != nullptr) {
    // The pops of one run of the inner loop come before those of the next.
    RG_ASSIGN_OR_RETURN(Operation* const sync, outer_->BackwardSync());
    graph_->AddControlInput(sync, zero.op);
  }
  return absl::OkStatus();
}

absl::StatusOr<Operation*> GradientLoop::ForwardSync() {
  if (forward_sync_ != nullptr) return forward_sync_;
  GraphBuilder b(graph_);
  ControlDependencies none(graph_, ControlDependencies::kClear);
  forward_sync_ = b.AddOp("ControlTrigger", {}, {}, "f_sync");
  if (!b.ok()) return b.status();
  ControlFlowContext::SetContext(forward_sync_, forward_);
  graph_->AddControlInput(forward_index_.op, forward_sync_);
  return forward_sync_;
}

absl::StatusOr<Operation*> GradientLoop::BackwardSync() {
  if (backward_sync_ != nullptr) return backward_sync_;
  GraphBuilder b(graph_);
  ControlDependencies none(graph_, ControlDependencies::kClear);
  backward_sync_ = b.AddOp("ControlTrigger", {}, {}, "b_sync");
  if (!b.ok()) return b.status();
  ControlFlowContext::SetContext(backward_sync_, backward_);
  graph_->AddControlInput(backward_index_.op, backward_sync_);
  return backward_sync_;
}

// ---- Stacks ----

absl::StatusOr<Output> GradientLoop::AddStack(const Output& value,
                                              bool on_dead_branch) {
  GraphBuilder b(graph_);
  ControlFlowContext* const current = graph_->CurrentControlFlowContext();
  ControlDependencies none(graph_, ControlDependencies::kClear);
  Output stack;
  {
    InContext in(graph_, current);
    ColocateWith with(graph_, value.op);
    const Output no_limit = b.Convert(Input(-1), DT_INT32, "Const");
    stack = b.Op("StackV2", {no_limit},
                 {Attr("elem_type", RemoveRefType(value.dtype()))}, "f_acc");
  }
  if (!b.ok()) return b.status();
  RG_ASSIGN_OR_RETURN(const Output inside, forward_->AddValue(stack));
  RG_ASSIGN_OR_RETURN(const Output push,
                      AddPush(inside, value, on_dead_branch));
  graph_->AddControlInput(push.op, forward_index_.op->input(0).op);
  return stack;
}

absl::StatusOr<Output> GradientLoop::AddPush(const Output& stack,
                                             const Output& value,
                                             bool on_dead_branch) {
  GraphBuilder b(graph_);
  const auto push = [&](ControlFlowContext* context) {
    InContext in(graph_, context);
    return b.Op("StackPushV2", {stack, value},
                {Attr("swap_memory", forward_->options().swap_memory)});
  };
  ControlFlowContext* const context = ControlFlowContext::OfOutputs(value.op);
  if (context == forward_) {
    const Output pushed = push(forward_);
    if (!b.ok()) return b.status();
    graph_->AddControlInput(forward_index_.op, pushed.op);
    return pushed;
  }
  if (context == nullptr || context->is_while()) {
    return TypeError(absl::StrCat(
        "value_ctxt is not a CondContext: ",
        context == nullptr ? "None" : context->name()));
  }
  const Output pushed = push(on_dead_branch ? context->outer() : context);
  if (!b.ok()) return b.status();
  if (on_dead_branch) ControlFlowContext::SetContext(pushed.op, context);
  RG_ASSIGN_OR_RETURN(Operation* const sync, ForwardSync());
  graph_->AddControlInput(sync, pushed.op);
  return pushed;
}

CondContext* GradientLoop::BranchOf(const Output& stack, const Output& value) {
  const ControlFlowContext* const end = stack.op->control_flow_context();
  ControlFlowContext* context = value.op->control_flow_context();
  for (; context != nullptr && context != end; context = context->outer()) {
    if (!context->is_while()) return static_cast<CondContext*>(context);
  }
  return nullptr;
}

absl::StatusOr<Output> GradientLoop::AddPop(const Output& stack,
                                            const Output& value,
                                            bool on_dead_branch) {
  GraphBuilder b(graph_);
  Output pop;
  {
    ControlDependencies none(graph_, ControlDependencies::kClear);
    InContext in(graph_, backward_);
    Output guarded = stack;
    if (const CondContext* branch = BranchOf(stack, value)) {
      Output pred;
      for (const GradientLoop* loop = this; loop != nullptr && !pred.valid();
           loop = loop->outer_) {
        pred = loop->FindReal(branch->pred());
      }
      if (!pred.valid()) pred = branch->pred();
      ColocateWith with(graph_, stack.op, /*ignore_existing=*/true);
      guarded = SwitchSide(
          b, stack, pred,
          on_dead_branch ? 1 - branch->branch() : branch->branch());
    }
    pop = b.Op("StackPopV2", {guarded},
               {Attr("elem_type", RemoveRefType(value.dtype()))});
    if (!b.ok()) return b.status();
    RG_RETURN_IF_ERROR(pop.op->MergeOutputShape(0, value.shape()));
  }
  if (backward_->options().parallel_iterations > 1) {
    RG_ASSIGN_OR_RETURN(Operation* const sync, BackwardSync());
    graph_->AddControlInput(sync, pop.op);
  }
  return pop;
}

Output GradientLoop::FindReal(const Output& value) const {
  const auto it = real_values_.find(value.name());
  return it == real_values_.end() ? Output() : it->second;
}

absl::StatusOr<Output> GradientLoop::RealValue(const Output& value) {
  const Output known = FindReal(value);
  if (known.valid()) return known;
  // A constant of the loop is one of the loops around it, or a tensor outside.
  Output source = value;
  GradientLoop* owner = this;
  Output real;
  while (Operation* const enter = ConstantEnter(source)) {
    source = enter->input(0);
    owner = owner->outer_;
    if (owner != nullptr) continue;
    RG_ASSIGN_OR_RETURN(real, backward_->AddValue(source));
    break;
  }
  if (!real.valid() && source.op->type() == "Const") {
    GraphBuilder b(graph_);
    Tensor constant;
    RG_RETURN_IF_ERROR(source.op->GetAttr("value", &constant));
    real = Constant(b, constant);
    if (!b.ok()) return b.status();
  }
  if (!real.valid()) {
    graph_->ExitControlFlowContext();
    const absl::StatusOr<Output> stack = owner->AddStack(source);
    backward_->EnterAgain();
    RG_RETURN_IF_ERROR(stack.status());
    RG_ASSIGN_OR_RETURN(real, owner->AddPop(*stack, source));
    if (owner != this) {
      RG_ASSIGN_OR_RETURN(real, backward_->AddValue(real));
    }
  }
  real_values_[value.name()] = real;
  return real;
}

absl::StatusOr<Output> GradientLoop::RealPredicate(const Output& pred) {
  const Output known = FindReal(pred);
  if (known.valid()) return known;
  graph_->ExitControlFlowContext();
  const absl::StatusOr<Output> stack = AddStack(pred);
  backward_->EnterAgain();
  RG_RETURN_IF_ERROR(stack.status());
  RG_ASSIGN_OR_RETURN(const Output real, AddPop(*stack, pred));
  real_values_[pred.name()] = real;
  return real;
}

Output GradientLoop::FindMerge(const Operation* switch_op) const {
  for (const auto& [op, merge] : merges_) {
    if (op == switch_op) return merge;
  }
  return Output();
}

// ---- Sums over the iterations ----

absl::StatusOr<Gradient> GradientLoop::AddAccumulator(
    Operation* enter, const Gradient& gradient) {
  graph_->ExitControlFlowContext();
  auto sum = gradient.is_slices()
                 ? AddRowsAccumulator(enter, gradient.slices())
                 : AddTensorAccumulator(enter, gradient.tensor());
  backward_->EnterAgain();
  return sum;
}

// Zeros: what the sum is after no iteration.
absl::StatusOr<Output> GradientLoop::AccumulatorStart(Operation* enter,
                                                      const Output& gradient) {
  GraphBuilder b(graph_);
  const DataType dtype = gradient.dtype();
  ControlFlowContext* const around = backward_->outer();
  if (gradient.shape().IsFullyDefined()) {
    InContext in(graph_, around);
    const Output zeros =
        RepeatedConstant(b, Tensor(dtype, TensorShape()),
                         gradient.shape().AsTensorShape(), "b_acc");
    if (!b.ok()) return b.status();
    return zeros;
  }
  const Output value = enter->input(0);
  if (outer_ == nullptr) {
    InContext in(graph_, around);
    const Output shape = ShapeOf(b, value, DT_INT32, /*optimize=*/false);
    const Output zeros = ZerosOf(b, shape, dtype);
    if (!b.ok()) return b.status();
    return zeros;
  }
  Output shape;
  {
    InContext in(graph_, forward_->outer());
    shape = ShapeOf(b, value, DT_INT32, /*optimize=*/false);
  }
  if (!b.ok()) return b.status();
  RG_ASSIGN_OR_RETURN(const Output stack, outer_->AddStack(shape));
  InContext in(graph_, around);
  RG_ASSIGN_OR_RETURN(const Output real, outer_->AddPop(stack, shape));
  const Output zeros = ZerosOf(b, real, dtype);
  if (!b.ok()) return b.status();
  return zeros;
}

absl::StatusOr<Gradient> GradientLoop::AddTensorAccumulator(
    Operation* enter_op, const Output& gradient) {
  RG_ASSIGN_OR_RETURN(const Output start,
                      AccumulatorStart(enter_op, gradient));
  GraphBuilder b(graph_);
  InContext in(graph_, backward_);
  RG_ASSIGN_OR_RETURN(const Output enter,
                      backward_->EnterVariable(start, "b_acc"));
  const Output merge = MergeBoth(b, enter, enter, "b_acc");
  if (!b.ok()) return b.status();
  Operation* const split = b.AddOp("Switch", {merge, backward_->pivot()});
  if (!b.ok()) return b.status();
  const Output sum = b.Op("Add", {split->output(1), gradient});
  CloseLoop(graph_, merge, b.Op("NextIteration", {sum}));
  const Output result = b.Op("Exit", {split->output(0)}, {}, "b_acc");
  if (!b.ok()) return b.status();
  backward_->AddExit(result);
  return Gradient(result);
}

// Rows are put one behind another, after one row of zeros.
absl::StatusOr<Gradient> GradientLoop::AddRowsAccumulator(
    Operation* enter_op, const IndexedSlices& rows) {
  GraphBuilder b(graph_);
  const Output source = enter_op->input(0);
  Output first_values, first_indices, first_shape;
  {
    InContext in(graph_, backward_->outer());
    const DataType dtype = rows.values.dtype();
    if (rows.values.shape().IsFullyDefined()) {
      TensorShape shape = rows.values.shape().AsTensorShape();
      shape.set_dim(0, 1);
      first_values = RepeatedConstant(b, Tensor(dtype, TensorShape()), shape,
                                      "b_acc");
    } else {
      const Output one_row =
          ConcatAll(b, {IntList({1}), RowShape(b, source)}, 0);
      first_values = ZerosOf(b, one_row, dtype);
    }
    first_indices = b.Convert(IntList({0}), rows.indices.dtype());
    if (rows.dense_shape.valid()) {
      const DataType type = rows.dense_shape.dtype();
      if (rows.dense_shape.shape().IsFullyDefined()) {
        first_shape = RepeatedConstant(
            b, Tensor(type, TensorShape()),
            rows.dense_shape.shape().AsTensorShape(), "Const");
      } else {
        first_shape = ZerosLikeOf(
            b, ShapeOf(b, source, type, /*optimize=*/false),
            /*optimize=*/false);
      }
    }
  }
  if (!b.ok()) return b.status();
  InContext in(graph_, backward_);
  std::vector<Output> starts = {first_indices, first_values};
  std::vector<Output> parts = {rows.indices, rows.values};
  if (first_shape.valid()) {
    starts.push_back(first_shape);
    parts.push_back(rows.dense_shape);
  }
  for (const Output& start : starts) backward_->AddName(start);
  std::vector<Output> enters, merges, exits;
  std::vector<Operation*> splits;
  for (const Output& start : starts) {
    RG_ASSIGN_OR_RETURN(
        const Output enter,
        backward_->EnterVariable(start, "b_acc", /*keep_shape=*/false));
    enters.push_back(enter);
  }
  RG_RETURN_IF_ERROR(
      enters[0].op->MergeOutputShape(0, PartialTensorShape({-1})));
  if (!first_values.shape().unknown_rank()) {
    PartialTensorShape shape = first_values.shape();
    if (shape.rank() > 0) shape.set_dim(0, -1);
    RG_RETURN_IF_ERROR(enters[1].op->MergeOutputShape(0, shape));
  }
  for (const Output& enter : enters) {
    merges.push_back(MergeBoth(b, enter, enter, "b_acc"));
  }
  for (const Output& merge : merges) {
    if (!b.ok()) return b.status();
    splits.push_back(b.AddOp("Switch", {merge, backward_->pivot()}));
  }
  std::vector<Output> sums, nexts;
  for (size_t i = 0; i < splits.size() && b.ok(); ++i) {
    const Output before = splits[i]->output(1);
    sums.push_back(i < 2 ? ConcatAll(b, {before, parts[i]}, 0)
                         : b.Op("Maximum", {parts[i], before}));
  }
  for (const Output& sum : sums) {
    nexts.push_back(b.Op("NextIteration", {sum}));
  }
  if (!b.ok()) return b.status();
  for (size_t i = 0; i < merges.size(); ++i) {
    CloseLoop(graph_, merges[i], nexts[i]);
    exits.push_back(b.Op("Exit", {splits[i]->output(0)}, {}, "b_acc"));
  }
  if (!b.ok()) return b.status();
  for (const Output& exit : exits) backward_->AddExit(exit);
  return Gradient(IndexedSlices{exits[1], exits[0],
                                exits.size() > 2 ? exits[2] : Output()});
}

}  // namespace retrograph
