// tensor_util.constant_value_as_shape.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/constant_shape.h"
#include "graph/shape_inference.h"

namespace retrograph {
namespace {

constexpr int kMaxDepth = 64;

absl::StatusOr<Shape> ValueAsShape(const Output& output, int depth);

absl::StatusOr<Shape> ScalarAsShape(const Output& output) {
  const absl::optional<Tensor> value = ConstantValue(output);
  if (!value.has_value()) {
    return ValueError(
        "Received a scalar with unknown value as shape; require a statically "
        "known scalar with value '-1' to describe an unknown shape.");
  }
  if (SingleInteger(*value) != int64_t{-1}) {
    return ValueError(absl::StrCat(
        "Received a scalar value '", value->SummarizeValues(1),
        "' as shape; require a statically known scalar with value '-1' to "
        "describe an unknown shape."));
  }
  return Shape();
}

absl::StatusOr<Shape> PackAsShape(const Operation& op) {
  int64_t axis = 0;
  RG_RETURN_IF_ERROR(op.GetAttr("axis", &axis));
  if (axis != 0) return AssertionError("");
  Shape shape{TensorShape()};
  for (const Output& input : op.inputs()) {
    const absl::optional<Tensor> value = ConstantValue(input);
    const absl::optional<int64_t> dim =
        value.has_value() ? SingleInteger(*value) : absl::nullopt;
    shape.AddDim(std::max(dim.value_or(kUnknownDim), kUnknownDim));
  }
  return shape;
}

absl::StatusOr<Shape> ConcatAsShape(const Operation& op, int depth) {
  const int axis_input = op.type() == "Concat" ? 0 : op.num_inputs() - 1;
  Shape shape{TensorShape()};
  bool known = true;
  for (int i = 0; i < op.num_inputs(); ++i) {
    if (i == axis_input) continue;
    RG_ASSIGN_OR_RETURN(const Shape part, ValueAsShape(op.input(i), depth + 1));
    known = known && !part.unknown_rank();
    if (!known) continue;
    for (const int64_t dim : part.dims()) shape.AddDim(dim);
  }
  return known ? shape : Shape();
}

// An end of a Python slice over `size` elements.
int64_t SliceEnd(absl::optional<int64_t> given, int64_t size, int64_t step,
                 bool is_start) {
  if (!given.has_value()) {
    return (step > 0) == is_start ? 0 : size;
  }
  const int64_t low = step > 0 ? 0 : -1;
  const int64_t high = step > 0 ? size : size - 1;
  const int64_t value = *given < 0 ? *given + size : *given;
  return std::min(std::max(value, low), high);
}

// The shape that a StridedSlice of a shape holds; nothing if it cannot be told.
absl::StatusOr<absl::optional<Shape>> SliceAsShape(const Operation& op,
                                                   int depth) {
  absl::optional<int64_t> parts[3];  // begin, end, stride
  for (int i = 0; i < 3; ++i) {
    const absl::optional<Tensor> value = ConstantValue(op.input(i + 1));
    if (!value.has_value() || value->num_elements() == 0)
      return {absl::nullopt};
    parts[i] = SingleInteger(value->Slice0(0, 1));
  }
  const auto mask = [&op](absl::string_view name) {
    int64_t value = 0;
    return op.GetAttr(name, &value).ok() ? value : int64_t{-1};
  };
  const int64_t begin_mask = mask("begin_mask");
  const int64_t end_mask = mask("end_mask");
  if (mask("ellipsis_mask") != 0 || mask("new_axis_mask") != 0 ||
      mask("shrink_axis_mask") != 0 || begin_mask < 0 || begin_mask > 1 ||
      end_mask < 0 || end_mask > 1 || !parts[2].has_value() || *parts[2] == 0) {
    return {absl::nullopt};
  }
  if (begin_mask == 1) parts[0] = absl::nullopt;
  if (end_mask == 1) parts[1] = absl::nullopt;
  RG_ASSIGN_OR_RETURN(const Shape whole, ValueAsShape(op.input(0), depth + 1));
  if (whole.unknown_rank()) return {absl::nullopt};

  const int64_t step = *parts[2];
  const int64_t size = whole.rank();
  int64_t begin = SliceEnd(parts[0], size, step, /*is_start=*/true);
  int64_t end = SliceEnd(parts[1], size, step, /*is_start=*/false);
  if (step < 0) {
    if (!parts[0].has_value()) begin = size - 1;
    if (!parts[1].has_value()) end = -1;
  }
  Shape slice{TensorShape()};
  for (int64_t i = begin; step > 0 ? i < end : i > end; i += step) {
    slice.AddDim(whole.dim(static_cast<int>(i)));
  }
  return {slice};
}

absl::StatusOr<Shape> ValueAsShape(const Output& output, int depth) {
  const Shape& vector = output.shape();
  if (vector.rank() == 0) return ScalarAsShape(output);
  if (!vector.unknown_rank() && vector.rank() != 1) {
    return ValueError(
        absl::StrCat("Shape ", vector.PythonString(), " must have rank 1"));
  }
  if (vector.rank() == 1 && vector.dim(0) == 0) return Shape(TensorShape());

  const Operation& op = *output.op;
  const std::string& type = op.type();
  if (type == "Shape") return op.input(0).shape();
  if (type == "Pack") return PackAsShape(op);
  if (depth < kMaxDepth) {
    if (type == "Concat" || type == "ConcatV2") return ConcatAsShape(op, depth);
    if (type == "StridedSlice") {
      RG_ASSIGN_OR_RETURN(const absl::optional<Shape> slice,
                          SliceAsShape(op, depth));
      if (slice.has_value()) return *slice;
    }
  }
  Shape shape;
  if (vector.rank() == 1 && vector.dim(0) != kUnknownDim &&
      vector.dim(0) <= TensorShape::kMaxRank) {
    shape = Shape::UnknownOfRank(vector.dim(0));
  }
  const absl::optional<Tensor> value = ConstantValue(output);
  if (!value.has_value()) return shape;
  Shape known{TensorShape()};
  for (int64_t i = 0; i < value->num_elements(); ++i) {
    const absl::optional<int64_t> dim = SingleInteger(value->Slice0(i, i + 1));
    known.AddDim(std::max(dim.value_or(kUnknownDim), kUnknownDim));
  }
  return known;
}

}  // namespace

absl::StatusOr<Shape> ConstantValueAsShape(const Output& output) {
  return ValueAsShape(output, 0);
}

}  // namespace retrograph
