// Matrices: MatrixDeterminant, LogMatrixDeterminant, MatrixInverse, Cholesky,
// SelfAdjointEigV2, Svd, MatrixSolve, MatrixTriangularSolve, over batches of
// matrices.
//
// Source: TensorFlow's answers (python/tests/cases/linear_algebra.py).
#include <algorithm>
#include <complex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"
#include "ops/linear_algebra.h"

namespace retrograph {
namespace {

// ---- Batches ----

// The inputs, as `count` matrices each.
struct Matrices {
  std::vector<int64_t> batch_dims;
  int64_t count = 1;
  int64_t rows = 0, columns = 0;  // of input 0
  int64_t rhs_columns = 0;        // of input 1

  bool empty() const { return rows == 0 || columns == 0; }
  // A shape with the batch's dimensions before `dims`.
  TensorShape Shape(std::initializer_list<int64_t> dims) const {
    std::vector<int64_t> all = batch_dims;
    all.insert(all.end(), dims.begin(), dims.end());
    return TensorShape(all);
  }
};

absl::Status Invalid(absl::string_view text) {
  return absl::InvalidArgumentError(text);
}

absl::StatusOr<Matrices> ReadMatrices(const KernelContext& ctx) {
  Matrices matrices;
  const TensorShape& shape = ctx.input(0).shape();
  const int rank = shape.rank();
  if (rank < 2) {
    return Invalid(
        absl::StrCat("Input tensor 0 must have rank >= 2, got ", rank));
  }
  for (int i = 0; i < rank - 2; ++i) {
    matrices.batch_dims.push_back(shape.dim(i));
    matrices.count *= shape.dim(i);
  }
  matrices.rows = shape.dim(rank - 2);
  matrices.columns = shape.dim(rank - 1);
  return matrices;
}

absl::StatusOr<Matrices> ReadSquares(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(Matrices matrices, ReadMatrices(ctx));
  if (matrices.rows != matrices.columns) {
    return Invalid("Input matrix must be square.");
  }
  return matrices;
}

// Square matrices and right-hand sides.
absl::StatusOr<Matrices> ReadSystems(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(Matrices matrices, ReadMatrices(ctx));
  const TensorShape& shape = ctx.input(0).shape();
  const TensorShape& rhs = ctx.input(1).shape();
  const int rank = shape.rank();
  if (rhs.rank() != rank) {
    return Invalid("All input tensors must have the same rank.");
  }
  for (int i = 0; i < rank - 2; ++i) {
    if (rhs.dim(i) != shape.dim(i)) {
      return Invalid("All input tensors must have the same outer dimensions.");
    }
  }
  if (matrices.rows != matrices.columns) {
    return Invalid("First input (lhs) must be a square matrix.");
  }
  if (rhs.dim(rank - 2) != matrices.rows) {
    return Invalid("Input matrix and rhs are incompatible.");
  }
  matrices.rhs_columns = rhs.dim(rank - 1);
  return matrices;
}

bool BoolAttr(const KernelContext& ctx, const char* name) {
  bool value = false;
  return ctx.op().GetAttr(name, &value).ok() && value;
}

// ---- Kernels ----

template <typename T>
void DeterminantKernel(KernelContext* ctx) {
  const absl::StatusOr<Matrices> read = ReadSquares(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  using Real = typename RealOf<T>::type;
  const bool logarithm = ctx->op().type() == "LogMatrixDeterminant";
  const DataType dtype = ctx->input(0).dtype();
  const int64_t n = read->rows;
  Tensor first = ctx->Allocate(dtype, read->Shape({}));
  if (!ctx->status().ok()) return;
  Tensor second = ctx->Allocate(dtype, read->Shape({}));
  if (!ctx->status().ok()) return;
  const T* from = ctx->input(0).flat<T>().data();
  T* signs = first.mutable_flat<T>().data();
  T* logs = second.mutable_flat<T>().data();
  for (int64_t i = 0; i < read->count; ++i) {
    T sign(1);
    Real log = 0;
    if (n > 0) {
      log = LinearAlgebra<T>::LogDeterminant(from + i * n * n, n, &sign);
    }
    signs[i] = logarithm ? sign : sign * std::exp(log);
    logs[i] = T(log);
  }
  ctx->set_output(0, std::move(first));
  if (logarithm) ctx->set_output(1, std::move(second));
}

// One output of the input's shape, each matrix made by `make`, which is false
// where it cannot be made.
template <typename T, typename Make>
void MakeEach(KernelContext* ctx, const Make& make, absl::string_view error) {
  const absl::StatusOr<Matrices> read = ReadSquares(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const Tensor& in = ctx->input(0);
  Tensor out = ctx->Allocate(in.dtype(), in.shape());
  if (!ctx->status().ok()) return;
  const int64_t n = read->rows;
  const T* from = in.flat<T>().data();
  T* to = out.mutable_flat<T>().data();
  for (int64_t i = 0; i < read->count && n > 0; ++i) {
    RG_KERNEL_REQUIRES(ctx, make(from + i * n * n, n, to + i * n * n),
                       Invalid(error));
  }
  ctx->set_output(0, std::move(out));
}

template <typename T>
void InverseKernel(KernelContext* ctx) {
  const bool adjoint = BoolAttr(*ctx, "adjoint");
  MakeEach<T>(
      ctx,
      [adjoint](const T* matrix, int64_t n, T* out) {
        return LinearAlgebra<T>::Inverse(matrix, n, adjoint, out);
      },
      "Input is not invertible.");
}

template <typename T>
void CholeskyKernel(KernelContext* ctx) {
  MakeEach<T>(ctx, LinearAlgebra<T>::Cholesky,
              "Cholesky decomposition was not successful. The input might not "
              "be valid.");
}

template <typename T>
void EigenKernel(KernelContext* ctx) {
  const absl::StatusOr<Matrices> read = ReadSquares(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const bool compute_v = BoolAttr(*ctx, "compute_v");
  const Tensor& in = ctx->input(0);
  const int64_t n = read->rows;
  Tensor values = ctx->Allocate(in.dtype(), read->Shape({n}));
  if (!ctx->status().ok()) return;
  // A scalar that says nothing, as in TensorFlow.
  auto vectors = Tensor::AllocateZeros(
      in.dtype(), compute_v ? in.shape() : TensorShape());
  RG_KERNEL_OK(ctx, vectors.status());
  const T* from = in.flat<T>().data();
  T* to_values = values.mutable_flat<T>().data();
  T* to_vectors = vectors->template mutable_flat<T>().data();
  for (int64_t i = 0; i < read->count && n > 0; ++i) {
    RG_KERNEL_REQUIRES(
        ctx,
        LinearAlgebra<T>::Eigen(from + i * n * n, n, to_values + i * n,
                                compute_v ? to_vectors + i * n * n : nullptr),
        Invalid("Self-adjoint eigen decomposition was not successful. The "
                "input might not be valid."));
  }
  ctx->set_output(0, std::move(values));
  ctx->set_output(1, *std::move(vectors));
}

template <typename T>
void SvdKernel(KernelContext* ctx) {
  const absl::StatusOr<Matrices> read = ReadMatrices(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const bool compute = BoolAttr(*ctx, "compute_uv");
  const bool full = BoolAttr(*ctx, "full_matrices");
  const Tensor& in = ctx->input(0);
  const int64_t m = read->rows, n = read->columns, p = std::min(m, n);
  const int64_t u_size = full ? m : p, v_size = full ? n : p;
  Tensor values = ctx->Allocate(in.dtype(), read->Shape({p}));
  if (!ctx->status().ok()) return;
  auto u = Tensor::AllocateZeros(
      in.dtype(), compute ? read->Shape({m, u_size}) : TensorShape());
  RG_KERNEL_OK(ctx, u.status());
  auto v = Tensor::AllocateZeros(
      in.dtype(), compute ? read->Shape({n, v_size}) : TensorShape());
  RG_KERNEL_OK(ctx, v.status());
  const T* from = in.flat<T>().data();
  T* to_values = values.mutable_flat<T>().data();
  T* to_u = u->template mutable_flat<T>().data();
  T* to_v = v->template mutable_flat<T>().data();
  for (int64_t i = 0; i < read->count && !read->empty(); ++i) {
    LinearAlgebra<T>::Svd(from + i * m * n, m, n, full, to_values + i * p,
                          compute ? to_u + i * m * u_size : nullptr,
                          compute ? to_v + i * n * v_size : nullptr);
  }
  ctx->set_output(0, std::move(values));
  ctx->set_output(1, *std::move(u));
  ctx->set_output(2, *std::move(v));
}

// solve(matrix, n, rhs, columns, out) for every system.
template <typename T, typename Solve>
void SolveEach(KernelContext* ctx, const Solve& solve) {
  const absl::StatusOr<Matrices> read = ReadSystems(*ctx);
  RG_KERNEL_OK(ctx, read.status());
  const Tensor& rhs = ctx->input(1);
  Tensor out = ctx->Allocate(rhs.dtype(), rhs.shape());
  if (!ctx->status().ok()) return;
  const int64_t n = read->rows, k = read->rhs_columns;
  const T* matrices = ctx->input(0).flat<T>().data();
  const T* from = rhs.flat<T>().data();
  T* to = out.mutable_flat<T>().data();
  for (int64_t i = 0; i < read->count && n > 0 && k > 0; ++i) {
    RG_KERNEL_REQUIRES(
        ctx,
        solve(matrices + i * n * n, n, from + i * n * k, k, to + i * n * k),
        Invalid("Input matrix is not invertible."));
  }
  ctx->set_output(0, std::move(out));
}

template <typename T>
void SolveKernel(KernelContext* ctx) {
  const bool adjoint = BoolAttr(*ctx, "adjoint");
  SolveEach<T>(ctx, [adjoint](const T* matrix, int64_t n, const T* rhs,
                              int64_t k, T* out) {
    return LinearAlgebra<T>::Solve(matrix, n, adjoint, rhs, k, out);
  });
}

template <typename T>
void TriangularKernel(KernelContext* ctx) {
  const bool lower = BoolAttr(*ctx, "lower");
  const bool adjoint = BoolAttr(*ctx, "adjoint");
  SolveEach<T>(ctx, [lower, adjoint](const T* matrix, int64_t n, const T* rhs,
                                     int64_t k, T* out) {
    return LinearAlgebra<T>::SolveTriangular(matrix, n, lower, adjoint, rhs, k,
                                             out);
  });
}

// ---- Shapes ----

// [..., n, n] of the shape, or an error; *n is the size.
absl::StatusOr<Shape> SquareShape(InferenceContext* c, const Shape& shape,
                                  int64_t* n) {
  *n = kUnknownDim;
  RG_ASSIGN_OR_RETURN(Shape matrix, c->WithRankAtLeast(shape, 2));
  if (matrix.unknown_rank()) return matrix;
  RG_ASSIGN_OR_RETURN(*n, c->MergeDim(c->Dim(matrix, -2), c->Dim(matrix, -1)));
  matrix.set_dim(matrix.rank() - 2, *n);
  matrix.set_dim(matrix.rank() - 1, *n);
  return matrix;
}

absl::Status UnchangedSquareShape(InferenceContext* c) {
  int64_t n;
  RG_ASSIGN_OR_RETURN(Shape out, SquareShape(c, c->input(0), &n));
  c->set_output(0, std::move(out));
  return absl::OkStatus();
}

absl::Status DeterminantShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape in, c->WithRankAtLeast(c->input(0), 2));
  if (!in.unknown_rank()) {
    // The columns first, as TensorFlow's message has them.
    RG_RETURN_IF_ERROR(
        c->MergeDim(c->Dim(in, -1), c->Dim(in, -2)).status());
  }
  RG_ASSIGN_OR_RETURN(const Shape out, c->Subshape(in, 0, -2));
  for (int i = 0; i < c->num_outputs(); ++i) c->set_output(i, out);
  return absl::OkStatus();
}

absl::Status EigenShape(InferenceContext* c) {
  int64_t n;
  RG_ASSIGN_OR_RETURN(const Shape vectors, SquareShape(c, c->input(0), &n));
  RG_ASSIGN_OR_RETURN(Shape values, c->Subshape(vectors, 0, -1));
  c->set_output(0, std::move(values));
  bool compute_v = false;
  RG_RETURN_IF_ERROR(c->GetAttr("compute_v", &compute_v));
  c->set_output(1, compute_v ? vectors : Shape({0}));
  return absl::OkStatus();
}

absl::Status SvdShape(InferenceContext* c) {
  bool compute = false, full = false;
  RG_RETURN_IF_ERROR(c->GetAttr("compute_uv", &compute));
  RG_RETURN_IF_ERROR(c->GetAttr("full_matrices", &full));
  RG_ASSIGN_OR_RETURN(const Shape in, c->WithRankAtLeast(c->input(0), 2));
  Shape values = in, u = in, v = in;
  if (!in.unknown_rank()) {
    const int rank = in.rank();
    const int64_t m = in.dim(rank - 2), n = in.dim(rank - 1);
    const int64_t p = m == kUnknownDim || n == kUnknownDim ? kUnknownDim
                                                           : std::min(m, n);
    RG_ASSIGN_OR_RETURN(values, c->Subshape(in, 0, -1));
    values.set_dim(rank - 2, p);
    u.set_dim(rank - 1, full ? m : p);
    v.set_dim(rank - 2, n);
    v.set_dim(rank - 1, full ? n : p);
  }
  c->set_output(0, std::move(values));
  c->set_output(1, compute ? u : Shape({0}));
  c->set_output(2, compute ? v : Shape({0}));
  return absl::OkStatus();
}

absl::Status SolveShape(InferenceContext* c) {
  int64_t n;
  RG_ASSIGN_OR_RETURN(const Shape matrix, SquareShape(c, c->input(0), &n));
  RG_ASSIGN_OR_RETURN(const Shape rhs, c->WithRankAtLeast(c->input(1), 2));
  RG_ASSIGN_OR_RETURN(const Shape matrix_batch, c->Subshape(matrix, 0, -2));
  RG_ASSIGN_OR_RETURN(const Shape rhs_batch, c->Subshape(rhs, 0, -2));
  RG_ASSIGN_OR_RETURN(const Shape batch, c->Merge(matrix_batch, rhs_batch));
  int64_t columns = kUnknownDim;
  if (!rhs.unknown_rank()) {
    RG_ASSIGN_OR_RETURN(n, c->MergeDim(n, c->Dim(rhs, -2)));
    columns = c->Dim(rhs, -1);
  }
  RG_ASSIGN_OR_RETURN(Shape out, c->Concatenate(batch, Shape({n, columns})));
  c->set_output(0, std::move(out));
  return absl::OkStatus();
}

// ---- Registration ----

constexpr char kTypes[] = "T: {double, float, half, complex64, complex128}";
using Complex64 = std::complex<float>;
using Complex128 = std::complex<double>;

#define RG_ADD_KERNEL(op, Kernel_, T_) \
  op.Kernel({{"T", {DataTypeOf<T_>::value}}}, StatelessKernel(Kernel_<T_>))
// In the order of TensorFlow's messages, which differs from op to op.
#define RG_COMPLEX_FIRST(op, Kernel_)     \
  RG_ADD_KERNEL(op, Kernel_, Complex128); \
  RG_ADD_KERNEL(op, Kernel_, Complex64);  \
  RG_ADD_KERNEL(op, Kernel_, double);     \
  RG_ADD_KERNEL(op, Kernel_, float)
#define RG_COMPLEX_LAST(op, Kernel_)     \
  RG_ADD_KERNEL(op, Kernel_, float);     \
  RG_ADD_KERNEL(op, Kernel_, double);    \
  RG_ADD_KERNEL(op, Kernel_, Complex64); \
  RG_ADD_KERNEL(op, Kernel_, Complex128)

void RegisterDeterminants(OpRegistry* registry) {
  constexpr char kHalfFirst[] =
      "T: {half, float, double, complex64, complex128}";
  OpBuilder plain = registry->Op("MatrixDeterminant");
  plain.Input("input: T").Output("output: T").Attr(kHalfFirst);
  plain.Shape(DeterminantShape);
  RG_COMPLEX_FIRST(plain, DeterminantKernel);
  OpBuilder log = registry->Op("LogMatrixDeterminant");
  log.Input("input: T").Output("sign: T").Output("log_abs_determinant: T");
  log.Attr(kHalfFirst).Shape(DeterminantShape);
  RG_COMPLEX_FIRST(log, DeterminantKernel);
}

void RegisterDecompositions(OpRegistry* registry) {
  OpBuilder cholesky = registry->Op("Cholesky");
  cholesky.Input("input: T").Output("output: T").Attr(kTypes);
  cholesky.Shape(UnchangedSquareShape);
  RG_COMPLEX_FIRST(cholesky, CholeskyKernel);
  OpBuilder eigen = registry->Op("SelfAdjointEigV2");
  eigen.Input("input: T").Output("e: T").Output("v: T");
  eigen.Attr("compute_v: bool = true").Attr(kTypes).Shape(EigenShape);
  RG_COMPLEX_LAST(eigen, EigenKernel);
  OpBuilder svd = registry->Op("Svd");
  svd.Input("input: T").Output("s: T").Output("u: T").Output("v: T");
  svd.Attr("compute_uv: bool = true").Attr("full_matrices: bool = false");
  svd.Attr(kTypes).Shape(SvdShape);
  RG_COMPLEX_LAST(svd, SvdKernel);
}

void RegisterSolvers(OpRegistry* registry) {
  OpBuilder inverse = registry->Op("MatrixInverse");
  inverse.Input("input: T").Output("output: T");
  inverse.Attr("adjoint: bool = false").Attr(kTypes);
  inverse.Shape(UnchangedSquareShape);
  RG_COMPLEX_FIRST(inverse, InverseKernel);
  OpBuilder solve = registry->Op("MatrixSolve");
  solve.Input("matrix: T").Input("rhs: T").Output("output: T");
  solve.Attr("adjoint: bool = false").Attr(kTypes).Shape(SolveShape);
  RG_COMPLEX_FIRST(solve, SolveKernel);
  OpBuilder triangular = registry->Op("MatrixTriangularSolve");
  triangular.Input("matrix: T").Input("rhs: T").Output("output: T");
  triangular.Attr("lower: bool = true").Attr("adjoint: bool = false");
  triangular.Attr(kTypes).Shape(SolveShape);
  RG_COMPLEX_FIRST(triangular, TriangularKernel);
}

}  // namespace

void RegisterLinearAlgebraOps(OpRegistry* registry) {
  RegisterDeterminants(registry);
  RegisterDecompositions(registry);
  RegisterSolvers(registry);
}

}  // namespace retrograph
