#include "saver/saveable.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/builders.h"

namespace retrograph {
namespace {

bool IsRefVariableOp(const Operation& op) {
  return op.type() == "VariableV2" || op.type() == "Variable" ||
         op.type() == "AutoReloadVariable";
}

bool ComesFromVariable(const Output& tensor) {
  return IsRefVariableOp(*tensor.op) || tensor.op->type() == "VarHandleOp" ||
         tensor.op->type() == "ReadVariableOp";
}

Input ReshapedIfAsked(GraphBuilder& b, const Output& tensor,
                      const std::vector<Input>* shapes) {
  if (shapes == nullptr) return tensor;
  return Reshape(b, tensor, (*shapes)[0]);
}

// A ref variable, or a part of one: saved from the reference itself, put back
// by an Assign.
class ReferenceVariableSaveable : public SaveableObject {
 public:
  ReferenceVariableSaveable(Output ref, const void* identity,
                            std::string slice_spec, std::string name)
      : SaveableObject(name, identity), ref_(ref) {
    specs_.push_back({[ref](GraphBuilder&) { return ref; },
                      std::move(slice_spec), std::move(name),
                      RemoveRefType(ref.dtype()), ref.op->device(),
                      ref.op->name()});
  }
  // A partition: what is saved is its value as a tensor, not the reference.
  ReferenceVariableSaveable(const Variable& part, std::string name)
      : SaveableObject(name, &part), ref_(part.handle()) {
    const Output value = part.snapshot();
    specs_.push_back({[value](GraphBuilder&) { return value; },
                      part.save_slice_info()->spec(), std::move(name),
                      part.dtype(), part.device(), part.op_name()});
  }

  Operation* Restore(GraphBuilder& b, const std::vector<Output>& tensors,
                     const std::vector<Input>* shapes) override {
    const Input value = ReshapedIfAsked(b, tensors[0], shapes);
    const bool validate = shapes == nullptr && ref_.shape().IsFullyDefined();
    return b.AddOp("Assign", {Input(ref_, ref_), value},
                   {Attr("use_locking", true),
                    Attr("validate_shape", validate)});
  }

 private:
  const Output ref_;
};

// A resource variable: saved through a read of it, put back through its handle.
class ResourceVariableSaveable : public SaveableObject {
 public:
  // Over the read that the variable made when it was built.
  ResourceVariableSaveable(Output read, std::string name)
      : SaveableObject(name, read.op),
        handle_(read.op->input(0)),
        shape_(read.shape()),
        device_(read.op->device()) {
    specs_.push_back({[read](GraphBuilder&) { return read; }, "",
                      std::move(name), read.dtype(), device_,
                      handle_.op->name()});
  }
  // A partition: read anew, and copied to the CPU of its machine.
  ResourceVariableSaveable(std::shared_ptr<Variable> part, std::string name)
      : SaveableObject(name, part.get()),
        handle_(part->handle()),
        shape_(part->shape()),
        device_(part->device()) {
    const std::string spec = part->save_slice_info()->spec();
    specs_.push_back({[part](GraphBuilder& b) { return ReadToCpu(b, *part); },
                      spec, std::move(name), part->dtype(), device_,
                      part->op_name()});
  }

  Operation* Restore(GraphBuilder& b, const std::vector<Output>& tensors,
                     const std::vector<Input>* shapes) override {
    const Input value = ReshapedIfAsked(b, tensors[0], shapes);
    DeviceScope on_device(b.graph(), device_);
    const Output copy = Identity(b, value);
    if (!b.ok()) return nullptr;
    if (!shape_.IsCompatibleWith(copy.shape())) {
      b.Update(ValueError(absl::StrCat("Shapes ", shape_.PythonString(),
                                       " and ", copy.shape().PythonString(),
                                       " are incompatible")));
      return nullptr;
    }
    return b.AddOp("AssignVariableOp", {handle_, copy});
  }

 private:
  static Output ReadToCpu(GraphBuilder& b, const Variable& variable) {
    DeviceScope on_device(b.graph(), variable.device());
    const Output value = variable.ReadValue(b);
    DeviceScope on_cpu(b.graph(), "/device:CPU:0");
    return Identity(b, value);
  }

