#include "graph/constant_shape.h"

#include <algorithm>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/errors.h"

namespace retrograph {
namespace {

// Shapes are put together from few parts; imported graphs may try to keep us
// busy.
constexpr int kMaxDepth = 64;
constexpr int kMaxParts = 10000;
struct Work {
  int depth = 0;
  int parts = 0;
};

absl::StatusOr<Shape> ConstantShapeAt(const Output& output, Work* work);

absl::StatusOr<Shape> ConstantShapeBelow(const Output& output, Work* work) {
  ++work->depth;
  absl::StatusOr<Shape> shape = ConstantShapeAt(output, work);
  --work->depth;
  return shape;
}

absl::StatusOr<Shape> FromEvaluation(const Output& output,
                                     const Shape& vector) {
  const absl::optional<Tensor> value = EvaluateConstant(output);
  return ShapeFromTensor(value.has_value() ? &*value : nullptr, vector);
}

// A scalar stands for a shape only if it is -1: nothing is known.
absl::StatusOr<Shape> FromScalar(const Output& output) {
  const absl::optional<Tensor> value = EvaluateConstant(output);
  if (value.has_value() && SingleInteger(*value) == int64_t{-1}) {
    return Shape();
  }
  return absl::InvalidArgumentError(
      "Received a shape scalar with unknown static value.  A static value of "
      "'-1' is required to represent an unknown shape.");
}

absl::StatusOr<Shape> FromPack(const Operation& op) {
  Shape shape{TensorShape()};
  for (const Output& input : op.inputs()) {
    int64_t dim = kUnknownDim;
    if (const absl::optional<Tensor> value = EvaluateConstant(input)) {
      if (value->dtype() != DT_INT32 && value->dtype() != DT_INT64) {
        return absl::InvalidArgumentError("Pack input must be int32 or int64");
      }
      dim = std::max<int64_t>(SingleInteger(*value).value_or(kUnknownDim),
                              kUnknownDim);
    }
    shape.AddDim(dim);
  }
  return shape;
}

absl::StatusOr<Shape> FromConcat(const Operation& op, Work* work) {
  const int axis_input = op.type() == "Concat" ? 0 : op.num_inputs() - 1;
  Shape shape{TensorShape()};
  for (int i = 0; i < op.num_inputs(); ++i) {
    if (i == axis_input) continue;
    RG_ASSIGN_OR_RETURN(const Shape part,
                        ConstantShapeBelow(op.input(i), work));
    if (part.unknown_rank()) return Shape();
    for (const int64_t dim : part.dims()) shape.AddDim(dim);
  }
  return shape;
}

// shape[start:end:stride] of known rank, with TensorFlow's texts.
absl::StatusOr<Shape> SliceShape(const Shape& shape, int64_t start_in,
                                 int64_t end_in, int64_t stride) {
  if (shape.unknown_rank() || stride == 0) return Shape();
  const int64_t rank = shape.rank();
  const auto out_of_bounds = [rank](absl::string_view which, int64_t value) {
    return absl::InvalidArgumentError(
        absl::StrCat("Subshape ", which, " out of bounds: ", value,
                     ", for shape with rank ", rank));
  };
  int64_t start = std::min(start_in, rank);
  int64_t end = std::min(end_in, rank);
  if (stride < 0 && start == rank) --start;
  if (start < 0) start += rank;
  if (start < 0) return out_of_bounds("start", start_in);
  if (end < 0) end += rank;
  if (end < 0) return out_of_bounds("end", end_in);
  if (stride > 0 ? start > end : start < end) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Subshape must have computed start ",
        stride > 0 ? "<= end" : ">= end since stride is negative", ", but is ",
        start, " and ", end, " (computed from start ", start_in, " and end ",
        end_in, " over shape with rank ", rank, " and stride", stride, ")"));
  }
  Shape out{TensorShape()};
  for (int64_t i = start; stride > 0 ? i < end : i > end; i += stride) {
    out.AddDim(shape.dim(static_cast<int>(i)));
  }
  return out;
}

// One part of a StridedSlice: a number, or nothing if it is not constant.
absl::optional<int64_t> SlicePart(const Operation& op, int input, bool masked,
                                  int64_t if_masked) {
  if (masked) return if_masked;
  const absl::optional<Tensor> value = EvaluateConstant(op.input(input));
  return value.has_value() ? SingleInteger(*value) : absl::nullopt;
}

