#include "ops/data_movement.h"

#include <algorithm>

#include "core/check.h"

namespace retrograph {

void CopyElements(const Tensor& from, int64_t from_start, int64_t count,
                  Tensor* to, int64_t to_start) {
  if (count == 0) return;
  WithElementType(from.dtype(), [&](auto element) {
    using T = decltype(element);
    const T* source = Elements<T>(from) + from_start;
    std::copy(source, source + count, MutableElements<T>(to) + to_start);
  });
}

namespace {

// Whether the table says 0, 1, 2, ...: a run that is copied as one.
bool IsRun(const std::vector<int64_t>& table) {
  for (size_t i = 0; i < table.size(); ++i) {
    if (table[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

// One row along the last axis; base is the sum of the other axes' offsets.
template <typename T>
void CopyRow(const T* from, int64_t base, const std::vector<int64_t>& last,
             bool is_run, const T* fill, T* to) {
  const size_t size = last.size();
  if (base == kFillOffset) {
    std::fill_n(to, size, *fill);
  } else if (is_run) {
    std::copy(from + base, from + base + size, to);
  } else if (fill == nullptr) {
    for (size_t i = 0; i < size; ++i) to[i] = from[base + last[i]];
  } else {
    for (size_t i = 0; i < size; ++i) {
      to[i] = last[i] == kFillOffset ? *fill : from[base + last[i]];
    }
  }
}

}  // namespace

void CopyByOffsets(const Tensor& from,
                   const std::vector<std::vector<int64_t>>& offsets,
                   const Tensor* fill, Tensor* out) {
  if (out->num_elements() == 0) return;
  if (offsets.empty()) {
    CopyElements(from, 0, 1, out, 0);
    return;
  }
  const std::vector<int64_t>& last = offsets.back();
  const bool is_run = IsRun(last);
  const size_t axes = offsets.size() - 1;  // all but the last
  const int64_t rows = out->num_elements() / static_cast<int64_t>(last.size());
  WithElementType(from.dtype(), [&](auto element) {
    using T = decltype(element);
    const T* source = Elements<T>(from);
    const T* filler = fill == nullptr ? nullptr : Elements<T>(*fill);
    T* target = MutableElements<T>(out);
    std::vector<size_t> at(axes, 0);
    for (int64_t row = 0; row < rows; ++row, target += last.size()) {
      int64_t base = 0;
      for (size_t d = 0; d < axes; ++d) {
        const int64_t offset = offsets[d][at[d]];
        if (offset == kFillOffset) {
          base = kFillOffset;
          break;
        }
        base += offset;
      }
      CopyRow(source, base, last, is_run, filler, target);
      for (size_t d = axes; d-- > 0;) {
        if (++at[d] < offsets[d].size()) break;
        at[d] = 0;
      }
    }
  });
}

std::vector<int64_t> IntegerValues(const Tensor& tensor) {
  if (tensor.dtype() == DT_INT64) {
    auto values = tensor.flat<int64_t>();
    return {values.begin(), values.end()};
  }
  if (tensor.dtype() == DT_UINT8) {
    auto values = tensor.flat<uint8_t>();
    return {values.begin(), values.end()};
  }
  auto values = tensor.flat<int32_t>();
  return {values.begin(), values.end()};
}

int64_t IntegerValue(const Tensor& tensor) {
  if (tensor.num_elements() == 0) return 0;
  if (tensor.dtype() == DT_INT64) return tensor.flat<int64_t>()[0];
  if (tensor.dtype() == DT_UINT8) return tensor.flat<uint8_t>()[0];
  return tensor.flat<int32_t>()[0];
}

Tensor IntegerVector(DataType dtype, const std::vector<int64_t>& values) {
  Tensor out(dtype, TensorShape({static_cast<int64_t>(values.size())}));
  if (dtype == DT_INT64) {
    std::copy(values.begin(), values.end(), out.mutable_flat<int64_t>().begin());
  } else {
    std::copy(values.begin(), values.end(), out.mutable_flat<int32_t>().begin());
  }
  return out;
}

Tensor IntegerScalar(DataType dtype, int64_t value) {
  if (dtype == DT_INT64) return Tensor::Scalar<int64_t>(value);
  return Tensor::Scalar<int32_t>(static_cast<int32_t>(value));
}

std::vector<int64_t> Strides(const TensorShape& shape) {
  std::vector<int64_t> strides(shape.rank());
  int64_t stride = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[axis] = stride;
    // Without elements there may be sizes whose product is too large.
    if (shape.num_elements() > 0) stride *= shape.dim(axis);
  }
  return strides;
}

}  // namespace retrograph
