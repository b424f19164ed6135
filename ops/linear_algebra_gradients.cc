// Gradients of decompositions and solutions of matrices.
//
// Source: tensorflow/python/ops/linalg_grad.py, array_grad.py.
#include <algorithm>
#include <utility>

#include "core/errors.h"
#include "ops/builder_scope.h"
#include "ops/builders.h"
#include "ops/composites.h"
#include "ops/gradient.h"

namespace retrograph {
namespace {

bool IsSet(const Operation* op, absl::string_view attr) {
  const AttrValue* value = op->FindAttr(attr);
  return value != nullptr && value->b();
}

// ---- Functions of the Python API ----

enum Side { kAsIs, kAdjoint };

// tf.matmul.
Output Product(GraphBuilder& b, const Input& left, Side left_side,
               const Input& right, Side right_side) {
  BuilderScope scope(b, "MatMul");
  Output x = b.Convert(left), y = b.Convert(right);
  if (!b.ok()) return Output();
  const bool matrices = x.shape().rank() == 2 && y.shape().rank() == 2;
  if (!matrices) {
    return b.Op("BatchMatMulV2", {x, y},
                {Attr("adj_x", left_side == kAdjoint),
                 Attr("adj_y", right_side == kAdjoint)},
                scope.full_name());
  }
  if (left_side == kAdjoint) x = Conjugate(b, x);
  if (right_side == kAdjoint) y = Conjugate(b, y);
  return b.Op("MatMul", {x, y},
              {Attr("transpose_a", left_side == kAdjoint),
               Attr("transpose_b", right_side == kAdjoint)},
              scope.full_name());
}
Output Product(GraphBuilder& b, const Input& left, const Input& right) {
  return Product(b, left, kAsIs, right, kAsIs);
}

// tf.linalg.adjoint of matrices whose rank is known.
Output Adjoint(GraphBuilder& b, const Output& x) {
  if (!b.ok()) return Output();
  BuilderScope adjoint(b, "adjoint");
  BuilderScope transposed(b, "matrix_transpose");
  BuilderScope scope(b, "transpose");
  const int rank = x.shape().rank();
  if (rank < 2) {
    b.Update(NotImplementedError(
        "the gradient of matrices of unknown rank is not in retrograph yet"));
    return Output();
  }
  std::vector<int64_t> order(rank);
  for (int i = 0; i < rank; ++i) order[i] = i;
  std::swap(order[rank - 2], order[rank - 1]);
  const Output perm = b.Convert(IntList(order), DT_INVALID, "perm");
  return b.Op(IsComplexType(x.dtype()) ? "ConjugateTranspose" : "Transpose",
              {x, perm}, {}, scope.full_name());
}

Output DiagonalPart(GraphBuilder& b, const Input& x) {
  return b.Op("MatrixDiagPart", {x}, {}, "diag_part");
}
Output SetDiagonal(GraphBuilder& b, const Input& x, const Input& diagonal) {
  return b.Op("MatrixSetDiag", {x, diagonal}, {}, "set_diag");
}
Output BandPart(GraphBuilder& b, const Input& x, int lower, int upper) {
  return b.Op("MatrixBandPart", {x, lower, upper});
}

// The lower triangle, with the diagonal halved.
Output HalvedTriangle(GraphBuilder& b, const Output& x) {
  const Output lower = BandPart(b, x, -1, 0);
  return SetDiagonal(b, lower, Times(b, 0.5, DiagonalPart(b, lower)));
}

// tf.ones of a shape that is a tensor.
Output OnesOf(GraphBuilder& b, const Output& shape, DataType dtype) {
  BuilderScope scope(b, "ones");
  const Output one = ScalarConstant(b, 1, dtype);
  return b.Op("Fill", {shape, one}, {}, scope.full_name());
}

// tf.eye for a batch of unit matrices.
Output UnitMatrices(GraphBuilder& b, const Output& rows, const Output& batch,
                    DataType dtype) {
  BuilderScope scope(b, "eye");
  const Output size = b.Op("Minimum", {rows, rows});
  const Output shape =
      ConcatAll(b, {batch, Input(std::vector<Input>{size})}, 0);
  return b.Op("MatrixDiag", {OnesOf(b, shape, dtype)}, {}, "diag");
}

// ---- Gradients ----

Gradients InverseGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output inverse = op->output(0);
  const Output right = Product(b, g[0], kAsIs, inverse, kAdjoint);
  return {Negative(b, Product(b, inverse, kAdjoint, right, kAsIs))};
}

// How the scalars' gradients act on the matrices' inverses.
Output Multipliers(GraphBuilder& b, const Input& gradient,
                   const Output& scalars) {
  const Output shape =
      ConcatAll(b, {ShapeOf(b, scalars), IntList({1, 1})}, 0);
  return Reshape(b, gradient, shape);
}

Gradients DeterminantGradient(GraphBuilder& b, Operation* op,
                              const Gradients& g) {
  const Output inverse =
      b.Op("MatrixInverse", {op->input(0)}, {Attr("adjoint", true)});
  const Output product = Times(b, g[0], op->output(0));
  return {Times(b, Multipliers(b, product, op->output(0)), inverse)};
}

Gradients LogDeterminantGradient(GraphBuilder& b, Operation* op,
                                 const Gradients& g) {
  const Output inverse =
      b.Op("MatrixInverse", {op->input(0)}, {Attr("adjoint", true)});
  return {Times(b, Multipliers(b, g[1], op->output(1)), inverse)};
}

Gradients CholeskyGradient(GraphBuilder& b, Operation* op,
                           const Gradients& g) {
  const Output l = op->output(0);
  const Output rows = Index(b, ShapeOf(b, l), -1);
  const Output batch = SliceRange(b, ShapeOf(b, l), absl::nullopt, -2);
  const Output unit = UnitMatrices(b, rows, batch, l.dtype());
  const Output inverse = b.Op("MatrixTriangularSolve", {l, unit});
  Output middle = Product(b, l, kAdjoint, g[0], kAsIs);
  const Output half = Times(b, 0.5, DiagonalPart(b, middle));
  middle = BandPart(b, SetDiagonal(b, middle, half), -1, 0);
  const Output left = Product(b, inverse, kAdjoint, middle, kAsIs);
  const Output gradient = Product(b, left, inverse);
  return {Times(b, Plus(b, gradient, Adjoint(b, gradient)), 0.5)};
}

Gradients EigenGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  ControlDependencies after(b.graph(), {g[0].op(), g[1].op()});
  Output v, middle;
  const auto diagonal = [&](const Input& x) {
    return b.Op("MatrixDiag", {x}, {}, "diag");
  };
  if (IsSet(op, "compute_v")) {
    const Output e = op->output(0);
    v = op->output(1);
    const Output row = b.Op("ExpandDims", {e, -2});
    const Output gaps = Minus(b, row, b.Op("ExpandDims", {e, -1}));
    const Output inverse = b.Op("Reciprocal", {gaps});
    const Output factors = SetDiagonal(b, inverse, ZerosLikeOf(b, e));
    const Output values = diagonal(g[0]);
    const Output product = Product(b, v, kAdjoint, g[1], kAsIs);
    middle = Plus(b, values, Times(b, factors, product));
  } else {
    Operation* eigen = b.AddOp("SelfAdjointEigV2", {op->input(0)});
    if (eigen == nullptr) return Gradients(1);
    v = eigen->output(1);
    middle = diagonal(g[0]);
  }
  const Output right = Product(b, middle, kAsIs, v, kAdjoint);
  const Output gradient = Product(b, v, right);
  return {HalvedTriangle(b, Plus(b, gradient, Adjoint(b, gradient)))};
}

