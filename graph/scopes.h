// GraphScopes: what one thread has opened on one graph: name, device,
// colocation, container, control dependency and control flow scopes.
//
// Internal to graph/. Threads: one; each thread has its own.
//
// Source: tensorflow/python/framework/ops.py (Graph.name_scope, device,
// colocate_with, container, control_dependencies).
#ifndef RETROGRAPH_GRAPH_SCOPES_H_
#define RETROGRAPH_GRAPH_SCOPES_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "graph/device_name.h"
#include "graph/graph.h"
#include "graph/operation.h"

namespace retrograph {

using ControlInputs = absl::InlinedVector<Operation*, 2>;

class GraphScopes {
 public:
  GraphScopes();

  // ---- Names ----
  // The current scope without a trailing slash, "" at the root.
  const std::string& name() const {
    static const std::string* const root = new std::string;
    return names_.empty() ? *root : names_.back();
  }
  void PushName(std::string name) { names_.push_back(std::move(name)); }
  void PopName();

  // ---- Control dependencies ----
  void PushControlDependencies(std::vector<Operation*> ops, bool clear);
  void PopControlDependencies();
  // What all open scopes ask for, each op once.
  std::vector<Operation*> ControlDependencies() const;
  // What a new op over `inputs` waits for: a scope in which one of its inputs
  // was made is left out, and so is what is an input anyway.
  void AddControlInputsFor(absl::Span<const Output> inputs,
                           ControlInputs* out) const;
  // Takes note of a new op in every open scope.
  void RecordOp(const Operation* op);

  // ---- Control flow ----
  // The branch or loop that new ops belong to, or null. A control dependency
  // scope that clears is outside of all, until it ends.
  ControlFlowContext* context() const { return context_; }
  void PushContext(ControlFlowContext* context);
  void PopContext();

  // ---- Devices ----
  // The device scopes in force. A colocation scope and an init scope put
  // another stack in their place until they end; who holds a stack sees what is
  // entered and left in it.
  class DeviceStack;
  std::shared_ptr<DeviceStack> devices() const { return devices_; }
  void PushDeviceStack(std::shared_ptr<DeviceStack> devices);
  void PopDeviceStack();
  absl::Status PushDevice(const absl::optional<std::string>& device);
  void PushDeviceFunction(DeviceFunction function);
  void PopDevice();
  bool has_devices() const;
  // The device of a new op. `set` is called with each step's result before the
  // next one, since device functions look at the op.
  absl::Status ApplyDevices(
      const Operation& op,
      const std::function<void(std::string device)>& set) const;
  // The same for an op that asks for no device, if no function takes part;
  // worked out once.
  const std::string* SimpleDevice();

  // ---- Colocation ----
  void PushColocation(Operation* op, bool ignore_existing);
  void PopColocation();
  // Outermost first.
  absl::Span<Operation* const> colocations() const { return colocations_; }

  // ---- Container ----
  void PushContainer(std::string name) {
    containers_.push_back(std::move(name));
  }
  void PopContainer();
  std::string container() const {
    return containers_.empty() ? "" : containers_.back();
  }

 private:
  struct ControlScope {
    std::vector<Operation*> ops;
    bool clears;
    ControlFlowContext* outer_context;  // of a scope that clears
    absl::flat_hash_set<const Operation*> made_inside;
  };
  struct ColocationFrame {
    std::vector<Operation*> outer_colocations;
    bool ignored_existing;
    bool pushed;
  };

  // The scopes in force: those since the last one that clears.
  absl::Span<const ControlScope> active() const;

  std::vector<std::string> names_;
  std::vector<ControlScope> controls_;
  ControlFlowContext* context_ = nullptr;
  std::vector<ControlFlowContext*> outer_contexts_;
  std::shared_ptr<DeviceStack> devices_;
  std::vector<std::shared_ptr<DeviceStack>> outer_device_stacks_;
  absl::optional<std::string> simple_device_;
  std::vector<Operation*> colocations_;
  std::vector<ColocationFrame> colocation_frames_;
  std::vector<std::string> containers_;
};

class GraphScopes::DeviceStack {
 public:
  enum class Kind { kMerge, kFunction, kClear };
  struct Entry {
    Kind kind;
    DeviceName name;
    DeviceFunction function;
  };
  std::vector<Entry> entries;  // outermost first
};

inline bool GraphScopes::has_devices() const {
  return !devices_->entries.empty();
}

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_SCOPES_H_
