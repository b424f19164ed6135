#include "train/global_step.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/operators.h"
#include "variables/initializers.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

std::shared_ptr<Variable> VariableOf(const CollectionItem& item) {
  const auto* object = std::get_if<std::shared_ptr<CollectionObject>>(&item);
  if (object == nullptr) return nullptr;
  return std::dynamic_pointer_cast<Variable>(*object);
}

absl::Status NotATensor(absl::string_view what) {
  return TypeError(absl::StrCat(
      "Existing \"global_step\" must be a Variable or Tensor: ", what, "."));
}

}  // namespace

absl::optional<CollectionItem> FindGlobalStep(const Graph& graph,
                                              const LogSink& log) {
  const std::vector<CollectionItem> found =
      graph.GetCollection(graph_keys::kGlobalStep);
  if (found.size() == 1) return found[0];
  if (!found.empty()) {
    if (log) {
      log(LogLevel::kError, "Multiple tensors in global_step collection.");
    }
    return absl::nullopt;
  }
  absl::StatusOr<Output> tensor = graph.GetTensorByName("global_step:0");
  if (!tensor.ok()) return absl::nullopt;
  return CollectionItem(*tensor);
}

absl::Status AssertGlobalStep(const CollectionItem& step) {
  DataType dtype;
  PartialTensorShape shape;
  if (const auto* tensor = std::get_if<Output>(&step)) {
    dtype = tensor->dtype();
    shape = tensor->shape();
  } else if (auto variable = VariableOf(step)) {
    dtype = variable->is_resource() ? variable->dtype()
                                    : variable->handle().dtype();
    shape = variable->shape();
  } else if (const auto* op = std::get_if<Operation*>(&step)) {
    return NotATensor((*op)->name());
  } else if (const auto* text = std::get_if<std::string>(&step)) {
    return NotATensor(*text);
  } else {
    return NotATensor("an object");
  }
  if (!IsIntegerType(RemoveRefType(dtype))) {
    return TypeError(absl::StrCat(
        "Existing \"global_step\" does not have integer type: <dtype: '",
        DTypePythonName(dtype), "'>"));
  }
  if (shape.IsFullyDefined() && shape.rank() != 0) {
    return TypeError(absl::StrCat("Existing \"global_step\" is not scalar: ",
                                  shape.PythonString()));
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::optional<CollectionItem>> GetGlobalStep(
    const Graph& graph, const LogSink& log) {
  absl::optional<CollectionItem> step = FindGlobalStep(graph, log);
  if (step.has_value()) RG_RETURN_IF_ERROR(AssertGlobalStep(*step));
  return step;
}

std::shared_ptr<Variable> CreateGlobalStep(GraphBuilder& b,
                                           const LogSink& log) {
  if (b.Take(GetGlobalStep(*b.graph(), log)).has_value()) {
    b.Update(ValueError("\"global_step\" already exists."));
  }
  if (!b.ok()) return nullptr;
  NameScope root(b.graph(), "");
  GetVariableOptions options;
  options.name = "global_step";
  options.shape = TensorShape();
  options.dtype = DT_INT64;
  options.initializer = ZerosInitializer();
  options.trainable = false;
  options.aggregation = Aggregation::kOnlyFirstReplica;
  options.collections = {graph_keys::kGlobalVariables, graph_keys::kGlobalStep};
  return GetVariable(b, std::move(options)).variable;
}

Output GlobalStepRead(GraphBuilder& b, const LogSink& log) {
  Graph* graph = b.graph();
  const auto reads = graph->GetCollection(kGlobalStepRead);
  if (reads.size() > 1) {
    b.Update(RuntimeError(
        absl::StrCat("There are multiple items in collection ",
                     kGlobalStepRead, ". There should be only one.")));
  }
  if (!b.ok()) return Output();
  if (reads.size() == 1) {
    const auto* read = std::get_if<Output>(&reads[0]);
    return read == nullptr ? Output() : *read;
  }
  const auto step = b.Take(GetGlobalStep(*graph, log));
  if (!step.has_value()) return Output();
  const std::shared_ptr<Variable> variable = VariableOf(*step);
  const Output tensor =
      variable == nullptr ? std::get<Output>(*step) : variable->handle();
  NameScope scope(graph, absl::StrCat(tensor.op->name(), "/"));
  const Output value =
      variable == nullptr ? tensor : variable->InitializedValue(b);
  // The sum is a copy of the variable's value, which may change later.
  const Output read = OperatorAdd(b, value, 0);
  if (b.ok()) graph->AddToCollection(kGlobalStepRead, read);
  return read;
}

Output IncrementGlobalStep(GraphBuilder& b, const Input& increment,
                           const LogSink& log) {
  const auto step = b.Take(GetGlobalStep(*b.graph(), log));
  if (b.ok() && !step.has_value()) {
    b.Update(ValueError(
        "Global step tensor should be created by "
        "tf.train.get_or_create_global_step before calling increment."));
  }
  const Output read = GlobalStepRead(b, log);
  if (!b.ok()) return Output();
  const std::shared_ptr<Variable> variable = VariableOf(*step);
  const Output tensor =
      variable == nullptr ? std::get<Output>(*step) : variable->handle();
  NameScope scope(b.graph(), absl::StrCat(tensor.op->name(), "/"));
  ControlDependencies after_read(b.graph(), {read.op});
  if (variable != nullptr) return variable->AssignAdd(b, increment);
  return b.Op("AssignAdd", {Input(tensor, tensor), increment});
}

}  // namespace retrograph
