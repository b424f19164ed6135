// Arrays as a whole: constants, placeholders, identities, fills.
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "core/tensor_proto.h"
#include "graph/graph.h"
#include "graph/shape_inference.h"
#include "ops/array_ops.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/shape_helpers.h"
#include "ops/standard_ops.h"
#include "ops/tensor_list_kernel.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

// ---- Const ----

absl::Status ConstShape(InferenceContext* c) {
  const AttrValue* value = c->op().FindAttr("value");
  if (value == nullptr) return absl::OkStatus();
  RG_ASSIGN_OR_RETURN(
      Shape shape, PartialTensorShape::FromProto(value->tensor().tensor_shape()));
  c->set_output(0, shape);
  return absl::OkStatus();
}

class ConstKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<ConstKernel>> Create(
      const Operation& op) {
    Tensor value;
    RG_RETURN_IF_ERROR(op.GetAttr("value", &value));
    if (value.dtype() != op.output_type(0)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Type mismatch between value (", DataTypeString(value.dtype()),
          ") and dtype (", DataTypeString(op.output_type(0)), ")"));
    }
    auto kernel = std::make_unique<ConstKernel>();
    kernel->value_ = std::move(value);
    return kernel;
  }
  // Hands out a reference: the buffer is shared, so nobody writes to it.
  void Compute(KernelContext* ctx) override { ctx->set_output(0, value_); }

 private:
  Tensor value_;
};

// ---- Placeholders ----

absl::Status PlaceholderShape(InferenceContext* c) {
  Shape shape;
  RG_RETURN_IF_ERROR(c->GetAttr("shape", &shape));
  // Before GraphDef version 22 a scalar shape could also mean "unknown".
  constexpr int kLastVersionWithoutScalars = 21;
  if (shape.rank() == 0 &&
      c->op().graph()->producer() <= kLastVersionWithoutScalars) {
    shape = Shape();
  }
  c->set_output(0, shape);
  return absl::OkStatus();
}

void PlaceholderKernel(KernelContext* ctx) {
  const Operation& op = ctx->op();
  PartialTensorShape shape;
  RG_KERNEL_OK(ctx, op.GetAttr("shape", &shape));
  std::string message = absl::StrCat(
      "You must feed a value for placeholder tensor '", op.name(),
      "' with dtype ", DataTypeString(op.output_type(0)));
  if (shape.rank() > 0) {
    absl::StrAppend(&message, " and shape ", shape.DebugString());
  }
  ctx->SetStatus(absl::InvalidArgumentError(message));
}

// The declared shape must fit the default value; it may say less.
absl::Status PlaceholderWithDefaultShape(InferenceContext* c) {
  Shape shape;
  RG_RETURN_IF_ERROR(c->GetAttr("shape", &shape));
  RG_RETURN_IF_ERROR(c->Merge(c->input(0), shape).status());
  c->set_output(0, shape);
  return absl::OkStatus();
}

// ---- Identities ----

void IdentityKernel(KernelContext* ctx) {
  ctx->set_output(0, ctx->TakeInput(0));
}

void RefIdentityKernel(KernelContext* ctx) {
  ctx->set_output_ref(0, ctx->input_ref(0));
}

absl::Status IdentityNShape(InferenceContext* c) {
  for (int i = 0; i < c->num_inputs(); ++i) {
    c->set_output(i, c->input(i));
    PassHandleData(c, i, i);
  }
  return absl::OkStatus();
}

void IdentityNKernel(KernelContext* ctx) {
  for (int i = 0; i < ctx->num_inputs(); ++i) {
    ctx->set_output(i, ctx->TakeInput(i));
  }
}

absl::Status EnsureShapeShape(InferenceContext* c) {
  Shape expected;
  RG_RETURN_IF_ERROR(c->GetAttr("shape", &expected));
  if (c->input(0).unknown_rank()) {
    c->set_output(0, expected);
    return absl::OkStatus();
  }
  // TensorFlow takes an unknown rank for rank -1, which nothing has.
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), expected.rank()).status());
  RG_ASSIGN_OR_RETURN(Shape merged, c->Merge(expected, c->input(0)));
  c->set_output(0, merged);
  return absl::OkStatus();
}

void EnsureShapeKernel(KernelContext* ctx) {
  PartialTensorShape expected;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("shape", &expected));
  const TensorShape& shape = ctx->input(0).shape();
  RG_KERNEL_REQUIRES(
      ctx, expected.IsCompatibleWith(shape),
      absl::InvalidArgumentError(absl::StrCat(
          "Shape of tensor ", ctx->op().input(0).op->name(), " ",
          shape.DebugString(), " is not compatible with expected shape ",
          expected.DebugString(), ".")));
  ctx->set_output(0, ctx->TakeInput(0));
}

// ---- Bitcast ----

