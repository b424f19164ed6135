// The texts are those of TensorFlow 1.15.5's import_graph_def.
#include "graph/import.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "graph/builder.h"
#include "graph/test_ops.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

GraphDef Parse(const std::string& text) {
  GraphDef graph_def;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &graph_def));
  return graph_def;
}

// Nodes that many tests have.
constexpr char kP[] =
    "node { name: 'p' op: 'Placeholder'"
    " attr { key: 'dtype' value { type: DT_FLOAT } } } ";

std::string Identity(const std::string& name, const std::string& input,
                     const std::string& type = "DT_FLOAT") {
  return "node { name: '" + name + "' op: 'Identity' input: '" + input +
         "' attr { key: 'T' value { type: " + type + " } } } ";
}
std::string NoOp(const std::string& name, const std::string& inputs = "") {
  return "node { name: '" + name + "' op: 'NoOp' " + inputs + " } ";
}

class ImportTest : public testing::Test {
 protected:
  ImportTest() : graph_(Graph::Create(TestOps())), b_(graph_.get()) {
    options_.name = "";
  }

  absl::StatusOr<std::vector<Graph::Element>> Import(const std::string& text) {
    return ImportGraphDef(graph_.get(), Parse(text), options_);
  }
  std::string Error(const std::string& text) { return Raised(Import(text)); }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const Operation* op : graph_->GetOperations()) {
      names.push_back(op->name());
    }
    return names;
  }
  const Operation* Op(absl::string_view name) {
    return graph_->FindOperation(name);
  }

  std::shared_ptr<Graph> graph_;
  GraphBuilder b_;
  ImportOptions options_;
};

