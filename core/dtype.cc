#include "core/dtype.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace retrograph {
namespace {

enum class Kind { kNone, kFloat, kInteger, kComplex, kQuantized, kOther };

struct TypeInfo {
  const char* name;         // DataTypeString
  const char* python_name;  // DType.name
  int size;
  Kind kind;
};

// By enum value. A reference type has its base type's value plus 100.
constexpr TypeInfo kTypes[] = {
    {"INVALID", "invalid", 0, Kind::kNone},
    {"float", "float32", 4, Kind::kFloat},
    {"double", "float64", 8, Kind::kFloat},
    {"int32", "int32", 4, Kind::kInteger},
    {"uint8", "uint8", 1, Kind::kInteger},
    {"int16", "int16", 2, Kind::kInteger},
    {"int8", "int8", 1, Kind::kInteger},
    {"string", "string", 0, Kind::kOther},
    {"complex64", "complex64", 8, Kind::kComplex},
    {"int64", "int64", 8, Kind::kInteger},
    {"bool", "bool", 1, Kind::kOther},
    {"qint8", "qint8", 1, Kind::kQuantized},
    {"quint8", "quint8", 1, Kind::kQuantized},
    {"qint32", "qint32", 4, Kind::kQuantized},
    {"bfloat16", "bfloat16", 2, Kind::kFloat},
    {"qint16", "qint16", 2, Kind::kQuantized},
    {"quint16", "quint16", 2, Kind::kQuantized},
    {"uint16", "uint16", 2, Kind::kInteger},
    {"complex128", "complex128", 16, Kind::kComplex},
    {"half", "float16", 2, Kind::kFloat},
    {"resource", "resource", 0, Kind::kOther},
    {"variant", "variant", 0, Kind::kOther},
    {"uint32", "uint32", 4, Kind::kInteger},
    {"uint64", "uint64", 8, Kind::kInteger},
};
constexpr int kNumTypes = sizeof(kTypes) / sizeof(kTypes[0]);
constexpr int kRefOffset = 100;

// The info of a base type; of DT_INVALID for anything else.
const TypeInfo& InfoOf(DataType dtype) {
  const int value = static_cast<int>(dtype);
  return kTypes[value > 0 && value < kNumTypes ? value : 0];
}

std::string NameOf(DataType dtype, const char* TypeInfo::*name) {
  // Not recursive: any number may come out of a file.
  const int value = static_cast<int>(RemoveRefType(dtype));
  const char* const suffix = IsRefType(dtype) ? "_ref" : "";
  if (value < 0 || value >= kNumTypes) {
    return absl::StrCat("unknown dtype enum (", value, ")", suffix);
  }
  return absl::StrCat(kTypes[value].*name, suffix);
}

uint32_t FloatBits(float f) {
  uint32_t bits;
  std::memcpy(&bits, &f, sizeof(bits));
  return bits;
}

float BitsFloat(uint32_t bits) {
  float f;
  std::memcpy(&f, &bits, sizeof(f));
  return f;
}

// Drops the lowest `shift` bits, rounding to nearest, ties to even.
uint32_t ShiftRoundToEven(uint32_t value, int shift) {
  const uint32_t half = uint32_t{1} << (shift - 1);
  const uint32_t odd = (value >> shift) & 1;
  return (value + half - 1 + odd) >> shift;
}

uint16_t FloatToHalfBits(float f) {
  constexpr uint32_t kInfinity = 0x7f800000;
  // The smallest float that rounds to a half infinity, 65520, and the smallest
  // one that is a normal half number, 2^-14.
  constexpr uint32_t kOverflow = 0x477ff000;
  constexpr uint32_t kSmallestNormal = 0x38800000;

  const uint32_t sign = FloatBits(f) >> 31 << 15;
  const uint32_t magnitude = FloatBits(f) & 0x7fffffff;
  uint32_t half;
  if (magnitude > kInfinity) {
    half = 0x7e00;  // every NaN becomes the same quiet one, as in Eigen
  } else if (magnitude >= kOverflow) {
    half = 0x7c00;
  } else if (magnitude >= kSmallestNormal) {
    // A carry out of the fraction rightly goes into the exponent.
    half = ShiftRoundToEven(magnitude - (uint32_t{127 - 15} << 23), 13);
  } else {
    // Subnormal: units of 2^-24. Below 2^-25 everything is 0.
    const int exponent = static_cast<int>(magnitude >> 23);
    const uint32_t fraction = (magnitude & 0x7fffff) | 0x800000;
    const int shift = 126 - exponent;
    half = shift > 24 ? 0 : ShiftRoundToEven(fraction, shift);
  }
  return static_cast<uint16_t>(sign | half);
}

float HalfBitsToFloat(uint16_t half) {
  const uint32_t sign = uint32_t{half & 0x8000u} << 16;
  const uint32_t exponent = (half >> 10) & 0x1f;
  const uint32_t fraction = half & 0x3ff;
  if (exponent == 0) {  // zero or subnormal: exact in float
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return BitsFloat(sign | FloatBits(magnitude));
  }
  const uint32_t float_exponent = exponent == 0x1f ? 0xff : exponent + 112;
  return BitsFloat(sign | float_exponent << 23 | fraction << 13);
}

uint16_t FloatToBFloat16Bits(float f) {
  const uint32_t bits = FloatBits(f);
  if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fc0;
  // Overflow ends at infinity by itself: the carry reaches the exponent.
  const uint32_t odd = (bits >> 16) & 1;
  return static_cast<uint16_t>((bits + 0x7fff + odd) >> 16);
}

}  // namespace

