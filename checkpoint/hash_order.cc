#include "checkpoint/hash_order.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <list>
#include <unordered_set>

#include "checkpoint/v1_reader.h"

namespace retrograph {
namespace {

// The table keeps one list of all nodes, those of a bucket together. A new
// node goes before the others of its bucket, or first of all if there are none.
class NodeList {
 public:
  void Add(size_t name, size_t hash) {
    // A table that the new node would fill grows to twice its size first.
    if (size_ + 1 >= buckets_.size()) {
      Rehash(NextBucketCount(std::max(size_ + 2, 2 * buckets_.size())));
    }
    Place({name, hash});
    ++size_;
  }
  struct Node {
    size_t name;
    size_t hash;
  };
  const std::list<Node>& nodes() const { return nodes_; }

 private:
  static size_t NextBucketCount(size_t n) {
    static constexpr size_t kSmall[] = {2,  2,  3,  5,  5,  7, 7,
                                        11, 11, 11, 11, 13, 13};
    if (n < std::size(kSmall)) return kSmall[n];
    // The table of larger primes is the same in all versions of the library.
    std::unordered_set<int> table;
    table.rehash(n);
    return table.bucket_count();
  }
  void Place(const Node& node) {
    auto& first = buckets_[node.hash % buckets_.size()];
    first = nodes_.insert(first == nodes_.end() ? nodes_.begin() : first, node);
  }
  void Rehash(size_t n) {
    std::list<Node> old;
    old.swap(nodes_);
    buckets_.assign(n, nodes_.end());
    for (const Node& node : old) Place(node);
  }

  std::list<Node> nodes_;
  // The first node of each bucket; end() if it is empty.
  std::vector<std::list<Node>::iterator> buckets_{1, nodes_.end()};
  size_t size_ = 0;
};

}  // namespace

std::vector<std::string> InHashOrder(const std::vector<std::string>& names) {
  NodeList list;
  std::unordered_set<std::string> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    if (seen.insert(names[i]).second) {
      list.Add(i, std::hash<std::string>()(names[i]));
    }
  }
  std::vector<std::string> ordered;
  ordered.reserve(names.size());
  for (const auto& node : list.nodes()) ordered.push_back(names[node.name]);
  return ordered;
}

std::vector<std::string> ListedNames(const CheckpointReader& reader) {
  // A V1 file's list goes through two tables.
  return InHashOrder(reader.is_v2() ? reader.names()
                                    : reader.v1()->ListedNames());
}

}  // namespace retrograph
