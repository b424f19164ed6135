// MaxPool, AvgPool and their gradients.
//
// Source: tensorflow/core/kernels/maxpooling_op.cc, avgpooling_op.cc.
#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"
#include "ops/number.h"
#include "ops/window.h"

namespace retrograph {
namespace {

absl::Status PoolShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(const WindowAttrs attrs, ReadWindowAttrs(c->op()));
  RG_ASSIGN_OR_RETURN(const Shape input, c->WithRank(c->input(0), 4));
  Shape out = Shape::UnknownOfRank(4);
  if (!input.unknown_rank()) {
    out.set_dim(0, input.dim(0));
    out.set_dim(attrs.channel_axis(), input.dim(attrs.channel_axis()));
    for (int i = 0; i < 2; ++i) {
      const int at = attrs.image_axis(i);
      RG_ASSIGN_OR_RETURN(
          const int64_t size,
          OutputSize(attrs, i, input.dim(at), attrs.ksize[at]));
      out.set_dim(at, size);
    }
  }
  c->set_output(0, out);
  return absl::OkStatus();
}

absl::Status AvgPoolGradShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape shape, c->MakeShapeFromInput(0));
  RG_ASSIGN_OR_RETURN(shape, c->WithRank(shape, 4));
  c->set_output(0, shape);
  return absl::OkStatus();
}

struct Pool {
  int64_t batch, depth;
  WindowAxis rows, columns;

  TensorShape OutputShape() const {
    return TensorShape({batch, rows.output, columns.output, depth});
  }
};

absl::StatusOr<Pool> PoolOf(const Operation& op, const TensorShape& input) {
  RG_ASSIGN_OR_RETURN(const WindowAttrs attrs, ReadWindowAttrs(op));
  RG_RETURN_IF_ERROR(CheckChannelsLast(attrs, op));
  if (input.rank() != 4) {
    return absl::InvalidArgumentError("tensor_in must be 4-dimensional");
  }
  if (attrs.ksize[0] != 1 || attrs.strides[0] != 1) {
    return absl::UnimplementedError(
        "Pooling is not yet supported on the batch dimension.");
  }
  if (attrs.ksize[3] != 1 || attrs.strides[3] != 1) {
    return absl::UnimplementedError(
        "Pooling over channels is not in retrograph.");
  }
  Pool pool;
  pool.batch = input.dim(0);
  pool.depth = input.dim(3);
  RG_ASSIGN_OR_RETURN(pool.rows, AxisOf(attrs, 0, input.dim(1), attrs.ksize[1]));
  RG_ASSIGN_OR_RETURN(pool.columns,
                      AxisOf(attrs, 1, input.dim(2), attrs.ksize[2]));
  return pool;
}

// Calls f(output offset, input offsets) for each output position; an offset is
// that of channel 0, and places outside of the image are left out.
template <typename F>
void ForEachWindow(const Pool& pool, const F& f) {
  const WindowAxis &rows = pool.rows, &columns = pool.columns;
  std::vector<int64_t> inputs;
  int64_t out = 0;
  // Then the other loops could be long.
  if (pool.depth == 0 || rows.output == 0 || columns.output == 0) return;
  for (int64_t n = 0; n < pool.batch; ++n) {
    for (int64_t r = 0; r < rows.output; ++r) {
      for (int64_t c = 0; c < columns.output; ++c, out += pool.depth) {
        inputs.clear();
        const int64_t y0 = rows.Start(r), x0 = columns.Start(c);
        for (int64_t y = std::max<int64_t>(y0, 0);
             y < std::min(y0 + rows.size, rows.input); ++y) {
          for (int64_t x = std::max<int64_t>(x0, 0);
               x < std::min(x0 + columns.size, columns.input); ++x) {
            inputs.push_back(((n * rows.input + y) * columns.input + x) *
                             pool.depth);
          }
        }
        f(out, inputs);
      }
    }
  }
}

