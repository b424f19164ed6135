#include "graph/node_validation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "graph/attr_text.h"
#include "graph/op_registry.h"

namespace retrograph {
namespace {

bool IsNameChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         c == '.' || c == '-' || c == '/';
}

std::string NodeText(absl::string_view node_name) {
  return absl::StrCat("NodeDef: {{node ", node_name, "}}");
}

// An error about one attr, with what TensorFlow attaches to it.
absl::Status AttrError(const OpSignature& signature,
                       absl::string_view node_name, absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat(text, "\n\t; ", NodeText(node_name), "; ",
                   SummarizeOpDef(*signature.def)));
}

bool KnownDataTypes(const AttrValue& value, int* bad) {
  const auto known = [bad](int type) {
    *bad = type;
    return IsKnownDataType(static_cast<DataType>(type));
  };
  if (value.value_case() == AttrValue::kType) return known(value.type());
  return std::all_of(value.list().type().begin(), value.list().type().end(),
                     known);
}

absl::Status CheckMinimum(const OpSignature& signature,
                          const OpSignature::Attr& attr,
                          absl::string_view node_name, const AttrValue& value) {
  const OpDef::AttrDef& def = *attr.def;
  if (!def.has_minimum()) return absl::OkStatus();
  if (!attr.is_list) {
    if (value.i() >= def.minimum()) return absl::OkStatus();
    return AttrError(
        signature, node_name,
        absl::StrCat("Value for attr '", def.name(), "' of ", value.i(),
                     " must be at least minimum ", def.minimum()));
  }
  const AttrValue::ListValue& list = value.list();
  const int length =
      std::max({list.s_size(), list.i_size(), list.f_size(), list.b_size(),
                list.type_size(), list.shape_size(), list.tensor_size(),
                list.func_size()});
  if (length >= def.minimum()) return absl::OkStatus();
  return AttrError(
      signature, node_name,
      absl::StrCat("Length for attr '", def.name(), "' of ", length,
                   " must be at least minimum ", def.minimum()));
}

absl::Status NotAllowed(const OpSignature& signature,
                        const OpSignature::Attr& attr,
                        absl::string_view node_name, absl::string_view value,
                        absl::string_view allowed) {
  return AttrError(
      signature, node_name,
      absl::StrCat("Value for attr '", attr.name(), "' of ", value,
                   " is not in the list of allowed values: ", allowed));
}

absl::Status CheckAllowedType(const OpSignature& signature,
                              const OpSignature::Attr& attr,
                              absl::string_view node_name, DataType type) {
  if (attr.Allows(type)) return absl::OkStatus();
  return NotAllowed(signature, attr, node_name, DataTypeString(type),
                    DataTypesText(attr.allowed_types));
}

absl::Status CheckAllowedString(const OpSignature& signature,
                                const OpSignature::Attr& attr,
                                absl::string_view node_name,
                                const std::string& value) {
  const auto& allowed = attr.def->allowed_values().list().s();
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) {
    return absl::OkStatus();
  }
  return NotAllowed(signature, attr, node_name, absl::StrCat("\"", value, "\""),
                    absl::StrCat("\"", absl::StrJoin(allowed, "\", \""), "\""));
}

absl::Status CheckAllowed(const OpSignature& signature,
                          const OpSignature::Attr& attr,
                          absl::string_view node_name, const AttrValue& value) {
  if (!attr.def->has_allowed_values()) return absl::OkStatus();
  if (attr.base == AttrBase::kType) {
    if (!attr.is_list) {
      return CheckAllowedType(signature, attr, node_name, value.type());
    }
    for (const int type : value.list().type()) {
      RG_RETURN_IF_ERROR(CheckAllowedType(signature, attr, node_name,
                                          static_cast<DataType>(type)));
    }
  } else if (attr.base == AttrBase::kString) {
    if (!attr.is_list) {
      return CheckAllowedString(signature, attr, node_name, value.s());
    }
    for (const std::string& s : value.list().s()) {
      RG_RETURN_IF_ERROR(CheckAllowedString(signature, attr, node_name, s));
    }
  }
  return absl::OkStatus();
}

// The kind alone, for the usual case that it is right.
bool HasKind(const OpSignature::Attr& attr, const AttrValue& value) {
  if (attr.is_list) return AttrValueHasType(value, attr.def->type());
  switch (value.value_case()) {
    case AttrValue::kS:
      return attr.base == AttrBase::kString;
    case AttrValue::kI:
      return attr.base == AttrBase::kInt;
    case AttrValue::kF:
      return attr.base == AttrBase::kFloat;
    case AttrValue::kB:
      return attr.base == AttrBase::kBool;
    case AttrValue::kType:
      return attr.base == AttrBase::kType;
    case AttrValue::kShape:
      return attr.base == AttrBase::kShape;
    case AttrValue::kTensor:
      return attr.base == AttrBase::kTensor;
    case AttrValue::kFunc:
      return attr.base == AttrBase::kFunc;
    default:
      return false;
  }
}

