#include "session/step_trace.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "graph/device_name.h"

namespace retrograph {
namespace {

constexpr char kTask[] = "/job:localhost/replica:0/task:0";
constexpr int64_t kNanosPerMicro = 1000;

// The name of the device that the node ran on: everything runs on a CPU.
std::string RanOn(const Operation& op) {
  const absl::StatusOr<DeviceName> asked = DeviceName::Parse(op.device());
  const bool names_cpu = asked.ok() && asked->type == "CPU";
  return absl::StrCat(kTask, "/device:CPU:",
                      names_cpu ? asked->index.value_or(0) : 0);
}

// "y = Mul(v/read, x)".
std::string Label(const Operation& op) {
  return absl::StrCat(op.name(), " = ", op.type(), "(",
                      absl::StrJoin(op.node_def().input(), ", "), ")");
}

void Describe(int slot, const Tensor& tensor, NodeExecStats* stats) {
  NodeOutput* const output = stats->add_output();
  output->set_slot(slot);
  TensorDescription* const description = output->mutable_tensor_description();
  description->set_dtype(tensor.dtype());
  tensor.shape().AsProto(description->mutable_shape());
  AllocationDescription* const allocation =
      description->mutable_allocation_description();
  allocation->set_requested_bytes(static_cast<int64_t>(tensor.bytes()));
  allocation->set_allocated_bytes(static_cast<int64_t>(tensor.bytes()));
  allocation->set_allocator_name("cpu");
}

}  // namespace

void StepTrace::Record(const Operation& op, int64_t start, int64_t end,
                       absl::Span<const Value> outputs) {
  Entry entry;
  entry.op = &op;
  NodeExecStats& stats = entry.stats;
  stats.set_node_name(op.name());
  stats.set_timeline_label(Label(op));
  stats.set_all_start_micros(start / kNanosPerMicro);
  stats.set_all_start_nanos(start);
  stats.set_scheduled_micros(start / kNanosPerMicro);
  stats.set_scheduled_nanos(start);
  stats.set_op_end_rel_micros((end - start) / kNanosPerMicro);
  stats.set_op_end_rel_nanos(end - start);
  stats.set_all_end_rel_micros((end - start) / kNanosPerMicro);
  stats.set_all_end_rel_nanos(end - start);
  stats.mutable_memory_stats();
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Value& output = outputs[i];
    if (output.is_dead) continue;
    const Tensor value =
        output.ref != nullptr ? output.ref->Read() : output.tensor;
    if (value.IsInitialized()) Describe(static_cast<int>(i), value, &stats);
  }
  absl::MutexLock lock(&mu_);
  entries_.push_back(std::move(entry));
}

StepStats StepTrace::Stats() const {
  absl::MutexLock lock(&mu_);
  std::map<std::string, DeviceStepStats> by_device;
  for (const Entry& entry : entries_) {
    *by_device[RanOn(*entry.op)].add_node_stats() = entry.stats;
  }
  StepStats result;
  for (auto& [name, device] : by_device) {
    device.set_device(name);
    *result.add_dev_stats() = std::move(device);
  }
  return result;
}

}  // namespace retrograph
