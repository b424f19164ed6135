// Expected bits, values and texts are what TensorFlow 1.15.5 gave.
#include <cstring>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;

AttrList Seeded(DataType dtype) {
  return {Attr("seed", 3), Attr("seed2", 5), Attr("dtype", dtype)};
}
Tensor ShapeOf(int32_t size) { return Tensor::Vector<int32_t>({size}); }

std::vector<uint32_t> BitsOf(const Tensor& tensor) {
  std::vector<uint32_t> bits(tensor.num_elements());
  std::memcpy(bits.data(), tensor.data(), tensor.bytes());
  return bits;
}
template <typename T>
std::vector<T> Values(const Tensor& tensor) {
  const auto flat = tensor.flat<T>();
  return std::vector<T>(flat.begin(), flat.end());
}

TEST(RandomTest, AKernelsStreamGoesOnAtTheNextRun) {
  OpRunner runner;
  GraphBuilder& b = runner.builder();
  const retrograph::Output numbers =
      b.Op("RandomUniform", {ShapeOf(3)}, Seeded(DT_FLOAT));
  ASSERT_TRUE(b.ok()) << b.status();
  const auto first = runner.Evaluate(numbers);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(BitsOf(*first), ElementsAre(0x3ecb9b4c, 0x3f57b28c, 0x3b941400));
  const auto second = runner.Evaluate(numbers);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT(BitsOf(*second), ElementsAre(0x3ea15d3c, 0x3dfaa490, 0x3ebac2b8));
}

TEST(RandomTest, NormalBitsMatch) {
  EXPECT_THAT(
      BitsOf(*RunOp1("RandomStandardNormal", {ShapeOf(3)}, Seeded(DT_FLOAT))),
      ElementsAre(0xbf913f24, 0x3f3eff23, 0xbffbebb1));
}

TEST(RandomTest, TruncatedNormalBitsMatchAcrossGroups) {
  EXPECT_THAT(
      BitsOf(*RunOp1("TruncatedNormal", {ShapeOf(6)}, Seeded(DT_FLOAT))),
      ElementsAre(0xbf913f24, 0x3f3eff23, 0xbffbebb1, 0xbf242594, 0x3e25b996,
                  0x3eb7f2d7));
}

TEST(RandomTest, StatelessBitsMatch) {
  EXPECT_THAT(BitsOf(*RunOp1("StatelessRandomUniform",
                             {ShapeOf(3), Tensor::Vector<int64_t>({1, 2})})),
              ElementsAre(0x3f581458, 0x3e44a788, 0x3f7f087c));
}

TEST(RandomTest, IntegersMatch) {
  const AttrList seeds = {Attr("seed", 3), Attr("seed2", 5)};
  const auto numbers = RunOp1(
      "RandomUniformInt",
      {ShapeOf(5), Tensor::Scalar<int32_t>(-3), Tensor::Scalar<int32_t>(90)},
      seeds);
  ASSERT_TRUE(numbers.ok()) << numbers.status();
  EXPECT_THAT(Values<int32_t>(*numbers), ElementsAre(78, 88, 63, 73, 17));
}

TEST(RandomTest, AnEmptyRangeIsAnErrorUnlessNothingIsDrawn) {
  const std::vector<Tensor> range = {Tensor::Scalar<int32_t>(5),
                                     Tensor::Scalar<int32_t>(5)};
  const auto numbers =
      RunOp1("RandomUniformInt", {ShapeOf(2), range[0], range[1]});
  EXPECT_EQ(numbers.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(numbers.status().message(), "Need minval < maxval, got 5 >= 5");
  EXPECT_TRUE(
      RunOp1("RandomUniformInt", {ShapeOf(0), range[0], range[1]}).ok());
}

TEST(RandomTest, ShapesAreChecked) {
  const AttrList dtype = {Attr("dtype", DT_FLOAT)};
  EXPECT_EQ(RunOp1("RandomUniform", {Tensor::Scalar<int32_t>(3)}, dtype)
                .status()
                .message(),
            "shape must be a vector of {int32,int64}, got shape []");
  EXPECT_EQ(RunOp1("RandomUniform", {ShapeOf(-1)}, dtype).status().message(),
            "Dimension -1 must be >= 0");
}

TEST(RandomTest, WithoutSeedsNoTwoKernelsAgree) {
  const AttrList dtype = {Attr("dtype", DT_FLOAT)};
  EXPECT_NE(BitsOf(*RunOp1("RandomUniform", {ShapeOf(8)}, dtype)),
            BitsOf(*RunOp1("RandomUniform", {ShapeOf(8)}, dtype)));
}

TEST(RandomChoiceTest, ShuffleAndMultinomialMatch) {
  const AttrList seeds = {Attr("seed", 3), Attr("seed2", 5)};
  const auto shuffled =
      RunOp1("RandomShuffle",
             {Tensor::Vector<int32_t>({0, 1, 2, 3, 4, 5, 6, 7})}, seeds);
  ASSERT_TRUE(shuffled.ok()) << shuffled.status();
  EXPECT_THAT(Values<int32_t>(*shuffled), ElementsAre(3, 0, 2, 5, 4, 7, 1, 6));
  const auto drawn =
      RunOp1("Multinomial",
             {Tensor::Vector<float>({0, 1, 2}).Reshaped(TensorShape({1, 3})),
              Tensor::Scalar<int32_t>(8)},
             seeds);
  ASSERT_TRUE(drawn.ok()) << drawn.status();
  EXPECT_THAT(Values<int64_t>(*drawn), ElementsAre(1, 0, 2, 2, 2, 2, 1, 0));
}

}  // namespace
}  // namespace retrograph
