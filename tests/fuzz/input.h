// FuzzInput takes a fuzzer's bytes as a row of choices.
//
// Whatever the bytes are, every call gives something; after the end, zeros.
#ifndef RETROGRAPH_TESTS_FUZZ_INPUT_H_
#define RETROGRAPH_TESTS_FUZZ_INPUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace retrograph {
namespace fuzz {

class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  uint8_t Byte() {
    if (rest_.empty()) return 0;
    const uint8_t byte = static_cast<uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    return byte;
  }
  // A number below `limit`, which is above 0.
  size_t Below(size_t limit) {
    size_t value = Byte();
    if (limit > 256) value = value << 8 | Byte();
    return value % limit;
  }
  bool Flag() { return (Byte() & 1) != 0; }
  // A string of up to 255 bytes, after a byte with its length.
  std::string Text() {
    const size_t length = std::min<size_t>(Byte(), rest_.size());
    std::string text(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return text;
  }
  std::string Rest() {
    std::string rest(rest_);
    rest_ = absl::string_view();
    return rest;
  }

 private:
  absl::string_view rest_;
};

}  // namespace fuzz
}  // namespace retrograph

#endif  // RETROGRAPH_TESTS_FUZZ_INPUT_H_
