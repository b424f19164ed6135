// Shape functions are called as TensorFlow's ShapeRefiner calls them: first
// with no values, then again while computing what they asked for brings news.
// An error therefore names the inputs whose values were known at that call, and
// messages come out the same.
#include "graph/shape_inference.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "graph/constant_shape.h"

namespace retrograph {

InferenceContext::InferenceContext(const Operation* op)
    : op_(op), outputs_(op->num_outputs()) {}

InferenceContext::Looked& InferenceContext::LookedAt(int i) {
  if (looked_.empty()) looked_.resize(num_inputs());
  return looked_[i];
}

const Tensor* InferenceContext::input_tensor(int i) {
  Looked& looked = LookedAt(i);
  looked.value_asked = true;
  return looked.value.has_value() ? &*looked.value : nullptr;
}

absl::StatusOr<Shape> InferenceContext::MakeShapeFromInput(int i) {
  RG_ASSIGN_OR_RETURN(const Shape vector, WithRank(input(i), 1));
  LookedAt(i).shape_asked = true;
  if (!LookedAt(i).shape.unknown_rank()) return LookedAt(i).shape;
  const Tensor* value = input_tensor(i);
  return ShapeFromTensor(value, vector);
}

const HandleData* InferenceContext::input_handle_data(int i) const {
  const Output& input = op_->input(i);
  return input.op->handle_data(input.index);
}

void InferenceContext::set_output_handle_data(int i, HandleData data) {
  for (auto& entry : output_handle_data_) {
    if (entry.first == i) {
      entry.second = std::move(data);
      return;
    }
  }
  output_handle_data_.emplace_back(i, std::move(data));
}

absl::StatusOr<bool> InferenceContext::Compute() {
  bool news = false;
  for (int i = 0; i < static_cast<int>(looked_.size()); ++i) {
    Looked& looked = looked_[i];
    if (!looked.value_asked) continue;
    if (!looked.value_tried) {
      looked.value_tried = true;
      looked.value = EvaluateConstant(op_->input(i));
      news |= looked.value.has_value();
    }
    if (looked.shape_asked && !looked.shape_tried) {
      looked.shape_tried = true;
      RG_ASSIGN_OR_RETURN(looked.shape, ConstantShape(op_->input(i)));
      news = true;
    }
  }
  return news;
}

absl::Status InferenceContext::Run(
    const std::function<absl::Status(InferenceContext*)>& fn) {
  while (true) {
    const absl::Status status = fn(this);
    if (!status.ok()) {
      return WithMessage(status, absl::StrCat(status.message(), ErrorSuffix()));
    }
    if (looked_.empty()) return absl::OkStatus();
    RG_ASSIGN_OR_RETURN(const bool news, Compute());
    if (!news) return absl::OkStatus();
  }
}

absl::StatusOr<Shape> InferenceContext::WithRank(const Shape& shape, int64_t rank) {
  if (shape.rank() == rank) return shape;
  if (shape.unknown_rank()) return Shape::UnknownOfRank(rank);
  return absl::InvalidArgumentError(
      absl::StrCat("Shape must be rank ", rank, " but is rank ", shape.rank()));
}

absl::StatusOr<Shape> InferenceContext::WithRankAtLeast(const Shape& shape,
                                                        int64_t rank) {
  if (shape.unknown_rank() || shape.rank() >= rank) return shape;
  return absl::InvalidArgumentError(absl::StrCat(
      "Shape must be at least rank ", rank, " but is rank ", shape.rank()));
}

absl::StatusOr<Shape> InferenceContext::WithRankAtMost(const Shape& shape,
                                                       int64_t rank) {
  if (shape.unknown_rank() || shape.rank() <= rank) return shape;
  return absl::InvalidArgumentError(absl::StrCat(
      "Shape must be at most rank ", rank, " but is rank ", shape.rank()));
}

absl::StatusOr<int64_t> InferenceContext::WithValue(int64_t dim,
                                                    int64_t value) {
  if (dim == value || dim == kUnknownDim) return value;
  return absl::InvalidArgumentError(
      absl::StrCat("Dimension must be ", value, " but is ", dim));
}

absl::StatusOr<int64_t> InferenceContext::MergeDim(int64_t a, int64_t b) {
  if (a == b || b == kUnknownDim) return a;
  if (a == kUnknownDim) return b;
  return absl::InvalidArgumentError(
      absl::StrCat("Dimensions must be equal, but are ", a, " and ", b));
}

absl::StatusOr<Shape> InferenceContext::Merge(const Shape& a, const Shape& b) {
  return MergeShapes(a, b);
}

absl::StatusOr<Shape> InferenceContext::MergePrefix(const Shape& shape,
                                                    const Shape& prefix) {
  if (shape.unknown_rank() || prefix.unknown_rank()) return shape;
  RG_ASSIGN_OR_RETURN(Shape merged, WithRankAtLeast(shape, prefix.rank()));
  for (int i = 0; i < prefix.rank(); ++i) {
    RG_ASSIGN_OR_RETURN(const int64_t dim,
                        MergeDim(shape.dim(i), prefix.dim(i)));
    merged.set_dim(i, dim);
  }
  return merged;
}

absl::StatusOr<Shape> InferenceContext::Subshape(const Shape& shape,
                                                 int64_t start_in,
                                                 int64_t end_in) {
  const int64_t rank = shape.rank();
  if (start_in == 0 && (end_in == std::numeric_limits<int64_t>::max() ||
                        (!shape.unknown_rank() && end_in >= rank))) {
    return shape;
  }
  if (shape.unknown_rank()) return Shape();
  const auto out_of_bounds = [&](absl::string_view which, int64_t value) {
    return absl::InvalidArgumentError(
        absl::StrCat("Subshape ", which, " out of bounds: ", value,
                     ", for shape with rank ", rank));
  };
  int64_t start = std::min(start_in, rank);
  int64_t end = std::min(end_in, rank);
  if (start < 0) start += rank;
  if (start < 0) return out_of_bounds("start", start_in);
  if (end < 0) end += rank;
  if (end < 0) return out_of_bounds("end", end_in);
  if (start > end) {
    return absl::InvalidArgumentError(
        absl::StrCat("Subshape must have computed start <= end, but is ", start,
                     " and ", end, " (computed from start ", start_in,
                     " and end ", end_in, " over shape with rank ", rank, ")"));
  }
  return Shape(shape.dims().subspan(start, end - start));
}

absl::StatusOr<Shape> InferenceContext::Concatenate(const Shape& a,
                                                    const Shape& b) {
  if (a.unknown_rank() || b.unknown_rank()) return Shape();
  Shape both = a;
  for (const int64_t dim : b.dims()) both.AddDim(dim);
  return both;
}

int64_t InferenceContext::Dim(const Shape& shape, int64_t i) const {
  // A shape function may ask for what the value of another input says.
  if (i < -shape.rank() || i >= shape.rank()) return kUnknownDim;
  return shape.dim(static_cast<int>(i < 0 ? i + shape.rank() : i));
}

std::string InferenceContext::ErrorSuffix() const {
  std::string out = absl::StrCat(" for '", op_->name(), "' (op: '", op_->type(),
                                 "') with input shapes: ");
  std::vector<std::string> values;
  std::vector<std::string> shapes;
  for (int i = 0; i < num_inputs(); ++i) {
    absl::StrAppend(&out, i > 0 ? ", " : "", ShapeText(input(i)));
    if (looked_.empty()) continue;
    const Looked& looked = looked_[i];
    if (looked.shape_asked && !looked.shape.unknown_rank()) {
      shapes.push_back(
          absl::StrCat("input[", i, "] = ", ShapeText(looked.shape)));
    } else if (looked.value_asked && looked.value.has_value()) {
      constexpr int64_t kMaxValues = 256;
      values.push_back(absl::StrCat("input[", i, "] = <",
                                    looked.value->SummarizeValues(kMaxValues),
                                    ">"));
    }
  }
  if (!values.empty()) {
    absl::StrAppend(&out, " and with computed input tensors: ",
                    absl::StrJoin(values, ", "));
  }
  if (!shapes.empty()) {
    absl::StrAppend(&out,
                    " and with input tensors computed as partial shapes: ",
                    absl::StrJoin(shapes, ","));
  }
  out += ".";
  return out;
}

std::string ShapeText(const Shape& shape) {
  return shape.unknown_rank() ? "?" : shape.DebugString();
}

absl::StatusOr<Shape> MergeShapes(const Shape& a, const Shape& b) {
  if (b.unknown_rank()) return a;
  if (a.unknown_rank()) return b;
  if (a.rank() != b.rank()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Shapes must be equal rank, but are ", a.rank(), " and ", b.rank()));
  }
  Shape merged = a;
  for (int i = 0; i < a.rank(); ++i) {
    if (a.dim(i) == kUnknownDim) {
      merged.set_dim(i, b.dim(i));
    } else if (b.dim(i) != kUnknownDim && a.dim(i) != b.dim(i)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Dimension ", i, " in both shapes must be equal, but are ", a.dim(i),
          " and ", b.dim(i), ". Shapes are ", ShapeText(a), " and ",
          ShapeText(b), "."));
    }
  }
  return merged;
}

}  // namespace retrograph
