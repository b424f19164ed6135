// Kernels of ops that compute each element from one element, or from two of
// the same place (gradients of such ops).
//
// What an op does is a functor: F::Run(x, y, n) for a whole array, where bits
// depend on an element's place (array_functions.h), or F()(x) for one element.
#ifndef RETROGRAPH_OPS_UNARY_KERNEL_H_
#define RETROGRAPH_OPS_UNARY_KERNEL_H_

#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ops/kernel.h"
#include "ops/same_shape.h"

namespace retrograph {

// F::Run(const T* x, T* y, int64_t n).
template <typename F, typename T>
void ArrayKernel(KernelContext* ctx) {
  const TensorShape shape = ctx->input(0).shape();
  const T* x = ctx->input(0).flat<T>().data();
  Tensor out = ctx->ForwardOrAllocate(0, DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  F::Run(x, out.mutable_flat<T>().data(), shape.num_elements());
  ctx->set_output(0, std::move(out));
}

// Out F()(T x).
template <typename F, typename T>
void ElementKernel(KernelContext* ctx) {
  using Out = std::decay_t<decltype(F()(std::declval<T>()))>;
  const TensorShape shape = ctx->input(0).shape();
  const T* x = ctx->input(0).flat<T>().data();
  Tensor out = ctx->ForwardOrAllocate(0, DataTypeOf<Out>::value, shape);
  if (!ctx->status().ok()) return;
  Out* y = out.mutable_flat<Out>().data();
  const F f{};
  for (int64_t i = 0; i < shape.num_elements(); ++i) y[i] = f(x[i]);
  ctx->set_output(0, std::move(out));
}

// F::Run(const T* a, const T* b, T* y, int64_t n) on inputs 0 and 1, of one
// shape.
template <typename F, typename T>
void PairKernel(KernelContext* ctx) {
  RG_KERNEL_OK(ctx, CheckSameShapes(ctx));
  const TensorShape shape = ctx->input(0).shape();
  const T* a = ctx->input(0).flat<T>().data();
  const T* b = ctx->input(1).flat<T>().data();
  Tensor out = ctx->ForwardOrAllocate(0, DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  F::Run(a, b, out.mutable_flat<T>().data(), shape.num_elements());
  ctx->set_output(0, std::move(out));
}

template <typename F, typename... Ts>
void AddArrayKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&ArrayKernel<F, Ts>)),
   ...);
}
template <typename F, typename... Ts>
void AddElementKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&ElementKernel<F, Ts>)),
   ...);
}
template <typename F, typename... Ts>
void AddPairKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&PairKernel<F, Ts>)),
   ...);
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_UNARY_KERNEL_H_
