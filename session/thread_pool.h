// ThreadPool: threads that run functions, first come, first served.
//
// Threads: thread-safe.
#ifndef RETROGRAPH_SESSION_THREAD_POOL_H_
#define RETROGRAPH_SESSION_THREAD_POOL_H_

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace retrograph {

class ThreadPool {
 public:
  explicit ThreadPool(int num_threads);
  // Runs what was scheduled, then ends.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // One thread a core, for all sessions of the process. Started when first
  // asked for, never ended.
  static ThreadPool* Process();

  void Schedule(std::function<void()> function);
  int num_threads() const { return static_cast<int>(threads_.size()); }

 private:
  void Work();

  absl::Mutex mu_;
  bool ending_ ABSL_GUARDED_BY(mu_) = false;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mu_);
  std::vector<std::thread> threads_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_THREAD_POOL_H_
