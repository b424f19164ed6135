// The texts are those of TensorFlow 1.15.5's apply_op.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "gmock/gmock.h"
#include "graph/builder.h"
#include "graph/test_ops.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class OpMakerTest : public testing::Test {
 protected:
  OpMakerTest() : graph_(Graph::Create(TestOps())), b_(graph_.get()) {}

  Output Float(absl::string_view name = "f") {
    return TestConstant(b_, Tensor::Scalar(1.0f), name);
  }
  Output Int(absl::string_view name = "i") {
    return TestConstant(b_, Tensor::Scalar(int32_t{1}), name);
  }
  Output Bool() { return TestConstant(b_, Tensor::Scalar(true), "b"); }
  // What AddOp raises.
  std::string Error(absl::string_view type, std::vector<Input> inputs,
                    AttrList attrs = {}, absl::string_view name = "") {
    GraphBuilder b(graph_.get());
    b.AddOp(type, std::move(inputs), std::move(attrs), name);
    return Raised(b.status());
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const Operation* op : graph_->GetOperations()) {
      names.push_back(op->name());
    }
    return names;
  }

  std::shared_ptr<Graph> graph_;
  GraphBuilder b_;
};

TEST_F(OpMakerTest, ConstantsTakeTheArgumentsNameUnderTheOp) {
  b_.Op("Add", {Float(), 1});
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_THAT(Names(), ElementsAre("f", "Add/y", "Add"));
  EXPECT_EQ(graph_->FindOperation("Add/y")->output_type(0), DT_FLOAT);
}

TEST_F(OpMakerTest, ListElementsAreNumbered) {
  b_.Op("AddN", {std::vector<Input>{Float(), 1.0f, 2}}, {}, "sum");
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_THAT(Names(), ElementsAre("f", "sum/inputs_1", "sum/inputs_2", "sum"));
  int64_t n = 0;
  ASSERT_TRUE(graph_->FindOperation("sum")->GetAttr("N", &n).ok());
  EXPECT_EQ(n, 3);
}

TEST_F(OpMakerTest, DefaultTypeIsPreferredForValues) {
  Output range = b_.Op("Range", {0, 5, 1});
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_EQ(range.dtype(), DT_INT32);
  EXPECT_EQ(Error("Range", {0, 5.5f, 1}),
            "TypeError: Expected int32 passed to parameter 'limit' of op "
            "'Range', got 5.5 of type 'float' instead. Error: Expected int32, "
            "got 5.5 of type 'float' instead.");
}

TEST_F(OpMakerTest, ConflictingTensorTypes) {
  EXPECT_EQ(Error("Add", {Float(), Int()}),
            "TypeError: Input 'y' of 'Add' Op has type int32 that does not "
            "match type float32 of argument 'x'.");
  EXPECT_EQ(Error("LogicalAnd", {Float(), Float()}),
            "TypeError: Input 'x' of 'LogicalAnd' Op has type float32 that "
            "does not match expected type of bool.");
  EXPECT_EQ(Error("Add", {1, Float()}),
            "TypeError: Input 'y' of 'Add' Op has type float32 that does not "
            "match type int32 of argument 'x'.");
}

TEST_F(OpMakerTest, ValuesThatDoNotFit) {
  EXPECT_EQ(Error("Add", {Int(), 1.5f}),
            "TypeError: Expected int32 passed to parameter 'y' of op 'Add', "
            "got 1.5 of type 'float' instead. Error: Expected int32, got 1.5 "
            "of type 'float' instead.");
  EXPECT_EQ(Error("Add", {Int(), "s"}),
            "TypeError: Expected int32 passed to parameter 'y' of op 'Add', "
            "got 's' of type 'str' instead. Error: Expected int32, got 's' of "
            "type 'str' instead.");
  EXPECT_EQ(Error("LogicalAnd", {Bool(), 1}),
            "TypeError: Expected bool passed to parameter 'y' of op "
            "'LogicalAnd', got 1 of type 'int' instead. Error: Expected bool, "
            "got 1 of type 'int' instead.");
}

