// Ref variables: VariableV2 and the ops that change one in place.
//
// A variable's value lives in the session's ResourceManager under its
// container and shared name (or the node's name); the variable's op only hands
// out a reference to it. Assigning takes a reference to the new value's buffer;
// whoever writes later copies first if somebody still reads it.
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/number.h"
#include "ops/scatter.h"
#include "ops/shape_helpers.h"
#include "ops/step_container.h"
#include "ops/standard_ops.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

// ---- Variables ----

// The op of TensorFlow's first days could not tell a scalar from "unknown".
absl::Status VariableShape(InferenceContext* c) {
  Shape shape;
  RG_RETURN_IF_ERROR(c->GetAttr("shape", &shape));
  c->set_output(0, shape.rank() <= 0 ? Shape() : shape);
  return absl::OkStatus();
}

// The attr "shape" as the runtime reads it: an unknown rank is a scalar.
absl::StatusOr<TensorShape> DeclaredShape(const Operation& op) {
  PartialTensorShape shape;
  RG_RETURN_IF_ERROR(op.GetAttr("shape", &shape));
  if (shape.unknown_rank()) return TensorShape();
  if (!shape.IsFullyDefined()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Shape ", shape.DebugString(), " is not fully defined"));
  }
  return TensorShape::Create(shape.dims());
}

// Letters, digits and ".", later also "_", "-" and "/"; or nothing.
bool IsContainerName(absl::string_view name) {
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (absl::ascii_isalnum(c) || c == '.') continue;
    if (i > 0 && (c == '_' || c == '-' || c == '/')) continue;
    return false;
  }
  return true;
}

class VariableKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<VariableKernel>> Create(
      const Operation& op) {
    auto kernel = std::make_unique<VariableKernel>();
    RG_ASSIGN_OR_RETURN(kernel->shape_, DeclaredShape(op));
    std::string container, shared_name;
    RG_RETURN_IF_ERROR(op.GetAttr("container", &container));
    RG_RETURN_IF_ERROR(op.GetAttr("shared_name", &shared_name));
    if (absl::StartsWith(shared_name, "_")) {
      return absl::InvalidArgumentError(
          absl::StrCat("shared_name cannot start with '_':", shared_name));
    }
    if (!IsContainerName(container)) {
      return absl::InvalidArgumentError(
          absl::StrCat("container contains invalid characters: ", container));
    }
    kernel->container_ = ResourceManager::ContainerName(container);
    kernel->name_ = shared_name.empty() ? op.name() : shared_name;
    return kernel;
  }

  void Compute(KernelContext* ctx) override {
    auto variable = ctx->env().resources->LookupOrCreate<VariableValue>(
        container_, name_,
        [&] {
          auto value = std::make_shared<VariableValue>(shape_);
          // Without elements there is nothing to initialise.
          if (shape_.rank() > 0 && shape_.num_elements() == 0) {
            value->Write(
                Tensor(RemoveRefType(ctx->op().output_type(0)), shape_));
          }
          return value;
        });
    RG_KERNEL_OK(ctx, variable.status());
    ctx->set_output_ref(0, *std::move(variable));
  }

 private:
  TensorShape shape_;
  std::string container_, name_;
};

void IsInitializedKernel(KernelContext* ctx) {
  ctx->set_output(0, Tensor::Scalar<bool>(ctx->input_ref(0)->IsInitialized()));
}

// ---- Temporary variables ----

constexpr char kTemporaryVariableTypeText[] =
    "N10tensorflow19TemporaryVariableOp6TmpVarE";

absl::StatusOr<std::string> TemporaryName(const Operation& op) {
  std::string name;
  RG_RETURN_IF_ERROR(op.GetAttr("var_name", &name));
  return name.empty() ? op.name() : name;
}

void TemporaryVariableKernel(KernelContext* ctx) {
  auto name = TemporaryName(ctx->op());
  RG_KERNEL_OK(ctx, name.status());
  auto shape = DeclaredShape(ctx->op());
  RG_KERNEL_OK(ctx, shape.status());
  const DataType dtype = RemoveRefType(ctx->op().output_type(0));
  auto zeros = Tensor::AllocateZeros(dtype, *shape);
  RG_KERNEL_OK(ctx, zeros.status());
  auto variable = std::make_shared<VariableValue>(*shape);
  variable->Write(*std::move(zeros));
  bool is_new = false;
  auto made = ctx->env().resources->LookupOrCreate<VariableValue>(
      StepContainer(ctx->env().step_id), *name, [&] {
        is_new = true;
        return variable;
      });
  RG_KERNEL_OK(ctx, made.status());
  RG_KERNEL_REQUIRES(
      ctx, is_new,
      absl::AlreadyExistsError(absl::StrCat("Resource ", StepContainer(ctx->env().step_id),
                                            "/", *name, "/",
                                            kTemporaryVariableTypeText)));
  ctx->set_output_ref(0, std::move(variable));
}

