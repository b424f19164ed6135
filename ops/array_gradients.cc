// Gradients of ops that move elements about: shapes, axes, copies.
//
// Source: tensorflow/python/ops/array_grad.py.
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/python_text.h"
#include "graph/shape_inference.h"
#include "graph/control_flow.h"
#include "ops/builders.h"
#include "ops/composites.h"
#include "ops/gradient.h"

namespace retrograph {
namespace {

Gradients SameGradient(GraphBuilder&, Operation*, const Gradients& g) {
  return g;
}

// The gradient in the first input's shape; other inputs have none.
Gradients ReshapeToInput(GraphBuilder& b, Operation* op, const Gradients& g) {
  Gradients result(op->num_inputs());
  // TensorFlow makes the shape first, then turns rows into a tensor.
  const Output shape = ShapeOf(b, op->input(0));
  result[0] = Reshape(b, g[0], shape);
  return result;
}

Gradients TransposeGradient(GraphBuilder& b, Operation* op,
                            const Gradients& g) {
  const Output inverse = b.Op("InvertPermutation", {op->input(1)});
  return {b.Op("Transpose", {g[0], inverse}, {}, "transpose"), Gradient()};
}

Gradients PackGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  Operation* parts = b.AddOp("Unpack", {g[0]},
                             {Attr("num", int64_t{op->num_inputs()}),
                              {"axis", *op->FindAttr("axis")}},
                             "unstack");
  Gradients result(op->num_inputs());
  if (parts == nullptr) return result;
  for (int i = 0; i < op->num_inputs(); ++i) result[i] = parts->output(i);
  return result;
}

Gradients UnpackGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  std::vector<Input> parts(g.begin(), g.end());
  return {b.Op("Pack", {Input(std::move(parts))},
               {{"axis", *op->FindAttr("axis")}}, "stack")};
}

Gradients SplitGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  // Split has the axis first, SplitV last.
  const bool plain = op->type() == "Split";
  const int axis = plain ? 0 : 2;
  Gradients result(op->num_inputs());
  const std::vector<Input> parts(g.begin(), g.end());
  result[plain ? 1 : 0] = ConcatAll(b, parts, op->input(axis));
  return result;
}

// The sizes of the parts, as constants if all are known.
std::vector<Output> PartShapes(GraphBuilder& b, Operation* op, int first,
                               int count) {
  std::vector<Output> inputs;
  for (int i = first; i < first + count; ++i) inputs.push_back(op->input(i));
  std::vector<Output> sizes;
  for (const Output& input : inputs) {
    sizes.push_back(ShapeOf(b, input));
    if (!b.ok()) return sizes;
    if (sizes.back().op->type() != "Const") return ShapesOf(b, inputs);
  }
  return sizes;
}

// Rows of a concatenation along axis 0: each part takes those that are its.
Gradients ConcatRows(GraphBuilder& b, const IndexedSlices& rows,
                     const std::vector<Output>& sizes, const Output& axis) {
  Gradients parts;
  const DataType index_type = rows.indices.dtype();
  Output start = ScalarConstant(b, 0, index_type);
  for (const Output& size : sizes) {
    Output length = GatherRows(b, size, axis);
    if (!b.ok()) return Gradients(sizes.size());
    length = Cast(b, length, index_type);
    const Output end = Plus(b, start, length);
    const Output above = b.Op("GreaterEqual", {rows.indices, start});
    const Output inside =
        b.Op("LogicalAnd", {above, b.Op("Less", {rows.indices, end})});
    const Output selected =
        b.Op("Squeeze", {b.Op("Where", {inside})},
             {Attr("squeeze_dims", std::vector<int64_t>{1})});
    const Output indices =
        Minus(b, GatherRows(b, rows.indices, selected), start);
    const Output values = GatherRows(b, rows.values, selected);
    parts.push_back(IndexedSlices{values, indices, size});
    start = end;
  }
  return parts;
}

// Rows, where the parts lie side by side within a row.
Gradients ConcatColumns(GraphBuilder& b, const IndexedSlices& rows,
                        const std::vector<Output>& sizes, const Output& axis) {
  Gradients parts;
  const Output rank = ShapeOf(b, sizes[0]);
  const Output before =
      Fill(b, b.Op("ExpandDims", {axis, 0}), 0);
  const Output after =
      Fill(b, Minus(b, Minus(b, rank, axis), 1), 0);
  const Output mask = ConcatAll(b, {before, IntList({1}), after}, 0);
  Output begin = Fill(b, rank, 0);
  for (const Output& size : sizes) {
    const Output tail = b.Op("Slice", {size, IntList({1}), IntList({-1})});
    const Output extent = ConcatAll(b, {IntList({-1}), tail}, 0);
    const Output values = b.Op("Slice", {rows.values, begin, extent});
    parts.push_back(IndexedSlices{values, rows.indices, size});
    begin = b.Op("Add", {begin, Times(b, size, mask)});
  }
  return parts;
}

