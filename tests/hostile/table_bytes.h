// Tables put together byte by byte, for files that no writer of ours makes: any
// header of an entry, any restart, any block handle, with the right checksums
// around it.
//
// Example:
//   RawTable table;
//   table.AddBlock(RawBlock({{0, 1, 1, "a1"}}, {0}));
//   std::string file = table.Finish();
//
// The format is described in checkpoint/table_format.h.
#ifndef RETROGRAPH_TESTS_HOSTILE_TABLE_BYTES_H_
#define RETROGRAPH_TESTS_HOSTILE_TABLE_BYTES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "checkpoint/table_format.h"

namespace retrograph {
namespace hostile {

// Key to value, in the order of a table.
using Entries = std::map<std::string, std::string>;

// One entry of a block: what its header says and what follows it.
struct RawEntry {
  uint64_t shared = 0;
  uint64_t unshared = 0;
  uint64_t value_length = 0;
  std::string bytes;  // the key's end and the value
};
RawEntry PlainEntry(absl::string_view key, absl::string_view value);

// The contents of a block: the entries, the restarts, and their number, which
// may be another than there are.
std::string RawBlock(const std::vector<RawEntry>& entries,
                     const std::vector<uint32_t>& restarts,
                     uint32_t num_restarts);
std::string RawBlock(const std::vector<RawEntry>& entries,
                     const std::vector<uint32_t>& restarts = {0});
// Entries in order, none of which shares anything with the one before.
std::string PlainBlock(const Entries& entries);

std::string EncodeHandle(const BlockHandle& handle);

class RawTable {
 public:
  // Adds a data block; its last key stands for it in the index.
  BlockHandle AddBlock(absl::string_view contents,
                       char type = kBlockUncompressed);
  // An entry of the index block.
  void AddIndexEntry(absl::string_view key, absl::string_view value);
  // The file, with the index block that the entries make.
  std::string Finish();
  // With this index block, whose handle may be replaced.
  std::string FinishWith(absl::string_view index_contents,
                         char type = kBlockUncompressed,
                         const BlockHandle* index_handle = nullptr);

 private:
  std::string file_;
  std::vector<RawEntry> index_;
};

// A table of one data block with these entries.
std::string TableOf(const Entries& entries);

// Puts right the checksum of the index block and of every data block that the
// index names, as far as they lie in the file.
void FixTableChecksums(std::string* file);

// Puts right the checksums in the entries of a bundle's index whose bytes lie
// in `data`, for numbers.
void FixEntryChecksums(absl::string_view data, Entries* entries);

}  // namespace hostile
}  // namespace retrograph

#endif  // RETROGRAPH_TESTS_HOSTILE_TABLE_BYTES_H_
