#include "checkpoint/sha256_testing.h"

#include <array>
#include <cmath>
#include <cstdint>

#include "absl/strings/str_format.h"

namespace retrograph {
namespace {

constexpr int kRounds = 64;
using State = std::array<uint32_t, 8>;
using Constants = std::array<uint32_t, kRounds>;

bool IsPrime(int n) {
  for (int d = 2; d * d <= n; ++d) {
    if (n % d == 0) return false;
  }
  return true;
}

uint32_t FractionBits(long double x) {
  return static_cast<uint32_t>((x - std::floor(x)) * 4294967296.0L);
}

// The standard defines its constants as the first bits of the fractions of
// square and cube roots of the first primes.
void MakeConstants(State* initial, Constants* round) {
  int count = 0;
  for (int n = 2; count < kRounds; ++n) {
    if (!IsPrime(n)) continue;
    if (count < 8) {
      (*initial)[count] = FractionBits(std::sqrt(static_cast<long double>(n)));
    }
    (*round)[count++] = FractionBits(std::cbrt(static_cast<long double>(n)));
  }
}

uint32_t Rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

void AddBlock(const unsigned char* block, const Constants& k, State* state) {
  uint32_t w[kRounds];
  for (int i = 0; i < 16; ++i) {
    w[i] = static_cast<uint32_t>(block[4 * i]) << 24 |
           static_cast<uint32_t>(block[4 * i + 1]) << 16 |
           static_cast<uint32_t>(block[4 * i + 2]) << 8 | block[4 * i + 3];
  }
  for (int i = 16; i < kRounds; ++i) {
    const uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (Rotate(a, 7) ^ Rotate(a, 18) ^ a >> 3) + w[i - 7] +
           (Rotate(b, 17) ^ Rotate(b, 19) ^ b >> 10);
  }
  State s = *state;
  for (int i = 0; i < kRounds; ++i) {
    const uint32_t e = s[4], a = s[0];
    const uint32_t t1 = s[7] + (Rotate(e, 6) ^ Rotate(e, 11) ^ Rotate(e, 25)) +
                        ((e & s[5]) ^ (~e & s[6])) + k[i] + w[i];
    const uint32_t t2 = (Rotate(a, 2) ^ Rotate(a, 13) ^ Rotate(a, 22)) +
                        ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    s = {t1 + t2, s[0], s[1], s[2], s[3] + t1, s[4], s[5], s[6]};
  }
  for (int i = 0; i < 8; ++i) (*state)[i] += s[i];
}

}  // namespace

std::string Sha256Hex(absl::string_view data) {
  State state;
  Constants constants;
  MakeConstants(&state, &constants);
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  size_t done = 0;
  for (; data.size() - done >= 64; done += 64) {
    AddBlock(bytes + done, constants, &state);
  }
  std::string tail(data.substr(done));
  tail.push_back('\x80');
  while (tail.size() % 64 != 56) tail.push_back('\0');
  const uint64_t bits = static_cast<uint64_t>(data.size()) * 8;
  for (int i = 7; i >= 0; --i) {
    tail.push_back(static_cast<char>(bits >> (8 * i)));
  }
  bytes = reinterpret_cast<const unsigned char*>(tail.data());
  for (size_t i = 0; i < tail.size(); i += 64) {
    AddBlock(bytes + i, constants, &state);
  }
  std::string hex;
  for (uint32_t word : state) absl::StrAppendFormat(&hex, "%08x", word);
  return hex;
}

}  // namespace retrograph
