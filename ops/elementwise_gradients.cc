// Gradients of ops that compute each element from one element.
//
// What a gradient needs besides the incoming one waits for it, so that it is
// not computed, and kept, long before.
//
// Source: tensorflow/python/ops/math_grad.py, nn_grad.py.
#include <cmath>

#include "ops/builders.h"
#include "ops/composites.h"
#include "ops/gradient.h"

namespace retrograph {
namespace {

// What a function of one element is made of.
struct Element {
  GraphBuilder& b;
  Output x;  // the op's input
  Output y;  // its output
  const Gradient& g;

  Output Op(absl::string_view type, std::vector<Input> inputs) const {
    return b.Op(type, std::move(inputs));
  }
};

using ElementFn = Output (*)(const Element& e);

GradientFunction Plain(ElementFn f) {
  return [f](GraphBuilder& b, Operation* op, const Gradients& g) -> Gradients {
    return {f(Element{b, op->input(0), op->output(0), g[0]})};
  };
}

// Ops wait for the gradient; x and y are conjugated first, as far as `f` uses
// them.
enum class Uses { kInput, kOutput };
GradientFunction Waiting(Uses uses, ElementFn f) {
  return [uses, f](GraphBuilder& b, Operation* op,
                   const Gradients& g) -> Gradients {
    ControlDependencies after(b.graph(), {g[0].op()});
    Element e{b, op->input(0), op->output(0), g[0]};
    Output& used = uses == Uses::kInput ? e.x : e.y;
    used = Conjugate(b, used);
    if (!b.ok()) return {Gradient()};
    return {f(e)};
  };
}

Output TwiceTimes(const Element& e) {
  const Output two = ScalarConstant(e.b, 2.0, e.x.dtype());
  return e.Op("Mul", {e.g, e.Op("Mul", {e.x, two})});
}

Output OneMinusSquare(const Element& e) {
  const Output square = e.Op("Square", {e.x});
  const Output one = ScalarConstant(e.b, 1, e.g.dtype());
  return e.Op("Sub", {one, square});
}

Gradients ErfGradient(GraphBuilder& b, Operation* op, const Gradients& g,
                      double factor) {
  const Output scale = ScalarConstant(b, factor, g[0].dtype());
  ControlDependencies after(b.graph(), {g[0].op()});
  const Output x = Conjugate(b, op->input(0));
  const Output scaled = Times(b, g[0], scale);
  const Output bell = b.Op("Exp", {Negative(b, b.Op("Square", {x}))});
  return {Times(b, scaled, bell)};
}

Gradients SignGradient(GraphBuilder& b, Operation* op, const Gradients&) {
  const Output x = op->input(0);
  // tf.zeros of a tensor's shape: a constant shape makes a Fill, too.
  return {ZerosOf(b, ShapeOf(b, x), x.dtype())};
}

void RegisterPowers(GradientRegistry* r) {
  r->AddStandard("Abs", Plain([](const Element& e) {
    return Times(e.b, e.g, e.Op("Sign", {e.x}));
  }));
  r->AddStandard("Neg", Plain([](const Element& e) {
    return Negative(e.b, e.g);
  }));
  for (const char* name : {"Inv", "Reciprocal"}) {
    r->AddStandard(name, Plain([](const Element& e) {
      return e.Op("ReciprocalGrad", {e.y, e.g});
    }));
  }
  r->AddStandard("Square", Waiting(Uses::kInput, TwiceTimes));
  r->AddStandard("Sqrt", Plain([](const Element& e) {
    return e.Op("SqrtGrad", {e.y, e.g});
  }));
  r->AddStandard("Rsqrt", Plain([](const Element& e) {
    return e.Op("RsqrtGrad", {e.y, e.g});
  }));
  r->AddStandard("Sign", SignGradient);
}

void RegisterExponentials(GradientRegistry* r) {
  r->AddStandard("Exp", Waiting(Uses::kOutput, [](const Element& e) {
    return Times(e.b, e.g, e.y);
  }));
  r->AddStandard("Expm1", Waiting(Uses::kInput, [](const Element& e) {
    return Times(e.b, e.g, e.Op("Exp", {e.x}));
  }));
  r->AddStandard("Log", Waiting(Uses::kInput, [](const Element& e) {
    return Times(e.b, e.g, e.Op("Reciprocal", {e.x}));
  }));
  r->AddStandard("Log1p", Waiting(Uses::kInput, [](const Element& e) {
    return Times(e.b, e.g, e.Op("Reciprocal", {Plus(e.b, 1, e.x)}));
  }));
  r->AddStandard("Sigmoid", Waiting(Uses::kOutput, [](const Element& e) {
    return e.Op("SigmoidGrad", {e.y, e.g});
  }));
  r->AddStandard("Erf", [](GraphBuilder& b, Operation* op, const Gradients& g) {
    return ErfGradient(b, op, g, 2 / std::sqrt(M_PI));
  });
  r->AddStandard("Erfc",
                 [](GraphBuilder& b, Operation* op, const Gradients& g) {
                   return ErfGradient(b, op, g, -2 / std::sqrt(M_PI));
                 });
}

void RegisterAngles(GradientRegistry* r) {
  r->AddStandard("Sin", Waiting(Uses::kInput, [](const Element& e) {
    return Times(e.b, e.g, e.Op("Cos", {e.x}));
  }));
  r->AddStandard("Cos", Waiting(Uses::kInput, [](const Element& e) {
    const Output minus = Negative(e.b, e.g);
    return Times(e.b, minus, e.Op("Sin", {e.x}));
  }));
  r->AddStandard("Tan", Waiting(Uses::kInput, [](const Element& e) {
    const Output secant = e.Op("Reciprocal", {e.Op("Cos", {e.x})});
    return Times(e.b, e.Op("Square", {secant}), e.g);
  }));
  r->AddStandard("Asin", Waiting(Uses::kInput, [](const Element& e) {
    const Output root = e.Op("Sqrt", {OneMinusSquare(e)});
    return Times(e.b, e.g, e.Op("Reciprocal", {root}));
  }));
  r->AddStandard("Acos", Waiting(Uses::kInput, [](const Element& e) {
    const Output root = e.Op("Sqrt", {OneMinusSquare(e)});
    const Output inverse = e.Op("Reciprocal", {root});
    return Times(e.b, Negative(e.b, e.g), inverse);
  }));
  r->AddStandard("Atan", Waiting(Uses::kInput, [](const Element& e) {
    const Output square = e.Op("Square", {e.x});
    const Output one = ScalarConstant(e.b, 1, e.g.dtype());
    const Output sum = e.Op("Add", {one, square});
    return Times(e.b, e.g, e.Op("Reciprocal", {sum}));
  }));
}

void RegisterHyperbolics(GradientRegistry* r) {
  r->AddStandard("Sinh", Waiting(Uses::kInput, [](const Element& e) {
    return Times(e.b, e.g, e.Op("Cosh", {e.x}));
  }));
  r->AddStandard("Cosh", Waiting(Uses::kInput, [](const Element& e) {
    return Times(e.b, e.g, e.Op("Sinh", {e.x}));
  }));
  r->AddStandard("Tanh", Waiting(Uses::kOutput, [](const Element& e) {
    return e.Op("TanhGrad", {e.y, e.g});
  }));
  r->AddStandard("Asinh", Waiting(Uses::kOutput, [](const Element& e) {
    return Over(e.b, e.g, e.Op("Cosh", {e.y}));
  }));
  r->AddStandard("Acosh", Waiting(Uses::kOutput, [](const Element& e) {
    return Over(e.b, e.g, e.Op("Sinh", {e.y}));
  }));
  r->AddStandard("Atanh", Waiting(Uses::kInput, [](const Element& e) {
    return Times(e.b, e.g, e.Op("Reciprocal", {OneMinusSquare(e)}));
  }));
}

// ---- Gradients of gradients: of ops with the inputs (y, dy). ----

Gradients InverseGradGradient(GraphBuilder& b, Operation* op,
                              const Gradients& g) {
  ControlDependencies after(b.graph(), {g[0].op()});
  const Output ca = Conjugate(b, op->input(0));
  const Output cg = Conjugate(b, g[0]);
  const Output first =
      Times(b, Times(b, Times(b, cg, -2.0), op->input(1)), ca);
  return {first, b.Op("ReciprocalGrad", {ca, g[0]})};
}

Gradients SqrtGradGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  ControlDependencies after(b.graph(), {g[0].op()});
  const Output ga = Over(b, g[0], op->input(0));
  const Output minus = Negative(b, Conjugate(b, ga));
  const Output first = Times(b, minus, op->output(0));
  return {first, Times(b, 0.5, ga)};
}

Gradients RsqrtGradGradient(GraphBuilder& b, Operation* op,
                            const Gradients& g) {
  ControlDependencies after(b.graph(), {g[0].op()});
  const Output ca = Conjugate(b, op->input(0));
  const Output cg = Conjugate(b, g[0]);
  const Output scaled = Times(b, Times(b, -1.5, cg), op->input(1));
  const Output first = Times(b, scaled, b.Op("Square", {ca}));
  return {first, b.Op("RsqrtGrad", {ca, g[0]})};
}

Gradients TanhGradGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  ControlDependencies after(b.graph(), {g[0].op()});
  const Output y = Conjugate(b, op->input(0));
  const Output dy = Conjugate(b, op->input(1));
  const Output first = Times(b, Times(b, Times(b, g[0], -2.0), dy), y);
  return {first, b.Op("TanhGrad", {y, g[0]})};
}