absl::Status BitcastShape(InferenceContext* c) {
  DataType from, to;
  RG_RETURN_IF_ERROR(c->GetAttr("T", &from));
  RG_RETURN_IF_ERROR(c->GetAttr("type", &to));
  const int from_size = DataTypeSize(from), to_size = DataTypeSize(to);
  Shape shape = c->input(0);
  if (shape.unknown_rank() || from_size == to_size) {
    c->set_output(0, shape);
    return absl::OkStatus();
  }
  if (from_size > to_size) {
    shape.AddDim(from_size / to_size);
    c->set_output(0, shape);
    return absl::OkStatus();
  }
  RG_ASSIGN_OR_RETURN(shape, c->WithRankAtLeast(shape, 1));
  const int64_t last = c->Dim(shape, -1);
  if (last != kUnknownDim && last != to_size / from_size) {
    return absl::InvalidArgumentError(
        absl::StrCat("Cannot bitcast due to shape. ", last,
                     " does not match ", to_size / from_size));
  }
  RG_ASSIGN_OR_RETURN(shape, c->Subshape(shape, 0, -1));
  c->set_output(0, shape);
  return absl::OkStatus();
}

void BitcastKernel(KernelContext* ctx) {
  const Tensor input = ctx->input(0);
  const DataType to = ctx->op().output_type(0);
  const int from_size = DataTypeSize(input.dtype());
  const int to_size = DataTypeSize(to);
  TensorShape shape = input.shape();
  if (from_size > to_size) {
    shape.AddDim(from_size / to_size);
  } else if (from_size < to_size) {
    RG_KERNEL_REQUIRES(
        ctx,
        shape.rank() > 0 && shape.dim(shape.rank() - 1) == to_size / from_size,
        absl::InvalidArgumentError(absl::StrCat(
            "Cannot bitcast from ", static_cast<int>(input.dtype()), " to ",
            static_cast<int>(to))));
    shape.RemoveDim(shape.rank() - 1);
  }
  if (from_size == to_size) {
    ctx->set_output(0, input.BitcastTo(to));
    return;
  }
  Tensor out = ctx->Allocate(to, shape);
  if (!ctx->status().ok()) return;
  if (input.bytes() > 0) {
    std::memcpy(out.mutable_data(), input.data(), input.bytes());
  }
  ctx->set_output(0, std::move(out));
}

// ---- Fills ----

void FillWith(const Tensor& value, Tensor* out) {
  const int64_t count = out->num_elements();
  if (count == 0) return;
  WithElementType(value.dtype(), [&](auto element) {
    using T = decltype(element);
    std::fill_n(MutableElements<T>(out), count, *Elements<T>(value));
  });
}

template <typename T>
void SetOne(Tensor* scalar) {
  scalar->mutable_flat<T>()[0] = static_cast<T>(1.0f);
}

Tensor One(DataType dtype) {
  Tensor one(dtype, TensorShape());
#define RG_SET_ONE(T)                                    \
  if (dtype == DataTypeOf<T>::value) SetOne<T>(&one);
  RG_NUMBER_TYPES(RG_SET_ONE)
#undef RG_SET_ONE
  if (dtype == DT_BOOL) one.mutable_flat<bool>()[0] = true;
  return one;
}

void LikeKernel(KernelContext* ctx, const Tensor& value) {
  const TensorShape shape = ctx->input(0).shape();
  Tensor out = ctx->ForwardOrAllocate(0, value.dtype(), shape);
  if (!ctx->status().ok()) return;
  FillWith(value, &out);
  ctx->set_output(0, std::move(out));
}

void ZerosLikeKernel(KernelContext* ctx) {
  if (ctx->op().output_type(0) == DT_VARIANT) {
    absl::StatusOr<Tensor> zeros = ZerosLikeVariants(ctx->input(0));
    RG_KERNEL_OK(ctx, zeros.status());
    ctx->set_output(0, *std::move(zeros));
    return;
  }
  LikeKernel(ctx, Tensor(ctx->op().output_type(0), TensorShape()));
}

void OnesLikeKernel(KernelContext* ctx) {
  LikeKernel(ctx, One(ctx->op().output_type(0)));
}

absl::Status FillShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 1).status());
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  const Tensor* dims = c->input_tensor(0);
  if (dims != nullptr) {
    for (int64_t dim : IntegerValues(*dims)) {
      if (dim < 0) {
        return absl::InvalidArgumentError("Fill dimensions must be >= 0");
      }
    }
  }
  RG_ASSIGN_OR_RETURN(Shape shape, c->MakeShapeFromInput(0));
  c->set_output(0, shape);
  PassHandleData(c, 1, 0);
  return absl::OkStatus();
}

void FillKernel(KernelContext* ctx) {
  const Tensor& dims = ctx->input(0);
  const Tensor& value = ctx->input(1);
  RG_KERNEL_REQUIRES(ctx, dims.shape().rank() == 1,
                     absl::InvalidArgumentError(
                         absl::StrCat("dims must be a vector, got shape ",
                                      dims.shape().DebugString())));
  RG_KERNEL_REQUIRES(ctx, value.shape().rank() == 0,
                     absl::InvalidArgumentError(
                         absl::StrCat("value must be a scalar, got shape ",
                                      value.shape().DebugString())));
  auto shape = TensorShape::Create(IntegerValues(dims));
  RG_KERNEL_OK(ctx, shape.status());
  Tensor out = ctx->Allocate(value.dtype(), *shape);
  if (!ctx->status().ok()) return;
  FillWith(value, &out);
  ctx->set_output(0, std::move(out));
}

