// Queues: the ops that make one and those that use it. The first version of
// each (a reference to a string vector for a handle) stands beside the second
// (a resource handle).
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/data_movement.h"
#include "ops/kernel.h"
#include "ops/queue.h"
#include "ops/queue_kinds.h"
#include "ops/queue_ops.h"
#include "ops/resource_handle.h"
#include "ops/shape_helpers.h"
#include "ops/waiting_kernel.h"

namespace retrograph {
namespace {

// ---- Making one ----

class QueueKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<QueueKernel>> Create(
      const Operation& op) {
    RG_RETURN_IF_ERROR(ReadQueueConfig(op, "").status());
    return std::make_unique<QueueKernel>();
  }

  void Compute(KernelContext* ctx) override {
    absl::MutexLock lock(&mu_);
    if (ref_ == nullptr) RG_KERNEL_OK(ctx, MakeOrFind(ctx));
    if (ctx->op().output_type(0) == DT_RESOURCE) {
      ctx->set_output(0, handle_);
    } else {
      ctx->set_output_ref(0, ref_);
    }
  }

 private:
  absl::Status MakeOrFind(KernelContext* ctx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    RG_ASSIGN_OR_RETURN(const ResourceName name, NameResource(ctx->op()));
    RG_ASSIGN_OR_RETURN(const QueueConfig config,
                        ReadQueueConfig(ctx->op(), name.name));
    RG_ASSIGN_OR_RETURN(
        const std::shared_ptr<Queue> queue,
        ctx->env().resources->LookupOrCreate<Queue>(
            name.container, name.name,
            [&]() -> absl::StatusOr<std::shared_ptr<Queue>> {
              return MakeQueue(config);
            }));
    RG_RETURN_IF_ERROR(queue->Matches(config, ctx->op().type()));
    handle_ = ResourceHandleTo<Queue>(name, kQueueTypeText);
    ref_ = std::make_shared<VariableValue>();
    ref_->Write(Tensor::Vector<std::string>({name.container, name.name}));
    return absl::OkStatus();
  }

  absl::Mutex mu_;
  // Both forms of the handle; null until the queue is there.
  std::shared_ptr<VariableValue> ref_ ABSL_GUARDED_BY(mu_);
  Tensor handle_ ABSL_GUARDED_BY(mu_);
};

// ---- Using one ----

absl::StatusOr<std::shared_ptr<Queue>> QueueOf(const KernelContext& ctx) {
  if (ctx.input_ref(0) == nullptr) {
    return LookupInput<Queue>(ctx, 0, kQueueTypeText);
  }
  const Tensor handle = ctx.input_ref(0)->Read();
  if (!handle.IsInitialized()) {
    return absl::FailedPreconditionError(
        absl::StrCat("Attempting to use uninitialized value ",
                     ctx.op().input(0).op->name()));
  }
  if (handle.num_elements() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("Resource handle must have 2 elements, but had shape: ",
                     handle.shape().DebugString()));
  }
  const auto parts = handle.flat<std::string>();
  return ctx.env().resources->Lookup<Queue>(parts[0], parts[1], kQueueTypeText);
}

std::string TypesText(const std::vector<DataType>& types) {
  std::string text;
  for (DataType type : types) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", DataTypeString(type));
  }
  return text;
}

// The op's types of components must be the queue's.
absl::Status CheckTypes(const KernelContext& ctx, const Queue& queue,
                        absl::string_view attr) {
  DataTypeVector types;
  RG_RETURN_IF_ERROR(ctx.op().GetAttr(attr, &types));
  if (types == queue.config().types) return absl::OkStatus();
  const std::vector<DataType>& wanted = queue.config().types;
  const std::string handle =
      ctx.input_ref(0) != nullptr ? "string_ref" : "resource";
  const std::string count =
      ctx.op().num_inputs() > 1 && attr == "component_types" ? ", int32" : "";
  const auto in = [&](const std::vector<DataType>& list) {
    if (attr == "component_types") {
      return absl::StrCat(handle, count, "->", TypesText(list));
    }
    return absl::StrCat(handle, ", ", TypesText(list), "->");
  };
  return absl::InvalidArgumentError(absl::StrCat(
      "Signature mismatch, have: ", in(types), " expected: ", in(wanted)));
}