Gradients SigmoidGradGradient(GraphBuilder& b, Operation* op,
                              const Gradients& g) {
  ControlDependencies after(b.graph(), {g[0].op()});
  const Output y = Conjugate(b, op->input(0));
  const Output dy = Conjugate(b, op->input(1));
  const Output gb = Times(b, g[0], dy);
  const Output first = Minus(b, gb, Times(b, Times(b, 2.0, gb), y));
  return {first, b.Op("SigmoidGrad", {y, g[0]})};
}

void RegisterSecondOrder(GradientRegistry* r) {
  r->AddStandard("InvGrad", InverseGradGradient);
  r->AddStandard("ReciprocalGrad", InverseGradGradient);
  r->AddStandard("SqrtGrad", SqrtGradGradient);
  r->AddStandard("RsqrtGrad", RsqrtGradGradient);
  r->AddStandard("TanhGrad", TanhGradGradient);
  r->AddStandard("SigmoidGrad", SigmoidGradGradient);
}

// ---- Parts of complex numbers, and types. ----

Gradients CastGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const auto differentiable = [](DataType dtype) {
    return IsFloatingType(dtype) || IsComplexType(dtype);
  };
  const DataType from = RemoveRefType(op->input(0).dtype());
  if (!differentiable(from) || !differentiable(g[0].dtype())) {
    return {Gradient()};
  }
  return {Cast(b, g[0], from)};
}

