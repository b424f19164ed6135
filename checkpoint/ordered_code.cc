#include "checkpoint/ordered_code.h"

#include <cstddef>

namespace retrograph {
namespace ordered_code {
namespace {

constexpr char kZero = '\x00';
constexpr char kOnes = '\xff';
constexpr char kEndOfString = '\x01';

// The largest length a signed number takes: 64 bits and 10 bits of length.
constexpr int kMaxSignedBytes = 10;

int BitLength(uint64_t value) {
  int bits = 0;
  while (value != 0) {
    ++bits;
    value >>= 1;
  }
  return bits;
}

// The byte of the length mark of an n-byte number: n ones from the left.
uint8_t LengthMark(int n, int byte) {
  const int ones = n - 8 * byte;
  if (ones <= 0) return 0;
  return ones >= 8 ? 0xff : static_cast<uint8_t>(0xff00 >> ones);
}

}  // namespace

void AppendString(std::string* output, absl::string_view value) {
  for (char c : value) {
    output->push_back(c);
    if (c == kZero) output->push_back(kOnes);
    if (c == kOnes) output->push_back(kZero);
  }
  output->push_back(kZero);
  output->push_back(kEndOfString);
}

bool ReadString(absl::string_view* input, std::string* value) {
  value->clear();
  while (input->size() >= 2) {
    const char c = (*input)[0];
    if (c != kZero && c != kOnes) {
      value->push_back(c);
      input->remove_prefix(1);
      continue;
    }
    const char next = (*input)[1];
    input->remove_prefix(2);
    if (c == kZero && next == kEndOfString) return true;
    if (next != (c == kZero ? kOnes : kZero)) return false;
    value->push_back(c);
  }
  return false;
}

void AppendNumber(std::string* output, uint64_t value) {
  const int n = (BitLength(value) + 7) / 8;
  output->push_back(static_cast<char>(n));
  for (int i = n - 1; i >= 0; --i) {
    output->push_back(static_cast<char>(value >> (8 * i)));
  }
}

bool ReadNumber(absl::string_view* input, uint64_t* value) {
  if (input->empty()) return false;
  const size_t n = static_cast<uint8_t>(input->front());
  input->remove_prefix(1);
  if (n > 8 || n > input->size()) return false;
  *value = 0;
  for (size_t i = 0; i < n; ++i) {
    *value = *value << 8 | static_cast<uint8_t>((*input)[i]);
  }
  input->remove_prefix(n);
  return true;
}

void AppendSigned(std::string* output, int64_t value) {
  const uint64_t magnitude = static_cast<uint64_t>(value < 0 ? ~value : value);
  // n bytes hold 7 n bits, one of which is the sign.
  const int n = BitLength(magnitude) / 7 + 1;
  for (int i = 0; i < n; ++i) {
    const int shift = 8 * (n - 1 - i);
    const int64_t byte = shift >= 64 ? (value < 0 ? -1 : 0) : value >> shift;
    output->push_back(static_cast<char>(byte ^ LengthMark(n, i)));
  }
}

bool ReadSigned(absl::string_view* input, int64_t* value) {
  if (input->empty()) return false;
  const bool negative = (static_cast<uint8_t>(input->front()) & 0x80) == 0;
  const uint8_t flip = negative ? 0xff : 0;
  // The length is the number of leading ones.
  int n = 0;
  while (n <= kMaxSignedBytes) {
    const size_t byte = static_cast<size_t>(n / 8);
    if (byte >= input->size()) return false;
    const uint8_t bits = static_cast<uint8_t>((*input)[byte]) ^ flip;
    if ((bits & (0x80 >> (n % 8))) == 0) break;
    ++n;
  }
  if (n > kMaxSignedBytes || static_cast<size_t>(n) > input->size()) {
    return false;
  }
  uint64_t bits = negative ? ~uint64_t{0} : 0;
  for (int i = 0; i < n; ++i) {
    const uint8_t byte = static_cast<uint8_t>((*input)[static_cast<size_t>(i)]);
    bits = bits << 8 | (byte ^ LengthMark(n, i));
  }
  // Only the shortest form is a code.
  std::string again;
  AppendSigned(&again, static_cast<int64_t>(bits));
  if (again != input->substr(0, static_cast<size_t>(n))) return false;
  *value = static_cast<int64_t>(bits);
  input->remove_prefix(static_cast<size_t>(n));
  return true;
}

}  // namespace ordered_code
}  // namespace retrograph
