// CancellationManager: how a run tells the kernels that wait in it to give up.
//
// Threads: thread-safe.
#ifndef RETROGRAPH_SESSION_CANCELLATION_H_
#define RETROGRAPH_SESSION_CANCELLATION_H_

#include <atomic>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "ops/kernel.h"

namespace retrograph {

class CancellationManager final : public Cancellation {
 public:
  CancellationManager() = default;
  CancellationManager(const CancellationManager&) = delete;
  CancellationManager& operator=(const CancellationManager&) = delete;

  bool IsCancelled() const override {
    return cancelled_.load(std::memory_order_acquire);
  }
  bool OnCancel(int64_t* token, std::function<void()> callback) override;
  // Must not be called from a callback.
  bool Forget(int64_t token) override;

  // Calls every callback, in the order of registration. Later calls do
  // nothing.
  void Cancel();

 private:
  std::atomic<bool> cancelled_{false};
  absl::Mutex mu_;
  bool calling_ ABSL_GUARDED_BY(mu_) = false;
  int64_t next_token_ ABSL_GUARDED_BY(mu_) = 0;
  absl::flat_hash_map<int64_t, std::function<void()>> callbacks_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_CANCELLATION_H_
