// Expected values and texts are what TensorFlow 1.15.5 gave.
#include <cmath>
#include <limits>
#include <numeric>
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

Tensor Axes(std::initializer_list<int32_t> axes) {
  return Tensor::Vector<int32_t>(axes);
}
// 0, 1, 2, ...
Tensor Counting(const TensorShape& shape) {
  Tensor t(DT_FLOAT, shape);
  const auto flat = t.mutable_flat<float>();
  std::iota(flat.begin(), flat.end(), 0.0f);
  return t;
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

TEST(ReductionTest, AnyAxesCanBeReduced) {
  const Tensor x = Counting(TensorShape({2, 3, 2}));
  EXPECT_THAT(Values<float>(RunOp1("Sum", {x, Axes({0, 1, 2})})),
              ElementsAre(66));
  EXPECT_THAT(Values<float>(RunOp1("Sum", {x, Axes({0})})),
              ElementsAre(6, 8, 10, 12, 14, 16));
  EXPECT_THAT(Values<float>(RunOp1("Sum", {x, Axes({1})})),
              ElementsAre(6, 9, 24, 27));
  EXPECT_THAT(Values<float>(RunOp1("Sum", {x, Axes({-1})})),
              ElementsAre(1, 5, 9, 13, 17, 21));
  EXPECT_THAT(Values<float>(RunOp1("Sum", {x, Axes({0, 2})})),
              ElementsAre(14, 22, 30));
  const Tensor four = Counting(TensorShape({2, 2, 2, 2}));
  EXPECT_THAT(Values<float>(RunOp1("Sum", {four, Axes({1, 3})})),
              ElementsAre(10, 18, 42, 50));
}

TEST(ReductionTest, KeepDimsKeepsOnes) {
  const auto sum = RunOp1("Sum", {Counting(TensorShape({2, 3})), Axes({1})},
                          {Attr("keep_dims", true)});
  ASSERT_TRUE(sum.ok());
  EXPECT_EQ(sum->shape(), TensorShape({2, 1}));
}

TEST(ReductionTest, FloatsAreSummedInEightLanes) {
  // One by one, the ones would vanish beside 1e8.
  Tensor x(DT_FLOAT, TensorShape({16}));
  const auto flat = x.mutable_flat<float>();
  std::fill(flat.begin(), flat.end(), 1.0f);
  flat[0] = 1e8f;
  flat[8] = -1e8f;
  EXPECT_THAT(Values<float>(RunOp1("Sum", {x, Axes({0})})), ElementsAre(14));
}

TEST(ReductionTest, NothingHasTheIdentity) {
  const Tensor x(DT_FLOAT, TensorShape({2, 0}));
  EXPECT_THAT(Values<float>(RunOp1("Sum", {x, Axes({1})})), ElementsAre(0, 0));
  EXPECT_THAT(Values<float>(RunOp1("Prod", {x, Axes({1})})), ElementsAre(1, 1));
  EXPECT_THAT(Values<float>(RunOp1("Max", {x, Axes({1})})),
              ElementsAre(-INFINITY, -INFINITY));
  EXPECT_TRUE(std::isnan(Values<float>(RunOp1("Mean", {x, Axes({1})}))[0]));
  EXPECT_THAT(Values<bool>(RunOp1(
                  "All", {Tensor(DT_BOOL, TensorShape({0})), Axes({0})})),
              ElementsAre(true));
}

TEST(ReductionTest, IntegerMeansAreCutOff) {
  const Tensor x =
      Tensor::Vector<int32_t>({3, 4, -3, -4}).Reshaped(TensorShape({2, 2}));
  EXPECT_THAT(Values<int32_t>(RunOp1("Mean", {x, Axes({1})})),
              ElementsAre(3, -3));
}

TEST(ReductionTest, WrongAxesAreNamed) {
  const auto sum = RunOp1("Sum", {Counting(TensorShape({2, 2})), Axes({2})});
  EXPECT_EQ(sum.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(sum.status().message(),
            "Invalid reduction dimension (2 for input with 2 dimension(s)");
  const auto shapes = InferShapes("Sum", {Shape({2, 3}), Axes({-3})});
  EXPECT_THAT(std::string(shapes.status().message()),
              HasSubstr("Invalid reduction dimension -3 for input with 2 "
                        "dimensions."));
}

TEST(ReductionTest, ShapesFollowTheAxes) {
  EXPECT_THAT(*InferShapes("Sum", {Shape({-1, 3}), Axes({1})}),
              ElementsAre("[?]"));
  EXPECT_THAT(*InferShapes("Sum", {Shape({2, 3}), {Shape({1}), DT_INT32}}),
              ElementsAre("<unknown>"));
  EXPECT_THAT(*InferShapes("Sum", {Shape({2, 3}), {Shape({1}), DT_INT32}},
                           {Attr("keep_dims", true)}),
              ElementsAre("[?,?]"));
}

TEST(ArgMaxTest, TheFirstOfEqualsWinsAndNaNsLose) {
  const float nan = std::nanf("");
  const Tensor x =
      Tensor::Vector<float>({1, nan, 3, 3, 3, 2}).Reshaped(TensorShape({2, 3}));
  EXPECT_THAT(
      Values<int64_t>(RunOp1("ArgMax", {x, Tensor::Scalar<int32_t>(1)})),
      ElementsAre(2, 0));
  EXPECT_THAT(Values<int32_t>(RunOp1("ArgMin", {x, Tensor::Scalar<int32_t>(-1)},
                                     {Attr("output_type", DT_INT32)})),
              ElementsAre(0, 2));
}

TEST(ArgMaxTest, AxisMustExistAndHaveElements) {
  const Tensor x = Counting(TensorShape({2, 3}));
  EXPECT_EQ(
      RunOp1("ArgMax", {x, Tensor::Scalar<int32_t>(2)}).status().message(),
      "Expected dimension in the range [-2, 2), but got 2");
  EXPECT_EQ(RunOp1("ArgMax", {Tensor(DT_FLOAT, TensorShape({2, 0})),
                              Tensor::Scalar<int32_t>(1)})
                .status()
                .message(),
            "Reduction axis 1 is empty in shape [2,0]");
}

TEST(ScanTest, RunsBothWaysWithAndWithoutItself) {
  const Tensor x = Tensor::Vector<float>({1, 2, 5});
  const Tensor axis = Tensor::Scalar<int32_t>(0);
  EXPECT_THAT(Values<float>(RunOp1("Cumsum", {x, axis})), ElementsAre(1, 3, 8));
  EXPECT_THAT(
      Values<float>(RunOp1("Cumsum", {x, axis}, {Attr("exclusive", true)})),
      ElementsAre(0, 1, 3));
  EXPECT_THAT(
      Values<float>(RunOp1("Cumprod", {x, axis},
                           {Attr("exclusive", true), Attr("reverse", true)})),
      ElementsAre(10, 5, 1));
}

TEST(SegmentTest, UnsortedSegmentsDropNegativeNumbers) {
  const Tensor x = Tensor::Vector<float>({1, 2, 4});
  const Tensor ids = Tensor::Vector<int32_t>({2, -1, 2});
  EXPECT_THAT(Values<float>(RunOp1("UnsortedSegmentSum",
                                   {x, ids, Tensor::Scalar<int32_t>(3)})),
              ElementsAre(0, 0, 5));
  EXPECT_EQ(RunOp1("UnsortedSegmentSum", {x, ids, Tensor::Scalar<int32_t>(2)})
                .status()
                .message(),
            "segment_ids[0] = 2 is out of range [0, 2)");
}

TEST(SegmentTest, SortedSegmentsMustNotDecrease) {
  const Tensor x = Tensor::Vector<float>({1, 2, 4});
  EXPECT_THAT(Values<float>(RunOp1("SegmentMean",
                                   {x, Tensor::Vector<int32_t>({0, 0, 2})})),
              ElementsAre(1.5, 0, 4));
  EXPECT_EQ(RunOp1("SegmentSum", {x, Tensor::Vector<int32_t>({0, 2, 1})})
                .status()
                .message(),
            "segment ids are not increasing");
}

TEST(BincountTest, CountsOrWeighsWhatIsBelowTheSize) {
  const Tensor numbers = Tensor::Vector<int32_t>({1, 1, 5, 2});
  const Tensor size = Tensor::Scalar<int32_t>(4);
  EXPECT_THAT(Values<float>(RunOp1("Bincount",
                                   {numbers, size, Tensor::Vector<float>({})})),
              ElementsAre(0, 2, 1, 0));
  EXPECT_THAT(
      Values<float>(RunOp1(
          "Bincount", {numbers, size, Tensor::Vector<float>({1, 2, 3, 4})})),
      ElementsAre(0, 3, 4, 0));
  EXPECT_EQ(RunOp1("Bincount", {Tensor::Vector<int32_t>({-1}), size,
                                Tensor::Vector<float>({})})
                .status()
                .message(),
            "Input arr must be non-negative!");
}

}  // namespace
}  // namespace retrograph
