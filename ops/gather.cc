#include "ops/gather.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/data_movement.h"
#include "ops/scatter.h"

namespace retrograph {

absl::StatusOr<Tensor> GatherRows(const Tensor& params, const Tensor& indices,
                                  int axis, int batch_dims) {
  const TensorShape& shape = params.shape();
  std::vector<int64_t> dims;
  // batch: axes in common; outer: between them and `axis`; inner: after it.
  int64_t batch = 1, outer = 1, inner = 1, chosen = 1;
  for (int d = 0; d < axis; ++d) {
    (d < batch_dims ? batch : outer) *= shape.dim(d);
    dims.push_back(shape.dim(d));
  }
  for (int d = batch_dims; d < indices.shape().rank(); ++d) {
    chosen *= indices.shape().dim(d);
    dims.push_back(indices.shape().dim(d));
  }
  for (int d = axis + 1; d < shape.rank(); ++d) {
    inner *= shape.dim(d);
    dims.push_back(shape.dim(d));
  }
  const int64_t rows = shape.dim(axis);
  const std::vector<int64_t> rows_wanted = IntegerValues(indices);
  for (size_t i = 0; i < rows_wanted.size(); ++i) {
    if (rows_wanted[i] < 0 || rows_wanted[i] >= rows) {
      return absl::InvalidArgumentError(absl::StrCat(
          "indices", SlicePosition(indices.shape(), i), " = ", rows_wanted[i],
          " is not in [0, ", rows, ")"));
    }
  }
  RG_ASSIGN_OR_RETURN(TensorShape result_shape, TensorShape::Create(dims));
  RG_ASSIGN_OR_RETURN(Tensor result,
                      Tensor::Allocate(params.dtype(), result_shape));
  if (result.num_elements() == 0) return result;
  WithElementType(params.dtype(), [&](auto element) {
    using T = decltype(element);
    const T* from = Elements<T>(params);
    T* to = MutableElements<T>(&result);
    for (int64_t b = 0; b < batch; ++b) {
      const int64_t* wanted = rows_wanted.data() + b * chosen;
      for (int64_t o = 0; o < outer; ++o) {
        const T* block = from + (b * outer + o) * rows * inner;
        for (int64_t i = 0; i < chosen; ++i, to += inner) {
          const T* row = block + wanted[i] * inner;
          std::copy(row, row + inner, to);
        }
      }
    }
  });
  return result;
}

}  // namespace retrograph
