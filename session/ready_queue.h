// What of a run is ready: a queue in which inexpensive nodes pass the others.
//
// That is how TensorFlow 1.15.5's executor goes: the thread that finished a
// node runs the inexpensive ones that it made ready and hands the others to the
// pool (ExecutorState::ScheduleReady). A program sees it where nodes race: an
// Identity reads a variable before the Assign beside it runs.
#ifndef RETROGRAPH_SESSION_READY_QUEUE_H_
#define RETROGRAPH_SESSION_READY_QUEUE_H_

#include <cstddef>
#include <deque>
#include <string_view>
#include <utility>

namespace retrograph {

// Whether TensorFlow's kernel of the op overrides OpKernel::IsExpensive() with
// false. (Kernel::IsExpensive() is about our own threads.)
bool IsInexpensiveOp(std::string_view type);

// Threads: thread-compatible.
template <typename Task>
class ReadyQueue {
 public:
  bool empty() const { return inexpensive_.empty() && expensive_.empty(); }
  size_t size() const { return inexpensive_.size() + expensive_.size(); }

  void Push(Task task, bool is_inexpensive) {
    (is_inexpensive ? inexpensive_ : expensive_).push_back(std::move(task));
  }
  // Must not be empty.
  Task Pop() {
    std::deque<Task>& queue = inexpensive_.empty() ? expensive_ : inexpensive_;
    Task task = std::move(queue.front());
    queue.pop_front();
    return task;
  }
  void Clear() {
    inexpensive_.clear();
    expensive_.clear();
  }

 private:
  std::deque<Task> inexpensive_, expensive_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_READY_QUEUE_H_