Gradients ConcatParts(GraphBuilder& b, Operation* op, int first, int count,
                      const Output& axis, const Gradient& g) {
  const Output rank = RankOf(b, op->input(first));
  const Output positive = Modulo(b, axis, rank);
  if (!b.ok()) return Gradients(count);
  if (g.is_slices()) {
    const absl::optional<Tensor> known = EvaluateConstant(positive);
    if (!known.has_value()) {
      b.Update(ValueError("Can only compute IndexedSlices gradient with "
                          "statically-known concat_dim"));
      return Gradients(count);
    }
    std::vector<Output> sizes;
    for (int i = 0; i < count; ++i) {
      sizes.push_back(ShapeOf(b, op->input(first + i)));
    }
    if (!b.ok()) return Gradients(count);
    return known->flat<int32_t>()[0] > 0
               ? ConcatColumns(b, g.slices(), sizes, positive)
               : ConcatRows(b, g.slices(), sizes, positive);
  }
  const std::vector<Output> sizes = PartShapes(b, op, first, count);
  Gradients parts(count);
  if (count > 16) {
    const std::vector<Input> list(sizes.begin(), sizes.end());
    const Output table = Stack(b, list, 1);
    const Output row =
        b.Op("Slice", {table, Input(std::vector<Input>{positive, 0}),
                       IntList({1, -1})});
    Operation* split = b.AddOp(
        "SplitV", {g, b.Op("Squeeze", {row}), positive},
        {Attr("num_split", int64_t{count})}, "split");
    for (int i = 0; i < count && b.ok(); ++i) parts[i] = split->output(i);
    return parts;
  }
  Operation* offsets =
      b.AddOp("ConcatOffset", {positive, Input::List(sizes)});
  for (int i = 0; i < count && b.ok(); ++i) {
    parts[i] = b.Op("Slice", {g, offsets->output(i), sizes[i]});
  }
  return parts;
}

// A constant axis of another loop or branch is made once more in this one.
Output AxisHere(GraphBuilder& b, const Output& axis, const Gradient& gradient) {
  if (axis.op->type() != "Const" ||
      ControlFlowContext::OfOutputs(axis.op) ==
          ControlFlowContext::OfOutputs(gradient.op())) {
    return axis;
  }
  Tensor value;
  if (!b.Update(axis.op->GetAttr("value", &value))) return Output();
  return Constant(b, value);
}

Gradients ConcatGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const bool axis_last = op->type() == "ConcatV2";
  const int count = op->num_inputs() - 1;
  const int first = axis_last ? 0 : 1;
  const Output axis = op->input(axis_last ? count : 0);
  Gradients parts;
  if (count == 1) {
    parts = {g[0]};
  } else {
    const Output here =
        g[0].is_tensor() ? AxisHere(b, axis, g[0]) : axis;
    if (b.ok()) parts = ConcatParts(b, op, first, count, here, g[0]);
    parts.resize(count);
  }
  parts.insert(axis_last ? parts.end() : parts.begin(), Gradient());
  return parts;
}

Gradients TileGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = op->input(0), multiples = op->input(1);
  const Output input_shape = ShapeOf(b, x, multiples.dtype());
  const Output table = Stack(b, {multiples, input_shape});
  if (!b.ok()) return Gradients(2);
  const Output flipped =
      b.Op("Transpose", {table, IntList({1, 0})}, {}, "transpose");
  Output split_shape = Reshape(b, flipped, IntList({-1}));
  if (!b.ok()) return Gradients(2);
  const Output axes = RangeOf(b, 0, SizeOf(b, split_shape), 2);
  Gradient gradient = g[0];
  if (gradient.is_slices()) {
    const IndexedSlices rows = gradient.slices();
    const Output count =
        Cast(b, Index(b, input_shape, 0), rows.indices.dtype());
    const Output row = b.Op("FloorMod", {rows.indices, count});
    gradient = b.Op("UnsortedSegmentSum", {rows.values, row, count});
    split_shape = ConcatAll(
        b, {IntList({1}), SliceRange(b, split_shape, 1, absl::nullopt)}, 0);
  }
  const Output sum =
      ReduceSum(b, Reshape(b, gradient, split_shape), Input(axes));
  if (b.ok()) b.Update(sum.op->MergeOutputShape(0, x.shape()));
  return {sum, Gradient()};
}

Gradients PadGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = op->input(0);
  const Output extent = Stack(b, {RankOf(b, x), 1});
  const Output before =
      b.Op("Slice", {op->input(1), IntList({0, 0}), extent});
  const Output begin = Reshape(b, before, IntList({-1}));
  const Output sizes = ShapeOf(b, x);
  Gradients result(op->num_inputs());
  result[0] = b.Op("Slice", {g[0], begin, sizes});
  return result;
}

Gradients ReverseGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  return {b.Op("ReverseV2", {g[0], op->input(1)}), Gradient()};
}

