// Gradients of reductions and of running sums.
//
// Source: tensorflow/python/ops/math_grad.py.
#include <algorithm>
#include <string>
#include <utility>

#include "graph/shape_inference.h"
#include "ops/broadcast_gradient.h"
#include "ops/builders.h"
#include "ops/composites.h"
#include "ops/gradient.h"

namespace retrograph {
namespace {

absl::optional<std::vector<int64_t>> StaticAxes(const Output& axes) {
  const absl::optional<Tensor> value = ConstantValue(axes);
  if (!value.has_value()) return absl::nullopt;
  std::vector<int64_t> list;
  for (int64_t i = 0; i < value->num_elements(); ++i) {
    list.push_back(value->dtype() == DT_INT64 ? value->flat<int64_t>()[i]
                                              : value->flat<int32_t>()[i]);
  }
  return list;
}

bool IsAllAxes(const Output& axes, const std::vector<int64_t>& list,
               int rank) {
  // Axis 0 of a vector, given as a number, does not count as all of them.
  if (axes.shape().rank() != 1) return false;
  if (static_cast<int>(list.size()) != rank) return false;
  for (int i = 0; i < rank; ++i) {
    if (list[i] != i) return false;
  }
  return true;
}

// x // maximum(y, 1).
Output SafeShapeOver(GraphBuilder& b, const Input& x, const Input& y) {
  const Output divisor = b.Op("Maximum", {y, 1});
  return FloorOver(b, x, divisor);
}

// Everything was summed: the one gradient is repeated.
Gradients RepeatOverAll(GraphBuilder& b, const Output& x, const Gradient& g) {
  const std::vector<int64_t> ones(x.shape().rank(), 1);
  const Output one = Reshape(b, g, IntList(ones));
  if (!b.ok()) return Gradients(2);
  Output shape;
  if (x.shape().IsFullyDefined()) {
    std::vector<int32_t> dims(x.shape().dims().begin(), x.shape().dims().end());
    shape = Constant(b, Tensor::Vector<int32_t>(absl::MakeConstSpan(dims)));
  } else {
    shape = ShapeOf(b, x);
  }
  return {b.Op("Tile", {one, shape}), Gradient()};
}

Gradients SumGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = op->input(0), axes = op->input(1);
  const PartialTensorShape& shape = x.shape();
  const auto list = shape.unknown_rank() ? absl::nullopt : StaticAxes(axes);
  if (list.has_value() && IsAllAxes(axes, *list, shape.rank())) {
    return RepeatOverAll(b, x, g[0]);
  }
  if (list.has_value() && shape.IsFullyDefined()) {
    const ListPair key{{shape.dims().begin(), shape.dims().end()}, *list};
    const auto lists = CachedLists(b, "reduced", key, [&] {
      const Output kept =
          ReducedShape(b, IntList(key.first), IntList(key.second));
      if (!b.ok()) return std::make_pair(kept, kept);
      const auto dims = EvaluateConstant(kept);
      if (!dims.has_value()) return std::make_pair(kept, kept);
      const std::vector<int64_t> kept_dims(dims->flat<int32_t>().begin(),
                                           dims->flat<int32_t>().end());
      return std::make_pair(
          kept, SafeShapeOver(b, IntList(key.first), IntList(kept_dims)));
    });
    if (!lists.has_value()) return Gradients(2);
    const Output kept = Reshape(b, g[0], IntList(lists->first));
    return {b.Op("Tile", {kept, IntList(lists->second)}), Gradient()};
  }
  const Output input_shape = ShapeOf(b, x);
  if (!b.ok()) return Gradients(2);
  Output kept_dims, repeats;
  {
    ColocateWith with(b.graph(), input_shape.op);
    kept_dims = ReducedShape(b, input_shape, axes);
    repeats = SafeShapeOver(b, input_shape, kept_dims);
  }
  const Output kept = Reshape(b, g[0], kept_dims);
  return {b.Op("Tile", {kept, repeats}), Gradient()};
}

Gradients MeanGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Gradient sum = SumGradient(b, op, g)[0];
  if (!b.ok()) return Gradients(2);
  const Output x = op->input(0), y = op->output(0);
  Output factor;
  if (x.shape().IsFullyDefined() && y.shape().IsFullyDefined()) {
    const int64_t outputs = std::max<int64_t>(y.shape().num_elements(), 1);
    factor = ScalarConstant(
        b, static_cast<double>(x.shape().num_elements() / outputs),
        sum.dtype());
  } else {
    const Output input_shape = ShapeOf(b, x);
    const Output output_shape = ShapeOf(b, y);
    const Output inputs = Reduce(b, "Prod", input_shape, absl::nullopt);
    const Output outputs = Reduce(b, "Prod", output_shape, absl::nullopt);
    factor = SafeShapeOver(b, inputs, outputs);
  }
  return {Over(b, sum, Cast(b, factor, sum.dtype())), Gradient()};
}

