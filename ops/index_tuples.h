// Index tuples: what the last axis of an index tensor holds, as GatherNd and
// ScatterNd take it. Private to ops/.
#ifndef RETROGRAPH_OPS_INDEX_TUPLES_H_
#define RETROGRAPH_OPS_INDEX_TUPLES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "core/tensor.h"
#include "ops/data_movement.h"

namespace retrograph {

struct IndexTuples {
  std::vector<int64_t> values;
  int64_t depth = 0, count = 0;
  TensorShape shape;  // without that axis

  // `indices` has one axis at least.
  explicit IndexTuples(const Tensor& indices)
      : values(IntegerValues(indices)), shape(indices.shape()) {
    depth = shape.dim(shape.rank() - 1);
    shape.RemoveDim(shape.rank() - 1);
    count = shape.num_elements();
  }
  // "1, 2"
  std::string Text(int64_t i, const char* separator = ", ") const {
    return absl::StrJoin(values.begin() + i * depth,
                         values.begin() + (i + 1) * depth, separator);
  }
  // The place of tuple i among the slices of a tensor, -1 if it is outside.
  int64_t Place(int64_t i, const TensorShape& of) const {
    int64_t place = 0;
    for (int64_t d = 0; d < depth; ++d) {
      const int64_t at = values[i * depth + d];
      if (at < 0 || at >= of.dim(d)) return -1;
      place = place * of.dim(d) + at;
    }
    return place;
  }
};

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_INDEX_TUPLES_H_
