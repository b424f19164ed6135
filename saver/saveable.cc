#include "saver/saveable.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/builders.h"

namespace retrograph {
namespace {

absl::Status IndexError() {
  return PythonError("IndexError", absl::StatusCode::kOutOfRange,
                     "list index out of range");
}

bool IsRefVariableOp(const Operation& op) {
  return op.type() == "VariableV2" || op.type() == "Variable" ||
         op.type() == "AutoReloadVariable";
}

bool ComesFromVariable(const Output& tensor) {
  return IsRefVariableOp(*tensor.op) || tensor.op->type() == "VarHandleOp" ||
         tensor.op->type() == "ReadVariableOp";
}

// The one tensor of a variable. A builder of the user's may have made none.
Input RestoredValue(GraphBuilder& b, const std::vector<Output>& tensors,
                    const std::vector<TargetShape>* shapes) {
  if (tensors.empty()) {
    b.Update(IndexError());
    return Output();
  }
  if (shapes == nullptr) return tensors[0];
  return Reshape(b, tensors[0], (*shapes)[0].AsInput());
}

// Another variable's own tensor, or the variable's handle.
Output TensorOf(const VariableSaveable::Source& source) {
  if (auto* tensor = std::get_if<Output>(&source)) return *tensor;
  return std::get<std::shared_ptr<Variable>>(source)->handle();
}

const void* IdentityOf(const VariableSaveable::Source& source) {
  if (auto* tensor = std::get_if<Output>(&source)) return tensor->op;
  return std::get<std::shared_ptr<Variable>>(source).get();
}

class ReferenceVariableSaveable : public VariableSaveable {
 public:
  ReferenceVariableSaveable(Source source, std::string slice_spec,
                            std::string name)
      : VariableSaveable(/*is_resource=*/false, source, std::move(slice_spec),
                         std::move(name)),
        ref_(TensorOf(source)) {
    // What is saved of a variable itself is its value as a tensor.
    auto* variable = std::get_if<std::shared_ptr<Variable>>(&source);
    SavedTensor saved = variable != nullptr ? (*variable)->snapshot() : ref_;
    saved.device = ref_.op->device();  // not where it is cached
    SaveSpec& spec = specs_[0];
    spec.tensor = [saved](GraphBuilder&) { return saved; };
    spec.dtype = RemoveRefType(ref_.dtype());
    spec.device = ref_.op->device();
    spec.variable = ref_.op->name();
  }

  std::vector<Operation*> Restore(
      GraphBuilder& b, const std::vector<Output>& tensors,
      const std::vector<TargetShape>* shapes) override {
    const Input value = RestoredValue(b, tensors, shapes);
    if (!b.ok()) return {};
    const bool validate = shapes == nullptr && ref_.shape().IsFullyDefined();
    return {b.AddOp("Assign", {Input(ref_, ref_), value},
                    {Attr("use_locking", true),
                     Attr("validate_shape", validate)})};
  }

 private:
  const Output ref_;
};

class ResourceVariableSaveable : public VariableSaveable {
 public:
  // Over a read of the variable.
  ResourceVariableSaveable(Output read, std::string slice_spec,
                           std::string name)
      : VariableSaveable(/*is_resource=*/true, read, std::move(slice_spec),
                         std::move(name)),
        handle_(read.op->input(0)),
        shape_(read.shape()),
        device_(read.op->device()) {
    Describe(read.dtype());
    specs_[0].tensor = [read](GraphBuilder&) { return read; };
  }
  // The variable is read anew, and the value copied to the CPU of its machine.
  ResourceVariableSaveable(const std::shared_ptr<Variable>& variable,
                           std::string slice_spec, std::string name)
      : VariableSaveable(/*is_resource=*/true, variable, std::move(slice_spec),
                         std::move(name)),
        handle_(variable->handle()),
        shape_(variable->shape()),
        device_(variable->device()) {
    Describe(variable->dtype());
    specs_[0].tensor = [variable](GraphBuilder& b) {
      return ReadToCpu(b, *variable);
    };
  }

