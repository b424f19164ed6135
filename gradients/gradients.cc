#include "gradients/gradients.h"

#include <deque>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "gradients/aggregate.h"
#include "gradients/between_ops.h"
#include "gradients/loop_state.h"
#include "graph/control_flow.h"
#include "ops/builder_scope.h"
#include "ops/builders.h"
#include "ops/composites.h"

namespace retrograph {
namespace {

// A scope that is there only if it is asked for.
class MaybeColocate {
 public:
  MaybeColocate(Graph* graph, Operation* op, bool colocate) {
    if (colocate) scope_ = std::make_unique<ColocateWith>(graph, op);
  }

 private:
  std::unique_ptr<ColocateWith> scope_;
};

// What each output has got so far, and then their sum.
class Received {
 public:
  void Add(const Output& output, const Gradient& gradient) {
    Lists& lists = lists_[output.op];
    lists.resize(output.op->num_outputs());
    // The Switch of a loop gets a gradient after it has been visited.
    if (IsLoopSwitch(output.op) && visited_.contains(output.op)) {
      lists[output.index].clear();
    }
    lists[output.index].push_back(gradient);
  }

  // Adds up; afterwards Find() knows.
  Gradients Aggregated(GraphBuilder& b, Operation* op,
                       AggregationMethod method) {
    Gradients sums(op->num_outputs());
    visited_.insert(op);
    const auto it = lists_.find(op);
    if (it == lists_.end()) return sums;
    for (int i = 0; i < op->num_outputs(); ++i) {
      sums[i] = Aggregate(b, *op, it->second[i], method);
      it->second[i].clear();
      if (!sums[i].none()) it->second[i] = {sums[i]};
    }
    return sums;
  }

  bool HasAny(Operation* op) const { return lists_.contains(op); }
  Gradient Find(const Output& output) const {
    const auto it = lists_.find(output.op);
    if (it == lists_.end()) return Gradient();
    const std::vector<Gradient>& sum = it->second[output.index];
    return sum.empty() ? Gradient() : sum[0];
  }

 private:
  using Lists = std::vector<std::vector<Gradient>>;
  absl::flat_hash_map<Operation*, Lists> lists_;
  absl::flat_hash_set<Operation*> visited_;
};

class GradientMaker {
 public:
  GradientMaker(GraphBuilder& b, const GradientOptions& options)
      : b_(b),
        options_(options),
        loops_(b, options.colocate_gradients_with_ops) {}

  Gradients Make(const std::vector<Input>& ys, const std::vector<Input>& xs) {
    if (!b_.ok()) return {};
    MakeInScope(ys, xs);
    Gradients result;
    for (const Output& x : xs_) result.push_back(Result(x));
    return result;
  }

 private:
  void MakeInScope(const std::vector<Input>& ys, const std::vector<Input>& xs) {
    BuilderScope scope(b_, options_.name);
    if (!b_.ok()) return;
    b_.graph()->UniqueName("uid");  // TensorFlow's number of the call
    ConvertAll(ys, xs);
    if (!b_.ok()) return;
    const std::vector<Gradient> grad_ys = DefaultGradYs();
    if (!b_.ok()) return;
    between_ = std::make_unique<BetweenOps>(
        b_.graph(), ys_, xs_,
        [this](Operation* exit) { return loops_.AddLoopOf(exit); });
    if (!b_.ok()) return;
    for (size_t i = 0; i < ys_.size(); ++i) received_.Add(ys_[i], grad_ys[i]);
    Visit();
    if (b_.ok()) loops_.Finish();
  }
  void ConvertAll(const std::vector<Input>& ys, const std::vector<Input>& xs);
  std::vector<Gradient> DefaultGradYs();
  Gradient GradY(size_t i, const Output& converted);
  absl::Status CheckGradY(const Output& y, DataType dtype) const;
  absl::flat_hash_set<Operation*> StopOps() const;
  // What no gradient is waited for, to begin with.
  void FillQueue();
  void Visit();
  // `op` is done: what it read may be ready now.
  void EnqueueReady(Operation* op);
  void EnqueueExit(const Output& exit);
  // What the inputs of `op` get.
  Gradients InputGradients(Operation* op, Gradients out);
  absl::Status CheckNotInitialValue(Operation* op) const;
  Gradients CallFunction(Operation* op, const GradientFunction& function,
                         Gradients out);
  Gradient ZerosFor(Operation* op, int index);
  Gradients Gated(const Gradients& gradients);
  void Pass(Operation* op, const Gradients& in);
  Gradient Result(const Output& x);

