// Gradients of arithmetic on two tensors, of choices between them, and of
// products of matrices.
//
// Source: tensorflow/python/ops/math_grad.py.
#include <utility>

#include "ops/broadcast_gradient.h"
#include "ops/builders.h"
#include "ops/composites.h"
#include "ops/gradient.h"

namespace retrograph {
namespace {

Gradients AddGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = op->input(0), y = op->input(1);
  if (SameKnownShapes(x, y, g[0])) return {g[0], g[0]};
  const BroadcastGradient shapes(b, x, y, g[0]);
  const auto side = [&](int i) -> Gradient {
    return shapes.MustReduce(i) ? Gradient(shapes.ReduceAlways(i, g[0])) : g[0];
  };
  const Gradient first = side(0);
  return {first, side(1)};
}

Gradients SubGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = op->input(0), y = op->input(1);
  if (SameKnownShapes(x, y, g[0])) return {g[0], Negative(b, g[0])};
  const BroadcastGradient shapes(b, x, y, g[0]);
  const Gradient first = shapes.MustReduce(0)
                             ? Gradient(shapes.ReduceAlways(0, g[0]))
                             : g[0];
  return {first, shapes.Reduce(1, Negative(b, g[0]))};
}

Gradients MulGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  Output x = op->input(0), y = op->input(1);
  const bool simple = g[0].dtype() == DT_INT32 || g[0].dtype() == DT_FLOAT;
  if (simple && SameKnownShapes(x, y, g[0])) {
    const Output first = b.Op("Mul", {g[0], y});
    return {first, b.Op("Mul", {g[0], x})};
  }
  const BroadcastGradient shapes(b, x, y, g[0]);
  x = Conjugate(b, x);
  y = Conjugate(b, y);
  const Output first = shapes.Reduce(0, b.Op("Mul", {g[0], y}));
  return {first, shapes.Reduce(1, b.Op("Mul", {x, g[0]}))};
}

Gradients MulNoNanGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = op->input(0), y = op->input(1);
  if (SameKnownShapes(x, y, g[0])) {
    const Output first = b.Op("MulNoNan", {g[0], y});
    return {first, b.Op("MulNoNan", {x, g[0]})};
  }
  const BroadcastGradient shapes(b, x, y, g[0], /*smart=*/false);
  const Output first = shapes.ReduceAlways(0, b.Op("MulNoNan", {g[0], y}));
  return {first, shapes.ReduceAlways(1, b.Op("MulNoNan", {x, g[0]}))};
}

// x / y by `divide`, an op or an operator.
using Divide = Output (*)(GraphBuilder& b, const Input& x, const Input& y);

GradientFunction DivisionGradient(Divide divide) {
  return [divide](GraphBuilder& b, Operation* op,
                  const Gradients& g) -> Gradients {
    const BroadcastGradient shapes(b, op->input(0), op->input(1), g[0],
                                   /*smart=*/false);
    const Output x = Conjugate(b, op->input(0));
    const Output y = Conjugate(b, op->input(1));
    const Output first = shapes.ReduceAlways(0, divide(b, g[0], y));
    const Output slope = divide(b, divide(b, Negative(b, x), y), y);
    return {first, shapes.ReduceAlways(1, Times(b, g[0], slope))};
  };
}

Gradients FloorModGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = Conjugate(b, op->input(0));
  const Output y = Conjugate(b, op->input(1));
  const BroadcastGradient shapes(b, x, y, g[0], /*smart=*/false);
  const Output quotient = b.Op("FloorDiv", {x, y});
  const Output first = shapes.ReduceAlways(0, g[0]);
  return {first,
          shapes.ReduceAlways(1, Times(b, g[0], Negative(b, quotient)))};
}

// Where x is above zero there is a logarithm; elsewhere its part is zero.
Output PowerByExponent(GraphBuilder& b, Operation* op, const Output& x,
                       const Gradient& g) {
  const Output z = Conjugate(b, op->output(0));
  if (!b.ok()) return Output();
  const Output mask = IsComplexType(x.dtype())
                          ? b.Op("NotEqual", {x, 0})
                          : b.Op("Greater", {x, 0});
  const Output safe = SelectOf(b, mask, x, OnesLikeOf(b, x));
  const Output log = b.Op("Log", {safe});
  const Output log_x = SelectOf(b, mask, log, ZerosLikeOf(b, x));
  return Times(b, Times(b, g, z), log_x);
}