TEST_F(ImportTest, NodesComeInOrderOnceTheirInputsAreThere) {
  ASSERT_EQ(Error(NoOp("b", "input: '^a'") + NoOp("a") +
                  NoOp("c", "input: '^a' input: '^b' input: '^a'")),
            "OK");
  EXPECT_THAT(Names(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(Op("c")->control_inputs().size(), 2u);
}

TEST_F(ImportTest, TheDefaultPrefixIsMadeUnique) {
  options_ = ImportOptions();
  ASSERT_EQ(Error(kP + Identity("q", "p")), "OK");
  ASSERT_EQ(Error(kP), "OK");
  EXPECT_THAT(Names(), ElementsAre("import/p", "import/q", "import_1/p"));
  EXPECT_EQ(Op("import/q")->input(0).name(), "import/p:0");
}

TEST_F(ImportTest, WithoutAPrefixTakenNamesGetNumbers) {
  b_.AddOp("NoOp", {}, {}, "p");
  ASSERT_EQ(Error(NoOp("p") + NoOp("p_1") + NoOp("q", "input: '^p'")), "OK");
  EXPECT_THAT(Names(), ElementsAre("p", "p_2", "p_1", "q"));
  EXPECT_EQ(Op("q")->control_inputs()[0]->name(), "p_2");
}

TEST_F(ImportTest, AScopeOfTheGraphIsATakenName) {
  b_.AddOp("NoOp", {}, {}, "b/c");
  ASSERT_EQ(Error(NoOp("b")), "OK");
  EXPECT_THAT(Names(), ElementsAre("b/c", "b_1"));
}

TEST_F(ImportTest, NamesOfOneImportMayDifferInCaseAlone) {
  ASSERT_EQ(Error(NoOp("a") + NoOp("A")), "OK");
  EXPECT_THAT(Names(), ElementsAre("a", "A"));
  EXPECT_EQ(graph_->UniqueName("a"), "a_1");
}

TEST_F(ImportTest, APrefixThatIsInUseStillGivesDifferentNames) {
  b_.AddOp("NoOp", {}, {}, "a/b");
  options_.name = "a/";
  ASSERT_EQ(Error(NoOp("b") + NoOp("b_1")), "OK");
  EXPECT_THAT(Names(), ElementsAre("a/b", "a/b_2", "a/b_1"));
}

TEST_F(ImportTest, BadNodes) {
  EXPECT_EQ(Error(NoOp("a b")),
            "ValueError: Node 'a b': Node name contains invalid characters");
  EXPECT_EQ(Error("node { name: 'a' }"),
            "ValueError: Node 'a' does not specify an operation");
  EXPECT_EQ(Error(NoOp("a") + NoOp("a")), "ValueError: Node 'a' is not unique");
  EXPECT_EQ(Error(NoOp("b") + NoOp("a", "input: '^b' input: 'b'")),
            "ValueError: Node 'a': Control dependencies must come after "
            "regular dependencies");
  EXPECT_EQ(Error(NoOp("a", "input: '^b'") + NoOp("b", "input: '^a'")),
            "ValueError: 2 nodes in a cycle");
  EXPECT_THAT(Error("node { name: 'a' op: 'NoSuchOp' }"),
              StartsWith("NotFoundError: Op type not registered 'NoSuchOp' in "
                         "binary running on "));
}

TEST_F(ImportTest, BadInputs) {
  EXPECT_EQ(Error(Identity("a", "b")),
            "ValueError: Node 'a': Unknown input node 'b'");
  EXPECT_EQ(Error(NoOp("a") + NoOp("b", "input: '^a:0'")),
            "ValueError: Node 'b': Unknown input node '^a:0'");
  EXPECT_EQ(Error(NoOp("a") + NoOp("b", "input: 'a'")),
            "ValueError: Node 'b': Connecting to invalid output 0 of source "
            "node a which has 0 outputs.");
  options_.name = "x";
  EXPECT_EQ(Error(kP + Identity("q", "p:1")),
            "ValueError: Node 'q': Connecting to invalid output 1 of source "
            "node p which has 1 outputs.");
  // TensorFlow takes this for output 0.
  EXPECT_EQ(Error(kP + Identity("q", "p:4294967296")),
            "ValueError: Node 'q': Connecting to invalid output 4294967296 of "
            "source node p which has 1 outputs.");
  options_.name = "y";
  EXPECT_EQ(Error(kP + Identity("q", "p", "DT_INT32")),
            "ValueError: Input 0 of node y/q was passed float from y/p:0 "
            "incompatible with expected int32.");
  options_.name = "z";
  EXPECT_EQ(Error(kP + Identity("q", "p' input: 'p")),
            "ValueError: NodeDef expected inputs 'float' do not match 2 inputs "
            "specified; Op<name=Identity; signature=input:T -> output:T; "
            "attr=T:type>; NodeDef: {{node z/q}}");
}

TEST_F(ImportTest, BadAttrs) {
  EXPECT_EQ(Error("node { name: 'p' op: 'Placeholder' }"),
            "ValueError: NodeDef missing attr 'dtype' from Op<name=Placeholder;"
            " signature= -> output:dtype; attr=dtype:type; attr=shape:shape,"
            "default=<unknown>>; NodeDef: {{node p}}");
  EXPECT_EQ(Error("node { name: 'p' op: 'Placeholder'"
                  " attr { key: 'dtype' value { i: 3 } } }"),
            "ValueError: AttrValue had value with type 'int' when 'type' "
            "expected\n\t for attr 'dtype'\n\t; NodeDef: {{node p}}; "
            "Op<name=Placeholder; signature= -> output:dtype; attr=dtype:type; "
            "attr=shape:shape,default=<unknown>>");
  EXPECT_EQ(Error(std::string(kP) +
                  "node { name: 'n' op: 'AddN' input: 'p' input: 'p'"
                  " attr { key: 'T' value { type: DT_FLOAT } }"
                  " attr { key: 'N' value { i: 0 } } }"),
            "ValueError: Value for attr 'N' of 0 must be at least minimum 1\n\t"
            "; NodeDef: {{node n}}; Op<name=AddN; signature=inputs:N*T -> "
            "sum:T; attr=N:int,min=1; attr=T:type,allowed=[DT_FLOAT, "
            "DT_DOUBLE, DT_INT32, DT_UINT8, DT_INT16, ..., DT_COMPLEX128, "
            "DT_HALF, DT_UINT32, DT_UINT64, DT_VARIANT]; is_commutative=true; "
            "is_aggregate=true>");
  EXPECT_EQ(Error(std::string(kP) +
                  "node { name: 'n' op: 'MatMul' input: 'p' input: 'p'"
                  " attr { key: 'T' value { type: DT_STRING } } }"),
            "ValueError: Value for attr 'T' of string is not in the list of "
            "allowed values: bfloat16, half, float, double, int32, int64, "
            "complex64, complex128\n\t; NodeDef: {{node n}}; Op<name=MatMul; "
            "signature=a:T, b:T -> product:T; "
            "attr=transpose_a:bool,default=false; "
            "attr=transpose_b:bool,default=false; attr=T:type,"
            "allowed=[DT_BFLOAT16, DT_HALF, DT_FLOAT, DT_DOUBLE, DT_INT32, "
            "DT_INT64, DT_COMPLEX64, DT_COMPLEX128]>");
}

TEST_F(ImportTest, AnErrorLeavesTheGraphAsItWas) {
  b_.AddOp("NoOp", {}, {}, "old");
  EXPECT_NE(Error(NoOp("new") + Identity("a", "b")), "OK");
  EXPECT_NE(Error(NoOp("new") +
                  "node { name: 'n' op: 'NoOp' device: '/nonsense:0' }"),
            "OK");
  EXPECT_THAT(Names(), ElementsAre("old"));
  EXPECT_EQ(graph_->producer(), 134);
}

TEST_F(ImportTest, Versions) {
  EXPECT_EQ(Error("versions { min_consumer: 99999 }"),
            "ValueError: GraphDef min consumer version 99999 above current "
            "version 134 for TensorFlow 1.15.5.  Please upgrade TensorFlow.");
  EXPECT_EQ(Error("versions { bad_consumers: 134 }"),
            "ValueError: GraphDef disallows consumer version 134.  Please "
            "upgrade TensorFlow: this version is likely buggy.");
  ASSERT_EQ(Error("versions { producer: 27 min_consumer: 12 }"), "OK");
  EXPECT_EQ(graph_->producer(), 27);
  EXPECT_EQ(graph_->versions().min_consumer(), 12);
}

TEST_F(ImportTest, RemovedOpsGoByTheGraphsVersion) {
  const std::string node =
      std::string(kP) +
      "node { name: 'b' op: 'BatchNormWithGlobalNormalization' input: 'p'"
      " attr { key: 'T' value { type: DT_FLOAT } } } ";
  EXPECT_EQ(Error(node + "versions { producer: 9 }"),
            "UnimplementedError: Op BatchNormWithGlobalNormalization is not "
            "available in GraphDef version 9. It has been removed in version "
            "9. Use tf.nn.batch_normalization().");
  EXPECT_EQ(Error(node + "versions { producer: 8 }"), "OK");
}

TEST_F(ImportTest, InputMap) {
  const Output mine = TestConstant(b_, Tensor::Scalar(1.0f), "mine");
  options_.input_map = {{"p:0", mine}};
  options_.return_elements = {"q", "p:0", "q:0"};
  const auto elements = Import(kP + Identity("q", "p"));
  ASSERT_TRUE(elements.ok()) << elements.status();
  EXPECT_EQ((*elements)[0].op->input(0), mine);
  EXPECT_EQ((*elements)[1].tensor, mine);
  EXPECT_EQ((*elements)[2].tensor.name(), "q:0");
}

TEST_F(ImportTest, ControlInputsCanBeMapped) {
  const Output mine = TestConstant(b_, Tensor::Scalar(1.0f), "mine");
  options_.input_map = {{"^gone", mine}};
  ASSERT_EQ(Error(NoOp("a", "input: '^gone'")), "OK");
  EXPECT_THAT(Op("a")->control_inputs(), ElementsAre(mine.op));
}

TEST_F(ImportTest, KeysAndElementsThatAreNotThere) {
  const Output mine = TestConstant(b_, Tensor::Scalar(1.0f), "mine");
  options_.input_map = {{"zzz:0", mine}};
  EXPECT_EQ(Error(NoOp("p")),
            "ValueError: Attempted to map inputs that were not found in "
            "graph_def: [zzz:0]");
  options_.input_map.clear();
  const auto error_for = [this](const std::string& element) {
    options_.return_elements = {element};
    return Error(kP);
  };
  EXPECT_EQ(error_for("zzz"),
            "ValueError: Requested return node 'zzz' not found in graph def");
  EXPECT_EQ(error_for("q:0"),
            "ValueError: Requested return tensor 'q:0' not found in graph def");
  EXPECT_EQ(error_for("p:1"),
            "ValueError: Invalid return output 1 of node 'p', which has 1 "
            "output(s)");
  EXPECT_EQ(error_for("p:x"),
            "ValueError: Cannot convert 'p:x' to a tensor name.");
}

TEST_F(ImportTest, DevicesAreMergedWithOpenScopesAndChecked) {
  DeviceScope scope(graph_.get(), std::string("/job:w"));
  ASSERT_EQ(Error("node { name: 'a' op: 'NoOp' device: '/cpu:0' }"), "OK");
  EXPECT_EQ(Op("a")->device(), "/job:w/device:CPU:0");
  EXPECT_EQ(Error("node { name: 'b' op: 'NoOp' device: '/nonsense:0' }"),
            "ValueError: Unknown attribute: 'nonsense' in '/nonsense:0'");
}

TEST_F(ImportTest, EveryImportedNodeWaitsForOpenScopes) {
  ControlDependencies deps(graph_.get(), {b_.AddOp("NoOp", {}, {}, "first")});
  ASSERT_EQ(Error(kP + Identity("q", "p")), "OK");
  EXPECT_EQ(Op("p")->control_inputs().size(), 1u);
  EXPECT_EQ(Op("q")->control_inputs().size(), 1u);
}

constexpr char kColocated[] =
    "node { name: 'a' op: 'NoOp' device: '/gpu:0' } "
    "node { name: 'b' op: 'NoOp' device: '/cpu:0'"
    " attr { key: '_class' value { list { s: 'loc:@a' } } } }";

TEST_F(ImportTest, ColocationFollowsNewNamesAndTakesTheDevice) {
  b_.AddOp("NoOp", {}, {}, "a");
  ASSERT_EQ(Error(kColocated), "OK");
  EXPECT_THAT(Op("b")->ColocationGroups(), ElementsAre("a_1"));
  EXPECT_EQ(Op("b")->device(), "/device:GPU:0");
  options_.name = "i";
  ASSERT_EQ(Error(kColocated), "OK");
  EXPECT_THAT(Op("i/b")->ColocationGroups(), ElementsAre("i/a"));
}

TEST_F(ImportTest, ColocationWithAnUnknownNode) {
  EXPECT_EQ(Error("node { name: 'a' op: 'NoOp'"
                  " attr { key: '_class' value { list { s: 'loc:@zzz' } } } }"),
            "ValueError: Node 'a' expects to be colocated with unknown node "
            "'zzz'");
}

std::string WithShapes(const std::string& shapes,
                       const std::string& own = "unknown_rank: true") {
  return "node { name: 'p' op: 'Placeholder'"
         " attr { key: 'dtype' value { type: DT_FLOAT } }"
         " attr { key: 'shape' value { shape { " +
         own +
         " } } }"
         " attr { key: '_output_shapes' value { list { " +
         shapes + " } } } }";
}

TEST_F(ImportTest, OutputShapesAreUsedAndDropped) {
  ASSERT_EQ(Error(WithShapes("shape { dim { size: 2 } }")), "OK");
  EXPECT_EQ(Op("p")->output_shape(0).DebugString(), "[2]");
  EXPECT_EQ(Op("p")->FindAttr("_output_shapes"), nullptr);
}

TEST_F(ImportTest, OutputShapesThatContradict) {
  EXPECT_EQ(Error(WithShapes("shape { dim { size: 2 } dim { size: 2 } }",
                             "dim { size: 2 } dim { size: 3 }")),
            "ValueError: Node 'p' has an _output_shapes attribute inconsistent "
            "with the GraphDef for output #0: Dimension 1 in both shapes must "
            "be equal, but are 3 and 2. Shapes are [2,3] and [2,2].");
  EXPECT_EQ(Error(WithShapes("")),
            "ValueError: Node 'p' has 1 outputs but the _output_shapes "
            "attribute specifies shapes for 0 outputs");
}

TEST_F(ImportTest, LoopsCloseAtMerge) {
  ASSERT_EQ(Error(std::string(kP) +
                  "node { name: 'm' op: 'Merge' input: 'p' input: 'n'"
                  " attr { key: 'N' value { i: 2 } }"
                  " attr { key: 'T' value { type: DT_FLOAT } } }" +
                  Identity("i", "m") +
                  "node { name: 'n' op: 'NextIteration' input: 'i'"
                  " attr { key: 'T' value { type: DT_FLOAT } } }"),
            "OK");
  EXPECT_EQ(Op("m")->input(1).name(), "n:0");
  EXPECT_EQ(graph_->ToGraphDef().node(1).input(1), "n");
}

TEST_F(ImportTest, ALoopsHeadMayWaitForANodeThatIsMadeLater) {
  // TensorFlow aborts here.
  ASSERT_EQ(Error(std::string(kP) +
                  "node { name: 'm' op: 'Merge' input: 'p' input: 'p'"
                  " input: 'n' input: '^c' attr { key: 'N' value { i: 3 } }"
                  " attr { key: 'T' value { type: DT_FLOAT } } }"
                  "node { name: 'n' op: 'NextIteration' input: 'm'"
                  " attr { key: 'T' value { type: DT_FLOAT } } }" +
                  NoOp("c")),
            "OK");
  EXPECT_THAT(Op("m")->control_inputs(), ElementsAre(Op("c")));
  EXPECT_EQ(Op("m")->input(2).name(), "n:0");
}

TEST_F(ImportTest, ManyControlInputsStandOnceEachInTheirOrder) {
  std::string text;
  std::string inputs;
  for (int i = 0; i < 100; ++i) {
    text += NoOp("c" + std::to_string(i));
    inputs += " input: '^c" + std::to_string(99 - i) + "'";
  }
  ASSERT_EQ(Error(text + NoOp("all", inputs + inputs)), "OK");
  const auto controls = Op("all")->control_inputs();
  ASSERT_EQ(controls.size(), 100);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(controls[i], Op("c" + std::to_string(99 - i)));
  }
}

TEST_F(ImportTest, DefaultsOnlyTheProducerKnewAreStripped) {
  OpList producer;
  OpDef* def = producer.add_op();
  def->set_name("NoOp");
  OpDef::AttrDef* attr = def->add_attr();
  attr->set_name("new");
  attr->set_type("int");
  attr->mutable_default_value()->set_i(3);
  const std::string node =
      "node { name: 'n' op: 'NoOp' attr { key: 'new' value { i: 3 } } }";
  EXPECT_THAT(Error(node), StartsWith("ValueError: NodeDef mentions attr"));
  options_.producer_op_list = &producer;
  ASSERT_EQ(Error(node), "OK");
  EXPECT_EQ(Op("n")->FindAttr("new"), nullptr);
}

TEST_F(ImportTest, UnknownOpsAreKeptAndTypedByTheirConsumers) {
  options_.keep_unknown_ops = true;
  const std::string text =
      "node { name: 'c' op: 'Custom' attr { key: 'k' value { i: 7 } } }"
      "node { name: 's' op: 'Assign' input: 'c:1' input: 'c'"
      " attr { key: 'T' value { type: DT_FLOAT } } }";
  ASSERT_EQ(Error(text), "OK");
  EXPECT_EQ(Op("c")->num_outputs(), 2);
  EXPECT_EQ(Op("c")->output_type(0), DT_FLOAT);
  EXPECT_EQ(Op("c")->output_type(1), DT_FLOAT_REF);
  EXPECT_EQ(graph_->ToGraphDef().node(0).attr().at("k").i(), 7);
}

TEST_F(ImportTest, UnknownOpsAreTypedByTheOpListBefore) {
  OpList producer;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "op { name: 'Custom' output_arg { name: 'o' type_attr: 'U' "
      "number_attr: 'K' } attr { name: 'U' type: 'type' } attr { name: 'K' "
      "type: 'int' default_value { i: 3 } } }"
      "op { name: 'Liar' output_arg { name: 'o' type_attr: 'nowhere' } }",
      &producer));
  options_.keep_unknown_ops = true;
  options_.producer_op_list = &producer;
  ASSERT_EQ(Error("node { name: 'c' op: 'Custom'"
                  " attr { key: 'U' value { type: DT_INT64 } } }"
                  "node { name: 'l' op: 'Liar' }"),
            "OK");
  EXPECT_EQ(Op("c")->num_outputs(), 3);
  EXPECT_EQ(Op("c")->output_type(2), DT_INT64);
  EXPECT_EQ(Op("l")->num_outputs(), 0);
}

TEST_F(ImportTest, FunctionsAreKeptAndTheirCallsAreKnown) {
  ASSERT_EQ(
      Error("library { function { signature { name: 'F' output_arg { name: 'o' "
            "type: DT_INT32 } } } } node { name: 'f' op: 'F' }"),
      "OK");
  EXPECT_EQ(Op("f")->output_type(0), DT_INT32);
  EXPECT_EQ(graph_->ToGraphDef().library().function_size(), 1);
}

}  // namespace
}  // namespace retrograph
