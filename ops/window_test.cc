// Windows and matrices whose sizes lie. Texts are TensorFlow 1.15.5's, except
// where it ends the process.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Ints = std::vector<int64_t>;

Tensor Ones(const TensorShape& shape) {
  Tensor ones(DT_FLOAT, shape);
  for (float& x : ones.mutable_flat<float>()) x = 1;
  return ones;
}

std::string ConvError(const Ints& strides, const Ints& dilations,
                      const std::string& padding = "SAME",
                      const Ints& paddings = {}) {
  const auto out = RunOp(
      "Conv2D", {Ones({1, 3, 3, 1}), Ones({2, 2, 1, 1})},
      {Attr("strides", strides), Attr("padding", padding),
       Attr("dilations", dilations), Attr("explicit_paddings", paddings)});
  return out.ok() ? "OK" : std::string(out.status().message());
}

TEST(WindowAttrsTest, NeedFourNumbersThatAreSmallEnough) {
  const Ints ones = {1, 1, 1, 1};
  EXPECT_EQ(ConvError(ones, ones), "OK");
  EXPECT_THAT(ConvError(ones, {}),
              HasSubstr("Conv2D requires the dilation attribute to contain 4 "
                        "values, but got: 0"));
  EXPECT_THAT(ConvError(ones, {1, 1, 1}), HasSubstr("but got: 3"));
  EXPECT_THAT(ConvError(ones, {1, 0, 1, 1}),
              HasSubstr("Dilation rate must be >= 1, but got 0"));
  EXPECT_THAT(
      ConvError(ones, {1, int64_t{1} << 40, 1, 1}),
      HasSubstr(
          "Attr dilations has value 1099511627776 out of range for an int32"));
  EXPECT_THAT(
      ConvError({1, int64_t{1} << 40, 1, 1}, ones),
      HasSubstr(
          "Attr strides has value 1099511627776 out of range for an int32"));
  EXPECT_THAT(ConvError({1, 1, 1, 1, 1}, ones),
              HasSubstr("Conv2D on data format NHWC requires the stride "
                        "attribute to contain 4 values, but got: 5"));
}

TEST(WindowAttrsTest, NeedPaddingsThatAreSmallEnough) {
  const Ints ones = {1, 1, 1, 1};
  EXPECT_EQ(ConvError(ones, ones, "EXPLICIT", {0, 0, 1, 1, 1, 1, 0, 0}), "OK");
  EXPECT_THAT(
      ConvError(ones, ones, "EXPLICIT", {}),
      HasSubstr("explicit_paddings attribute must contain 8 values, but "
                "got: 0"));
  EXPECT_THAT(ConvError(ones, ones, "EXPLICIT", {0, 0, -1, 0, 0, 0, 0, 0}),
              HasSubstr("All elements of explicit_paddings must be "
                        "nonnegative"));
  EXPECT_THAT(ConvError(ones, ones, "EXPLICIT",
                        {0, 0, int64_t{1} << 62, int64_t{1} << 62, 0, 0, 0, 0}),
              HasSubstr("Explicit padding is too large"));
  EXPECT_THAT(ConvError(ones, ones, "EXPLICIT",
                        {0, 0, int64_t{1} << 40, 1, 1, 1, 0, 0}),
              HasSubstr("OOM when allocating tensor with "
                        "shape[1,1099511627779,4,1] and type float"));
}

TEST(QrTest, MatricesWithoutColumnsHaveAnIdentity) {
  const auto out = RunOp("Qr", {Tensor(DT_FLOAT, TensorShape({2, 2, 0}))},
                         {Attr("full_matrices", true)});
  ASSERT_TRUE(out.ok()) << out.status();
  EXPECT_EQ((*out)[0].shape(), TensorShape({2, 2, 2}));
  const auto q = (*out)[0].flat<float>();
  EXPECT_THAT(std::vector<float>(q.begin(), q.end()),
              ElementsAre(1, 0, 0, 1, 1, 0, 0, 1));
  EXPECT_EQ((*out)[1].shape(), TensorShape({2, 2, 0}));
}

}  // namespace
}  // namespace retrograph
