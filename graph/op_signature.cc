#include "graph/op_signature.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/check.h"

namespace retrograph {
namespace {

AttrBase BaseOf(absl::string_view type) {
  if (type == "string") return AttrBase::kString;
  if (type == "int") return AttrBase::kInt;
  if (type == "float") return AttrBase::kFloat;
  if (type == "bool") return AttrBase::kBool;
  if (type == "type") return AttrBase::kType;
  if (type == "shape") return AttrBase::kShape;
  if (type == "tensor") return AttrBase::kTensor;
  RG_CHECK(type == "func", absl::StrCat("no attr type: ", type));
  return AttrBase::kFunc;
}

OpSignature::Attr MakeAttrInfo(const OpDef::AttrDef& def) {
  OpSignature::Attr attr;
  attr.def = &def;
  absl::string_view type = def.type();
  attr.is_list = absl::ConsumePrefix(&type, "list(");
  if (attr.is_list) absl::ConsumeSuffix(&type, ")");
  attr.base = BaseOf(type);
  attr.has_default = def.has_default_value();
  for (const int t : def.allowed_values().list().type()) {
    attr.allowed_types.push_back(static_cast<DataType>(t));
  }
  return attr;
}

}  // namespace

bool OpSignature::Attr::Allows(DataType dtype) const {
  return allowed_types.empty() ||
         std::find(allowed_types.begin(), allowed_types.end(), dtype) !=
             allowed_types.end();
}

OpSignature::OpSignature(const OpDef& op_def) : def(&op_def) {
  for (const OpDef::AttrDef& attr : op_def.attr()) {
    attrs.push_back(MakeAttrInfo(attr));
  }
  sorted.resize(attrs.size());
  std::iota(sorted.begin(), sorted.end(), 0);
  std::sort(sorted.begin(), sorted.end(),
            [this](int a, int b) { return attrs[a].name() < attrs[b].name(); });

  const auto attr_index = [&](const std::string& name) {
    if (name.empty()) return -1;
    const int index = FindAttr(name);
    RG_CHECK(index >= 0, absl::StrCat(op_def.name(), " has no attr ", name));
    return index;
  };
  const auto make_arg = [&](const OpDef::ArgDef& arg_def) {
    Arg arg;
    arg.def = &arg_def;
    arg.type = arg_def.type();
    arg.type_attr = attr_index(arg_def.type_attr());
    arg.type_list_attr = attr_index(arg_def.type_list_attr());
    arg.number_attr = attr_index(arg_def.number_attr());
    arg.is_ref = arg_def.is_ref();
    return arg;
  };
  for (const OpDef::ArgDef& arg_def : op_def.input_arg()) {
    inputs.push_back(make_arg(arg_def));
    const Arg& arg = inputs.back();
    for (const int i : {arg.type_attr, arg.type_list_attr, arg.number_attr}) {
      if (i >= 0) attrs[i].inferred = true;
    }
  }
  for (const OpDef::ArgDef& arg_def : op_def.output_arg()) {
    outputs.push_back(make_arg(arg_def));
  }
}

int OpSignature::FindAttr(absl::string_view name) const {
  for (size_t i = 0; i < attrs.size(); ++i) {
    if (attrs[i].name() == name) return static_cast<int>(i);
  }
  return -1;
}

const AttrValue* FindAttrValue(const AttrList& sorted, absl::string_view name) {
  // Lists are short: a scan beats a binary search.
  for (const auto& attr : sorted) {
    if (attr.first == name) return &attr.second;
  }
  return nullptr;
}

absl::Status ArgTypes(const OpSignature& signature,
                      absl::Span<const OpSignature::Arg> args,
                      const AttrList& attrs, TypeList* types) {
  const auto value_of = [&](int index) {
    return FindAttrValue(attrs, signature.attrs[index].name());
  };
  const auto missing = [&](int index) {
    return absl::InvalidArgumentError(
        absl::StrCat("NodeDef missing attr '", signature.attrs[index].name(),
                     "' from ", signature.def->name()));
  };
  for (const OpSignature::Arg& arg : args) {
    if (arg.type_list_attr >= 0) {
      const AttrValue* value = value_of(arg.type_list_attr);
      if (value == nullptr) return missing(arg.type_list_attr);
      for (const int t : value->list().type()) {
        const DataType type = static_cast<DataType>(t);
        types->push_back(arg.is_ref ? MakeRefType(type) : type);
      }
      continue;
    }
    DataType type = arg.type;
    if (arg.type_attr >= 0) {
      const AttrValue* value = value_of(arg.type_attr);
      if (value == nullptr) return missing(arg.type_attr);
      type = value->type();
    }
    if (arg.is_ref) type = MakeRefType(type);
    int64_t count = 1;
    if (arg.number_attr >= 0) {
      const AttrValue* value = value_of(arg.number_attr);
      if (value == nullptr) return missing(arg.number_attr);
      count = value->i();
    }
    // A node with that many arguments cannot exist; imported numbers may lie.
    constexpr int64_t kMaxArgs = 1 << 24;
    if (count < 0 || count > kMaxArgs) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Attr '", signature.attrs[arg.number_attr].name(), "' of '",
          signature.def->name(), "' has an impossible value: ", count));
    }
    types->insert(types->end(), static_cast<size_t>(count), type);
  }
  return absl::OkStatus();
}

}  // namespace retrograph
