// Two steps: spread the entries over the input's axes (an ellipsis stands for
// several, a new axis for none), then turn begin and end of each axis into
// bounds within it.
#include "ops/strided_slice.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/data_movement.h"

namespace retrograph {
namespace {

// Where a dimension of the result comes from, other than an input axis.
constexpr int kNewAxis = -2;
constexpr int kShrunkAxis = -1;

bool Has(int64_t mask, int bit) { return (mask >> bit) & 1; }

// The entries, one for each input axis.
struct DenseSpec {
  bool begin_known = false, end_known = false;
  std::vector<int64_t> begin, end, strides;
  std::vector<bool> begin_masked, end_masked, shrink;
  std::vector<int> result_axes;

  explicit DenseSpec(int rank)
      : begin(rank), end(rank), strides(rank, 1), begin_masked(rank),
        end_masked(rank), shrink(rank) {}
  int rank() const { return static_cast<int>(begin.size()); }
};

absl::StatusOr<DenseSpec> SpreadOverAxes(const std::vector<int64_t>* begin,
                                         const std::vector<int64_t>* end,
                                         const std::vector<int64_t>& strides,
                                         int rank, StridedSliceMasks masks) {
  int entries = static_cast<int>(strides.size());
  bool ellipsis_seen = false;
  int new_axes_after_ellipsis = 0;
  for (int i = 0; i < entries; ++i) {
    if (ellipsis_seen && Has(masks.new_axis, i)) ++new_axes_after_ellipsis;
    if (Has(masks.ellipsis, i)) ellipsis_seen = true;
  }
  if (!ellipsis_seen) {  // as if there were one at the end
    masks.ellipsis |= int64_t{1} << entries;
    ++entries;
  }
  DenseSpec dense(rank);
  dense.begin_known = begin != nullptr;
  dense.end_known = end != nullptr;
  int axis = 0;
  for (int i = 0; i < entries; ++i) {
    if (Has(masks.ellipsis, i)) {
      const int next =
          std::min(rank - (entries - i) + 1 + new_axes_after_ellipsis, rank);
      for (; axis < next; ++axis) {
        dense.begin_masked[axis] = dense.end_masked[axis] = true;
        dense.result_axes.push_back(axis);
      }
    } else if (Has(masks.new_axis, i)) {
      dense.result_axes.push_back(kNewAxis);
    } else {
      if (axis == rank) {
        return absl::InvalidArgumentError(
            absl::StrCat("Index out of range using input dim ", axis,
                         "; input has only ", rank, " dims"));
      }
      if (begin != nullptr) dense.begin[axis] = (*begin)[i];
      if (end != nullptr) dense.end[axis] = (*end)[i];
      dense.strides[axis] = strides[i];
      dense.begin_masked[axis] = Has(masks.begin, i);
      dense.end_masked[axis] = Has(masks.end, i);
      dense.shrink[axis] = Has(masks.shrink_axis, i);
      dense.result_axes.push_back(dense.shrink[axis] ? kShrunkAxis : axis);
      ++axis;
    }
  }
  return dense;
}

// A bound of a slice over `dim` elements, clamped as Python does.
int64_t Clamp(int64_t x, int64_t stride, int64_t dim, bool masked,
              bool is_end) {
  const int64_t low = stride > 0 ? 0 : -1;
  const int64_t high = stride > 0 ? dim : dim - 1;
  if (masked) return is_end == (stride > 0) ? high : low;
  const int64_t forward = x < 0 ? dim + x : x;
  return std::min(std::max(forward, low), high);
}

// How many steps of `stride` fit in `length`.
int64_t StepCount(int64_t length, int64_t stride) {
  if (length == 0 || (length < 0) != (stride < 0)) return 0;
  return length / stride + (length % stride != 0 ? 1 : 0);
}

// Resolves one axis; returns its size in the processing shape.
absl::StatusOr<int64_t> ResolveAxis(int axis, int64_t dim, DenseSpec* dense,
                                    StridedSliceSpec* spec) {
  int64_t& begin = dense->begin[axis];
  int64_t& end = dense->end[axis];
  const int64_t stride = dense->strides[axis];
  const bool shrink = dense->shrink[axis];
  if (stride == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("strides[", axis, "] must be non-zero"));
  }
  if (dim == -1) {
    spec->is_identity = spec->is_dim0_slice = false;
    return shrink ? 1 : -1;
  }
  if (shrink && stride <= 0) {
    return absl::InvalidArgumentError(
        "only stride 1 allowed on non-range indexing.");
  }
  const bool known = dense->begin_known && dense->end_known;
  if (known) {
    if (shrink) {
      begin = begin < 0 ? dim + begin : begin;
      end = begin + 1;
      if (begin < 0 || begin >= dim) {
        return absl::InvalidArgumentError(
            absl::StrCat("slice index ", begin, " of dimension ", axis,
                         " out of bounds."));
      }
    } else {
      begin = Clamp(begin, stride, dim, dense->begin_masked[axis], false);
      end = Clamp(end, stride, dim, dense->end_masked[axis], true);
    }
    const bool all = stride == 1 && begin == 0 && end == dim;
    spec->is_identity &= all;
    spec->is_dim0_slice &= (axis == 0 && stride == 1) || all;
    return StepCount(end - begin, stride);
  }
  spec->is_identity = spec->is_dim0_slice = false;
  if (shrink) return StepCount(1, stride);
  if (dense->begin_masked[axis] && dense->end_masked[axis]) {
    return StepCount(stride < 0 ? -dim : dim, stride);
  }
  return -1;
}

}  // namespace

