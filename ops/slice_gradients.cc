// Gradients of parts of tensors: slices, and rows by their numbers.
//
// What is read by number has rows for a gradient (IndexedSlices), so that a
// large table costs what was read of it.
//
// Source: tensorflow/python/ops/array_grad.py, resource_variable_ops.py.
#include <utility>

#include "graph/shape_inference.h"
#include "ops/builder_scope.h"
#include "ops/builders.h"
#include "ops/composites.h"
#include "ops/gradient.h"

namespace retrograph {
namespace {

Gradients SliceGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = op->input(0), begin = op->input(1);
  const Output rank = RankOf(b, x);
  const Output size = ShapeOf(b, op->output(0));
  const Output column = Stack(b, {rank, 1});
  const Output before = Reshape(b, begin, column);
  const Output rest = Minus(b, Minus(b, ShapeOf(b, x), size), begin);
  const Output after = Reshape(b, rest, column);
  const Output paddings = ConcatAll(b, {before, after}, 1);
  return {b.Op("Pad", {g[0], paddings}), Gradient(), Gradient()};
}

AttrList Masks(const Operation* op) {
  AttrList masks;
  for (const char* name : {"begin_mask", "end_mask", "ellipsis_mask",
                           "new_axis_mask", "shrink_axis_mask"}) {
    masks.emplace_back(name, *op->FindAttr(name));
  }
  return masks;
}

Gradients StridedSliceGradient(GraphBuilder& b, Operation* op,
                               const Gradients& g) {
  const Output begin = op->input(1);
  const Output shape = ShapeOf(b, op->input(0), begin.dtype());
  Gradients result(4);
  result[0] = b.Op("StridedSliceGrad",
                   {shape, begin, op->input(2), op->input(3), g[0]}, Masks(op));
  return result;
}

Gradients StridedSliceGradGradient(GraphBuilder& b, Operation* op,
                                   const Gradients& g) {
  Gradients result(5);
  result[4] = b.Op("StridedSlice",
                   {g[0], op->input(1), op->input(2), op->input(3)}, Masks(op));
  return result;
}

// The rows that were read of something of this shape.
Gradient Rows(GraphBuilder& b, const Output& shape, const Output& indices,
              const Gradient& g) {
  const Output count = b.Op("ExpandDims", {SizeOf(b, indices), 0});
  const Output tail = SliceRange(b, shape, 1, absl::nullopt);
  const Output values_shape = ConcatAll(b, {count, tail}, 0);
  const Output values = Reshape(b, g, values_shape);
  const Output rows = Reshape(b, indices, count);
  if (!b.ok()) return Gradient();
  return IndexedSlices{values, rows, shape};
}

// Counted in int64 and told in int32, beside the table.
Output TableShape(GraphBuilder& b, const Output& params) {
  ColocateWith with(b.graph(), params.op);
  return Cast(b, ShapeOf(b, params, DT_INT64), DT_INT32);
}

Gradients GatherGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output shape = TableShape(b, op->input(0));
  return {Rows(b, shape, op->input(1), g[0]), Gradient()};
}

// shape[begin:end], where one bound is a tensor.
Output SliceAt(GraphBuilder& b, const Output& shape, const Output& at,
               bool before) {
  if (!b.ok()) return Output();
  BuilderScope scope(b, "strided_slice");
  const auto bound = [&](bool known) {
    return known ? Stack(b, {0}) : Stack(b, {at});
  };
  const Output begin = bound(before);
  const Output end = bound(!before);
  const Output stride = Stack(b, {1});
  return b.Op("StridedSlice", {shape, begin, end, stride},
              {Attr(before ? "begin_mask" : "end_mask", 1)},
              scope.full_name());
}

// shape[at], of a tensor.
Output ElementAt(GraphBuilder& b, const Output& shape, const Output& at) {
  const Output next = Plus(b, at, 1);
  if (!b.ok()) return Output();
  BuilderScope scope(b, "strided_slice");
  const Output begin = Stack(b, {at});
  const Output end = Stack(b, {next});
  const Output stride = Stack(b, {1});
  return b.Op("StridedSlice", {shape, begin, end, stride},
              {Attr("shrink_axis_mask", 1)}, scope.full_name());
}

// Read along another axis than the first: brought to the front, summed, and
// brought back.
Output GatherAlongAxis(GraphBuilder& b, const Output& shape,
                       const Output& indices, const Output& axis,
                       const Gradient& g) {
  const Output outer = SliceAt(b, shape, axis, /*before=*/true);
  const Output inner = SliceRange(b, SliceAt(b, shape, axis, /*before=*/false),
                                  1, absl::nullopt);
  const Output values_shape = ConcatAll(b, {outer, IntList({-1}), inner}, 0);
  if (!b.ok()) return Output();
  const Output values_rank = SizeOf(b, values_shape);
  const Output axis_rank = SizeOf(b, outer);
  const Output batches = RangeOf(b, 0, 0);
  const Output before_axis = RangeOf(b, 0, axis_rank);
  const Output after_axis = RangeOf(b, Plus(b, axis_rank, 1), values_rank);
  const Output values = Reshape(b, g, values_shape);
  const Output front = ConcatAll(
      b,
      {batches, Input(std::vector<Input>{axis_rank}), before_axis, after_axis},
      0);
  const Output moved = b.Op("Transpose", {values, front}, {}, "transpose");
  const Output rows = ElementAt(b, shape, axis);
  const Output count = b.Op("ExpandDims", {SizeOf(b, indices), 0});
  const Output flat = Reshape(b, indices, count);
  const Output summed = b.Op("UnsortedSegmentSum", {moved, flat, rows});
  const Output back = ConcatAll(
      b, {batches, Plus(b, before_axis, 1), IntList({0}), after_axis}, 0);
  return b.Op("Transpose", {summed, back}, {}, "transpose");
}