// ---- Registration ----

void RegisterConstants(OpRegistry* registry) {
  registry->Op("Const")
      .Output("output: dtype")
      .Attr("value: tensor")
      .Attr("dtype: type")
      .Shape(ConstShape)
      .Kernel({}, KernelOf<ConstKernel>());
  registry->Op("Placeholder")
      .Output("output: dtype")
      .Attr("dtype: type")
      .Attr("shape: shape = { unknown_rank: true }")
      .Shape(PlaceholderShape)
      .Kernel({}, StatelessKernel(PlaceholderKernel));
  registry->Op("PlaceholderV2")
      .Output("output: dtype")
      .Attr("dtype: type")
      .Attr("shape: shape")
      .Deprecated(23, "Placeholder now behaves the same as PlaceholderV2.")
      .Shape(ShapeFromAttr)
      .Kernel({}, StatelessKernel(PlaceholderKernel));
  registry->Op("PlaceholderWithDefault")
      .Input("input: dtype")
      .Output("output: dtype")
      .Attr("dtype: type")
      .Attr("shape: shape")
      .Shape(PlaceholderWithDefaultShape)
      .Kernel({}, StatelessKernel(IdentityKernel));
}

void RegisterIdentities(OpRegistry* registry) {
  for (const char* name : {"Identity", "StopGradient"}) {
    registry->Op(name)
        .Input("input: T")
        .Output("output: T")
        .Attr("T: type")
        .Shape(IdentityShape)
        .Kernel({}, StatelessKernel(IdentityKernel));
  }
  registry->Op("PreventGradient")
      .Input("input: T")
      .Output("output: T")
      .Attr("T: type")
      .Attr("message: string = ''")
      .Shape(IdentityShape)
      .Kernel({}, StatelessKernel(IdentityKernel));
  registry->Op("RefIdentity")
      .Input("input: Ref(T)")
      .Output("output: Ref(T)")
      .Attr("T: type")
      .AllowsUninitializedInput()
      .Shape(UnchangedShape)
      .UninitializedKernel({}, StatelessKernel(RefIdentityKernel));
  registry->Op("IdentityN")
      .Input("input: T")
      .Output("output: T")
      .Attr("T: list(type) >= 1")
      .Shape(IdentityNShape)
      .Kernel({}, StatelessKernel(IdentityNKernel));
  registry->Op("EnsureShape")
      .Input("input: T")
      .Output("output: T")
      .Attr("shape: shape")
      .Attr("T: type")
      .Shape(EnsureShapeShape)
      .Kernel({}, StatelessKernel(EnsureShapeKernel));
  constexpr char kBitcastTypes[] =
      ": {bfloat16, half, float, double, int64, int32, uint8, uint16, uint32, "
      "uint64, int8, int16, complex64, complex128, qint8, quint8, qint16, "
      "quint16, qint32}";
  registry->Op("Bitcast")
      .Input("input: T")
      .Output("output: type")
      .Attr(absl::StrCat("T", kBitcastTypes))
      .Attr(absl::StrCat("type", kBitcastTypes))
      .Shape(BitcastShape)
      .Kernel({}, StatelessKernel(BitcastKernel));
}

void RegisterFills(OpRegistry* registry) {
  registry->Op("ZerosLike")
      .Input("x: T")
      .Output("y: T")
      .Attr("T: type")
      .Shape(UnchangedShape)
      .Kernel({{"T", Join({DT_VARIANT}, PodAndStringTypes())}},
              StatelessKernel(ZerosLikeKernel));
  registry->Op("OnesLike")
      .Input("x: T")
      .Output("y: T")
      .Attr("T: {bfloat16, half, float, double, int8, uint8, int16, uint16, "
            "int32, int64, complex64, complex128, bool}")
      .Shape(UnchangedShape)
      .Kernel({{"T", PodTypes()}}, StatelessKernel(OnesLikeKernel));
  registry->Op("Fill")
      .Input("dims: index_type")
      .Input("value: T")
      .Output("output: T")
      .Attr("T: type")
      .Attr("index_type: {int32, int64} = DT_INT32")
      .Shape(FillShape)
      .Kernel({{"T", Join({DT_UINT32, DT_QUINT16, DT_QUINT8}, AllTypes())},
               {"index_type", IndexTypes()}},
              StatelessKernel(FillKernel));
}

}  // namespace

void RegisterArrayOps(OpRegistry* registry) {
  RegisterConstants(registry);
  RegisterIdentities(registry);
  RegisterFills(registry);
  RegisterConcatOps(registry);
  RegisterSliceOps(registry);
  RegisterStridedSliceOps(registry);
  RegisterGatherOps(registry);
  RegisterRearrangeOps(registry);
  RegisterSequenceOps(registry);
  RegisterDiagonalOps(registry);
}

}  // namespace retrograph
