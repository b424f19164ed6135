// Expected bits are what TensorFlow 1.15.5 gave.
#include <cmath>
#include <complex>
#include <cstring>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

std::vector<uint32_t> BitsOf(const absl::StatusOr<Tensor>& tensor) {
  if (!tensor.ok()) {
    ADD_FAILURE() << tensor.status();
    return {};
  }
  std::vector<uint32_t> bits(tensor->num_elements());
  std::memcpy(bits.data(), tensor->data(), tensor->bytes());
  return bits;
}

// start, start + step, ...: nine numbers, so one is computed apart from the
// packet of eight.
Tensor NineFloats(float start, float step) {
  Tensor t(DT_FLOAT, TensorShape({9}));
  for (int i = 0; i < 9; ++i) {
    t.mutable_flat<float>()[i] = start + static_cast<float>(i) * step;
  }
  return t;
}

struct BitsCase {
  const char* op;
  float start, step;
  std::vector<uint32_t> bits;
};

class FunctionBitsTest : public testing::TestWithParam<BitsCase> {};

TEST_P(FunctionBitsTest, MatchTensorFlows) {
  const BitsCase& c = GetParam();
  EXPECT_THAT(BitsOf(RunOp1(c.op, {NineFloats(c.start, c.step)})),
              ElementsAreArray(c.bits));
}

INSTANTIATE_TEST_SUITE_P(
    Functions, FunctionBitsTest,
    testing::Values(
        BitsCase{"Exp",
                 -2,
                 0.5,
                 {0x3e0a9555, 0x3e647c3c, 0x3ebc5ab2, 0x3f1b4598, 0x3f800000,
                  0x3fd3094c, 0x402df854, 0x408f69ff, 0x40ec7326}},
        BitsCase{"Tanh",
                 -2,
                 0.5,
                 {0xbf76ca83, 0xbf67b7cb, 0xbf42f7d6, 0xbeec9a9f, 0x0,
                  0x3eec9a9f, 0x3f42f7d6, 0x3f67b7cb, 0x3f76ca83}},
        BitsCase{"Sigmoid",
                 -2,
                 0.5,
                 {0x3df420a8, 0x3e3acdc4, 0x3e89b2b1, 0x3ec14d04, 0x3f000000,
                  0x3f1f597e, 0x3f3b26a8, 0x3f514c8f, 0x3f617bea}},
        BitsCase{"Sin",
                 -2,
                 0.5,
                 {0xbf68c7b7, 0xbf7f5bd5, 0xbf576aa4, 0xbef57744, 0x0,
                  0x3ef57744, 0x3f576aa4, 0x3f7f5bd5, 0x3f68c7b7}},
        BitsCase{"Log",
                 0.75,
                 0.75,
                 {0xbe934b11, 0x3ecf991f, 0x3f4f991f, 0x3f8c9f54, 0x3fa92f4c,
                  0x3fc0859c, 0x3fd440d1, 0x3fe55860, 0x3ff46be4}},
        BitsCase{"Log1p",
                 0.75,
                 0.75,
                 {0x3f0f42fb, 0x3f6a9208, 0x3f96de2b, 0x3fb17218, 0x3fc77148,
                  0x3fda3530, 0x3fea9208, 0x3ff91396, 0x40030d66}}));

std::vector<float> Floats(const absl::StatusOr<Tensor>& tensor) {
  if (!tensor.ok()) {
    ADD_FAILURE() << tensor.status();
    return {};
  }
  const auto flat = tensor->flat<float>();
  return std::vector<float>(flat.begin(), flat.end());
}

TEST(RoundingTest, HalvesGoToTheEvenNeighbour) {
  const Tensor x = Tensor::Vector<float>({0.5f, 1.5f, 2.5f, -0.5f, -1.5f});
  EXPECT_THAT(Floats(RunOp1("Round", {x})), ElementsAre(0, 2, 2, 0, -2));
  EXPECT_THAT(Floats(RunOp1("Rint", {x})), ElementsAre(0, 2, 2, 0, -2));
  EXPECT_THAT(Floats(RunOp1("Floor", {x})), ElementsAre(0, 1, 2, -1, -2));
}

TEST(SignTest, OfNaNIsZero) {
  EXPECT_THAT(Floats(RunOp1(
                  "Sign", {Tensor::Vector<float>({-2, 0, 3, std::nanf("")})})),
              ElementsAre(-1, 0, 1, 0));
}

TEST(PredicateTest, TellsNaNsAndInfinities) {
  const Tensor x = Tensor::Vector<float>({1, INFINITY, std::nanf("")});
  auto values = [&](const char* op) {
    const auto out = RunOp1(op, {x});
    const auto flat = out->flat<bool>();
    return std::vector<bool>(flat.begin(), flat.end());
  };
  EXPECT_THAT(values("IsFinite"), ElementsAre(true, false, false));
  EXPECT_THAT(values("IsInf"), ElementsAre(false, true, false));
  EXPECT_THAT(values("IsNan"), ElementsAre(false, false, true));
}

TEST(GradientTest, ChainsThroughTheOutput) {
  const Tensor y = Tensor::Vector<float>({0.5f, -2.0f});
  const Tensor dy = Tensor::Vector<float>({4.0f, 1.0f});
  EXPECT_THAT(Floats(RunOp1("TanhGrad", {y, dy})), ElementsAre(3, -3));
  EXPECT_THAT(Floats(RunOp1("SigmoidGrad", {y, dy})), ElementsAre(1, -6));
  EXPECT_THAT(Floats(RunOp1("ReciprocalGrad", {y, dy})), ElementsAre(-1, -4));
  EXPECT_THAT(Floats(RunOp1("SqrtGrad", {y, dy})), ElementsAre(4, -0.25));
}

TEST(ComplexTest, PartsComeApartAndTogether) {
  using C = std::complex<float>;
  const Tensor z = Tensor::Vector<C>({C(3, 4), C(-1, -1)});
  EXPECT_THAT(Floats(RunOp1("Real", {z})), ElementsAre(3, -1));
  EXPECT_THAT(Floats(RunOp1("Imag", {z})), ElementsAre(4, -1));
  EXPECT_THAT(Floats(RunOp1("ComplexAbs", {z})), ElementsAre(5, 1.4142135f));
  const auto made =
      RunOp1("Complex", {Tensor::Vector<float>({1, 2}), Tensor::Scalar(3.0f)});
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->flat<C>()[1], C(2, 3));
  EXPECT_EQ(RunOp1("Conj", {z})->flat<C>()[0], C(3, -4));
}

TEST(KernelTest, IntegersHaveNoSquareRoot) {
  const auto root = RunOp1("Sqrt", {Tensor::Vector<int32_t>({4})});
  EXPECT_FALSE(root.ok());
}

}  // namespace
}  // namespace retrograph
