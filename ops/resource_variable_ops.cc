// Resource variables: VarHandleOp gives a handle, the other ops find the value
// behind it in the session's ResourceManager.
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/gather.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/resource_handle.h"
#include "ops/scatter.h"
#include "ops/shape_helpers.h"
#include "ops/standard_ops.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

using VariablePtr = std::shared_ptr<ResourceVariable>;

// ---- The handle ----

absl::Status VarHandleShape(InferenceContext* c) {
  HandleData data;
  RG_RETURN_IF_ERROR(c->GetAttr("dtype", &data.dtype));
  RG_RETURN_IF_ERROR(c->GetAttr("shape", &data.shape));
  c->set_output(0, ScalarOf());
  c->set_output_handle_data(0, std::move(data));
  return absl::OkStatus();
}

class VarHandleKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<VarHandleKernel>> Create(
      const Operation& op) {
    std::string container;
    ResourceHandle handle;
    RG_RETURN_IF_ERROR(op.GetAttr("container", &container));
    RG_RETURN_IF_ERROR(op.GetAttr("shared_name", &handle.name));
    handle.device = "/job:localhost/replica:0/task:0/device:CPU:0";
    handle.container = ResourceManager::ContainerName(container);
    handle.hash_code = typeid(ResourceVariable).hash_code();
    handle.maybe_type_name = kResourceVariableTypeText;
    auto kernel = std::make_unique<VarHandleKernel>();
    kernel->handle_ = Tensor::Scalar(std::move(handle));
    return kernel;
  }
  void Compute(KernelContext* ctx) override { ctx->set_output(0, handle_); }

 private:
  Tensor handle_;
};

absl::StatusOr<VariablePtr> LookupVariable(const KernelContext& ctx) {
  return LookupInput<ResourceVariable>(ctx, 0, kResourceVariableTypeText);
}

// What is known of the variable behind input 0; the dtype must be the op's.
absl::StatusOr<Shape> HandleShape(InferenceContext* c) {
  const HandleData* data = c->input_handle_data(0);
  if (data == nullptr) return Shape();
  DataType dtype;
  RG_RETURN_IF_ERROR(c->GetAttr("dtype", &dtype));
  if (data->dtype != dtype) {
    return absl::InvalidArgumentError(
        absl::StrCat("Trying to read variable with wrong dtype. Expected ",
                     DataTypeString(data->dtype), " got ",
                     DataTypeString(dtype)));
  }
  return data->shape;
}

// ---- Reading ----

absl::Status ReadShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape shape, HandleShape(c));
  c->set_output(0, shape);
  return absl::OkStatus();
}

void ReadKernel(KernelContext* ctx) {
  const auto handle = HandleInput(*ctx, 0);
  RG_KERNEL_OK(ctx, handle.status());
  auto variable = LookupVariable(*ctx);
  if (!variable.ok()) {
    ctx->SetStatus(absl::FailedPreconditionError(absl::StrCat(
        "Error while reading resource variable ", (*handle)->name,
        " from Container: ", (*handle)->container,
        ". This could mean that the variable was uninitialized. Not found: ",
        variable.status().message())));
    return;
  }
  Tensor value = (*variable)->Read();
  const DataType dtype = ctx->op().output_type(0);
  RG_KERNEL_REQUIRES(
      ctx, value.dtype() == dtype,
      absl::InvalidArgumentError(absl::StrCat(
          "Trying to read variable with wrong dtype. Expected ",
          DataTypeString(dtype), " got ", DataTypeString(value.dtype()))));
  ctx->set_output(0, std::move(value));
}

void IsInitializedKernel(KernelContext* ctx) {
  ctx->set_output(0, Tensor::Scalar<bool>(LookupVariable(*ctx).ok()));
}

absl::Status VariableShapeShape(InferenceContext* c) {
  const HandleData* data = c->input_handle_data(0);
  const int rank = data == nullptr ? -1 : data->shape.rank();
  c->set_output(0, VectorOf(rank < 0 ? kUnknownDim : rank));
  return absl::OkStatus();
}

void VariableShapeKernel(KernelContext* ctx) {
  auto variable = LookupVariable(*ctx);
  RG_KERNEL_OK(ctx, variable.status());
  const Tensor value = (*variable)->Read();
  const auto dims = value.shape().dims();
  ctx->set_output(0, IntegerVector(ctx->op().output_type(0),
                                   {dims.begin(), dims.end()}));
}

// ---- Assigning ----

absl::Status AssignShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape shape, HandleShape(c));
  return c->Merge(shape, c->input(1)).status();
}

// Any shape will do at run time: the static one is not looked at.
void AssignKernel(KernelContext* ctx) {
  const auto handle = HandleInput(*ctx, 0);
  RG_KERNEL_OK(ctx, handle.status());
  Tensor value = ctx->TakeInput(1);
  auto variable = ctx->env().resources->LookupOrCreate<ResourceVariable>(
      (*handle)->container, (*handle)->name,
      [&]() -> absl::StatusOr<VariablePtr> {
        auto made = std::make_shared<ResourceVariable>();
        made->Write(value);
        return made;
      });
  RG_KERNEL_OK(ctx, variable.status());
  RG_KERNEL_OK(ctx, (*variable)->Update([&](Tensor* old) {
    if (old->dtype() != value.dtype()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Trying to assign variable with wrong dtype. Expected ",
          DataTypeString(old->dtype()), " got ",
          DataTypeString(value.dtype())));
    }
    *old = std::move(value);
    return absl::OkStatus();
  }));
}

