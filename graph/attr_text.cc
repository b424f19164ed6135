#include "graph/attr_text.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "core/dtype.h"
#include "core/message_bytes.h"
#include "core/tensor_proto.h"
#include "core/tensor_shape.h"

namespace retrograph {
namespace {

std::string StringText(const std::string& s) {
  return absl::StrCat("\"", absl::CEscape(s), "\"");
}

std::string ShapeText(const TensorShapeProto& proto) {
  const absl::StatusOr<PartialTensorShape> shape =
      PartialTensorShape::FromProto(proto);
  return shape.ok() ? shape->DebugString() : "<invalid>";
}

std::string TensorText(const TensorProto& proto) {
  const absl::StatusOr<Tensor> tensor = TensorFromProto(proto, 1 << 24);
  if (!tensor.ok()) {
    return absl::StrCat("<Invalid TensorProto: ", proto.ShortDebugString(),
                        ">");
  }
  return tensor->DebugString();
}

std::string FunctionText(const NameAttrList& function) {
  std::map<std::string, std::string> attrs;  // sorted by name
  for (const auto& attr : function.attr()) {
    attrs[attr.first] =
        absl::StrCat(attr.first, "=", SummarizeAttrValue(attr.second));
  }
  return absl::StrCat(function.name(), "[",
                      absl::StrJoin(attrs, ", ",
                                    [](std::string* out, const auto& entry) {
                                      out->append(entry.second);
                                    }),
                      "]");
}

std::string ListText(const AttrValue::ListValue& list) {
  std::vector<std::string> pieces;
  for (const std::string& s : list.s()) pieces.push_back(StringText(s));
  for (const int64_t i : list.i()) pieces.push_back(absl::StrCat(i));
  for (const float f : list.f()) pieces.push_back(absl::StrCat(f));
  for (const bool b : list.b()) pieces.push_back(b ? "true" : "false");
  for (const int t : list.type()) {
    pieces.push_back(DataTypeEnumName(static_cast<DataType>(t)));
  }
  for (const auto& s : list.shape()) pieces.push_back(ShapeText(s));
  for (const auto& t : list.tensor()) pieces.push_back(TensorText(t));
  for (const auto& f : list.func()) pieces.push_back(FunctionText(f));
  // Long lists are shortened in the middle, as TensorFlow does.
  constexpr size_t kMaxPieces = 15;
  if (pieces.size() >= kMaxPieces) {
    pieces.erase(pieces.begin() + 5, pieces.end() - 6);
    pieces[5] = "...";
  }
  return absl::StrCat("[", absl::StrJoin(pieces, ", "), "]");
}

// The kind of the elements, "" for an empty list.
std::string ListKind(const AttrValue::ListValue& list) {
  if (list.s_size() > 0) return "string";
  if (list.i_size() > 0) return "int";
  if (list.f_size() > 0) return "float";
  if (list.b_size() > 0) return "bool";
  if (list.type_size() > 0) return "type";
  if (list.shape_size() > 0) return "shape";
  if (list.tensor_size() > 0) return "tensor";
  if (list.func_size() > 0) return "func";
  return "";
}

}  // namespace

std::string SummarizeAttrValue(const AttrValue& value) {
  switch (value.value_case()) {
    case AttrValue::kS:
      return StringText(value.s());
    case AttrValue::kI:
      return absl::StrCat(value.i());
    case AttrValue::kF:
      return absl::StrCat(value.f());
    case AttrValue::kB:
      return value.b() ? "true" : "false";
    case AttrValue::kType:
      return DataTypeEnumName(value.type());
    case AttrValue::kShape:
      return ShapeText(value.shape());
    case AttrValue::kTensor:
      return TensorText(value.tensor());
    case AttrValue::kList:
      return ListText(value.list());
    case AttrValue::kFunc:
      return FunctionText(value.func());
    case AttrValue::kPlaceholder:
      return absl::StrCat("$", value.placeholder());
    case AttrValue::VALUE_NOT_SET:
      break;
  }
  return "<Unknown AttrValue type>";
}

std::string AttrValueKind(const AttrValue& value) {
  switch (value.value_case()) {
    case AttrValue::kS:
      return "string";
    case AttrValue::kI:
      return "int";
    case AttrValue::kF:
      return "float";
    case AttrValue::kB:
      return "bool";
    case AttrValue::kType:
      return "type";
    case AttrValue::kShape:
      return "shape";
    case AttrValue::kTensor:
      return "tensor";
    case AttrValue::kFunc:
      return "func";
    case AttrValue::kPlaceholder:
      return "placeholder";
    case AttrValue::kList: {
      const std::string kind = ListKind(value.list());
      return kind.empty() ? "list" : absl::StrCat("list(", kind, ")");
    }
    case AttrValue::VALUE_NOT_SET:
      break;
  }
  return "";
}

bool AttrValueHasType(const AttrValue& value, absl::string_view attr_type) {
  switch (value.value_case()) {
    case AttrValue::kPlaceholder:
      return true;
    case AttrValue::kList: {
      if (!absl::ConsumePrefix(&attr_type, "list(")) return false;
      absl::ConsumeSuffix(&attr_type, ")");
      const std::string kind = ListKind(value.list());
      return kind.empty() || kind == attr_type;
    }
    default:
      return AttrValueKind(value) == attr_type;
  }
}

bool AttrValuesEqual(const AttrValue& a, const AttrValue& b) {
  if (a.value_case() != b.value_case()) return false;
  return SerializeDeterministically(a) == SerializeDeterministically(b);
}

}  // namespace retrograph
