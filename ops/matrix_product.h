// Products of matrices, row by row in memory.
#ifndef RETROGRAPH_OPS_MATRIX_PRODUCT_H_
#define RETROGRAPH_OPS_MATRIX_PRODUCT_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "ops/number.h"

namespace retrograph {

// How an operand is stored: [rows, columns], or [columns, rows], maybe with
// every number conjugated.
struct MatrixLayout {
  bool transposed = false;
  bool conjugated = false;
};

// out[m,n] = a[m,k] b[k,n]. The sum over k starts at 0 and goes upwards.
//
// TensorFlow multiplies float matrices with fused multiply-add where the
// processor has it, long sums in blocks; so does this one. Vectors, and other
// types, are multiplied and added in two steps.
void MultiplyFloats(const float* a, const float* b, float* out, int64_t m,
                    int64_t k, int64_t n);

template <typename T>
void MultiplyPlain(const T* a, const T* b, T* out, int64_t m, int64_t k,
                   int64_t n) {
  std::fill(out, out + m * n, T(0));
  for (int64_t i = 0; i < m; ++i) {
    T* row = out + i * n;
    for (int64_t l = 0; l < k; ++l) {
      const T factor = a[i * k + l];
      const T* from = b + l * n;
      for (int64_t j = 0; j < n; ++j) {
        row[j] = WrapAdd(row[j], WrapMul(factor, from[j]));
      }
    }
  }
}

// The matrix [rows, columns] that `x` holds, itself or copied into `storage`.
template <typename T>
const T* RowMajor(const T* x, const MatrixLayout& layout, int64_t rows,
                  int64_t columns, std::vector<T>* storage) {
  if (!layout.transposed) return x;
  storage->resize(rows * columns);
  // In tiles, so that neither side runs through memory column by column.
  constexpr int64_t kTile = 16;
  for (int64_t i0 = 0; i0 < rows; i0 += kTile) {
    for (int64_t j0 = 0; j0 < columns; j0 += kTile) {
      const int64_t i_end = std::min(i0 + kTile, rows);
      const int64_t j_end = std::min(j0 + kTile, columns);
      for (int64_t i = i0; i < i_end; ++i) {
        for (int64_t j = j0; j < j_end; ++j) {
          (*storage)[i * columns + j] = x[j * rows + i];
        }
      }
    }
  }
  if constexpr (kIsComplex<T>) {
    if (layout.conjugated) {
      for (T& value : *storage) value = std::conj(value);
    }
  }
  return storage->data();
}

// In floats; the sums are cut off, not rounded.
void MultiplyBFloat16(const BFloat16* a, const BFloat16* b, BFloat16* out,
                      int64_t m, int64_t k, int64_t n);

// `fused` allows fused multiply-add for floats.
template <typename T>
void Multiply(const T* a, const MatrixLayout& a_layout, const T* b,
              const MatrixLayout& b_layout, T* out, int64_t m, int64_t k,
              int64_t n, bool fused = true) {
  std::vector<T> a_storage, b_storage;
  const T* left = RowMajor(a, a_layout, m, k, &a_storage);
  const T* right = RowMajor(b, b_layout, k, n, &b_storage);
  if constexpr (std::is_same_v<T, float>) {
    fused ? MultiplyFloats(left, right, out, m, k, n)
          : MultiplyPlain(left, right, out, m, k, n);
  } else if constexpr (std::is_same_v<T, BFloat16>) {
    MultiplyBFloat16(left, right, out, m, k, n);
  } else {
    MultiplyPlain(left, right, out, m, k, n);
  }
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_MATRIX_PRODUCT_H_