TEST_F(OpMakerTest, ABoolIsAnInt) {
  const Output sum = b_.Op("Add", {Int(), true});
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_EQ(sum.dtype(), DT_INT32);
}

TEST_F(OpMakerTest, TypesThatAreNotAllowed) {
  EXPECT_EQ(Error("Add", {Bool(), true}),
            "TypeError: Value passed to parameter 'x' has DataType bool not in "
            "list of allowed values: bfloat16, float16, float32, float64, "
            "uint8, int8, int16, int32, int64, complex64, complex128, string");
}

TEST_F(OpMakerTest, Lists) {
  EXPECT_EQ(Error("AddN", {std::vector<Input>{Float(), Int()}}),
            "TypeError: Tensors in list passed to 'inputs' of 'AddN' Op have "
            "types [float32, int32] that don't all match.");
  EXPECT_EQ(Error("AddN", {std::vector<Input>{Int(), 1.5f}}),
            "TypeError: Tensors in list passed to 'inputs' of 'AddN' Op have "
            "types [int32, float32] that don't all match.");
  EXPECT_EQ(Error("AddN", {std::vector<Input>()}),
            "ValueError: List argument 'inputs' to 'AddN' Op with length 0 "
            "shorter than minimum length 1.");
  EXPECT_EQ(Error("AddN", {Int("c")}),
            "TypeError: Expected list for 'inputs' argument to 'AddN' Op, not "
            "Tensor(\"c:0\", shape=(), dtype=int32).");
  EXPECT_EQ(Error("QuantizedConcat",
                  {0, std::vector<Input>{Int(), Int()},
                   std::vector<Input>{1.0f}, std::vector<Input>{1.0f}}),
            "ValueError: List argument 'input_mins' to 'QuantizedConcat' Op "
            "with length 1 must match length 2 of argument 'values'.");
}

TEST_F(OpMakerTest, TypeListsTakeEachElementsType) {
  Operation* op = b_.AddOp("IdentityN", {std::vector<Input>{Float(), 2, "a"}});
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_EQ(op->num_outputs(), 3);
  EXPECT_EQ(op->output_type(1), DT_INT32);
  EXPECT_EQ(op->output_type(2), DT_STRING);
}

TEST_F(OpMakerTest, AttrErrors) {
  EXPECT_EQ(Error("Add", {Float(), 1}, {Attr("T", DT_FLOAT)}),
            "TypeError: Should not specify value for inferred attr 'T'.");
  EXPECT_EQ(Error("Add", {Float(), 1}, {Attr("zz", 1)}),
            "TypeError: apply_op() got unexpected keyword arguments: zz");
  EXPECT_EQ(Error("Add", {Float()}), "TypeError: No argument for input y");
  EXPECT_EQ(Error("Placeholder", {}), "TypeError: No argument for attr dtype");
  EXPECT_EQ(
      Error("RestoreV2", {"", std::vector<Input>{""}, std::vector<Input>{""}},
            {Attr("dtypes", DataTypeVector())}),
      "ValueError: Attr 'dtypes' of 'RestoreV2' Op passed list of length "
      "0 less than minimum 1.");
  EXPECT_EQ(
      Error("Conv2D", {Float(), Float()},
            {Attr("strides", std::vector<int64_t>{1}), Attr("padding", "X")}),
      "ValueError: Attr 'padding' of 'Conv2D' Op passed string 'X' not in: "
      "\"SAME\", \"VALID\", \"EXPLICIT\".");
}

TEST_F(OpMakerTest, RefInputsWantARef) {
  EXPECT_EQ(Error("Assign", {Float(), 1.0f}),
            "TypeError: 'Assign' Op requires that input 'ref' be a mutable "
            "tensor (e.g.: a tf.Variable)");
  const Output v = TestVariable(b_, DT_FLOAT, TensorShape(), "v");
  EXPECT_EQ(Error("Assign", {v, Int()}),
            "TypeError: Input 'value' of 'Assign' Op has type int32 that does "
            "not match type float32 of argument 'ref'.");
}

