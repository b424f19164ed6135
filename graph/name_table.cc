#include "graph/name_table.h"

#include <algorithm>
#include <cstring>

#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace retrograph {

NameTable::Entry NameTable::Probe(absl::string_view key) {
  return Entry{absl::Hash<absl::string_view>()(key), key.data(),
               static_cast<uint32_t>(key.size()), 0};
}

const char* NameTable::Store(absl::string_view key) {
  if (blocks_.empty() || block_used_ + key.size() > block_size_) {
    constexpr size_t kBlockSize = 32 << 10;
    block_size_ = std::max(kBlockSize, key.size());
    blocks_.push_back(std::make_unique<char[]>(block_size_));
    block_used_ = 0;
  }
  char* place = blocks_.back().get() + block_used_;
  std::memcpy(place, key.data(), key.size());
  block_used_ += key.size();
  return place;
}

void NameTable::Insert(const Entry& probe, int32_t count) {
  entries_.insert(Entry{probe.hash, Store(probe.key()), probe.size, count});
}

std::string NameTable::MakeUnique(std::string name, bool mark_as_used) {
  lower_ = name;
  absl::AsciiStrToLower(&lower_);
  const Entry probe = Probe(lower_);
  const auto it = entries_.find(probe);
  if (it == entries_.end()) {
    if (mark_as_used) Insert(probe, 1);
    return name;
  }
  int32_t i = it->count;
  if (mark_as_used) it->count = i + 1;
  std::string candidate;
  Entry candidate_probe;
  do {
    candidate = absl::StrCat(lower_, "_", i++);
    candidate_probe = Probe(candidate);
  } while (entries_.contains(candidate_probe));
  if (mark_as_used) Insert(candidate_probe, 1);
  absl::StrAppend(&name, "_", i - 1);
  return name;
}

void NameTable::Mark(absl::string_view name) {
  lower_.assign(name.data(), name.size());
  absl::AsciiStrToLower(&lower_);
  const Entry probe = Probe(lower_);
  if (!entries_.contains(probe)) Insert(probe, 1);
}

}  // namespace retrograph
