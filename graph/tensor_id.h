// TensorId: an input as a NodeDef writes it: "a", "a:1", "^a".
#ifndef RETROGRAPH_GRAPH_TENSOR_ID_H_
#define RETROGRAPH_GRAPH_TENSOR_ID_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace retrograph {

constexpr int64_t kControlSlot = -1;

struct TensorId {
  absl::string_view node;
  int64_t index = 0;  // kControlSlot for "^a"

  bool is_control() const { return index == kControlSlot; }
  std::string ToString() const;  // "a:0", "^a"

  // "a:b" has no number and is the output 0 of a node "a:b"; a number beyond
  // int64 becomes INT64_MAX.
  static TensorId Parse(absl::string_view text);

  friend bool operator==(const TensorId& a, const TensorId& b) {
    return a.node == b.node && a.index == b.index;
  }
  template <typename H>
  friend H AbslHashValue(H h, const TensorId& id) {
    return H::combine(std::move(h), id.node, id.index);
  }
};

// The key of an input map or a return tensor, as Python splits it: "a", "a:1".
// ValueError "Cannot convert 'a:b' to a tensor name."
absl::StatusOr<TensorId> ParseTensorName(absl::string_view name);

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_TENSOR_ID_H_
