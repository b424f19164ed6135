// Random numbers as TensorFlow's CPU kernels draw them from Philox.
//
// A tensor is filled in groups, one group for each block of four random words,
// so that the result does not depend on how many threads share the work. Where
// a number may take any amount of random words (the truncated normal), each
// group has a stretch of the stream of its own.
//
// RandomSource is a kernel's own stream: each run reserves a stretch that is
// surely long enough, and the next run starts after it.
#ifndef RETROGRAPH_OPS_RANDOM_SOURCE_H_
#define RETROGRAPH_OPS_RANDOM_SOURCE_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "core/dtype.h"
#include "core/philox.h"
#include "core/tensor.h"
#include "graph/operation.h"

namespace retrograph {

// Random words that one output may take, at most.
constexpr int kReservedPerOutput = 256;
constexpr int kWordsPerBlock = 4;

// The stream of a pair of seeds; the machine's random numbers are the seeds if
// both are 0.
Philox SeededPhilox(int64_t seed, int64_t seed2);

// Threads: thread-safe.
class RandomSource {
 public:
  RandomSource() : philox_(0, 0) {}

  // Reads attrs "seed" and "seed2"; if both are 0, the seeds are the machine's
  // random numbers. Call before any Reserve...().
  absl::Status Init(const Operation& op);

  // The stream at its present place, which then moves on by `count` blocks.
  Philox ReserveBlocks(uint64_t count);
  // By 256 blocks for each output, as TensorFlow does.
  Philox ReserveOutputs(int64_t count) {
    return ReserveBlocks(static_cast<uint64_t>(count) * kReservedPerOutput);
  }
  Philox ReserveWords(int64_t count) {
    return ReserveBlocks((static_cast<uint64_t>(count) + kWordsPerBlock - 1) /
                         kWordsPerBlock);
  }

 private:
  absl::Mutex mu_;
  Philox philox_ ABSL_GUARDED_BY(mu_);
};

// A stream word by word.
class WordStream {
 public:
  explicit WordStream(const Philox& philox) : philox_(philox) {}
  uint32_t Next() {
    if (used_ == kWordsPerBlock) {
      block_ = philox_.Next();
      used_ = 0;
    }
    return block_[used_++];
  }
  // [0, 1)
  double NextDouble() {
    const uint32_t first = Next();
    return UniformDouble(first, Next());
  }

 private:
  Philox philox_;
  Philox::Block block_;
  int used_ = kWordsPerBlock;
};

// --- Distributions. kGroup numbers are made at a time. ---

template <typename T>
struct RandomUniform {
  using Element = T;
  static constexpr int kGroup = 4;
  void operator()(Philox* philox, T* out) const {
    const Philox::Block words = philox->Next();
    for (int i = 0; i < kGroup; ++i) out[i] = One(words[i]);
  }

