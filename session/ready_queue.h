// What of a run is ready, in the order in which TensorFlow 1.15.5's executor
// takes it with one thread (ExecutorState::ScheduleReady and its pool's queue).
//
// Nodes without inputs wait in a line. The thread that takes one goes on with
// what that made ready: inexpensive nodes first, in order; of the others the
// last one if nothing else is left to do, while the rest go to the head of the
// line. A program sees this where nodes race: an Identity reads a variable
// before the Assign beside it runs.
#ifndef RETROGRAPH_SESSION_READY_QUEUE_H_
#define RETROGRAPH_SESSION_READY_QUEUE_H_

#include <cstddef>
#include <deque>
#include <optional>
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
  bool empty() const { return size() == 0; }
  size_t size() const {
    const size_t expensive = expensive_.has_value() ? 1 : 0;
    return inexpensive_.size() + expensive + line_.size();
  }

  // Nothing had to come before it.
  void PushRoot(Task task) { line_.push_back(std::move(task)); }
  // The node that was taken last made it ready.
  void Push(Task task, bool is_inexpensive) {
    if (is_inexpensive) {
      inexpensive_.push_back(std::move(task));
    } else {
      PutInLine();
      expensive_ = std::move(task);
    }
  }
  // Must not be empty.
  Task Pop() {
    if (!inexpensive_.empty()) {
      PutInLine();
      return TakeFirst(&inexpensive_);
    }
    if (!expensive_.has_value()) return TakeFirst(&line_);
    Task task = *std::move(expensive_);
    expensive_.reset();
    return task;
  }
  void Clear() { *this = ReadyQueue(); }

 private:
  static Task TakeFirst(std::deque<Task>* queue) {
    Task task = std::move(queue->front());
    queue->pop_front();
    return task;
  }
  void PutInLine() {
    if (!expensive_.has_value()) return;
    line_.push_front(*std::move(expensive_));
    expensive_.reset();
  }

  std::deque<Task> inexpensive_;
  std::optional<Task> expensive_;
  std::deque<Task> line_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_READY_QUEUE_H_
