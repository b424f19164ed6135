// Datasets that call functions: what map, filter, flat_map, interleave and
// their like make.
//
// Elements come in order, as those of TensorFlow's datasets that are not
// "sloppy"; what TensorFlow does on several threads is done on one here.
#ifndef RETROGRAPH_OPS_FUNCTION_DATASET_H_
#define RETROGRAPH_OPS_FUNCTION_DATASET_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "ops/dataset.h"
#include "ops/function.h"

namespace retrograph {

// A function with its last arguments, which are the same for every element.
struct CapturedFunction {
  FunctionPtr function;
  Element captured;

  absl::StatusOr<Element> Call(IteratorContext* ctx, Element arguments) const;
};
using CapturedPtr = std::shared_ptr<const CapturedFunction>;

// OutOfRange from the function ends the dataset, unless it is to have as many
// elements as its input (`preserve_cardinality`): InvalidArgument then.
DatasetPtr Mapped(DatasetPtr input, CapturedPtr f, bool preserve_cardinality);
DatasetPtr MapAndBatched(DatasetPtr input, CapturedPtr f, int64_t batch_size,
                         bool drop_remainder, bool preserve_cardinality);
DatasetPtr Filtered(DatasetPtr input, CapturedPtr predicate);
// Takes `block_length` elements in turn from each of `cycle_length` datasets
// that `f` makes of elements of the input; both > 0.
DatasetPtr Interleaved(DatasetPtr input, CapturedPtr f, int64_t cycle_length,
                       int64_t block_length);
// Collects elements by key, and each `window_size(key)` of them, and in the end
// the rest, become the dataset that `reduce` makes of them.
DatasetPtr GroupedByWindow(DatasetPtr input, CapturedPtr key,
                           CapturedPtr reduce, CapturedPtr window_size);
// `next` of what `init` gave, until it reports OutOfRange; then `finalize`.
DatasetPtr Generated(CapturedPtr init, CapturedPtr next, CapturedPtr finalize);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_FUNCTION_DATASET_H_
