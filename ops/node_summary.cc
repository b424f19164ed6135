#include "ops/node_summary.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/dtype.h"
#include "core/tensor_proto.h"
#include "core/tensor_shape.h"

namespace retrograph {
namespace {

// Longer lists show their first and last five entries.
constexpr size_t kMaxListEntries = 10;

std::string SummarizeShape(const TensorShapeProto& proto) {
  auto shape = PartialTensorShape::FromProto(proto);
  return shape.ok() ? shape->DebugString() : "<invalid shape>";
}

std::string SummarizeTensor(const TensorProto& proto) {
  auto tensor = TensorFromProto(proto);
  if (!tensor.ok()) return "<Invalid TensorProto>";
  return tensor->DebugString();
}

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::CEscape(text), "\"");
}

std::string SummarizeList(const AttrValue::ListValue& list) {
  std::vector<std::string> pieces;
  for (const std::string& s : list.s()) pieces.push_back(Quoted(s));
  for (int64_t i : list.i()) pieces.push_back(absl::StrCat(i));
  for (float f : list.f()) pieces.push_back(absl::StrCat(f));
  for (bool b : list.b()) pieces.push_back(b ? "true" : "false");
  for (int type : list.type()) {
    pieces.push_back(DataTypeEnumName(static_cast<DataType>(type)));
  }
  for (const auto& shape : list.shape()) pieces.push_back(SummarizeShape(shape));
  for (const auto& tensor : list.tensor()) {
    pieces.push_back(SummarizeTensor(tensor));
  }
  for (const auto& func : list.func()) pieces.push_back(func.name());
  if (pieces.size() > kMaxListEntries) {
    pieces.erase(pieces.begin() + 5, pieces.end() - 6);
    pieces[5] = "...";
  }
  return absl::StrCat("[", absl::StrJoin(pieces, ", "), "]");
}

}  // namespace

std::string SummarizeAttrValue(const AttrValue& value) {
  switch (value.value_case()) {
    case AttrValue::kS:
      return Quoted(value.s());
    case AttrValue::kI:
      return absl::StrCat(value.i());
    case AttrValue::kF:
      return absl::StrCat(value.f());
    case AttrValue::kB:
      return value.b() ? "true" : "false";
    case AttrValue::kType:
      return DataTypeEnumName(value.type());
    case AttrValue::kShape:
      return SummarizeShape(value.shape());
    case AttrValue::kTensor:
      return SummarizeTensor(value.tensor());
    case AttrValue::kList:
      return SummarizeList(value.list());
    case AttrValue::kFunc:
      return value.func().name();
    case AttrValue::kPlaceholder:
      return absl::StrCat("$", value.placeholder());
    case AttrValue::VALUE_NOT_SET:
      break;
  }
  return "<Unknown AttrValue type>";
}

std::string SummarizeAttrs(const Operation& op) {
  std::vector<std::string> parts;
  for (const auto& attr : op.attrs()) {
    parts.push_back(
        absl::StrCat(attr.first, "=", SummarizeAttrValue(attr.second)));
  }
  return absl::StrJoin(parts, ", ");
}

}  // namespace retrograph
