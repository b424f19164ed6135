// Diag, DiagPart, MatrixDiag, MatrixDiagPart, MatrixSetDiag, MatrixBandPart.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/array_ops.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

// Copies element i of each of `blocks` diagonals of `size` elements between
// `packed` and the diagonal of a rows x columns block of `full`.
void CopyDiagonals(const Tensor& from, Tensor* to, bool to_full, int64_t blocks,
                   int64_t size, int64_t rows, int64_t columns) {
  if (blocks == 0 || size == 0) return;
  WithElementType(from.dtype(), [&](auto element) {
    using T = decltype(element);
    const T* source = Elements<T>(from);
    T* target = MutableElements<T>(to);
    for (int64_t b = 0; b < blocks; ++b) {
      for (int64_t i = 0; i < size; ++i) {
        const int64_t full = b * rows * columns + i * columns + i;
        const int64_t packed = b * size + i;
        target[to_full ? full : packed] = source[to_full ? packed : full];
      }
    }
  });
}

// A tensor of zeros, or the status is set.
Tensor Zeros(KernelContext* ctx, DataType dtype, const TensorShape& shape) {
  auto zeros = Tensor::AllocateZeros(dtype, shape);
  if (zeros.ok()) return *std::move(zeros);
  ctx->SetStatus(zeros.status());
  return Tensor();
}

// ---- Diag, DiagPart: the first half of the axes is the second half ----

absl::Status DiagShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape in, c->WithRankAtLeast(c->input(0), 1));
  RG_ASSIGN_OR_RETURN(Shape out, c->Concatenate(in, in));
  c->set_output(0, out);
  return absl::OkStatus();
}

void DiagKernel(KernelContext* ctx) {
  const Tensor& in = ctx->input(0);
  RG_KERNEL_REQUIRES(ctx, in.shape().rank() >= 1,
                     absl::InvalidArgumentError(
                         absl::StrCat("Input must be at least rank 1, got ",
                                      in.shape().rank())));
  std::vector<int64_t> dims(in.shape().dims().begin(), in.shape().dims().end());
  const size_t rank = dims.size();
  for (size_t d = 0; d < rank; ++d) dims.push_back(dims[d]);
  auto shape = TensorShape::Create(dims);
  RG_KERNEL_OK(ctx, shape.status());
  Tensor out = Zeros(ctx, in.dtype(), *shape);
  if (!ctx->status().ok()) return;
  const int64_t size = in.num_elements();
  CopyDiagonals(in, &out, true, 1, size, size, size);
  ctx->set_output(0, std::move(out));
}

absl::Status DiagPartShape(InferenceContext* c) {
  const Shape& in = c->input(0);
  if (in.unknown_rank()) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  const int rank = in.rank();
  if (rank % 2 != 0 || rank <= 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Input must have even and non-zero rank, input rank is ", rank));
  }
  Shape out = Shape::UnknownOfRank(rank / 2);
  for (int d = 0; d < rank / 2; ++d) {
    RG_ASSIGN_OR_RETURN(const int64_t dim,
                        c->MergeDim(in.dim(d), in.dim(d + rank / 2)));
    out.set_dim(d, dim);
  }
  c->set_output(0, out);
  return absl::OkStatus();
}

void DiagPartKernel(KernelContext* ctx) {
  const Tensor& in = ctx->input(0);
  const TensorShape& shape = in.shape();
  const int rank = shape.rank();
  // The run of spaces is TensorFlow's.
  RG_KERNEL_REQUIRES(
      ctx, rank % 2 == 0,
      absl::InvalidArgumentError(absl::StrCat(
          "The rank of the tensor should be", std::string(42, ' '),
          "even and positive, got shape ", shape.DebugString())));
  TensorShape out_shape;
  for (int d = 0; d < rank / 2; ++d) {
    RG_KERNEL_REQUIRES(ctx, shape.dim(d) == shape.dim(d + rank / 2),
                       absl::InvalidArgumentError(absl::StrCat(
                           "Invalid shape ", shape.DebugString(),
                           ": dimensions ", d, " and ", d + rank / 2,
                           " do not match.")));
    out_shape.AddDim(shape.dim(d));
  }
  Tensor out = ctx->Allocate(in.dtype(), out_shape);
  if (!ctx->status().ok()) return;
  const int64_t size = out.num_elements();
  CopyDiagonals(in, &out, false, 1, size, size, size);
  ctx->set_output(0, std::move(out));
}

// ---- MatrixDiag, MatrixDiagPart: a batch of matrices ----

absl::Status MatrixDiagShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape out, c->WithRankAtLeast(c->input(0), 1));
  if (!out.unknown_rank()) out.AddDim(out.dim(out.rank() - 1));
  c->set_output(0, out);
  return absl::OkStatus();
}

