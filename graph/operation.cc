#include "graph/operation.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/errors.h"
#include "core/tensor_proto.h"
#include "graph/attr_text.h"
#include "graph/control_flow.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"

namespace retrograph {
namespace {

constexpr absl::string_view kColocationPrefix = "loc:@";

absl::Status NoSuchAttr(const Operation& op, absl::string_view name) {
  return ValueError(absl::StrCat("Operation '", op.name(),
                                 "' has no attr named '", name, "'."));
}

absl::Status WrongKind(const Operation& op, absl::string_view name,
                       const AttrValue& value, absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("AttrValue had value with type '", AttrValueKind(value),
                   "' when '", expected, "' expected\n\t for attr '", name,
                   "'\n\t; NodeDef: {{node ", op.name(), "}}"));
}

// Finds an attr of a kind that is expected.
absl::StatusOr<const AttrValue*> Find(const Operation& op,
                                      absl::string_view name,
                                      absl::string_view type) {
  const AttrValue* value = op.FindAttr(name);
  if (value == nullptr) return NoSuchAttr(op, name);
  if (!AttrValueHasType(*value, type)) {
    return WrongKind(op, name, *value, type);
  }
  return value;
}

}  // namespace

std::string Output::name() const {
  return absl::StrCat(op->name(), ":", index);
}

DataType Output::dtype() const { return op->output_type(index); }

const PartialTensorShape& Output::shape() const {
  return op->output_shape(index);
}

Graph* Output::graph() const { return op->graph(); }

std::string Output::DebugString() const {
  std::string out = absl::StrCat("Tensor(\"", name(), "\"");
  if (!shape().unknown_rank()) {
    absl::StrAppend(&out, ", shape=", shape().PythonString());
  }
  absl::StrAppend(&out, ", dtype=", DTypePythonName(dtype()));
  if (!op->device().empty()) absl::StrAppend(&out, ", device=", op->device());
  out += ")";
  return out;
}

std::string Output::ReprString() const {
  return absl::StrCat("<tf.Tensor '", name(),
                      "' shape=", shape().PythonString(),
                      " dtype=", DTypePythonName(dtype()), ">");
}

const HandleData* Operation::handle_data(int i) const {
  if (handle_data_ == nullptr) return nullptr;
  for (const auto& entry : *handle_data_) {
    if (entry.first == i) return &entry.second;
  }
  return nullptr;
}

void Operation::SetHandleData(int i, HandleData data) {
  if (handle_data_ == nullptr) {
    handle_data_ = std::make_unique<std::vector<std::pair<int, HandleData>>>();
  }
  for (auto& entry : *handle_data_) {
    if (entry.first == i) {
      entry.second = std::move(data);
      return;
    }
  }
  handle_data_->emplace_back(i, std::move(data));
}

absl::Status Operation::MergeOutputShape(int i,
                                         const PartialTensorShape& shape) {
  absl::StatusOr<PartialTensorShape> merged =
      MergeShapes(output_shapes_[i], shape);
  if (!merged.ok()) return ValueError(merged.status().message());
  output_shapes_[i] = *std::move(merged);
  return absl::OkStatus();
}

void Operation::OverwriteOutputShape(int i, PartialTensorShape shape) {
  output_shapes_[i] = std::move(shape);
}

const AttrValue* Operation::FindAttr(absl::string_view name) const {
  for (const auto& attr : attrs_) {
    if (attr.first == name) return &attr.second;
  }
  return nullptr;
}

void Operation::SetAttr(absl::string_view name, AttrValue value) {
  const auto it = std::lower_bound(
      attrs_.begin(), attrs_.end(), name,
      [](const auto& attr, absl::string_view key) { return attr.first < key; });
  if (it != attrs_.end() && it->first == name) {
    it->second = std::move(value);
  } else {
    attrs_.emplace(it, std::string(name), std::move(value));
  }
}

absl::Status Operation::GetAttr(absl::string_view name, DataType* value) const {
  RG_ASSIGN_OR_RETURN(const AttrValue* attr, Find(*this, name, "type"));
  *value = attr->type();
  return absl::OkStatus();
}

absl::Status Operation::GetAttr(absl::string_view name, int64_t* value) const {
  RG_ASSIGN_OR_RETURN(const AttrValue* attr, Find(*this, name, "int"));
  *value = attr->i();
  return absl::OkStatus();
}

