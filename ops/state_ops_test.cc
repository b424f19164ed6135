#include <string>

#include "core/errors.h"
#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;

Tensor Floats(std::initializer_list<float> values) {
  return Tensor::Vector<float>(values);
}
Tensor Ints(std::initializer_list<int32_t> values) {
  return Tensor::Vector<int32_t>(values);
}

class StateOpsTest : public ::testing::Test {
 protected:
  Output Variable(const PartialTensorShape& shape, DataType dtype = DT_FLOAT,
                  const std::string& name = "v",
                  const std::string& shared_name = "") {
    return b().Op("VariableV2", {},
                  {Attr("shape", shape), Attr("dtype", dtype),
                   Attr("shared_name", shared_name)},
                  name);
  }
  Output Assign(const Output& ref, const Tensor& value,
                bool validate_shape = true) {
    return b().Op("Assign", {ref, Fed(value)},
                  {Attr("validate_shape", validate_shape)});
  }
  // A tensor of unknown static shape.
  Output Fed(const Tensor& value) {
    return b().Op("PlaceholderWithDefault", {value},
                  {Attr("shape", PartialTensorShape())});
  }
  // The values of `output` as floats, or its error.
  std::string Run(const Output& output) {
    auto value = runner_.Evaluate(output);
    if (!value.ok()) {
      return ErrorClassName(value.status()) + ": " +
             std::string(value.status().message());
    }
    return value->DebugString(10);
  }
  GraphBuilder& b() { return runner_.builder(); }

  OpRunner runner_;
};

TEST_F(StateOpsTest, AssignGivesAVariableItsValue) {
  const Output v = Variable({3});
  EXPECT_EQ(Run(Assign(v, Floats({1, 2, 3}))),
            "Tensor<type: float shape: [3] values: 1 2 3>");
  EXPECT_EQ(Run(v), "Tensor<type: float shape: [3] values: 1 2 3>");
}

TEST_F(StateOpsTest, AssignSharesTheBufferAndUpdatesCopyIt) {
  const Output v = Variable({2});
  const Tensor value = Floats({1, 2});
  const Output assign = Assign(v, value);
  ASSERT_TRUE(runner_.Evaluate(assign).ok());
  auto before = runner_.Evaluate(v);
  ASSERT_TRUE(before.ok());
  const Output add = b().Op("AssignAdd", {v, Floats({10, 10})});
  EXPECT_EQ(Run(add), "Tensor<type: float shape: [2] values: 11 12>");
  EXPECT_THAT(before->flat<float>(), ElementsAre(1, 2));
}

TEST_F(StateOpsTest, AssignComparesWithTheDeclaredShapeAtFirst) {
  const Output v = Variable({3});
  EXPECT_EQ(Run(Assign(v, Floats({1, 2}))),
            "InvalidArgumentError: Assign requires shapes of both tensors to "
            "match. lhs shape= [3] rhs shape= [2]");
}

TEST_F(StateOpsTest, AssignWithoutShapeCheckChangesTheShape) {
  const Output v = Variable({3});
  EXPECT_EQ(Run(Assign(v, Floats({1}), /*validate_shape=*/false)),
            "Tensor<type: float shape: [1] values: 1>");
  EXPECT_EQ(Run(Assign(v, Floats({1, 2, 3}))),
            "InvalidArgumentError: Assign requires shapes of both tensors to "
            "match. lhs shape= [1] rhs shape= [3]");
}

TEST_F(StateOpsTest, UnknownDeclaredShapeCountsAsScalar) {
  const Output v = Variable(PartialTensorShape());
  EXPECT_EQ(Run(Assign(v, Floats({1}))),
            "InvalidArgumentError: Assign requires shapes of both tensors to "
            "match. lhs shape= [] rhs shape= [1]");
}

TEST_F(StateOpsTest, PartlyKnownDeclaredShapeIsRefused) {
  const Output v = Variable({-1, 2});
  EXPECT_EQ(Run(v),
            "InvalidArgumentError: Shape [?,2] is not fully defined");
}

TEST_F(StateOpsTest, SharedNamesShareAValue) {
  const Output v = Variable({1}, DT_FLOAT, "v", "s");
  const Output w = Variable({1}, DT_FLOAT, "w", "s");
  ASSERT_TRUE(runner_.Evaluate(Assign(v, Floats({5}))).ok());
  EXPECT_EQ(Run(w), "Tensor<type: float shape: [1] values: 5>");
}

TEST_F(StateOpsTest, BadSharedNamesAndContainersAreRefused) {
  EXPECT_EQ(Run(Variable({1}, DT_FLOAT, "v", "_s")),
            "InvalidArgumentError: shared_name cannot start with '_':_s");
  const Output v = b().Op("VariableV2", {},
                          {Attr("shape", TensorShape()),
                           Attr("dtype", DT_FLOAT), Attr("container", "a b")});
  EXPECT_EQ(Run(v),
            "InvalidArgumentError: container contains invalid characters: a b");
}

TEST_F(StateOpsTest, UpdatesOfAnUninitialisedVariableNameIt) {
  const Output v = Variable({1});
  EXPECT_EQ(Run(b().Op("AssignAdd", {v, Floats({1})})),
            "FailedPreconditionError: Attempting to use uninitialized value v");
}