// The gradient of the matrices, of those of the right-hand sides.
Output MatrixGradient(GraphBuilder& b, Operation* op, const Output& rhs) {
  const Output solution = op->output(0);
  return Negative(b, IsSet(op, "adjoint")
                         ? Product(b, solution, kAsIs, rhs, kAdjoint)
                         : Product(b, rhs, kAsIs, solution, kAdjoint));
}

Gradients SolveGradient(GraphBuilder& b, Operation* op, const Gradients& g) {
  const Output rhs = b.Op("MatrixSolve", {op->input(0), g[0]},
                          {Attr("adjoint", !IsSet(op, "adjoint"))});
  return {MatrixGradient(b, op, rhs), rhs};
}

Gradients TriangularSolveGradient(GraphBuilder& b, Operation* op,
                                  const Gradients& g) {
  const bool lower = IsSet(op, "lower");
  const Output rhs = b.Op(
      "MatrixTriangularSolve", {op->input(0), g[0]},
      {Attr("lower", lower), Attr("adjoint", !IsSet(op, "adjoint"))});
  const Output matrix = MatrixGradient(b, op, rhs);
  return {BandPart(b, matrix, lower ? -1 : 0, lower ? 0 : -1), rhs};
}

Gradients BandPartGradient(GraphBuilder& b, Operation* op,
                           const Gradients& g) {
  return {b.Op("MatrixBandPart", {g[0], op->input(1), op->input(2)}),
          Gradient(), Gradient()};
}

