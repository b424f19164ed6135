#include "graph/op_spec.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/dtype.h"
#include "core/errors.h"
#include "google/protobuf/text_format.h"

namespace retrograph {
namespace {

// Sets of types that have a name, in TensorFlow's order.
constexpr DataType kNumberTypes[] = {
    DT_FLOAT,     DT_DOUBLE,     DT_INT32, DT_UINT8,  DT_INT16,  DT_INT8,
    DT_COMPLEX64, DT_INT64,      DT_QINT8, DT_QUINT8, DT_QINT32, DT_BFLOAT16,
    DT_UINT16,    DT_COMPLEX128, DT_HALF,  DT_UINT32, DT_UINT64};
constexpr DataType kRealNumberTypes[] = {
    DT_FLOAT, DT_DOUBLE,   DT_INT32,  DT_UINT8, DT_INT16,  DT_INT8,
    DT_INT64, DT_BFLOAT16, DT_UINT16, DT_HALF,  DT_UINT32, DT_UINT64};
constexpr DataType kQuantizedTypes[] = {DT_QINT8, DT_QUINT8, DT_QINT32,
                                        DT_QINT16, DT_QUINT16};

// Takes pieces off the front of a spec.
class Cursor {
 public:
  explicit Cursor(absl::string_view text) : rest_(text) { SkipSpace(); }

  bool Consume(absl::string_view token) {
    if (!absl::ConsumePrefix(&rest_, token)) return false;
    SkipSpace();
    return true;
  }
  // [A-Za-z_][A-Za-z0-9_]*, or "".
  absl::string_view Word() {
    size_t n = 0;
    while (n < rest_.size() &&
           (absl::ascii_isalnum(static_cast<unsigned char>(rest_[n])) ||
            rest_[n] == '_')) {
      ++n;
    }
    return Take(n);
  }
  // Up to one of `stops` outside brackets and quotes, or the end.
  absl::string_view Until(absl::string_view stops) {
    int depth = 0;
    char quote = 0;
    size_t n = 0;
    for (; n < rest_.size(); ++n) {
      const char c = rest_[n];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '{' || c == '[' || c == '(') {
        ++depth;
      } else if (depth > 0 && (c == '}' || c == ']' || c == ')')) {
        --depth;
      } else if (depth == 0 && absl::StrContains(stops, c)) {
        break;
      }
    }
    return absl::StripTrailingAsciiWhitespace(Take(n));
  }
  bool done() const { return rest_.empty(); }
  absl::string_view rest() const { return rest_; }

 private:
  absl::string_view Take(size_t n) {
    const absl::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    SkipSpace();
    return taken;
  }
  void SkipSpace() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }

  absl::string_view rest_;
};

absl::Status BadSpec(absl::string_view spec, absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat("bad op spec \"", spec, "\": ", problem));
}

bool ParseType(absl::string_view text, DataType* type) {
  return DataType_Parse(std::string(text), type) ||
         (*type = DataTypeFromName(text)) != DT_INVALID;
}

bool ParseString(absl::string_view text, std::string* value) {
  if (text.size() < 2 || (text[0] != '\'' && text[0] != '"') ||
      text.back() != text[0]) {
    return false;
  }
  return absl::CUnescape(text.substr(1, text.size() - 2), value);
}

template <typename Message>
bool ParseMessage(absl::string_view text, Message* message) {
  if (!absl::ConsumePrefix(&text, "{") || !absl::ConsumeSuffix(&text, "}")) {
    return false;
  }
  return google::protobuf::TextFormat::ParseFromString(std::string(text),
                                                       message);
}

bool ParseScalar(absl::string_view type, absl::string_view text,
                 AttrValue* value) {
  if (type == "string") return ParseString(text, value->mutable_s());
  if (type == "int") {
    int64_t i = 0;
    const bool ok = absl::SimpleAtoi(text, &i);
    value->set_i(i);
    return ok;
  }
  if (type == "float") {
    float f = 0;
    const bool ok = absl::SimpleAtof(text, &f);
    value->set_f(f);
    return ok;
  }
  if (type == "bool") {
    value->set_b(text == "true");
    return text == "true" || text == "false";
  }
  if (type == "type") {
    DataType t = DT_INVALID;
    const bool ok = ParseType(text, &t);
    value->set_type(t);
    return ok;
  }
  if (type == "shape") return ParseMessage(text, value->mutable_shape());
  if (type == "tensor") return ParseMessage(text, value->mutable_tensor());
  return false;
}

void AddToList(const AttrValue& element, AttrValue::ListValue* list) {
  switch (element.value_case()) {
    case AttrValue::kS:
      list->add_s(element.s());
      break;
    case AttrValue::kI:
      list->add_i(element.i());
      break;
    case AttrValue::kF:
      list->add_f(element.f());
      break;
    case AttrValue::kB:
      list->add_b(element.b());
      break;
    case AttrValue::kType:
      list->add_type(element.type());
      break;
    case AttrValue::kShape:
      *list->add_shape() = element.shape();
      break;
    case AttrValue::kTensor:
      *list->add_tensor() = element.tensor();
      break;
    default:
      break;
  }
}

