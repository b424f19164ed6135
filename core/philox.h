// Philox 4x32-10, the counter-based random generator of TensorFlow's random
// ops (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC'11),
// and the mapping from its bits to uniform and normal numbers.
//
// An op's stream is given by (seed, seed2): the key is made of `seed`, the
// upper half of the counter of `seed2`.  Everything here is bit-exact to
// TensorFlow 1.15's CPU kernels.
#ifndef RETROGRAPH_CORE_PHILOX_H_
#define RETROGRAPH_CORE_PHILOX_H_

#include <array>
#include <cstdint>

namespace retrograph {

class Philox {
 public:
  using Block = std::array<uint32_t, 4>;

  Philox(uint64_t seed, uint64_t seed2);

  // The next 4 words; advances the counter by one.
  Block Next();
  // Advances the counter by `count` blocks.
  void Skip(uint64_t count);

  const Block& counter() const { return counter_; }
  const std::array<uint32_t, 2>& key() const { return key_; }

 private:
  Block counter_;
  std::array<uint32_t, 2> key_;
};

// [0, 1) from one word (float, half, bfloat16) or two (double). Several words
// are given in the order in which the generator yields them.
float UniformFloat(uint32_t word);
double UniformDouble(uint32_t x0, uint32_t x1);
uint16_t UniformHalfBits(uint32_t word);
uint16_t UniformBFloat16Bits(uint32_t word);

// Two standard normal numbers from two words (Box-Muller, in float) or four
// (in double).
void BoxMullerFloat(uint32_t x0, uint32_t x1, float* f0, float* f1);
void BoxMullerDouble(uint32_t x0, uint32_t x1, uint32_t x2, uint32_t x3,
                     double* d0, double* d1);

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_PHILOX_H_
