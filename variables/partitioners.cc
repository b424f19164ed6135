#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

int64_t ElementSize(DataType dtype, int64_t bytes_per_string_element) {
  return dtype == DT_STRING ? bytes_per_string_element : DataTypeSize(dtype);
}

// Python's list index: negative counts from the end.
absl::StatusOr<int> AxisIndex(int axis, int rank) {
  const int index = axis < 0 ? axis + rank : axis;
  if (index >= 0 && index < rank) return index;
  return PythonError("IndexError", absl::StatusCode::kOutOfRange,
                     "list index out of range");
}

}  // namespace

Partitioner FixedSizePartitioner(int num_shards, int axis) {
  return [=](const TensorShape& shape,
             DataType) -> absl::StatusOr<std::vector<int>> {
    RG_ASSIGN_OR_RETURN(int i, AxisIndex(axis, shape.rank()));
    std::vector<int> partitions(shape.rank(), 1);
    partitions[i] =
        static_cast<int>(std::min<int64_t>(num_shards, shape.dim(i)));
    return partitions;
  };
}

Partitioner VariableAxisSizePartitioner(int64_t max_shard_bytes, int axis,
                                        int64_t bytes_per_string_element,
                                        absl::optional<int64_t> max_shards) {
  return [=](const TensorShape& shape,
             DataType dtype) -> absl::StatusOr<std::vector<int>> {
    if (max_shard_bytes < 1 || bytes_per_string_element < 1) {
      return ValueError(
          "Both max_shard_bytes and bytes_per_string_element must be "
          "positive.");
    }
    const int64_t limit = max_shards.value_or(0);  // 0 counts as none
    if (limit < 0) return ValueError("max_shards must be positive.");
    RG_ASSIGN_OR_RETURN(int i, AxisIndex(axis, shape.rank()));
    std::vector<int> partitions(shape.rank(), 1);
    const double rows = static_cast<double>(shape.dim(i));
    const double bytes_per_row =
        1.0 * (static_cast<double>(shape.num_elements()) / rows) *
        static_cast<double>(ElementSize(dtype, bytes_per_string_element));
    const double rows_per_shard = std::max(
        1.0, std::floor(static_cast<double>(max_shard_bytes) / bytes_per_row));
    int64_t shards = static_cast<int64_t>(std::ceil(rows / rows_per_shard));
    if (limit > 0) shards = std::min(limit, shards);
    partitions[i] = static_cast<int>(shards);
    return partitions;
  };
}

Partitioner MinMaxVariablePartitioner(int64_t max_partitions, int axis,
                                      int64_t min_slice_size,
                                      int64_t bytes_per_string_element) {
  return [=](const TensorShape& shape,
             DataType dtype) -> absl::StatusOr<std::vector<int>> {
    if (axis >= shape.rank()) {
      return ValueError(absl::StrCat("Can not partition variable along axis ",
                                     axis, " when shape is only ",
                                     shape.PythonString()));
    }
    RG_ASSIGN_OR_RETURN(int i, AxisIndex(axis, shape.rank()));
    const double bytes =
        static_cast<double>(shape.num_elements()) *
        static_cast<double>(ElementSize(dtype, bytes_per_string_element));
    const auto wanted = static_cast<int64_t>(
        std::ceil(bytes / static_cast<double>(min_slice_size)));
    std::vector<int> partitions(shape.rank(), 1);
    partitions[i] = static_cast<int>(
        std::max<int64_t>(1, std::min({shape.dim(i), max_partitions, wanted})));
    return partitions;
  };
}

}  // namespace retrograph
