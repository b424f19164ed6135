#include "ops/reduce.h"

#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/data_movement.h"

namespace retrograph {

absl::StatusOr<ReductionPlan> PlanReduction(const TensorShape& input,
                                            const Tensor& axes,
                                            bool keep_dims) {
  std::vector<bool> reduced(input.rank(), false);
  for (const int64_t axis : IntegerValues(axes)) {
    if (axis < -input.rank() || axis >= input.rank()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Invalid reduction dimension (", axis,
                       " for input with ", input.rank(), " dimension(s)"));
    }
    reduced[axis < 0 ? axis + input.rank() : axis] = true;
  }
  ReductionPlan plan;
  bool last_reduced = false;
  for (int i = 0; i < input.rank(); ++i) {
    const int64_t size = input.dim(i);
    if (!reduced[i]) {
      plan.output_shape.AddDim(size);
    } else {
      plan.reduced_count *= size;
      if (keep_dims) plan.output_shape.AddDim(1);
    }
    if (size == 1) continue;  // joins any neighbour
    if (plan.dims.empty()) {
      plan.first_is_reduced = reduced[i];
    } else if (reduced[i] == last_reduced) {
      plan.dims.back() *= size;
      continue;
    }
    plan.dims.push_back(size);
    last_reduced = reduced[i];
  }
  return plan;
}

void MoveReducedLast(const void* from, void* to, size_t element_size,
                     const ReductionPlan& plan) {
  const int rank = static_cast<int>(plan.dims.size());
  std::vector<int64_t> stride(rank, 1);
  for (int i = rank - 2; i >= 0; --i) {
    stride[i] = stride[i + 1] * plan.dims[i + 1];
  }
  // Kept dimensions, then the reduced ones.
  std::vector<int> order;
  for (const bool want_reduced : {false, true}) {
    for (int i = 0; i < rank; ++i) {
      const bool is_reduced = (i % 2 == 0) == plan.first_is_reduced;
      if (is_reduced == want_reduced) order.push_back(i);
    }
  }
  std::vector<int64_t> index(rank, 0);
  const char* source = static_cast<const char*>(from);
  char* target = static_cast<char*>(to);
  const int64_t count = plan.output_shape.num_elements() * plan.reduced_count;
  int64_t at = 0;
  for (int64_t n = 0; n < count; ++n) {
    std::memcpy(target + n * element_size, source + at * element_size,
                element_size);
    for (int k = rank - 1; k >= 0; --k) {
      const int i = order[k];
      at += stride[i];
      if (++index[i] < plan.dims[i]) break;
      at -= stride[i] * plan.dims[i];
      index[i] = 0;
    }
  }
}

}  // namespace retrograph
