// MatMul, BatchMatMul and BatchMatMulV2.

#include <algorithm>
#include <complex>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "graph/shape_inference.h"
#include "ops/broadcast.h"
#include "ops/kernel.h"
#include "ops/matrix_product.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

using Complex64 = std::complex<float>;
using Complex128 = std::complex<double>;

absl::Status MatMulShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape a, c->WithRank(c->input(0), 2));
  RG_ASSIGN_OR_RETURN(const Shape b, c->WithRank(c->input(1), 2));
  bool transpose_a = false, transpose_b = false;
  RG_RETURN_IF_ERROR(c->GetAttr("transpose_a", &transpose_a));
  RG_RETURN_IF_ERROR(c->GetAttr("transpose_b", &transpose_b));
  RG_RETURN_IF_ERROR(c->MergeDim(c->Dim(a, transpose_a ? 0 : 1),
                                 c->Dim(b, transpose_b ? 1 : 0))
                         .status());
  c->set_output(0, Shape({c->Dim(a, transpose_a ? 1 : 0),
                          c->Dim(b, transpose_b ? 0 : 1)}));
  return absl::OkStatus();
}

template <typename T>
void MatMulKernel(KernelContext* ctx) {
  const Tensor& a = ctx->input(0);
  const Tensor& b = ctx->input(1);
  for (int i = 0; i < 2; ++i) {
    const TensorShape& shape = ctx->input(i).shape();
    RG_KERNEL_REQUIRES(ctx, shape.rank() == 2,
                       absl::InvalidArgumentError(absl::StrCat(
                           "In[", i, "] is not a matrix. Instead it has shape ",
                           shape.DebugString())));
  }
  bool transpose_a = false, transpose_b = false;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("transpose_a", &transpose_a));
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("transpose_b", &transpose_b));
  const int64_t m = a.shape().dim(transpose_a ? 1 : 0);
  const int64_t k = a.shape().dim(transpose_a ? 0 : 1);
  const int64_t n = b.shape().dim(transpose_b ? 0 : 1);
  RG_KERNEL_REQUIRES(
      ctx, k == b.shape().dim(transpose_b ? 1 : 0),
      absl::InvalidArgumentError(absl::StrCat(
          "Matrix size-incompatible: In[0]: ", a.shape().DebugString(),
          ", In[1]: ", b.shape().DebugString())));
  Tensor out = ctx->Allocate(DataTypeOf<T>::value, TensorShape({m, n}));
  if (!ctx->status().ok()) return;
  Multiply(a.flat<T>().data(), {transpose_a, false}, b.flat<T>().data(),
           {transpose_b, false}, out.mutable_flat<T>().data(), m, k, n);
  ctx->set_output(0, std::move(out));
}

// --- Batches: the last two dimensions are matrices. ---

absl::Status BatchMatMulShape(InferenceContext* c, bool broadcast) {
  RG_ASSIGN_OR_RETURN(const Shape x, c->WithRankAtLeast(c->input(0), 2));
  RG_ASSIGN_OR_RETURN(const Shape y, c->WithRankAtLeast(c->input(1), 2));
  bool adj_x = false, adj_y = false;
  RG_RETURN_IF_ERROR(c->GetAttr("adj_x", &adj_x));
  RG_RETURN_IF_ERROR(c->GetAttr("adj_y", &adj_y));
  auto dim = [&](const Shape& shape, int i) {
    return shape.unknown_rank() ? kUnknownDim : c->Dim(shape, i);
  };
  RG_ASSIGN_OR_RETURN(const Shape x_batch, c->Subshape(x, 0, -2));
  RG_ASSIGN_OR_RETURN(const Shape y_batch, c->Subshape(y, 0, -2));
  Shape batch;
  if (broadcast) {
    RG_ASSIGN_OR_RETURN(batch, BroadcastShapes(c, x_batch, y_batch));
  } else {
    RG_ASSIGN_OR_RETURN(batch, c->Merge(x_batch, y_batch));
  }
  RG_RETURN_IF_ERROR(
      c->MergeDim(dim(x, adj_x ? -2 : -1), dim(y, adj_y ? -1 : -2)).status());
  RG_ASSIGN_OR_RETURN(Shape shape,
                      c->Concatenate(batch, Shape({dim(x, adj_x ? -1 : -2),
                                                   dim(y, adj_y ? -2 : -1)})));
  c->set_output(0, std::move(shape));
  return absl::OkStatus();
}

TensorShape BatchDims(const TensorShape& shape) {
  return TensorShape(shape.dims().subspan(0, shape.rank() - 2));
}

// Which matrices of x and y make each matrix of the output.
using BatchPairs = std::vector<std::pair<int64_t, int64_t>>;

absl::Status CheckNdims(const TensorShape& shape, absl::string_view which) {
  if (shape.rank() >= 2) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(which, " ndims must be >= 2: ", shape.rank()));
}

absl::Status CheckEqualBatches(const TensorShape& x, const TensorShape& y) {
  if (x.rank() != y.rank()) {
    return absl::InvalidArgumentError(
        absl::StrCat("In[0] and In[1] has different ndims: ", x.DebugString(),
                     " vs. ", y.DebugString()));
  }
  RG_RETURN_IF_ERROR(CheckNdims(x, "In[0] and In[1]"));
  for (int i = 0; i < x.rank() - 2; ++i) {
    if (x.dim(i) == y.dim(i)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "In[0].dim(", i, ") and In[1].dim(", i,
        ") must be the same: ", x.DebugString(), " vs ", y.DebugString()));
  }
  return absl::OkStatus();
}

