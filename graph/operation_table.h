// OperationTable: a graph's operations, by index and by name.
//
// Reading by index takes no lock while another thread appends: the table grows
// by blocks that never move, and the number of operations is published last.
// Look-up by name and changes are locked by the caller.
#ifndef RETROGRAPH_GRAPH_OPERATION_TABLE_H_
#define RETROGRAPH_GRAPH_OPERATION_TABLE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/numeric/bits.h"
#include "absl/strings/string_view.h"
#include "graph/operation.h"

namespace retrograph {

class OperationTable {
 public:
  OperationTable() = default;
  ~OperationTable();
  OperationTable(const OperationTable&) = delete;
  OperationTable& operator=(const OperationTable&) = delete;

  // Any thread, for an index below the size that the reader has seen published.
  Operation* at(int index) const {
    const Place place = PlaceOf(index);
    return blocks_[place.block].load(std::memory_order_acquire)[place.offset];
  }

  Operation* Find(absl::string_view name) const;  // null if absent
  // False if the name is taken; then nothing changes.
  bool Append(Operation* op, int index);
  // Takes operations [begin, end) out again, which nobody has seen yet.
  void RemoveFrom(int begin, int end);

 private:
  // Block k holds 2^(k + 10) operations.
  static constexpr int kFirstBlockBits = 10;
  static constexpr int kBlocks = 21;
  struct Place {
    int block;
    size_t offset;
  };
  static Place PlaceOf(int index) {
    const uint64_t n =
        static_cast<uint64_t>(index) + (uint64_t{1} << kFirstBlockBits);
    const int bits = absl::bit_width(n) - 1;
    return {bits - kFirstBlockBits,
            static_cast<size_t>(n - (uint64_t{1} << bits))};
  }

  // Hashes are kept, so that growing does not touch the operations.
  struct Entry {
    size_t hash;
    Operation* op;
  };
  struct Key {
    size_t hash;
    absl::string_view name;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const Entry& e) const { return e.hash; }
    size_t operator()(const Key& k) const { return k.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Entry& a, const Entry& b) const {
      return a.hash == b.hash && a.op->name() == b.op->name();
    }
    bool operator()(const Entry& a, const Key& b) const {
      return a.hash == b.hash && a.op->name() == b.name;
    }
  };
  static size_t HashOf(absl::string_view name);

  std::array<std::atomic<Operation**>, kBlocks> blocks_{};
  absl::flat_hash_set<Entry, Hash, Equal> by_name_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_OPERATION_TABLE_H_
