#include "graph/operation_table.h"

#include "absl/hash/hash.h"

namespace retrograph {

OperationTable::~OperationTable() {
  for (auto& block : blocks_) delete[] block.load(std::memory_order_relaxed);
}

size_t OperationTable::HashOf(absl::string_view name) {
  return absl::Hash<absl::string_view>()(name);
}

Operation* OperationTable::Find(absl::string_view name) const {
  const auto it = by_name_.find(Key{HashOf(name), name});
  return it == by_name_.end() ? nullptr : it->op;
}

bool OperationTable::Append(Operation* op, int index) {
  if (!by_name_.insert(Entry{HashOf(op->name()), op}).second) return false;
  const Place place = PlaceOf(index);
  Operation** block = blocks_[place.block].load(std::memory_order_relaxed);
  if (block == nullptr) {
    block = new Operation*[size_t{1} << (place.block + kFirstBlockBits)];
    blocks_[place.block].store(block, std::memory_order_release);
  }
  block[place.offset] = op;
  return true;
}

void OperationTable::RemoveFrom(int begin, int end) {
  for (int i = begin; i < end; ++i) {
    const absl::string_view name = at(i)->name();
    by_name_.erase(by_name_.find(Key{HashOf(name), name}));
  }
}

}  // namespace retrograph
