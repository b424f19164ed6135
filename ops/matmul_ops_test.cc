// Expected texts are TensorFlow 1.15.5's.
#include <complex>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "graph/shape_inference.h"
#include "gtest/gtest.h"
#include "ops/matrix_product.h"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor Matrix(int64_t rows, std::initializer_list<float> values) {
  const int64_t size = static_cast<int64_t>(values.size());
  return Tensor::Vector<float>(values).Reshaped(
      TensorShape({rows, size / rows}));
}
std::vector<float> Values(const absl::StatusOr<Tensor>& tensor) {
  if (!tensor.ok()) {
    ADD_FAILURE() << tensor.status();
    return {};
  }
  const auto flat = tensor->flat<float>();
  return std::vector<float>(flat.begin(), flat.end());
}

TEST(MatMulTest, OperandsMayBeTransposed) {
  const Tensor a = Matrix(2, {1, 2, 3, 4, 5, 6});
  const Tensor at = Matrix(3, {1, 4, 2, 5, 3, 6});
  const Tensor b = Matrix(3, {1, 0, 0, 1, 2, 2});
  const Tensor bt = Matrix(2, {1, 0, 2, 0, 1, 2});
  const auto expected = ElementsAre(7, 8, 16, 17);
  EXPECT_THAT(Values(RunOp1("MatMul", {a, b})), expected);
  EXPECT_THAT(Values(RunOp1("MatMul", {at, b}, {Attr("transpose_a", true)})),
              expected);
  EXPECT_THAT(Values(RunOp1("MatMul", {a, bt}, {Attr("transpose_b", true)})),
              expected);
}

TEST(MatMulTest, TilesOfEveryWidthAgreeWithTheDefinition) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> digit(-9, 9);
  for (const int64_t m : {1, 3, 4, 9}) {
    for (const int64_t k : {1, 7, 700}) {
      for (const int64_t n : {1, 15, 16, 37}) {
        std::vector<float> a(m * k), b(k * n), out(m * n);
        for (float& x : a) x = static_cast<float>(digit(random));
        for (float& x : b) x = static_cast<float>(digit(random));
        MultiplyFloats(a.data(), b.data(), out.data(), m, k, n);
        for (int64_t i = 0; i < m * n; ++i) {
          float sum = 0;  // whole numbers: exact in any order
          for (int64_t l = 0; l < k; ++l) {
            sum += a[i / n * k + l] * b[l * n + i % n];
          }
          ASSERT_EQ(out[i], sum) << m << " " << k << " " << n << " at " << i;
        }
      }
    }
  }
}

TEST(MatMulTest, AnEmptySumIsZero) {
  const auto product =
      RunOp1("MatMul", {Tensor(DT_FLOAT, TensorShape({2, 0})),
                        Tensor(DT_FLOAT, TensorShape({0, 1}))});
  EXPECT_THAT(Values(product), ElementsAre(0, 0));
}

TEST(MatMulTest, SizesMustFit) {
  const Tensor a = Matrix(2, {1, 2, 3, 4});
  const auto product = RunOp1("MatMul", {a, Matrix(3, {1, 2, 3})});
  EXPECT_EQ(product.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(product.status().message(),
            "Matrix size-incompatible: In[0]: [2,2], In[1]: [3,1]");
  EXPECT_EQ(
      RunOp1("MatMul", {Tensor::Vector<float>({1, 2}), a}).status().message(),
      "In[0] is not a matrix. Instead it has shape [2]");
  const auto shapes = InferShapes("MatMul", {Shape({2, 3}), Shape({2, 2})});
  EXPECT_THAT(std::string(shapes.status().message()),
              HasSubstr("Dimensions must be equal, but are 3 and 2"));
}

TEST(BatchMatMulTest, V2BroadcastsBatches) {
  const Tensor x =
      Tensor::Vector<float>({1, 2, 3, 4}).Reshaped(TensorShape({2, 1, 2}));
  const Tensor y = Matrix(2, {1, 10});
  const auto product = RunOp1("BatchMatMulV2", {x, y});
  EXPECT_THAT(Values(product), ElementsAre(21, 43));
  EXPECT_EQ(product->shape(), TensorShape({2, 1, 1}));
  EXPECT_EQ(RunOp1("BatchMatMul", {x, y}).status().message(),
            "In[0] and In[1] has different ndims: [2,1,2] vs. [2,1]");
}

TEST(BatchMatMulTest, MismatchNamesTheSizesAndTheAdjoints) {
  const auto product = RunOp1("BatchMatMulV2", {Matrix(2, {1, 2, 3, 4, 5, 6}),
                                                Matrix(2, {1, 1, 1, 1})});
  EXPECT_EQ(product.status().message(),
            "In[0] mismatch In[1] shape: 3 vs. 2: [2,3] [2,2] 0 0");
}

TEST(BatchMatMulTest, AdjointsAreConjugated) {
  using C = std::complex<float>;
  const Tensor x = Tensor::Vector<C>({C(1, 2)}).Reshaped(TensorShape({1, 1}));
  const auto product = RunOp1("BatchMatMul", {x, x}, {Attr("adj_x", true)});
  ASSERT_TRUE(product.ok());
  EXPECT_EQ(product->flat<C>()[0], C(5, 0));
}

}  // namespace
}  // namespace retrograph
