// Dataset: what an element of a pipeline is made from, and how to go through
// it. An iterator goes through a dataset once; several may go at a time.
//
// Order and draws are TensorFlow 1.15.5's.
#ifndef RETROGRAPH_OPS_DATASET_H_
#define RETROGRAPH_OPS_DATASET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/errors.h"
#include "core/tensor.h"
#include "core/variant.h"
#include "ops/kernel.h"

namespace retrograph {

// One tensor for each component.
using Element = std::vector<Tensor>;

// What a step through a pipeline has besides the pipeline.
struct IteratorContext {
  explicit IteratorContext(const RunEnvironment* run) : env(run) {}
  const RunEnvironment* const env;
  int depth = 0;  // of iterators that ask one another
};

// Threads: one at a time.
class DatasetIterator {
 public:
  virtual ~DatasetIterator() = default;
  // The next element; false at the end, and from then on.
  //
  // Errors: Cancelled if the run is given up, ResourceExhausted for iterators
  // that ask one another without an end (of a function that calls itself), and
  // those of the iterator.
  absl::StatusOr<bool> Next(IteratorContext* ctx, Element* element);

 protected:
  virtual absl::StatusOr<bool> NextElement(IteratorContext* ctx,
                                           Element* element) = 0;
};

class Dataset : public VariantObject {
 public:
  std::string TypeName() const override {
    return "tensorflow::DatasetVariantWrapper";
  }
  // TensorFlow also tells the kind and its numbers.
  std::string ValueText() const override { return "Dataset"; }
  virtual std::unique_ptr<DatasetIterator> NewIterator() const = 0;
  // The same elements, the way OptimizeDataset has them: a shuffled dataset
  // that is repeated becomes one that shuffles across the repetitions. Null:
  // as it is.
  virtual std::shared_ptr<const Dataset> Optimized() const { return nullptr; }
  // How many datasets stand over one another, this one included.
  int NumLevels() const { return num_levels_; }

 protected:
  explicit Dataset(int num_levels = 1) : num_levels_(num_levels) {}

 private:
  const int num_levels_;
};
using DatasetPtr = std::shared_ptr<const Dataset>;

// Datasets of more levels are refused: to go through one, or to forget it,
// takes a call a level.
constexpr int kMaxDatasetLevels = 1000;

// A dataset over one other.
class OverOne : public Dataset {
 public:
  explicit OverOne(DatasetPtr input)
      : Dataset(input->NumLevels() + 1), input_(std::move(input)) {}
  const DatasetPtr& input() const { return input_; }
  DatasetPtr Optimized() const override {
    DatasetPtr input = input_->Optimized();
    return input == nullptr ? nullptr : Over(std::move(input));
  }
  // The same over another input.
  virtual DatasetPtr Over(DatasetPtr input) const = 0;

 private:
  const DatasetPtr input_;
};

// An iterator made of a function of a context and an element, which is called
// until it says false.
template <typename F>
class FunctionIterator final : public DatasetIterator {
 public:
  explicit FunctionIterator(F next) : next_(std::move(next)) {}

 protected:
  absl::StatusOr<bool> NextElement(IteratorContext* ctx,
                                   Element* element) override {
    if (over_) return false;
    RG_ASSIGN_OR_RETURN(const bool has_more, next_(ctx, element));
    over_ = !has_more;
    return has_more;
  }

 private:
  F next_;
  bool over_ = false;
};
template <typename F>
std::unique_ptr<DatasetIterator> IteratorOf(F next) {
  return std::make_unique<FunctionIterator<F>>(std::move(next));
}

// A shared iterator may stand in a function that can be copied.
using SharedIterator = std::shared_ptr<DatasetIterator>;
inline SharedIterator Start(const DatasetPtr& dataset) {
  return dataset->NewIterator();
}

DatasetPtr RangeOf(int64_t start, int64_t stop, int64_t step);  // step != 0
DatasetPtr OneElement(Element element);
// The rows of the tensors, which have as many.
DatasetPtr SlicesOf(Element tensors);
// The next `size` elements for a batch, or what is left of them; none at the
// end, or where `drop_remainder` and fewer are left.
absl::StatusOr<std::vector<Element>> NextRows(IteratorContext* ctx,
                                              DatasetIterator* input,
                                              int64_t size,
                                              bool drop_remainder);
// Rows of `size` elements; a shorter one at the end unless `drop_remainder`.
// InvalidArgument where shapes differ.
DatasetPtr Batched(DatasetPtr input, int64_t size, bool drop_remainder);
DatasetPtr Repeated(DatasetPtr input, int64_t count);  // < 0: for ever
DatasetPtr Taken(DatasetPtr input, int64_t count);     // < 0: all
DatasetPtr Skipped(DatasetPtr input, int64_t count);   // < 0: all
DatasetPtr Zipped(std::vector<DatasetPtr> inputs);
DatasetPtr Concatenated(DatasetPtr first, DatasetPtr second);
// Draws from a buffer. With `reshuffle` each iterator draws otherwise.
DatasetPtr Shuffled(DatasetPtr input, int64_t buffer_size, int64_t seed,
                    int64_t seed2, bool reshuffle);

// ---- rearranged_dataset.cc ----
// What was computed once is kept for later iterators.
DatasetPtr Cached(DatasetPtr input);
// Elements index, index + num_shards, ...; 0 <= index < num_shards.
DatasetPtr Sharded(DatasetPtr input, int64_t num_shards, int64_t index);
// Of each component a dataset of `size` elements, `stride` apart; the next
// begin `shift` elements later. All > 0.
DatasetPtr Windowed(DatasetPtr input, int64_t size, int64_t shift,
                    int64_t stride, bool drop_remainder);
// The rows of each element.
DatasetPtr Unbatched(DatasetPtr input);
DatasetPtr WithoutErrors(DatasetPtr input);

// ---- padded_batch_dataset.cc ----
// How one component is filled up.
struct Padding {
  std::vector<int64_t> dims;  // -1: as much as the batch needs
  Tensor value;               // a scalar
};
// InvalidArgument and DataLoss where an element does not fit.
DatasetPtr PaddedBatched(DatasetPtr input, int64_t size,
                         std::vector<Padding> paddings, bool drop_remainder);

// One row for each of the elements, with rows of one component alike.
// InvalidArgument where shapes differ.
absl::StatusOr<Element> BatchOf(const std::vector<Element>& rows);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_DATASET_H_
