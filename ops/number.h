// Arithmetic on the element types of tensors as TensorFlow's kernels do it:
// 16-bit floats round after every operation, integers wrap around.
//
// For kernels that are templates over the element type. Private to ops/.
#ifndef RETROGRAPH_OPS_NUMBER_H_
#define RETROGRAPH_OPS_NUMBER_H_

#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "core/dtype.h"

namespace retrograph {

// Operators for Half and BFloat16, found by argument-dependent look-up.
#define RG_SMALL_FLOAT_OPERATORS_(T)                         \
  inline T operator+(T a, T b) {                             \
    return T(static_cast<float>(a) + static_cast<float>(b)); \
  }                                                          \
  inline T operator-(T a, T b) {                             \
    return T(static_cast<float>(a) - static_cast<float>(b)); \
  }                                                          \
  inline T operator*(T a, T b) {                             \
    return T(static_cast<float>(a) * static_cast<float>(b)); \
  }                                                          \
  inline T operator/(T a, T b) {                             \
    return T(static_cast<float>(a) / static_cast<float>(b)); \
  }                                                          \
  inline T operator-(T a) {                                  \
    a.bits ^= 0x8000;                                        \
    return a;                                                \
  }                                                          \
  inline bool operator!=(T a, T b) { return !(a == b); }     \
  inline bool operator<(T a, T b) {                          \
    return static_cast<float>(a) < static_cast<float>(b);    \
  }                                                          \
  inline bool operator>(T a, T b) { return b < a; }          \
  inline bool operator<=(T a, T b) {                         \
    return static_cast<float>(a) <= static_cast<float>(b);   \
  }                                                          \
  inline bool operator>=(T a, T b) { return b <= a; }
RG_SMALL_FLOAT_OPERATORS_(Half)
RG_SMALL_FLOAT_OPERATORS_(BFloat16)
#undef RG_SMALL_FLOAT_OPERATORS_

template <typename T>
constexpr bool kIsSmallFloat =
    std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;
template <typename T>
constexpr bool kIsFloat = std::is_floating_point_v<T> || kIsSmallFloat<T>;
template <typename T>
constexpr bool kIsComplex = std::is_same_v<T, std::complex<float>> ||
                            std::is_same_v<T, std::complex<double>>;
template <typename T>
constexpr bool kIsInteger = std::is_integral_v<T> && !std::is_same_v<T, bool>;

// What a function of <cmath> is computed in: float for 16-bit floats.
template <typename T>
using ComputeType = std::conditional_t<kIsSmallFloat<T>, float, T>;

// A number of another kind as T.
template <typename T, typename From>
T NumberCast(From value) {
  if constexpr (kIsSmallFloat<T>) {
    return T(static_cast<float>(value));
  } else if constexpr (kIsComplex<T> && !kIsComplex<From>) {
    return T(static_cast<typename T::value_type>(value));
  } else {
    return static_cast<T>(value);
  }
}

template <typename T>
T LowestNumber() {
  if constexpr (std::is_same_v<T, Half>) {
    return Half(-65504.0f);
  } else if constexpr (std::is_same_v<T, BFloat16>) {
    BFloat16 lowest;
    lowest.bits = 0xff7f;
    return lowest;
  } else {
    return std::numeric_limits<T>::lowest();
  }
}
template <typename T>
T HighestNumber() {
  if constexpr (kIsSmallFloat<T>) {
    return -LowestNumber<T>();
  } else {
    return std::numeric_limits<T>::max();
  }
}
// Minus infinity where there is one, else the lowest number.
template <typename T>
T MinusInfinity() {
  if constexpr (kIsFloat<T>) {
    return NumberCast<T>(-std::numeric_limits<float>::infinity());
  } else {
    return LowestNumber<T>();
  }
}

// a + b, a - b, a * b. Signed overflow is computed in unsigned numbers, where
// it is defined.
template <typename T>
T WrapAdd(const T& a, const T& b) {
  if constexpr (kIsInteger<T>) {
    return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  } else {
    return a + b;
  }
}
template <typename T>
T WrapSub(const T& a, const T& b) {
  if constexpr (kIsInteger<T>) {
    return static_cast<T>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
  } else {
    return a - b;
  }
}
template <typename T>
T WrapMul(const T& a, const T& b) {
  if constexpr (kIsInteger<T>) {
    return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  } else if constexpr (kIsComplex<T>) {
    // Without the library's repair of infinities, as Eigen has it.
    return T(a.real() * b.real() - a.imag() * b.imag(),
             a.real() * b.imag() + a.imag() * b.real());
  } else {
    return a * b;
  }
}
template <typename T>
T WrapNegate(const T& a) {
  if constexpr (kIsInteger<T>) {
    return WrapSub(T{0}, a);
  } else {
    return -a;
  }
}
// a / b for b != 0; the lowest integer by -1 wraps around instead of trapping.
template <typename T>
T WrapDivide(const T& a, const T& b) {
  if constexpr (kIsInteger<T> && std::is_signed_v<T>) {
    if (b == -1) return WrapNegate(a);
    return static_cast<T>(a / b);
  } else if constexpr (kIsComplex<T>) {
    // As Eigen has it: no scaling against overflow.
    const T numerator = WrapMul(a, std::conj(b));
    const auto norm = b.real() * b.real() + b.imag() * b.imag();
    return T(numerator.real() / norm, numerator.imag() / norm);
  } else {
    return static_cast<T>(a / b);
  }
}

// The allowed types of attrs in OpDefs, in TensorFlow's order.
constexpr absl::string_view kNumberTypes =
    "{float, double, int32, uint8, int16, int8, complex64, int64, qint8, "
    "quint8, qint32, bfloat16, uint16, complex128, half, uint32, uint64}";
constexpr absl::string_view kRealNumberTypes =
    "{float, double, int32, uint8, int16, int8, int64, bfloat16, uint16, half, "
    "uint32, uint64}";
constexpr absl::string_view kIndexTypes = "{int32, int64}";

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_NUMBER_H_
