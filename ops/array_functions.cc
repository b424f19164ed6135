#include "ops/array_functions.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "Eigen/Core"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace retrograph {
namespace {

constexpr int64_t kFloatPacket = 8;
constexpr int64_t kDoublePacket = 4;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kSmallestNormal = std::numeric_limits<float>::min();

uint32_t Bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}
float FromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// packet(x) for whole packets, single(x) for the rest.
template <typename Packet, typename Single>
void Apply(const float* x, float* y, int64_t n, Packet packet, Single single) {
  const int64_t packed = n - n % kFloatPacket;
  for (int64_t i = 0; i < packed; ++i) y[i] = packet(x[i]);
  for (int64_t i = packed; i < n; ++i) y[i] = single(x[i]);
}

// --- One lane of a packet: the Cephes library's approximations. Their
// coefficients and order of operations decide the last bits. ---

float PacketExp(float x0) {
  constexpr float kLimit = 88.3762626647950f;
  constexpr float kLog2E = 1.44269504088896341f;
  // log(2) in two parts, so that x - m log(2) is nearly exact.
  constexpr float kLog2High = 0.693359375f;
  constexpr float kLog2Low = -2.12194440e-4f;
  const float x = std::max(std::min(x0, kLimit), -kLimit);
  const float m = std::floor(x * kLog2E + 0.5f);
  float r = x - m * kLog2High;
  r = r - m * kLog2Low;
  const float r2 = r * r;
  float y = 1.9875691500e-4f;
  y = y * r + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * r2 + r;
  y = y + 1.0f;
  const float power =
      FromBits(static_cast<uint32_t>(static_cast<int32_t>(m) + 127) << 23);
  const float result = y * power;
  return x0 != x0 ? x0 : std::max(result, x0);
}

float PacketLog(float x0) {
  constexpr float kHalfSqrt2 = 0.707106781186547524f;
  // x = f 2^e with f in [1/2, 1)
  const uint32_t bits = Bits(std::max(x0, kSmallestNormal));
  float e = static_cast<float>(static_cast<int32_t>(bits >> 23) - 126);
  const float f = FromBits((bits & 0x7fffff) | 0x3f000000);
  const bool small = f < kHalfSqrt2;
  e = small ? e - 1.0f : e;
  float x = f - 1.0f;
  x = small ? x + f : x;
  const float x2 = x * x;
  const float x3 = x2 * x;
  float y = 7.0376836292e-2f * x + -1.1514610310e-1f;
  float y1 = -1.2420140846e-1f * x + 1.4249322787e-1f;
  float y2 = 2.0000714765e-1f * x + -2.4999993993e-1f;
  y = y * x + 1.1676998740e-1f;
  y1 = y1 * x + -1.6668057665e-1f;
  y2 = y2 * x + 3.3333331174e-1f;
  y = y * x3 + y1;
  y = y * x3 + y2;
  y = y * x3;
  y1 = e * -2.12194440e-4f;
  y = y + y1;
  x = x - x2 * 0.5f;
  y2 = e * 0.693359375f;
  x = x + y;
  x = x + y2;
  x = x0 == kInfinity ? kInfinity : x;
  x = x0 < kSmallestNormal ? -kInfinity : x;
  return x0 >= 0.0f ? x : kNaN;
}

float PacketLog1p(float x) {
  const float sum = 1.0f + x;
  const float log = PacketLog(sum);
  const float large = x * (log / (sum - 1.0f));
  return sum == 1.0f || log == sum ? x : large;
}

float PacketExpm1(float x) {
  const float u = PacketExp(x);
  const float less = u - 1.0f;
  const float log = PacketLog(u);
  const float result = log == u ? u : less * (x / log);
  return u == 1.0f ? x : less == -1.0f ? -1.0f : result;
}

// A rational approximation; used for single elements too.
float Tanh(float x0) {
  constexpr float kLimit = 9.0f;
  const float x = std::max(std::min(x0, kLimit), -kLimit);
  const float x2 = x * x;
  float p = x2 * -2.76076847742355e-16f + 2.00018790482477e-13f;
  p = x2 * p + -8.60467152213735e-11f;
  p = x2 * p + 5.12229709037114e-08f;
  p = x2 * p + 1.48572235717979e-05f;
  p = x2 * p + 6.37261928875436e-04f;
  p = x2 * p + 4.89352455891786e-03f;
  p = x * p;
  float q = x2 * 1.19825839466702e-06f + 1.18534705686654e-04f;
  q = x2 * q + 2.26843463243900e-03f;
  q = x2 * q + 4.89352518554385e-03f;
  return x0 != x0 ? x0 : p / q;
}

// Beyond this the logistic function is 0 or 1.
constexpr float kSigmoidLimit = 18.0f;