absl::StatusOr<Broadcast> BatchesOf(const TensorShape& x, const TensorShape& y,
                                    bool broadcast) {
  if (broadcast) {
    RG_RETURN_IF_ERROR(CheckNdims(x, "In[0]"));
    RG_RETURN_IF_ERROR(CheckNdims(y, "In[1]"));
  } else {
    RG_RETURN_IF_ERROR(CheckEqualBatches(x, y));
  }
  const auto all = Broadcast::Create(BatchDims(x), BatchDims(y));
  if (!all) {
    return absl::InvalidArgumentError(
        absl::StrCat("In[0] and In[1] must have compatible batch dimensions: ",
                     x.DebugString(), " vs. ", y.DebugString()));
  }
  return *all;
}

// Of matrices that have elements, so that there are not too many of them.
BatchPairs PairsOf(const Broadcast& batches, const TensorShape& x,
                   const TensorShape& y) {
  std::vector<int64_t> x_index(BatchDims(x).num_elements());
  std::vector<int64_t> y_index(BatchDims(y).num_elements());
  std::iota(x_index.begin(), x_index.end(), 0);
  std::iota(y_index.begin(), y_index.end(), 0);
  BatchPairs pairs(batches.output_shape().num_elements());
  batches.Apply(x_index.data(), y_index.data(), pairs.data(),
                [](int64_t a, int64_t b) { return std::make_pair(a, b); });
  return pairs;
}

template <typename T, bool kBroadcast>
void BatchMatMulKernel(KernelContext* ctx) {
  const Tensor& x = ctx->input(0);
  const Tensor& y = ctx->input(1);
  const TensorShape& xs = x.shape();
  const TensorShape& ys = y.shape();
  bool adj_x = false, adj_y = false;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("adj_x", &adj_x));
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("adj_y", &adj_y));
  const auto batches = BatchesOf(xs, ys, kBroadcast);
  RG_KERNEL_OK(ctx, batches.status());
  const int64_t m = xs.dim(xs.rank() - (adj_x ? 1 : 2));
  const int64_t k = xs.dim(xs.rank() - (adj_x ? 2 : 1));
  const int64_t n = ys.dim(ys.rank() - (adj_y ? 2 : 1));
  const int64_t y_depth = ys.dim(ys.rank() - (adj_y ? 1 : 2));
  RG_KERNEL_REQUIRES(
      ctx, k == y_depth,
      absl::InvalidArgumentError(
          absl::StrCat("In[0] mismatch In[1] shape: ", k, " vs. ", y_depth,
                       ": ", xs.DebugString(), " ", ys.DebugString(), " ",
                       static_cast<int>(adj_x), " ", static_cast<int>(adj_y))));
  TensorShape shape = batches->output_shape();
  shape.AddDim(m);
  shape.AddDim(n);
  Tensor out = ctx->Allocate(DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  if (out.num_elements() == 0) {
    ctx->set_output(0, std::move(out));
    return;
  }
  const BatchPairs pairs = PairsOf(*batches, xs, ys);
  T* to = out.mutable_flat<T>().data();
  // TensorFlow takes one large matrix as MatMul does, but many small ones one
  // by one with Eigen's own product.
  constexpr int64_t kSmall = 128 * 128;
  const bool fused =
      pairs.size() == 1 || std::min({m * k, k * n, m * n}) > kSmall;
  for (const auto& [a, b] : pairs) {
    Multiply(x.flat<T>().data() + a * m * k, {adj_x, adj_x},
             y.flat<T>().data() + b * k * n, {adj_y, adj_y}, to, m, k, n,
             fused);
    to += m * n;
  }
  ctx->set_output(0, std::move(out));
}

template <typename... Ts>
void AddMatMulKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&MatMulKernel<Ts>)),
   ...);
}
template <bool kBroadcast, typename... Ts>
void AddBatchKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&BatchMatMulKernel<Ts, kBroadcast>)),
   ...);
}

template <bool kBroadcast>
void RegisterBatchMatMul(OpRegistry* registry, absl::string_view name) {
  OpBuilder op = registry->Op(name);
  op.Input("x: T").Input("y: T").Output("output: T");
  op.Attr(
      "T: {bfloat16, half, float, double, int32, int64, complex64, "
      "complex128}");
  op.Attr("adj_x: bool = false").Attr("adj_y: bool = false");
  op.Shape([](InferenceContext* c) { return BatchMatMulShape(c, kBroadcast); });
  AddBatchKernels<kBroadcast, int64_t, int32_t, Half, double, float, Complex128,
                  Complex64>(op);
}

}  // namespace

void RegisterMatmulOps(OpRegistry* registry) {
  OpBuilder mat_mul = registry->Op("MatMul");
  mat_mul.Input("a: T").Input("b: T").Output("product: T");
  mat_mul.Attr("transpose_a: bool = false").Attr("transpose_b: bool = false");
  mat_mul.Attr(
      "T: {bfloat16, half, float, double, int32, int64, complex64, "
      "complex128}");
  mat_mul.Shape(MatMulShape);
  AddMatMulKernels<Complex128, Complex64, int64_t, int32_t, BFloat16, Half,
                   double, float>(mat_mul);
  RegisterBatchMatMul<false>(registry, "BatchMatMul");
  RegisterBatchMatMul<true>(registry, "BatchMatMulV2");
}

}  // namespace retrograph
