#include "graph/graph_util.h"

#include <string>
#include <vector>

#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "graph/builder.h"
#include "graph/test_ops.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

GraphDef Parse(const std::string& text) {
  GraphDef graph_def;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &graph_def));
  return graph_def;
}

// "name(inputs)" of each node.
std::vector<std::string> Nodes(const GraphDef& graph_def) {
  std::vector<std::string> nodes;
  for (const NodeDef& node : graph_def.node()) {
    std::string text = node.name() + "(";
    for (const std::string& input : node.input()) {
      text += (text.back() == '(' ? "" : ",") + input;
    }
    nodes.push_back(text + ")");
  }
  return nodes;
}

constexpr char kChain[] =
    "node { name: 'late' op: 'A' }"
    "node { name: 'z' op: 'A' input: 'b:1' input: '^c' }"
    "node { name: 'c' op: 'A' }"
    "node { name: 'b' op: 'A'"
    " attr { key: '_class' value { list { s: 'loc:@a' } } } }"
    "node { name: 'a' op: 'A' }"
    "versions { producer: 134 }";

TEST(ExtractSubGraphTest, FollowsInputsControlInputsAndColocation) {
  RG_ASSERT_OK_AND_ASSIGN(const GraphDef part,
                          ExtractSubGraph(Parse(kChain), {"z"}));
  EXPECT_THAT(Nodes(part), ElementsAre("z(b:1,^c)", "c()", "b()", "a()"));
  EXPECT_EQ(part.versions().producer(), 134);
  EXPECT_TRUE(part.has_library());
}

TEST(ExtractSubGraphTest, NamesTheNodeThatIsMissing) {
  const auto wanted = ExtractSubGraph(Parse(kChain), {"a", "nope"}).status();
  EXPECT_EQ(ErrorClassName(wanted), "AssertionError");
  EXPECT_EQ(wanted.message(), "nope is not in graph");
  const auto input =
      ExtractSubGraph(Parse("node { name: 'a' op: 'A' input: 'gone:2' }"),
                      {"a"})
          .status();
  EXPECT_EQ(ErrorClassName(input), "KeyError");
  EXPECT_EQ(input.message(), "gone");
}

TEST(ExtractSubGraphTest, EndsWhereALoopLeadsBack) {
  RG_ASSERT_OK_AND_ASSIGN(
      const GraphDef part,
      ExtractSubGraph(Parse("node { name: 'm' op: 'Merge' input: 'n' }"
                            "node { name: 'n' op: 'Next' input: 'm' }"),
                      {"m"}));
  EXPECT_THAT(Nodes(part), ElementsAre("m(n)", "n(m)"));
}

TEST(RemoveTrainingNodesTest, SplicesIdentitiesThatNoControlEdgeTouches) {
  const GraphDef graph_def = Parse(
      "node { name: 'x' op: 'A' }"
      "node { name: 'i' op: 'Identity' input: 'x' }"
      "node { name: 'j' op: 'Identity' input: 'i' }"
      "node { name: 'k' op: 'Identity' input: 'x' }"
      "node { name: 'z' op: 'A' input: 'j' input: 'k' input: '^k' }"
      "versions { producer: 134 }");
  const GraphDef pruned = RemoveTrainingNodes(graph_def, {});
  EXPECT_THAT(Nodes(pruned), ElementsAre("x()", "k(x)", "z(x,k,^k)"));
  EXPECT_FALSE(pruned.has_versions());
  EXPECT_THAT(Nodes(RemoveTrainingNodes(graph_def, {"i"})),
              ElementsAre("x()", "i(x)", "k(x)", "z(i,k,^k)"));
}

TEST(RemoveTrainingNodesTest, ConsumersLoseACheck) {
  const GraphDef graph_def = Parse(
      "node { name: 'x' op: 'A' }"
      "node { name: 'c' op: 'CheckNumerics' input: 'x' }"
      "node { name: 'z' op: 'A' input: 'c' input: 'x' input: '^c' }");
  EXPECT_THAT(Nodes(RemoveTrainingNodes(graph_def, {})),
              ElementsAre("x()", "z(x)"));
  EXPECT_THAT(Nodes(RemoveTrainingNodes(graph_def, {"c"})),
              ElementsAre("x()", "c(x)", "z(c,x,^c)"));
}

TEST(RemoveTrainingNodesTest, IdentitiesInACircleStay) {
  EXPECT_THAT(
      Nodes(RemoveTrainingNodes(
          Parse("node { name: 'a' op: 'Identity' input: 'b' }"
                "node { name: 'b' op: 'Identity' input: 'a' }"
                "node { name: 'z' op: 'A' input: 'a' }"),
          {})),
      ElementsAre("a(b)", "b(a)", "z(a)"));
  EXPECT_THAT(Nodes(RemoveTrainingNodes(GraphDef(), {})), IsEmpty());
}

NodeDef Node(const std::string& op, const std::string& attr = "",
             DataType type = DT_INVALID) {
  NodeDef node;
  node.set_op(op);
  if (!attr.empty()) (*node.mutable_attr())[attr].set_type(type);
  return node;
}

TEST(MustRunOnCpuTest, TellsOpsWithoutAKernelElsewhere) {
  EXPECT_TRUE(MustRunOnCpu(Node("Const", "dtype", DT_STRING), false));
  EXPECT_TRUE(MustRunOnCpu(Node("Const", "dtype", DT_INT32), false));
  EXPECT_FALSE(MustRunOnCpu(Node("Const", "dtype", DT_INT64), false));
  EXPECT_FALSE(MustRunOnCpu(Node("Const"), false));
  EXPECT_TRUE(MustRunOnCpu(Node("DynamicStitch", "T", DT_INT32), false));
  EXPECT_TRUE(MustRunOnCpu(Node("Cast", "SrcT", DT_INT32), false));
  EXPECT_FALSE(MustRunOnCpu(Node("Cast", "DstT", DT_INT32), false));
  EXPECT_FALSE(MustRunOnCpu(Node("VariableV2"), false));
  EXPECT_TRUE(MustRunOnCpu(Node("VariableV2"), true));
}

TEST(TensorShapeFromNodeDefNameTest, TakesANameForItsFirstOutput) {
  auto graph = Graph::Create(TestOps());
  GraphBuilder b(graph.get());
  b.AddOp("Placeholder", {},
          {Attr("dtype", DT_FLOAT), Attr("shape", TensorShape({2, 3}))}, "x");
  ASSERT_TRUE(b.ok()) << b.status();
  for (const char* name : {"x", "x:0"}) {
    RG_ASSERT_OK_AND_ASSIGN(const PartialTensorShape shape,
                            TensorShapeFromNodeDefName(*graph, name));
    EXPECT_EQ(shape.DebugString(), "[2,3]");
  }
  EXPECT_EQ(ErrorClassName(TensorShapeFromNodeDefName(*graph, "y").status()),
            "KeyError");
}

}  // namespace
}  // namespace retrograph
