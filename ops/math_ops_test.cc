// Expected values and texts are what TensorFlow 1.15.5 gave.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "graph/shape_inference.h"
#include "gtest/gtest.h"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor Floats(std::initializer_list<float> values) {
  return Tensor::Vector<float>(values);
}
Tensor Ints(std::initializer_list<int32_t> values) {
  return Tensor::Vector<int32_t>(values);
}
template <typename T>
Tensor Matrix(int64_t rows, std::initializer_list<T> values) {
  const int64_t size = static_cast<int64_t>(values.size());
  return Tensor::Vector<T>(values).Reshaped(TensorShape({rows, size / rows}));
}
template <typename T>
std::vector<T> Values(const absl::StatusOr<Tensor>& tensor) {
  if (!tensor.ok()) {
    ADD_FAILURE() << tensor.status();
    return {};
  }
  const auto flat = tensor->flat<T>();
  return std::vector<T>(flat.begin(), flat.end());
}
std::string ErrorOf(const absl::StatusOr<Tensor>& result) {
  return std::string(result.status().message());
}

TEST(BinaryOpsTest, RowsColumnsAndScalarsAreBroadcast) {
  const Tensor matrix = Matrix<float>(2, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(Values<float>(RunOp1("AddV2", {matrix, Floats({10, 20, 30})})),
              ElementsAre(11, 22, 33, 14, 25, 36));
  EXPECT_THAT(Values<float>(RunOp1("Sub", {matrix, Matrix<float>(2, {1, 10})})),
              ElementsAre(0, 1, 2, -6, -5, -4));
  EXPECT_THAT(Values<float>(RunOp1("Mul", {Tensor::Scalar(2.0f), matrix})),
              ElementsAre(2, 4, 6, 8, 10, 12));
  const auto outer =
      RunOp1("Add", {Matrix<float>(2, {1, 2}), Floats({10, 20})});
  ASSERT_TRUE(outer.ok());
  EXPECT_EQ(outer->shape(), TensorShape({2, 2}));
  EXPECT_THAT(Values<float>(outer), ElementsAre(11, 21, 12, 22));
}

TEST(BinaryOpsTest, EmptyOperandsGiveEmptyResults) {
  const auto sum =
      RunOp1("Add", {Tensor(DT_FLOAT, TensorShape({0, 3})), Floats({1, 2, 3})});
  ASSERT_TRUE(sum.ok());
  EXPECT_EQ(sum->shape(), TensorShape({0, 3}));
}

TEST(BinaryOpsTest, ShapesThatDoNotFitAreNamed) {
  const auto sum = RunOp1("Add", {Floats({1, 2, 3}), Floats({1, 2})});
  EXPECT_EQ(sum.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorOf(sum), "Incompatible shapes: [3] vs. [2]");
}

TEST(BinaryOpsTest, ShapesAreCheckedWhenTheOpIsBuilt) {
  const auto shapes = InferShapes("Add", {Shape({2, 3}), Shape({4})});
  EXPECT_THAT(std::string(shapes.status().message()),
              HasSubstr("Dimensions must be equal, but are 3 and 4"));
}

TEST(BinaryOpsTest, IntegersWrapAround) {
  const int32_t most = std::numeric_limits<int32_t>::max();
  const int32_t least = std::numeric_limits<int32_t>::min();
  EXPECT_THAT(Values<int32_t>(RunOp1("Add", {Ints({most}), Ints({1})})),
              ElementsAre(least));
  EXPECT_THAT(Values<int32_t>(RunOp1("Mul", {Ints({most}), Ints({2})})),
              ElementsAre(-2));
  EXPECT_THAT(Values<int32_t>(RunOp1("FloorDiv", {Ints({least}), Ints({-1})})),
              ElementsAre(least));
}

TEST(BinaryOpsTest, IntegerDivisionsRoundAsTheirNamesSay) {
  const Tensor x = Ints({7, -7, 7, -7}), y = Ints({2, 2, -2, -2});
  EXPECT_THAT(Values<int32_t>(RunOp1("FloorDiv", {x, y})),
              ElementsAre(3, -4, -4, 3));
  EXPECT_THAT(Values<int32_t>(RunOp1("TruncateDiv", {x, y})),
              ElementsAre(3, -3, -3, 3));
  EXPECT_THAT(Values<int32_t>(RunOp1("FloorMod", {x, y})),
              ElementsAre(1, 1, -1, -1));
  EXPECT_THAT(Values<int32_t>(RunOp1("Mod", {x, y})),
              ElementsAre(1, -1, 1, -1));
}

TEST(BinaryOpsTest, DivisionByZeroIsAnErrorForIntegersOnly) {
  EXPECT_EQ(ErrorOf(RunOp1("FloorDiv", {Ints({1}), Ints({0})})),
            "Integer division by zero");
  const auto truncated = RunOp1("TruncateDiv", {Ints({1}), Ints({0})});
  EXPECT_EQ(truncated.status().code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(std::isinf(
      Values<float>(RunOp1("RealDiv", {Floats({1}), Floats({0})}))[0]));
  EXPECT_THAT(Values<float>(RunOp1("DivNoNan", {Floats({1}), Floats({0})})),
              ElementsAre(0));
}

TEST(BinaryOpsTest, IntegerPowersAreExactAndNotNegative) {
  EXPECT_THAT(
      Values<int32_t>(
          RunOp1("Pow", {Ints({2, -3, 0, 5}), Ints({31, 3, 0, 14})})),
      ElementsAre(std::numeric_limits<int32_t>::min(), -27, 1, 1808548329));
  EXPECT_EQ(ErrorOf(RunOp1("Pow", {Ints({2}), Ints({-1})})),
            "Integers to negative integer powers are not allowed");
}

TEST(BinaryOpsTest, TheFirstOperandWinsAgainstNaN) {
  const float nan = std::nanf("");
  const auto largest =
      Values<float>(RunOp1("Maximum", {Floats({nan, 1}), Floats({1, nan})}));
  EXPECT_TRUE(std::isnan(largest[0]));
  EXPECT_EQ(largest[1], 1);
}

TEST(ComparisonTest, StringsAndNumbersCompare) {
  EXPECT_THAT(
      Values<bool>(RunOp1("Equal", {Tensor::Vector<std::string>({"a", "b"}),
                                    Tensor::Vector<std::string>({"a", "c"})})),
      ElementsAre(true, false));
  EXPECT_THAT(Values<bool>(RunOp1("LessEqual", {Ints({1, 2, 3}), Ints({2})})),
              ElementsAre(true, true, false));
}

TEST(ComparisonTest, EqualMayAnswerForShapesThatDoNotFit) {
  const AttrList lenient = {Attr("incompatible_shape_error", false)};
  EXPECT_THAT(
      Values<bool>(RunOp1("Equal", {Ints({1, 2, 3}), Ints({1, 2})}, lenient)),
      ElementsAre(false));
  EXPECT_THAT(Values<bool>(
                  RunOp1("NotEqual", {Ints({1, 2, 3}), Ints({1, 2})}, lenient)),
              ElementsAre(true));
  EXPECT_THAT(*InferShapes("Equal", {Shape({3}), Shape({2})}, lenient),
              ElementsAre("[]"));
  EXPECT_THAT(*InferShapes("Equal", {Shape({3}), Shape({-1})}, lenient),
              ElementsAre("<unknown>"));
}

TEST(ComparisonTest, ApproximateEqualWantsOneShape) {
  EXPECT_EQ(ErrorOf(RunOp1("ApproximateEqual", {Floats({1}), Floats({1, 2})})),
            "x and y must be of the same shape. x shape: [1]. y shape: [2]");
}

TEST(SelectTest, ConditionMayChooseRows) {
  const Tensor then = Matrix<int32_t>(2, {1, 2, 3, 4});
  const Tensor other = Matrix<int32_t>(2, {5, 6, 7, 8});
  EXPECT_THAT(
      Values<int32_t>(
          RunOp1("Select", {Tensor::Vector<bool>({true, false}), then, other})),
      ElementsAre(1, 2, 7, 8));
  EXPECT_EQ(ErrorOf(RunOp1("Select", {Tensor::Vector<bool>({true, false, true}),
                                      then, other})),
            "Number of batches of 'then' must match size of 'cond', but saw: 2 "
            "vs. 3");
}

TEST(SelectTest, SelectV2BroadcastsAllThree) {
  EXPECT_THAT(
      Values<float>(
          RunOp1("SelectV2", {Tensor::Vector<bool>({true, false}),
                              Matrix<float>(2, {1, 3}), Tensor::Scalar(7.0f)})),
      ElementsAre(1, 7, 3, 7));
  EXPECT_EQ(ErrorOf(RunOp1("SelectV2", {Tensor::Vector<bool>({true, false}),
                                        Floats({1, 2, 3}), Floats({5, 6, 7})})),
            "condition [2], then [3], and else [3] must be broadcastable");
}

TEST(AddNTest, SumsInGroupsOfEight) {
  std::vector<Tensor> inputs;
  for (int i = 0; i < 19; ++i) inputs.push_back(Ints({i, 1}));
  EXPECT_THAT(Values<int32_t>(RunOp1("AddN", inputs)), ElementsAre(171, 19));
}

TEST(AddNTest, ShapesMustAgree) {
  EXPECT_THAT(ErrorOf(RunOp1("AddN", {Floats({1, 2}), Floats({1, 2, 3})})),
              HasSubstr("of type AddN must have the same size and shape.  "
                        "Input 0: [2] != input 1: [3]"));
  const auto shapes = InferShapes("AddN", {Shape({2}), Shape({3})});
  EXPECT_THAT(std::string(shapes.status().message()),
              HasSubstr("From merging shape 0 with other shapes."));
}

TEST(CastTest, NumbersThatDoNotFitGiveWhatTheProcessorGives) {
  const float inf = std::numeric_limits<float>::infinity();
  const Tensor x = Floats({1.7f, -1.7f, 300, 3e9f, inf});
  EXPECT_THAT(Values<int32_t>(RunOp1("Cast", {x}, {Attr("DstT", DT_INT32)})),
              ElementsAre(1, -1, 300, INT32_MIN, INT32_MIN));
  EXPECT_THAT(Values<uint8_t>(RunOp1("Cast", {x}, {Attr("DstT", DT_UINT8)})),
              ElementsAre(1, 255, 44, 0, 0));
  EXPECT_THAT(Values<uint64_t>(RunOp1("Cast", {x}, {Attr("DstT", DT_UINT64)})),
              ElementsAre(1, ~uint64_t{0}, 300, 3000000000, 0));
}

TEST(CastTest, TruncateDropsDigits) {
  const auto rounded =
      RunOp1("Cast", {Floats({0.1f})}, {Attr("DstT", DT_BFLOAT16)});
  const auto cut = RunOp1("Cast", {Floats({0.1f})},
                          {Attr("DstT", DT_BFLOAT16), Attr("Truncate", true)});
  EXPECT_EQ(static_cast<float>(Values<BFloat16>(rounded)[0]), 0.10009765625f);
  EXPECT_EQ(static_cast<float>(Values<BFloat16>(cut)[0]), 0.099609375f);
}

TEST(CastTest, StringsAreNotNumbers) {
  const auto cast = RunOp1("Cast", {Ints({1})}, {Attr("DstT", DT_STRING)});
  EXPECT_EQ(cast.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(ErrorOf(cast), "Cast int32 to string is not supported");
}

}  // namespace
}  // namespace retrograph