  GraphBuilder& b_;
  const GradientOptions& options_;
  std::vector<Output> ys_;
  std::vector<Output> xs_;
  std::unique_ptr<BetweenOps> between_;
  LoopState loops_;
  Received received_;
  std::deque<Operation*> queue_;
  absl::flat_hash_set<Operation*> stop_ops_;
};

void GradientMaker::ConvertAll(const std::vector<Input>& ys,
                               const std::vector<Input>& xs) {
  for (size_t i = 0; i < ys.size() && b_.ok(); ++i) {
    ys_.push_back(b_.Convert(ys[i], DT_INVALID, absl::StrCat("y_", i)));
  }
  for (size_t i = 0; i < xs.size() && b_.ok(); ++i) {
    xs_.push_back(b_.Take(b_.TryConvert(xs[i], DT_INVALID,
                                        absl::StrCat("x_", i), DT_INVALID,
                                        /*as_ref=*/true)));
  }
}

std::vector<Gradient> GradientMaker::DefaultGradYs() {
  std::vector<Gradient> result;
  const auto& given = options_.grad_ys;
  if (!given.empty() && given.size() != ys_.size()) {
    b_.Update(ValueError(absl::StrCat("Passed ", given.size(), " grad_ys for ",
                                      ys_.size(), " ys")));
    return result;
  }
  std::vector<Output> converted(ys_.size());
  for (size_t i = 0; i < given.size() && b_.ok(); ++i) {
    if (!given[i].has_value()) continue;
    converted[i] =
        b_.Convert(*given[i], DT_INVALID, absl::StrCat("grad_y_", i));
  }
  for (size_t i = 0; i < ys_.size() && b_.ok(); ++i) {
    MaybeColocate with(b_.graph(), ys_[i].op,
                       options_.colocate_gradients_with_ops);
    result.push_back(GradY(i, converted[i]));
  }
  return result;
}

Gradient GradientMaker::GradY(size_t i, const Output& converted) {
  const Output y = ys_[i];
  const std::string name = absl::StrCat("grad_ys_", i);
  const bool rows = i < options_.grad_ys_slices.size() &&
                    options_.grad_ys_slices[i].has_value();
  if (!converted.valid() && !rows) {
    if (IsComplexType(RemoveRefType(y.dtype()))) {
      b_.Update(TypeError(absl::StrCat(
          "Gradients of complex tensors must set grad_ys (y.dtype = tf.",
          DTypePythonName(y.dtype()), ")")));
      return Gradient();
    }
    const Output shape = ShapeOf(b_, y);
    const Output one =
        b_.Convert(Input(1), RemoveRefType(y.dtype()), name);
    return Fill(b_, shape, one);
  }
  const DataType dtype = rows ? options_.grad_ys_slices[i]->values.dtype()
                              : converted.dtype();
  if (!b_.Update(CheckGradY(y, RemoveRefType(dtype)))) return Gradient();
  if (!rows) return Identity(b_, converted, name);
  const IndexedSlices& slices = *options_.grad_ys_slices[i];
  IndexedSlices result;
  result.indices = Identity(b_, slices.indices, name + "_indices");
  result.values = Identity(b_, slices.values, name + "_values");
  if (slices.dense_shape.valid()) {
    result.dense_shape = Identity(b_, slices.dense_shape, name + "_shape");
  }
  return result;
}

absl::Status GradientMaker::CheckGradY(const Output& y, DataType dtype) const {
  const DataType wanted = RemoveRefType(y.dtype());
  const auto real = [](DataType t) {
    return IsFloatingType(t) || IsIntegerType(t);
  };
  const auto mismatch = [&](const char* kind, const char* must) {
    return TypeError(absl::StrCat(
        "Gradient type ", DTypePythonName(dtype), " generated for ", kind,
        " tensor ", y.DebugString(), " with type ", DTypePythonName(y.dtype()),
        " must be ", must));
  };
  if (real(wanted)) {
    return real(dtype) ? absl::OkStatus()
                       : mismatch("real or integer-valued", "real or integer");
  }
  if (IsComplexType(wanted)) {
    return IsComplexType(dtype) ? absl::OkStatus()
                                : mismatch("complex-valued", "real");
  }
  if (wanted == DT_VARIANT) {
    return dtype == DT_VARIANT ? absl::OkStatus()
                               : mismatch("variant", "variant");
  }
  if (wanted == DT_RESOURCE) return absl::OkStatus();
  return TypeError(absl::StrCat("Tensor ", y.DebugString(), " with type ",
                                DTypePythonName(y.dtype()),
                                " must be numeric to obtain a default "
                                "gradient"));
}

// Those of xs that no other x flows into: there the way back ends.
absl::flat_hash_set<Operation*> GradientMaker::StopOps() const {
  absl::flat_hash_set<Operation*> stops;
  for (const Output& x : xs_) {
    bool first = true;
    for (const Output& input : x.op->inputs()) {
      if (between_->pending(input.op) > 0) first = false;
    }
    if (first) stops.insert(x.op);
  }
  for (const Output& stop : options_.stop_gradients) stops.insert(stop.op);
  return stops;
}

void GradientMaker::FillQueue() {
  absl::flat_hash_set<Operation*> queued;
  for (const Output& y : ys_) {
    if (between_->pending(y.op) == 0 && between_->IsReachableY(y.op) &&
        queued.insert(y.op).second) {
      queue_.push_back(y.op);
    }
  }
  for (const Output& exit : loops_.UnusedExits(between_.get(), queued)) {
    if (!IsTrainable(exit)) continue;
    received_.Add(exit, loops_.ZerosForExit(exit));
    queue_.push_back(exit.op);
  }
}

void GradientMaker::Visit() {
  FillQueue();
  stop_ops_ = StopOps();
  while (!queue_.empty() && b_.ok()) {
    Operation* op = queue_.front();
    queue_.pop_front();
    {
      MaybeColocate with(b_.graph(), op, options_.colocate_gradients_with_ops);
      Gradients out;
      {
        InContext in(b_.graph(), loops_.ContextOf(op, /*before=*/true));
        out = received_.Aggregated(b_, op, options_.aggregation_method);
      }
      if (!b_.ok()) return;
      InContext in(b_.graph(), loops_.ContextOf(op, /*before=*/false));
      const Gradients in_gradients = InputGradients(op, std::move(out));
      if (!b_.ok()) return;
      Pass(op, in_gradients);
    }
    EnqueueReady(op);
  }
}

void GradientMaker::EnqueueReady(Operation* op) {
  for (const Output& input : op->inputs()) {
    const int pending = between_->Arrived(input.op);
    if (pending != 0 && !(pending > 0 && IsLoopSwitch(input.op))) continue;
    if (IsLoopExit(input.op) &&
        loops_.LoopOf(input.op, /*before=*/false) != nullptr) {
      EnqueueExit(input);
    } else {
      queue_.push_back(input.op);
    }
  }
}

// Exits wait for each other.
void GradientMaker::EnqueueExit(const Output& exit) {
  GradientLoop* const loop = loops_.LoopOf(exit.op, /*before=*/false);
  loop->deferred_exits.push_back(exit);
  if (--loop->pending_exits != 0) return;
  bool any = false;
  for (const Output& deferred : loop->deferred_exits) {
    if (received_.HasAny(deferred.op)) {
      any = true;
      queue_.push_back(deferred.op);
    } else {
      loop->unused_exits.push_back(deferred);
    }
  }
  for (const Output& unused : loop->unused_exits) {
    if (any && IsTrainable(unused)) {
      received_.Add(unused, loops_.ZerosForExit(unused));
    }
    queue_.push_back(unused.op);
  }
}

absl::Status GradientMaker::CheckNotInitialValue(Operation* op) const {
  const ControlFlowContext* const context = op->control_flow_context();
  if (!IsSwitchOp(op) || context == nullptr || !context->is_while() ||
      context != b_.graph()->CurrentControlFlowContext()) {
    return absl::OkStatus();
  }
  // The x that the way leads to.
  std::deque<const Operation*> queue = {op};
  absl::flat_hash_set<const Operation*> seen;
  const Operation* target = nullptr;
  while (!queue.empty() && target == nullptr) {
    const Operation* const here = queue.front();
    queue.pop_front();
    if (!seen.insert(here).second) continue;
    for (const Output& x : xs_) {
      if (x.op == here) target = here;
    }
    for (const Output& input : here->inputs()) queue.push_back(input.op);
  }
  return ValueError(absl::StrCat(
      "Cannot compute gradient inside while loop with respect to op '",
      target == nullptr ? "" : target->name(),
      "'. We do not support taking the gradient wrt or through the initial "
      "value of a loop variable. Gradients can be computed through loop "
      "invariants or wrt the input parameters to the loop body."));
}

Gradients GradientMaker::InputGradients(Operation* op, Gradients out) {
  const Gradients none(op->num_inputs());
  bool any = false;
  for (const Gradient& gradient : out) any |= !gradient.none();
  const bool goes_on = any && !stop_ops_.contains(op);
  GradientFunction function;
  if (goes_on) {
    absl::StatusOr<GradientFunction> found =
        GradientRegistry::Global()->FindFor(*op);
    if (!found.ok()) {
      b_.Update(LookupError(absl::StrCat("No gradient defined for operation '",
                                         op->name(), "' (op type: ",
                                         op->type(), ")")));
      return none;
    }
    function = *std::move(found);
  }
  if (!loops_.empty() && !b_.Update(CheckNotInitialValue(op))) return none;
  if (function == nullptr) return none;
  return CallFunction(op, function, std::move(out));
}

Gradients GradientMaker::CallFunction(Operation* op,
                                      const GradientFunction& function,
                                      Gradients out) {
  for (int i = 0; i < op->num_outputs(); ++i) {
    if (out[i].none() && IsTrainable(op->output(i))) out[i] = ZerosFor(op, i);
  }
  if (!b_.ok()) return out;
  BuilderScope scope(b_, absl::StrCat(op->name(), "_grad"));
  Gradients in = function(b_, op, out);
  if (!b_.ok()) return in;
  if (static_cast<int>(in.size()) != op->num_inputs()) {
    b_.Update(ValueError(absl::StrCat(
        "Num gradients ", in.size(), " generated for op ",
        op->node_def().DebugString(), " do not match num inputs ",
        op->num_inputs())));
    return in;
  }
  return options_.gate_gradients ? Gated(in) : in;
}

// Zeros for an output that no gradient came to. The zeros of a branch are made
// only if the branch is taken.
Gradient GradientMaker::ZerosFor(Operation* op, int index) {
  const Output output = op->output(index);
  if (IsLoopSwitch(op)) return Gradient();
  GradientLoop* const loop = loops_.LoopOf(op, /*before=*/false);
  if (loop != nullptr) return loops_.ZerosFor(loop, output);
  if (output.dtype() == DT_RESOURCE) {
    const Output shape = b_.Op("VariableShape", {output});
    const HandleData* data = op->handle_data(index);
    return ZerosOf(b_, shape, data == nullptr ? DT_FLOAT : data->dtype);
  }
  ControlFlowContext* context = op->control_flow_context();
  const bool is_switch = op->type() == "Switch" || op->type() == "RefSwitch";
  if (!is_switch || context == nullptr || context->is_while()) {
    return ZerosLikeOf(b_, output, /*optimize=*/false);
  }
  const auto* cond = static_cast<CondContext*>(context);
  Operation* other = b_.AddOp("Switch", {op->input(0), cond->pred()});
  if (other == nullptr) return Gradient();
  const Output value = other->output(1 - cond->branch());
  const Output pivot = Identity(b_, value);
  const Output shape = ShapeOf(b_, value, DT_INT32, /*optimize=*/false);
  if (!b_.ok()) return Gradient();
  ControlDependencies after(b_.graph(), {pivot.op});
  return ZerosOf(b_, shape, output.dtype());
}

// tf.tuple: every gradient waits for all of them.
Gradients GradientMaker::Gated(const Gradients& gradients) {
  std::vector<Operation*> ops;
  for (const Gradient& gradient : gradients) {
    if (!gradient.none()) ops.push_back(gradient.op());
  }
  if (ops.size() < 2) return gradients;
  DeviceScope no_device(b_.graph(), absl::nullopt);
  ColocateWith with_none(b_.graph(), nullptr, /*ignore_existing=*/true);
  BuilderScope scope(b_, "tuple");
  Operation* gate = Group(b_, ops);
  Gradients gated(gradients.size());
  for (size_t i = 0; i < gradients.size() && b_.ok(); ++i) {
    if (gradients[i].none()) continue;
    BuilderScope name(b_, "control_dependency");
    ColocateWith with(b_.graph(), gradients[i].op());
    ControlDependencies after(b_.graph(), {gate});
    const Output value =
        Identity(b_, gradients[i].tensor(), name.full_name());
    if (gradients[i].is_tensor()) {
      gated[i] = value;
    } else {
      IndexedSlices rows = gradients[i].slices();
      rows.values = value;
      gated[i] = rows;
    }
  }
  return gated;
}

void GradientMaker::Pass(Operation* op, const Gradients& in) {
  for (int i = 0; i < op->num_inputs(); ++i) {
    if (in[i].none()) continue;
    const Output input = op->input(i);
    if (in[i].is_tensor() && input.dtype() != DT_RESOURCE) {
      const Output gradient = in[i].tensor();
      const absl::Status merged =
          gradient.op->MergeOutputShape(gradient.index, input.shape());
      if (!merged.ok()) {
        b_.Update(ValueError(absl::StrCat(
            "Incompatible shapes between op input and calculated input "
            "gradient.  Forward operation: ",
            op->name(), ".  Input index: ", i,
            ". Original input shape: ", input.shape().PythonString(),
            ".  Calculated input gradient shape: ",
            gradient.shape().PythonString())));
        return;
      }
    }
    received_.Add(input, in[i]);
  }
}

Gradient GradientMaker::Result(const Output& x) {
  if (received_.HasAny(x.op) || !options_.unconnected_zero || !b_.ok()) {
    return received_.Find(x);
  }
  if (x.dtype() != DT_RESOURCE) return ZerosLikeOf(b_, x);
  const HandleData* data = x.op->handle_data(x.index);
  const DataType dtype = data == nullptr ? DT_FLOAT : data->dtype;
  if (data != nullptr && data->shape.IsFullyDefined()) {
    const Output shape = b_.Convert(IntList(data->shape.dims()), DT_INT32);
    return ZerosOf(b_, shape, dtype);
  }
  return ZerosOf(b_, b_.Op("VariableShape", {x}), dtype);
}

}  // namespace

Gradients AddGradients(GraphBuilder& b, const std::vector<Input>& ys,
                       const std::vector<Input>& xs,
                       const GradientOptions& options) {
  return GradientMaker(b, options).Make(ys, xs);
}

}  // namespace retrograph