TEST_F(OpMakerTest, AnInputThatWantsAValueTakesARef) {
  const Output v = TestVariable(b_, DT_FLOAT, TensorShape(), "v");
  EXPECT_EQ(v.dtype(), DT_FLOAT_REF);
  const Output sum = b_.Op("Add", {v, Float()});
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_EQ(sum.dtype(), DT_FLOAT);
}

TEST_F(OpMakerTest, AVariableGivesItsRefWhereOneIsWanted) {
  const Output v = TestVariable(b_, DT_FLOAT, TensorShape(), "v");
  const Output read = b_.Op("Identity", {v}, {}, "v/read");
  const Input variable(read, v);
  EXPECT_EQ(b_.AddOp("Assign", {variable, 2.0f})->input(0), v);
  EXPECT_EQ(b_.AddOp("Identity", {variable})->input(0), read);
  ASSERT_TRUE(b_.ok()) << b_.status();
}

TEST_F(OpMakerTest, OpsOnARefAreColocatedWithIt) {
  ASSERT_TRUE(graph_->EnterDevice(std::string("/cpu:1")).ok());
  const Output v = TestVariable(b_, DT_FLOAT, TensorShape(), "v");
  graph_->ExitDevice();
  Operation* assign = b_.AddOp("Assign", {v, 1.0f});
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_THAT(assign->ColocationGroups(), ElementsAre("v"));
  EXPECT_EQ(assign->device(), "/device:CPU:1");
  EXPECT_EQ(assign->input(1).op->device(), "");
}

TEST_F(OpMakerTest, TensorsOfTwoGraphs) {
  auto other = Graph::Create(TestOps());
  GraphBuilder b(other.get());
  const Output a = TestConstant(b, Tensor::Scalar(int32_t{1}), "a");
  EXPECT_EQ(Error("Add", {a, Int("b")}),
            "ValueError: Tensor(\"b:0\", shape=(), dtype=int32) must be from "
            "the same graph as Tensor(\"a:0\", shape=(), dtype=int32).");
}

TEST_F(OpMakerTest, BadNames) {
  EXPECT_EQ(Error("Identity", {Float()}, {}, "a b"),
            "ValueError: 'a b' is not a valid scope name");
  EXPECT_EQ(Error("Identity", {Float()}, {}, "_b"),
            "ValueError: '_b' is not a valid scope name");
  b_.Op("Const", {}, {}, "bad name");
  EXPECT_EQ(Raised(b_.status()),
            "ValueError: 'bad name' is not a valid node name");
}

TEST_F(OpMakerTest, ANameWithASlashIsTakenAsItIs) {
  Float("x");
  EXPECT_EQ(b_.AddOp("NoOp", {}, {}, "scope/x/")->name(), "scope/x");
}

TEST_F(OpMakerTest, AFailureUsesUpTheName) {
  Error("Add", {Float(), Int()});
  EXPECT_EQ(b_.Op("Add", {Float(), 1}).op->name(), "Add_1");
}

TEST_F(OpMakerTest, AnUnsetSeedCountsFailedOps) {
  const Output two = TestConstant(b_, Tensor::Vector({1.0f, 2.0f}));
  const Output three = TestConstant(b_, Tensor::Vector({1.0f, 2.0f, 3.0f}));
  EXPECT_THAT(Error("Add", {two, three}), HasSubstr("Dimensions must be"));
  EXPECT_EQ(graph_->last_id(), 3);
  EXPECT_EQ(graph_->num_operations(), 2);
}

