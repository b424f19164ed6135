// Numbers that a process gives away once: TensorFlow's ops.uid(), of which each
// graph and each tensor of a graph takes one, and which stands in the names of
// functions ("__inference_Dataset_map_parse_22").
//
// Threads: thread-safe.
#ifndef RETROGRAPH_GRAPH_UNIQUE_ID_H_
#define RETROGRAPH_GRAPH_UNIQUE_ID_H_

#include <cstdint>

namespace retrograph {

// Takes `count` numbers and returns the first; they begin with 0.
int64_t TakeUniqueIds(int64_t count = 1);

// While it lives, what this thread makes takes none: graphs that TensorFlow's
// Python would not see.
class WithoutUniqueIds {
 public:
  WithoutUniqueIds();
  ~WithoutUniqueIds();
  WithoutUniqueIds(const WithoutUniqueIds&) = delete;
  WithoutUniqueIds& operator=(const WithoutUniqueIds&) = delete;
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_UNIQUE_ID_H_