Gradients GatherV2Gradient(GraphBuilder& b, Operation* op,
                           const Gradients& g) {
  const Output shape = TableShape(b, op->input(0));
  const Output indices = op->input(1), axis = op->input(2);
  const absl::optional<Tensor> known = ConstantValue(axis);
  const bool first_axis =
      known.has_value() && (known->dtype() == DT_INT64
                                ? known->flat<int64_t>()[0]
                                : known->flat<int32_t>()[0]) == 0;
  Gradients result(3);
  if (first_axis) {
    result[0] = Rows(b, shape, indices, g[0]);
    return result;
  }
  // TensorFlow makes these before it looks at the axis.
  b.Op("ExpandDims", {SizeOf(b, indices), 0});
  result[0] = GatherAlongAxis(b, shape, indices, axis, g[0]);
  return result;
}

Gradients GatherNdGradient(GraphBuilder& b, Operation* op,
                           const Gradients& g) {
  const Output indices = op->input(1);
  const Output shape = ShapeOf(b, op->input(0), indices.dtype());
  const PartialTensorShape& index_shape = indices.shape();
  if (index_shape.rank() == 2 && index_shape.dim(1) == 1 && b.ok()) {
    const Output rows =
        b.Op("Squeeze", {indices},
             {Attr("squeeze_dims", std::vector<int64_t>{-1})});
    return {IndexedSlices{b.Convert(g[0]), rows, shape}, Gradient()};
  }
  return {b.Op("ScatterNd", {indices, g[0], shape}), Gradient()};
}

Gradients ScatterNdGradient(GraphBuilder& b, Operation* op,
                            const Gradients& g) {
  return {Gradient(), b.Op("GatherNd", {g[0], op->input(0)}), Gradient()};
}

Gradients SparseToDenseGradient(GraphBuilder& b, Operation* op,
                                const Gradients& g) {
  const Output values = b.Op("GatherNd", {g[0], op->input(0)});
  const Output all = ReduceSum(b, g[0]);
  const Output given = ReduceSum(b, values);
  const Output rest = Minus(b, all, given);
  const Output no_indices = ZerosLikeOf(b, op->input(0));
  return {no_indices, ZerosLikeOf(b, op->input(1)), values, rest};
}

Gradients SparseTensorDenseAddGradient(GraphBuilder& b, Operation* op,
                                       const Gradients& g) {
  return {Gradient(), b.Op("GatherNd", {g[0], op->input(0)}), Gradient(),
          g[0]};
}

// ---- Resource variables. ----

Gradients ReadVariableGradient(GraphBuilder&, Operation*, const Gradients& g) {
  return {g[0]};
}

Gradients ResourceGatherGradient(GraphBuilder& b, Operation* op,
                                 const Gradients& g) {
  const Output handle = op->input(0);
  const HandleData* data = handle.op->handle_data(handle.index);
  // What entered a loop says nothing of the variable to TensorFlow's Python.
  const bool known = handle.op->type() != "Enter" && data != nullptr && data->shape.IsFullyDefined();
  const Output shape = known ? b.Convert(IntList(data->shape.dims()), DT_INT32)
                             : b.Op("VariableShape", {handle});
  return {Rows(b, shape, op->input(1), g[0]), Gradient()};
}

}  // namespace

void RegisterSliceGradients(GradientRegistry* registry) {
  registry->AddStandard("Slice", SliceGradient);
  registry->AddStandard("StridedSlice", StridedSliceGradient);
  registry->AddStandard("StridedSliceGrad", StridedSliceGradGradient);
  registry->AddStandard("Gather", GatherGradient);
  registry->AddStandard("GatherV2", GatherV2Gradient);
  registry->AddStandard("GatherNd", GatherNdGradient);
  registry->AddStandard("ScatterNd", ScatterNdGradient);
  registry->AddStandard("SparseToDense", SparseToDenseGradient);
  registry->AddStandard("SparseTensorDenseAdd", SparseTensorDenseAddGradient);
}

void RegisterResourceVariableGradients(GradientRegistry* registry) {
  registry->AddStandard("ReadVariableOp", ReadVariableGradient);
  registry->AddStandard("ResourceGather", ResourceGatherGradient);
  registry->AddNotDifferentiable({"VarIsInitializedOp", "VariableShape"});
}

}  // namespace retrograph
