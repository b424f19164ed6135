#include "checkpoint/table_block.h"

#include <utility>

#include "checkpoint/table_format.h"

namespace retrograph {
namespace {

struct EntryHeader {
  uint32_t shared = 0;
  uint32_t unshared = 0;
  uint32_t value_length = 0;
};

// Takes an entry's header off `input`; false if it, or the key and value that
// it announces, do not fit.
bool ReadEntryHeader(absl::string_view* input, EntryHeader* header) {
  return ReadVarint32(input, &header->shared) &&
         ReadVarint32(input, &header->unshared) &&
         ReadVarint32(input, &header->value_length) &&
         static_cast<uint64_t>(header->unshared) + header->value_length <=
             input->size();
}

}  // namespace

TableBlock::TableBlock(std::string contents) : contents_(std::move(contents)) {
  const size_t size = contents_.size();
  if (size < sizeof(uint32_t) || size > UINT32_MAX) return;
  num_restarts_ = DecodeFixed32(contents_.data() + size - sizeof(uint32_t));
  if (num_restarts_ == 0 || num_restarts_ > size / sizeof(uint32_t) - 1) return;
  restarts_offset_ =
      static_cast<uint32_t>(size - (1 + num_restarts_) * sizeof(uint32_t));
  for (uint32_t i = 0; i < num_restarts_; ++i) {
    if (restart(i) > restarts_offset_) return;
  }
  ok_ = true;
}

uint32_t TableBlock::restart(uint32_t i) const {
  return DecodeFixed32(contents_.data() + restarts_offset_ +
                       i * sizeof(uint32_t));
}

TableBlockIterator::TableBlockIterator(std::shared_ptr<const TableBlock> block)
    : block_(std::move(block)) {
  if (!block_->ok()) status_ = absl::DataLossError("bad block contents");
}

void TableBlockIterator::Fail() {
  valid_ = false;
  key_.clear();
  value_ = absl::string_view();
  status_ = absl::DataLossError("bad entry in block");
}

void TableBlockIterator::StartAt(uint32_t restart) {
  valid_ = false;
  key_.clear();
  next_ = block_->restart(restart);
}

void TableBlockIterator::SeekToFirst() {
  if (!status_.ok()) return;
  StartAt(0);
  Next();
}

void TableBlockIterator::Next() {
  if (!status_.ok()) return;
  absl::string_view input = block_->entries().substr(next_);
  if (input.empty()) {
    valid_ = false;
    return;
  }
  EntryHeader header;
  if (!ReadEntryHeader(&input, &header) || header.shared > key_.size()) {
    Fail();
    return;
  }
  key_.resize(header.shared);
  key_.append(input.data(), header.unshared);
  value_ = input.substr(header.unshared, header.value_length);
  next_ = static_cast<uint32_t>(value_.data() + value_.size() -
                                block_->entries().data());
  valid_ = true;
}

bool TableBlockIterator::KeyAtRestart(uint32_t restart,
                                      absl::string_view* key) const {
  absl::string_view input = block_->entries().substr(block_->restart(restart));
  EntryHeader header;
  if (!ReadEntryHeader(&input, &header) || header.shared != 0) return false;
  *key = input.substr(0, header.unshared);
  return true;
}

void TableBlockIterator::Seek(absl::string_view target) {
  if (!status_.ok()) return;
  // The last restart whose key is less than the target, or the first one.
  uint32_t left = 0;
  uint32_t right = block_->num_restarts() - 1;
  while (left < right) {
    const uint32_t middle = left + (right - left + 1) / 2;
    absl::string_view key;
    if (!KeyAtRestart(middle, &key)) {
      Fail();
      return;
    }
    if (key < target) {
      left = middle;
    } else {
      right = middle - 1;
    }
  }
  StartAt(left);
  do {
    Next();
  } while (valid_ && absl::string_view(key_) < target);
}

}  // namespace retrograph