template <UpdateKind kind>
void AssignUpdateKernel(KernelContext* ctx) {
  auto variable = LookupVariable(*ctx);
  RG_KERNEL_OK(ctx, variable.status());
  const Tensor& value = ctx->input(1);
  RG_KERNEL_OK(ctx, (*variable)->Update([&](Tensor* params) {
    if (params->dtype() != value.dtype()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Cannot update variable of dtype ",
                       DataTypeString(params->dtype()), " using a Tensor of ",
                       DataTypeString(value.dtype())));
    }
    if (params->shape() != value.shape()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Cannot update variable with shape ", params->shape().DebugString(),
          " using a Tensor with shape ", value.shape().DebugString(),
          ", shapes must be equal."));
    }
    return UpdateInPlace(kind, value, params);
  }));
}

void DestroyKernel(KernelContext* ctx) {
  bool ignore_lookup_error = true;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("ignore_lookup_error",
                                      &ignore_lookup_error));
  const auto handle = HandleInput(*ctx, 0);
  RG_KERNEL_OK(ctx, handle.status());
  const absl::Status status = ctx->env().resources->DeleteByHash(
      (*handle)->container, (*handle)->name, (*handle)->hash_code, "<unknown>");
  if (!ignore_lookup_error) RG_KERNEL_OK(ctx, status);
}

// ---- Rows ----

absl::Status ResourceGatherShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape params, HandleShape(c));
  int64_t batch_dims = 0;
  RG_RETURN_IF_ERROR(c->GetAttr("batch_dims", &batch_dims));
  if (batch_dims < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("batch_dims is negative (", batch_dims, ")"));
  }
  const int batch = static_cast<int>(batch_dims);
  RG_ASSIGN_OR_RETURN(params, c->WithRankAtLeast(params, batch + 1));
  RG_ASSIGN_OR_RETURN(Shape indices, c->WithRankAtLeast(c->input(1), batch));
  RG_ASSIGN_OR_RETURN(Shape chosen, c->Subshape(indices, batch));
  RG_ASSIGN_OR_RETURN(Shape out, c->Subshape(params, 0, batch));
  RG_ASSIGN_OR_RETURN(out, c->Concatenate(out, chosen));
  RG_ASSIGN_OR_RETURN(Shape row, c->Subshape(params, batch + 1));
  RG_ASSIGN_OR_RETURN(out, c->Concatenate(out, row));
  c->set_output(0, out);
  return absl::OkStatus();
}

void ResourceGatherKernel(KernelContext* ctx) {
  auto variable = LookupVariable(*ctx);
  RG_KERNEL_OK(ctx, variable.status());
  int64_t batch_dims = 0;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("batch_dims", &batch_dims));
  const Tensor params = (*variable)->Read();
  const Tensor& indices = ctx->input(1);
  RG_KERNEL_REQUIRES(
      ctx, params.shape().rank() >= 1,
      absl::InvalidArgumentError("params must be at least 1 dimensional"));
  RG_KERNEL_REQUIRES(
      ctx,
      batch_dims < params.shape().rank() &&
          batch_dims <= indices.shape().rank(),
      absl::InvalidArgumentError(
          absl::StrCat("batch_dims (", batch_dims, ") must be less than rank(",
                       "params) (", params.shape().rank(), ").")));
  // TensorFlow aborts here.
  RG_KERNEL_REQUIRES(
      ctx, params.dtype() == ctx->op().output_type(0),
      absl::InvalidArgumentError(absl::StrCat(
          "Trying to read variable with wrong dtype. Expected ",
          DataTypeString(ctx->op().output_type(0)), " got ",
          DataTypeString(params.dtype()))));
  const int batch = static_cast<int>(batch_dims);
  auto out = GatherRows(params, indices, batch, batch);
  RG_KERNEL_OK(ctx, out.status());
  ctx->set_output(0, *std::move(out));
}

absl::Status ResourceScatterShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape variable, HandleShape(c));
  RG_ASSIGN_OR_RETURN(Shape row, c->Subshape(variable, 1));
  RG_ASSIGN_OR_RETURN(Shape updates, c->Concatenate(c->input(1), row));
  if (c->input(2).rank() == 0) return absl::OkStatus();
  return c->Merge(c->input(2), updates).status();
}

template <UpdateKind kind>
void ResourceScatterKernel(KernelContext* ctx) {
  auto variable = LookupVariable(*ctx);
  RG_KERNEL_OK(ctx, variable.status());
  const Tensor& updates = ctx->input(2);
  RG_KERNEL_OK(ctx, (*variable)->Update([&](Tensor* params) {
    if (params->dtype() != updates.dtype()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Cannot update variable of dtype ",
                       DataTypeString(params->dtype()), " using a Tensor of ",
                       DataTypeString(updates.dtype())));
    }
    return ScatterInPlace(ScatterTarget::kResourceVariable, kind,
                          ctx->input(1), updates, params);
  }));
}