void MatrixDiagKernel(KernelContext* ctx) {
  const Tensor& in = ctx->input(0);
  RG_KERNEL_REQUIRES(ctx, in.shape().rank() >= 1,
                     absl::InvalidArgumentError(absl::StrCat(
                         "diagonal must be at least 1-dim, received shape: ",
                         in.shape().DebugString())));
  const int64_t size = in.shape().dim(in.shape().rank() - 1);
  std::vector<int64_t> dims(in.shape().dims().begin(), in.shape().dims().end());
  dims.push_back(size);
  auto shape = TensorShape::Create(dims);
  RG_KERNEL_OK(ctx, shape.status());
  Tensor out = Zeros(ctx, in.dtype(), *shape);
  if (!ctx->status().ok()) return;
  const int64_t blocks = size == 0 ? 0 : in.num_elements() / size;
  CopyDiagonals(in, &out, true, blocks, size, size, size);
  ctx->set_output(0, std::move(out));
}

absl::Status MatrixDiagPartShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape in, c->WithRankAtLeast(c->input(0), 2));
  if (in.unknown_rank()) {
    c->set_output(0, Shape());
    return absl::OkStatus();
  }
  const int64_t rows = c->Dim(in, -2), columns = c->Dim(in, -1);
  const bool known = rows != kUnknownDim && columns != kUnknownDim;
  RG_ASSIGN_OR_RETURN(Shape out, c->Subshape(in, 0, -2));
  out.AddDim(known ? std::min(rows, columns) : kUnknownDim);
  c->set_output(0, out);
  return absl::OkStatus();
}

// The last two dimensions of a tensor.
struct Matrices {
  int64_t rows, columns;
  TensorShape diagonals;  // the shape of all diagonals together

  int64_t diagonal_size() const { return std::min(rows, columns); }
};

absl::StatusOr<Matrices> MatricesOf(const TensorShape& shape) {
  const int rank = shape.rank();
  if (rank < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("input must be at least 2-dim, received shape: ",
                     shape.DebugString()));
  }
  Matrices matrices{shape.dim(rank - 2), shape.dim(rank - 1), shape};
  matrices.diagonals.RemoveDim(rank - 1);
  matrices.diagonals.set_dim(rank - 2, matrices.diagonal_size());
  return matrices;
}

void MatrixDiagPartKernel(KernelContext* ctx) {
  const Tensor& in = ctx->input(0);
  const absl::StatusOr<Matrices> matrices = MatricesOf(in.shape());
  RG_KERNEL_OK(ctx, matrices.status());
  const int64_t size = matrices->diagonal_size();
  Tensor out = ctx->Allocate(in.dtype(), matrices->diagonals);
  if (!ctx->status().ok()) return;
  const int64_t blocks = size == 0 ? 0 : out.num_elements() / size;
  CopyDiagonals(in, &out, false, blocks, size, matrices->rows,
                matrices->columns);
  ctx->set_output(0, std::move(out));
}

// ---- MatrixSetDiag ----

absl::Status MatrixSetDiagShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape in, c->WithRankAtLeast(c->input(0), 2));
  RG_ASSIGN_OR_RETURN(const Shape diagonal,
                      c->WithRankAtLeast(c->input(1), 1));
  if (!in.unknown_rank()) {
    RG_RETURN_IF_ERROR(c->WithRank(diagonal, in.rank() - 1).status());
    const int64_t rows = c->Dim(in, -2), columns = c->Dim(in, -1);
    if (!diagonal.unknown_rank() && rows != kUnknownDim &&
        columns != kUnknownDim) {
      RG_RETURN_IF_ERROR(
          c->MergeDim(std::min(rows, columns), c->Dim(diagonal, -1)).status());
    }
  }
  Shape out = in;
  if (!diagonal.unknown_rank() && !in.IsFullyDefined()) {
    RG_ASSIGN_OR_RETURN(const Shape batch, c->Subshape(diagonal, 0, -1));
    RG_ASSIGN_OR_RETURN(const Shape matrices,
                        c->Concatenate(batch, Shape::UnknownOfRank(2)));
    RG_ASSIGN_OR_RETURN(out, c->Merge(in, matrices));
  }
  c->set_output(0, std::move(out));
  return absl::OkStatus();
}

void MatrixSetDiagKernel(KernelContext* ctx) {
  const TensorShape shape = ctx->input(0).shape();
  const Tensor& diagonal = ctx->input(1);
  const absl::StatusOr<Matrices> matrices = MatricesOf(shape);
  RG_KERNEL_OK(ctx, matrices.status());
  const int64_t size = matrices->diagonal_size();
  RG_KERNEL_REQUIRES(
      ctx, diagonal.shape() == matrices->diagonals,
      absl::InvalidArgumentError(absl::StrCat(
          "Either first dimensions of diagonal don't match input.shape[:-2], "
          "or diagonal.shape[:-1] is not equal to the longests diagonal in "
          "range [lower_diag_index:upper_diag_index].\nInput shape: ",
          shape.DebugString(),
          "\nDiagonal shape: ", diagonal.shape().DebugString(),
          "\nExpected diagonal shape: ", matrices->diagonals.DebugString())));
  Tensor out = ctx->TakeInput(0);  // a copy, if somebody else holds it
  const int64_t blocks = size == 0 ? 0 : diagonal.num_elements() / size;
  CopyDiagonals(diagonal, &out, true, blocks, size, matrices->rows,
                matrices->columns);
  ctx->set_output(0, std::move(out));
}