absl::Status CheckAttr(const OpSignature& signature,
                       const OpSignature::Attr& attr,
                       absl::string_view node_name, const AttrValue& value) {
  if (!HasKind(attr, value)) {
    const std::string kind = AttrValueKind(value);
    return AttrError(
        signature, node_name,
        kind.empty()
            ? absl::StrCat("AttrValue missing value with expected type '",
                           attr.def->type(), "'\n\t for attr '", attr.name(),
                           "'")
            : absl::StrCat("AttrValue had value with type '", kind, "' when '",
                           attr.def->type(), "' expected\n\t for attr '",
                           attr.name(), "'"));
  }
  int bad_type = 0;
  if (attr.base == AttrBase::kType && !KnownDataTypes(value, &bad_type)) {
    return AttrError(
        signature, node_name,
        absl::StrCat("AttrValue has invalid DataType enum: ", bad_type,
                     "\n\t for attr '", attr.name(), "'"));
  }
  RG_RETURN_IF_ERROR(CheckMinimum(signature, attr, node_name, value));
  return CheckAllowed(signature, attr, node_name, value);
}

absl::Status UnknownAttr(const OpSignature& signature,
                         absl::string_view node_name, absl::string_view attr) {
  return absl::InvalidArgumentError(absl::StrCat(
      "NodeDef mentions attr '", attr, "' not in ",
      SummarizeOpDef(*signature.def), "; ", NodeText(node_name),
      ". (Check whether your GraphDef-interpreting binary is up to date with "
      "your GraphDef-generating binary.)."));
}

absl::Status MissingAttrs(const OpSignature& signature,
                          absl::string_view node_name,
                          const std::vector<std::string>& missing) {
  return absl::InvalidArgumentError(
      absl::StrCat("NodeDef missing attr", missing.size() == 1 ? " '" : "s '",
                   absl::StrJoin(missing, "', '"), "' from ",
                   SummarizeOpDef(*signature.def), "; ", NodeText(node_name)));
}

bool AttrNameLess(const std::pair<std::string, AttrValue>& a,
                  const std::pair<std::string, AttrValue>& b) {
  return a.first < b.first;
}

// Checks attrs against the OpDef, both in order of name, and collects what is
// not there. Counts the defaults to add.
absl::Status CheckSortedAttrs(const OpSignature& signature,
                              absl::string_view node_name,
                              const AttrList& attrs, int* defaults) {
  std::vector<std::string> missing;
  size_t next = 0;
  const auto skip_to = [&](const std::string* name) -> absl::Status {
    for (;
         next < attrs.size() && (name == nullptr || attrs[next].first < *name);
         ++next) {
      const std::string& extra = attrs[next].first;
      if (extra.empty() || extra[0] != '_') {
        return UnknownAttr(signature, node_name, extra);
      }
    }
    return absl::OkStatus();
  };
  for (const int index : signature.sorted) {
    const OpSignature::Attr& attr = signature.attrs[index];
    RG_RETURN_IF_ERROR(skip_to(&attr.name()));
    if (next < attrs.size() && attrs[next].first == attr.name()) {
      RG_RETURN_IF_ERROR(
          CheckAttr(signature, attr, node_name, attrs[next].second));
      ++next;
    } else if (attr.has_default) {
      ++*defaults;
    } else {
      missing.push_back(attr.name());
    }
  }
  RG_RETURN_IF_ERROR(skip_to(nullptr));
  if (!missing.empty()) return MissingAttrs(signature, node_name, missing);
  return absl::OkStatus();
}

void AddDefaults(const OpSignature& signature, AttrList* attrs) {
  for (const OpSignature::Attr& attr : signature.attrs) {
    if (!attr.has_default || FindAttrValue(*attrs, attr.name()) != nullptr) {
      continue;
    }
    attrs->emplace_back(attr.name(), attr.def->default_value());
  }
  std::sort(attrs->begin(), attrs->end(), AttrNameLess);
}

}  // namespace

bool IsValidOpName(absl::string_view name) {
  return !name.empty() && name[0] != '_' && name[0] != '-' && name[0] != '/' &&
         IsValidScopeName(name);
}

bool IsValidScopeName(absl::string_view name) {
  return std::all_of(name.begin(), name.end(), IsNameChar);
}

absl::Status CompleteAttrs(const OpSignature& signature,
                           absl::string_view node_name, AttrList* attrs) {
  if (!std::is_sorted(attrs->begin(), attrs->end(), AttrNameLess)) {
    std::sort(attrs->begin(), attrs->end(), AttrNameLess);
  }
  int defaults = 0;
  RG_RETURN_IF_ERROR(CheckSortedAttrs(signature, node_name, *attrs, &defaults));
  if (defaults > 0) {
    attrs->reserve(attrs->size() + defaults);
    AddDefaults(signature, attrs);
  }
  return absl::OkStatus();
}

bool TypesCompatible(DataType expected, DataType actual) {
  return expected == actual || (!IsRefType(expected) && IsRefType(actual) &&
                                RemoveRefType(actual) == expected);
}

absl::Status CheckInputTypes(const OpSignature& signature,
                             absl::string_view node_name,
                             absl::Span<const DataType> expected,
                             absl::Span<const Output> inputs) {
  if (expected.size() != inputs.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "NodeDef expected inputs '", DataTypesText(expected), "' do not match ",
        inputs.size(), " inputs specified; ", SummarizeOpDef(*signature.def),
        "; ", NodeText(node_name)));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    const DataType actual = inputs[i].dtype();
    if (TypesCompatible(expected[i], actual)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "Input ", i, " of node ", node_name, " was passed ",
        DataTypeString(actual), " from ", inputs[i].name(),
        " incompatible with expected ", DataTypeString(expected[i]), "."));
  }
  return absl::OkStatus();
}

std::string DataTypesText(absl::Span<const DataType> types) {
  return absl::StrJoin(types, ", ", [](std::string* out, DataType type) {
    out->append(DataTypeString(type));
  });
}

}  // namespace retrograph
