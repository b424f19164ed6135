// What ops that make or use a resource share: its name, the handle to it, and
// what a handle leads to.
#ifndef RETROGRAPH_OPS_RESOURCE_HANDLE_H_
#define RETROGRAPH_OPS_RESOURCE_HANDLE_H_

#include <memory>
#include <string>
#include <typeinfo>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/errors.h"
#include "core/tensor.h"
#include "graph/operation.h"
#include "ops/kernel.h"
#include "ops/resource_manager.h"

namespace retrograph {

struct ResourceName {
  std::string container;
  std::string name;
};

// From attrs "container" and "shared_name". Without a shared name the resource
// is the node's own, "_0_q": the number counts such names in the process.
absl::StatusOr<ResourceName> NameResource(const Operation& op);

// A scalar handle to a resource of type T; `type_text` is what TensorFlow's
// compiler calls its class.
Tensor ResourceHandleTensor(const ResourceName& name, uint64_t type_hash,
                            const std::string& type_text);
template <typename T>
Tensor ResourceHandleTo(const ResourceName& name,
                        const std::string& type_text) {
  return ResourceHandleTensor(name, typeid(T).hash_code(), type_text);
}

// The handle in input i; valid as long as the input. A feed may hold none:
// InvalidArgument "Resource handle is empty".
absl::StatusOr<const ResourceHandle*> HandleInput(const KernelContext& ctx,
                                                  int i);

// The resource that the handle in input i leads to. Errors: HandleInput's and
// ResourceManager::Lookup's.
template <typename T>
absl::StatusOr<std::shared_ptr<T>> LookupInput(const KernelContext& ctx, int i,
                                               const std::string& type_text) {
  RG_ASSIGN_OR_RETURN(const ResourceHandle* const handle, HandleInput(ctx, i));
  return ctx.env().resources->Lookup<T>(handle->container, handle->name,
                                        type_text);
}

// Gives the handle that `make` returned in the first run that made it.
template <absl::StatusOr<Tensor> (*make)(KernelContext*)>
class HandleKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<HandleKernel>> Create(
      const Operation& /*op*/) {
    return std::make_unique<HandleKernel>();
  }

  void Compute(KernelContext* ctx) override {
    absl::MutexLock lock(&mu_);
    if (!handle_.IsInitialized()) {
      absl::StatusOr<Tensor> made = make(ctx);
      RG_KERNEL_OK(ctx, made.status());
      handle_ = *std::move(made);
    }
    ctx->set_output(0, handle_);
  }

 private:
  absl::Mutex mu_;
  Tensor handle_ ABSL_GUARDED_BY(mu_);
};

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_RESOURCE_HANDLE_H_