void DestroyTemporaryVariableKernel(KernelContext* ctx) {
  auto name = TemporaryName(ctx->op());
  RG_KERNEL_OK(ctx, name.status());
  ctx->set_output(0, ctx->input_ref(0)->Read());
  RG_KERNEL_OK(ctx, ctx->env().resources->Delete(StepContainer(ctx->env().step_id), *name,
                                                 typeid(VariableValue),
                                                 kTemporaryVariableTypeText));
}

// ---- Assign ----

absl::Status AssignShape(InferenceContext* c) {
  bool validate_shape = true;
  RG_RETURN_IF_ERROR(c->GetAttr("validate_shape", &validate_shape));
  if (validate_shape) return MergeBothShape(c);
  c->set_output(0, c->input(1));
  return absl::OkStatus();
}

void AssignKernel(KernelContext* ctx) {
  bool validate_shape = true;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("validate_shape", &validate_shape));
  const std::shared_ptr<VariableValue>& variable = ctx->input_ref(0);
  Tensor value = ctx->TakeInput(1);
  RG_KERNEL_OK(ctx, variable->Update([&](Tensor* old) {
    const TensorShape& shape =
        old->IsInitialized() ? old->shape() : variable->declared_shape();
    if (validate_shape && shape != value.shape()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Assign requires shapes of both tensors to match. lhs shape= ",
          shape.DebugString(), " rhs shape= ", value.shape().DebugString()));
    }
    *old = std::move(value);
    return absl::OkStatus();
  }));
  ctx->set_output_ref(0, variable);
}

absl::Status UninitializedError(const KernelContext& ctx) {
  const Output& input = ctx.op().input(0);
  return absl::FailedPreconditionError(absl::StrCat(
      "Attempting to use uninitialized value ",
      input.index == 0 ? input.op->name() : input.name()));
}

template <UpdateKind kind>
void AssignUpdateKernel(KernelContext* ctx) {
  const std::shared_ptr<VariableValue>& variable = ctx->input_ref(0);
  const Tensor& value = ctx->input(1);
  RG_KERNEL_OK(ctx, variable->Update([&](Tensor* params) {
    if (!params->IsInitialized()) return UninitializedError(*ctx);
    if (params->shape() != value.shape()) {
      return absl::InvalidArgumentError(
          "Parameters and update must be the same size");
    }
    return UpdateInPlace(kind, value, params);
  }));
  ctx->set_output_ref(0, variable);
}

// ---- CountUpTo ----

absl::Status CountUpToShape(InferenceContext* c) {
  RG_ASSIGN_OR_RETURN(Shape out, c->WithRank(c->input(0), 0));
  c->set_output(0, out);
  return absl::OkStatus();
}

// Returns the value before, and increments it unless it is at the limit.
void CountUpToKernel(KernelContext* ctx) {
  int64_t limit = 0;
  RG_KERNEL_OK(ctx, ctx->op().GetAttr("limit", &limit));
  Tensor before;
  RG_KERNEL_OK(ctx, ctx->input_ref(0)->Update([&](Tensor* counter) {
    if (!counter->IsInitialized()) return UninitializedError(*ctx);
    if (counter->shape().rank() != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input is not a scalar: ", counter->shape().DebugString()));
    }
    const int64_t value = IntegerValue(*counter);
    if (value >= limit) {
      return absl::OutOfRangeError(absl::StrCat("Reached limit of ", limit));
    }
    before = *counter;
    *counter = IntegerScalar(counter->dtype(), value + 1);
    return absl::OkStatus();
  }));
  ctx->set_output(0, std::move(before));
}

// ---- Scatter ----

absl::Status ScatterShape(InferenceContext* c) {
  const Shape& variable = c->input(0);
  RG_ASSIGN_OR_RETURN(Shape row, c->Subshape(variable, 1));
  RG_ASSIGN_OR_RETURN(Shape updates, c->Concatenate(c->input(1), row));
  if (c->input(2).rank() != 0) {
    RG_RETURN_IF_ERROR(c->Merge(c->input(2), updates).status());
  }
  c->set_output(0, variable);
  return absl::OkStatus();
}

template <UpdateKind kind>
void ScatterKernel(KernelContext* ctx) {
  const std::shared_ptr<VariableValue>& variable = ctx->input_ref(0);
  RG_KERNEL_OK(ctx, variable->Update([&](Tensor* params) {
    if (!params->IsInitialized()) {
      return absl::FailedPreconditionError("Null ref for params");
    }
    return ScatterInPlace(ScatterTarget::kRefVariable, kind, ctx->input(1),
                          ctx->input(2), params);
  }));
  ctx->set_output_ref(0, variable);
}

// ---- Registration ----

