// Moving elements about without looking at their values: kernels that only
// rearrange data are compiled once for each element size, not for each dtype.
//
// Example: every second element of a tensor of any dtype.
//   WithElementType(in.dtype(), [&](auto element) {
//     using T = decltype(element);
//     const T* from = Elements<T>(in);
//     T* to = MutableElements<T>(&out);
//     for (int64_t i = 0; i < n; ++i) to[i] = from[2 * i];
//   });
#ifndef RETROGRAPH_OPS_DATA_MOVEMENT_H_
#define RETROGRAPH_OPS_DATA_MOVEMENT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/tensor.h"
#include "core/variant.h"

namespace retrograph {

// Stand-ins for elements of 1, 2, 4, 8 and 16 bytes, whatever their dtype.
struct __attribute__((may_alias)) Bytes1 { uint8_t v; };
struct __attribute__((may_alias)) Bytes2 { uint16_t v; };
struct __attribute__((may_alias)) Bytes4 { uint32_t v; };
struct __attribute__((may_alias)) Bytes8 { uint64_t v; };
struct __attribute__((may_alias)) Bytes16 { uint64_t v[2]; };

// Calls body(T()) with the type that elements of `dtype` are moved as. False,
// and no call, for what is no tensor's dtype.
template <typename Body>
bool WithElementType(DataType dtype, const Body& body) {
  switch (DataTypeSize(dtype)) {
    case 1:
      body(Bytes1());
      return true;
    case 2:
      body(Bytes2());
      return true;
    case 4:
      body(Bytes4());
      return true;
    case 8:
      body(Bytes8());
      return true;
    case 16:
      body(Bytes16());
      return true;
    default:
      break;
  }
  if (dtype == DT_STRING) {
    body(std::string());
    return true;
  }
  if (dtype == DT_RESOURCE) {
    body(ResourceHandle());
    return true;
  }
  if (dtype == DT_VARIANT) {
    body(Variant());
    return true;
  }
  return false;
}

// T as WithElementType() gave it for the tensor's dtype.
template <typename T>
const T* Elements(const Tensor& tensor) {
  return static_cast<const T*>(tensor.data());
}
template <typename T>
T* MutableElements(Tensor* tensor) {
  return static_cast<T*>(tensor->mutable_data());
}

// to[to_start + i] = from[from_start + i] for i < count; dtypes are equal.
void CopyElements(const Tensor& from, int64_t from_start, int64_t count,
                  Tensor* to, int64_t to_start);

// Where CopyByOffsets puts the fill value.
constexpr int64_t kFillOffset = -1;
// out[i, j, ...] = from.flat[offsets[0][i] + offsets[1][j] + ...], one table an
// axis of `out`; `fill`, a scalar of the same dtype, where one of the offsets is
// kFillOffset (null if none is). Transposes, tilings, paddings and reversals
// differ only in their tables.
void CopyByOffsets(const Tensor& from,
                   const std::vector<std::vector<int64_t>>& offsets,
                   const Tensor* fill, Tensor* out);

// The values of an integer tensor (int32, int64, uint8), row by row.
std::vector<int64_t> IntegerValues(const Tensor& tensor);
// The first of them.
int64_t IntegerValue(const Tensor& tensor);  // 0 if there is none
// A vector of `values` as int32 or int64.
Tensor IntegerVector(DataType dtype, const std::vector<int64_t>& values);
// A scalar likewise.
Tensor IntegerScalar(DataType dtype, int64_t value);

// For each axis, how many elements lie between neighbours along it.
std::vector<int64_t> Strides(const TensorShape& shape);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_DATA_MOVEMENT_H_
