// The kernel of a binary elementwise op: broadcasting around a functor that
// says what to do with two numbers. Private to ops/.
//
// Example:
//   struct MulFunctor : NeverFails {
//     template <typename T>
//     T operator()(T a, T b) const { return a * b; }
//   };
//   AddBinaryKernels<MulFunctor, double, float>(op);
#ifndef RETROGRAPH_OPS_BINARY_KERNEL_H_
#define RETROGRAPH_OPS_BINARY_KERNEL_H_

#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ops/broadcast.h"
#include "ops/kernel.h"

namespace retrograph {

// What functors derive from that can compute anything. One that cannot has
// kCanFail true, an `Error()` and a member `bool* failed` that it sets.
struct NeverFails {
  static constexpr bool kCanFail = false;
};

template <typename F, typename T>
void BinaryCompute(KernelContext* ctx, const Broadcast& broadcast) {
  using Out = std::decay_t<decltype(std::declval<F&>()(std::declval<T>(),
                                                       std::declval<T>()))>;
  const T* x = ctx->input(0).flat<T>().data();
  const T* y = ctx->input(1).flat<T>().data();
  // Keep what the operands point to where the output takes neither.
  Tensor out = ForwardEitherOrAllocate(ctx, DataTypeOf<Out>::value,
                                       broadcast.output_shape());
  if (!ctx->status().ok()) return;
  Out* to = out.mutable_flat<Out>().data();
  if constexpr (F::kCanFail) {
    bool failed = false;
    broadcast.Apply(x, y, to, F{&failed});
    RG_KERNEL_REQUIRES(ctx, !failed, F::Error());
  } else {
    broadcast.Apply(x, y, to, F{});
  }
  ctx->set_output(0, std::move(out));
}

// TensorFlow's limit on dimensions that are walked differently.
constexpr int kMaxBroadcastRank = 8;

inline absl::Status CheckBroadcastRank(const Broadcast& broadcast,
                                       const TensorShape& x,
                                       const TensorShape& y) {
  if (broadcast.rank() <= kMaxBroadcastRank) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat("Broadcast between ", x.DebugString(), " and ",
                   y.DebugString(), " is not supported yet."));
}

template <typename F, typename T>
void BinaryKernel(KernelContext* ctx) {
  const TensorShape& x = ctx->input(0).shape();
  const TensorShape& y = ctx->input(1).shape();
  const auto broadcast = Broadcast::Create(x, y);
  RG_KERNEL_REQUIRES(ctx, broadcast.has_value(), IncompatibleShapes(x, y));
  RG_KERNEL_OK(ctx, CheckBroadcastRank(*broadcast, x, y));
  BinaryCompute<F, T>(ctx, *broadcast);
}

// Registers F for each of the types, in this order (it shows in the text about
// a missing kernel).
template <typename F, typename... Ts>
void AddBinaryKernels(OpBuilder& op) {
  (op.Kernel({{"T", {DataTypeOf<Ts>::value}}},
             StatelessKernel(&BinaryKernel<F, Ts>)),
   ...);
}
}  // namespace retrograph

#endif  // RETROGRAPH_OPS_BINARY_KERNEL_H_