Gradients PowGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const BroadcastGradient shapes(b, op->input(0), op->input(1), g[0]);
  const Output x = Conjugate(b, op->input(0));
  const Output y = Conjugate(b, op->input(1));
  const Output scaled = Times(b, g[0], y);
  const Output power = b.Op("Pow", {x, Minus(b, y, 1)});
  const Output first = shapes.Reduce(0, Times(b, scaled, power));
  return {first, shapes.Reduce(1, PowerByExponent(b, op, x, g[0]))};
}

// The gradient goes to the side that `selector` chooses.
GradientFunction ExtremeGradient(const char* selector) {
  return [selector](GraphBuilder& b, Operation* op,
                    const Gradients& g) -> Gradients {
    const Output x = op->input(0), y = op->input(1);
    const Output sx = ShapeOf(b, x), sy = ShapeOf(b, y);
    const Output dense = b.Convert(g[0]);
    const Output zeros = ZerosOf(b, ShapeOf(b, dense), g[0].dtype());
    const Output mask = b.Op(selector, {x, y});
    Operation* axes = b.AddOp("BroadcastGradientArgs", {sx, sy});
    if (axes == nullptr) return Gradients(2);
    const Output to_x = SelectOf(b, mask, dense, zeros);
    const Output first =
        Reshape(b, ReduceSum(b, to_x, Input(axes->output(0))), sx);
    const Output to_y = SelectOf(b, mask, zeros, dense);
    return {first,
            Reshape(b, ReduceSum(b, to_y, Input(axes->output(1))), sy)};
  };
}

Gradients SquaredDifferenceGradient(GraphBuilder& b, Operation* op,
                                    const Gradients& g) {
  const Output x = op->input(0), y = op->input(1);
  Output gx;
  {
    ControlDependencies after(b.graph(), {g[0].op()});
    const Output two = b.Convert(Input(2.0), g[0].dtype(), "scalar");
    const Output doubled = b.Op("Mul", {two, g[0]});
    gx = Times(b, doubled, Minus(b, x, y));
  }
  if (SameKnownShapes(x, y, g[0])) return {gx, Negative(b, gx)};
  const BroadcastGradient shapes(b, x, y, g[0]);
  const Output first = shapes.Reduce(0, gx);
  return {first, Negative(b, shapes.Reduce(1, gx))};
}

Gradients XlogyGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = op->input(0), y = op->input(1);
  const BroadcastGradient shapes(b, x, y, g[0], /*smart=*/false);
  ControlDependencies after(b.graph(), {g[0].op()});
  const Output zero = Cast(b, 0.0, x.dtype());
  const Output used = Cast(b, b.Op("NotEqual", {x, zero}), x.dtype());
  const bool log = op->type() == "Xlogy";
  const Output by_x = b.Op(op->type(), {used, y});
  const Output by_y =
      log ? b.Op("Xdivy", {x, y})
          : b.Op("Xdivy", {Negative(b, x), b.Op("Pow", {y, 2}, {}, "pow")});
  const Output first = shapes.ReduceAlways(0, Times(b, by_x, g[0]));
  return {first, shapes.ReduceAlways(1, Times(b, by_y, g[0]))};
}

Gradients Atan2Gradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output y = op->input(0), x = op->input(1);
  ControlDependencies after(b.graph(), {g[0].op()});
  const Output x_square = b.Op("Square", {x});
  const Output squares = Plus(b, x_square, b.Op("Square", {y}));
  const Output inverse = Over(b, g[0], squares);
  const Output first = Times(b, x, inverse);
  return {first, Times(b, Negative(b, y), inverse)};
}

Gradients ComplexGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const BroadcastGradient shapes(b, op->input(0), op->input(1), g[0],
                                 /*smart=*/false);
  const auto part = [&](const char* type) {
    return b.Op(type, {g[0]}, {Attr("Tout", op->input(0).dtype())});
  };
  const Output first = shapes.ReduceAlways(0, part("Real"));
  return {first, shapes.ReduceAlways(1, part("Imag"))};
}

Gradients AddNGradient(GraphBuilder&, Operation* op, const Gradients& g) {
  return Gradients(op->num_inputs(), g[0]);
}

Gradients SelectGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output condition = op->input(0);
  const Output zeros = ZerosLikeOf(b, op->input(1));
  const Output first = SelectOf(b, condition, g[0], zeros);
  return {Gradient(), first, SelectOf(b, condition, zeros, g[0])};
}

// ---- Products of matrices. ----

bool BoolAttr(const Operation* op, absl::string_view name) {
  const AttrValue* value = op->FindAttr(name);
  return value != nullptr && value->b();
}

Output Product(GraphBuilder& b, const Input& x, const Input& y, bool tx,
               bool ty) {
  return b.Op("MatMul", {x, y},
              {Attr("transpose_a", tx), Attr("transpose_b", ty)});
}
Output BatchProduct(GraphBuilder& b, const Input& x, const Input& y, bool tx,
                    bool ty) {
  return b.Op("BatchMatMulV2", {x, y}, {Attr("adj_x", tx), Attr("adj_y", ty)},
              "MatMul");
}