TEST_F(OpMakerTest, UnknownAndRemovedOps) {
  EXPECT_EQ(Error("NoSuchOp", {}),
            "RuntimeError: Unrecognized Op name NoSuchOp");
  EXPECT_EQ(Error("BatchNormWithGlobalNormalization", {Float()}),
            "NotImplementedError: Op BatchNormWithGlobalNormalization is not "
            "available in GraphDef version 134. It has been removed in version "
            "9. Use tf.nn.batch_normalization().");
}

TEST_F(OpMakerTest, TheFirstErrorIsKeptAndNothingFollowsIt) {
  b_.Op("NoSuchOp");
  const Output later = b_.Op("NoOp2");
  EXPECT_FALSE(later.valid());
  EXPECT_EQ(b_.status().message(), "Unrecognized Op name NoSuchOp");
  EXPECT_EQ(graph_->num_operations(), 0);
}

TEST_F(OpMakerTest, DefaultsAreFilledInAndSorted) {
  Operation* op = b_.AddOp(
      "MatMul", {TestPlaceholder(b_, DT_FLOAT), TestPlaceholder(b_, DT_FLOAT)});
  ASSERT_TRUE(b_.ok()) << b_.status();
  std::vector<std::string> names;
  for (const auto& attr : op->attrs()) names.push_back(attr.first);
  EXPECT_THAT(names, ElementsAre("T", "transpose_a", "transpose_b"));
}

TEST_F(OpMakerTest, CustomConvertersAreAskedForTheType) {
  std::vector<std::string> asked;
  const Input custom = Input::FromConverter(
      [&asked](GraphBuilder* b, DataType dtype, DataType,
               absl::string_view name) -> absl::StatusOr<Output> {
        asked.push_back(absl::StrCat(DataTypeString(dtype), " ", name));
        return b->TryConvert(Input(1), dtype, name);
      });
  b_.Op("Add", {Float(), custom});
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_THAT(asked, ElementsAre("float y"));
  EXPECT_NE(graph_->FindOperation("Add/y"), nullptr);
}

TEST_F(OpMakerTest, AConverterThatHasNoValue) {
  const Input none =
      Input::FromConverter([](GraphBuilder*, DataType, DataType,
                              absl::string_view) -> absl::StatusOr<Output> {
        return ValueError("None values not supported.");
      });
  EXPECT_EQ(Error("Add", {Float(), none}),
            "ValueError: Tried to convert 'y' to a tensor and failed. Error: "
            "None values not supported.");
}

TEST_F(OpMakerTest, ListsOfValuesAreConstants) {
  const Output t = b_.Convert(std::vector<Input>{1, 2}, DT_INVALID, "c");
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_EQ(t.op->type(), "Const");
  EXPECT_EQ(t.shape().DebugString(), "[2]");
  EXPECT_EQ(t.dtype(), DT_INT32);
  GraphBuilder b(graph_.get());
  b.Convert(
      std::vector<Input>{std::vector<Input>{1, 2}, std::vector<Input>{3}});
  EXPECT_EQ(Raised(b.status()),
            "ValueError: Argument must be a dense tensor: [[1, 2], [3]] - got "
            "shape [2], but wanted [2, 2].");
}

TEST_F(OpMakerTest, ListsWithTensorsArePacked) {
  const Output x = TestPlaceholder(b_, DT_FLOAT);
  const Output r =
      b_.Op("Reshape", {x, std::vector<Input>{-1, Int("n")}}, {}, "r");
  ASSERT_TRUE(b_.ok()) << b_.status();
  EXPECT_THAT(Names(),
              ElementsAre("Placeholder", "n", "r/shape/0", "r/shape", "r"));
  EXPECT_EQ(r.op->input(1).op->type(), "Pack");
}

TEST_F(OpMakerTest, ConvertChecksTheTypeOfTensors) {
  b_.Convert(Int("Const"), DT_FLOAT);
  EXPECT_EQ(Raised(b_.status()),
            "ValueError: Tensor conversion requested dtype float32 for Tensor "
            "with dtype int32: <tf.Tensor 'Const:0' shape=() dtype=int32>");
}

}  // namespace
}  // namespace retrograph