// ---- MatrixBandPart ----

int64_t Integer(const Tensor& scalar) {
  return scalar.dtype() == DT_INT32 ? scalar.scalar<int32_t>()
                                    : scalar.scalar<int64_t>();
}

// How far the band reaches at one side: the input, or everything if negative.
absl::StatusOr<int64_t> BandSide(const Tensor& side, absl::string_view name,
                                 absl::string_view unit, int64_t size) {
  if (side.shape().rank() != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " must be scalar, got shape ", side.shape().DebugString()));
  }
  const int64_t width = Integer(side);
  if (width > size) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " must be negative or less or equal to number of ",
                     unit, " (", size, ") got: ", width));
  }
  return width < 0 ? size : width;
}

void MatrixBandPartKernel(KernelContext* ctx) {
  const TensorShape shape = ctx->input(0).shape();
  const absl::StatusOr<Matrices> matrices = MatricesOf(shape);
  RG_KERNEL_OK(ctx, matrices.status());
  const int64_t rows = matrices->rows, columns = matrices->columns;
  const absl::StatusOr<int64_t> lower =
      BandSide(ctx->input(1), "num_lower", "rows", rows);
  RG_KERNEL_OK(ctx, lower.status());
  const absl::StatusOr<int64_t> upper =
      BandSide(ctx->input(2), "num_upper", "columns", columns);
  RG_KERNEL_OK(ctx, upper.status());
  Tensor out = ctx->TakeInput(0);
  const int64_t lines = columns == 0 ? 0 : out.num_elements() / columns;
  WithElementType(out.dtype(), [&](auto element) {
    using T = decltype(element);
    T* line = MutableElements<T>(&out);
    for (int64_t i = 0; i < lines; ++i, line += columns) {
      const int64_t row = i % rows;
      const int64_t start = std::min(std::max<int64_t>(row - *lower, 0),
                                     columns);
      const int64_t end = std::min(row + *upper + 1, columns);
      std::fill(line, line + start, T());
      std::fill(line + std::max(start, end), line + columns, T());
    }
  });
  ctx->set_output(0, std::move(out));
}

}  // namespace

void RegisterDiagonalOps(OpRegistry* registry) {
  constexpr char kDiagTypes[] =
      "T: {bfloat16, half, float, double, int32, int64, complex64, complex128}";
  const DataTypeVector types = {DT_COMPLEX128, DT_COMPLEX64, DT_INT64,
                                DT_INT32,      DT_FLOAT,     DT_DOUBLE};
  registry->Op("Diag")
      .Input("diagonal: T")
      .Output("output: T")
      .Attr(kDiagTypes)
      .Shape(DiagShape)
      .Kernel({{"T", types}}, StatelessKernel(DiagKernel));
  registry->Op("DiagPart")
      .Input("input: T")
      .Output("diagonal: T")
      .Attr(kDiagTypes)
      .Shape(DiagPartShape)
      .Kernel({{"T", types}}, StatelessKernel(DiagPartKernel));
  registry->Op("MatrixDiag")
      .Input("diagonal: T")
      .Output("output: T")
      .Attr("T: type")
      .Shape(MatrixDiagShape)
      .Kernel({{"T", PodTypes()}}, StatelessKernel(MatrixDiagKernel));
  registry->Op("MatrixDiagPart")
      .Input("input: T")
      .Output("diagonal: T")
      .Attr("T: type")
      .Shape(MatrixDiagPartShape)
      .Kernel({{"T", PodTypes()}}, StatelessKernel(MatrixDiagPartKernel));
  registry->Op("MatrixSetDiag")
      .Input("input: T")
      .Input("diagonal: T")
      .Output("output: T")
      .Attr("T: type")
      .Shape(MatrixSetDiagShape)
      .Kernel({{"T", PodTypes()}}, StatelessKernel(MatrixSetDiagKernel));
  registry->Op("MatrixBandPart")
      .Input("input: T")
      .Input("num_lower: Tindex")
      .Input("num_upper: Tindex")
      .Output("band: T")
      .Attr("T: type")
      .Attr("Tindex: {int32, int64} = DT_INT64")
      .Shape(UnchangedShape)
      .Kernel({{"T", PodTypes()}}, StatelessKernel(MatrixBandPartKernel));
}

}  // namespace retrograph
