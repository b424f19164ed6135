#include "session/thread_pool.h"

#include <algorithm>
#include <utility>

namespace retrograph {

ThreadPool::ThreadPool(int num_threads) {
  for (int i = 0; i < num_threads; ++i) {
    threads_.emplace_back([this] { Work(); });
  }
}

ThreadPool::~ThreadPool() {
  {
    absl::MutexLock lock(&mu_);
    ending_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

ThreadPool* ThreadPool::Process() {
  static ThreadPool* const pool = new ThreadPool(
      std::max(2, static_cast<int>(std::thread::hardware_concurrency())));
  return pool;
}

void ThreadPool::Schedule(std::function<void()> function) {
  absl::MutexLock lock(&mu_);
  queue_.push_back(std::move(function));
}

void ThreadPool::Work() {
  while (true) {
    std::function<void()> function;
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(
          +[](ThreadPool* pool) ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool->mu_) {
            return pool->ending_ || !pool->queue_.empty();
          },
          this));
      if (queue_.empty()) return;
      function = std::move(queue_.front());
      queue_.pop_front();
    }
    function();
  }
}

}  // namespace retrograph
