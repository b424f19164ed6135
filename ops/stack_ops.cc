// Stacks of tensors that live for one run: where a loop keeps what the loop
// that goes back through it asks for (ops/loop_gradient.h).
//
// Source: tensorflow/core/ops/data_flow_ops.cc, kernels/stack.cc.
#include <atomic>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/resource_handle.h"
#include "ops/shape_helpers.h"
#include "ops/step_container.h"
#include "ops/tensor_array_ops.h"
#include "ops/type_lists.h"

namespace retrograph {
namespace {

constexpr char kStackTypeText[] = "N10tensorflow5StackE";

class TensorStack final : public Resource {
 public:
  TensorStack(std::string name, DataType dtype, int64_t max_size)
      : name_(std::move(name)), dtype_(dtype), max_size_(max_size) {}

  std::string DebugString() const override {
    return absl::StrCat("Stack[", name_, "]");
  }
  DataType dtype() const { return dtype_; }

  absl::Status Push(Tensor value) {
    absl::MutexLock lock(&mu_);
    RG_RETURN_IF_ERROR(CheckOpen());
    if (max_size_ >= 0 && static_cast<int64_t>(values_.size()) >= max_size_) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Stack[", name_, "] overflowed its max_size (", max_size_, ")"));
    }
    values_.push_back(std::move(value));
    return absl::OkStatus();
  }

  absl::StatusOr<Tensor> Pop() {
    absl::MutexLock lock(&mu_);
    RG_RETURN_IF_ERROR(CheckOpen());
    if (values_.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Stack[", name_, "] is empty when calling Pop()."));
    }
    Tensor value = std::move(values_.back());
    values_.pop_back();
    return value;
  }

  void Close() {
    absl::MutexLock lock(&mu_);
    values_.clear();
    closed_ = true;
  }

 private:
  absl::Status CheckOpen() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (!closed_) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("Stack[", name_, "] has already been closed."));
  }

  const std::string name_;
  const DataType dtype_;
  const int64_t max_size_;
  absl::Mutex mu_;
  std::vector<Tensor> values_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

absl::Status MakeStack(KernelContext* ctx) {
  static std::atomic<int64_t> next_number{0};
  const Tensor& size = ctx->input(0);
  if (size.shape().rank() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("Stack size must be a scalar, but had shape: ",
                     size.shape().DebugString()));
  }
  const int64_t max_size = size.scalar<int32_t>();
  DataType dtype = DT_INVALID;
  std::string name;
  RG_RETURN_IF_ERROR(ctx->op().GetAttr("elem_type", &dtype));
  RG_RETURN_IF_ERROR(ctx->op().GetAttr("stack_name", &name));
  if (name.empty()) name = ctx->op().name();
  const std::string unique = absl::StrCat(name, "_", next_number.fetch_add(1));
  const ResourceName resource = {StepContainer(ctx->env().step_id),
                                 absl::StrCat("_stacks", unique)};
  RG_RETURN_IF_ERROR(
      ctx->env()
          .resources
          ->LookupOrCreate<TensorStack>(
              resource.container, resource.name,
              [&]() -> absl::StatusOr<std::shared_ptr<TensorStack>> {
                return std::make_shared<TensorStack>(name, dtype, max_size);
              })
          .status());
  ctx->set_output(0, ResourceHandleTo<TensorStack>(resource, kStackTypeText));
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<TensorStack>> StackOf(KernelContext* ctx) {
  return LookupInput<TensorStack>(*ctx, 0, kStackTypeText);
}

void MakeKernel(KernelContext* ctx) { RG_KERNEL_OK(ctx, MakeStack(ctx)); }

void PushKernel(KernelContext* ctx) {
  auto stack = StackOf(ctx);
  RG_KERNEL_OK(ctx, stack.status());
  const Tensor& value = ctx->input(1);
  RG_KERNEL_REQUIRES(
      ctx, value.dtype() == (*stack)->dtype(),
      absl::InvalidArgumentError(absl::StrCat(
          "Must have type ", DataTypeString((*stack)->dtype()), " but got ",
          DataTypeString(value.dtype()))));
  RG_KERNEL_OK(ctx, (*stack)->Push(value));
  ctx->set_output(0, value);
}

void PopKernel(KernelContext* ctx) {
  auto stack = StackOf(ctx);
  RG_KERNEL_OK(ctx, stack.status());
  auto value = (*stack)->Pop();
  RG_KERNEL_OK(ctx, value.status());
  ctx->set_output(0, *std::move(value));
}

void CloseKernel(KernelContext* ctx) {
  auto stack = StackOf(ctx);
  RG_KERNEL_OK(ctx, stack.status());
  (*stack)->Close();
}

absl::Status MakeShape(InferenceContext* c) {
  c->set_output(0, VectorOf(2));
  return absl::OkStatus();
}

absl::Status PushShape(InferenceContext* c) {
  c->set_output(0, c->input(1));
  return absl::OkStatus();
}

}  // namespace

void RegisterStackOps(OpRegistry* registry) {
  registry->Op("StackV2")
      .Input("max_size: int32")
      .Output("handle: resource")
      .Attr("elem_type: type")
      .Attr("stack_name: string = ''")
      .Stateful()
      .Shape(MakeShape)
      .Kernel({}, StatelessKernel(MakeKernel));
  registry->Op("StackPushV2")
      .Input("handle: resource")
      .Input("elem: T")
      .Output("output: T")
      .Attr("T: type")
      .Attr("swap_memory: bool = false")
      .Stateful()
      .Shape(PushShape)
      .Kernel({{"T", AllTypes()}}, StatelessKernel(PushKernel));
  registry->Op("StackPopV2")
      .Input("handle: resource")
      .Output("elem: elem_type")
      .Attr("elem_type: type")
      .Stateful()
      .Shape(UnknownShape)
      .Kernel({{"elem_type", AllTypes()}}, StatelessKernel(PopKernel));
  registry->Op("StackCloseV2")
      .Input("handle: resource")
      .Stateful()
      .Shape(NoOutputShape)
      .Kernel({}, StatelessKernel(CloseKernel));
}

}  // namespace retrograph
