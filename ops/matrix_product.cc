// Float matrices are multiplied tile by tile: a block of `b` is copied so that
// 16 columns lie side by side, and four rows of `a` at a time keep their sums
// in registers. The code for fused multiply-add is chosen when it runs, so one
// program serves every x86-64 machine.

#include "ops/matrix_product.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace retrograph {
namespace {

// Long sums are made of blocks, as TensorFlow makes them: Eigen cuts `depth`
// into even parts that fit the processor's first cache, and the library that
// multiplies these (oneDNN) cuts them again. The last bits depend on both.

// What Eigen counts for one step of a sum, and for the result, in that cache.
constexpr int64_t kBytesPerStep = 80;
constexpr int64_t kBytesForResult = 256;
constexpr int64_t kUsualFirstCache = 32 * 1024;
constexpr int64_t kMaxInnerBlock = 384;

int64_t RoundUpTo8(int64_t value) { return (value + 7) / 8 * 8; }

int64_t MaxOuterBlock() {
  const int64_t found = sysconf(_SC_LEVEL1_DCACHE_SIZE);
  const int64_t cache = found > 0 ? found : kUsualFirstCache;
  return std::max<int64_t>((cache - kBytesForResult) / kBytesPerStep / 8 * 8,
                           8);
}

// The lengths of the blocks of a sum of `depth` products.
std::vector<int64_t> Blocks(int64_t depth) {
  static const int64_t max_outer = MaxOuterBlock();
  const int64_t count = (depth + max_outer - 1) / max_outer;
  const int64_t outer = count <= 1 ? depth : RoundUpTo8(depth / count);
  std::vector<int64_t> blocks;
  for (int64_t start = 0; start < depth; start += outer) {
    int64_t left = std::min(outer, depth - start);
    while (left > 0) {
      int64_t block = left;
      if (left >= 2 * kMaxInnerBlock) {
        block = kMaxInnerBlock;
      } else if (left > kMaxInnerBlock) {
        block = (left + 1) / 2;
      }
      blocks.push_back(block);
      left -= block;
    }
  }
  return blocks;
}

#if defined(__x86_64__)

constexpr int kTileRows = 4;
constexpr int kTileColumns = 16;

bool HasFma() {
  static const bool has_fma =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return has_fma;
}

// panel[k][16] from 16 columns of b; missing columns are 0.
void PackColumns(const float* b, int64_t k, int64_t n, int64_t columns,
                 float* panel) {
  for (int64_t l = 0; l < k; ++l, b += n, panel += kTileColumns) {
    std::copy(b, b + columns, panel);
    std::fill(panel + columns, panel + kTileColumns, 0.0f);
  }
}

// sums[rows][16] = a[rows, k] panel[k, 16]; a's rows are `stride` apart.
template <int kRows>
__attribute__((target("avx2,fma"))) void MultiplyTile(const float* a,
                                                      int64_t stride,
                                                      const float* panel,
                                                      int64_t k, float* sums) {
  __m256 low[kRows], high[kRows];
  for (int r = 0; r < kRows; ++r) low[r] = high[r] = _mm256_setzero_ps();
  for (int64_t l = 0; l < k; ++l, panel += kTileColumns) {
    const __m256 b_low = _mm256_loadu_ps(panel);
    const __m256 b_high = _mm256_loadu_ps(panel + 8);
    for (int r = 0; r < kRows; ++r) {
      const __m256 factor = _mm256_broadcast_ss(a + r * stride + l);
      low[r] = _mm256_fmadd_ps(factor, b_low, low[r]);
      high[r] = _mm256_fmadd_ps(factor, b_high, high[r]);
    }
  }
  for (int r = 0; r < kRows; ++r) {
    _mm256_storeu_ps(sums + r * kTileColumns, low[r]);
    _mm256_storeu_ps(sums + r * kTileColumns + 8, high[r]);
  }
}

void StoreTile(const float* sums, int64_t rows, int64_t columns, bool add,
               float* out, int64_t n) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      const float sum = sums[r * kTileColumns + c];
      out[r * n + c] = add ? out[r * n + c] + sum : sum;
    }
  }
}

void MultiplyFused(const float* a, const float* b, float* out, int64_t m,
                   int64_t k, int64_t n) {
  std::vector<float> panel(std::min(k, kMaxInnerBlock) * kTileColumns);
  float sums[kTileRows * kTileColumns];
  int64_t start = 0;
  for (const int64_t depth : Blocks(k)) {
    for (int64_t j = 0; j < n; j += kTileColumns) {
      const int64_t columns = std::min<int64_t>(kTileColumns, n - j);
      PackColumns(b + start * n + j, depth, n, columns, panel.data());
      int64_t i = 0;
      for (; i + kTileRows <= m; i += kTileRows) {
        MultiplyTile<kTileRows>(a + i * k + start, k, panel.data(), depth,
                                sums);
        StoreTile(sums, kTileRows, columns, start > 0, out + i * n + j, n);
      }
      for (; i < m; ++i) {
        MultiplyTile<1>(a + i * k + start, k, panel.data(), depth, sums);
        StoreTile(sums, 1, columns, start > 0, out + i * n + j, n);
      }
    }
    start += depth;
  }
}

#endif  // defined(__x86_64__)

}  // namespace

void MultiplyFloats(const float* a, const float* b, float* out, int64_t m,
                    int64_t k, int64_t n) {
#if defined(__x86_64__)
  if (m > 1 && n > 1 && k > 0 && HasFma()) {
    MultiplyFused(a, b, out, m, k, n);
    return;
  }
#endif
  MultiplyPlain(a, b, out, m, k, n);
}

void MultiplyBFloat16(const BFloat16* a, const BFloat16* b, BFloat16* out,
                      int64_t m, int64_t k, int64_t n) {
  auto to_float = [](BFloat16 value) { return static_cast<float>(value); };
  std::vector<float> left(m * k), right(k * n), product(m * n);
  std::transform(a, a + m * k, left.begin(), to_float);
  std::transform(b, b + k * n, right.begin(), to_float);
  MultiplyFloats(left.data(), right.data(), product.data(), m, k, n);
  for (int64_t i = 0; i < m * n; ++i) {
    uint32_t bits;
    std::memcpy(&bits, &product[i], sizeof(bits));
    out[i].bits = static_cast<uint16_t>(bits >> 16);
  }
}

}  // namespace retrograph
