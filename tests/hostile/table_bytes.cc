#include "tests/hostile/table_bytes.h"

#include <cstring>

#include "core/crc32c.h"
#include "proto/tensor_bundle.pb.h"

namespace retrograph {
namespace hostile {
namespace {

// No input of a fuzzer makes more work than this.
constexpr int kMaxFixedBlocks = 64;

void PutFixed32(uint32_t value, char* at) {
  std::string bytes;
  AppendFixed32(&bytes, value);
  std::memcpy(at, bytes.data(), bytes.size());
}

// Whether the block and its trailer lie in the file.
bool InFile(const std::string& file, const BlockHandle& handle) {
  return handle.offset <= file.size() && handle.size <= file.size() &&
         handle.size + kBlockTrailerSize <= file.size() - handle.offset;
}

void FixBlock(const BlockHandle& handle, std::string* file) {
  if (!InFile(*file, handle)) return;
  char* const block = &(*file)[handle.offset];
  const absl::string_view covered(block, handle.size + 1);
  PutFixed32(crc32c::Mask(crc32c::Value(covered)), block + handle.size + 1);
}

// The handles that an uncompressed index block holds, read without trust.
std::vector<BlockHandle> HandlesIn(absl::string_view block) {
  std::vector<BlockHandle> handles;
  while (handles.size() < kMaxFixedBlocks) {
    uint32_t shared, unshared, length;
    if (!ReadVarint32(&block, &shared) || !ReadVarint32(&block, &unshared) ||
        !ReadVarint32(&block, &length) || unshared > block.size() ||
        length > block.size() - unshared) {
      break;
    }
    absl::string_view value = block.substr(unshared, length);
    block.remove_prefix(unshared + length);
    BlockHandle handle;
    if (!ReadBlockHandle(&value, &handle)) break;
    handles.push_back(handle);
  }
  return handles;
}

}  // namespace

RawEntry PlainEntry(absl::string_view key, absl::string_view value) {
  RawEntry entry;
  entry.unshared = key.size();
  entry.value_length = value.size();
  entry.bytes.append(key.data(), key.size());
  entry.bytes.append(value.data(), value.size());
  return entry;
}

std::string RawBlock(const std::vector<RawEntry>& entries,
                     const std::vector<uint32_t>& restarts,
                     uint32_t num_restarts) {
  std::string block;
  for (const RawEntry& entry : entries) {
    AppendVarint64(&block, entry.shared);
    AppendVarint64(&block, entry.unshared);
    AppendVarint64(&block, entry.value_length);
    block += entry.bytes;
  }
  for (const uint32_t restart : restarts) AppendFixed32(&block, restart);
  AppendFixed32(&block, num_restarts);
  return block;
}

std::string RawBlock(const std::vector<RawEntry>& entries,
                     const std::vector<uint32_t>& restarts) {
  return RawBlock(entries, restarts, static_cast<uint32_t>(restarts.size()));
}

std::string PlainBlock(const Entries& entries) {
  std::vector<RawEntry> raw;
  for (const auto& [key, value] : entries) {
    raw.push_back(PlainEntry(key, value));
  }
  return RawBlock(raw);
}

std::string EncodeHandle(const BlockHandle& handle) {
  std::string bytes;
  AppendVarint64(&bytes, handle.offset);
  AppendVarint64(&bytes, handle.size);
  return bytes;
}

BlockHandle RawTable::AddBlock(absl::string_view contents, char type) {
  const BlockHandle handle{file_.size(), contents.size()};
  file_.append(contents.data(), contents.size());
  file_.push_back(type);
  const absl::string_view covered(file_.data() + handle.offset,
                                  contents.size() + 1);
  AppendFixed32(&file_, crc32c::Mask(crc32c::Value(covered)));
  return handle;
}

void RawTable::AddIndexEntry(absl::string_view key, absl::string_view value) {
  index_.push_back(PlainEntry(key, value));
}

std::string RawTable::Finish() { return FinishWith(RawBlock(index_)); }

std::string RawTable::FinishWith(absl::string_view index_contents, char type,
                                 const BlockHandle* index_handle) {
  const BlockHandle metaindex = AddBlock(RawBlock({}));
  const BlockHandle index = AddBlock(index_contents, type);
  std::string footer = EncodeHandle(metaindex);
  footer += EncodeHandle(index_handle != nullptr ? *index_handle : index);
  footer.resize(kTableFooterSize - sizeof(kTableMagicNumber));
  AppendFixed32(&footer, static_cast<uint32_t>(kTableMagicNumber));
  AppendFixed32(&footer, static_cast<uint32_t>(kTableMagicNumber >> 32));
  return file_ + footer;
}

std::string TableOf(const Entries& entries) {
  RawTable table;
  const BlockHandle block = table.AddBlock(PlainBlock(entries));
  const std::string last = entries.empty() ? "" : entries.rbegin()->first;
  table.AddIndexEntry(last + "\xff", EncodeHandle(block));
  return table.Finish();
}

void FixTableChecksums(std::string* file) {
  if (file->size() < kTableFooterSize) return;
  absl::string_view footer(file->data() + file->size() - kTableFooterSize,
                           kTableFooterSize);
  BlockHandle metaindex, index;
  if (!ReadBlockHandle(&footer, &metaindex) ||
      !ReadBlockHandle(&footer, &index) || !InFile(*file, index)) {
    return;
  }
  const std::string contents = file->substr(index.offset, index.size);
  for (const BlockHandle& handle : HandlesIn(contents)) FixBlock(handle, file);
  FixBlock(index, file);
}

void FixEntryChecksums(absl::string_view data, Entries* entries) {
  for (auto& [key, value] : *entries) {
    BundleEntryProto entry;
    if (key.empty() || !entry.ParseFromString(value) || entry.offset() < 0 ||
        entry.size() < 0 ||
        static_cast<uint64_t>(entry.offset()) > data.size() ||
        static_cast<uint64_t>(entry.size()) > data.size() - entry.offset()) {
      continue;
    }
    entry.set_crc32c(crc32c::Mask(
        crc32c::Value(data.substr(entry.offset(), entry.size()))));
    value = entry.SerializeAsString();
  }
}

}  // namespace hostile
}  // namespace retrograph
