#include "checkpoint/tensor_slice.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "checkpoint/ordered_code.h"
#include "core/errors.h"

namespace retrograph {
namespace {

bool ParseInt64(absl::string_view text, int64_t* value) {
  // SimpleAtoi takes a leading plus, TensorFlow does not.
  return text.find('+') == absl::string_view::npos &&
         absl::SimpleAtoi(text, value);
}

// A dimension as a start and a length that is not kFullExtent.
struct Range {
  int64_t start;
  int64_t length;
};

std::vector<Range> Ranges(const TensorShape& shape, const TensorSlice& slice) {
  std::vector<Range> ranges(static_cast<size_t>(slice.rank()));
  for (int d = 0; d < slice.rank(); ++d) {
    ranges[d] = slice.IsFullAt(d) ? Range{0, shape.dim(d)}
                                  : Range{slice.start(d), slice.length(d)};
  }
  return ranges;
}

// Elements from one index to the next in each dimension of a dense box.
std::vector<int64_t> Strides(const std::vector<Range>& box) {
  std::vector<int64_t> strides(box.size());
  int64_t stride = 1;
  for (size_t d = box.size(); d-- > 0;) {
    strides[d] = stride;
    stride *= box[d].length;
  }
  return strides;
}

// The part that two boxes share, and how it is reached from each.
struct SharedBox {
  std::vector<Range> common;
  std::vector<int64_t> from_strides, to_strides;
  int64_t from_offset = 0, to_offset = 0;
};

// False if there is nothing to copy.
bool FindSharedBox(const std::vector<Range>& from, const std::vector<Range>& to,
                   SharedBox* box) {
  box->from_strides = Strides(from);
  box->to_strides = Strides(to);
  for (size_t d = 0; d < from.size(); ++d) {
    const int64_t start = std::max(from[d].start, to[d].start);
    const int64_t end =
        std::min(from[d].start + from[d].length, to[d].start + to[d].length);
    if (end <= start) return false;
    box->common.push_back({start, end - start});
    box->from_offset += (start - from[d].start) * box->from_strides[d];
    box->to_offset += (start - to[d].start) * box->to_strides[d];
  }
  return true;
}

// Copies `count` elements that are next to each other in both.
using CopyRun = void (*)(const void* from, int64_t from_index, void* to,
                         int64_t to_index, int64_t count, int element_size);

void CopyBytes(const void* from, int64_t from_index, void* to, int64_t to_index,
               int64_t count, int element_size) {
  std::memcpy(static_cast<char*>(to) + to_index * element_size,
              static_cast<const char*>(from) + from_index * element_size,
              static_cast<size_t>(count) * element_size);
}

void CopyStrings(const void* from, int64_t from_index, void* to,
                 int64_t to_index, int64_t count, int) {
  const auto* source = static_cast<const std::string*>(from) + from_index;
  std::copy(source, source + count, static_cast<std::string*>(to) + to_index);
}

}  // namespace

TensorSlice::TensorSlice(int rank) {
  extents_.resize(static_cast<size_t>(rank));
}

absl::StatusOr<TensorSlice> TensorSlice::Parse(absl::string_view text) {
  TensorSlice slice;
  for (absl::string_view item : absl::StrSplit(text, ':', absl::SkipEmpty())) {
    if (item == "-") {
      slice.AddExtent(0, kFullExtent);
      continue;
    }
    std::vector<absl::string_view> pair =
        absl::StrSplit(item, ',', absl::SkipEmpty());
    int64_t start, length;
    if (pair.size() != 2 || !ParseInt64(pair[0], &start) ||
        !ParseInt64(pair[1], &length)) {
      return absl::InvalidArgumentError(
          absl::StrCat("Expected a pair of numbers or '-' but got '", item,
                       "': string = ", text));
    }
    if (start < 0 || length <= 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Expected non-negative start and positive length but got start = ",
          start, ", length = ", length, ": string = ", text));
    }
    slice.AddExtent(start, length);
  }
  return slice;
}

absl::StatusOr<TensorSlice> TensorSlice::FromProto(
    const TensorSliceProto& proto) {
  TensorSlice slice;
  for (const TensorSliceProto::Extent& extent : proto.extent()) {
    const bool full =
        extent.has_length_case() != TensorSliceProto::Extent::kLength;
    const int64_t length = full ? kFullExtent : extent.length();
    if (extent.start() < 0 || (full ? extent.start() != 0 : length <= 0)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Expected non-negative start and positive length but got start = ",
          extent.start(), ", length = ", length));
    }
    slice.AddExtent(extent.start(), length);
  }
  return slice;
}

void TensorSlice::AsProto(TensorSliceProto* proto) const {
  proto->Clear();
  for (const Extent& e : extents_) {
    TensorSliceProto::Extent* extent = proto->add_extent();
    if (e.length == kFullExtent) continue;
    extent->set_start(e.start);
    extent->set_length(e.length);
  }
}

std::string TensorSlice::DebugString() const {
  return absl::StrJoin(extents_, ":", [](std::string* out, const Extent& e) {
    if (e.length == kFullExtent) {
      out->push_back('-');
    } else {
      absl::StrAppend(out, e.start, ",", e.length);
    }
  });
}

bool TensorSlice::IsFull() const {
  return std::all_of(extents_.begin(), extents_.end(),
                     [](const Extent& e) { return e.length == kFullExtent; });
}

void TensorSlice::AddExtent(int64_t start, int64_t length) {
  Extent extent;
  extent.start = start;
  extent.length = length;
  extents_.push_back(extent);
}

