// What lists of tensors do where TensorFlow 1.15.5 aborts, takes all memory or
// reads what was never written, and that they are copied no more than needed.
// What it does elsewhere: python/tests/snippets_tensor_list.txt.
#include <string>
#include <vector>

#include "core/status_matchers.h"
#include "core/tensor_list.h"
#include "gtest/gtest.h"
#include "ops/op_test_util.h"

namespace retrograph {
namespace {

using ::testing::HasSubstr;

AttrList Floats() { return {{"element_dtype", MakeAttr(DT_FLOAT)}}; }
Tensor NoShape() { return Tensor::Scalar<int32_t>(-1); }

absl::StatusOr<Tensor> Reserved(int32_t size) {
  return RunOp1("TensorListReserve", {NoShape(), Tensor::Scalar(size)},
                Floats());
}
Tensor Rows() {
  return RunOp1("TensorListFromTensor",
                {Tensor::Vector<float>({1, 2, 3}), NoShape()})
      .value();
}

TEST(TensorListTest, SizesThatNoListHasAreErrors) {
  EXPECT_THAT(Reserved(-3), StatusIs(absl::StatusCode::kInvalidArgument,
                                     HasSubstr("Got: -3")));
  EXPECT_THAT(Reserved(INT32_MAX),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(RunOp1("TensorListResize",
                     {Rows(), Tensor::Scalar<int32_t>(1 << 30)}),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(
      RunOp1("TensorListScatter",
             {Tensor::Vector<float>({1}), Tensor::Vector<int32_t>({INT32_MAX}),
              NoShape()}),
      StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(TensorListTest, ElementsBehindTheEndOfAListAreNotSet) {
  RG_ASSERT_OK_AND_ASSIGN(
      const Tensor longer,
      RunOp1("TensorListScatterIntoExistingList",
             {Rows(), Tensor::Vector<float>({8, 9}),
              Tensor::Vector<int32_t>({1, 4})}));
  RG_ASSERT_OK_AND_ASSIGN(
      const Tensor stacked,
      RunOp1("TensorListStack", {longer, NoShape()}, Floats()));
  EXPECT_EQ(stacked.SummarizeValues(-1), "1 8 3 0 9");
}

TEST(TensorListTest, IndicesThatNoListHasAreErrors) {
  for (const int32_t index : {-1, 3}) {
    for (const char* op : {"TensorListGetItem", "TensorListGather"}) {
      const Tensor at = Tensor::Vector<int32_t>({index});
      EXPECT_THAT(RunOp1(op, {Rows(), at, NoShape()}, Floats()),
                  StatusIs(absl::StatusCode::kInvalidArgument));
    }
  }
}

TEST(TensorListTest, AListIsNotChangedForOthersThatHoldIt) {
  const Tensor rows = Rows();
  RG_ASSERT_OK_AND_ASSIGN(
      const Tensor more,
      RunOp1("TensorListPushBack", {rows, Tensor::Scalar(4.0f)}));
  EXPECT_EQ(VariantAs<TensorList>(rows)->size(), 3u);
  EXPECT_EQ(VariantAs<TensorList>(more)->size(), 4u);
}

TEST(TensorListTest, ListsAreNotPutIntoOneAnotherWithoutEnd) {
  absl::StatusOr<Tensor> list = Rows();
  int depth = 1;
  for (; list.ok() && depth < 5000; ++depth) {
    const Tensor inner = list->Reshaped(TensorShape({1}));
    list = RunOp1("TensorListFromTensor", {inner, NoShape()});
  }
  EXPECT_EQ(depth, 1001);
  EXPECT_THAT(list, StatusIs(absl::StatusCode::kInvalidArgument,
                             "Lists stand more than 1000 deep in one another"));
}

}  // namespace
}  // namespace retrograph
