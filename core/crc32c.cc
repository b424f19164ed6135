#include "core/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace retrograph {
namespace crc32c {

uint32_t Extend(uint32_t crc, absl::string_view data) {
  // The library takes an int for the length, a pointer without const that it
  // does not write to, and leaves both inversions to the caller.
  constexpr size_t kMostAtOnce = size_t{1} << 30;
  uint32_t state = ~crc;
  while (!data.empty()) {
    const size_t length = std::min(data.size(), kMostAtOnce);
    state = crc32_iscsi(
        reinterpret_cast<unsigned char*>(const_cast<char*>(data.data())),
        static_cast<int>(length), state);
    data.remove_prefix(length);
  }
  return ~state;
}

}  // namespace crc32c
}  // namespace retrograph
