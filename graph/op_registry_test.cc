#include "graph/op_registry.h"

#include <string>

#include "gmock/gmock.h"
#include "graph/op_signature.h"
#include "graph/test_ops.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

// How TensorFlow sums up an op with this one attr.
std::string AttrSummary(absl::string_view spec) {
  OpRegistry registry;
  registry.Op("X").Attr(spec);
  const std::string text = SummarizeOpDef(registry.Find("X")->def);
  const std::string before = "Op<name=X; signature= -> ; attr=";
  EXPECT_THAT(text, StartsWith(before));
  return text.substr(before.size(), text.size() - before.size() - 1);
}

TEST(OpSpecTest, Attrs) {
  EXPECT_EQ(AttrSummary("T: type"), "T:type");
  EXPECT_EQ(AttrSummary("T: {float, double} = DT_FLOAT"),
            "T:type,default=DT_FLOAT,allowed=[DT_FLOAT, DT_DOUBLE]");
  EXPECT_EQ(AttrSummary("N: int >= 1"), "N:int,min=1");
  EXPECT_EQ(AttrSummary("N: int >= 1 = 2"), "N:int,default=2,min=1");
  EXPECT_EQ(AttrSummary("axis: int = -1"), "axis:int,default=-1");
  EXPECT_EQ(AttrSummary("f: float = 0.001"), "f:float,default=0.001");
  EXPECT_EQ(AttrSummary("b: bool = true"), "b:bool,default=true");
  EXPECT_EQ(AttrSummary("s: string = ''"), "s:string,default=\"\"");
  EXPECT_EQ(AttrSummary("s: string = \",\""), "s:string,default=\",\"");
  EXPECT_EQ(AttrSummary("p: {'SAME', 'VALID'}"),
            "p:string,allowed=[\"SAME\", \"VALID\"]");
  EXPECT_EQ(AttrSummary("t: list(type) >= 1"), "t:list(type),min=1");
  EXPECT_EQ(AttrSummary("t: list({float, int32}) >= 0"),
            "t:list(type),min=0,allowed=[DT_FLOAT, DT_INT32]");
  EXPECT_EQ(AttrSummary("i: list(int) = [1, 2]"), "i:list(int),default=[1, 2]");
  EXPECT_EQ(AttrSummary("i: list(int) = []"), "i:list(int),default=[]");
  EXPECT_EQ(AttrSummary("s: shape = { unknown_rank: true }"),
            "s:shape,default=<unknown>");
  EXPECT_EQ(AttrSummary("s: shape = { dim { size: 2 } }"),
            "s:shape,default=[2]");
  EXPECT_EQ(AttrSummary("f: func"), "f:func");
}

TEST(OpSpecTest, LongListsAreShortened) {
  EXPECT_EQ(AttrSummary("T: numbertype"),
            "T:type,allowed=[DT_FLOAT, DT_DOUBLE, DT_INT32, DT_UINT8, DT_INT16,"
            " ..., DT_UINT16, DT_COMPLEX128, DT_HALF, DT_UINT32, DT_UINT64]");
}

TEST(OpSpecTest, ArgumentsMayNameAttrsThatComeLater) {
  OpRegistry registry;
  registry.Op("X")
      .Input("a: Ref(T)")
      .Input("b: N * T")
      .Input("c: list")
      .Input("d: N * float")
      .Output("e: Ref(string)")
      .Attr("N: int")
      .Attr("T: type")
      .Attr("list: list(type)")
      .Stateful()
      .Commutative()
      .Aggregate()
      .AllowsUninitializedInput();
  EXPECT_EQ(SummarizeOpDef(registry.Find("X")->def),
            "Op<name=X; signature=a:Ref(T), b:N*T, c:list, d:N*float -> "
            "e:Ref(string); attr=N:int; attr=T:type; attr=list:list(type); "
            "is_commutative=true; is_aggregate=true; is_stateful=true; "
            "allows_uninitialized_input=true>");
  EXPECT_EQ(registry.Find("X")->def.input_arg(2).type_list_attr(), "list");
}

TEST(OpSpecDeathTest, MistakesAbort) {
  OpRegistry registry;
  EXPECT_DEATH(registry.Op("X").Attr("T: tpye"), "no such type");
  EXPECT_DEATH(registry.Op("Y").Attr("N: int = x"), "bad default value");
  EXPECT_DEATH(registry.Op("Z").Input("x"), "expected \"name: type\"");
  EXPECT_DEATH(registry.Op("W").Input("x: Ref(T"), "expected \"\\)\"");
}

TEST(OpRegistryTest, ADuplicateAborts) {
  OpRegistry registry;
  registry.Op("X");
  EXPECT_DEATH(registry.Op("X"), "op registered twice: X");
}

TEST(OpRegistryTest, LookUp) {
  OpRegistry registry;
  registry.Op("B");
  registry.Op("A");
  EXPECT_THAT(registry.Names(), ElementsAre("A", "B"));
  EXPECT_EQ(*registry.LookUp("A"), registry.Find("A"));
  EXPECT_EQ(registry.Find("C"), nullptr);
  const std::string error = Raised(registry.LookUp("C"));
  EXPECT_THAT(error, StartsWith("NotFoundError: Op type not registered 'C' in "
                                "binary running on "));
  EXPECT_THAT(error,
              testing::EndsWith(
                  ". Make sure the Op and Kernel are registered in the binary "
                  "running in this process. Note that if you are loading a "
                  "saved graph which used ops from tf.contrib, accessing "
                  "(e.g.) `tf.contrib.resampler` should be done before "
                  "importing the graph, as contrib ops are lazily registered "
                  "when the module is first accessed."));
}

TEST(OpSignatureTest, TellsWhatInputsDecide) {
  const OpSignature& add_n = TestOps()->Find("AddN")->signature();
  EXPECT_TRUE(add_n.attrs[add_n.FindAttr("N")].inferred);
  EXPECT_TRUE(add_n.inputs[0].is_list());
  const OpSignature& matmul = TestOps()->Find("MatMul")->signature();
  EXPECT_FALSE(matmul.attrs[matmul.FindAttr("transpose_a")].inferred);
  EXPECT_EQ(matmul.FindAttr("nope"), -1);
}

}  // namespace
}  // namespace retrograph
