#include "core/tensor_shape.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/check.h"
#include "core/errors.h"

namespace retrograph {
namespace {

// a * b for sizes, or -1 if that is more than an int64 holds.
int64_t MultiplySizes(int64_t a, int64_t b) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) ? -1 : product;
}

std::string DimString(int64_t dim) {
  return dim == -1 ? "?" : absl::StrCat(dim);
}

std::string JoinDims(absl::Span<const int64_t> dims,
                     absl::string_view separator) {
  return absl::StrJoin(dims, separator, [](std::string* out, int64_t dim) {
    out->append(DimString(dim));
  });
}

std::string Bracketed(absl::Span<const int64_t> dims) {
  return absl::StrCat("[", JoinDims(dims, ","), "]");
}

std::string PythonTuple(absl::Span<const int64_t> dims) {
  return absl::StrCat("(", JoinDims(dims, ", "), dims.size() == 1 ? ",)" : ")");
}

// Checks dims that code gave, as TensorShapeUtils::MakeShape does: one after
// the other, and the message about the size holds the dims up to the bad one.
// `least` is 0, or -1 where a dim may be unknown.
absl::Status CheckDims(absl::Span<const int64_t> dims, int64_t least) {
  if (dims.size() > static_cast<size_t>(TensorShape::kMaxRank)) {
    return absl::InvalidArgumentError("Too many dimensions");
  }
  int64_t product = 1;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < least) {
      return absl::InvalidArgumentError(
          absl::StrCat("Dimension ", dims[i], " must be >= ", least));
    }
    if (dims[i] == -1) continue;
    product = MultiplySizes(product, dims[i]);
    if (product < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("Shape ", Bracketed(dims.subspan(0, i + 1)),
                       " would have more than 2**63 - 1 elements"));
    }
  }
  return absl::OkStatus();
}

absl::InlinedVector<int64_t, 4> DimsOf(const TensorShapeProto& proto) {
  absl::InlinedVector<int64_t, 4> dims;
  dims.reserve(proto.dim_size());
  for (const TensorShapeProto::Dim& dim : proto.dim()) {
    dims.push_back(dim.size());
  }
  return dims;
}

// Checks dims of a proto. TensorFlow words these errors otherwise than those
// of dims that code gives.
absl::Status CheckProtoDims(absl::Span<const int64_t> dims, bool partial) {
  auto error = [&dims](absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat("Shape ", Bracketed(dims), " ", what));
  };
  if (dims.size() > static_cast<size_t>(TensorShape::kMaxRank)) {
    return error("has too many dimensions");
  }
  int64_t product = 1;
  for (int64_t dim : dims) {
    if (dim < 0 && !partial) return error("is not fully defined");
    if (dim < -1) {
      return error(
          "has dimensions with values below -1 (where -1 means unknown)");
    }
    if (dim == -1) continue;
    product = MultiplySizes(product, dim);
    if (product < 0) return error("is too large (more than 2**63 - 1 entries)");
  }
  return absl::OkStatus();
}

void DimsToProto(absl::Span<const int64_t> dims, TensorShapeProto* proto) {
  proto->Clear();
  for (int64_t dim : dims) proto->add_dim()->set_size(dim);
}

}  // namespace

TensorShape::TensorShape(std::initializer_list<int64_t> dims)
    : TensorShape(absl::MakeConstSpan(dims.begin(), dims.size())) {
  const absl::Status status = CheckDims(dims_, 0);
  RG_CHECK(status.ok(), std::string(status.message()));
}

TensorShape::TensorShape(absl::Span<const int64_t> dims)
    : dims_(dims.begin(), dims.end()) {
  Recompute();
}

absl::StatusOr<TensorShape> TensorShape::Create(
    absl::Span<const int64_t> dims) {
  RG_RETURN_IF_ERROR(CheckDims(dims, 0));
  return TensorShape(dims);
}

absl::StatusOr<TensorShape> TensorShape::FromProto(
    const TensorShapeProto& proto) {
  const auto dims = DimsOf(proto);
  RG_RETURN_IF_ERROR(CheckProtoDims(dims, /*partial=*/false));
  return TensorShape(dims);
}

bool TensorShape::IsValid(const TensorShapeProto& proto) {
  return CheckProtoDims(DimsOf(proto), /*partial=*/false).ok();
}

void TensorShape::Recompute() {
  num_elements_ = kTooMany;
  if (dims_.size() > static_cast<size_t>(kMaxRank)) return;
  int64_t product = 1;
  for (int64_t dim : dims_) {
    if (dim < 0) return;
    product = MultiplySizes(product, dim);
    if (product < 0) return;
  }
  num_elements_ = product;
}