using Multiply = Output (*)(GraphBuilder&, const Input&, const Input&, bool,
                            bool);
Gradients ProductGradient(GraphBuilder& b, const Output& x, const Output& y,
                          bool tx, bool ty, const Gradient& g,
                          Multiply multiply) {
  Output gx, gy;
  if (!tx) {
    gx = multiply(b, g, y, false, !ty);
    gy = ty ? multiply(b, g, x, true, false) : multiply(b, x, g, true, false);
  } else {
    gx = multiply(b, y, g, ty, true);
    gy = ty ? multiply(b, g, x, true, true) : multiply(b, x, g, false, false);
  }
  return {gx, gy};
}

Gradients MatMulGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output x = Conjugate(b, op->input(0));
  const Output y = Conjugate(b, op->input(1));
  return ProductGradient(b, x, y, BoolAttr(op, "transpose_a"),
                         BoolAttr(op, "transpose_b"), g[0], Product);
}

Gradients BatchMatMulGradient(GraphBuilder& b, Operation* op,
                              const Gradients& g) {
  const Output x = op->input(0), y = op->input(1);
  Gradients result =
      ProductGradient(b, x, y, BoolAttr(op, "adj_x"), BoolAttr(op, "adj_y"),
                      g[0], BatchProduct);
  if (op->type() == "BatchMatMul") return result;
  if (x.shape().IsFullyDefined() && x.shape() == y.shape()) return result;
  const Output sx = ShapeOf(b, x), sy = ShapeOf(b, y);
  const Output batch_x = SliceRange(b, sx, absl::nullopt, -2);
  const Output batch_y = SliceRange(b, sy, absl::nullopt, -2);
  Operation* axes = b.AddOp("BroadcastGradientArgs", {batch_x, batch_y});
  if (axes == nullptr) return result;
  for (int i = 0; i < 2; ++i) {
    const Output sum = ReduceSum(b, result[i], Input(axes->output(i)));
    result[i] = Reshape(b, sum, i == 0 ? sx : sy);
  }
  return result;
}

void RegisterArithmetic(GradientRegistry* r) {
  r->AddStandard("Add", AddGradient);
  r->AddStandard("AddV2", AddGradient);
  r->AddStandard("Sub", SubGradient);
  r->AddStandard("Mul", MulGradient);
  r->AddStandard("MulNoNan", MulNoNanGradient);
  r->AddStandard("Div", DivisionGradient(Over));
  r->AddStandard("RealDiv",
                 DivisionGradient([](GraphBuilder& b, const Input& x,
                                     const Input& y) {
                   return b.Op("RealDiv", {x, y});
                 }));
  r->AddStandard("DivNoNan",
                 DivisionGradient([](GraphBuilder& b, const Input& x,
                                     const Input& y) {
                   return b.Op("DivNoNan", {x, y}, {}, "div_no_nan");
                 }));
  r->AddStandard("FloorMod", FloorModGradient);
  r->AddStandard("Pow", PowGradient);
  r->AddStandard("Maximum", ExtremeGradient("GreaterEqual"));
  r->AddStandard("Minimum", ExtremeGradient("LessEqual"));
  r->AddStandard("SquaredDifference", SquaredDifferenceGradient);
  r->AddStandard("Xlogy", XlogyGradient);
  r->AddStandard("Xdivy", XlogyGradient);
  r->AddStandard("Atan2", Atan2Gradient);
  r->AddStandard("Complex", ComplexGradient);
  r->AddStandard("AddN", AddNGradient);
  for (const char* name : {"FloorDiv", "TruncateDiv"}) {
    r->AddStandard(name, [](GraphBuilder&, Operation*, const Gradients&) {
      return Gradients(2);
    });
  }
}

}  // namespace

void RegisterMathGradients(GradientRegistry* registry) {
  RegisterArithmetic(registry);
  registry->AddStandard("Select", SelectGradient);
  registry->AddStandard("MatMul", MatMulGradient);
  registry->AddStandard("BatchMatMul", BatchMatMulGradient);
  registry->AddStandard("BatchMatMulV2", BatchMatMulGradient);
  registry->AddNotDifferentiable(
      {"Less", "LessEqual", "Greater", "GreaterEqual", "Equal",
       "ApproximateEqual", "NotEqual", "LogicalAnd", "LogicalOr", "LogicalNot",
       "Range", "LinSpace", "EuclideanNorm"});
}

}  // namespace retrograph