  std::vector<Operation*> Restore(
      GraphBuilder& b, const std::vector<Output>& tensors,
      const std::vector<TargetShape>* shapes) override {
    const Input value = RestoredValue(b, tensors, shapes);
    if (!b.ok()) return {};
    DeviceScope on_device(b.graph(), device_);
    const Output copy = Identity(b, value);
    if (!b.ok()) return {};
    if (!shape_.IsCompatibleWith(copy.shape())) {
      b.Update(ValueError(absl::StrCat("Shapes ", shape_.PythonString(),
                                       " and ", copy.shape().PythonString(),
                                       " are incompatible")));
      return {};
    }
    return {b.AddOp("AssignVariableOp", {handle_, copy})};
  }

 private:
  static Output ReadToCpu(GraphBuilder& b, const Variable& variable) {
    DeviceScope on_device(b.graph(), variable.device());
    const Output value = variable.ReadValue(b);
    DeviceScope on_cpu(b.graph(), "/device:CPU:0");
    return Identity(b, value);
  }
  void Describe(DataType dtype) {
    specs_[0].dtype = dtype;
    specs_[0].device = device_;
    specs_[0].variable = handle_.op->name();
  }

  const Output handle_;
  const PartialTensorShape shape_;
  const std::string device_;
};

absl::StatusOr<std::shared_ptr<SaveableObject>> ForPart(
    const std::shared_ptr<Variable>& part, const std::string& name) {
  const std::string slice = part->save_slice_info()->spec();
  if (part->is_resource()) return VariableSaveable::Resource(part, slice, name);
  return VariableSaveable::Reference(part, slice, name);
}

// The tensor that stands for a variable in a Saver: its reference, or the read
// made when it was built.
Output TensorOf(const Variable& variable) {
  return variable.graph_element();
}

absl::StatusOr<std::shared_ptr<SaveableObject>> ForTensor(
    const Output& tensor, const std::string& name) {
  if (!ComesFromVariable(tensor)) {
    return TypeError(
        absl::StrCat("names_to_saveables must be a dict mapping string names "
                     "to Tensors/Variables. Not a variable: ",
                     tensor.DebugString()));
  }
  if (IsRefVariableOp(*tensor.op)) {
    return VariableSaveable::Reference(tensor, "", name);
  }
  return VariableSaveable::Resource(tensor, "", name);
}

// Under which names which of a list's things go.
using NamedPlaces = std::map<std::string, std::vector<size_t>>;

// What TensorFlow sorts a list by: the .name attribute.
std::string ListName(const Saveable& saveable) {
  struct Visitor {
    std::string operator()(const std::shared_ptr<Variable>& v) {
      return v->name();
    }
    std::string operator()(const std::shared_ptr<PartitionedVariable>& v) {
      return v->name();
    }
    std::string operator()(const Output& tensor) { return tensor.name(); }
    std::string operator()(const std::shared_ptr<SaveableObject>& object) {
      return object->name();
    }
    std::string operator()(const Slices&) { return ""; }
  };
  return std::visit(Visitor(), saveable.value);
}

// The variable, if it is a slice of one.
std::shared_ptr<Variable> AsSlice(const Saveable& saveable) {
  auto* variable = std::get_if<std::shared_ptr<Variable>>(&saveable.value);
  return variable != nullptr && (*variable)->save_slice_info().has_value()
             ? *variable
             : nullptr;
}

// The name of a variable or of its tensor.
absl::StatusOr<std::string> TensorName(const Saveable& saveable) {
  auto* variable = std::get_if<std::shared_ptr<Variable>>(&saveable.value);
  const Output tensor = variable != nullptr
                            ? TensorOf(**variable)
                            : std::get<Output>(saveable.value);
  if (!ComesFromVariable(tensor)) {
    return TypeError(absl::StrCat("Variable to save is not a Variable: ",
                                  tensor.DebugString()));
  }
  const Operation* op = tensor.op->type() == "ReadVariableOp"
                            ? tensor.op->input(0).op
                            : tensor.op;
  return op->name();
}

absl::Status AddName(const std::vector<Saveable>& list, size_t place,
                     NamedPlaces* names) {
  const Saveable& saveable = list[place];
  if (const std::shared_ptr<Variable> slice = AsSlice(saveable)) {
    const std::string& name = slice->save_slice_info()->full_name;
    std::vector<size_t>& places = (*names)[name];
    if (!places.empty() && AsSlice(list[places[0]]) == nullptr) {
      return ValueError(absl::StrCat(
          "Mixing slices and non-slices with the same name: ", name));
    }
    places.push_back(place);
    return absl::OkStatus();
  }
  std::string name = ListName(saveable);
  if (std::holds_alternative<std::shared_ptr<SaveableObject>>(saveable.value)) {
    (*names)[name] = {place};  // the last of a name stays
    return absl::OkStatus();
  }
  if (!std::holds_alternative<std::shared_ptr<PartitionedVariable>>(
          saveable.value)) {
    RG_ASSIGN_OR_RETURN(name, TensorName(saveable));
  }
  if (!names->insert({name, {place}}).second) {
    return ValueError(
        absl::StrCat("At least two variables have the same name: ", name));
  }
  return absl::OkStatus();
}

absl::Status AppendSlices(const std::string& name, const Slices& slices,
                          Saveables* result) {
  const std::string* full_name = nullptr;
  for (const std::shared_ptr<Variable>& part : slices) {
    if (!part->save_slice_info().has_value()) {
      return ValueError(absl::StrCat("Slices must all be slices: ",
                                     part->ReprString()));
    }
    const std::string& part_of = part->save_slice_info()->full_name;
    if (full_name == nullptr) full_name = &part_of;
    if (*full_name != part_of) {
      return ValueError(absl::StrCat("Slices must all be from the same tensor: ",
                                     *full_name, " != ", part_of));
    }
    RG_ASSIGN_OR_RETURN(auto made, ForPart(part, name));
    result->push_back(std::move(made));
  }
  return absl::OkStatus();
}

// What is saved of one thing under a name.
absl::Status Append(const std::string& name, const Saveable& saveable,
                    Saveables* result) {
  const auto& value = saveable.value;
  if (auto* slices = std::get_if<Slices>(&value)) {
    return AppendSlices(name, *slices, result);
  }
  if (auto* object = std::get_if<std::shared_ptr<SaveableObject>>(&value)) {
    result->push_back(*object);
    return absl::OkStatus();
  }
  if (auto* whole = std::get_if<std::shared_ptr<PartitionedVariable>>(&value)) {
    return AppendSlices(name, (*whole)->parts(), result);
  }
  auto* variable = std::get_if<std::shared_ptr<Variable>>(&value);
  const Output tensor =
      variable != nullptr ? TensorOf(**variable) : std::get<Output>(value);
  RG_ASSIGN_OR_RETURN(auto made, ForTensor(tensor, name));
  result->push_back(std::move(made));
  return absl::OkStatus();
}

// A list's things, those of one name together.
absl::Status AppendList(const std::vector<Saveable>& list, Saveables* result) {
  RG_ASSIGN_OR_RETURN(const auto names, NamesOfList(list));
  for (const auto& [name, places] : names) {
    if (AsSlice(list[places[0]]) == nullptr) {
      RG_RETURN_IF_ERROR(Append(name, list[places[0]], result));
      continue;
    }
    Slices slices;
    for (size_t place : places) slices.push_back(AsSlice(list[place]));
    RG_RETURN_IF_ERROR(AppendSlices(name, slices, result));
  }
  return absl::OkStatus();
}

}  // namespace

SavedTensor::SavedTensor(const Output& tensor) : input(tensor) {
  if (!tensor.valid()) return;  // the builder has the error
  shape = tensor.shape();
  device = tensor.op->device();
}

SavedTensor::SavedTensor(const Variable& variable)
    : input(variable.AsInput()),
      shape(variable.shape()),
      device(variable.device()) {}

Input TargetShape::AsInput() const {
  if (tensor.valid()) return tensor;
  Tensor dims(DT_INT32, TensorShape({known.rank()}));
  for (int i = 0; i < known.rank(); ++i) {
    dims.mutable_flat<int32_t>()[i] = static_cast<int32_t>(known.dim(i));
  }
  return dims;
}

VariableSaveable::VariableSaveable(bool is_resource, Source source,
                                   std::string slice_spec, std::string name)
    : SaveableObject(name, IdentityOf(source), TensorOf(source)),
      is_resource_(is_resource),
      source_(std::move(source)) {
  specs_.emplace_back();
  specs_[0].slice_spec = std::move(slice_spec);
  specs_[0].name = std::move(name);
}

std::shared_ptr<VariableSaveable> VariableSaveable::Reference(
    Source source, std::string slice_spec, std::string name) {
  return std::make_shared<ReferenceVariableSaveable>(
      std::move(source), std::move(slice_spec), std::move(name));
}

absl::StatusOr<std::shared_ptr<VariableSaveable>> VariableSaveable::Resource(
    Source source, std::string slice_spec, std::string name) {
  auto* read = std::get_if<Output>(&source);
  if (read == nullptr) {
    return std::make_shared<ResourceVariableSaveable>(
        std::get<std::shared_ptr<Variable>>(source), std::move(slice_spec),
        std::move(name));
  }
  if (read->op->num_inputs() == 0) {
    // A handle: what it is read from would be its first input.
    return IndexError();
  }
  return std::make_shared<ResourceVariableSaveable>(
      *read, std::move(slice_spec), std::move(name));
}

std::vector<Saveable> AllSaveableObjects(const Graph& graph,
                                         absl::string_view scope) {
  std::vector<Saveable> result;
  for (const auto& variable :
       VariablesIn(graph, graph_keys::kGlobalVariables, scope)) {
    result.push_back({absl::nullopt, variable});
  }
  for (const CollectionItem& item :
       graph.GetCollection(graph_keys::kSaveableObjects, scope)) {
    const auto* object = std::get_if<std::shared_ptr<CollectionObject>>(&item);
    if (object == nullptr) continue;
    if (auto saveable = std::dynamic_pointer_cast<SaveableObject>(*object)) {
      result.push_back({absl::nullopt, std::move(saveable)});
    }
  }
  return result;
}

absl::StatusOr<std::vector<std::pair<std::string, std::vector<size_t>>>>
NamesOfList(const std::vector<Saveable>& list) {
  std::vector<size_t> order(list.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return ListName(list[a]) < ListName(list[b]);
  });
  NamedPlaces names;
  for (size_t place : order) {
    RG_RETURN_IF_ERROR(AddName(list, place, &names));
  }
  return std::vector<std::pair<std::string, std::vector<size_t>>>(
      names.begin(), names.end());
}

absl::StatusOr<Saveables> ValidateAndSliceInputs(
    const std::vector<Saveable>& var_list, bool is_dict) {
  Saveables result;
  if (is_dict) {
    std::multimap<std::string, const Saveable*> by_key;
    for (const Saveable& saveable : var_list) {
      by_key.emplace(saveable.key.value_or(""), &saveable);
    }
    for (const auto& [key, saveable] : by_key) {
      RG_RETURN_IF_ERROR(Append(key, *saveable, &result));
    }
  } else {
    RG_RETURN_IF_ERROR(AppendList(var_list, &result));
  }
  std::set<const void*> seen;
  for (const auto& saveable : result) {
    if (!seen.insert(saveable->identity()).second) {
      return ValueError(
          absl::StrCat("The same saveable will be restored with two names: ",
                       saveable->name()));
    }
  }
  return result;
}

}  // namespace retrograph
