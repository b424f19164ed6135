#include "scenario/values.h"

#include <limits>

#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace retrograph::scenario {
namespace {

using ::testing::HasSubstr;

TEST(ParseValueTest, TakesTheTypeThatTfConstantTakes) {
  const std::pair<const char*, DataType> cases[] = {
      {"10", DT_INT32},        {"1.5", DT_FLOAT},  {"[1, 2.5]", DT_FLOAT},
      {"true", DT_BOOL},       {"\"a\"", DT_STRING}, {"[]", DT_FLOAT},
      {"[[1, 2], [3, 4]]", DT_INT32},
  };
  for (const auto& [json, dtype] : cases) {
    const auto value = ParseValue(json);
    ASSERT_TRUE(value.ok()) << value.status();
    EXPECT_EQ(value->dtype(), dtype) << json;
  }
  EXPECT_EQ(ParseValue("[[1, 2, 3], [4, 5, 6]]")->shape(), TensorShape({2, 3}));
  EXPECT_EQ(ParseValue("[]")->shape(), TensorShape({0}));
}

struct BadValue {
  const char* json;
  DataType dtype;
  const char* message;
};

TEST(ParseValueTest, SaysWhatIsWrong) {
  const BadValue cases[] = {
      {"ten", DT_INVALID, "is not a JSON value"},
      {"[[1, 2], [3]]", DT_INVALID, "not of one length"},
      {"[1, [2]]", DT_INVALID, "not of one depth"},
      {"[[1], 2]", DT_INVALID, "not of one depth"},
      {"[1, \"a\"]", DT_INVALID, "not all numbers"},
      {"1.5", DT_INT32, "1.5 is no integer"},
      {"300", DT_UINT8, "300 does not fit uint8"},
      {"-1", DT_UINT64, "-1 does not fit uint64"},
      {"9223372036854775808", DT_INT64, "does not fit int64"},
      {"\"a\"", DT_FLOAT, "is no number"},
      {"1", DT_RESOURCE, "cannot be written in a scenario"},
  };
  for (const BadValue& c : cases) {
    EXPECT_THAT(ParseValue(c.json, c.dtype).status(),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr(c.message)))
        << c.json;
  }
}

TEST(ParseShapeTest, UnderstandsUnknownDimensions) {
  EXPECT_TRUE(ParseShape("")->unknown_rank());
  EXPECT_EQ(*ParseShape("[2, -1]"), PartialTensorShape({2, -1}));
  EXPECT_FALSE(ParseShape("[-2]").ok());
  EXPECT_FALSE(ParseShape("3").ok());
}

// What Python 3.7 with numpy 1.18 prints for the same values.
TEST(PythonTextTest, PrintsAsNumpyDoes) {
  const auto f = [](const char* json, DataType dtype = DT_INVALID) {
    return *ParseValue(json, dtype);
  };
  EXPECT_EQ(PythonStr(f("10")), "10");
  EXPECT_EQ(PythonStr(f("0.5")), "0.5");
  EXPECT_EQ(PythonStr(f("1.0")), "1.0");
  EXPECT_EQ(PythonStr(f("0.1")), "0.1");
  EXPECT_EQ(PythonStr(f("1e-5")), "1e-05");
  EXPECT_EQ(PythonStr(f("true")), "True");
  EXPECT_EQ(PythonStr(f("\"a'\\n\"")), "b\"a'\\n\"");
  EXPECT_EQ(PythonStr(f("[1, 20, 3]")), "[ 1 20  3]");
  EXPECT_EQ(PythonStr(f("[1.0, 2.25]")), "[1.   2.25]");
  EXPECT_EQ(PythonStr(f("[1.0, -20.5]")), "[  1.  -20.5]");
  EXPECT_EQ(PythonStr(f("[[1, 2], [3, 4]]")), "[[1 2]\n [3 4]]");
  EXPECT_EQ(PythonStr(f("[1e-5, 1.0]")), "[1.e-05 1.e+00]");
  EXPECT_EQ(PythonStr(f("[100000000.0, 1.0]")), "[1.e+08 1.e+00]");
  Tensor with_nan = f("[0.0, 1.5]");
  with_nan.mutable_flat<float>()[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(PythonStr(with_nan), "[nan 1.5]");
  EXPECT_EQ(PythonStr(f("[true, false]")), "[ True False]");
  EXPECT_EQ(PythonStr(f("[]")), "[]");
  EXPECT_EQ(PythonRepr(f("[1.0, 2.0]")), "array([1., 2.], dtype=float32)");
  EXPECT_EQ(PythonRepr(f("[1, 2]", DT_INT64)), "array([1, 2])");
  EXPECT_EQ(PythonRepr(f("[[1, 2], [3, 4]]")),
            "array([[1, 2],\n       [3, 4]], dtype=int32)");
  EXPECT_EQ(PythonStringRepr("a/b"), "'a/b'");
}

TEST(PythonTextTest, LongArraysAreSummarised) {
  Tensor t(DT_INT32, TensorShape({1001}));
  EXPECT_EQ(PythonStr(t), "[0 0 0 ... 0 0 0]");
  Tensor matrix(DT_INT32, TensorShape({300, 4}));
  for (int i = 0; i < 1200; ++i) matrix.mutable_flat<int32_t>()[i] = i;
  EXPECT_EQ(PythonStr(matrix),
            "[[   0    1    2    3]\n [   4    5    6    7]\n"
            " [   8    9   10   11]\n ...\n [1188 1189 1190 1191]\n"
            " [1192 1193 1194 1195]\n [1196 1197 1198 1199]]");
  // Only what is shown is put into words.
  EXPECT_EQ(PythonStr(Tensor(DT_FLOAT, TensorShape({int64_t{1} << 40, 0}))),
            "[]");
}

}  // namespace
}  // namespace retrograph::scenario
