// The bytes of a table, as LevelDB writes them (its doc/table_format.md):
//
//   data block | ... | metaindex block | index block | footer
//
// A block is its contents, one byte that says how they are compressed, and the
// masked CRC-32C of both. The contents are entries, then the restart array:
//   entry   = varint32 shared, varint32 unshared, varint32 value length,
//             the key's bytes after the `shared` first ones, the value
//   array   = a fixed32 for each restart (where an entry with shared 0 starts),
//             then how many there are as a fixed32
// An index block's values are the handles of the data blocks; its keys are not
// less than any key in the block and less than any after it.
// The footer is the handles of metaindex and index block, zeros up to 40 bytes,
// and the magic number.
#ifndef RETROGRAPH_CHECKPOINT_TABLE_FORMAT_H_
#define RETROGRAPH_CHECKPOINT_TABLE_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace retrograph {

inline constexpr uint64_t kTableMagicNumber = 0xdb4775248b80fb57ull;
inline constexpr size_t kTableFooterSize = 48;
inline constexpr size_t kBlockTrailerSize = 5;
inline constexpr char kBlockUncompressed = 0;
inline constexpr char kBlockSnappy = 1;

// What TensorFlow's writers use.
inline constexpr size_t kTableBlockSize = 262144;

// Where a block's contents (without the trailer) are in the file.
struct BlockHandle {
  uint64_t offset = 0;
  uint64_t size = 0;
};

// Little-endian numbers. The varint readers take what they read off the front
// of `input` and return false, leaving it anywhere, if it does not start with a
// whole number of at most 32 or 64 bits.
bool ReadVarint32(absl::string_view* input, uint32_t* value);
bool ReadVarint64(absl::string_view* input, uint64_t* value);
void AppendVarint64(std::string* output, uint64_t value);
uint32_t DecodeFixed32(const char* bytes);
uint64_t DecodeFixed64(const char* bytes);
void AppendFixed32(std::string* output, uint32_t value);

bool ReadBlockHandle(absl::string_view* input, BlockHandle* handle);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_TABLE_FORMAT_H_