absl::Status Operation::GetAttr(absl::string_view name, bool* value) const {
  RG_ASSIGN_OR_RETURN(const AttrValue* attr, Find(*this, name, "bool"));
  *value = attr->b();
  return absl::OkStatus();
}

absl::Status Operation::GetAttr(absl::string_view name, float* value) const {
  RG_ASSIGN_OR_RETURN(const AttrValue* attr, Find(*this, name, "float"));
  *value = attr->f();
  return absl::OkStatus();
}

absl::Status Operation::GetAttr(absl::string_view name,
                                std::string* value) const {
  RG_ASSIGN_OR_RETURN(const AttrValue* attr, Find(*this, name, "string"));
  *value = attr->s();
  return absl::OkStatus();
}

absl::Status Operation::GetAttr(absl::string_view name,
                                PartialTensorShape* value) const {
  RG_ASSIGN_OR_RETURN(const AttrValue* attr, Find(*this, name, "shape"));
  RG_ASSIGN_OR_RETURN(*value, PartialTensorShape::FromProto(attr->shape()));
  return absl::OkStatus();
}

absl::Status Operation::GetAttr(absl::string_view name, Tensor* value) const {
  RG_ASSIGN_OR_RETURN(const AttrValue* attr, Find(*this, name, "tensor"));
  RG_ASSIGN_OR_RETURN(*value, TensorFromProto(attr->tensor()));
  return absl::OkStatus();
}

absl::Status Operation::GetAttr(absl::string_view name,
                                DataTypeVector* value) const {
  RG_ASSIGN_OR_RETURN(const AttrValue* attr, Find(*this, name, "list(type)"));
  value->clear();
  for (const int type : attr->list().type()) {
    value->push_back(static_cast<DataType>(type));
  }
  return absl::OkStatus();
}

absl::Status Operation::GetAttr(absl::string_view name,
                                std::vector<int64_t>* value) const {
  RG_ASSIGN_OR_RETURN(const AttrValue* attr, Find(*this, name, "list(int)"));
  value->assign(attr->list().i().begin(), attr->list().i().end());
  return absl::OkStatus();
}

absl::Status Operation::GetAttr(absl::string_view name,
                                std::vector<std::string>* value) const {
  RG_ASSIGN_OR_RETURN(const AttrValue* attr, Find(*this, name, "list(string)"));
  value->assign(attr->list().s().begin(), attr->list().s().end());
  return absl::OkStatus();
}

std::vector<std::string> Operation::ColocationGroups() const {
  std::vector<std::string> groups;
  if (const AttrValue* value = FindAttr("_class")) {
    for (absl::string_view entry : value->list().s()) {
      if (absl::ConsumePrefix(&entry, kColocationPrefix)) {
        groups.emplace_back(entry);
      }
    }
  }
  if (groups.empty()) groups.push_back(name_);
  return groups;
}

void Operation::ToNodeDef(NodeDef* node_def) const {
  node_def->set_name(name_);
  node_def->set_op(*type_);
  for (const Output& input : inputs_) {
    std::string* text = node_def->add_input();
    *text = input.op->name();
    if (input.index > 0) absl::StrAppend(text, ":", input.index);
  }
  for (const Operation* op : control_inputs_) {
    node_def->add_input(absl::StrCat("^", op->name()));
  }
  // A GraphDef has control inputs by name, a node in the order of its making.
  auto* inputs = node_def->mutable_input();
  std::sort(inputs->begin() + inputs_.size(), inputs->end());
  if (!device_->empty()) node_def->set_device(*device_);
  for (const auto& attr : attrs_) {
    (*node_def->mutable_attr())[attr.first] = attr.second;
  }
}

NodeDef Operation::node_def() const {
  NodeDef result;
  ToNodeDef(&result);
  const int data_inputs = static_cast<int>(inputs_.size());
  for (int i = 0; i < data_inputs; ++i) {
    if (inputs_[i].index == 0 && ControlFlowContext::IsReplacedInput(*this, i)) {
      absl::StrAppend(result.mutable_input(i), ":0");
    }
  }
  for (size_t i = 0; i < control_inputs_.size(); ++i) {
    result.set_input(data_inputs + static_cast<int>(i),
                     absl::StrCat("^", control_inputs_[i]->name()));
  }
  return result;
}

}  // namespace retrograph