template <void (*use)(KernelContext*, const std::shared_ptr<Queue>&, Done)>
using QueueUser = WaitingKernel<Queue, QueueOf, use>;

Queue::Row Components(KernelContext* ctx) {
  Queue::Row row;
  for (int i = 1; i < ctx->num_inputs(); ++i) row.push_back(ctx->TakeInput(i));
  return row;
}

void EnqueueTo(KernelContext* ctx, const std::shared_ptr<Queue>& queue,
               Done done) {
  ctx->SetStatus(CheckTypes(*ctx, *queue, "Tcomponents"));
  if (!ctx->status().ok()) return done();
  queue->Enqueue(ctx, Components(ctx), std::move(done));
}

void EnqueueManyTo(KernelContext* ctx, const std::shared_ptr<Queue>& queue,
                   Done done) {
  ctx->SetStatus(CheckTypes(*ctx, *queue, "Tcomponents"));
  if (!ctx->status().ok()) return done();
  queue->EnqueueMany(ctx, Components(ctx), std::move(done));
}

void DequeueFrom(KernelContext* ctx, const std::shared_ptr<Queue>& queue,
                 Done done) {
  ctx->SetStatus(CheckTypes(*ctx, *queue, "component_types"));
  if (!ctx->status().ok()) return done();
  queue->Dequeue(ctx, std::move(done));
}

template <bool up_to>
void DequeueManyFrom(KernelContext* ctx, const std::shared_ptr<Queue>& queue,
                     Done done) {
  const int64_t count = IntegerValue(ctx->input(1));
  if (count < 0) {
    ctx->SetStatus(absl::InvalidArgumentError(
        absl::StrCat(up_to ? "DequeueUpToOp" : "DequeueManyOp", " requested ",
                     count, " < 0 elements")));
  }
  ctx->SetStatus(CheckTypes(*ctx, *queue, "component_types"));
  if (!ctx->status().ok()) return done();
  queue->DequeueMany(ctx, count, up_to, std::move(done));
}

void CloseQueue(KernelContext* ctx, const std::shared_ptr<Queue>& queue,
                Done done) {
  bool cancel_pending = false;
  ctx->SetStatus(
      ctx->op().GetAttr("cancel_pending_enqueues", &cancel_pending));
  if (!ctx->status().ok()) return done();
  queue->Close(ctx, cancel_pending, std::move(done));
}

void SizeKernel(KernelContext* ctx) {
  const auto queue = QueueOf(*ctx);
  RG_KERNEL_OK(ctx, queue.status());
  ctx->set_output(
      0, Tensor::Scalar<int32_t>(static_cast<int32_t>((*queue)->Size())));
}

void IsClosedKernel(KernelContext* ctx) {
  const auto queue = QueueOf(*ctx);
  RG_KERNEL_OK(ctx, queue.status());
  ctx->set_output(0, Tensor::Scalar<bool>((*queue)->IsClosed()));
}

// ---- Shapes ----

absl::Status PairShape(InferenceContext* c) {
  c->set_output(0, VectorOf(2));
  return absl::OkStatus();
}

// What is known of the components is set from outside; `n` is checked.
absl::Status DequeueManyShape(InferenceContext* c) {
  const Tensor* n = c->input_tensor(1);
  if (n != nullptr && IntegerValue(*n) < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Input 'n' must be >= 0, but is ", IntegerValue(*n)));
  }
  return UnknownShape(c);
}

// ---- Registration ----

