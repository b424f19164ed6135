// A kernel that may wait: for room in a queue, for its turn at a reader.
#ifndef RETROGRAPH_OPS_WAITING_KERNEL_H_
#define RETROGRAPH_OPS_WAITING_KERNEL_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "ops/kernel.h"

namespace retrograph {

// What is called when such a kernel is through.
using Done = std::function<void()>;

// Finds the resource and goes on there: `use` calls its Done once, at any time.
template <typename T,
          absl::StatusOr<std::shared_ptr<T>> (*find)(const KernelContext&),
          void (*use)(KernelContext*, const std::shared_ptr<T>&, Done)>
class WaitingKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<WaitingKernel>> Create(
      const Operation& /*op*/) {
    return std::make_unique<WaitingKernel>();
  }
  bool IsAsync() const override { return true; }
  void Compute(KernelContext* ctx) override {
    absl::Mutex mu;
    bool over = false;
    ComputeAsync(ctx, [&] {
      absl::MutexLock lock(&mu);
      over = true;
    });
    absl::MutexLock lock(&mu);
    mu.Await(absl::Condition(&over));
  }
  void ComputeAsync(KernelContext* ctx, Done done) override {
    const absl::StatusOr<std::shared_ptr<T>> found = find(*ctx);
    if (!found.ok()) {
      ctx->SetStatus(found.status());
      return done();
    }
    use(ctx, *found, std::move(done));
  }
};

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_WAITING_KERNEL_H_
