// CRC-32C (Castagnoli), the checksum of checkpoint files, tables and records.
#ifndef RETROGRAPH_CORE_CRC32C_H_
#define RETROGRAPH_CORE_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace retrograph {
namespace crc32c {

// The checksum of what `crc` is the checksum of, followed by `data`.
uint32_t Extend(uint32_t crc, absl::string_view data);

inline uint32_t Value(absl::string_view data) { return Extend(0, data); }

// A checksum that is stored beside its data is masked, since computing the
// checksum of data that holds its own checksum goes wrong.
constexpr uint32_t kMaskDelta = 0xa282ead8;

inline uint32_t Mask(uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + kMaskDelta;
}
inline uint32_t Unmask(uint32_t masked) {
  const uint32_t rotated = masked - kMaskDelta;
  return (rotated >> 17) | (rotated << 15);
}

}  // namespace crc32c
}  // namespace retrograph

#endif  // RETROGRAPH_CORE_CRC32C_H_