// Max and Min: the gradient is shared by all that have the value.
Gradients ExtremeGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = op->input(0), axes = op->input(1);
  const Output kept_dims = ReducedShape(b, ShapeOf(b, x), axes);
  const Output y = Reshape(b, op->output(0), kept_dims);
  const Output gradient = Reshape(b, g[0], kept_dims);
  if (!b.ok()) return Gradients(2);
  const Output indicators =
      Cast(b, b.Op("Equal", {y, x}), gradient.dtype());
  const Output selected =
      Reshape(b, ReduceSum(b, indicators, Input(axes)), kept_dims);
  return {Times(b, Over(b, indicators, selected), gradient), Gradient()};
}

Output CumulativeProduct(GraphBuilder& b, const Output& x, bool reverse) {
  return b.Op("Cumprod", {x, 0},
              {Attr("exclusive", true), Attr("reverse", reverse)});
}

// Each factor's gradient is the product of all others: of those before it and
// of those after it, which does without a division.
Gradients ProdGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = op->input(0);
  const Output input_shape = ShapeOf(b, x);
  Output axes = Reshape(b, op->input(1), IntList({-1}));
  const Output kept_dims = ReducedShape(b, input_shape, op->input(1));
  const Output repeats = SafeShapeOver(b, input_shape, kept_dims);
  const Output kept = Reshape(b, g[0], kept_dims);
  const Output gradient = b.Op("Tile", {kept, repeats});
  Output perm, reduced_size, other_size;
  {
    DeviceScope on_cpu(b.graph(), std::string("/cpu:0"));
    const Output rank = RankOf(b, x);
    axes = Modulo(b, Plus(b, axes, rank), rank);
    const Output reduced = Cast(b, axes, DT_INT32);
    const Output every = RangeOf(b, 0, rank);
    Operation* others = b.AddOp("ListDiff", {every, reduced});
    if (others == nullptr) return Gradients(2);
    perm = ConcatAll(b, {reduced, others->output(0)}, 0);
    reduced_size = Reduce(b, "Prod", GatherRows(b, input_shape, reduced),
                          absl::nullopt);
    other_size = Reduce(
        b, "Prod", GatherRows(b, input_shape, others->output(0)),
        absl::nullopt);
  }
  const Output permuted = b.Op("Transpose", {x, perm}, {}, "transpose");
  if (!b.ok()) return Gradients(2);
  const Output permuted_shape = ShapeOf(b, permuted);
  const Output matrix =
      Reshape(b, permuted, Input(std::vector<Input>{reduced_size, other_size}));
  const Output left = CumulativeProduct(b, matrix, false);
  const Output right = CumulativeProduct(b, matrix, true);
  const Output conj_left = Conjugate(b, left);
  const Output y = Reshape(b, Times(b, conj_left, Conjugate(b, right)),
                           permuted_shape);
  const Output inverse = b.Op("InvertPermutation", {perm});
  const Output out = Times(
      b, gradient, b.Op("Transpose", {y, inverse}, {}, "transpose"));
  return {Reshape(b, out, input_shape), Gradient()};
}

AttrList RunningAttrs(const Operation* op, bool flip) {
  const bool reverse = op->FindAttr("reverse")->b();
  return {Attr("exclusive", op->FindAttr("exclusive")->b()),
          Attr("reverse", flip ? !reverse : reverse)};
}

Gradients CumsumGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  return {b.Op("Cumsum", {g[0], op->input(1)}, RunningAttrs(op, true)),
          Gradient()};
}

Gradients CumprodGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = op->input(0), axis = op->input(1);
  const Output product = b.Op("Cumprod", {x, axis}, RunningAttrs(op, false));
  const Output out = b.Op("Cumsum", {Times(b, product, g[0]), axis},
                          RunningAttrs(op, true));
  return {Over(b, out, x), Gradient()};
}

Gradients L2LossGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  return {Times(b, op->input(0), g[0])};
}

Gradients NoGradients(GraphBuilder&, Operation* op, const Gradients&) {
  return Gradients(op->num_inputs());
}

}  // namespace

void RegisterReductionGradients(GradientRegistry* registry) {
  registry->AddStandard("Sum", SumGradient);
  registry->AddStandard("Mean", MeanGradient);
  registry->AddStandard("Max", ExtremeGradient);
  registry->AddStandard("Min", ExtremeGradient);
  registry->AddStandard("Prod", ProdGradient);
  registry->AddStandard("Cumsum", CumsumGradient);
  registry->AddStandard("Cumprod", CumprodGradient);
  registry->AddStandard("L2Loss", L2LossGradient);
  registry->AddStandard("ArgMax", NoGradients);
  registry->AddStandard("ArgMin", NoGradients);
}

}  // namespace retrograph
