// Kernel: what an op does when a session runs it. KernelContext: what it sees
// of one run.
//
// A kernel object belongs to one node of one session and lives as long as the
// session, so it may hold state (a random stream); Compute() may be called from
// several threads at once.
//
// Example:
//   void AddOne(KernelContext* ctx) {
//     Tensor out = ctx->ForwardOrAllocate(0, ctx->input(0).shape());
//     ...
//     ctx->set_output(0, std::move(out));
//   }
//   registry->Op("AddOne")....Kernel({}, StatelessKernel(AddOne));
//
// A kernel reports an error with ctx->SetStatus(); the text is TensorFlow's
// kernel's own; the session adds the node suffix.
#ifndef RETROGRAPH_OPS_KERNEL_H_
#define RETROGRAPH_OPS_KERNEL_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "core/errors.h"
#include "core/file_system.h"
#include "core/tensor.h"
#include "graph/op_registry.h"
#include "graph/operation.h"
#include "ops/resource_manager.h"

namespace retrograph {

// What flows along an edge while a session runs.
struct Value {
  Tensor tensor;
  // Set for a ref output: the variable itself; `tensor` is then not used.
  std::shared_ptr<VariableValue> ref;
  bool is_dead = false;  // the untaken side of a Switch
};

// Tells a kernel that waits for others (a queue's) that its run is given up:
// another node failed, time is up, or the session was closed.
class Cancellation {
 public:
  virtual ~Cancellation() = default;
  virtual bool IsCancelled() const = 0;
  // Calls `callback` once if the run is given up, on the thread that gives it
  // up. False if it is given up already: `callback` is then not called. A
  // callback makes its kernel finish soon, with an error of its own text.
  virtual bool OnCancel(int64_t* token, std::function<void()> callback) = 0;
  // Before a kernel finishes by itself: true if the callback has not run and
  // will not; false if it has, and so the kernel has finished already. Waits
  // for callbacks that are running on another thread.
  virtual bool Forget(int64_t token) = 0;
};

// What a run offers to kernels besides their inputs.
struct RunEnvironment {
  ResourceManager* resources = nullptr;
  FileSystem* file_system = nullptr;
  bool sync_files = true;    // fsync what SaveV2 writes
  int64_t step_id = 0;
  Cancellation* cancellation = nullptr;  // null: nothing can be given up
  // Runs a function on the session's threads; null: run it here.
  std::function<void(std::function<void()>)> schedule;
};

class KernelContext {
 public:
  // `inputs` are dereferenced already where the kernel takes values; a kernel
  // may move from them. Used by the executor and by constant folding.
  KernelContext(const Operation* op, absl::Span<Value> inputs,
                const RunEnvironment* env);

  const Operation& op() const { return *op_; }
  const RunEnvironment& env() const { return *env_; }

  int num_inputs() const { return static_cast<int>(inputs_.size()); }
  const Tensor& input(int i) const { return inputs_[i].tensor; }
  // The variable behind a ref input.
  const std::shared_ptr<VariableValue>& input_ref(int i) const {
    return inputs_[i].ref;
  }
  bool input_is_dead(int i) const { return inputs_[i].is_dead; }
  Tensor TakeInput(int i) { return std::move(inputs_[i].tensor); }

  // The buffer of input i if nobody else holds it and dtype and size fit, else
  // a new one: elementwise kernels write where they read. Where it is taken,
  // input(i) is empty afterwards: get its data pointer and shape before.
  Tensor ForwardOrAllocate(int i, DataType dtype, TensorShape shape);
  // A new tensor with numbers unset; on failure (ResourceExhausted) the status
  // is set and the tensor is Tensor(): check status().
  Tensor Allocate(DataType dtype, const TensorShape& shape);

  void set_output(int i, Tensor tensor) {
    outputs_[i].tensor = std::move(tensor);
  }
  void set_output_ref(int i, std::shared_ptr<VariableValue> ref) {
    outputs_[i].ref = std::move(ref);
  }
  // Outputs a kernel does not set stay dead if it says so (Switch, Merge).
  void set_output_dead(int i) { outputs_[i].is_dead = true; }
  std::vector<Value>& outputs() { return outputs_; }

  // Keeps the first error.
  void SetStatus(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
  }
  const absl::Status& status() const { return status_; }

 private:
  const Operation* op_;
  absl::Span<Value> inputs_;
  std::vector<Value> outputs_;
  const RunEnvironment* env_;
  absl::Status status_;
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual void Compute(KernelContext* ctx) = 0;
  // For kernels that wait for others (queues): they must not block a thread.
  // Calls `done` once, maybe on another thread.
  virtual bool IsAsync() const { return false; }
  virtual void ComputeAsync(KernelContext* ctx, std::function<void()> done) {
    Compute(ctx);
    done();
  }
  // True for kernels whose work is worth a thread of its own.
  virtual bool IsExpensive() const { return false; }
};

// Factories for the common cases.
// A kernel without state, from a function that looks at ctx->op() for attrs.
KernelFactory StatelessKernel(void (*compute)(KernelContext*));
// A kernel class K with a static `absl::StatusOr<std::unique_ptr<K>>
// Create(const Operation&)`.
template <typename K>
KernelFactory KernelOf() {
  return [](const Operation& op) -> absl::StatusOr<std::unique_ptr<Kernel>> {
    auto made = K::Create(op);
    if (!made.ok()) return made.status();
    return std::unique_ptr<Kernel>(*std::move(made));
  };
}

// Finds the registration for the node's types and makes its kernel;
// InvalidArgument "No OpKernel was registered to support Op ..." with
// TensorFlow's text (the list of registered kernels included) if there is none.
absl::StatusOr<std::unique_ptr<Kernel>> CreateKernel(const Operation& op);
// The registration itself, or null.
const KernelRegistration* FindKernelRegistration(const Operation& op);

// For each input, whether the op takes the reference (its argument is Ref(T));
// the others get the variable's value. An op of an unknown type takes none.
std::vector<bool> TakesReference(const Operation& op);

// if (cond) stops a Compute function with an error:
//   RG_KERNEL_REQUIRES(ctx, rank == 1, absl::InvalidArgumentError(...));
#define RG_KERNEL_REQUIRES(ctx, condition, error) \
  do {                                            \
    if (!(condition)) {                           \
      (ctx)->SetStatus(error);                    \
      return;                                     \
    }                                             \
  } while (false)
#define RG_KERNEL_OK(ctx, expr)                 \
  do {                                          \
    ::absl::Status rg_kernel_status_ = (expr);  \
    if (!rg_kernel_status_.ok()) {              \
      (ctx)->SetStatus(rg_kernel_status_);      \
      return;                                   \
    }                                           \
  } while (false)

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_KERNEL_H_