float PacketSigmoid(float x0) {
  const float x = std::max(std::min(x0, kSigmoidLimit), -kSigmoidLimit);
  const float x2 = x * x;
  float p = x2 * 4.37031012579801e-11f + 1.15627324459942e-07f;
  p = x2 * p + 6.08574864600143e-05f;
  p = x2 * p + 8.51377133304701e-03f;
  p = x2 * p + 2.48287947061529e-01f;
  p = x * p;
  float q = x2 * 6.10247389755681e-13f + 5.76102136993427e-09f;
  q = x2 * q + 6.29106785017040e-06f;
  q = x2 * q + 1.70198817374094e-03f;
  q = x2 * q + 1.16817656904453e-01f;
  q = x2 * q + 9.93151921023180e-01f;
  const float result = std::max(std::min(p / q + 0.5f, 1.0f), 0.0f);
  return x0 != x0 ? x0 : result;
}

float SingleSigmoid(float x) {
  if (x < -kSigmoidLimit) return 0.0f;
  if (x > kSigmoidLimit) return 1.0f;
  return 1.0f / (1.0f + std::exp(-x));
}

#if defined(__SSE__)
float EstimatedRsqrt(float x) {
  return _mm_cvtss_f32(_mm_rsqrt_ss(_mm_set_ss(x)));
}

float PacketSqrt(float x) {
  const float half = x * 0.5f;
  const float r = EstimatedRsqrt(x);
  const float result = x * (r * (1.5f - half * (r * r)));
  return x >= 0.0f && x < kSmallestNormal ? 0.0f : result;
}

float PacketRsqrt(float x) {
  const float minus_half = x * -0.5f;
  const float r = EstimatedRsqrt(x);
  const float result = r * (minus_half * (r * r) + 1.5f);
  if (x < kSmallestNormal) {
    return x < 0.0f && x <= -kSmallestNormal ? kNaN : kInfinity;
  }
  return result;
}
#else
float PacketSqrt(float x) { return std::sqrt(x); }
float PacketRsqrt(float x) { return 1.0f / std::sqrt(x); }
#endif

}  // namespace

void ExpArray(const float* x, float* y, int64_t n) {
  Apply(x, y, n, PacketExp, [](float v) { return std::exp(v); });
}
void LogArray(const float* x, float* y, int64_t n) {
  Apply(x, y, n, PacketLog, [](float v) { return std::log(v); });
}
void Log1pArray(const float* x, float* y, int64_t n) {
  Apply(x, y, n, PacketLog1p, [](float v) { return std::log1p(v); });
}
void Expm1Array(const float* x, float* y, int64_t n) {
  Apply(x, y, n, PacketExpm1, [](float v) { return std::expm1(v); });
}
void TanhArray(const float* x, float* y, int64_t n) {
  Apply(x, y, n, Tanh, Tanh);
}
void SigmoidArray(const float* x, float* y, int64_t n) {
  Apply(x, y, n, PacketSigmoid, SingleSigmoid);
}
void SqrtArray(const float* x, float* y, int64_t n) {
  Apply(x, y, n, PacketSqrt, [](float v) { return std::sqrt(v); });
}
void RsqrtArray(const float* x, float* y, int64_t n) {
  Apply(x, y, n, PacketRsqrt, [](float v) { return 1.0f / std::sqrt(v); });
}

// Eigen's own, where they have not changed since. Its packets here are as wide
// as the compiler may make them; each lane's bits are the same.

namespace {

template <typename T, typename Packet, typename Single>
void ApplyEigen(const T* x, T* y, int64_t n, int64_t packet_size, Packet packet,
                Single single) {
  using EigenPacket = typename Eigen::internal::packet_traits<T>::type;
  constexpr int kStep = Eigen::internal::packet_traits<T>::size;
  static_assert(kFloatPacket % kStep == 0, "the rest must be the same");
  const int64_t packed = n - n % packet_size;
  for (int64_t i = 0; i < packed; i += kStep) {
    Eigen::internal::pstoreu(
        y + i, packet(Eigen::internal::ploadu<EigenPacket>(x + i)));
  }
  for (int64_t i = packed; i < n; ++i) y[i] = single(x[i]);
}

}  // namespace

void SinArray(const float* x, float* y, int64_t n) {
  ApplyEigen(
      x, y, n, kFloatPacket,
      [](const auto& p) { return Eigen::internal::psin(p); },
      [](float v) { return std::sin(v); });
}
void CosArray(const float* x, float* y, int64_t n) {
  ApplyEigen(
      x, y, n, kFloatPacket,
      [](const auto& p) { return Eigen::internal::pcos(p); },
      [](float v) { return std::cos(v); });
}
void ExpArray(const double* x, double* y, int64_t n) {
  ApplyEigen(
      x, y, n, kDoublePacket,
      [](const auto& p) { return Eigen::internal::pexp(p); },
      [](double v) { return std::exp(v); });
}
void SigmoidArray(const double* x, double* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = -x[i];
  ExpArray(y, y, n);
  for (int64_t i = 0; i < n; ++i) y[i] = 1.0 / (1.0 + y[i]);
}

}  // namespace retrograph