bool ParseValue(absl::string_view type, absl::string_view text,
                AttrValue* value) {
  if (!absl::ConsumePrefix(&type, "list(")) {
    return ParseScalar(type, text, value);
  }
  absl::ConsumeSuffix(&type, ")");
  if (!absl::ConsumePrefix(&text, "[") || !absl::ConsumeSuffix(&text, "]")) {
    return false;
  }
  AttrValue::ListValue* list = value->mutable_list();
  for (Cursor cursor(text); !cursor.done(); cursor.Consume(",")) {
    AttrValue element;
    if (!ParseScalar(type, cursor.Until(","), &element)) return false;
    AddToList(element, list);
  }
  return true;
}

template <size_t n>
void AllowTypes(const DataType (&types)[n], AttrValue* allowed) {
  for (const DataType type : types) allowed->mutable_list()->add_type(type);
}

// "{float, int32}" or "{'SAME', 'VALID'}": the type of the elements, "" if the
// set is bad.
std::string ParseAllowed(absl::string_view set, AttrValue* allowed) {
  std::string kind;
  for (Cursor cursor(set); !cursor.done(); cursor.Consume(",")) {
    const absl::string_view text = cursor.Until(",");
    AttrValue element;
    kind = !text.empty() && (text[0] == '\'' || text[0] == '"') ? "string"
                                                                : "type";
    if (!ParseScalar(kind, text, &element)) return "";
    AddToList(element, allowed->mutable_list());
  }
  return kind;
}

// One type without "list(...)": "int", "{float, double}", "numbertype".
std::string ParseElementType(absl::string_view text, OpDef::AttrDef* attr) {
  if (absl::ConsumePrefix(&text, "{") && absl::ConsumeSuffix(&text, "}")) {
    return ParseAllowed(text, attr->mutable_allowed_values());
  }
  if (text == "numbertype" || text == "numerictype") {
    AllowTypes(kNumberTypes, attr->mutable_allowed_values());
    return "type";
  }
  if (text == "realnumbertype") {
    AllowTypes(kRealNumberTypes, attr->mutable_allowed_values());
    return "type";
  }
  if (text == "quantizedtype") {
    AllowTypes(kQuantizedTypes, attr->mutable_allowed_values());
    return "type";
  }
  for (const absl::string_view known :
       {"string", "int", "float", "bool", "type", "shape", "tensor", "func"}) {
    if (text == known) return std::string(text);
  }
  return "";
}

}  // namespace

absl::Status ParseAttrSpec(absl::string_view spec, OpDef::AttrDef* attr) {
  Cursor cursor(spec);
  const absl::string_view name = cursor.Word();
  if (name.empty() || !cursor.Consume(":")) {
    return BadSpec(spec, "expected \"name: type\"");
  }
  attr->set_name(std::string(name));

  absl::string_view type = cursor.Until("=>");
  const bool is_list =
      absl::ConsumePrefix(&type, "list(") && absl::ConsumeSuffix(&type, ")");
  const std::string element =
      ParseElementType(absl::StripAsciiWhitespace(type), attr);
  if (element.empty()) return BadSpec(spec, "no such type");
  attr->set_type(is_list ? absl::StrCat("list(", element, ")") : element);

  if (cursor.Consume(">=")) {
    int64_t minimum = 0;
    if (!absl::SimpleAtoi(cursor.Until("="), &minimum)) {
      return BadSpec(spec, "the minimum is no number");
    }
    attr->set_has_minimum(true);
    attr->set_minimum(minimum);
  }
  if (cursor.Consume("=")) {
    if (!ParseValue(attr->type(), cursor.Until(""),
                    attr->mutable_default_value())) {
      return BadSpec(spec, "bad default value");
    }
  }
  return cursor.done() ? absl::OkStatus() : BadSpec(spec, "text at the end");
}

absl::Status ParseArgSpec(absl::string_view spec, OpDef::ArgDef* arg) {
  Cursor cursor(spec);
  const absl::string_view name = cursor.Word();
  if (name.empty() || !cursor.Consume(":")) {
    return BadSpec(spec, "expected \"name: type\"");
  }
  arg->set_name(std::string(name));
  const bool is_ref = cursor.Consume("Ref(");
  arg->set_is_ref(is_ref);

  absl::string_view type = cursor.Word();
  if (cursor.Consume("*")) {
    arg->set_number_attr(std::string(type));
    type = cursor.Word();
  }
  if (type.empty()) return BadSpec(spec, "no type");
  DataType dtype = DT_INVALID;
  if (ParseType(type, &dtype)) {
    arg->set_type(dtype);
  } else {
    arg->set_type_attr(std::string(type));
  }
  if (is_ref && !cursor.Consume(")")) return BadSpec(spec, "expected \")\"");
  return cursor.done() ? absl::OkStatus() : BadSpec(spec, "text at the end");
}

void ResolveTypeLists(OpDef* def) {
  const auto resolve = [def](OpDef::ArgDef* arg) {
    if (arg->type_attr().empty()) return;
    for (const OpDef::AttrDef& attr : def->attr()) {
      if (attr.name() == arg->type_attr() && attr.type() == "list(type)") {
        arg->set_type_list_attr(attr.name());
        arg->clear_type_attr();
        return;
      }
    }
  };
  for (OpDef::ArgDef& arg : *def->mutable_input_arg()) resolve(&arg);
  for (OpDef::ArgDef& arg : *def->mutable_output_arg()) resolve(&arg);
}

}  // namespace retrograph