void RegisterMaker(OpRegistry* registry, const std::string& type,
                   bool second) {
  const bool by_priority = type == "PriorityQueue";
  OpBuilder op = registry->Op(second ? type + "V2" : type);
  op.Output(second ? "handle: resource" : "handle: Ref(string)")
      .Attr(by_priority ? "component_types: list(type) >= 0 = []"
                        : "component_types: list(type) >= 1")
      .Attr(by_priority ? "shapes: list(shape) >= 0"
                        : "shapes: list(shape) >= 0 = []")
      .Attr("capacity: int = -1");
  if (type == "RandomShuffleQueue") {
    op.Attr("min_after_dequeue: int = 0")
        .Attr("seed: int = 0")
        .Attr("seed2: int = 0");
  }
  op.Attr("container: string = ''")
      .Attr("shared_name: string = ''")
      .Stateful()
      .Shape(second ? ScalarShape : PairShape)
      .Kernel({}, KernelOf<QueueKernel>());
}

// An op on a queue in its first form and, as "...V2", in its second.
OpBuilder User(OpRegistry* registry, absl::string_view type, bool second) {
  OpBuilder op = registry->Op(absl::StrCat(type, second ? "V2" : ""));
  op.Input(second ? "handle: resource" : "handle: Ref(string)");
  if (second) op.Stateful();
  return op;
}

void RegisterUsers(OpRegistry* registry, bool second) {
  User(registry, "QueueEnqueue", second)
      .Input("components: Tcomponents")
      .Attr("Tcomponents: list(type) >= 1")
      .Attr("timeout_ms: int = -1")
      .Shape(UnknownShape)
      .Kernel({}, KernelOf<QueueUser<EnqueueTo>>());
  User(registry, "QueueEnqueueMany", second)
      .Input("components: Tcomponents")
      .Attr("Tcomponents: list(type) >= 1")
      .Attr("timeout_ms: int = -1")
      .Shape(UnknownShape)
      .Kernel({}, KernelOf<QueueUser<EnqueueManyTo>>());
  User(registry, "QueueDequeue", second)
      .Output("components: component_types")
      .Attr("component_types: list(type) >= 1")
      .Attr("timeout_ms: int = -1")
      .Shape(UnknownShape)
      .Kernel({}, KernelOf<QueueUser<DequeueFrom>>());
  User(registry, "QueueDequeueMany", second)
      .Input("n: int32")
      .Output("components: component_types")
      .Attr("component_types: list(type) >= 1")
      .Attr("timeout_ms: int = -1")
      .Shape(second ? DequeueManyShape : UnknownShape)
      .Kernel({}, KernelOf<QueueUser<DequeueManyFrom<false>>>());
  User(registry, "QueueDequeueUpTo", second)
      .Input("n: int32")
      .Output("components: component_types")
      .Attr("component_types: list(type) >= 1")
      .Attr("timeout_ms: int = -1")
      .Shape(UnknownShape)
      .Kernel({}, KernelOf<QueueUser<DequeueManyFrom<true>>>());
  User(registry, "QueueClose", second)
      .Attr("cancel_pending_enqueues: bool = false")
      .Shape(NoOutputShape)
      .Kernel({}, KernelOf<QueueUser<CloseQueue>>());
  User(registry, "QueueIsClosed", second)
      .Output("is_closed: bool")
      .Shape(ScalarShape)
      .Kernel({}, StatelessKernel(IsClosedKernel));
  User(registry, "QueueSize", second)
      .Output("size: int32")
      .Shape(ScalarShape)
      .Kernel({}, StatelessKernel(SizeKernel));
}

}  // namespace

void RegisterQueueOps(OpRegistry* registry) {
  for (const bool second : {false, true}) {
    for (const char* type : {"FIFOQueue", "PaddingFIFOQueue", "PriorityQueue",
                             "RandomShuffleQueue"}) {
      RegisterMaker(registry, type, second);
    }
    RegisterUsers(registry, second);
  }
  RegisterReaderOps(registry);
}

}  // namespace retrograph