 private:
  static T One(uint32_t word);
};
template <>
inline float RandomUniform<float>::One(uint32_t word) {
  return UniformFloat(word);
}
template <>
inline Half RandomUniform<Half>::One(uint32_t word) {
  Half half;
  half.bits = UniformHalfBits(word);
  return half;
}
template <>
inline BFloat16 RandomUniform<BFloat16>::One(uint32_t word) {
  BFloat16 bfloat16;
  bfloat16.bits = UniformBFloat16Bits(word);
  return bfloat16;
}
template <>
struct RandomUniform<double> {
  using Element = double;
  static constexpr int kGroup = 2;
  void operator()(Philox* philox, double* out) const {
    const Philox::Block words = philox->Next();
    out[0] = UniformDouble(words[0], words[1]);
    out[1] = UniformDouble(words[2], words[3]);
  }
};

// [low, low + range): by remainder, as TensorFlow has it.
struct RandomInt32 {
  using Element = int32_t;
  static constexpr int kGroup = 4;
  uint32_t low, range;
  void operator()(Philox* philox, int32_t* out) const {
    const Philox::Block words = philox->Next();
    for (int i = 0; i < kGroup; ++i) {
      out[i] = static_cast<int32_t>(low + words[i] % range);
    }
  }
};
struct RandomInt64 {
  using Element = int64_t;
  static constexpr int kGroup = 2;
  uint64_t low, range;
  void operator()(Philox* philox, int64_t* out) const {
    const Philox::Block words = philox->Next();
    for (int i = 0; i < kGroup; ++i) {
      const uint64_t bits = uint64_t{words[2 * i + 1]} << 32 | words[2 * i];
      out[i] = static_cast<int64_t>(low + bits % range);
    }
  }
};

template <typename T>
struct RandomNormal {
  using Element = T;
  static constexpr int kGroup = 4;
  void operator()(Philox* philox, T* out) const {
    const Philox::Block words = philox->Next();
    for (int i = 0; i < kGroup; i += 2) {
      float first, second;
      BoxMullerFloat(words[i], words[i + 1], &first, &second);
      out[i] = T(first);
      out[i + 1] = T(second);
    }
  }
};
template <>
struct RandomNormal<double> {
  using Element = double;
  static constexpr int kGroup = 2;
  void operator()(Philox* philox, double* out) const {
    const Philox::Block words = philox->Next();
    BoxMullerDouble(words[0], words[1], words[2], words[3], &out[0], &out[1]);
  }
};

// Normal numbers; those not within 2 of the mean are drawn again.
template <typename T>
struct RandomTruncatedNormal {
  using Element = T;
  static constexpr int kGroup = 4;
  static constexpr float kLimit = 2.0f;
  void operator()(Philox* philox, T* out) const {
    WordStream words(*philox);
    for (int made = 0; made < kGroup;) {
      const uint32_t x0 = words.Next(), x1 = words.Next();
      float pair[2];
      BoxMullerFloat(x0, x1, &pair[0], &pair[1]);
      for (const float number : pair) {
        if (std::abs(number) < kLimit && made < kGroup) {
          out[made++] = T(number);
        }
      }
    }
  }
};
template <>
struct RandomTruncatedNormal<double> {
  using Element = double;
  static constexpr int kGroup = 2;
  static constexpr double kLimit = 2.0;
  void operator()(Philox* philox, double* out) const {
    WordStream words(*philox);
    for (int made = 0; made < kGroup;) {
      const uint32_t x0 = words.Next(), x1 = words.Next();
      const uint32_t x2 = words.Next(), x3 = words.Next();
      double pair[2];
      BoxMullerDouble(x0, x1, x2, x3, &pair[0], &pair[1]);
      for (const double number : pair) {
        if (std::abs(number) < kLimit && made < kGroup) out[made++] = number;
      }
    }
  }
};

// Whether a group takes a varying number of random words.
template <typename Distribution>
constexpr bool kVariesInLength = false;
template <typename T>
constexpr bool kVariesInLength<RandomTruncatedNormal<T>> = true;

// Fills `out` from `philox` on.
template <typename Distribution>
void FillRandom(Philox philox, const Distribution& distribution,
                absl::Span<typename Distribution::Element> out) {
  constexpr int kGroup = Distribution::kGroup;
  constexpr int kBlocksPerGroup = kGroup * kReservedPerOutput / kWordsPerBlock;
  typename Distribution::Element group[kGroup];
  for (size_t start = 0; start < out.size(); start += kGroup) {
    if constexpr (kVariesInLength<Distribution>) {
      Philox own = philox;
      distribution(&own, group);
      philox.Skip(kBlocksPerGroup);
    } else {
      distribution(&philox, group);
    }
    const size_t count = std::min<size_t>(kGroup, out.size() - start);
    std::copy(group, group + count, out.begin() + start);
  }
}

// The shape that a random op's shape input holds; InvalidArgument "shape must
// be a vector of {int32,int64}, got shape []" and TensorShape's own errors.
absl::StatusOr<TensorShape> RandomOutputShape(const Tensor& shape);

// The stream of the stateless ops: `seed` holds two integers (checked:
// "seed must have shape [2], not [3]").
absl::StatusOr<Philox> StatelessStream(const Tensor& seed);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_RANDOM_SOURCE_H_
