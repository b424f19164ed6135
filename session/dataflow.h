// Dataflow: the state of one run of a plan in which values find their own way:
// which nodes are ready, what waits for what, which branch is dead, and which
// iteration of which loop is on its way.
//
// How it works, as in TensorFlow's executor:
// - A node is ready when all its inputs and control inputs have come; if one of
//   them is dead, so is the node: it does not run and all it puts out is dead.
//   Switch lets one of its outputs die. Merge is ready with its first live
//   input, and dead only if all of its inputs are.
// - A loop body is a frame. Each Enter puts a value into iteration 0 of the
//   frame (a constant one into every iteration), NextIteration into the next
//   one, Exit into the frame outside. Up to parallel_iterations iterations are
//   on their way at a time. A frame ends when nothing in it can happen any
//   more; then an Exit that was dead in the last iteration is dead outside.
//
// This class decides, it does not run kernels; executor.h does.
//
// Threads: thread-compatible. The inputs of a ready task are its own: they may
//   be used while other threads call Finish() under a lock.
#ifndef RETROGRAPH_SESSION_DATAFLOW_H_
#define RETROGRAPH_SESSION_DATAFLOW_H_

#include <memory>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "ops/kernel.h"
#include "session/plan.h"
#include "session/ready_queue.h"

namespace retrograph {

class Dataflow {
 private:
  struct LoopFrame;
  struct Iteration;

 public:
  // A node that is ready, in one iteration.
  struct Task {
    const PlanNode* node = nullptr;
    LoopFrame* frame = nullptr;
    Iteration* iteration = nullptr;
    bool is_dead = false;
  };
  struct Fetched {
    Value value;
    bool is_set = false;
  };

  // `plan` must outlive this.
  explicit Dataflow(const Plan& plan);
  ~Dataflow();
  Dataflow(const Dataflow&) = delete;
  Dataflow& operator=(const Dataflow&) = delete;

  // Appends what needs no input to `ready`. Once, before anything else.
  void Start(ReadyQueue<Task>* ready);
  // Puts the value of a feed in and appends what is ready now to `ready`.
  absl::Status Feed(int feed, const Tensor& value, ReadyQueue<Task>* ready);

  absl::Span<Value> Inputs(const Task& task) const;

  // `task` is done and gave `outputs` (not looked at if it is dead). Appends
  // what is ready now to `ready`. After an error nothing more may be called.
  absl::Status Finish(const Task& task, std::vector<Value> outputs,
                      ReadyQueue<Task>* ready);

  // By fetch.
  std::vector<Fetched>& fetched() { return fetched_; }

 private:
  using Outputs = std::vector<Value>;
  // What an Enter or NextIteration gave, kept for iterations to come.
  struct Kept {
    const PlanNode* node;
    Outputs outputs;
    bool is_dead;
  };
  // A frame is told from others by where it was entered.
  using FrameKey = std::tuple<const Iteration*, int32_t>;

  LoopFrame* ChildFrame(const Task& enter);
  Iteration* AddIteration(LoopFrame* frame);
  void Enter(const Task& task, Outputs outputs);
  void Next(const Task& task, Outputs outputs);
  // Sends outputs to the consumers of `node` in `iteration`. `keep`: copies.
  void Send(const PlanNode& node, LoopFrame* frame, Iteration* iteration,
            Outputs* outputs, bool is_dead, bool keep = false);
  void Deliver(LoopFrame* frame, Iteration* iteration, const DataEdge& edge,
               Value value, bool is_dead);
  void DeliverControl(LoopFrame* frame, Iteration* iteration,
                      const PlanNode& node, bool is_dead);
  void DeliverFetch(int32_t fetch, Value value, bool is_dead);
  void CountDown(LoopFrame* frame, Iteration* iteration, const PlanNode& node);
  // Ends iterations and frames in which nothing can happen any more.
  void CleanUp(LoopFrame* frame);

  const Plan& plan_;
  std::unique_ptr<LoopFrame> root_;
  absl::flat_hash_map<FrameKey, std::unique_ptr<LoopFrame>> children_;
  std::vector<Fetched> fetched_;
  ReadyQueue<Task>* ready_ = nullptr;  // during a call
  bool is_feeding_ = false;            // during Feed()
  absl::Status status_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_DATAFLOW_H_