// The first place that has the highest value.
template <typename T>
int64_t FirstHighest(const T* values, const std::vector<int64_t>& places,
                     int64_t channel) {
  int64_t best = places[0] + channel;
  for (int64_t place : places) {
    if (values[best] < values[place + channel]) best = place + channel;
  }
  return best;
}

template <typename T>
void MaxPoolKernel(KernelContext* ctx) {
  auto pool = PoolOf(ctx->op(), ctx->input(0).shape());
  RG_KERNEL_OK(ctx, pool.status());
  const T* in = ctx->input(0).flat<T>().data();
  Tensor out;
  if (!StartResult(ctx, DataTypeOf<T>::value, pool->OutputShape(), &out))
    return;
  T* to = out.mutable_flat<T>().data();
  ForEachWindow(*pool, [&](int64_t at, const std::vector<int64_t>& places) {
    for (int64_t d = 0; d < pool->depth; ++d) {
      to[at + d] = places.empty() ? LowestNumber<T>()
                                  : in[FirstHighest(in, places, d)];
    }
  });
  ctx->set_output(0, std::move(out));
}

template <typename T>
void MaxPoolGradKernel(KernelContext* ctx) {
  const Tensor& input = ctx->input(0);
  auto pool = PoolOf(ctx->op(), input.shape());
  RG_KERNEL_OK(ctx, pool.status());
  RG_KERNEL_REQUIRES(
      ctx,
      ctx->input(1).shape() == pool->OutputShape() &&
          ctx->input(2).shape() == pool->OutputShape(),
      absl::InvalidArgumentError(absl::StrCat(
          "Expected orig_output and grad of shape ",
          pool->OutputShape().DebugString(), ", got ",
          ctx->input(1).shape().DebugString(), " and ",
          ctx->input(2).shape().DebugString())));
  const T* in = input.flat<T>().data();
  const T* grad = ctx->input(2).flat<T>().data();
  Tensor out;
  if (!StartResult(ctx, DataTypeOf<T>::value, input.shape(), &out)) return;
  T* to = out.mutable_flat<T>().data();
  ForEachWindow(*pool, [&](int64_t at, const std::vector<int64_t>& places) {
    if (places.empty()) return;
    for (int64_t d = 0; d < pool->depth; ++d) {
      const int64_t best = FirstHighest(in, places, d);
      to[best] = WrapAdd(to[best], grad[at + d]);
    }
  });
  ctx->set_output(0, std::move(out));
}

template <typename T>
void AvgPoolKernel(KernelContext* ctx) {
  auto pool = PoolOf(ctx->op(), ctx->input(0).shape());
  RG_KERNEL_OK(ctx, pool.status());
  const T* in = ctx->input(0).flat<T>().data();
  Tensor out;
  if (!StartResult(ctx, DataTypeOf<T>::value, pool->OutputShape(), &out))
    return;
  T* to = out.mutable_flat<T>().data();
  ForEachWindow(*pool, [&](int64_t at, const std::vector<int64_t>& places) {
    for (int64_t d = 0; d < pool->depth; ++d) {
      T sum = NumberCast<T>(0);
      for (int64_t place : places) sum = sum + in[place + d];
      to[at + d] = sum / NumberCast<T>(places.size());
    }
  });
  ctx->set_output(0, std::move(out));
}

template <typename T>
void AvgPoolGradKernel(KernelContext* ctx) {
  std::vector<int64_t> dims;
  for (int32_t dim : ctx->input(0).flat<int32_t>()) dims.push_back(dim);
  auto shape = TensorShape::Create(dims);
  RG_KERNEL_OK(ctx, shape.status());
  auto pool = PoolOf(ctx->op(), *shape);
  RG_KERNEL_OK(ctx, pool.status());
  RG_KERNEL_REQUIRES(ctx, ctx->input(1).shape() == pool->OutputShape(),
                     absl::InvalidArgumentError(absl::StrCat(
                         "Expected grad of shape ",
                         pool->OutputShape().DebugString(), ", got ",
                         ctx->input(1).shape().DebugString())));
  const T* grad = ctx->input(1).flat<T>().data();
  Tensor out;
  if (!StartResult(ctx, DataTypeOf<T>::value, *shape, &out)) return;
  T* to = out.mutable_flat<T>().data();
  ForEachWindow(*pool, [&](int64_t at, const std::vector<int64_t>& places) {
    const T share = NumberCast<T>(1.0f / static_cast<float>(places.size()));
    for (int64_t place : places) {
      for (int64_t d = 0; d < pool->depth; ++d) {
        to[place + d] = to[place + d] + grad[at + d] * share;
      }
    }
  });
  ctx->set_output(0, std::move(out));
}