// ---- Registration ----

void RegisterHandles(OpRegistry* registry) {
  registry->Op("VarHandleOp")
      .Output("resource: resource")
      .Attr("container: string = ''")
      .Attr("shared_name: string = ''")
      .Attr("dtype: type")
      .Attr("shape: shape")
      .Stateful()
      .Shape(VarHandleShape)
      .Kernel({}, KernelOf<VarHandleKernel>());
  registry->Op("ReadVariableOp")
      .Input("resource: resource")
      .Output("value: dtype")
      .Attr("dtype: type")
      .Stateful()
      .Shape(ReadShape)
      .Kernel({}, StatelessKernel(ReadKernel));
  registry->Op("VarIsInitializedOp")
      .Input("resource: resource")
      .Output("is_initialized: bool")
      .Stateful()
      .Shape(ScalarShape)
      .Kernel({}, StatelessKernel(IsInitializedKernel));
  registry->Op("DestroyResourceOp")
      .Input("resource: resource")
      .Attr("ignore_lookup_error: bool = true")
      .Stateful()
      .Shape(NoOutputShape)
      .Kernel({}, StatelessKernel(DestroyKernel));
  registry->Op("VariableShape")
      .Input("input: resource")
      .Output("output: out_type")
      .Attr("out_type: {int32, int64} = DT_INT32")
      .Stateful()
      .Shape(VariableShapeShape)
      .Kernel({{"out_type", IndexTypes()}},
              StatelessKernel(VariableShapeKernel));
}

void RegisterAssigns(OpRegistry* registry) {
  auto assign = [&](const char* name, DataTypeVector types,
                    void (*compute)(KernelContext*)) {
    registry->Op(name)
        .Input("resource: resource")
        .Input("value: dtype")
        .Attr("dtype: type")
        .Stateful()
        .Shape(AssignShape)
        .Kernel({{"dtype", std::move(types)}}, StatelessKernel(compute));
  };
  assign("AssignVariableOp", Join(QuantizedTypes(), AllTypes()), AssignKernel);
  assign("AssignAddVariableOp", NumberTypes(),
         AssignUpdateKernel<UpdateKind::kAdd>);
  assign("AssignSubVariableOp", NumberTypes(),
         AssignUpdateKernel<UpdateKind::kSub>);
}

void RegisterRows(OpRegistry* registry) {
  registry->Op("ResourceGather")
      .Input("resource: resource")
      .Input("indices: Tindices")
      .Output("output: dtype")
      .Attr("batch_dims: int = 0")
      .Attr("validate_indices: bool = true")
      .Attr("dtype: type")
      .Attr("Tindices: {int32, int64}")
      .Stateful()
      .Shape(ResourceGatherShape)
      .Kernel({{"dtype", Join(QuantizedTypes(), AllTypes())},
               {"Tindices", IndexTypes()}},
              StatelessKernel(ResourceGatherKernel));
  auto scatter = [&](const char* name, absl::string_view dtype,
                     DataTypeVector types, void (*compute)(KernelContext*)) {
    registry->Op(name)
        .Input("resource: resource")
        .Input("indices: Tindices")
        .Input("updates: dtype")
        .Attr(absl::StrCat("dtype: ", dtype))
        .Attr("Tindices: {int32, int64}")
        .Stateful()
        .Shape(ResourceScatterShape)
        .Kernel({{"dtype", std::move(types)}, {"Tindices", IndexTypes()}},
                StatelessKernel(compute));
  };
  scatter("ResourceScatterUpdate", "type",
          Join({DT_VARIANT, DT_BOOL, DT_STRING}, NumberTypes()),
          ResourceScatterKernel<UpdateKind::kAssign>);
  scatter("ResourceScatterAdd", kNumberTypes, NumberTypes(),
          ResourceScatterKernel<UpdateKind::kAdd>);
  scatter("ResourceScatterSub", kNumberTypes, NumberTypes(),
          ResourceScatterKernel<UpdateKind::kSub>);
  scatter("ResourceScatterMul", kNumberTypes, NumberTypes(),
          ResourceScatterKernel<UpdateKind::kMul>);
  scatter("ResourceScatterDiv", kNumberTypes, NumberTypes(),
          ResourceScatterKernel<UpdateKind::kDiv>);
  scatter("ResourceScatterMin", kNumberTypes, RealTypes(),
          ResourceScatterKernel<UpdateKind::kMin>);
  scatter("ResourceScatterMax", kNumberTypes, RealTypes(),
          ResourceScatterKernel<UpdateKind::kMax>);
}

}  // namespace

void RegisterResourceVariableOps(OpRegistry* registry) {
  RegisterHandles(registry);
  RegisterAssigns(registry);
  RegisterRows(registry);
}

}  // namespace retrograph