void TensorShape::set_dim(int i, int64_t size) {
  RG_CHECK(i >= 0 && i < rank(), absl::StrCat("no dim ", i));
  dims_[i] = size;
  Recompute();
}

void TensorShape::AddDim(int64_t size) {
  dims_.push_back(size);
  Recompute();
}

void TensorShape::RemoveDim(int i) {
  RG_CHECK(i >= 0 && i < rank(), absl::StrCat("no dim ", i));
  dims_.erase(dims_.begin() + i);
  Recompute();
}

void TensorShape::AsProto(TensorShapeProto* proto) const {
  DimsToProto(dims_, proto);
}

std::string TensorShape::DebugString() const { return Bracketed(dims_); }

std::string TensorShape::PythonString() const { return PythonTuple(dims_); }

PartialTensorShape::PartialTensorShape(std::initializer_list<int64_t> dims)
    : PartialTensorShape(absl::MakeConstSpan(dims.begin(), dims.size())) {}

PartialTensorShape::PartialTensorShape(absl::Span<const int64_t> dims)
    : known_rank_(true), dims_(dims.begin(), dims.end()) {}

PartialTensorShape::PartialTensorShape(const TensorShape& shape)
    : known_rank_(true), dims_(shape.dims().begin(), shape.dims().end()) {}

absl::StatusOr<PartialTensorShape> PartialTensorShape::Create(
    absl::Span<const int64_t> dims) {
  RG_RETURN_IF_ERROR(CheckDims(dims, -1));
  return PartialTensorShape(dims);
}

absl::StatusOr<PartialTensorShape> PartialTensorShape::FromProto(
    const TensorShapeProto& proto) {
  if (proto.unknown_rank()) {
    if (proto.dim_size() > 0) {
      return absl::InvalidArgumentError(
          "An unknown shape must not have any dimensions set.");
    }
    return PartialTensorShape();
  }
  const auto dims = DimsOf(proto);
  RG_RETURN_IF_ERROR(CheckProtoDims(dims, /*partial=*/true));
  return PartialTensorShape(dims);
}

PartialTensorShape PartialTensorShape::UnknownOfRank(int64_t rank) {
  PartialTensorShape shape;
  if (rank < 0 || rank > TensorShape::kMaxRank) return shape;
  shape.known_rank_ = true;
  shape.dims_.assign(static_cast<size_t>(rank), -1);
  return shape;
}

bool PartialTensorShape::IsFullyDefined() const {
  if (!known_rank_) return false;
  for (int64_t dim : dims_) {
    if (dim < 0) return false;
  }
  return true;
}

int64_t PartialTensorShape::num_elements() const {
  if (!IsFullyDefined()) return -1;
  int64_t product = 1;
  for (int64_t dim : dims_) {
    product = MultiplySizes(product, dim);
    if (product < 0) return -1;
  }
  return product;
}

TensorShape PartialTensorShape::AsTensorShape() const {
  RG_CHECK(IsFullyDefined(),
           absl::StrCat("shape ", DebugString(), " is not fully defined"));
  return TensorShape(dims_);
}

bool PartialTensorShape::IsCompatibleWith(
    const PartialTensorShape& other) const {
  if (!known_rank_ || !other.known_rank_) return true;
  if (dims_.size() != other.dims_.size()) return false;
  for (size_t i = 0; i < dims_.size(); ++i) {
    if (dims_[i] >= 0 && other.dims_[i] >= 0 && dims_[i] != other.dims_[i]) {
      return false;
    }
  }
  return true;
}

absl::StatusOr<PartialTensorShape> PartialTensorShape::MergeWith(
    const PartialTensorShape& other) const {
  if (!known_rank_) return other;
  if (!other.known_rank_) return *this;
  if (rank() != other.rank()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "PartialTensorShape: Incompatible ranks during merge: ", rank(),
        " vs. ", other.rank()));
  }
  if (!IsCompatibleWith(other)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "PartialTensorShape: Incompatible shapes during merge: ", DebugString(),
        " vs. ", other.DebugString()));
  }
  auto dims = dims_;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < 0) dims[i] = other.dims_[i];
  }
  return Create(dims);
}

void PartialTensorShape::AsProto(TensorShapeProto* proto) const {
  DimsToProto(dims_, proto);
  proto->set_unknown_rank(!known_rank_);
}

std::string PartialTensorShape::DebugString() const {
  return known_rank_ ? Bracketed(dims_) : "<unknown>";
}

std::string PartialTensorShape::PythonString() const {
  return known_rank_ ? PythonTuple(dims_) : "<unknown>";
}

}  // namespace retrograph
