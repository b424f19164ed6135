#include "checkpoint/tensor_slice_set.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/errors.h"

namespace retrograph {
namespace {

// The smallest slice that contains both.
TensorSlice Hull(const TensorSlice& a, const TensorSlice& b) {
  TensorSlice hull;
  for (int d = 0; d < a.rank(); ++d) {
    if (a.IsFullAt(d) || b.IsFullAt(d)) {
      hull.AddExtent(0, TensorSlice::kFullExtent);
      continue;
    }
    const int64_t start = std::min(a.start(d), b.start(d));
    hull.AddExtent(start, std::max(a.end(d), b.end(d)) - start);
  }
  return hull;
}

}  // namespace

const TensorSliceSet::Part* TensorSliceSet::FindOverlap(
    const TensorSlice& slice) const {
  if (parts_.empty() || !hull_.Overlaps(slice)) return nullptr;
  for (const Part& part : parts_) {
    if (part.slice.Overlaps(slice)) return &part;
  }
  return nullptr;
}

absl::Status TensorSliceSet::Register(const TensorSlice& slice, int tag) {
  RG_RETURN_IF_ERROR(slice.SliceShape(shape_).status());
  if (const Part* other = FindOverlap(slice)) {
    return absl::InternalError(absl::StrCat(
        "Overlapping slices: existing slice = ", other->slice.DebugString(),
        ", new slice = ", slice.DebugString()));
  }
  by_text_[slice.DebugString()] = static_cast<int>(parts_.size());
  hull_ = parts_.empty() ? slice : Hull(hull_, slice);
  parts_.push_back({slice, tag});
  return absl::OkStatus();
}

std::vector<TensorSliceSet::Part> TensorSliceSet::Cover(
    const TensorSlice& wanted) const {
  auto exact = by_text_.find(wanted.DebugString());
  if (exact != by_text_.end()) return {parts_[exact->second]};

  absl::StatusOr<TensorShape> wanted_shape = wanted.SliceShape(shape_);
  if (!wanted_shape.ok() || parts_.empty()) return {};
  // No two parts overlap, so they cover it if the sizes add up.
  std::vector<Part> result;
  int64_t covered = 0;
  for (const Part& part : parts_) {
    TensorSlice common;
    if (!part.slice.Intersect(wanted, &common)) continue;
    absl::StatusOr<TensorShape> common_shape = common.SliceShape(shape_);
    if (!common_shape.ok()) return {};
    covered += common_shape->num_elements();
    result.push_back(part);
  }
  if (covered != wanted_shape->num_elements()) result.clear();
  return result;
}

}  // namespace retrograph
