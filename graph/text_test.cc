// Device names, Python's texts, names of tensors.
#include <string>

#include "core/errors.h"
#include "graph/device_name.h"
#include "graph/python_text.h"
#include "graph/test_ops.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

std::string Canonical(absl::string_view device) {
  const absl::StatusOr<std::string> canonical = CanonicalDevice(device);
  return canonical.ok() ? *canonical : Raised(canonical.status());
}

TEST(DeviceNameTest, CanonicalForm) {
  EXPECT_EQ(Canonical(""), "");
  EXPECT_EQ(Canonical("/cpu:0"), "/device:CPU:0");
  EXPECT_EQ(Canonical("/GPU"), "/device:GPU:*");
  EXPECT_EQ(Canonical("gpu:*"), "/device:GPU:*");
  EXPECT_EQ(Canonical("/device:cpu:1"), "/device:CPU:1");
  EXPECT_EQ(Canonical("/device:TPU:*"), "/device:TPU:*");
  EXPECT_EQ(Canonical("/task:2/job:w/replica:01"), "/job:w/replica:1/task:2");
}

TEST(DeviceNameTest, Mistakes) {
  EXPECT_EQ(Canonical("/nonsense:0:1"),
            "ValueError: Unknown attribute: 'nonsense' in '/nonsense:0:1'");
  EXPECT_EQ(Canonical("/cpu:0/gpu:0"),
            "ValueError: Cannot specify multiple device types: /cpu:0/gpu:0");
  EXPECT_EQ(Canonical("/task:x"),
            "ValueError: invalid literal for int() with base 10: 'x'");
}

TEST(DeviceNameTest, TheInnerNameWins) {
  EXPECT_EQ(*MergeDevices("/job:a/gpu:1", "/job:b"), "/job:b/device:GPU:1");
  EXPECT_EQ(*MergeDevices("/gpu:1", "/cpu:*"), "/device:CPU:1");
}

TEST(PythonTextTest, Strings) {
  EXPECT_EQ(PythonRepr("a"), "'a'");
  EXPECT_EQ(PythonRepr("it's"), "\"it's\"");
  EXPECT_EQ(PythonRepr("'\""), "'\\'\"'");
  EXPECT_EQ(PythonRepr("a\n\t\\\x01"), "'a\\n\\t\\\\\\x01'");
  EXPECT_EQ(PythonRepr("\xc3\xa9"), "'\xc3\xa9'");
  EXPECT_EQ(PythonRepr("\xff"), "'\\xff'");
}

TEST(PythonTextTest, Floats) {
  EXPECT_EQ(PythonRepr(1.5), "1.5");
  EXPECT_EQ(PythonRepr(1.0), "1.0");
  EXPECT_EQ(PythonRepr(0.1), "0.1");
  EXPECT_EQ(PythonRepr(1e16), "1e+16");
  EXPECT_EQ(PythonRepr(123456789012345.0), "123456789012345.0");
  EXPECT_EQ(PythonRepr(0.0001), "0.0001");
  EXPECT_EQ(PythonRepr(0.00001), "1e-05");
  EXPECT_EQ(PythonRepr(-0.0), "-0.0");
}

TEST(PythonTextTest, Ints) {
  EXPECT_EQ(PythonInt(" +1_0 "), 10);
  EXPECT_EQ(PythonInt("-7"), -7);
  EXPECT_EQ(PythonInt("99999999999999999999"), INT64_MAX);
  for (const char* bad : {"", "x", "1x", "_1", "1_", "1__0", "- 1"}) {
    EXPECT_FALSE(PythonInt(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace retrograph
