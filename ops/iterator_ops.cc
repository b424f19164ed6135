// Iterators: resources that go through a dataset, one element a run.
#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/cleanup/cleanup.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/dataset.h"
#include "ops/dataset_kernel.h"
#include "ops/dataset_ops.h"
#include "ops/function.h"
#include "ops/kernel.h"
#include "ops/resource_handle.h"
#include "proto/resource_handle.pb.h"

namespace retrograph {
namespace {

constexpr char kIteratorTypeText[] = "N10tensorflow4data16IteratorResourceE";

class IteratorResource final : public Resource {
 public:
  std::string DebugString() const override { return "Iterator resource"; }
  absl::Status Restart(const DatasetPtr& dataset) {
    RG_RETURN_IF_ERROR(CheckIsOutside());
    std::shared_ptr<DatasetIterator> started = dataset->NewIterator();
    absl::MutexLock lock(&mu_);
    iterator_ = std::move(started);
    return absl::OkStatus();
  }
  // Starts unless it has started. The dataset is made without a lock, since a
  // function may make resources itself: of two threads one makes it in vain.
  absl::Status StartOnce(
      absl::FunctionRef<absl::StatusOr<DatasetPtr>()> make_dataset) {
    RG_RETURN_IF_ERROR(CheckIsOutside());
    {
      absl::MutexLock lock(&mu_);
      if (iterator_ != nullptr) return absl::OkStatus();
    }
    RG_ASSIGN_OR_RETURN(const DatasetPtr dataset, make_dataset());
    std::shared_ptr<DatasetIterator> started = dataset->NewIterator();
    absl::MutexLock lock(&mu_);
    if (iterator_ == nullptr) iterator_ = std::move(started);
    return absl::OkStatus();
  }
  absl::StatusOr<bool> Next(const RunEnvironment& env, Element* element) {
    IteratorContext ctx(&env);
    RG_RETURN_IF_ERROR(CheckIsOutside());
    absl::MutexLock lock(&mu_);
    goes_on_ = std::this_thread::get_id();
    const absl::Cleanup leave = [this] { goes_on_ = std::thread::id(); };
    if (iterator_ == nullptr) {
      return absl::FailedPreconditionError(
          "GetNext() failed because the iterator has not been initialized. "
          "Ensure that you have run the initializer operation for this "
          "iterator before getting the next element.");
    }
    return iterator_->Next(&ctx, element);
  }

 private:
  // A function of the dataset is called with the lock held.
  absl::Status CheckIsOutside() const {
    if (goes_on_.load() != std::this_thread::get_id()) return absl::OkStatus();
    return absl::FailedPreconditionError(
        "An iterator cannot be used in a function that it calls itself.");
  }

