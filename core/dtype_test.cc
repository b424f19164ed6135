#include "core/dtype.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "gtest/gtest.h"

namespace retrograph {
namespace {

uint32_t Bits(float f) {
  uint32_t bits;
  std::memcpy(&bits, &f, sizeof(bits));
  return bits;
}

TEST(DTypeTest, NamesAreTensorFlowsInCppAndInPython) {
  EXPECT_EQ(DataTypeString(DT_FLOAT), "float");
  EXPECT_EQ(DTypePythonName(DT_FLOAT), "float32");
  EXPECT_EQ(DataTypeString(DT_HALF), "half");
  EXPECT_EQ(DTypePythonName(DT_HALF), "float16");
  EXPECT_EQ(DataTypeString(DT_DOUBLE_REF), "double_ref");
  EXPECT_EQ(DTypePythonName(DT_DOUBLE_REF), "float64_ref");
  EXPECT_EQ(DataTypeEnumName(DT_QUINT16), "DT_QUINT16");
}

TEST(DTypeTest, UnknownValuesHaveANameToo) {
  EXPECT_EQ(DataTypeString(DT_INVALID), "INVALID");
  EXPECT_EQ(DataTypeString(static_cast<DataType>(24)),
            "unknown dtype enum (24)");
  EXPECT_EQ(DataTypeString(static_cast<DataType>(-1)),
            "unknown dtype enum (-1)");
  EXPECT_EQ(DataTypeString(static_cast<DataType>(100)),
            "unknown dtype enum (100)");
  EXPECT_EQ(DataTypeString(static_cast<DataType>(124)),
            "unknown dtype enum (24)_ref");
  EXPECT_EQ(DataTypeString(static_cast<DataType>(INT32_MAX)),
            "unknown dtype enum (2147483547)_ref");
  EXPECT_EQ(DataTypeEnumName(static_cast<DataType>(24)), "24");
}

TEST(DTypeTest, EveryNameLeadsBackToItsType) {
  int known = 0;
  for (int value = -1; value < 256; ++value) {
    const DataType dtype = static_cast<DataType>(value);
    EXPECT_EQ(IsKnownDataType(dtype), DataType_IsValid(value) && value != 0)
        << value;
    if (!IsKnownDataType(dtype)) continue;
    ++known;
    EXPECT_EQ(DataTypeFromName(DataTypeString(dtype)), dtype);
    EXPECT_EQ(DataTypeFromName(DTypePythonName(dtype)), dtype);
  }
  EXPECT_EQ(known, 2 * 23);
  EXPECT_EQ(DataTypeFromName("FLOAT"), DT_INVALID);
  EXPECT_EQ(DataTypeFromName(""), DT_INVALID);
  EXPECT_EQ(DataTypeFromName("_ref"), DT_INVALID);
  EXPECT_EQ(DataTypeFromName("INVALID"), DT_INVALID);
}

TEST(DTypeTest, RefTypesAreTheBaseTypesPlusHundred) {
  EXPECT_EQ(MakeRefType(DT_FLOAT), DT_FLOAT_REF);
  EXPECT_EQ(MakeRefType(DT_FLOAT_REF), DT_FLOAT_REF);
  EXPECT_EQ(RemoveRefType(DT_UINT64_REF), DT_UINT64);
  EXPECT_EQ(RemoveRefType(DT_FLOAT), DT_FLOAT);
  EXPECT_TRUE(IsRefType(DT_BOOL_REF));
  EXPECT_FALSE(IsRefType(DT_BOOL));
}

TEST(DTypeTest, SizesAndKinds) {
  const struct {
    DataType dtype;
    int size;
    bool floating, integer, complex, quantized;
  } kCases[] = {
      {DT_HALF, 2, true, false, false, false},
      {DT_BFLOAT16, 2, true, false, false, false},
      {DT_DOUBLE, 8, true, false, false, false},
      {DT_UINT16, 2, false, true, false, false},
      {DT_INT64, 8, false, true, false, false},
      {DT_BOOL, 1, false, false, false, false},
      {DT_COMPLEX64, 8, false, false, true, false},
      {DT_COMPLEX128, 16, false, false, true, false},
      {DT_QINT32, 4, false, false, false, true},
      {DT_STRING, 0, false, false, false, false},
      {DT_RESOURCE, 0, false, false, false, false},
      {DT_VARIANT, 0, false, false, false, false},
      {DT_FLOAT_REF, 0, false, false, false, false},
      {DT_INVALID, 0, false, false, false, false},
      {static_cast<DataType>(77), 0, false, false, false, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(DataTypeString(c.dtype));
    EXPECT_EQ(DataTypeSize(c.dtype), c.size);
    EXPECT_EQ(IsPodType(c.dtype), c.size > 0);
    EXPECT_EQ(IsFloatingType(c.dtype), c.floating);
    EXPECT_EQ(IsIntegerType(c.dtype), c.integer);
    EXPECT_EQ(IsComplexType(c.dtype), c.complex);
    EXPECT_EQ(IsQuantizedType(c.dtype), c.quantized);
  }
}

// The bits are what Eigen and TensorFlow 1.15 make of these numbers.
TEST(HalfTest, RoundsToNearestEven) {
  const struct {
    float value;
    uint16_t bits;
  } kCases[] = {
      {0.0f, 0x0000},         {-0.0f, 0x8000},      {1.0f, 0x3c00},
      {-2.0f, 0xc000},        {0.1f, 0x2e66},       {2049.0f, 0x6800},
      {2051.0f, 0x6802},      {65504.0f, 0x7bff},   {65519.0f, 0x7bff},
      {65520.0f, 0x7c00},     {1e30f, 0x7c00},      {-1e30f, 0xfc00},
      {0x1p-14f, 0x0400},     {0x1p-24f, 0x0001},   {0x1p-25f, 0x0000},
      {0x1.8p-25f, 0x0001},   {0x1.8p-24f, 0x0002}, {0x1p-26f, 0x0000},
      {0x1.ffcp-15f, 0x0400}, {1e-45f, 0x0000},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Half(c.value).bits, c.bits) << c.value;
  }
  EXPECT_EQ(Half(std::numeric_limits<float>::infinity()).bits, 0x7c00);
  EXPECT_EQ(Half(std::nanf("1")).bits, 0x7e00);
}

TEST(HalfTest, EveryHalfSurvivesTheWayThroughFloat) {
  for (int bits = 0; bits < 0x10000; ++bits) {
    Half half;
    half.bits = static_cast<uint16_t>(bits);
    const float f = static_cast<float>(half);
    if (std::isnan(f)) {
      EXPECT_EQ(bits & 0x7c00, 0x7c00);
      EXPECT_NE(bits & 0x3ff, 0);
    } else {
      ASSERT_EQ(Half(f).bits, bits);
    }
  }
}

// Between two neighbours the nearer one wins, in the middle the even one.
TEST(HalfTest, EveryMidpointGoesToTheEvenNeighbour) {
  for (int bits = 0; bits < 0x7bff; ++bits) {
    Half low, high;
    low.bits = static_cast<uint16_t>(bits);
    high.bits = static_cast<uint16_t>(bits + 1);
    const float middle =
        (static_cast<float>(low) + static_cast<float>(high)) / 2;
    const uint16_t even = bits % 2 == 0 ? low.bits : high.bits;
    ASSERT_EQ(Half(middle).bits, even) << bits;
    ASSERT_EQ(Half(std::nextafterf(middle, 1e9f)).bits, high.bits) << bits;
    ASSERT_EQ(Half(std::nextafterf(middle, -1.0f)).bits, low.bits) << bits;
  }
}

TEST(BFloat16Test, RoundsToNearestEvenAndKeepsNaN) {
  EXPECT_EQ(BFloat16(1.0f).bits, 0x3f80);
  EXPECT_EQ(BFloat16(0x1.01p0f).bits, 0x3f80);      // a tie, down
  EXPECT_EQ(BFloat16(0x1.03p0f).bits, 0x3f82);      // a tie, up
  EXPECT_EQ(BFloat16(0x1.010002p0f).bits, 0x3f81);  // just above a tie
  EXPECT_EQ(BFloat16(std::numeric_limits<float>::max()).bits, 0x7f80);
  EXPECT_EQ(BFloat16(std::nanf("1")).bits, 0x7fc0);
  EXPECT_EQ(BFloat16(-std::nanf("")).bits, 0x7fc0);
  EXPECT_EQ(BFloat16(1e-45f).bits, 0x0000);
}

TEST(BFloat16Test, EveryValueSurvivesTheWayThroughFloat) {
  for (int bits = 0; bits < 0x10000; ++bits) {
    BFloat16 value;
    value.bits = static_cast<uint16_t>(bits);
    const float f = static_cast<float>(value);
    EXPECT_EQ(Bits(f), static_cast<uint32_t>(bits) << 16);
    if (!std::isnan(f)) {
      ASSERT_EQ(BFloat16(f).bits, bits);
    }
  }
}

TEST(HalfTest, ZerosOfBothSignsAreEqualAndNaNIsNot) {
  EXPECT_TRUE(Half(0.0f) == Half(-0.0f));
  EXPECT_FALSE(Half(std::nanf("")) == Half(std::nanf("")));
  EXPECT_TRUE(BFloat16(0.0f) == BFloat16(-0.0f));
}

}  // namespace
}  // namespace retrograph