Output ComplexOf(const Element& e, const Input& real, const Input& imag) {
  return e.b.Op("Complex", {real, imag}, {Attr("Tout",
      e.g.dtype() == DT_DOUBLE ? DT_COMPLEX128 : DT_COMPLEX64)});
}

void RegisterParts(GradientRegistry* r) {
  r->AddStandard("Cast", CastGradient);
  r->AddStandard("Conj", Plain([](const Element& e) {
    return Conjugate(e.b, e.g);
  }));
  r->AddStandard("Real", Plain([](const Element& e) {
    const Output zero = ScalarConstant(e.b, 0, e.g.dtype());
    return ComplexOf(e, e.g, zero);
  }));
  r->AddStandard("Imag", Plain([](const Element& e) {
    const Output zero = ScalarConstant(e.b, 0, e.g.dtype());
    return ComplexOf(e, zero, e.g);
  }));
  r->AddStandard("ComplexAbs", Plain([](const Element& e) {
    const Output direction =
        Times(e.b, ComplexOf(e, e.g, ZerosLikeOf(e.b, e.g)), e.x);
    const Output size = ComplexOf(e, e.y, ZerosLikeOf(e.b, e.y));
    return e.b.Op("DivNoNan", {direction, size}, {}, "div_no_nan");
  }));
}

}  // namespace

void RegisterElementwiseGradients(GradientRegistry* registry) {
  RegisterPowers(registry);
  RegisterExponentials(registry);
  RegisterAngles(registry);
  RegisterHyperbolics(registry);
  RegisterSecondOrder(registry);
  RegisterParts(registry);
  for (const char* name : {"Floor", "Ceil", "Round", "Rint"}) {
    registry->AddStandard(
        name, [](GraphBuilder&, Operation*, const Gradients&) -> Gradients {
          return {Gradient()};
        });
  }
}

}  // namespace retrograph