absl::StatusOr<TensorShape> TensorSlice::SliceShape(
    const TensorShape& shape) const {
  if (shape.rank() != rank()) {
    return absl::InternalError(
        absl::StrCat("Mismatching ranks: shape = ", shape.DebugString(),
                     ", slice = ", DebugString()));
  }
  TensorShape result = shape;
  for (int d = 0; d < rank(); ++d) {
    if (IsFullAt(d)) continue;
    // Written so that nothing overflows.
    if (length(d) > shape.dim(d) || start(d) > shape.dim(d) - length(d)) {
      return absl::InternalError(
          absl::StrCat("Extent in dimension ", d, " out of bounds: shape = ",
                       shape.DebugString(), ", slice = ", DebugString()));
    }
    result.set_dim(d, length(d));
  }
  return result;
}

bool TensorSlice::Intersect(const TensorSlice& other,
                            TensorSlice* result) const {
  if (rank() != other.rank()) return false;
  TensorSlice common;
  for (int d = 0; d < rank(); ++d) {
    if (IsFullAt(d)) {
      common.extents_.push_back(other.extents_[d]);
    } else if (other.IsFullAt(d)) {
      common.extents_.push_back(extents_[d]);
    } else {
      const int64_t start = std::max(this->start(d), other.start(d));
      const int64_t end = std::min(this->end(d), other.end(d));
      if (end <= start) return false;
      common.AddExtent(start, end - start);
    }
  }
  if (result != nullptr) *result = std::move(common);
  return true;
}

bool TensorSlice::Overlaps(const TensorSlice& other) const {
  return Intersect(other, nullptr);
}

bool operator==(const TensorSlice& a, const TensorSlice& b) {
  if (a.rank() != b.rank()) return false;
  for (int d = 0; d < a.rank(); ++d) {
    if (a.start(d) != b.start(d) || a.length(d) != b.length(d)) return false;
  }
  return true;
}

absl::StatusOr<ShapeAndSlice> ParseShapeAndSlice(absl::string_view text) {
  std::vector<absl::string_view> parts = absl::StrSplit(text, ' ');
  if (parts.size() < 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Need least two elements in shape_and_slice specification: ", text));
  }
  ShapeAndSlice result;
  RG_ASSIGN_OR_RETURN(result.slice, TensorSlice::Parse(parts.back()));
  parts.pop_back();
  std::vector<int64_t> dims;
  for (absl::string_view part : parts) {
    int64_t dim;
    if (!ParseInt64(part, &dim)) {
      return absl::InvalidArgumentError(
          absl::StrCat("Non numerical dimension in shape_and_slice: ", text));
    }
    dims.push_back(dim);
  }
  RG_ASSIGN_OR_RETURN(result.shape, TensorShape::Create(dims));
  RG_ASSIGN_OR_RETURN(result.slice_shape,
                      result.slice.SliceShape(result.shape));
  return result;
}

void CopyBetweenSlices(const TensorShape& shape, const TensorSlice& from_slice,
                       const Tensor& from, const TensorSlice& to_slice,
                       Tensor* to) {
  if (from.num_elements() == 0 || to->num_elements() == 0) return;
  SharedBox box;
  if (!FindSharedBox(Ranges(shape, from_slice), Ranges(shape, to_slice),
                     &box)) {
    return;
  }
  const CopyRun copy = from.dtype() == DT_STRING ? CopyStrings : CopyBytes;
  const int element_size = DataTypeSize(from.dtype());
  const void* source = from.data();
  void* target = to->mutable_data();
  const int rank = static_cast<int>(box.common.size());
  const int64_t run = rank == 0 ? 1 : box.common[rank - 1].length;

  // Counts through the dimensions but the last, like an odometer.
  std::vector<int64_t> index(static_cast<size_t>(rank), 0);
  int64_t from_index = box.from_offset;
  int64_t to_index = box.to_offset;
  while (true) {
    copy(source, from_index, target, to_index, run, element_size);
    int d = rank - 2;
    for (; d >= 0; --d) {
      from_index += box.from_strides[d];
      to_index += box.to_strides[d];
      if (++index[d] < box.common[d].length) break;
      from_index -= box.from_strides[d] * index[d];
      to_index -= box.to_strides[d] * index[d];
      index[d] = 0;
    }
    if (d < 0) return;
  }
}

std::string EncodeTensorNameSlice(absl::string_view name,
                                  const TensorSlice& slice) {
  std::string key;
  // A 0 first, so that no name of a tensor looks like it.
  ordered_code::AppendNumber(&key, 0);
  ordered_code::AppendString(&key, name);
  ordered_code::AppendNumber(&key, static_cast<uint64_t>(slice.rank()));
  for (int d = 0; d < slice.rank(); ++d) {
    ordered_code::AppendSigned(&key, slice.start(d));
    ordered_code::AppendSigned(&key, slice.length(d));
  }
  return key;
}

absl::Status DecodeTensorNameSlice(absl::string_view code, std::string* name,
                                   TensorSlice* slice) {
  const absl::Status bad =
      absl::DataLossError("A slice's key in the table is malformed");
  uint64_t zero, rank;
  if (!ordered_code::ReadNumber(&code, &zero) || zero != 0 ||
      !ordered_code::ReadString(&code, name) ||
      !ordered_code::ReadNumber(&code, &rank) || rank > TensorShape::kMaxRank) {
    return bad;
  }
  *slice = TensorSlice();
  for (uint64_t d = 0; d < rank; ++d) {
    int64_t start, length;
    if (!ordered_code::ReadSigned(&code, &start) ||
        !ordered_code::ReadSigned(&code, &length) || start < 0 ||
        (length < 0 && length != TensorSlice::kFullExtent)) {
      return bad;
    }
    slice->AddExtent(start, length);
  }
  return code.empty() ? absl::OkStatus() : bad;
}

}  // namespace retrograph
