// Data types: TensorFlow 1.15's DataType enum, what its values are called and
// how large they are, and the C++ types that hold them.
//
// DataType itself is the proto enum of proto/types.proto (DT_FLOAT, ...).
// A reference type (DT_FLOAT_REF) is the type of a ref variable's output.
#ifndef RETROGRAPH_CORE_DTYPE_H_
#define RETROGRAPH_CORE_DTYPE_H_

#include <complex>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "proto/types.pb.h"

namespace retrograph {

using DataTypeVector = std::vector<DataType>;

// 16-bit floats as bits. Arithmetic happens in float: see the conversions.
struct Half {
  uint16_t bits = 0;
  Half() = default;
  explicit Half(float f);  // rounds to nearest even
  explicit operator float() const;
};
struct BFloat16 {
  uint16_t bits = 0;
  BFloat16() = default;
  explicit BFloat16(float f);  // rounds to nearest even, NaN stays NaN
  explicit operator float() const;
};
inline bool operator==(Half a, Half b) {
  return static_cast<float>(a) == static_cast<float>(b);
}
inline bool operator==(BFloat16 a, BFloat16 b) {
  return static_cast<float>(a) == static_cast<float>(b);
}

// Quantised integers: distinct types over plain integers.
struct QInt8 { int8_t value = 0; };
struct QUInt8 { uint8_t value = 0; };
struct QInt16 { int16_t value = 0; };
struct QUInt16 { uint16_t value = 0; };
struct QInt32 { int32_t value = 0; };

// "float", "int32", "float_ref": as in C++ error texts (DataTypeString).
// An unknown value gives "unknown dtype enum (N)", DT_INVALID "INVALID".
std::string DataTypeString(DataType dtype);
// "float32", "int32", "float32_ref": Python's tf.DType.name.
std::string DTypePythonName(DataType dtype);
// Inverse of both, e.g. for "float32", "float", "string", "half", "float16".
// DT_INVALID if unknown.
DataType DataTypeFromName(absl::string_view name);
// "DT_FLOAT".
std::string DataTypeEnumName(DataType dtype);

bool IsRefType(DataType dtype);
DataType MakeRefType(DataType dtype);
DataType RemoveRefType(DataType dtype);  // also DT_FLOAT -> DT_FLOAT

// True for the values TF 1.15 knows (ref types included), DT_INVALID excluded.
bool IsKnownDataType(DataType dtype);

// Bytes an element takes in memory and in a checkpoint; 0 for types without a
// fixed size (string, resource, variant), for ref types and unknown ones.
int DataTypeSize(DataType dtype);
// Plain bytes that may be memcpy'd: everything with DataTypeSize > 0.
inline bool IsPodType(DataType dtype) { return DataTypeSize(dtype) > 0; }

// All false for ref types.
bool IsFloatingType(DataType dtype);  // half, bfloat16, float, double
bool IsIntegerType(DataType dtype);   // no bool, no quantised ones
bool IsComplexType(DataType dtype);
bool IsQuantizedType(DataType dtype);

// A handle to a resource that a session owns (ResourceHandleProto).
struct ResourceHandle {
  std::string device;
  std::string container;
  std::string name;
  uint64_t hash_code = 0;
  std::string maybe_type_name;
};
inline bool operator==(const ResourceHandle& a, const ResourceHandle& b) {
  return a.device == b.device && a.container == b.container &&
         a.name == b.name && a.hash_code == b.hash_code &&
         a.maybe_type_name == b.maybe_type_name;
}

template <typename T>
struct DataTypeOf;  // DataTypeOf<float>::value == DT_FLOAT
#define RG_DATA_TYPE_OF_(cpp, dt) \
  template <>                     \
  struct DataTypeOf<cpp> { static constexpr DataType value = dt; }
RG_DATA_TYPE_OF_(float, DT_FLOAT);
RG_DATA_TYPE_OF_(double, DT_DOUBLE);
RG_DATA_TYPE_OF_(Half, DT_HALF);
RG_DATA_TYPE_OF_(BFloat16, DT_BFLOAT16);
RG_DATA_TYPE_OF_(int8_t, DT_INT8);
RG_DATA_TYPE_OF_(int16_t, DT_INT16);
RG_DATA_TYPE_OF_(int32_t, DT_INT32);
RG_DATA_TYPE_OF_(int64_t, DT_INT64);
RG_DATA_TYPE_OF_(uint8_t, DT_UINT8);
RG_DATA_TYPE_OF_(uint16_t, DT_UINT16);
RG_DATA_TYPE_OF_(uint32_t, DT_UINT32);
RG_DATA_TYPE_OF_(uint64_t, DT_UINT64);
RG_DATA_TYPE_OF_(bool, DT_BOOL);
RG_DATA_TYPE_OF_(std::complex<float>, DT_COMPLEX64);
RG_DATA_TYPE_OF_(std::complex<double>, DT_COMPLEX128);
RG_DATA_TYPE_OF_(std::string, DT_STRING);
RG_DATA_TYPE_OF_(ResourceHandle, DT_RESOURCE);
RG_DATA_TYPE_OF_(QInt8, DT_QINT8);
RG_DATA_TYPE_OF_(QUInt8, DT_QUINT8);
RG_DATA_TYPE_OF_(QInt16, DT_QINT16);
RG_DATA_TYPE_OF_(QUInt16, DT_QUINT16);
RG_DATA_TYPE_OF_(QInt32, DT_QINT32);
#undef RG_DATA_TYPE_OF_

// Lists of C++ types: C(T) for each, where C is a macro, such as a case of a
// switch over a run-time dtype.
#define RG_FLOAT_TYPES(C) C(float) C(double) C(::retrograph::Half) C(::retrograph::BFloat16)
#define RG_INTEGER_TYPES(C) \
  C(int8_t) C(int16_t) C(int32_t) C(int64_t) C(uint8_t) C(uint16_t) C(uint32_t) C(uint64_t)
#define RG_COMPLEX_TYPES(C) C(std::complex<float>) C(std::complex<double>)
#define RG_REAL_NUMBER_TYPES(C) RG_FLOAT_TYPES(C) RG_INTEGER_TYPES(C)
#define RG_NUMBER_TYPES(C) RG_REAL_NUMBER_TYPES(C) RG_COMPLEX_TYPES(C)

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_DTYPE_H_