void AddPoolAttrs(OpBuilder& op) {
  op.Attr("ksize: list(int) >= 4")
      .Attr("strides: list(int) >= 4")
      .Attr("padding: {'SAME', 'VALID'}");
}

#define RG_POOL_KERNEL(op, Kernel_, T_) \
  op.Kernel({{"T", {DataTypeOf<T_>::value}}}, StatelessKernel(Kernel_<T_>))

void RegisterMaxPool(OpRegistry* registry) {
  OpBuilder pool = registry->Op("MaxPool");
  pool.Attr(
      "T: {half, bfloat16, float, double, int32, int64, uint8, int16, int8, "
      "uint16, qint8} = DT_FLOAT");
  AddPoolAttrs(pool);
  pool.Attr("data_format: {'NHWC', 'NCHW', 'NCHW_VECT_C'} = 'NHWC'");
  pool.Input("input: T").Output("output: T").Shape(PoolShape);
  OpBuilder grad = registry->Op("MaxPoolGrad");
  AddPoolAttrs(grad);
  grad.Attr("data_format: {'NHWC', 'NCHW'} = 'NHWC'");
  grad.Attr(absl::StrCat("T: ", kRealNumberTypes, " = DT_FLOAT"));
  grad.Input("orig_input: T").Input("orig_output: T").Input("grad: T");
  grad.Output("output: T").Shape(UnchangedShape);
#define RG_MAX_POOL(T_)                        \
  RG_POOL_KERNEL(pool, MaxPoolKernel, T_);     \
  RG_POOL_KERNEL(grad, MaxPoolGradKernel, T_);
  RG_MAX_POOL(uint16_t)
  RG_MAX_POOL(int16_t)
  RG_MAX_POOL(uint8_t)
  RG_MAX_POOL(int8_t)
  RG_MAX_POOL(int32_t)
  RG_MAX_POOL(int64_t)
  RG_MAX_POOL(BFloat16)
  RG_MAX_POOL(double)
  RG_MAX_POOL(float)
  RG_MAX_POOL(Half)
#undef RG_MAX_POOL
}

void RegisterAvgPool(OpRegistry* registry) {
  OpBuilder pool = registry->Op("AvgPool");
  pool.Input("value: T").Output("output: T");
  AddPoolAttrs(pool);
  pool.Attr("data_format: {'NHWC', 'NCHW'} = 'NHWC'");
  pool.Attr("T: {half, bfloat16, float, double}").Shape(PoolShape);
  OpBuilder grad = registry->Op("AvgPoolGrad");
  grad.Input("orig_input_shape: int32").Input("grad: T").Output("output: T");
  AddPoolAttrs(grad);
  grad.Attr("data_format: {'NHWC', 'NCHW'} = 'NHWC'");
  grad.Attr("T: {half, bfloat16, float, double}").Shape(AvgPoolGradShape);
#define RG_AVG_POOL(T_)                        \
  RG_POOL_KERNEL(pool, AvgPoolKernel, T_);     \
  RG_POOL_KERNEL(grad, AvgPoolGradKernel, T_);
  RG_AVG_POOL(double)
  RG_AVG_POOL(float)
  RG_AVG_POOL(Half)
#undef RG_AVG_POOL
}

}  // namespace

void RegisterPoolOps(OpRegistry* registry) {
  RegisterMaxPool(registry);
  RegisterAvgPool(registry);
}

}  // namespace retrograph