absl::StatusOr<Shape> FromStridedSlice(const Operation& op, Work* work) {
  for (int i = 1; i <= 3; ++i) {
    const Shape& part = op.input(i).shape();
    if (part.rank() != 1 || part.dim(0) != 1) return Shape();
  }
  const auto mask = [&op](absl::string_view name) {
    int64_t value = 0;
    return op.GetAttr(name, &value).ok() ? value : int64_t{-1};
  };
  const int64_t begin_mask = mask("begin_mask");
  const int64_t end_mask = mask("end_mask");
  if (begin_mask < 0 || begin_mask > 1 || end_mask < 0 || end_mask > 1 ||
      mask("ellipsis_mask") != 0 || mask("new_axis_mask") != 0 ||
      mask("shrink_axis_mask") != 0) {
    return Shape();
  }
  const auto begin = SlicePart(op, 1, begin_mask == 1, 0);
  const auto end =
      SlicePart(op, 2, end_mask == 1, std::numeric_limits<int64_t>::max());
  const auto stride = SlicePart(op, 3, false, 1);
  if (!begin.has_value() || !end.has_value() || !stride.has_value()) {
    return Shape();
  }
  RG_ASSIGN_OR_RETURN(const Shape whole, ConstantShapeBelow(op.input(0), work));
  return SliceShape(whole, *begin, *end, *stride);
}

absl::StatusOr<Shape> ConstantShapeAt(const Output& output, Work* work) {
  if (work->depth > kMaxDepth || ++work->parts > kMaxParts) return Shape();
  const Shape& vector = output.shape();
  if (vector.rank() == 0) return FromScalar(output);
  if (!vector.unknown_rank() && vector.rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Shape must be rank 1 but is rank ", vector.rank()));
  }
  if (vector.rank() == 1 && vector.dim(0) == 0) return Shape(TensorShape());

  const Operation& op = *output.op;
  const std::string& type = op.type();
  if (type == "Shape") return op.input(0).shape();
  if (type == "ShapeN") return op.input(output.index).shape();
  if (type == "Pack") return FromPack(op);
  if (type == "Concat" || type == "ConcatV2") return FromConcat(op, work);
  if (type == "StridedSlice") return FromStridedSlice(op, work);
  if (type == "VariableShape") {
    const Output& handle = op.input(0);
    const HandleData* data = handle.op->handle_data(handle.index);
    return data == nullptr ? Shape() : data->shape;
  }
  return FromEvaluation(output, vector);
}

template <typename T>
absl::StatusOr<Shape> ShapeFromValues(absl::Span<const T> values) {
  absl::InlinedVector<int64_t, 8> dims;
  for (const T value : values) {
    if (value < -1) {
      return absl::InvalidArgumentError(
          absl::StrCat("Invalid value in tensor used for shape: ", value));
    }
    dims.push_back(value);
  }
  return Shape::Create(dims);
}

}  // namespace

absl::optional<int64_t> SingleInteger(const Tensor& value) {
  if (value.num_elements() != 1) return absl::nullopt;
  if (value.dtype() == DT_INT32) return value.flat<int32_t>()[0];
  if (value.dtype() == DT_INT64) return value.flat<int64_t>()[0];
  return absl::nullopt;
}

absl::StatusOr<Shape> ShapeFromTensor(const Tensor* value,
                                      const Shape& vector) {
  if (value == nullptr) {
    if (vector.rank() != 1 || vector.dim(0) == kUnknownDim) return Shape();
    if (vector.dim(0) > TensorShape::kMaxRank) return Shape();
    return Shape::UnknownOfRank(vector.dim(0));
  }
  if (value->shape().rank() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Input tensor must be rank 1, but was rank ", value->shape().rank()));
  }
  if (value->dtype() == DT_INT32) {
    return ShapeFromValues(value->flat<int32_t>());
  }
  if (value->dtype() == DT_INT64) {
    return ShapeFromValues(value->flat<int64_t>());
  }
  return absl::InvalidArgumentError(
      absl::StrCat("Input tensor must be int32 or int64, but was ",
                   DataTypeString(value->dtype())));
}

absl::StatusOr<Shape> ConstantShape(const Output& output) {
  Work work;
  return ConstantShapeAt(output, &work);
}

}  // namespace retrograph
