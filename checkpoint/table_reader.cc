#include "checkpoint/table_reader.h"

#include <utility>

#include "absl/memory/memory.h"
#include "checkpoint/table_block.h"
#include "core/crc32c.h"
#include "core/errors.h"
#include "snappy.h"

namespace retrograph {
namespace {

// Decoded data blocks that are kept. A block holds some thousand entries.
constexpr size_t kCacheBytes = 8 << 20;

// Snappy cannot expand more than this: a copy of 64 bytes takes 3.
constexpr uint64_t kMaxSnappyRatio = 22;

absl::StatusOr<std::string> Uncompress(absl::string_view data) {
  size_t length;
  if (!snappy::GetUncompressedLength(data.data(), data.size(), &length) ||
      length / kMaxSnappyRatio > data.size()) {
    return absl::DataLossError("corrupted compressed block contents");
  }
  std::string result(length, '\0');
  if (!snappy::RawUncompress(data.data(), data.size(), &result[0])) {
    return absl::DataLossError("corrupted compressed block contents");
  }
  return result;
}

absl::StatusOr<BlockHandle> ParseFooter(absl::string_view footer) {
  if (DecodeFixed64(footer.data() + footer.size() - 8) != kTableMagicNumber) {
    return absl::DataLossError("not an sstable (bad magic number)");
  }
  BlockHandle metaindex, index;
  if (!ReadBlockHandle(&footer, &metaindex) ||
      !ReadBlockHandle(&footer, &index)) {
    return absl::DataLossError("bad block handle");
  }
  return index;
}

}  // namespace

TableReader::TableReader(std::unique_ptr<RandomAccessFile> file,
                         uint64_t file_size)
    : file_(std::move(file)), file_size_(file_size) {}

TableReader::~TableReader() = default;

absl::StatusOr<std::unique_ptr<TableReader>> TableReader::Open(
    std::unique_ptr<RandomAccessFile> file) {
  RG_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  if (size < kTableFooterSize) {
    return absl::DataLossError("file is too short to be an sstable");
  }
  char footer[kTableFooterSize];
  RG_ASSIGN_OR_RETURN(const size_t read, file->Read(size - kTableFooterSize,
                                                    kTableFooterSize, footer));
  if (read != kTableFooterSize) {
    return absl::OutOfRangeError("Read less bytes than requested");
  }
  RG_ASSIGN_OR_RETURN(const BlockHandle index,
                      ParseFooter(absl::string_view(footer, read)));
  auto table = absl::WrapUnique(new TableReader(std::move(file), size));
  RG_ASSIGN_OR_RETURN(table->index_block_, table->ReadBlock(index));
  return table;
}

absl::StatusOr<std::shared_ptr<const TableBlock>> TableReader::ReadBlock(
    const BlockHandle& handle) const {
  // The checks come before anything is allocated.
  if (handle.size > UINT64_MAX - kBlockTrailerSize) {
    return absl::DataLossError("handle.size() too big");
  }
  const uint64_t length = handle.size + kBlockTrailerSize;
  if (handle.offset > file_size_ || length > file_size_ - handle.offset) {
    return absl::OutOfRangeError("Read less bytes than requested");
  }
  std::string bytes(length, '\0');
  RG_ASSIGN_OR_RETURN(const size_t read,
                      file_->Read(handle.offset, length, &bytes[0]));
  if (read != length) return absl::DataLossError("truncated block read");

  const char* trailer = bytes.data() + handle.size;
  const uint32_t stored = crc32c::Unmask(DecodeFixed32(trailer + 1));
  if (crc32c::Value(absl::string_view(bytes.data(), handle.size + 1)) !=
      stored) {
    return absl::DataLossError("block checksum mismatch");
  }
  const char type = *trailer;
  bytes.resize(handle.size);
  if (type == kBlockSnappy) {
    RG_ASSIGN_OR_RETURN(bytes, Uncompress(bytes));
  } else if (type != kBlockUncompressed) {
    return absl::DataLossError("bad block type");
  }
  return std::make_shared<const TableBlock>(std::move(bytes));
}

absl::StatusOr<std::shared_ptr<const TableBlock>> TableReader::CachedBlock(
    const BlockHandle& handle) const {
  {
    absl::MutexLock lock(&mu_);
    for (auto it = cache_.begin(); it != cache_.end(); ++it) {
      if (it->offset != handle.offset) continue;
      cache_.splice(cache_.begin(), cache_, it);
      return cache_.front().block;
    }
  }
  RG_ASSIGN_OR_RETURN(std::shared_ptr<const TableBlock> block,
                      ReadBlock(handle));
  absl::MutexLock lock(&mu_);
  cache_.push_front({handle.offset, block});
  cache_bytes_ += block->size();
  while (cache_bytes_ > kCacheBytes && cache_.size() > 1) {
    cache_bytes_ -= cache_.back().block->size();
    cache_.pop_back();
  }
  return block;
}

TableReader::Iterator::Iterator(const TableReader* table)
    : table_(table),
      index_(std::make_unique<TableBlockIterator>(table->index_block_)) {}

TableReader::Iterator::~Iterator() = default;

void TableReader::Iterator::LoadBlock() {
  data_.reset();
  if (!index_->Valid()) return;
  absl::string_view encoded = index_->value();
  BlockHandle handle;
  if (!ReadBlockHandle(&encoded, &handle)) {
    status_ = absl::DataLossError("bad block handle");
    return;
  }
  absl::StatusOr<std::shared_ptr<const TableBlock>> block =
      table_->CachedBlock(handle);
  if (!block.ok()) {
    status_ = block.status();
    return;
  }
  if (handle.offset < blocks_end_) {
    status_ = absl::DataLossError("blocks of the table overlap");
    return;
  }
  blocks_end_ = handle.offset + handle.size + kBlockTrailerSize;
  data_ = std::make_unique<TableBlockIterator>(*std::move(block));
}

// Moves on while the data block has no entry left. Each step consumes an entry
// of the index block, so this ends.
void TableReader::Iterator::SkipEmptyBlocks() {
  while (status_.ok() && data_ != nullptr && !data_->Valid()) {
    if (!data_->status().ok()) {
      status_ = data_->status();
      return;
    }
    index_->Next();
    LoadBlock();
    if (data_ != nullptr) data_->SeekToFirst();
  }
}

void TableReader::Iterator::Seek(absl::string_view key) {
  status_ = absl::OkStatus();
  blocks_end_ = 0;
  index_->Seek(key);
  LoadBlock();
  if (data_ != nullptr) data_->Seek(key);
  SkipEmptyBlocks();
}

void TableReader::Iterator::Next() {
  data_->Next();
  SkipEmptyBlocks();
}

bool TableReader::Iterator::Valid() const {
  return status_.ok() && data_ != nullptr && data_->Valid();
}

absl::string_view TableReader::Iterator::key() const { return data_->key(); }
absl::string_view TableReader::Iterator::value() const {
  return data_->value();
}

absl::Status TableReader::Iterator::status() const {
  if (!status_.ok()) return status_;
  return index_->status();
}

}  // namespace retrograph