void RegisterVariables(OpRegistry* registry) {
  auto variable = [&](const char* name, ShapeFn shape) {
    registry->Op(name)
        .Output("ref: Ref(dtype)")
        .Attr("shape: shape")
        .Attr("dtype: type")
        .Attr("container: string = ''")
        .Attr("shared_name: string = ''")
        .Stateful()
        .Shape(std::move(shape))
        .Kernel({}, KernelOf<VariableKernel>());
  };
  variable("VariableV2", ShapeFromAttr);
  variable("Variable", VariableShape);
  registry->Op("IsVariableInitialized")
      .Input("ref: Ref(dtype)")
      .Output("is_initialized: bool")
      .Attr("dtype: type")
      .AllowsUninitializedInput()
      .Shape(ScalarShape)
      .UninitializedKernel({}, StatelessKernel(IsInitializedKernel));
  registry->Op("TemporaryVariable")
      .Output("ref: Ref(dtype)")
      .Attr("shape: shape")
      .Attr("dtype: type")
      .Attr("var_name: string = ''")
      .Stateful()
      .Shape(ShapeFromAttr)
      .Kernel({}, StatelessKernel(TemporaryVariableKernel));
  registry->Op("DestroyTemporaryVariable")
      .Input("ref: Ref(T)")
      .Output("value: T")
      .Attr("T: type")
      .Attr("var_name: string")
      .Shape(UnchangedShape)
      .Kernel({}, StatelessKernel(DestroyTemporaryVariableKernel));
}

void RegisterAssigns(OpRegistry* registry) {
  registry->Op("Assign")
      .Input("ref: Ref(T)")
      .Input("value: T")
      .Output("output_ref: Ref(T)")
      .Attr("T: type")
      .Attr("validate_shape: bool = true")
      .Attr("use_locking: bool = true")
      .AllowsUninitializedInput()
      .Shape(AssignShape)
      .UninitializedKernel(
          {{"T", Join({DT_QUINT16}, Join(QuantizedTypes(), AllTypes()))}},
          StatelessKernel(AssignKernel));
  auto update = [&](const char* name, void (*compute)(KernelContext*)) {
    registry->Op(name)
        .Input("ref: Ref(T)")
        .Input("value: T")
        .Output("output_ref: Ref(T)")
        .Attr(absl::StrCat("T: ", kNumberTypes))
        .Attr("use_locking: bool = false")
        .Shape(MergeBothShape)
        .Kernel({{"T", NumberTypes()}}, StatelessKernel(compute));
  };
  update("AssignAdd", AssignUpdateKernel<UpdateKind::kAdd>);
  update("AssignSub", AssignUpdateKernel<UpdateKind::kSub>);
  registry->Op("CountUpTo")
      .Input("ref: Ref(T)")
      .Output("output: T")
      .Attr("limit: int")
      .Attr("T: {int32, int64}")
      .Shape(CountUpToShape)
      .Kernel({{"T", IndexTypes()}}, StatelessKernel(CountUpToKernel));
}

void RegisterScatters(OpRegistry* registry) {
  registry->Op("ScatterUpdate")
      .Input("ref: Ref(T)")
      .Input("indices: Tindices")
      .Input("updates: T")
      .Output("output_ref: Ref(T)")
      .Attr("T: type")
      .Attr("Tindices: {int32, int64}")
      .Attr("use_locking: bool = true")
      .Shape(ScatterShape)
      .Kernel({{"T", AllTypes()}, {"Tindices", IndexTypes()}},
              StatelessKernel(ScatterKernel<UpdateKind::kAssign>));
  auto scatter = [&](const char* name, absl::string_view allowed,
                     DataTypeVector types, void (*compute)(KernelContext*)) {
    registry->Op(name)
        .Input("ref: Ref(T)")
        .Input("indices: Tindices")
        .Input("updates: T")
        .Output("output_ref: Ref(T)")
        .Attr(absl::StrCat("T: ", allowed))
        .Attr("Tindices: {int32, int64}")
        .Attr("use_locking: bool = false")
        .Shape(ScatterShape)
        .Kernel({{"T", std::move(types)}, {"Tindices", IndexTypes()}},
                StatelessKernel(compute));
  };
  scatter("ScatterAdd", kNumberTypes, NumberTypes(),
          ScatterKernel<UpdateKind::kAdd>);
  scatter("ScatterSub", kNumberTypes, NumberTypes(),
          ScatterKernel<UpdateKind::kSub>);
  scatter("ScatterMul", kNumberTypes, NumberTypes(),
          ScatterKernel<UpdateKind::kMul>);
  scatter("ScatterDiv", kNumberTypes, NumberTypes(),
          ScatterKernel<UpdateKind::kDiv>);
  constexpr absl::string_view kMinMaxTypes =
      "{half, bfloat16, float, double, int32, int64}";
  scatter("ScatterMin", kMinMaxTypes, RealTypes(),
          ScatterKernel<UpdateKind::kMin>);
  scatter("ScatterMax", kMinMaxTypes, RealTypes(),
          ScatterKernel<UpdateKind::kMax>);
}

}  // namespace

void RegisterStateOps(OpRegistry* registry) {
  RegisterVariables(registry);
  RegisterAssigns(registry);
  RegisterScatters(registry);
}

}  // namespace retrograph
