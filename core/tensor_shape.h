// TensorShape: the sizes of a tensor's dimensions, all known.
// PartialTensorShape: what is known about a shape while a graph is built: maybe
// not even the rank, maybe some dimensions (-1 is unknown).
//
// Limits are TensorFlow's: at most 254 dimensions, and the product of all
// dimensions fits in int64. What breaks them is an error, never a wrapped
// number. Where a kernel puts a shape together out of others, the error comes
// with the allocation: the shape counts as having kTooMany elements until then.
#ifndef RETROGRAPH_CORE_TENSOR_SHAPE_H_
#define RETROGRAPH_CORE_TENSOR_SHAPE_H_

#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "proto/tensor_shape.pb.h"

namespace retrograph {

class TensorShape {
 public:
  static constexpr int kMaxRank = 254;
  static constexpr int64_t kTooMany = INT64_MAX;

  TensorShape() = default;  // a scalar
  // For dims known to be valid (CHECK-fails, i.e. aborts, otherwise).
  TensorShape(std::initializer_list<int64_t> dims);
  // For dims that a kernel computed. If they make no shape, num_elements() is
  // kTooMany, and Tensor::Allocate() gives the error that Create() gives; so
  // with set_dim(), AddDim() and RemoveDim().
  explicit TensorShape(absl::Span<const int64_t> dims);

  // InvalidArgument for a negative dim, too many dims or an overflow.
  static absl::StatusOr<TensorShape> Create(absl::Span<const int64_t> dims);
  // As TensorFlow, takes the dims alone: unknown_rank does not matter here.
  static absl::StatusOr<TensorShape> FromProto(const TensorShapeProto& proto);
  static bool IsValid(const TensorShapeProto& proto);

  int rank() const { return static_cast<int>(dims_.size()); }
  int64_t dim(int i) const { return dims_[i]; }
  absl::Span<const int64_t> dims() const { return dims_; }
  int64_t num_elements() const { return num_elements_; }
  void set_dim(int i, int64_t size);
  void AddDim(int64_t size);
  void RemoveDim(int i);
  void Clear() {  // makes it a scalar
    dims_.clear();
    num_elements_ = 1;
  }

  void AsProto(TensorShapeProto* proto) const;
  std::string DebugString() const;   // "[2,3]"
  std::string PythonString() const;  // "(2, 3)", "(2,)", "()"

  friend bool operator==(const TensorShape& a, const TensorShape& b) {
    return a.dims_ == b.dims_;
  }
  friend bool operator!=(const TensorShape& a, const TensorShape& b) {
    return !(a == b);
  }

 private:
  void Recompute();
  absl::InlinedVector<int64_t, 4> dims_;
  int64_t num_elements_ = 1;
};

class PartialTensorShape {
 public:
  PartialTensorShape() = default;  // unknown rank
  PartialTensorShape(std::initializer_list<int64_t> dims);  // -1: unknown
  explicit PartialTensorShape(absl::Span<const int64_t> dims);  // unchecked
  PartialTensorShape(const TensorShape& shape);  // NOLINT: a known shape is one
  // InvalidArgument for a dim below -1, too many dims or an overflow.
  static absl::StatusOr<PartialTensorShape> Create(
      absl::Span<const int64_t> dims);
  static absl::StatusOr<PartialTensorShape> FromProto(
      const TensorShapeProto& proto);
  // A rank that no tensor has (it may come from a file) is an unknown one.
  static PartialTensorShape UnknownOfRank(int64_t rank);

  bool unknown_rank() const { return !known_rank_; }
  int rank() const { return known_rank_ ? static_cast<int>(dims_.size()) : -1; }
  int64_t dim(int i) const { return dims_[i]; }  // -1: unknown
  absl::Span<const int64_t> dims() const { return dims_; }
  void set_dim(int i, int64_t size) { dims_[i] = size; }
  void AddDim(int64_t size) { known_rank_ = true; dims_.push_back(size); }

  bool IsFullyDefined() const;
  // -1 if unknown.
  int64_t num_elements() const;
  // The known shape; CHECK-fails unless IsFullyDefined().
  TensorShape AsTensorShape() const;
  bool IsCompatibleWith(const PartialTensorShape& other) const;
  // What both say together; InvalidArgument if they contradict each other.
  absl::StatusOr<PartialTensorShape> MergeWith(
      const PartialTensorShape& other) const;

  void AsProto(TensorShapeProto* proto) const;
  std::string DebugString() const;   // "[2,?]", "<unknown>"
  std::string PythonString() const;  // "(2, ?)", "<unknown>"

  friend bool operator==(const PartialTensorShape& a,
                         const PartialTensorShape& b) {
    return a.known_rank_ == b.known_rank_ && a.dims_ == b.dims_;
  }

 private:
  bool known_rank_ = false;
  absl::InlinedVector<int64_t, 4> dims_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_TENSOR_SHAPE_H_
