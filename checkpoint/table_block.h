// A block of a table in memory, and a cursor over its entries.
#ifndef RETROGRAPH_CHECKPOINT_TABLE_BLOCK_H_
#define RETROGRAPH_CHECKPOINT_TABLE_BLOCK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace retrograph {

// Owns a block's uncompressed contents. The restart array is checked here,
// once: it fits, it is not empty, and every restart lies in the entries.
class TableBlock {
 public:
  explicit TableBlock(std::string contents);

  // False if the restart array makes no sense.
  bool ok() const { return ok_; }
  size_t size() const { return contents_.size(); }
  absl::string_view entries() const {
    return absl::string_view(contents_).substr(0, restarts_offset_);
  }
  uint32_t num_restarts() const { return num_restarts_; }
  uint32_t restart(uint32_t i) const;

 private:
  const std::string contents_;
  bool ok_ = false;
  uint32_t restarts_offset_ = 0;
  uint32_t num_restarts_ = 0;
};

// Walks a block's entries. Stops with DataLoss "bad entry in block" at the
// first entry that does not fit.
class TableBlockIterator {
 public:
  explicit TableBlockIterator(std::shared_ptr<const TableBlock> block);

  void SeekToFirst();
  // To the first entry whose key is not less than `key`: a binary search of the
  // restarts, then a walk.
  void Seek(absl::string_view key);
  void Next();
  bool Valid() const { return valid_; }
  absl::string_view key() const { return key_; }
  absl::string_view value() const { return value_; }
  const absl::Status& status() const { return status_; }

 private:
  void StartAt(uint32_t restart);
  void Fail();
  // The whole key at a restart; false if the entry there is damaged.
  bool KeyAtRestart(uint32_t restart, absl::string_view* key) const;

  const std::shared_ptr<const TableBlock> block_;
  uint32_t next_ = 0;  // offset of the entry after the current one
  bool valid_ = false;
  std::string key_;
  absl::string_view value_;
  absl::Status status_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_TABLE_BLOCK_H_
