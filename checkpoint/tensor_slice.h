// TensorSlice: a box inside a tensor, per dimension a start and a length, or
// the whole dimension.
//
// As text: "0,3:-:2,1" is rows 0 to 2, all columns, and layer 2. "-" stands for
// the whole dimension; the slice of a scalar is "". The text is what SaveV2 and
// RestoreV2 take in shape_and_slices ("4 2 2,2:0,2": the shape [4,2], then the
// slice).
//
// A whole dimension that is spelled out ("0,4" of 4) is the same box but
// another slice: it has another text and another key in the index.
#ifndef RETROGRAPH_CHECKPOINT_TENSOR_SLICE_H_
#define RETROGRAPH_CHECKPOINT_TENSOR_SLICE_H_

#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/tensor.h"
#include "core/tensor_shape.h"
#include "proto/tensor_slice.pb.h"

namespace retrograph {

class TensorSlice {
 public:
  static constexpr int64_t kFullExtent = -1;

  TensorSlice() = default;         // of a scalar
  explicit TensorSlice(int rank);  // everything: "-:-:..."

  // InvalidArgument, in TensorFlow's words, if `text` is no slice.
  static absl::StatusOr<TensorSlice> Parse(absl::string_view text);
  // InvalidArgument for a negative start or length.
  static absl::StatusOr<TensorSlice> FromProto(const TensorSliceProto& proto);
  void AsProto(TensorSliceProto* proto) const;
  std::string DebugString() const;  // "0,3:-:2,1"

  int rank() const { return static_cast<int>(extents_.size()); }
  int64_t start(int d) const { return extents_[d].start; }
  int64_t length(int d) const { return extents_[d].length; }  // or kFullExtent
  int64_t end(int d) const { return start(d) + length(d); }
  bool IsFullAt(int d) const { return length(d) == kFullExtent; }
  bool IsFull() const;  // every dimension is kFullExtent
  void AddExtent(int64_t start, int64_t length);

  // The shape of this slice of a tensor of shape `shape`. Internal, in
  // TensorFlow's words, if the ranks differ or the slice lies outside.
  absl::StatusOr<TensorShape> SliceShape(const TensorShape& shape) const;

  // The common part, if there is one.
  bool Intersect(const TensorSlice& other, TensorSlice* result) const;
  bool Overlaps(const TensorSlice& other) const;

  friend bool operator==(const TensorSlice& a, const TensorSlice& b);

 private:
  struct Extent {
    int64_t start = 0;
    int64_t length = kFullExtent;
  };
  absl::InlinedVector<Extent, 4> extents_;
};

// "4 2 2,2:0,2" taken apart.
struct ShapeAndSlice {
  TensorShape shape;
  TensorSlice slice;
  TensorShape slice_shape;
};
// InvalidArgument or Internal, in TensorFlow's words. `text` is not empty.
absl::StatusOr<ShapeAndSlice> ParseShapeAndSlice(absl::string_view text);

// Copies what `from_slice` and `to_slice` have in common. `from` holds
// from_slice of a tensor of shape `shape`, `to` to_slice of it; dtypes are
// equal and both slices lie in the shape (checked by the caller).
void CopyBetweenSlices(const TensorShape& shape, const TensorSlice& from_slice,
                       const Tensor& from, const TensorSlice& to_slice,
                       Tensor* to);

// The key under which a slice of tensor `name` stands in a table: OrderedCode,
// so that it sorts before all names.
std::string EncodeTensorNameSlice(absl::string_view name,
                                  const TensorSlice& slice);
// The inverse. DataLoss if `code` is no such key.
absl::Status DecodeTensorNameSlice(absl::string_view code, std::string* name,
                                   TensorSlice* slice);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_TENSOR_SLICE_H_
