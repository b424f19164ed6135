// Qr: Householder's decomposition, as in TensorFlow.
//
// Source: tensorflow/core/kernels/qr_op_impl.h.
#include <algorithm>
#include <complex>
#include <utility>

#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"
#include "ops/qr.h"

namespace retrograph {
namespace {

absl::Status QrShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const Shape input, c->WithRankAtLeast(c->input(0), 2));
  if (input.unknown_rank()) {
    c->set_output(0, Shape());
    c->set_output(1, Shape());
    return absl::OkStatus();
  }
  bool full = false;
  RG_RETURN_IF_ERROR(c->GetAttr("full_matrices", &full));
  const int rank = input.rank();
  const int64_t m = input.dim(rank - 2), n = input.dim(rank - 1);
  const int64_t p = m < 0 || n < 0 ? kUnknownDim : std::min(m, n);
  Shape q = input, r = input;
  q.set_dim(rank - 1, full ? m : p);
  r.set_dim(rank - 2, full ? m : p);
  c->set_output(0, q);
  c->set_output(1, r);
  return absl::OkStatus();
}

template <typename T>
void QrKernel(KernelContext* ctx) {
  const Tensor& input = ctx->input(0);
  const int rank = input.shape().rank();
  RG_KERNEL_REQUIRES(ctx, rank >= 2,
                     absl::InvalidArgumentError(
                         "Input tensor must have rank >= 2"));
  bool full = false;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("full_matrices", &full));
  const int64_t m = input.shape().dim(rank - 2), n = input.shape().dim(rank - 1);
  const int64_t p = full ? m : std::min(m, n);
  TensorShape q_shape = input.shape(), r_shape = input.shape();
  q_shape.set_dim(rank - 1, p);
  r_shape.set_dim(rank - 2, p);
  absl::StatusOr<Tensor> q = Tensor::Allocate(input.dtype(), q_shape);
  RG_KERNEL_OK(ctx, q.status());
  absl::StatusOr<Tensor> r = Tensor::Allocate(input.dtype(), r_shape);
  RG_KERNEL_OK(ctx, r.status());
  // Where q is empty, r is; a matrix without columns has a q.
  const int64_t batch =
      q->num_elements() == 0 ? 0 : q->num_elements() / (m * p);
  const T* from = input.flat<T>().data();
  T* to_q = q->mutable_flat<T>().data();
  T* to_r = r->mutable_flat<T>().data();
  for (int64_t i = 0; i < batch; ++i) {
    DecomposeQr(from + i * m * n, m, n, p, to_q + i * m * p, to_r + i * p * n);
  }
  ctx->set_output(0, *std::move(q));
  ctx->set_output(1, *std::move(r));
}

}  // namespace

void RegisterQrOps(OpRegistry* registry) {
  registry->Op("Qr")
      .Input("input: T")
      .Output("q: T")
      .Output("r: T")
      .Attr("full_matrices: bool = false")
      .Attr("T: {double, float, half, complex64, complex128}")
      .Shape(QrShape)
      .Kernel({{"T", {DT_COMPLEX128}}},
              StatelessKernel(QrKernel<std::complex<double>>))
      .Kernel({{"T", {DT_COMPLEX64}}},
              StatelessKernel(QrKernel<std::complex<float>>))
      .Kernel({{"T", {DT_DOUBLE}}}, StatelessKernel(QrKernel<double>))
      .Kernel({{"T", {DT_FLOAT}}}, StatelessKernel(QrKernel<float>));
}

}  // namespace retrograph
