// Functions of whole arrays of numbers, with TensorFlow's bits.
//
// TensorFlow 1.15 computes floats in packets of 8 (doubles: 4) with Eigen's
// approximations, and what is left over one by one with the C library, whose
// last bit may differ. Results depend on where an element stands; so kernels
// that work on arrays call these functions on the whole array at once.
//
// y[i] = f(x[i]) for i < n; x and y may be the same array.
#ifndef RETROGRAPH_OPS_ARRAY_FUNCTIONS_H_
#define RETROGRAPH_OPS_ARRAY_FUNCTIONS_H_

#include <cmath>
#include <cstdint>

#include "ops/number.h"

namespace retrograph {

void ExpArray(const float* x, float* y, int64_t n);
void ExpArray(const double* x, double* y, int64_t n);
void LogArray(const float* x, float* y, int64_t n);
void Log1pArray(const float* x, float* y, int64_t n);
void Expm1Array(const float* x, float* y, int64_t n);
void SinArray(const float* x, float* y, int64_t n);
void CosArray(const float* x, float* y, int64_t n);
void TanhArray(const float* x, float* y, int64_t n);
void SigmoidArray(const float* x, float* y, int64_t n);
void SigmoidArray(const double* x, double* y, int64_t n);
// With the processor's estimate of the inverse square root and one step of
// Newton's method, where there is one; the C library's function elsewhere.
void SqrtArray(const float* x, float* y, int64_t n);
void RsqrtArray(const float* x, float* y, int64_t n);

// Other types: one by one. 16-bit floats are computed in float.
#define RG_ARRAY_FUNCTION_(Name, function)                               \
  template <typename T>                                                  \
  void Name(const T* x, T* y, int64_t n) {                               \
    using std::function;                                                 \
    for (int64_t i = 0; i < n; ++i) {                                    \
      y[i] = NumberCast<T>(function(static_cast<ComputeType<T>>(x[i]))); \
    }                                                                    \
  }
RG_ARRAY_FUNCTION_(ExpArray, exp)
RG_ARRAY_FUNCTION_(LogArray, log)
RG_ARRAY_FUNCTION_(SinArray, sin)
RG_ARRAY_FUNCTION_(CosArray, cos)
RG_ARRAY_FUNCTION_(TanhArray, tanh)
RG_ARRAY_FUNCTION_(SqrtArray, sqrt)
#undef RG_ARRAY_FUNCTION_

template <typename T>
void Log1pArray(const T* x, T* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (kIsComplex<T>) {
      const T sum = T(1) + x[i];
      y[i] = sum == T(1) ? x[i]
                         : WrapMul(x[i], WrapDivide(std::log(sum), sum - T(1)));
    } else {
      y[i] = NumberCast<T>(std::log1p(static_cast<ComputeType<T>>(x[i])));
    }
  }
}
template <typename T>
void Expm1Array(const T* x, T* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (kIsComplex<T>) {
      const T exp = std::exp(x[i]);
      y[i] = exp == T(1) ? x[i]
             : exp - T(1) == T(-1)
                 ? T(-1)
                 : WrapDivide(WrapMul(exp - T(1), x[i]), std::log(exp));
    } else {
      y[i] = NumberCast<T>(std::expm1(static_cast<ComputeType<T>>(x[i])));
    }
  }
}
template <typename T>
void SigmoidArray(const T* x, T* y, int64_t n) {
  using std::exp;
  const T one = NumberCast<T>(1);
  for (int64_t i = 0; i < n; ++i) {
    const T e = NumberCast<T>(exp(static_cast<ComputeType<T>>(-x[i])));
    y[i] = WrapDivide(one, one + e);
  }
}
template <typename T>
void RsqrtArray(const T* x, T* y, int64_t n) {
  using std::sqrt;
  const T one = NumberCast<T>(1);
  for (int64_t i = 0; i < n; ++i) {
    const T root = NumberCast<T>(sqrt(static_cast<ComputeType<T>>(x[i])));
    y[i] = WrapDivide(one, root);
  }
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_ARRAY_FUNCTIONS_H_
