// The steps that add to a graph.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "ops/builders.h"
#include "scenario/runner.h"
#include "scenario/values.h"
#include "variables/variable_scope.h"

namespace retrograph::scenario {
namespace {

// A value of a scenario; what is wrong with it is a mistake of the scenario.
absl::StatusOr<Tensor> Value(const std::string& json, DataType dtype) {
  absl::StatusOr<Tensor> value = ParseValue(json, dtype);
  if (!value.ok()) return Mistake(value.status().message());
  return value;
}

absl::optional<Initializer> MakeInitializer(pb::GetVariable::Initializer kind) {
  switch (kind) {
    case pb::GetVariable::ZEROS: return ZerosInitializer();
    case pb::GetVariable::ONES: return OnesInitializer();
    case pb::GetVariable::RANDOM_UNIFORM: return RandomUniformInitializer();
    case pb::GetVariable::RANDOM_NORMAL: return RandomNormalInitializer();
    case pb::GetVariable::TRUNCATED_NORMAL: return TruncatedNormalInitializer();
    case pb::GetVariable::GLOROT_UNIFORM: return GlorotUniformInitializer();
    case pb::GetVariable::GLOROT_NORMAL: return GlorotNormalInitializer();
    default: return absl::nullopt;
  }
}

}  // namespace

absl::Status Runner::Build(const pb::Step& step) {
  const std::shared_ptr<Graph> graph = Graph::Default();
  GraphBuilder b;
  switch (step.action_case()) {
    case pb::Step::kVariable: return MakeVariable(step.variable());
    case pb::Step::kGetVariable: return MakeGetVariable(step.get_variable());
    case pb::Step::kOp: return MakeOp(step.op());
    case pb::Step::kSaver: return MakeSaver(step.saver());
    case pb::Step::kConstant: {
      const pb::Constant& c = step.constant();
      RG_ASSIGN_OR_RETURN(const Tensor value, Value(c.value(), c.dtype()));
      objects_.Set(c.as(), Constant(
                               b, value, c.name().empty() ? "Const" : c.name()));
      return b.status();
    }
    case pb::Step::kPlaceholder: {
      const pb::Placeholder& p = step.placeholder();
      if (p.dtype() == DT_INVALID) return Mistake("a placeholder needs a dtype");
      absl::StatusOr<PartialTensorShape> shape = ParseShape(p.shape());
      if (!shape.ok()) return Mistake(shape.status().message());
      objects_.Set(p.as(), Placeholder(
                               b, p.dtype(), *shape,
                               p.name().empty() ? "Placeholder" : p.name()));
      return b.status();
    }
    case pb::Step::kPlaceholderWithDefault: {
      const pb::PlaceholderWithDefault& p = step.placeholder_with_default();
      RG_ASSIGN_OR_RETURN(const Tensor value, Value(p.value(), p.dtype()));
      absl::StatusOr<PartialTensorShape> shape = ParseShape(p.shape());
      if (!shape.ok()) return Mistake(shape.status().message());
      objects_.Set(p.as(), PlaceholderWithDefault(
                               b, Input(value), *shape,
                               p.name().empty() ? "PlaceholderWithDefault"
                                                : p.name()));
      return b.status();
    }
    case pb::Step::kDropout: return MakeDropout(step.dropout());
    case pb::Step::kAddToCollection:
      return FillCollection(step.add_to_collection());
    case pb::Step::kImportMetaGraph:
      return RunImport(step.import_meta_graph());
    case pb::Step::kGlobalVariablesInitializer:
      objects_.Set(step.global_variables_initializer().as(),
                   GlobalVariablesInitializer(b));
      return b.status();
    case pb::Step::kSetRandomSeed:
      graph->SetSeed(step.set_random_seed());
      return absl::OkStatus();
    case pb::Step::kFinalize:
      graph->Finalize();
      return absl::OkStatus();
    default:
      return Mistake("this step cannot stand here");
  }
}

absl::Status Runner::MakeVariable(const pb::Variable& step) {
  VariableOptions options;
  if (!step.initial_tensor().empty()) {
    RG_ASSIGN_OR_RETURN(const Output tensor, FindTensor(step.initial_tensor()));
    options.initial_value = Input(tensor);
  } else if (!step.initial_value().empty()) {
    RG_ASSIGN_OR_RETURN(const Tensor value,
                        Value(step.initial_value(), step.dtype()));
    options.initial_value = Input(value);
  }
  options.name = step.name();
  options.dtype = step.dtype();
  if (step.not_trainable()) options.trainable = false;
  if (step.collection_size() > 0) {
    options.collections.emplace(step.collection().begin(),
                                step.collection().end());
  }
  if (step.use_resource()) options.use_resource = true;
  options.validate_shape = !step.no_validate_shape();
  GraphBuilder b;
  const auto variable = Variable::Create(b, std::move(options));
  RG_RETURN_IF_ERROR(b.status());
  objects_.Set(step.as(), variable);
  return absl::OkStatus();
}

absl::Status Runner::MakeGetVariable(const pb::GetVariable& step) {
  GetVariableOptions options;
  options.name = step.name();
  options.dtype = step.dtype();
  if (step.initial_value().empty()) {
    options.shape.emplace(absl::MakeConstSpan(step.shape().data(),
                                              step.shape().size()));
    options.initializer = MakeInitializer(step.initializer());
  } else {
    RG_ASSIGN_OR_RETURN(const Tensor value,
                        Value(step.initial_value(), step.dtype()));
    options.initial_value = Input(value);
  }
  if (step.not_trainable()) options.trainable = false;
  if (step.use_resource()) options.use_resource = true;
  if (step.partitions() > 0) {
    options.partitioner =
        FixedSizePartitioner(step.partitions(), step.partition_axis());
  }
  GraphBuilder b;
  const GotVariable got = GetVariable(b, std::move(options));
  RG_RETURN_IF_ERROR(b.status());
  if (got.variable != nullptr) {
    objects_.Set(step.as(), got.variable);
  } else {
    objects_.Set(step.as(), got.partitioned);
  }
  return absl::OkStatus();
}

absl::StatusOr<Input> Runner::MakeInput(const pb::Op::Input& input) {
  if (input.has_ref()) {
    const Object* object = objects_.Find(input.ref());
    if (object != nullptr) {
      if (auto* variable =
              std::get_if<std::shared_ptr<Variable>>(object)) {
        return (*variable)->AsInput();
      }
    }
    RG_ASSIGN_OR_RETURN(const Output tensor, FindTensor(input.ref()));
    return Input(tensor);
  }
  if (input.has_value()) {
    RG_ASSIGN_OR_RETURN(const Tensor value, Value(input.value(), DT_INVALID));
    return Input(value);
  }
  std::vector<Input> list;
  for (const pb::Op::Input& part : input.list().input()) {
    RG_ASSIGN_OR_RETURN(Input made, MakeInput(part));
    list.push_back(std::move(made));
  }
  return Input(std::move(list));
}

absl::Status Runner::MakeOp(const pb::Op& step) {
  std::vector<Input> inputs;
  for (const pb::Op::Input& input : step.input()) {
    RG_ASSIGN_OR_RETURN(Input made, MakeInput(input));
    inputs.push_back(std::move(made));
  }
  AttrList attrs(step.attr().begin(), step.attr().end());
  GraphBuilder b;
  Operation* op =
      b.AddOp(step.type(), std::move(inputs), std::move(attrs), step.name());
  RG_RETURN_IF_ERROR(b.status());
  if (op->num_outputs() > 0) {
    objects_.Set(step.as(), op->output(0));
  } else {
    objects_.Set(step.as(), op);
  }
  return absl::OkStatus();
}

absl::StatusOr<Saveable> Runner::MakeSaveable(const std::string& name) {
  const Object* object = objects_.Find(name);
  Saveable saveable;
  if (object == nullptr) {
    return objects_.Get<std::shared_ptr<Variable>>(name, "variable")
        .status();
  }
  if (auto* v = std::get_if<std::shared_ptr<Variable>>(object)) {
    saveable.value = *v;
  } else if (auto* p =
                 std::get_if<std::shared_ptr<PartitionedVariable>>(object)) {
    saveable.value = *p;
  } else if (auto* tensor = std::get_if<Output>(object)) {
    saveable.value = *tensor;
  } else {
    return objects_.Get<std::shared_ptr<Variable>>(name, "variable")
        .status();
  }
  return saveable;
}

absl::Status Runner::MakeSaver(const pb::Saver& step) {
  std::shared_ptr<Saver> saver;
  if (step.build()) {
    RG_ASSIGN_OR_RETURN(
        saver,
        objects_.Get<std::shared_ptr<Saver>>(step.as(), "saver"));
    RG_RETURN_IF_ERROR(saver->Build(Graph::Default().get()));
  } else {
    if (step.key_size() > 0 && step.key_size() != step.var_list_size()) {
      return Mistake(absl::StrCat("a saver with ", step.var_list_size(),
                                  " variables in var_list has ",
                                  step.key_size(), " keys"));
    }
    SaverOptions options;
    options.var_list_is_dict = step.key_size() > 0;
    for (int i = 0; i < step.var_list_size(); ++i) {
      RG_ASSIGN_OR_RETURN(Saveable saveable, MakeSaveable(step.var_list(i)));
      if (options.var_list_is_dict) saveable.key = step.key(i);
      if (!options.var_list.has_value()) options.var_list.emplace();
      options.var_list->push_back(std::move(saveable));
    }
    if (!step.name().empty()) options.name = step.name();
    if (step.max_to_keep() > 0) options.max_to_keep = step.max_to_keep();
    if (step.max_to_keep() < 0) options.max_to_keep = absl::nullopt;
    options.sharded = step.sharded();
    options.reshape = step.reshape();
    options.allow_empty = step.allow_empty();
    options.defer_build = step.defer_build();
    narrator_->BeginSaver(step.as());
    RG_ASSIGN_OR_RETURN(
        saver, Saver::Create(Graph::Default().get(),
                                         std::move(options)));
    objects_.Set(step.as(), saver);
  }
  const std::vector<std::string> expected(step.expect_key().begin(),
                                          step.expect_key().end());
  if (!expected.empty() && saver->keys() != expected) {
    mismatch_ = absl::StrCat("expected a Saver with the keys ",
                             absl::StrJoin(expected, ", "), "; it has ",
                             absl::StrJoin(saver->keys(), ", "));
  }
  return absl::OkStatus();
}

}  // namespace retrograph::scenario
