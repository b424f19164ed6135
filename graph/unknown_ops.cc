#include "graph/unknown_ops.h"

#include <algorithm>

#include "absl/strings/strip.h"
#include "graph/tensor_id.h"

namespace retrograph {
namespace {

// More outputs than any op has; input names from outside may say anything.
constexpr int64_t kMaxOutputs = 1 << 16;

bool IsAttrType(absl::string_view type) {
  if (absl::ConsumePrefix(&type, "list(") && !absl::ConsumeSuffix(&type, ")")) {
    return false;
  }
  for (const absl::string_view known :
       {"string", "int", "float", "bool", "type", "shape", "tensor", "func"}) {
    if (type == known) return true;
  }
  return false;
}

bool RefersTo(const OpDef& def, const std::string& attr_name,
              absl::string_view type) {
  if (attr_name.empty()) return true;
  return std::any_of(def.attr().begin(), def.attr().end(),
                     [&](const OpDef::AttrDef& attr) {
                       return attr.name() == attr_name && attr.type() == type;
                     });
}

// What OpSignature takes for granted.
bool IsConsistent(const OpDef& def) {
  for (const OpDef::AttrDef& attr : def.attr()) {
    if (!IsAttrType(attr.type())) return false;
  }
  const auto arg_is_consistent = [&def](const OpDef::ArgDef& arg) {
    return RefersTo(def, arg.type_attr(), "type") &&
           RefersTo(def, arg.type_list_attr(), "list(type)") &&
           RefersTo(def, arg.number_attr(), "int");
  };
  return std::all_of(def.input_arg().begin(), def.input_arg().end(),
                     arg_is_consistent) &&
         std::all_of(def.output_arg().begin(), def.output_arg().end(),
                     arg_is_consistent);
}

AttrList AttrsWithDefaults(const NodeDef& node, const OpSignature& signature) {
  AttrList attrs(node.attr().begin(), node.attr().end());
  for (const OpSignature::Attr& attr : signature.attrs) {
    if (attr.has_default && node.attr().count(attr.name()) == 0) {
      attrs.emplace_back(attr.name(), attr.def->default_value());
    }
  }
  return attrs;
}

}  // namespace

void UnknownOps::AddOpDef(const OpDef& def) {
  if (registry_->Find(def.name()) != nullptr || !IsConsistent(def)) return;
  defs_.try_emplace(def.name(), std::make_unique<OpSignature>(def));
}

void UnknownOps::LookAtConsumers(const GraphDef& graph_def) {
  for (const NodeDef& node : graph_def.node()) {
    if (registry_->Find(node.op()) == nullptr && !HasOpDef(node.op())) {
      wanted_[node.name()];
    }
  }
  if (wanted_.empty()) return;
  for (const NodeDef& node : graph_def.node()) LookAt(node);
}

void UnknownOps::LookAt(const NodeDef& consumer) {
  const OpSignature* signature = nullptr;
  if (const OpRegistration* known = registry_->Find(consumer.op())) {
    signature = &known->signature();
  } else if (HasOpDef(consumer.op())) {
    signature = defs_.at(consumer.op()).get();
  }
  TypeList types;
  bool types_known = false;
  for (int i = 0; i < consumer.input_size(); ++i) {
    const TensorId id = TensorId::Parse(consumer.input(i));
    if (id.is_control() || id.index >= kMaxOutputs) continue;
    const auto it = wanted_.find(id.node);
    if (it == wanted_.end()) continue;
    if (signature != nullptr && !types_known) {
      types_known = true;
      const AttrList attrs = AttrsWithDefaults(consumer, *signature);
      if (!ArgTypes(*signature, signature->inputs, attrs, &types).ok()) {
        types.clear();
      }
    }
    DataTypeVector& wanted = it->second;
    if (id.index >= static_cast<int64_t>(wanted.size())) {
      wanted.resize(id.index + 1, DT_INVALID);
    }
    if (i >= static_cast<int>(types.size())) continue;
    // Who takes a reference needs one; the others can do with it.
    DataType& type = wanted[id.index];
    if (type == DT_INVALID || IsRefType(types[i])) type = types[i];
  }
}

DataTypeVector UnknownOps::OutputTypes(const NodeDef& node,
                                       AttrList* attrs) const {
  const auto def = defs_.find(node.op());
  if (def != defs_.end()) {
    const OpSignature& signature = *def->second;
    AttrList completed = AttrsWithDefaults(node, signature);
    TypeList types;
    if (ArgTypes(signature, signature.outputs, completed, &types).ok()) {
      for (const OpSignature::Attr& attr : signature.attrs) {
        if (attr.has_default && FindAttrValue(*attrs, attr.name()) == nullptr) {
          attrs->emplace_back(attr.name(), attr.def->default_value());
        }
      }
      return DataTypeVector(types.begin(), types.end());
    }
  }
  DataTypeVector types;
  const auto wanted = wanted_.find(node.name());
  if (wanted != wanted_.end()) types = wanted->second;
  const auto shapes = node.attr().find("_output_shapes");
  if (shapes != node.attr().end()) {
    const size_t count = shapes->second.list().shape_size();
    if (count > types.size()) types.resize(count, DT_INVALID);
  }
  return types;
}

}  // namespace retrograph
