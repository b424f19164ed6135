// TensorSliceSet: the slices in which one tensor was saved, and the question
// whether some of them together cover a part that is wanted.
//
// Threads: thread-compatible.
#ifndef RETROGRAPH_CHECKPOINT_TENSOR_SLICE_SET_H_
#define RETROGRAPH_CHECKPOINT_TENSOR_SLICE_SET_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "checkpoint/tensor_slice.h"
#include "core/tensor_shape.h"

namespace retrograph {

class TensorSliceSet {
 public:
  explicit TensorSliceSet(const TensorShape& shape) : shape_(shape) {}

  struct Part {
    TensorSlice slice;
    int tag;  // what Register() was given with it
  };

  // Internal, in TensorFlow's words, for a slice that does not lie in the shape
  // or overlaps one that is there.
  absl::Status Register(const TensorSlice& slice, int tag);

  // The slices that have a part of `wanted`; empty if they do not cover it. One
  // slice if the very same was registered.
  std::vector<Part> Cover(const TensorSlice& wanted) const;

  const TensorShape& shape() const { return shape_; }
  const std::vector<Part>& parts() const { return parts_; }

 private:
  // The first registered slice that overlaps, or null.
  const Part* FindOverlap(const TensorSlice& slice) const;

  TensorShape shape_;
  std::vector<Part> parts_;
  absl::flat_hash_map<std::string, int> by_text_;  // index into parts_
  // Contains all parts: most new slices lie outside it.
  TensorSlice hull_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_TENSOR_SLICE_SET_H_
