#include "graph/function_def.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "graph/builder.h"
#include "graph/function_trace.h"
#include "graph/test_ops.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using testing::HasSubstr;

FunctionDef Parsed(const std::string& text) {
  FunctionDef function;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &function));
  return function;
}

absl::StatusOr<FunctionBody> Unpacked(const FunctionDef& function) {
  return UnpackFunction(function, FunctionDefLibrary(), TestOps());
}

constexpr char kDouble[] = R"pb(
  signature {
    name: "double"
    input_arg { name: "x" type: DT_FLOAT }
    output_arg { name: "y" type: DT_FLOAT }
  }
  node_def {
    name: "sum"
    op: "Add"
    input: "x"
    input: "x"
    attr {
      key: "T"
      value { type: DT_FLOAT }
    }
  }
  ret { key: "y" value: "sum:z:0" })pb";

TEST(FunctionDefTest, UnpacksWhatItPacks) {
  const auto body = Unpacked(Parsed(kDouble));
  ASSERT_TRUE(body.ok()) << body.status();
  EXPECT_EQ(body->name, "double");
  ASSERT_EQ(body->arguments.size(), 1u);
  EXPECT_EQ(body->arguments[0].name(), "x:0");
  ASSERT_EQ(body->results.size(), 1u);
  EXPECT_EQ(body->results[0].name(), "sum:0");
  const auto packed = ToFunctionDef(*body);
  ASSERT_TRUE(packed.ok()) << packed.status();
  EXPECT_EQ(packed->signature().output_arg(0).name(), "sum_0");
  EXPECT_EQ(packed->node_def(0).input(0), "x");
  EXPECT_EQ(packed->ret().at("sum_0"), "sum:z:0");
}

TEST(FunctionDefTest, RefusesWhatIsNotThere) {
  const auto said = [](const char* from, const char* to) {
    std::string text = kDouble;
    text.replace(text.find(from), std::string(from).size(), to);
    return Raised(Unpacked(Parsed(text)));
  };
  EXPECT_THAT(said("input: \"x\"", "input: \"w\""),
              HasSubstr("has no argument w"));
  EXPECT_THAT(said("input: \"x\"", "input: \"w:z:0\""),
              HasSubstr("has no node for the input w:z:0"));
  EXPECT_THAT(said("input: \"x\"", "input: \"x:99999999999999999999\""),
              HasSubstr("cannot have the input"));
  EXPECT_THAT(said("value: \"sum:z:0\"", "value: \"sum:z:1\""),
              HasSubstr("has no output sum:z:1"));
  EXPECT_THAT(said("value: \"sum:z:0\"", "value: \"sum:q:0\""),
              HasSubstr("has no output sum:q:0"));
  EXPECT_THAT(said("key: \"y\"", "key: \"z\""),
              HasSubstr("does not say what its result y is"));
  EXPECT_THAT(said("name: \"x\" type: DT_FLOAT", "name: \"x\""),
              HasSubstr("whose type is not fixed"));
}

TEST(FunctionTraceTest, CapturesATensorOnceInTheScopeOfItsFirstUser) {
  const std::shared_ptr<Graph> outer = Graph::Create(TestOps());
  GraphBuilder around(outer.get());
  const Output c = TestPlaceholder(around, DT_FLOAT, TensorShape({2}), "c");
  const std::shared_ptr<Graph> inner = Graph::Create(TestOps());
  GraphBuilder b(inner.get());
  FunctionTrace trace(inner);
  const Output x = TestPlaceholder(b, DT_FLOAT, TensorShape({2}), "x");
  {
    const FunctionTrace::Scope scope(&trace);
    const Output sum = b.Op("Add", {x, c}, {}, "sum");
    ASSERT_TRUE(b.ok()) << b.status();
    EXPECT_EQ(sum.op->input(1).name(), "sum/c:0");
    const Output again = b.Op("Add", {sum, c}, {}, "again");
    EXPECT_EQ(again.op->input(1).name(), "sum/c:0");
    EXPECT_EQ(again.shape(), TensorShape({2}));
  }
  ASSERT_EQ(trace.captures().size(), 1u);
  EXPECT_EQ(trace.captures()[0].first, c);
  // Outside of the trace the graphs are apart.
  b.Op("Add", {x, c});
  EXPECT_THAT(Raised(b.status()), HasSubstr("must be from the same graph"));
}

}  // namespace
}  // namespace retrograph
