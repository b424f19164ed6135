#include "session/kernel_cache.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "session/node_error.h"

namespace retrograph {
namespace {

absl::StatusOr<std::unique_ptr<CachedKernel>> MakeKernel(const Operation& op) {
  const KernelRegistration* registration = FindKernelRegistration(op);
  absl::StatusOr<std::unique_ptr<Kernel>> kernel = CreateKernel(op);
  if (!kernel.ok()) {
    if (registration != nullptr) return ErrorAtNode(kernel.status(), op);
    // Found while placing nodes, where TensorFlow names the node plainly.
    return WithMessage(
        kernel.status(),
        absl::StrCat(kernel.status().message(), "\n\t [[", op.name(), "]]"));
  }
  auto cached = std::make_unique<CachedKernel>();
  cached->kernel = *std::move(kernel);
  cached->takes_reference = TakesReference(op);
  cached->allows_uninitialized_input =
      registration->allows_uninitialized_input ||
      op.registration()->def.allows_uninitialized_input();
  return cached;
}

}  // namespace

absl::StatusOr<const CachedKernel*> KernelCache::Get(const Operation* op) {
  absl::MutexLock lock(&mu_);
  std::unique_ptr<CachedKernel>& cached = kernels_[op];
  if (cached == nullptr) {
    absl::StatusOr<std::unique_ptr<CachedKernel>> made = MakeKernel(*op);
    if (!made.ok()) {
      kernels_.erase(op);
      return made.status();
    }
    cached = *std::move(made);
  }
  return cached.get();
}

}  // namespace retrograph