Half::Half(float f) : bits(FloatToHalfBits(f)) {}
Half::operator float() const { return HalfBitsToFloat(bits); }

BFloat16::BFloat16(float f) : bits(FloatToBFloat16Bits(f)) {}
BFloat16::operator float() const { return BitsFloat(uint32_t{bits} << 16); }

std::string DataTypeString(DataType dtype) {
  return NameOf(dtype, &TypeInfo::name);
}

std::string DTypePythonName(DataType dtype) {
  return NameOf(dtype, &TypeInfo::python_name);
}

DataType DataTypeFromName(absl::string_view name) {
  const bool is_ref = absl::ConsumeSuffix(&name, "_ref");
  for (int i = 1; i < kNumTypes; ++i) {
    if (name == kTypes[i].name || name == kTypes[i].python_name) {
      const DataType dtype = static_cast<DataType>(i);
      return is_ref ? MakeRefType(dtype) : dtype;
    }
  }
  return DT_INVALID;
}

std::string DataTypeEnumName(DataType dtype) {
  const std::string& name = DataType_Name(dtype);
  return name.empty() ? absl::StrCat(static_cast<int>(dtype)) : name;
}

bool IsRefType(DataType dtype) { return static_cast<int>(dtype) > kRefOffset; }

DataType MakeRefType(DataType dtype) {
  return IsRefType(dtype)
             ? dtype
             : static_cast<DataType>(static_cast<int>(dtype) + kRefOffset);
}

DataType RemoveRefType(DataType dtype) {
  return IsRefType(dtype)
             ? static_cast<DataType>(static_cast<int>(dtype) - kRefOffset)
             : dtype;
}

bool IsKnownDataType(DataType dtype) {
  const int value = static_cast<int>(RemoveRefType(dtype));
  return value > 0 && value < kNumTypes;
}

int DataTypeSize(DataType dtype) { return InfoOf(dtype).size; }

bool IsFloatingType(DataType dtype) {
  return InfoOf(dtype).kind == Kind::kFloat;
}
bool IsIntegerType(DataType dtype) {
  return InfoOf(dtype).kind == Kind::kInteger;
}
bool IsComplexType(DataType dtype) {
  return InfoOf(dtype).kind == Kind::kComplex;
}
bool IsQuantizedType(DataType dtype) {
  return InfoOf(dtype).kind == Kind::kQuantized;
}

}  // namespace retrograph
