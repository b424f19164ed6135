#include "checkpoint/table_format.h"

namespace retrograph {

bool ReadVarint64(absl::string_view* input, uint64_t* value) {
  uint64_t result = 0;
  for (int shift = 0; shift <= 63; shift += 7) {
    if (input->empty()) return false;
    const uint8_t byte = static_cast<uint8_t>(input->front());
    input->remove_prefix(1);
    result |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = result;
      return true;
    }
  }
  return false;
}

bool ReadVarint32(absl::string_view* input, uint32_t* value) {
  uint64_t wide;
  if (!ReadVarint64(input, &wide) || wide > UINT32_MAX) return false;
  *value = static_cast<uint32_t>(wide);
  return true;
}

void AppendVarint64(std::string* output, uint64_t value) {
  while (value >= 0x80) {
    output->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  output->push_back(static_cast<char>(value));
}

uint32_t DecodeFixed32(const char* bytes) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) {
    value = value << 8 | static_cast<uint8_t>(bytes[i]);
  }
  return value;
}

uint64_t DecodeFixed64(const char* bytes) {
  return static_cast<uint64_t>(DecodeFixed32(bytes + 4)) << 32 |
         DecodeFixed32(bytes);
}

void AppendFixed32(std::string* output, uint32_t value) {
  for (int i = 0; i < 4; ++i) {
    output->push_back(static_cast<char>(value >> (8 * i)));
  }
}

bool ReadBlockHandle(absl::string_view* input, BlockHandle* handle) {
  return ReadVarint64(input, &handle->offset) &&
         ReadVarint64(input, &handle->size);
}

}  // namespace retrograph
