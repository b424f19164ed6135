#include "variables/recorded_test_util.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "core/dtype.h"
#include "core/errors.h"
#include "gtest/gtest.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

std::string ShapeText(const TensorShapeProto& shape) {
  if (shape.unknown_rank()) return "?";
  std::vector<int64_t> dims;
  for (const auto& dim : shape.dim()) dims.push_back(dim.size());
  return absl::StrCat("[", absl::StrJoin(dims, ","), "]");
}

template <typename Values>
void AppendFloats(absl::string_view name, const Values& values,
                  std::string* text) {
  if (values.empty()) return;
  absl::StrAppend(text, " ", name, ":",
                  absl::StrJoin(values, ",", [](std::string* out, double v) {
                    absl::StrAppendFormat(out, "%.9g", v);
                  }));
}

template <typename Values>
void AppendIntegers(absl::string_view name, const Values& values,
                    std::string* text) {
  if (values.empty()) return;
  absl::StrAppend(text, " ", name, ":",
                  absl::StrJoin(values, ",", [](std::string* out, int64_t v) {
                    absl::StrAppend(out, v);
                  }));
}

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", text, "\"");
}

std::string TensorText(const TensorProto& tensor) {
  std::string text = absl::StrCat(DataTypeEnumName(tensor.dtype()),
                                  ShapeText(tensor.tensor_shape()));
  if (!tensor.tensor_content().empty()) {
    absl::StrAppend(
        &text, " content:", absl::BytesToHexString(tensor.tensor_content()));
  }
  AppendFloats("float_val", tensor.float_val(), &text);
  AppendFloats("double_val", tensor.double_val(), &text);
  AppendIntegers("int_val", tensor.int_val(), &text);
  AppendIntegers("int64_val", tensor.int64_val(), &text);
  AppendIntegers("bool_val", tensor.bool_val(), &text);
  AppendIntegers("half_val", tensor.half_val(), &text);
  if (!tensor.string_val().empty()) {
    absl::StrAppend(&text, " string_val:",
                    absl::StrJoin(tensor.string_val(), ",",
                                  [](std::string* out, const std::string& s) {
                                    out->append(Quoted(s));
                                  }));
  }
  return text;
}

std::string AttrText(const AttrValue& attr) {
  switch (attr.value_case()) {
    case AttrValue::kType:
      return DataTypeEnumName(attr.type());
    case AttrValue::kShape:
      return ShapeText(attr.shape());
    case AttrValue::kS:
      return Quoted(attr.s());
    case AttrValue::kTensor:
      return TensorText(attr.tensor());
    case AttrValue::kB:
      return attr.b() ? "true" : "false";
    case AttrValue::kI:
      return absl::StrCat(attr.i());
    case AttrValue::kF:
      return absl::StrFormat("%.9g", attr.f());
    case AttrValue::kList:
      break;
    default:
      return "None";
  }
  std::vector<std::string> items;
  for (const std::string& s : attr.list().s()) items.push_back(Quoted(s));
  for (int64_t i : attr.list().i()) items.push_back(absl::StrCat(i));
  for (int type : attr.list().type()) {
    items.push_back(DataTypeEnumName(static_cast<DataType>(type)));
  }
  for (const auto& shape : attr.list().shape()) {
    items.push_back(ShapeText(shape));
  }
  return absl::StrCat("[", absl::StrJoin(items, ","), "]");
}

std::string NodeText(const NodeDef& node) {
  std::string text = absl::StrCat(node.name(), " ", node.op(), "(",
                                  absl::StrJoin(node.input(), ", "), ")");
  if (!node.device().empty()) absl::StrAppend(&text, " @", node.device());
  std::map<std::string, std::string> attrs;
  for (const auto& [name, attr] : node.attr()) attrs[name] = AttrText(attr);
  for (const auto& [name, value] : attrs) {
    absl::StrAppend(&text, " ", name, "=", value);
  }
  return text;
}

std::string NameOf(const CollectionItem& item) {
  if (auto* output = std::get_if<Output>(&item)) return output->name();
  if (auto* object = std::get_if<std::shared_ptr<CollectionObject>>(&item)) {
    if (auto variable = std::dynamic_pointer_cast<Variable>(*object)) {
      return variable->name();
    }
    return (*object)->TypeName();
  }
  return "?";
}

}  // namespace

void Recorder::Say(absl::string_view text) {
  said_.push_back(absl::StrCat("> ", text));
}

void Recorder::Fails(absl::string_view label,
                     const std::function<void(GraphBuilder&)>& body) {
  GraphBuilder builder(graph_.get());
  body(builder);
  if (builder.ok()) {
    Say(absl::StrCat(label, ": no error"));
    return;
  }
  std::string text(builder.status().message());
  // The frames that follow are the program's own.
  constexpr absl::string_view kMarker = "Originally defined at:\n\n";
  const size_t at = text.find(std::string(kMarker));
  if (at != std::string::npos) {
    text = text.substr(0, at + kMarker.size() - 2);
  }
  Say(absl::StrCat(label, ": ", ErrorClassName(builder.status()), ": ",
                   absl::StrReplaceAll(text, {{"\n", "\\n"}})));
}

std::vector<std::string> Recorder::Lines() const {
  std::vector<std::string> lines;
  const GraphDef graph_def = graph_->ToGraphDef();
  for (const NodeDef& node : graph_def.node()) {
    lines.push_back(NodeText(node));
  }
  for (const std::string& name : graph_->CollectionNames()) {
    if (name == graph_keys::kCondContext) continue;
    std::vector<std::string> items;
    for (const CollectionItem& item : graph_->GetCollection(name)) {
      items.push_back(NameOf(item));
    }
    lines.push_back(absl::StrCat("# ", name, ": ", absl::StrJoin(items, " ")));
  }
  lines.insert(lines.end(), said_.begin(), said_.end());
  return lines;
}

namespace {

// The recorded lines of every case.
std::map<std::string, std::vector<std::string>> ReadRecorded() {
  std::map<std::string, std::vector<std::string>> cases;
  std::ifstream in("variables/testdata/recorded.txt");
  std::string line, name;
  while (std::getline(in, line)) {
    absl::string_view text = line;
    if (absl::ConsumePrefix(&text, "== ")) {
      name = std::string(text);
    } else {
      cases[name].push_back(line);
    }
  }
  return cases;
}

}  // namespace

void ExpectRecorded(const std::string& name, void (*run)(Recorder&)) {
  RegisterStandardOps();
  Recorder recorder;
  run(recorder);
  EXPECT_TRUE(recorder.b.ok()) << recorder.b.status();
  const std::vector<std::string> expected = ReadRecorded()[name];
  ASSERT_FALSE(expected.empty()) << name;
  const std::vector<std::string> actual = recorder.Lines();
  for (size_t i = 0; i < std::max(actual.size(), expected.size()); ++i) {
    EXPECT_EQ(i < actual.size() ? actual[i] : "(nothing)",
              i < expected.size() ? expected[i] : "(nothing)")
        << "line " << i;
  }
}

}  // namespace retrograph
