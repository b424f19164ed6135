#include "train/moving_averages.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/builder_scope.h"
#include "ops/builders.h"
#include "ops/operators.h"
#include "train/update_op.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

bool CanBeAveraged(DataType dtype) {
  return dtype == DT_BFLOAT16 || dtype == DT_HALF || dtype == DT_FLOAT ||
         dtype == DT_DOUBLE;
}

// The name of a variable below the current variable scope that is not taken
// yet, unless the scope shares variables.
std::string UniqueVariable(Graph* graph, const std::string& name) {
  const VariableScope& scope = *CurrentVariableScope(graph);
  if (scope.reuse != Reuse::kNo) return name;
  std::set<std::string> taken;
  const std::string prefix =
      scope.name.empty() ? "" : absl::StrCat(scope.name, "/");
  for (const auto& variable :
       VariablesIn(*graph, graph_keys::kGlobalVariables, prefix)) {
    taken.insert(variable->op_name());
  }
  std::string unique = name;
  for (int i = 1; taken.count(absl::StrCat(scope.name, "/", unique)) > 0; ++i) {
    unique = absl::StrCat(name, "_", i);
  }
  return unique;
}

// A zero beside `variable`, in the variable scope of its name.
std::shared_ptr<Variable> DebiasVariable(GraphBuilder& b,
                                         const Variable& variable,
                                         const std::string& name,
                                         const PartialTensorShape& shape) {
  ColocateWith beside(b.graph(), variable.op());
  GetVariableOptions options;
  options.name = UniqueVariable(b.graph(), name);
  options.initializer = ZerosInitializer();
  options.shape = shape;
  options.dtype = variable.dtype();
  options.trainable = false;
  return GetVariable(b, std::move(options)).variable;
}

// A variable after an update, as an operand: a reference as it is, a resource
// variable read once more.
Output ReadAfterUpdate(GraphBuilder& b, const Variable& variable,
                       const Output& result) {
  if (!b.ok() || !variable.is_resource()) return result;
  ControlDependencies after(b.graph(), {UpdateOp(variable, result)});
  return variable.Value(b);
}

// The two variables that an average which began at zero is corrected with.
struct DebiasVariables {
  std::shared_ptr<Variable> biased;
  std::shared_ptr<Variable> local_step;
};

DebiasVariables MakeDebiasVariables(GraphBuilder& b, const Variable& variable) {
  VariableScopeOptions options;
  options.name = variable.op_name();
  ScopedVariableScope scope(b, std::move(options));
  if (!b.ok()) return {};
  auto biased = DebiasVariable(b, variable, "biased", variable.shape());
  return {biased, DebiasVariable(b, variable, "local_step", TensorShape())};
}

Output AssignDebiased(GraphBuilder& b, const Variable& variable,
                      const Primary& value, const Output& complement) {
  const auto [biased, step] = MakeDebiasVariables(b, variable);
  if (!b.ok()) return Output();
  const Output difference =
      OperatorSub(b, biased->Value(b), value.AsInput());
  const Output update_biased =
      biased->AssignSub(b, OperatorMul(b, difference, complement));
  const Output update_step = step->AssignAdd(b, 1);
  const Output decay = OperatorSubFrom(b, 1.0, complement);
  Output power;
  {
    BuilderScope pow(b, "Pow");
    const Output exponent = ReadAfterUpdate(b, *step, update_step);
    power = b.Op("Pow", {decay, exponent}, {}, pow.full_name());
  }
  const Output bias_factor = OperatorSubFrom(b, 1, power);
  const Output numerator = ReadAfterUpdate(b, *biased, update_biased);
  const Output debiased = OperatorTrueDiv(b, numerator, bias_factor);
  return variable.Assign(
      b, debiased, absl::StrCat(b.graph()->CurrentNameScope(), "/"),
      /*use_locking=*/true);
}

}  // namespace

Output AssignMovingAverage(GraphBuilder& b,
                           const std::shared_ptr<Variable>& variable,
                           const Primary& value,
                           const std::variant<double, Output>& decay,
                           bool zero_debias, absl::string_view name) {
  if (!b.ok()) return Output();
  BuilderScope scope(b, name.empty() ? "AssignMovingAvg" : name);
  Output complement;
  if (const auto* tensor = std::get_if<Output>(&decay)) {
    complement = OperatorSubFrom(b, 1.0, *tensor);
  } else {
    complement =
        b.Convert(1.0 - std::get<double>(decay), DT_INVALID, "decay");
  }
  if (!b.ok()) return Output();
  if (complement.dtype() != variable->dtype()) {
    complement = Cast(b, complement, variable->dtype());
  }
  if (zero_debias) return AssignDebiased(b, *variable, value, complement);
  const Output difference =
      OperatorSub(b, variable->Value(b), value.AsInput());
  const Output step = OperatorMul(b, difference, complement);
  // A resource variable's update does not take the name.
  return variable->AssignSub(b, step,
                             variable->is_resource() ? "" : scope.full_name());
}

