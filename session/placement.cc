// A graph whose nodes ask for no more than one device, one that is there, costs
// one look at each new node. Any other is placed as TensorFlow does it: groups
// of nodes (colocation.h) stand on one device, and nodes without inputs are
// placed after all others.
#include "session/placement.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "ops/kernel.h"
#include "session/colocation.h"
#include "session/node_error.h"

namespace retrograph {
namespace {

std::vector<std::string> DeviceNames(int cpu_devices) {
  constexpr char kTask[] = "/job:localhost/replica:0/task:0/device:";
  std::vector<std::string> names;
  for (int i = 0; i < cpu_devices; ++i) {
    names.push_back(absl::StrCat(kTask, "CPU:", i));
  }
  names.push_back(absl::StrCat(kTask, "XLA_CPU:0"));
  std::sort(names.begin(), names.end());
  return names;
}

// Nodes that are placed last, with their consumers.
bool IsGenerator(const Operation& op) {
  return op.num_inputs() == 0 && op.num_outputs() == 1 &&
         !IsRefType(op.output_type(0));
}

std::string AvailableDevices(int cpu_devices) {
  return absl::StrJoin(DeviceNames(cpu_devices), ", ");
}

std::string ExplicitText(const Operation& op, const DeviceName& device,
                         int cpu_devices) {
  return absl::StrCat(
      "{{node ", op.name(), "}} was explicitly assigned to ", op.device(),
      " but available devices are [ ", AvailableDevices(cpu_devices),
      " ]. Make sure the device specification refers to a valid device.",
      device.type == "GPU" ? " The requested device appears to be a GPU, but "
                             "CUDA is not enabled."
                           : "");
}

// What TensorFlow says of a group: kinds of ops, then members. TensorFlow has
// the kinds in the order of a hash table; ours are sorted.
std::string DebugInfo(const Colocation& colocation, int i) {
  const std::vector<const Operation*> members = colocation.Group(i);
  std::set<std::string> types;
  for (const Operation* op : members) types.insert(op->type());
  std::string text = absl::StrCat(
      "\nColocation Debug Info:\n"
      "Colocation group had the following types and supported devices: \n"
      "Root Member(assigned_device_name_index_=-1 requested_device_name_='",
      colocation.device(i).ToString(),
      "' assigned_device_name_='' resource_device_name_='",
      colocation.resource_device(i).ToString(),
      "' supported_device_types_=[CPU] possible_devices_=[]\n");
  for (const std::string& type : types) {
    absl::StrAppend(&text, type, ": CPU \n");
  }
  absl::StrAppend(&text,
                  "\nColocation members, user-requested devices, and framework "
                  "assigned devices, if any:\n");
  for (const Operation* op : members) {
    absl::StrAppend(&text, "  ", op->name(), " (", op->type(), ") ",
                    op->device(), "\n");
  }
  return text;
}

std::string GroupText(const Operation& op, const Colocation& colocation, int i,
                      int cpu_devices) {
  return absl::StrCat(
      "Could not satisfy explicit device specification '", op.device(),
      "' because the node {{colocation_node ", op.name(),
      "}} was colocated with a group of nodes that required incompatible "
      "device '",
      colocation.device(i).ToString(), "'. All available devices [",
      AvailableDevices(cpu_devices), "]. ", DebugInfo(colocation, i));
}

// Where a node stands that asks for nothing.
DeviceName FirstDevice() {
  return *DeviceName::Parse("/job:localhost/replica:0/task:0/device:CPU:0");
}

bool Wants(const absl::optional<std::string>& wanted, absl::string_view actual) {
  return !wanted.has_value() || *wanted == actual;
}

}  // namespace

Placement::Placement(int cpu_devices, bool allow_soft_placement)
    : cpu_devices_(cpu_devices), allow_soft_placement_(allow_soft_placement) {}

bool Placement::IsAvailable(const DeviceName& device) const {
  if (!Wants(device.job, "localhost") || device.replica.value_or(0) != 0 ||
      device.task.value_or(0) != 0) {
    return false;
  }
  if (allow_soft_placement_ || !device.type.has_value()) return true;
  if (device.type == "XLA_CPU") return device.index.value_or(0) == 0;
  return device.type == "CPU" && device.index.value_or(0) < cpu_devices_;
}

absl::Status Placement::Check(const Graph& graph) {
  const int num_nodes = graph.num_operations();
  if (num_nodes == checked_.load(std::memory_order_acquire)) {
    return absl::OkStatus();
  }
  absl::MutexLock lock(&mu_);
  if (num_nodes == failed_at_) return failure_;
  for (int i = checked_.load(std::memory_order_relaxed); i < num_nodes; ++i) {
    const std::string& device = graph.operation(i)->device();
    if (device.empty() || !devices_.insert(device).second) continue;
    if (!IsAvailable(RequestedDevice(*graph.operation(i)))) {
      all_available_ = false;
    }
  }
  if (!all_available_ || devices_.size() > 1) {
    absl::Status status = Place(graph, num_nodes);
    if (!status.ok()) {
      failed_at_ = num_nodes;
      return failure_ = std::move(status);
    }
  }
  // Another thread may have seen a larger graph in the meantime.
  if (num_nodes > checked_.load(std::memory_order_relaxed)) {
    checked_.store(num_nodes, std::memory_order_release);
  }
  return absl::OkStatus();
}

absl::Status Placement::PlaceChecked(const Graph& graph) {
  const int num_nodes = checked_.load(std::memory_order_relaxed);
  if (num_nodes == static_cast<int>(placed_.size())) return absl::OkStatus();
  RG_ASSIGN_OR_RETURN(
      const Colocation colocation,
      Colocation::Create(graph, num_nodes, placed_, allow_soft_placement_));
  for (int i = static_cast<int>(placed_.size()); i < num_nodes; ++i) {
    placed_.push_back(FirstDevice().MergedWith(colocation.device(i)));
  }
  return absl::OkStatus();
}

absl::Status Placement::Place(const Graph& graph, int num_nodes) {
  RG_RETURN_IF_ERROR(PlaceChecked(graph));
  RG_ASSIGN_OR_RETURN(
      const Colocation colocation,
      Colocation::Create(graph, num_nodes, placed_, allow_soft_placement_));
  for (bool generators : {false, true}) {
    for (int i = 0; i < num_nodes; ++i) {
      const Operation& op = *graph.operation(i);
      if (IsGenerator(op) != generators) continue;
      const DeviceName& device = colocation.device(i);
      if (IsAvailable(device)) continue;
      const std::string text =
          absl::StrCat("Cannot assign a device for operation ", op.name(), ": ");
      // A node that asked for what its group stands on is to blame itself.
      if (!op.device().empty() &&
          RequestedDevice(op).ToString() == device.ToString()) {
        return absl::InvalidArgumentError(
            absl::StrCat(text, ExplicitText(op, device, cpu_devices_),
                         "\n\t [[", op.name(), "]]"));
      }
      return ErrorAtNode(
          absl::InvalidArgumentError(absl::StrCat(
              text, GroupText(op, colocation, i, cpu_devices_))),
          op);
    }
  }
  return absl::OkStatus();
}

}  // namespace retrograph
