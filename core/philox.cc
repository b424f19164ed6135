#include "core/philox.h"

#include <cmath>
#include <cstring>

#include "core/dtype.h"

namespace retrograph {
namespace {

// The multipliers and the Weyl constants of Philox 4x32.
constexpr uint32_t kMultiplierA = 0xd2511f53;
constexpr uint32_t kMultiplierB = 0xcd9e8d57;
constexpr uint32_t kWeylA = 0x9e3779b9;
constexpr uint32_t kWeylB = 0xbb67ae85;
constexpr int kRounds = 10;

// Box-Muller takes a logarithm: 0 becomes this.
constexpr float kSmallestFloat = 1.0e-7f;
constexpr double kSmallestDouble = 1.0e-7;

uint32_t Low(uint64_t value) { return static_cast<uint32_t>(value); }
uint32_t High(uint64_t value) { return static_cast<uint32_t>(value >> 32); }

}  // namespace

Philox::Philox(uint64_t seed, uint64_t seed2)
    : counter_{0, 0, Low(seed2), High(seed2)}, key_{Low(seed), High(seed)} {}

Philox::Block Philox::Next() {
  Block x = counter_;
  uint32_t key_a = key_[0];
  uint32_t key_b = key_[1];
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t a = uint64_t{kMultiplierA} * x[0];
    const uint64_t b = uint64_t{kMultiplierB} * x[2];
    x = {High(b) ^ x[1] ^ key_a, Low(b), High(a) ^ x[3] ^ key_b, Low(a)};
    key_a += kWeylA;
    key_b += kWeylB;
  }
  Skip(1);
  return x;
}

void Philox::Skip(uint64_t count) {
  // A 128-bit number, least significant word first.
  const uint64_t low = (uint64_t{counter_[1]} << 32 | counter_[0]) + count;
  counter_[0] = Low(low);
  counter_[1] = High(low);
  if (low < count && ++counter_[2] == 0) ++counter_[3];
}

// All of these put random bits into the fraction of a number in [1, 2) and
// subtract 1.

float UniformFloat(uint32_t word) {
  const uint32_t bits = uint32_t{127} << 23 | (word & 0x7fffff);
  float result;
  std::memcpy(&result, &bits, sizeof(result));
  return result - 1.0f;
}

double UniformDouble(uint32_t x0, uint32_t x1) {
  const uint64_t bits =
      uint64_t{1023} << 52 | uint64_t{x0 & 0xfffff} << 32 | x1;
  double result;
  std::memcpy(&result, &bits, sizeof(result));
  return result - 1.0;
}

uint16_t UniformHalfBits(uint32_t word) {
  Half result;
  result.bits = static_cast<uint16_t>(15 << 10 | (word & 0x3ff));
  return Half(static_cast<float>(result) - 1.0f).bits;
}

uint16_t UniformBFloat16Bits(uint32_t word) {
  BFloat16 result;
  result.bits = static_cast<uint16_t>(127 << 7 | (word & 0x7f));
  return BFloat16(static_cast<float>(result) - 1.0f).bits;
}

void BoxMullerFloat(uint32_t x0, uint32_t x1, float* f0, float* f1) {
  const float u = std::fmax(UniformFloat(x0), kSmallestFloat);
  // 2 pi times the number in double, then rounded, as TensorFlow has it.
  const float angle = static_cast<float>(2.0 * M_PI * UniformFloat(x1));
  const float radius = std::sqrt(-2.0f * std::log(u));
  float sine, cosine;
  sincosf(angle, &sine, &cosine);
  *f0 = sine * radius;
  *f1 = cosine * radius;
}

void BoxMullerDouble(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3,
                     double* d0, double* d1) {
  const double u = std::fmax(UniformDouble(x0, x1), kSmallestDouble);
  const double angle = 2.0 * M_PI * UniformDouble(x2, x3);
  const double radius = std::sqrt(-2.0 * std::log(u));
  double sine, cosine;
  sincos(angle, &sine, &cosine);
  *d0 = sine * radius;
  *d1 = cosine * radius;
}

}  // namespace retrograph