const ExponentialMovingAverage::Shadow* ExponentialMovingAverage::Find(
    const Primary& primary) const {
  auto it = shadows_.find(primary);
  return it == shadows_.end() ? nullptr : &it->second;
}

void ExponentialMovingAverage::AddShadow(GraphBuilder& b,
                                         const Primary& primary) {
  InitScope init_scope(b.graph());
  if (primary.variable() != nullptr) {
    const Output value = primary.variable()->InitializedValue(b);
    auto average = CreateSlot(b, primary, value, name_);
    if (!b.ok()) return;
    b.graph()->AddToCollection(graph_keys::kMovingAverageVariables,
                               primary.variable());
    shadows_[primary] = {std::move(average), false};
    return;
  }
  const std::string& type = primary.op()->type();
  const bool is_variable =
      type == "Variable" || type == "VariableV2" || type == "VarHandleOp";
  auto average = CreateZerosSlot(b, primary, name_, DT_INVALID, is_variable);
  if (b.ok()) shadows_[primary] = {std::move(average), zero_debias_};
}

Output ExponentialMovingAverage::Decay(GraphBuilder& b) const {
  const Output decay = b.Convert(decay_, DT_INVALID, "decay");
  if (!num_updates_.has_value()) return decay;
  const Output n = Cast(b, *num_updates_, DT_FLOAT, "num_updates");
  const Output numerator = OperatorAddTo(b, 1.0, n);
  const Output denominator = OperatorAddTo(b, 10.0, n);
  const Output ramp = OperatorTrueDiv(b, numerator, denominator);
  return b.Op("Minimum", {decay, ramp});
}

Operation* ExponentialMovingAverage::Apply(GraphBuilder& b,
                                           const std::vector<Primary>& list) {
  for (const Primary& primary : list) {
    if (!CanBeAveraged(primary.dtype())) {
      b.Update(TypeError(
          absl::StrCat("The variables must be half, float, or double: ",
                       primary.name())));
    }
    if (b.ok() && Find(primary) == nullptr) AddShadow(b, primary);
    if (!b.ok()) return nullptr;
  }
  BuilderScope scope(b, name_);
  const Output decay = Decay(b);
  std::vector<Operation*> updates;
  std::vector<std::string> devices;
  // Only an average made by this very call is debiased, as in TensorFlow.
  for (const Primary& primary : list) {
    if (!b.ok()) return nullptr;
    const Shadow& shadow = *Find(primary);
    const Output result = AssignMovingAverage(b, shadow.average, primary, decay,
                                              shadow.zero_debias);
    if (!b.ok()) return nullptr;
    updates.push_back(UpdateOp(*shadow.average, result));
    devices.push_back(shadow.average->is_resource()
                          ? shadow.average->op()->device()
                          : updates.back()->device());
  }
  for (auto& [primary, shadow] : shadows_) shadow.zero_debias = false;
  return Group(b, updates, devices, scope.full_name());
}

Operation* ExponentialMovingAverage::Apply(GraphBuilder& b) {
  std::vector<Primary> list;
  for (auto& variable : TrainableVariables(*b.graph())) {
    list.emplace_back(std::move(variable));
  }
  return Apply(b, list);
}

std::shared_ptr<Variable> ExponentialMovingAverage::Average(
    const Primary& primary) const {
  const Shadow* shadow = Find(primary);
  return shadow == nullptr ? nullptr : shadow->average;
}

std::string ExponentialMovingAverage::AverageName(
    Graph* graph, const Primary& primary) const {
  const Shadow* shadow = Find(primary);
  if (shadow != nullptr) return shadow->average->op_name();
  return graph->UniqueName(absl::StrCat(primary.op()->name(), "/", name_),
                           /*mark_as_used=*/false);
}

std::map<std::string, Primary> ExponentialMovingAverage::VariablesToRestore(
    Graph* graph, const absl::optional<std::vector<Primary>>& averaged) const {
  std::vector<Primary> list;
  if (averaged.has_value()) {
    list = *averaged;
  } else {
    for (const char* key : {graph_keys::kTrainableVariables,
                            graph_keys::kMovingAverageVariables}) {
      for (auto& v : VariablesIn(*graph, key)) list.emplace_back(std::move(v));
    }
  }
  std::map<std::string, Primary> by_name;
  std::set<std::string> names;
  for (const Primary& primary : list) {
    by_name.insert_or_assign(AverageName(graph, primary), primary);
    names.insert(primary.name());
  }
  for (auto& variable : GlobalVariables(*graph)) {
    if (names.count(variable->name()) > 0) continue;
    by_name.emplace(variable->op_name(), Primary(variable));
  }
  return by_name;
}

}  // namespace retrograph
