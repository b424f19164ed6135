// Dataset: what an element of a pipeline is made from, and how to go through
// it. An iterator goes through a dataset once; several may go at a time.
//
// Order and draws are TensorFlow 1.15.5's.
#ifndef RETROGRAPH_OPS_DATASET_H_
#define RETROGRAPH_OPS_DATASET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/tensor.h"
#include "core/variant.h"

namespace retrograph {

// One tensor for each component.
using Element = std::vector<Tensor>;

// Threads: one at a time.
class DatasetIterator {
 public:
  virtual ~DatasetIterator() = default;
  // The next element; false at the end, and from then on.
  virtual absl::StatusOr<bool> Next(Element* element) = 0;
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
};
using DatasetPtr = std::shared_ptr<const Dataset>;

DatasetPtr RangeOf(int64_t start, int64_t stop, int64_t step);  // step != 0
DatasetPtr OneElement(Element element);
// The rows of the tensors, which have as many.
DatasetPtr SlicesOf(Element tensors);
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

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_DATASET_H_
