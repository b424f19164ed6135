#include "ops/dataset.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace retrograph {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// The next element, in a run that offers nothing.
absl::StatusOr<bool> Next(DatasetIterator* iterator, Element* element) {
  const RunEnvironment env;
  IteratorContext ctx(&env);
  return iterator->Next(&ctx, element);
}

// The numbers of a dataset of scalars, at most `limit` of them.
std::vector<int64_t> Numbers(const DatasetPtr& dataset, size_t limit = 100) {
  const std::unique_ptr<DatasetIterator> iterator = dataset->NewIterator();
  std::vector<int64_t> numbers;
  Element element;
  while (numbers.size() < limit) {
    const absl::StatusOr<bool> more = Next(iterator.get(), &element);
    EXPECT_OK(more);
    if (!more.ok() || !*more) break;
    numbers.push_back(element[0].scalar<int64_t>());
  }
  return numbers;
}

TEST(DatasetTest, ARangeEndsBeforeItsStop) {
  EXPECT_THAT(Numbers(RangeOf(0, 3, 1)), ElementsAre(0, 1, 2));
  EXPECT_THAT(Numbers(RangeOf(5, 0, -2)), ElementsAre(5, 3, 1));
  EXPECT_THAT(Numbers(RangeOf(3, 3, 1)), IsEmpty());
  // The next number would not fit.
  EXPECT_THAT(Numbers(RangeOf(INT64_MAX - 1, INT64_MAX, 5)),
              ElementsAre(INT64_MAX - 1));
}

TEST(DatasetTest, RepeatedForEverAnEmptyDatasetEnds) {
  EXPECT_THAT(Numbers(Repeated(RangeOf(0, 2, 1), 2)), ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(Numbers(Repeated(RangeOf(0, 2, 1), -1), 5),
              ElementsAre(0, 1, 0, 1, 0));
  EXPECT_THAT(Numbers(Repeated(RangeOf(0, 0, 1), -1)), IsEmpty());
  EXPECT_THAT(Numbers(Shuffled(RangeOf(0, 0, 1), 3, 1, 1, true)), IsEmpty());
}

TEST(DatasetTest, TakesSkipsAndJoins) {
  const DatasetPtr five = RangeOf(0, 5, 1);
  EXPECT_THAT(Numbers(Taken(five, 2)), ElementsAre(0, 1));
  EXPECT_THAT(Numbers(Taken(five, -1)), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(Numbers(Skipped(five, 3)), ElementsAre(3, 4));
  EXPECT_THAT(Numbers(Skipped(five, 9)), IsEmpty());
  EXPECT_THAT(Numbers(Skipped(five, -1)), IsEmpty());
  EXPECT_THAT(Numbers(Concatenated(Taken(five, 1), Skipped(five, 4))),
              ElementsAre(0, 4));
}

TEST(DatasetTest, BatchesTellWhichElementDiffers) {
  const DatasetPtr rows =
      Concatenated(OneElement({Tensor::Vector<int32_t>({1, 2})}),
                   OneElement({Tensor::Vector<int32_t>({3})}));
  Element element;
  EXPECT_THAT(Next(Batched(rows, 2, false)->NewIterator().get(), &element),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "Cannot batch tensors with different shapes in "
                       "component 0. First element had shape [2] and element "
                       "1 had shape [1]."));
  const auto iterator = Batched(rows, 1, false)->NewIterator();
  ASSERT_OK(Next(iterator.get(), &element));
  EXPECT_EQ(element[0].shape(), TensorShape({1, 2}));
}

TEST(DatasetTest, AShuffleGivesEachElementOnceARound) {
  const DatasetPtr shuffled = Shuffled(RangeOf(0, 5, 1), 3, 87654321, 7, true);
  const std::vector<int64_t> first = Numbers(shuffled);
  EXPECT_THAT(first, UnorderedElementsAre(0, 1, 2, 3, 4));
  // Drawn anew for each iterator.
  bool differs = false;
  for (int i = 0; i < 5; ++i) differs = differs || Numbers(shuffled) != first;
  EXPECT_TRUE(differs);
  const DatasetPtr same = Shuffled(RangeOf(0, 9, 1), 9, 1, 7, false);
  EXPECT_EQ(Numbers(same), Numbers(same));
}

TEST(DatasetTest, AShuffleFusedWithItsRepeatKeepsRoundsApart) {
  const DatasetPtr repeated =
      Repeated(Shuffled(RangeOf(0, 4, 1), 100, 1, 7, true), 2);
  const DatasetPtr fused = Taken(repeated, -1)->Optimized();
  ASSERT_NE(fused, nullptr);
  std::vector<int64_t> numbers = Numbers(fused);
  ASSERT_EQ(numbers.size(), 8u);
  EXPECT_THAT(std::vector<int64_t>(numbers.begin(), numbers.begin() + 4),
              UnorderedElementsAre(0, 1, 2, 3));
  EXPECT_EQ(RangeOf(0, 4, 1)->Optimized(), nullptr);
}

TEST(DatasetTest, ABufferMayBeAnySize) {
  EXPECT_EQ(Numbers(Shuffled(RangeOf(0, 4, 1), INT64_MAX, 1, 7, true)).size(),
            4u);
}

TEST(VariantTest, TellsWhatItHolds) {
  const Tensor tensor = VariantScalar(RangeOf(0, 2, 1));
  const Tensor copy = tensor;
  ASSERT_NE(VariantAs<Dataset>(copy), nullptr);
  EXPECT_THAT(Numbers(VariantAs<Dataset>(copy)), ElementsAre(0, 1));
  class Other : public VariantObject {
    std::string TypeName() const override { return "Other"; }
    std::string ValueText() const override { return "?"; }
  };
  EXPECT_EQ(VariantAs<Other>(copy), nullptr);
  EXPECT_EQ(VariantAs<Dataset>(Tensor::Scalar<int32_t>(1)), nullptr);
}

}  // namespace
}  // namespace retrograph
