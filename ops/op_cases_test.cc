// Every case in testdata/op_cases.json: what real TensorFlow 1.15.5 made of one
// op, when it was built on constants and when it was run on fed values. The
// generator stands beside it.
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

using Json = nlohmann::json;

const std::map<std::string, std::vector<Json>>& CasesByOp() {
  static const auto* const cases = [] {
    auto* by_op = new std::map<std::string, std::vector<Json>>;
    std::ifstream file("ops/testdata/op_cases.json");
    for (const Json& one : Json::parse(file)) {
      (*by_op)[one["op"].get<std::string>()].push_back(one);
    }
    return by_op;
  }();
  return *cases;
}

std::vector<std::string> Ops() {
  std::vector<std::string> ops;
  for (const auto& entry : CasesByOp()) ops.push_back(entry.first);
  return ops;
}

DataType DTypeOf(const std::string& name) {
  DataType dtype = DT_INVALID;
  EXPECT_TRUE(DataType_Parse(name, &dtype)) << name;
  return dtype;
}

Tensor DecodeTensor(const Json& json) {
  const auto dims = json["shape"].get<std::vector<int64_t>>();
  Tensor tensor(DTypeOf(json["dtype"]), TensorShape(dims));
  if (tensor.dtype() == DT_STRING) {
    auto strings = tensor.mutable_flat<std::string>();
    for (size_t i = 0; i < strings.size(); ++i) {
      strings[i] = absl::HexStringToBytes(json["strings"][i].get<std::string>());
    }
    return tensor;
  }
  const std::string bytes =
      absl::HexStringToBytes(json["hex"].get<std::string>());
  EXPECT_EQ(bytes.size(), tensor.bytes());
  if (!bytes.empty()) {
    std::copy(bytes.begin(), bytes.end(),
              static_cast<char*>(tensor.mutable_data()));
  }
  return tensor;
}

ShapeTestInput DecodeInput(const Json& json) {
  if (!json.contains("placeholder")) return DecodeTensor(json);
  PartialTensorShape shape;
  if (!json["shape"].is_null()) {
    shape = PartialTensorShape(json["shape"].get<std::vector<int64_t>>());
  }
  return ShapeTestInput(shape, DTypeOf(json["placeholder"]));
}

AttrList DecodeAttrs(const Json& json) {
  AttrList attrs;
  for (const auto& item : json.items()) {
    AttrValue value;
    EXPECT_TRUE(value.ParseFromString(
        absl::HexStringToBytes(item.value().get<std::string>())));
    attrs.emplace_back(item.key(), value);
  }
  return attrs;
}

std::string Describe(const absl::Status& status) {
  return absl::StrCat(ErrorClassName(status), ": ", status.message());
}
std::string DescribeError(const Json& expected) {
  return absl::StrCat(expected["class"].get<std::string>(), ": ",
                      expected["error"].get<std::string>());
}

// The case as it stands in the file, for messages.
std::string CaseText(const Json& one) {
  Json brief = one;
  brief.erase("run");
  brief.erase("static");
  return brief.dump();
}

void CheckStatic(const Json& one) {
  const Json& expected = one["static"];
  std::vector<ShapeTestInput> inputs;
  for (const Json& input : one["inputs"]) inputs.push_back(DecodeInput(input));
  const auto shapes = InferShapes(one["op"].get<std::string>(), inputs,
                                  DecodeAttrs(one["attrs"]));
  if (expected.contains("error")) {
    ASSERT_FALSE(shapes.ok()) << "no error; expected "
                              << DescribeError(expected);
    EXPECT_EQ(Describe(shapes.status()), DescribeError(expected));
    return;
  }
  ASSERT_TRUE(shapes.ok()) << Describe(shapes.status());
  EXPECT_EQ(*shapes, expected["shapes"].get<std::vector<std::string>>());
}

void CheckRun(const Json& one) {
  const Json& expected = one["run"];
  std::vector<Tensor> inputs;
  for (const Json& input : one["inputs"]) inputs.push_back(DecodeTensor(input));
  const auto outputs = RunOp(one["op"].get<std::string>(), inputs,
                             DecodeAttrs(one["attrs"]));
  if (expected.contains("error")) {
    ASSERT_FALSE(outputs.ok()) << "no error; expected "
                               << DescribeError(expected);
    EXPECT_EQ(Describe(outputs.status()), DescribeError(expected));
    return;
  }
  ASSERT_TRUE(outputs.ok()) << Describe(outputs.status());
  ASSERT_EQ(outputs->size(), expected["outputs"].size());
  for (size_t i = 0; i < outputs->size(); ++i) {
    const Tensor wanted = DecodeTensor(expected["outputs"][i]);
    EXPECT_TRUE(TensorsIdentical((*outputs)[i], wanted))
        << "output " << i << ": " << (*outputs)[i].DebugString(20)
        << ", expected " << wanted.DebugString(20);
  }
}

class OpCaseTest : public ::testing::TestWithParam<std::string> {};

TEST_P(OpCaseTest, DoesWhatTensorFlowDoes) {
  for (const Json& one : CasesByOp().at(GetParam())) {
    SCOPED_TRACE(CaseText(one));
    // null: TensorFlow aborts there.
    if (!one["static"].is_null()) CheckStatic(one);
    if (one.contains("run") && !one["run"].is_null()) CheckRun(one);
  }
}

INSTANTIATE_TEST_SUITE_P(
    TensorFlow, OpCaseTest, ::testing::ValuesIn(Ops()),
    [](const ::testing::TestParamInfo<std::string>& info) {
      return info.param;
    });

}  // namespace
}  // namespace retrograph