TEST_F(StateOpsTest, UpdatesNeedEqualShapes) {
  const Output v = Variable({2});
  ASSERT_TRUE(runner_.Evaluate(Assign(v, Floats({1, 2}))).ok());
  EXPECT_EQ(Run(b().Op("AssignSub", {v, Fed(Floats({1}))})),
            "InvalidArgumentError: Parameters and update must be the same "
            "size");
}

TEST_F(StateOpsTest, IsVariableInitializedTellsAndReadsNothing) {
  const Output v = Variable({1});
  const Output is = b().Op("IsVariableInitialized", {v});
  EXPECT_EQ(Run(is), "Tensor<type: bool shape: [] values: 0>");
  ASSERT_TRUE(runner_.Evaluate(Assign(v, Floats({5}))).ok());
  EXPECT_EQ(Run(is), "Tensor<type: bool shape: [] values: 1>");
}

TEST_F(StateOpsTest, CountUpToStopsAtTheLimit) {
  const Output v = Variable({}, DT_INT32);
  ASSERT_TRUE(runner_.Evaluate(Assign(v, Tensor::Scalar<int32_t>(0))).ok());
  const Output count = b().Op("CountUpTo", {v}, {Attr("limit", 2)});
  EXPECT_EQ(Run(count), "Tensor<type: int32 shape: [] values: 0>");
  EXPECT_EQ(Run(count), "Tensor<type: int32 shape: [] values: 1>");
  EXPECT_EQ(Run(count), "OutOfRangeError: Reached limit of 2");
  EXPECT_EQ(Run(v), "Tensor<type: int32 shape: [] values: 2>");
}

TEST_F(StateOpsTest, ScattersUpdateRows) {
  const Output v = Variable({3});
  ASSERT_TRUE(runner_.Evaluate(Assign(v, Floats({1, 2, 3}))).ok());
  EXPECT_EQ(Run(b().Op("ScatterUpdate", {v, Ints({0, 1}), 7.0f})),
            "Tensor<type: float shape: [3] values: 7 7 3>");
  EXPECT_EQ(Run(b().Op("ScatterMul", {v, Ints({0, 0}), 2.0f})),
            "Tensor<type: float shape: [3] values: 28 7 3>");
  EXPECT_EQ(Run(b().Op("ScatterMax", {v, Ints({0, 1, 2}), 8.0f})),
            "Tensor<type: float shape: [3] values: 28 8 8>");
  EXPECT_EQ(Run(b().Op("ScatterSub", {v, Ints({2}), Floats({1})})),
            "Tensor<type: float shape: [3] values: 28 8 7>");
}

TEST_F(StateOpsTest, ScatterNamesTheBadIndex) {
  const Output v = Variable({3});
  ASSERT_TRUE(runner_.Evaluate(Assign(v, Floats({1, 2, 3}))).ok());
  EXPECT_EQ(Run(b().Op("ScatterAdd", {v, Ints({0, 3}), Floats({1, 1})})),
            "InvalidArgumentError: indices[1] = 3 is not in [0, 3)");
  EXPECT_EQ(
      Run(b().Op("ScatterAdd", {v, Ints({0, 1}), Fed(Floats({1, 1, 3}))})),
      "InvalidArgumentError: Must have updates.shape = indices.shape + "
      "params.shape[1:] or updates.shape = [], got updates.shape [3], "
      "indices.shape [2], params.shape [3]");
}

TEST_F(StateOpsTest, TemporaryVariableLivesUntilItIsDestroyed) {
  const Output t =
      b().Op("TemporaryVariable", {},
             {Attr("shape", TensorShape({2})), Attr("dtype", DT_FLOAT),
              Attr("var_name", "t")});
  const Output assign = Assign(t, Floats({1, 2}));
  const Output add = b().Op("AssignAdd", {assign, Floats({1, 2})});
  const Output value =
      b().Op("DestroyTemporaryVariable", {add}, {Attr("var_name", "t")});
  EXPECT_EQ(Run(value), "Tensor<type: float shape: [2] values: 2 4>");
  EXPECT_EQ(Run(value), "Tensor<type: float shape: [2] values: 2 4>");
}

TEST_F(StateOpsTest, Uint32HasNoAssignKernel) {
  const Output v = Variable({1}, DT_UINT32);
  const Output assign =
      b().Op("Assign", {v, Tensor(DT_UINT32, TensorShape({1}))}, {}, "a");
  auto value = runner_.Evaluate(assign);
  EXPECT_EQ(value.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(value.status().message()),
              ::testing::AllOf(
                  ::testing::StartsWith(
                      "No OpKernel was registered to support Op 'Assign' used "
                      "by {{node a}}with these attrs: [T=DT_UINT32, "
                      "_class=[\"loc:@v\"], use_locking=true, validate_shape=true]\n"
                      "Registered devices: [CPU, XLA_CPU]\n"
                      "Registered kernels:\n"
                      "  device='CPU'; T in [DT_QUINT16]\n"),
                  ::testing::EndsWith("  device='CPU'; T in [DT_INT64]\n")));
}

}  // namespace
}  // namespace retrograph
