#include "core/philox.h"

#include <cstring>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;

uint32_t Bits(float f) {
  uint32_t bits;
  std::memcpy(&bits, &f, sizeof(bits));
  return bits;
}

// The known answers that the authors of Philox publish ("kat_vectors").
TEST(PhiloxTest, KnownAnswers) {
  EXPECT_THAT(Philox(0, 0).Next(),
              ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  Philox ones(~uint64_t{0}, ~uint64_t{0});
  ones.Skip(~uint64_t{0});
  EXPECT_THAT(ones.Next(),
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  Philox pi(0x299f31d0a4093822, 0x0370734413198a2e);
  pi.Skip(0x85a308d3243f6a88);
  EXPECT_THAT(pi.Next(),
              ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

TEST(PhiloxTest, SkipIsAsManyNexts) {
  Philox a(5, 3), b(5, 3);
  for (int i = 0; i < 1000; ++i) a.Next();
  b.Skip(1000);
  EXPECT_EQ(a.counter(), b.counter());
  EXPECT_EQ(a.Next(), b.Next());
}

TEST(PhiloxTest, CounterCarriesThroughAllWords) {
  Philox philox(1, 0xffffffff);
  philox.Skip(~uint64_t{0});
  EXPECT_THAT(philox.counter(),
              ElementsAre(0xffffffff, 0xffffffff, 0xffffffff, 0));
  philox.Next();
  EXPECT_THAT(philox.counter(), ElementsAre(0, 0, 0, 1));
  Philox last(1, ~uint64_t{0});
  last.Skip(~uint64_t{0});
  last.Skip(2);
  EXPECT_THAT(last.counter(), ElementsAre(1, 0, 0, 0));
}

TEST(PhiloxTest, UniformNumbersStandInTheUnitInterval) {
  EXPECT_EQ(UniformFloat(0), 0.0f);
  EXPECT_EQ(UniformFloat(0xff800000), 0.0f);  // the upper bits do not count
  EXPECT_EQ(UniformFloat(0xffffffff), 1.0f - 0x1p-23f);
  EXPECT_EQ(UniformDouble(0, 1), 0x1p-52);
  EXPECT_EQ(UniformDouble(0x80000, 0), 0.5);
  EXPECT_EQ(UniformDouble(0xffffffff, 0xffffffff), 1.0 - 0x1p-52);
  EXPECT_EQ(UniformHalfBits(0x200), 0x3800);     // 0.5
  EXPECT_EQ(UniformBFloat16Bits(0x40), 0x3f00);  // 0.5
  EXPECT_EQ(UniformHalfBits(0xfffffc00), 0);
  EXPECT_EQ(UniformBFloat16Bits(0xffffff80), 0);
}

// tf.random_uniform([1]) and tf.random_normal([5]) under graph seed 5, op seed
// 3, in TensorFlow 1.15.5.
TEST(PhiloxTest, FirstNumbersAreTensorFlows) {
  const Philox::Block block = Philox(5, 3).Next();
  EXPECT_EQ(Bits(UniformFloat(block[0])), 0x3e93cda8u);
  float f[4];
  BoxMullerFloat(block[0], block[1], &f[0], &f[1]);
  BoxMullerFloat(block[2], block[3], &f[2], &f[3]);
  EXPECT_EQ(Bits(f[0]), 0xbfbb18f2u);
  EXPECT_EQ(Bits(f[1]), 0xbf171682u);
  EXPECT_EQ(Bits(f[2]), 0x3efc549bu);
  EXPECT_EQ(Bits(f[3]), 0x3f34e962u);
}

TEST(PhiloxTest, BoxMullerIsFiniteAtTheEdges) {
  float f0, f1;
  BoxMullerFloat(0, 0, &f0, &f1);  // log(0) is avoided
  EXPECT_EQ(f0, 0.0f);
  EXPECT_FLOAT_EQ(f1, 5.6776924f);  // sqrt(-2 log(1e-7))
  BoxMullerFloat(0x7fffff, 0, &f0, &f1);
  EXPECT_NEAR(f1, 0.0f, 1e-3f);
  double d0, d1;
  BoxMullerDouble(0, 0, 0, 0, &d0, &d1);
  EXPECT_DOUBLE_EQ(d1, 5.67769242755511);
}

}  // namespace
}  // namespace retrograph