absl::StatusOr<StridedSliceMasks> StridedSliceMasks::FromAttrs(
    const Operation& op) {
  StridedSliceMasks masks;
  RG_RETURN_IF_ERROR(op.GetAttr("begin_mask", &masks.begin));
  RG_RETURN_IF_ERROR(op.GetAttr("end_mask", &masks.end));
  RG_RETURN_IF_ERROR(op.GetAttr("ellipsis_mask", &masks.ellipsis));
  RG_RETURN_IF_ERROR(op.GetAttr("new_axis_mask", &masks.new_axis));
  RG_RETURN_IF_ERROR(op.GetAttr("shrink_axis_mask", &masks.shrink_axis));
  return masks;
}

absl::StatusOr<StridedSliceSpec> ResolveStridedSlice(
    const Tensor* begin, const Tensor* end, const Tensor& strides,
    const PartialTensorShape& input_shape, const StridedSliceMasks& masks) {
  auto fits = [&](const Tensor* tensor) {
    return tensor == nullptr || (tensor->shape().rank() == 1 &&
                                 tensor->num_elements() ==
                                     strides.num_elements());
  };
  // The masks have 32 bits, and one is needed for an ellipsis of our own.
  constexpr int64_t kMaxEntries = 31;
  if (strides.shape().rank() != 1 || !fits(begin) || !fits(end) ||
      strides.num_elements() > kMaxEntries) {
    auto text = [](const Tensor* tensor) {
      return tensor == nullptr ? "<unknown>" : tensor->shape().DebugString();
    };
    return absl::InvalidArgumentError(absl::StrCat(
        "Expected begin, end, and strides to be 1D equal size tensors, but got "
        "shapes ",
        text(begin), ", ", text(end), ", and ", text(&strides), " instead."));
  }
  if ((masks.ellipsis & (masks.ellipsis - 1)) != 0) {
    return absl::InvalidArgumentError(
        "Multiple ellipses in slice spec not allowed");
  }
  std::vector<int64_t> begin_values, end_values;
  if (begin != nullptr) begin_values = IntegerValues(*begin);
  if (end != nullptr) end_values = IntegerValues(*end);
  RG_ASSIGN_OR_RETURN(
      DenseSpec dense,
      SpreadOverAxes(begin == nullptr ? nullptr : &begin_values,
                     end == nullptr ? nullptr : &end_values,
                     IntegerValues(strides), input_shape.rank(), masks));
  StridedSliceSpec spec;
  std::vector<int64_t> processing;
  for (int axis = 0; axis < dense.rank(); ++axis) {
    RG_ASSIGN_OR_RETURN(
        const int64_t size,
        ResolveAxis(axis, input_shape.dim(axis), &dense, &spec));
    processing.push_back(size);
  }
  std::vector<int64_t> result;
  for (int axis : dense.result_axes) {
    if (axis == kShrunkAxis) continue;
    result.push_back(axis == kNewAxis ? 1 : processing[axis]);
  }
  spec.processing_shape = PartialTensorShape(processing);
  spec.final_shape = PartialTensorShape(result);
  spec.begin = std::move(dense.begin);
  spec.end = std::move(dense.end);
  spec.strides = std::move(dense.strides);
  return spec;
}

}  // namespace retrograph