Gradients ReverseSequenceGradient(GraphBuilder& b, Operation* op,
                                  const Gradients& g) {
  return {b.Op("ReverseSequence", {g[0], op->input(1)},
               {{"seq_dim", *op->FindAttr("seq_dim")},
                {"batch_dim", *op->FindAttr("batch_dim")}}),
          Gradient()};
}

Gradients MirrorPadGradient(GraphBuilder& b, Operation* op,
                            const Gradients& g) {
  return {b.Op("MirrorPadGrad", {g[0], op->input(1)},
               {{"mode", *op->FindAttr("mode")}}),
          Gradient()};
}

Gradients FillGradient(GraphBuilder& b, Operation*, const Gradients& g) {
  return {Gradient(), ReduceSum(b, g[0])};
}

// Where an input was one long, what was copied from it is summed.
Gradients BroadcastToGradient(GraphBuilder& b, Operation* op,
                              const Gradients& g) {
  const Output shape = op->input(1);
  const Output input_shape = ShapeOf(b, op->input(0));
  Operation* axes = b.AddOp("BroadcastGradientArgs", {shape, input_shape});
  if (axes == nullptr) return Gradients(2);
  const Output sum = ReduceSum(b, g[0], Input(axes->output(1)), true);
  return {Reshape(b, sum, input_shape), Gradient()};
}

GradientFunction ByOp(const char* type) {
  return [type](GraphBuilder& b, Operation*, const Gradients& g) -> Gradients {
    return {b.Op(type, {g[0]})};
  };
}

Gradients MatrixDiagGradient(GraphBuilder& b, Operation*,
                             const Gradients& g) {
  return {b.Op("MatrixDiagPart", {g[0]}, {}, "diag_part")};
}

Gradients MatrixDiagPartGradient(GraphBuilder& b, Operation* op,
                                 const Gradients& g) {
  const PartialTensorShape& shape = op->input(0).shape();
  const int rank = shape.rank();
  if (rank >= 2 && shape.dim(rank - 1) >= 0 &&
      shape.dim(rank - 1) == shape.dim(rank - 2)) {
    return {b.Op("MatrixDiag", {g[0]}, {}, "diag")};
  }
  return {b.Op("MatrixSetDiag", {ZerosLikeOf(b, op->input(0)), g[0]}, {},
               "set_diag")};
}

Gradients CheckNumericsGradient(GraphBuilder& b, Operation* op,
                                const Gradients& g) {
  return {b.Op("CheckNumerics", {g[0]},
               {Attr("message",
                     absl::StrCat("Not a number (NaN) or infinity (Inf) values "
                                  "detected in gradient. b",
                                  PythonRepr(op->FindAttr("message")->s())))})};
}

Gradients PreventedGradient(GraphBuilder& b, Operation* op, const Gradients&) {
  b.Update(LookupError(
      absl::StrCat("Gradient explicitly disabled. Reason: b",
                   PythonRepr(op->FindAttr("message")->s()))));
  return Gradients(1);
}

}  // namespace

void RegisterArrayGradients(GradientRegistry* registry) {
  for (const char* name :
       {"Identity", "RefIdentity", "IdentityN", "PlaceholderWithDefault"}) {
    registry->AddStandard(name, SameGradient);
  }
  for (const char* name : {"Reshape", "ExpandDims", "Squeeze"}) {
    registry->AddStandard(name, ReshapeToInput);
  }
  registry->AddStandard("Transpose", TransposeGradient);
  registry->AddStandard("Pack", PackGradient);
  registry->AddStandard("Unpack", UnpackGradient);
  registry->AddStandard("Split", SplitGradient);
  registry->AddStandard("SplitV", SplitGradient);
  registry->AddStandard("Concat", ConcatGradient);
  registry->AddStandard("ConcatV2", ConcatGradient);
  registry->AddStandard("Tile", TileGradient);
  registry->AddStandard("Pad", PadGradient);
  registry->AddStandard("PadV2", PadGradient);
  registry->AddStandard("MirrorPad", MirrorPadGradient);
  registry->AddStandard("ReverseV2", ReverseGradient);
  registry->AddStandard("ReverseSequence", ReverseSequenceGradient);
  registry->AddStandard("Fill", FillGradient);
  registry->AddStandard("BroadcastTo", BroadcastToGradient);
  registry->AddStandard("Diag", ByOp("DiagPart"));
  registry->AddStandard("DiagPart", ByOp("Diag"));
  registry->AddStandard("MatrixDiag", MatrixDiagGradient);
  registry->AddStandard("MatrixDiagPart", MatrixDiagPartGradient);
  registry->AddStandard("CheckNumerics", CheckNumericsGradient);
  registry->AddStandard("PreventGradient", PreventedGradient);
  registry->AddNotDifferentiable(
      {"Const", "ConcatOffset", "ZerosLike", "OnesLike", "StopGradient",
       "InvertPermutation", "Shape", "ShapeN", "Rank", "Size",
       "BroadcastGradientArgs", "OneHot"});
}

}  // namespace retrograph