  absl::Mutex mu_;
  // The thread in Next(), which holds the lock.
  std::atomic<std::thread::id> goes_on_{std::thread::id()};
  std::shared_ptr<DatasetIterator> iterator_ ABSL_GUARDED_BY(mu_);
};
using IteratorPtr = std::shared_ptr<IteratorResource>;

// The dataset that the function of attr "dataset_factory" makes.
absl::StatusOr<DatasetPtr> MadeByFactory(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(const FunctionPtr factory,
                      FunctionOfAttr(ctx.op(), "dataset_factory"));
  RG_ASSIGN_OR_RETURN(const std::vector<Tensor> results,
                      factory->Call(ctx.env(), {}));
  DatasetPtr dataset =
      results.size() == 1 ? VariantAs<Dataset>(results[0]) : nullptr;
  if (dataset == nullptr) {
    return absl::InvalidArgumentError("The tensor must hold a Dataset object.");
  }
  return dataset;
}

// IteratorV2, and OneShotIterator, which starts with its dataset at once.
absl::StatusOr<Tensor> MakeOrFindIterator(KernelContext* ctx) {
  RG_ASSIGN_OR_RETURN(const ResourceName name, NameResource(ctx->op()));
  RG_ASSIGN_OR_RETURN(
      const IteratorPtr iterator,
      ctx->env().resources->LookupOrCreate<IteratorResource>(
          name.container, name.name, []() -> absl::StatusOr<IteratorPtr> {
            return std::make_shared<IteratorResource>();
          }));
  if (ctx->op().type() == "OneShotIterator") {
    RG_RETURN_IF_ERROR(
        iterator->StartOnce([ctx] { return MadeByFactory(*ctx); }));
  }
  return ResourceHandleTo<IteratorResource>(name, kIteratorTypeText);
}

absl::StatusOr<IteratorPtr> IteratorOf(const KernelContext& ctx, int i) {
  return LookupInput<IteratorResource>(ctx, i, kIteratorTypeText);
}

void MakeIteratorKernel(KernelContext* ctx) {
  const auto dataset = InputDataset(*ctx, 0);
  RG_KERNEL_OK(ctx, dataset.status());
  const auto iterator = IteratorOf(*ctx, 1);
  RG_KERNEL_OK(ctx, iterator.status());
  RG_KERNEL_OK(ctx, (*iterator)->Restart(*dataset));
}

void GetNextKernel(KernelContext* ctx) {
  const auto iterator = IteratorOf(*ctx, 0);
  RG_KERNEL_OK(ctx, iterator.status());
  Element element;
  const absl::StatusOr<bool> more = (*iterator)->Next(ctx->env(), &element);
  RG_KERNEL_OK(ctx, more.status());
  RG_KERNEL_REQUIRES(ctx, *more, absl::OutOfRangeError("End of sequence"));
  const int count = ctx->op().num_outputs();
  RG_KERNEL_REQUIRES(
      ctx, static_cast<int>(element.size()) == count,
      absl::InvalidArgumentError(absl::StrCat(
          "Number of components does not match: expected ", count,
          " types but got ", element.size(), ".")));
  for (int i = 0; i < count; ++i) {
    const DataType expected = ctx->op().output_type(i);
    RG_KERNEL_REQUIRES(
        ctx, element[i].dtype() == expected,
        absl::InvalidArgumentError(absl::StrCat(
            "Data type mismatch at component ", i, ": expected ",
            DataTypeString(expected), " but got ",
            DataTypeString(element[i].dtype()), ".")));
    ctx->set_output(i, std::move(element[i]));
  }
}

absl::Status GetNextShape(InferenceContext* c) {
  const auto& shapes = c->op().FindAttr("output_shapes")->list();
  for (int i = 0; i < c->num_outputs() && i < shapes.shape_size(); ++i) {
    RG_ASSIGN_OR_RETURN(Shape shape, Shape::FromProto(shapes.shape(i)));
    c->set_output(i, std::move(shape));
  }
  return absl::OkStatus();
}

void ToStringHandleKernel(KernelContext* ctx) {
  const auto handle = HandleInput(*ctx, 0);
  RG_KERNEL_OK(ctx, handle.status());
  ResourceHandleProto proto;
  proto.set_device((*handle)->device);
  proto.set_container((*handle)->container);
  proto.set_name((*handle)->name);
  proto.set_hash_code((*handle)->hash_code);
  proto.set_maybe_type_name((*handle)->maybe_type_name);
  ctx->set_output(0, Tensor::Scalar(proto.SerializeAsString()));
}

}  // namespace

void RegisterIteratorOps(OpRegistry* registry) {
  registry->Op("IteratorV2")
      .Output("handle: resource")
      .Attr("shared_name: string")
      .Attr("container: string")
      .Attr("output_types: list(type) >= 1")
      .Attr("output_shapes: list(shape) >= 1")
      .Stateful()
      .Shape(ScalarShape)
      .Kernel({}, KernelOf<HandleKernel<MakeOrFindIterator>>());
  registry->Op("OneShotIterator")
      .Output("handle: resource")
      .Attr("dataset_factory: func")
      .Attr("output_types: list(type) >= 1")
      .Attr("output_shapes: list(shape) >= 1")
      .Attr("container: string = ''")
      .Attr("shared_name: string = ''")
      .Stateful()
      .Shape(ScalarShape)
      .Kernel({}, KernelOf<HandleKernel<MakeOrFindIterator>>());
  registry->Op("MakeIterator")
      .Input("dataset: variant")
      .Input("iterator: resource")
      .Stateful()
      .Shape(NoOutputShape)
      .Kernel({}, StatelessKernel(MakeIteratorKernel));
  registry->Op("IteratorGetNext")
      .Input("iterator: resource")
      .Output("components: output_types")
      .Attr("output_types: list(type) >= 1")
      .Attr("output_shapes: list(shape) >= 1")
      .Stateful()
      .Shape(GetNextShape)
      .Kernel({}, StatelessKernel(GetNextKernel));
  registry->Op("IteratorToStringHandle")
      .Input("resource_handle: resource")
      .Output("string_handle: string")
      .Stateful()
      .Shape(ScalarShape)
      .Kernel({}, StatelessKernel(ToStringHandleKernel));
  // A place in a pipeline is not written to files (yet): no kernels.
  registry->Op("SerializeIterator")
      .Input("resource_handle: resource")
      .Output("serialized: variant")
      .Stateful()
      .Shape(ScalarShape);
  registry->Op("DeserializeIterator")
      .Input("resource_handle: resource")
      .Input("serialized: variant")
      .Stateful()
      .Shape(NoOutputShape);
}

}  // namespace retrograph