  const Output handle_;
  const PartialTensorShape shape_;
  const std::string device_;
};

std::shared_ptr<SaveableObject> ForPart(const std::shared_ptr<Variable>& part,
                                        const std::string& name) {
  if (part->is_resource()) {
    return std::make_shared<ResourceVariableSaveable>(part, name);
  }
  return std::make_shared<ReferenceVariableSaveable>(*part, name);
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
    return std::make_shared<ReferenceVariableSaveable>(tensor, tensor.op, "",
                                                       name);
  }
  if (tensor.op->type() == "VarHandleOp") {
    return TypeError(absl::StrCat(
        "A resource handle is not a value that can be saved: ",
        tensor.DebugString()));
  }
  return std::make_shared<ResourceVariableSaveable>(tensor, name);
}

// What is saved under one name: one thing, or the parts of a variable given one
// by one.
struct Named {
  Saveable saveable;
  std::vector<std::shared_ptr<Variable>> parts;
};
using NamedMap = std::map<std::string, Named>;

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
  };
  return std::visit(Visitor(), saveable.value);
}

absl::Status AddUnique(NamedMap* map, const std::string& name,
                       const Saveable& saveable) {
  if (!map->emplace(name, Named{saveable, {}}).second) {
    return ValueError(
        absl::StrCat("At least two variables have the same name: ", name));
  }
  return absl::OkStatus();
}

absl::Status AddPart(NamedMap* map, const std::shared_ptr<Variable>& part) {
  const std::string& name = part->save_slice_info()->full_name;
  auto [it, added] = map->emplace(name, Named());
  if (!added && it->second.parts.empty()) {
    return ValueError(absl::StrCat(
        "Mixing slices and non-slices with the same name: ", name));
  }
  it->second.parts.push_back(part);
  return absl::OkStatus();
}

absl::Status AddTensor(NamedMap* map, const Output& tensor) {
  if (!ComesFromVariable(tensor)) {
    return TypeError(absl::StrCat("Variable to save is not a Variable: ",
                                  tensor.DebugString()));
  }
  const Operation* op = tensor.op->type() == "ReadVariableOp"
                            ? tensor.op->input(0).op
                            : tensor.op;
  return AddUnique(map, op->name(), Saveable{absl::nullopt, tensor});
}

// op_list_to_dict: the name of each thing in a list is its own.
absl::StatusOr<NamedMap> NamesOfList(std::vector<Saveable> list) {
  std::stable_sort(list.begin(), list.end(),
                   [](const Saveable& a, const Saveable& b) {
                     return ListName(a) < ListName(b);
                   });
  NamedMap map;
  for (const Saveable& saveable : list) {
    if (auto* v = std::get_if<std::shared_ptr<Variable>>(&saveable.value)) {
      RG_RETURN_IF_ERROR((*v)->save_slice_info().has_value()
                             ? AddPart(&map, *v)
                             : AddTensor(&map, TensorOf(**v)));
    } else if (auto* tensor = std::get_if<Output>(&saveable.value)) {
      RG_RETURN_IF_ERROR(AddTensor(&map, *tensor));
    } else if (std::holds_alternative<std::shared_ptr<PartitionedVariable>>(
                   saveable.value)) {
      RG_RETURN_IF_ERROR(AddUnique(&map, ListName(saveable), saveable));
    } else {
      map[ListName(saveable)] = Named{saveable, {}};
    }
  }
  return map;
}

absl::Status Append(const std::string& name, const Named& named,
                    std::vector<std::shared_ptr<SaveableObject>>* result) {
  const auto add_parts = [&](const auto& parts) {
    for (const auto& part : parts) result->push_back(ForPart(part, name));
  };
  if (!named.parts.empty()) {
    add_parts(named.parts);
    return absl::OkStatus();
  }
  const auto& value = named.saveable.value;
  if (auto* object = std::get_if<std::shared_ptr<SaveableObject>>(&value)) {
    result->push_back(*object);
    return absl::OkStatus();
  }
  if (auto* whole = std::get_if<std::shared_ptr<PartitionedVariable>>(&value)) {
    add_parts((*whole)->parts());
    return absl::OkStatus();
  }
  const auto* variable = std::get_if<std::shared_ptr<Variable>>(&value);
  const Output tensor =
      variable != nullptr ? TensorOf(**variable) : std::get<Output>(value);
  RG_ASSIGN_OR_RETURN(auto made, ForTensor(tensor, name));
  result->push_back(std::move(made));
  return absl::OkStatus();
}

}  // namespace

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

absl::StatusOr<std::vector<std::shared_ptr<SaveableObject>>>
ValidateAndSliceInputs(const std::vector<Saveable>& var_list, bool is_dict) {
  NamedMap map;
  if (is_dict) {
    for (const Saveable& saveable : var_list) {
      map[saveable.key.value_or("")] = Named{saveable, {}};
    }
  } else {
    RG_ASSIGN_OR_RETURN(map, NamesOfList(var_list));
  }
  std::vector<std::shared_ptr<SaveableObject>> result;
  for (const auto& [name, named] : map) {
    RG_RETURN_IF_ERROR(Append(name, named, &result));
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
