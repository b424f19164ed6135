// Queue: elements that one run of a graph leaves for another, and runs that
// wait for them.
//
// An element is a row: one tensor for each component. What is asked of a queue
// is an attempt; attempts wait in line, enqueues and closes in one, dequeues in
// the other, and each takes or leaves rows as soon as there are some: a
// dequeue_many holds what it has while it waits for the rest.
//
// Kinds differ in what they hold rows in and which row comes next; see
// queue_kinds.h. Texts and order are TensorFlow 1.15.5's, asked of it.
//
// Ownership: the session's ResourceManager. Threads: thread-safe; `done` of an
//   attempt is called once, without locks, maybe on another thread.
#ifndef RETROGRAPH_OPS_QUEUE_H_
#define RETROGRAPH_OPS_QUEUE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/tensor.h"
#include "core/tensor_shape.h"
#include "ops/kernel.h"
#include "ops/resource_manager.h"

namespace retrograph {

inline constexpr char kQueueTypeText[] = "N10tensorflow14QueueInterfaceE";

// What a queue's op says of it.
struct QueueConfig {
  std::string kind;  // "FIFOQueue", as texts name it
  std::string name;  // of the resource
  int64_t capacity = -1;  // negative: no limit
  DataTypeVector types;
  std::vector<PartialTensorShape> shapes;  // none: any
  int64_t min_after_dequeue = 0;
  int64_t seed = 0, seed2 = 0;
};
// Reads the attrs of a queue's op, V1 or V2; `name` is the resource's.
absl::StatusOr<QueueConfig> ReadQueueConfig(const Operation& op,
                                            std::string name);

class Queue : public Resource, public std::enable_shared_from_this<Queue> {
 public:
  using Row = std::vector<Tensor>;
  using Done = std::function<void()>;

  explicit Queue(QueueConfig config) : config_(std::move(config)) {}

  const QueueConfig& config() const { return config_; }
  std::string DebugString() const override;
  // InvalidArgument where a second op that names this queue says otherwise.
  // `op_type` is that op's.
  absl::Status Matches(const QueueConfig& other,
                       const std::string& op_type) const;

  // Attempts. Outcomes are left in `ctx`: an error, and for a dequeue its
  // outputs.
  //
  // Errors: Cancelled for an enqueue into a closed queue and for attempts that
  // are given up, OutOfRange where a closed queue has too few rows,
  // InvalidArgument for a shape that does not fit.
  void Enqueue(KernelContext* ctx, Row row, Done done);
  // `batch`: tensors with the rows along axis 0.
  void EnqueueMany(KernelContext* ctx, const Row& batch, Done done);
  void Dequeue(KernelContext* ctx, Done done);
  // `up_to`: fewer are enough once the queue is closed.
  void DequeueMany(KernelContext* ctx, int64_t count, bool up_to, Done done);
  void Close(KernelContext* ctx, bool cancel_pending_enqueues, Done done);
  int64_t Size() const;
  bool IsClosed() const;

 protected:
  // What kinds define. All but Stack() are called with the lock held.
  virtual int64_t RowCount() const = 0;
  // How many rows may be taken now.
  virtual int64_t Available(bool /*closed*/) const { return RowCount(); }
  virtual absl::Status Put(Row row) = 0;
  virtual Row Take() = 0;  // Available() > 0
  // Gives back rows that were taken, in the order in which they were.
  virtual void PutBack(std::vector<Row> rows) = 0;
  // One tensor out of a component of several rows.
  virtual absl::StatusOr<Tensor> Stack(const std::vector<Row>& rows,
                                       size_t component) const;
  // What a row's component must look like; the shape of one that may vary.
  virtual bool ShapesSuffice() const { return !config_.shapes.empty(); }

 private:
  enum class Kind { kEnqueue, kClose, kDequeue };
  struct Attempt {
    int64_t id = 0;
    Kind kind = Kind::kEnqueue;
    KernelContext* ctx = nullptr;
    Done done;
    int64_t token = -1;  // of the cancellation
    std::deque<Row> to_put;
    std::vector<Row> taken;
    int64_t wanted = 0;
    bool many = false, up_to = false;
  };
  using Line = std::deque<std::unique_ptr<Attempt>>;
  using Finished = std::vector<std::unique_ptr<Attempt>>;

  absl::Status CheckRow(const Row& row, bool batched) const;
  // Puts an attempt in line and lets everything go on that can.
  void Start(std::unique_ptr<Attempt> attempt);
  void GiveUp(int64_t id);
  // Moves what is finished out of the lines.
  void Advance(Finished* finished) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool AdvanceEnqueues(Finished* finished) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool AdvanceDequeues(Finished* finished) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Whether the attempt is over, for a queue that is closed and runs short.
  bool EndShort(Attempt* attempt) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void CancelPendingEnqueues(Finished* finished)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Without the lock: sets outputs and calls back.
  void Finish(Finished finished);
  absl::Status SetOutputs(Attempt* attempt) const;

  const QueueConfig config_;
  mutable absl::Mutex mu_;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  int64_t next_id_ ABSL_GUARDED_BY(mu_) = 0;
  Line enqueues_ ABSL_GUARDED_BY(mu_);
  Line dequeues_ ABSL_GUARDED_BY(mu_);
};

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_QUEUE_H_