// The shape of the diagonals, from that of the matrices.
Output DiagonalShape(GraphBuilder& b, const Output& matrices) {
  if (!b.ok()) return Output();
  ColocateWith colocate(b.graph(), matrices.op);
  const Output shape = ShapeOf(b, matrices);
  const Output rank = RankOf(b, matrices);
  const auto two_less = [&] {
    return Input(std::vector<Input>{Minus(b, rank, 2)});
  };
  const Output batch = b.Op("Slice", {shape, IntList({0}), two_less()});
  const Output sides = b.Op("Slice", {shape, two_less(), IntList({2})});
  const Output smaller = Reduce(b, "Min", sides, absl::nullopt);
  return ConcatAll(b, {batch, Input(std::vector<Input>{smaller})}, 0);
}

Gradients SetDiagonalGradient(GraphBuilder& b, Operation* op,
                              const Gradients& g) {
  const Output gradient = b.Convert(g[0]);
  if (!b.ok()) return Gradients(2);
  const auto merged = op->input(0).shape().MergeWith(gradient.shape());
  if (!b.Update(merged.status())) return Gradients(2);
  Output zeros;
  if (merged->IsFullyDefined()) {
    TensorShape shape = merged->AsTensorShape();
    const int rank = shape.rank();
    const int64_t size = std::min(shape.dim(rank - 2), shape.dim(rank - 1));
    shape.RemoveDim(rank - 1);
    shape.set_dim(rank - 2, size);
    zeros = Zeros(b, shape, gradient.dtype());
  } else {
    zeros = ZerosOf(b, DiagonalShape(b, gradient), gradient.dtype());
  }
  const Output matrix = SetDiagonal(b, gradient, zeros);
  return {matrix, DiagonalPart(b, gradient)};
}

}  // namespace

void RegisterLinearAlgebraGradients(GradientRegistry* registry) {
  registry->AddStandard("MatrixInverse", InverseGradient);
  registry->AddStandard("MatrixDeterminant", DeterminantGradient);
  registry->AddStandard("LogMatrixDeterminant", LogDeterminantGradient);
  registry->AddStandard("Cholesky", CholeskyGradient);
  registry->AddStandard("SelfAdjointEigV2", EigenGradient);
  registry->AddStandard("MatrixSolve", SolveGradient);
  registry->AddStandard("MatrixTriangularSolve", TriangularSolveGradient);
  registry->AddStandard("MatrixBandPart", BandPartGradient);
  registry->AddStandard("MatrixSetDiag", SetDiagonalGradient);
}

}  // namespace retrograph
