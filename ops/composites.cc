#include "ops/composites.h"

#include <utility>

#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/builder_scope.h"
#include "ops/builders.h"

namespace retrograph {

const PartialTensorShape& StaticShape(const Output& output) {
  static const auto* const unknown = new PartialTensorShape;
  return output.valid() ? output.shape() : *unknown;
}

Input IntList(absl::Span<const int64_t> values) {
  std::vector<Input> list;
  for (int64_t value : values) list.emplace_back(value);
  return Input(std::move(list));
}

Output ScalarConstant(GraphBuilder& b, double value, DataType dtype,
                      absl::string_view name) {
  if (!b.ok()) return Output();
  if (IsIntegerType(dtype)) {
    return b.Convert(Input(static_cast<int64_t>(value)), dtype, name);
  }
  return b.Convert(Input(value), dtype, name);
}

namespace {

Output IntConstant(GraphBuilder& b, absl::Span<const int64_t> dims,
                   DataType dtype, absl::string_view name) {
  if (dtype == DT_INT64) return Constant(b, Tensor::Vector<int64_t>(dims), name);
  const std::vector<int32_t> narrow(dims.begin(), dims.end());
  return Constant(b, Tensor::Vector<int32_t>(absl::MakeConstSpan(narrow)),
                  name);
}

Output IntScalar(GraphBuilder& b, int64_t value, DataType dtype,
                 absl::string_view name) {
  return Constant(b,
                  dtype == DT_INT64
                      ? Tensor::Scalar<int64_t>(value)
                      : Tensor::Scalar<int32_t>(static_cast<int32_t>(value)),
                  name);
}

// The op of Python's x[begin:end:1], or of x[begin] where it shrinks.
Output StridedSliceOf(GraphBuilder& b, const Output& x, int64_t begin,
                      int64_t end, AttrList masks) {
  if (!b.ok()) return Output();
  BuilderScope scope(b, "strided_slice");
  const Output begins = IntConstant(b, {begin}, DT_INT32, "stack");
  const Output ends = IntConstant(b, {end}, DT_INT32, "stack");
  const Output strides = IntConstant(b, {1}, DT_INT32, "stack");
  return b.Op("StridedSlice", {x, begins, ends, strides}, std::move(masks),
              scope.full_name());
}

}  // namespace

Output ShapeOf(GraphBuilder& b, const Output& x, DataType out_type,
               bool optimize) {
  if (!b.ok()) return Output();
  if (optimize && x.shape().IsFullyDefined()) {
    return IntConstant(b, x.shape().dims(), out_type, "Shape");
  }
  return b.Op("Shape", {x}, {Attr("out_type", out_type)});
}

Output RankOf(GraphBuilder& b, const Output& x) {
  if (!b.ok()) return Output();
  if (x.shape().unknown_rank()) return b.Op("Rank", {x});
  return IntScalar(b, x.shape().rank(), DT_INT32, "Rank");
}

Output SizeOf(GraphBuilder& b, const Output& x, DataType out_type) {
  if (!b.ok()) return Output();
  if (x.shape().IsFullyDefined()) {
    return IntScalar(b, x.shape().num_elements(), out_type, "Size");
  }
  return b.Op("Size", {x}, {Attr("out_type", out_type)});
}

std::vector<Output> ShapesOf(GraphBuilder& b, const std::vector<Output>& xs) {
  Operation* op = b.AddOp("ShapeN", {Input::List(xs)});
  std::vector<Output> shapes(xs.size());
  if (op == nullptr) return shapes;
  for (size_t i = 0; i < xs.size(); ++i) {
    shapes[i] = op->output(static_cast<int>(i));
  }
  return shapes;
}

Output Index(GraphBuilder& b, const Output& x, int64_t i) {
  return StridedSliceOf(b, x, i, i + 1, {Attr("shrink_axis_mask", 1)});
}

Output SliceRange(GraphBuilder& b, const Output& x,
                  absl::optional<int64_t> begin, absl::optional<int64_t> end) {
  AttrList masks;
  if (!begin.has_value()) masks.push_back(Attr("begin_mask", 1));
  if (!end.has_value()) masks.push_back(Attr("end_mask", 1));
  return StridedSliceOf(b, x, begin.value_or(0), end.value_or(0),
                        std::move(masks));
}

Output ConcatAll(GraphBuilder& b, const std::vector<Input>& values,
                 const Input& axis, absl::string_view name) {
  return b.Op("ConcatV2", {Input(values), axis}, {}, name);
}

Output Stack(GraphBuilder& b, const std::vector<Input>& values, int axis) {
  if (axis == 0) return b.Convert(Input(values), DT_INVALID, "stack");
  return b.Op("Pack", {Input(values)}, {Attr("axis", axis)}, "stack");
}

Output RangeOf(GraphBuilder& b, const Input& start, const Input& limit,
               const Input& delta) {
  if (!b.ok()) return Output();
  BuilderScope scope(b, "range");
  Output parts[3] = {b.Convert(start, DT_INVALID, "start"),
                     b.Convert(limit, DT_INVALID, "limit"),
                     b.Convert(delta, DT_INVALID, "delta")};
  if (!b.ok()) return Output();
  bool wide = false;
  for (const Output& part : parts) wide |= part.dtype() == DT_INT64;
  for (Output& part : parts) part = Cast(b, part, wide ? DT_INT64 : DT_INT32);
  return b.Op("Range", {parts[0], parts[1], parts[2]}, {}, scope.full_name());
}

Output GatherRows(GraphBuilder& b, const Input& params, const Input& indices) {
  return b.Op("GatherV2", {params, indices, 0});
}

Output SelectOf(GraphBuilder& b, const Input& condition, const Input& x,
                const Input& y) {
  return b.Op("Select", {condition, x, y});
}

Output ZerosLikeOf(GraphBuilder& b, const Input& x, bool optimize) {
  if (!b.ok()) return Output();
  BuilderScope scope(b, "zeros_like");
  const Output tensor = b.Convert(x, DT_INVALID, "tensor");
  if (!b.ok()) return Output();
  if (optimize && tensor.shape().IsFullyDefined()) {
    return Zeros(b, tensor.shape().AsTensorShape(), tensor.dtype(),
                 scope.full_name());
  }
  return b.Op("ZerosLike", {tensor}, {}, scope.full_name());
}

namespace {

// tf.zeros or tf.ones of a shape that is a tensor.
Output FilledOf(GraphBuilder& b, const Output& shape, double value,
                DataType dtype, absl::string_view name) {
  if (!b.ok()) return Output();
  BuilderScope scope(b, name);
  const bool vector = shape.shape().rank() > 0;
  const Output dims = vector ? shape : Reshape(b, shape, IntList({-1}));
  const Output filling = dtype == DT_BOOL
                             ? b.Convert(Input(value != 0))
                             : ScalarConstant(b, value, dtype);
  return Fill(b, dims, filling, scope.full_name());
}

}  // namespace

Output OnesLikeOf(GraphBuilder& b, const Output& x, DataType dtype) {
  if (!b.ok()) return Output();
  BuilderScope scope(b, "ones_like");
  const Output shape = ShapeOf(b, x);
  const Output ones =
      FilledOf(b, shape, 1, dtype == DT_INVALID ? x.dtype() : dtype,
               scope.full_name());
  if (b.ok()) b.Update(ones.op->MergeOutputShape(0, x.shape()));
  return ones;
}

Output ZerosOf(GraphBuilder& b, const Output& shape, DataType dtype,
               absl::string_view name) {
  return FilledOf(b, shape, 0, dtype, name);
}

Output Reduce(GraphBuilder& b, absl::string_view op_type, const Input& x,
              const absl::optional<Input>& axes, bool keep_dims,
              absl::string_view name) {
  if (!b.ok()) return Output();
  absl::optional<Input> all = axes;
  if (!all.has_value()) {
    if (!x.is_output()) {
      // Python asks the values of rows for a rank, in vain: they become a
      // tensor within the op, and their axes are counted here.
      return Reduce(b, op_type, b.Convert(x, DT_INVALID, "x"), axes, keep_dims,
                    name);
    }
    const PartialTensorShape& shape = x.output().shape();
    if (shape.unknown_rank()) {
      all = Input(RangeOf(b, 0, RankOf(b, x.output())));
    } else {
      std::vector<int64_t> each(shape.rank());
      for (int i = 0; i < shape.rank(); ++i) each[i] = i;
      all = Input(IntConstant(b, each, DT_INT32, "Const"));
    }
  }
  return b.Op(op_type, {x, *all}, {Attr("keep_dims", keep_dims)}, name);
}

Output ReduceSum(GraphBuilder& b, const Input& x,
                 const absl::optional<Input>& axes, bool keep_dims) {
  return Reduce(b, "Sum", x, axes, keep_dims);
}

Output ReducedShape(GraphBuilder& b, const Input& shape, const Input& axes) {
  const Output input_shape = Cast(b, shape, DT_INT32);
  const Output axis_list = Cast(b, axes, DT_INT32);
  if (!b.ok()) return Output();
  const Output rank = SizeOf(b, input_shape);
  const Output positive = Modulo(b, Plus(b, axis_list, rank), rank);
  if (!b.ok()) return Output();
  const Output axes_shape = ShapeOf(b, positive);
  const Output every = RangeOf(b, 0, rank);
  const Output ones = Fill(b, axes_shape, 1);
  return b.Op("DynamicStitch", {Input::List({every, positive}),
                                Input::List({input_shape, ones})});
}

Output Conjugate(GraphBuilder& b, const Input& x) {
  if (!b.ok()) return Output();
  if (x.is_output()) {
    const DataType dtype = RemoveRefType(x.output().dtype());
    return IsComplexType(dtype) ? b.Op("Conj", {x}) : x.output();
  }
  BuilderScope scope(b, "Conj");
  const Output tensor = b.Convert(x, DT_INVALID, "x");
  if (!b.ok() || !IsComplexType(tensor.dtype())) return tensor;
  return b.Op("Conj", {tensor}, {}, scope.full_name());
}

namespace {

// x <op> y: a number takes the other side's type.
Output Operator(GraphBuilder& b, absl::string_view type, const Input& x,
                const Input& y, absl::string_view name) {
  if (x.is_output() || x.is_custom() || !y.is_output() || !b.ok()) {
    return b.Op(type, {x, y}, {}, name);
  }
  BuilderScope scope(b, name);
  const Output left = b.Convert(x, RemoveRefType(y.output().dtype()), "x");
  return b.Op(type, {left, y}, {}, scope.full_name());
}

}  // namespace

Output Plus(GraphBuilder& b, const Input& x, const Input& y) {
  return Operator(b, "AddV2", x, y, "add");
}
Output Minus(GraphBuilder& b, const Input& x, const Input& y) {
  return Operator(b, "Sub", x, y, "sub");
}
Output Times(GraphBuilder& b, const Input& x, const Input& y) {
  return Operator(b, "Mul", x, y, "mul");
}
Output Over(GraphBuilder& b, const Input& x, const Input& y) {
  return Operator(b, "RealDiv", x, y, "truediv");
}
Output FloorOver(GraphBuilder& b, const Input& x, const Input& y) {
  return Operator(b, "FloorDiv", x, y, "floordiv");
}
Output Modulo(GraphBuilder& b, const Input& x, const Input& y) {
  return Operator(b, "FloorMod", x, y, "mod");
}
Output Negative(GraphBuilder& b, const Input& x) { return b.Op("Neg", {x}); }

}  // namespace retrograph
