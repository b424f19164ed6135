// NameTable: the names that a graph has given out, and how often.
//
// Names that differ only in case collide, as in TensorFlow, whose Saver and
// summaries become files on systems that do not tell cases apart.
//
// A million names take some 50 bytes each: keys lie in blocks, hashes are kept.
// Threads: the caller locks.
#ifndef RETROGRAPH_GRAPH_NAME_TABLE_H_
#define RETROGRAPH_GRAPH_NAME_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace retrograph {

class NameTable {
 public:
  // tf.Graph.unique_name: `name`, or `name`_1, _2, ... if it is in use. Without
  // `mark_as_used` nothing changes.
  std::string MakeUnique(std::string name, bool mark_as_used);
  // Takes note of a name that was chosen elsewhere (an import).
  void Mark(absl::string_view name);

 private:
  struct Entry {
    size_t hash;
    const char* data;
    uint32_t size;
    // How often the name was asked for: where the search for a free number
    // starts.
    mutable int32_t count;

    absl::string_view key() const { return {data, size}; }
  };
  struct Hash {
    size_t operator()(const Entry& e) const { return e.hash; }
  };
  struct Equal {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.hash == b.hash && a.key() == b.key();
    }
  };

  static Entry Probe(absl::string_view key);
  void Insert(const Entry& probe, int32_t count);
  const char* Store(absl::string_view key);

  absl::flat_hash_set<Entry, Hash, Equal> entries_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_used_ = 0;
  size_t block_size_ = 0;
  std::string lower_;  // scratch
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_NAME_TABLE_H_
