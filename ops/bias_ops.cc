// BiasAdd, BiasAddV1 and BiasAddGrad.

#include <algorithm>
#include <complex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "graph/shape_inference.h"
#include "ops/broadcast.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/reduce.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

constexpr absl::string_view kDataFormat =
    "data_format: {'NHWC', 'NCHW'} = 'NHWC'";

bool IsNchw(const Operation& op) {
  std::string format;
  return op.FindAttr("data_format") != nullptr &&
         op.GetAttr("data_format", &format).ok() && format == "NCHW";
}

// The channels' axis: the last, or the third from the end (NCHW), which is
// axis 1 of a batch of images.
absl::Status BiasAddShape(InferenceContext* c) {
  const bool nchw = IsNchw(c->op());
  RG_ASSIGN_OR_RETURN(Shape value,
                      c->WithRankAtLeast(c->input(0), nchw ? 3 : 2));
  RG_ASSIGN_OR_RETURN(const Shape bias, c->WithRank(c->input(1), 1));
  if (value.unknown_rank()) return UnknownShape(c);
  const int axis = nchw ? 1 : value.rank() - 1;
  RG_ASSIGN_OR_RETURN(const int64_t channels,
                      c->MergeDim(value.dim(axis), c->Dim(bias, 0)));
  value.set_dim(axis, channels);
  c->set_output(0, std::move(value));
  return absl::OkStatus();
}

absl::Status BiasAddGradShape(InferenceContext* c) {
  const bool nchw = IsNchw(c->op());
  RG_ASSIGN_OR_RETURN(const Shape value,
                      c->WithRankAtLeast(c->input(0), nchw ? 3 : 2));
  c->set_output(0, Shape({value.unknown_rank()
                              ? kUnknownDim
                              : value.dim(nchw ? 1 : value.rank() - 1)}));
  return absl::OkStatus();
}

constexpr int kMaxNchwRank = 5;

absl::Status CheckBias(const TensorShape& value, const TensorShape& bias,
                       bool nchw) {
  if (value.rank() < 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Input tensor must be at least 2D: ", value.DebugString()));
  }
  if (bias.rank() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("Biases must be 1D: ", bias.DebugString()));
  }
  const int axis = nchw ? 1 : value.rank() - 1;
  if (bias.dim(0) != value.dim(axis)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Must provide as many biases as the last dimension of the input "
        "tensor: ",
        bias.DebugString(), " vs. ", value.DebugString()));
  }
  if (nchw && (value.rank() < 3 || value.rank() > kMaxNchwRank)) {
    return absl::InvalidArgumentError(
        absl::StrCat("Only ranks up to 5 supported: ", value.DebugString()));
  }
  return absl::OkStatus();
}

template <typename T>
void BiasAddKernel(KernelContext* ctx) {
  const TensorShape shape = ctx->input(0).shape();
  const TensorShape bias_shape = ctx->input(1).shape();
  const bool nchw = IsNchw(ctx->op());
  RG_KERNEL_OK(ctx, CheckBias(shape, bias_shape, nchw));
  // A bias of shape [C, 1, 1] stands for NCHW's; the shapes fit then.
  TensorShape expanded = bias_shape;
  if (nchw) {
    for (int i = 2; i < shape.rank(); ++i) expanded.AddDim(1);
  }
  const auto broadcast = Broadcast::Create(shape, expanded);
  const T* value = ctx->input(0).flat<T>().data();
  const T* bias = ctx->input(1).flat<T>().data();
  Tensor out = ctx->ForwardOrAllocate(0, DataTypeOf<T>::value, shape);
  if (!ctx->status().ok()) return;
  broadcast->Apply(value, bias, out.mutable_flat<T>().data(),
                   [](T a, T b) { return WrapAdd(a, b); });
  ctx->set_output(0, std::move(out));
}

struct Plus {
  template <typename T>
  static T Identity() {
    return T(0);
  }
  template <typename T>
  static T Combine(T a, T b) {
    return WrapAdd(a, b);
  }
};

template <typename T>
void BiasAddGradKernel(KernelContext* ctx) {
  const Tensor& in = ctx->input(0);
  const TensorShape& shape = in.shape();
  const bool nchw = IsNchw(ctx->op());
  RG_KERNEL_REQUIRES(
      ctx, shape.rank() >= 2,
      absl::InvalidArgumentError(absl::StrCat(
          "Input tensor must be at least 2D: ", shape.DebugString())));
  const int axis = nchw ? 1 : shape.rank() - 1;
  const int64_t channels = shape.dim(axis);
  Tensor out = ctx->Allocate(DataTypeOf<T>::value, TensorShape({channels}));
  if (!ctx->status().ok()) return;
  const absl::Span<T> to = out.mutable_flat<T>();
  std::fill(to.begin(), to.end(), T(0));
  // Each channel of each outer index is a run; the runs are added up.
  int64_t run = 1;
  for (int i = axis + 1; i < shape.rank(); ++i) run *= shape.dim(i);
  const T* from = in.flat<T>().data();
  const int64_t runs = run == 0 ? 0 : in.num_elements() / run;
  for (int64_t i = 0; i < runs; ++i) {
    T& total = to[i % channels];
    const T sum = run == 1 ? from[i] : ReduceRun<Plus, T>(from, i * run, run);
    total = WrapAdd(total, sum);
  }
  ctx->set_output(0, std::move(out));
}

template <typename... Ts>
void AddBiasKernels(OpBuilder& add, OpBuilder& add_v1, OpBuilder& grad) {
  for (OpBuilder* op : {&add, &add_v1}) {
    (op->Kernel({{"T", {DataTypeOf<Ts>::value}}},
                StatelessKernel(&BiasAddKernel<Ts>)),
     ...);
  }
  (grad.Kernel({{"T", {DataTypeOf<Ts>::value}}},
               StatelessKernel(&BiasAddGradKernel<Ts>)),
   ...);
}

}  // namespace

void RegisterBiasOps(OpRegistry* registry) {
  const std::string types = absl::StrCat("T: ", kNumberTypes);
  OpBuilder add = registry->Op("BiasAdd");
  add.Input("value: T").Input("bias: T").Output("output: T");
  add.Attr(types).Attr(kDataFormat).Shape(BiasAddShape);
  OpBuilder add_v1 = registry->Op("BiasAddV1");
  add_v1.Input("value: T").Input("bias: T").Output("output: T");
  add_v1.Attr(types).Shape(BiasAddShape);
  OpBuilder grad = registry->Op("BiasAddGrad");
  grad.Input("out_backprop: T").Output("output: T");
  grad.Attr(types).Attr(kDataFormat).Shape(BiasAddGradShape);
  AddBiasKernels<std::complex<double>, std::complex<float>, double, float,
                 BFloat16, Half, int8_t, uint8_t, int16_t, uint16_t, int32_t,
                 int64_t>(add, add_v1, grad);
}

}  // namespace retrograph
