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
    stride *= shape.dim(axis);
  }
  return strides;
}

}  // namespace retrograph
