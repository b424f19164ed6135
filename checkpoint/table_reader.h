// TableReader reads a table: a file of sorted keys with values in checksummed
// blocks, the form of LevelDB's tables, which a V2 index and a V1 checkpoint
// have. See table_format.h for the bytes.
//
// Every byte is checked before it is believed: block handles against the file's
// size, checksums, restart arrays, prefix lengths, Snappy lengths. No memory is
// taken beyond what the file's size justifies. LevelDB's own reader is not used
// since a crafted block handle crashes it.
//
// Example:
//   RG_ASSIGN_OR_RETURN(auto table, TableReader::Open(std::move(file)));
//   TableReader::Iterator it(table.get());
//   for (it.Seek(""); it.Valid(); it.Next()) Use(it.key(), it.value());
//   RG_RETURN_IF_ERROR(it.status());
//
// Threads: a TableReader may be used from several threads, an Iterator by one.
#ifndef RETROGRAPH_CHECKPOINT_TABLE_READER_H_
#define RETROGRAPH_CHECKPOINT_TABLE_READER_H_

#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "checkpoint/table_format.h"
#include "core/file_system.h"

namespace retrograph {

// The decoded contents of a block, and a cursor over its entries.
class TableBlock;
class TableBlockIterator;

class TableReader {
 public:
  // Reads the footer and the index block. DataLoss, in TensorFlow's words:
  // "file is too short to be an sstable", "not an sstable (bad magic number)",
  // "block checksum mismatch", ...
  static absl::StatusOr<std::unique_ptr<TableReader>> Open(
      std::unique_ptr<RandomAccessFile> file);
  ~TableReader();
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  // Walks the entries in the order of the file. key() and value() are valid
  // until the next move. A walk is no longer than the file: data blocks that
  // overlap or go backwards, which no writer makes, are DataLoss.
  class Iterator {
   public:
    explicit Iterator(const TableReader* table);
    ~Iterator();
    // To the first entry whose key is not less than `key`.
    void Seek(absl::string_view key);
    void Next();
    // False at the end, or after an error: see status().
    bool Valid() const;
    absl::string_view key() const;
    absl::string_view value() const;
    absl::Status status() const;

   private:
    void SkipEmptyBlocks();
    void LoadBlock();
    const TableReader* const table_;
    std::unique_ptr<TableBlockIterator> index_;
    std::unique_ptr<TableBlockIterator> data_;
    uint64_t blocks_end_ = 0;  // of those that were walked through
    absl::Status status_;
  };

 private:
  friend class Iterator;
  TableReader(std::unique_ptr<RandomAccessFile> file, uint64_t file_size);
  absl::StatusOr<std::shared_ptr<const TableBlock>> ReadBlock(
      const BlockHandle& handle) const;
  // The same through a small cache, so that looking up keys one by one does not
  // read a block for each.
  absl::StatusOr<std::shared_ptr<const TableBlock>> CachedBlock(
      const BlockHandle& handle) const;

  const std::unique_ptr<RandomAccessFile> file_;
  const uint64_t file_size_;
  std::shared_ptr<const TableBlock> index_block_;

  struct CacheEntry {
    uint64_t offset;
    std::shared_ptr<const TableBlock> block;
  };
  mutable absl::Mutex mu_;
  mutable std::list<CacheEntry> cache_ ABSL_GUARDED_BY(mu_);  // newest first
  mutable size_t cache_bytes_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_TABLE_READER_H_
