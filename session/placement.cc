// A graph without a bad device string costs one look at each new node. Only if
// there is a bad one is TensorFlow's placement worked out: nodes that hold or
// use the same variable, or name each other in _class, form a group that
// stands on one device, and nodes without inputs are placed after all others.
#include "session/placement.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ops/kernel.h"
#include "session/node_error.h"

namespace retrograph {
namespace {

// A device string of a node, "/job:x/replica:0/task:1/device:GPU:0"; parts may
// be missing or "*".
struct DeviceSpec {
  absl::string_view job, replica, task, type, id;
};

// Graphs hold device strings in this form only: what does not parse was
// refused when the node was made.
DeviceSpec Parse(absl::string_view device) {
  DeviceSpec spec;
  for (absl::string_view part : absl::StrSplit(device, '/')) {
    if (absl::ConsumePrefix(&part, "job:")) spec.job = part;
    if (absl::ConsumePrefix(&part, "replica:")) spec.replica = part;
    if (absl::ConsumePrefix(&part, "task:")) spec.task = part;
    if (absl::ConsumePrefix(&part, "device:")) {
      const size_t colon = part.find(':');
      spec.type = part.substr(0, colon);
      if (colon != absl::string_view::npos) spec.id = part.substr(colon + 1);
    }
  }
  return spec;
}

bool Fits(absl::string_view wanted, absl::string_view actual) {
  return wanted.empty() || wanted == "*" || wanted == actual;
}

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

// Which nodes must share a device, as a forest over node indices.
class ColocationGroups {
 public:
  ColocationGroups(const Graph& graph, int num_nodes) : parent_(num_nodes) {
    std::iota(parent_.begin(), parent_.end(), 0);
    for (int i = 0; i < num_nodes; ++i) index_[graph.operation(i)] = i;
    for (int i = 0; i < num_nodes; ++i) {
      const Operation& op = *graph.operation(i);
      for (const std::string& name : op.ColocationGroups()) {
        Join(i, graph.FindOperation(name));
      }
      // A ref that is taken as a value (a SaveV2's) binds nothing.
      const std::vector<bool> takes_reference = TakesReference(op);
      for (int n = 0; n < op.num_inputs(); ++n) {
        const Output& input = op.input(n);
        if (input.dtype() == DT_RESOURCE ||
            (IsRefType(input.dtype()) && takes_reference[n])) {
          Join(i, input.op);
        }
      }
    }
  }

  int Root(int i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }

 private:
  void Join(int i, const Operation* op) {
    const auto found = index_.find(op);
    if (found == index_.end()) return;
    const int a = Root(i), b = Root(found->second);
    parent_[std::max(a, b)] = std::min(a, b);
  }

  std::vector<int> parent_;
  absl::flat_hash_map<const Operation*, int> index_;
};

std::string NotAvailableText(const Operation& op, int cpu_devices) {
  std::string text = absl::StrCat(
      "Cannot assign a device for operation ", op.name(), ": {{node ",
      op.name(), "}} was explicitly assigned to ", op.device(),
      " but available devices are [ ",
      absl::StrJoin(DeviceNames(cpu_devices), ", "),
      " ]. Make sure the device specification refers to a valid device.");
  if (Parse(op.device()).type == "GPU") {
    absl::StrAppend(&text,
                    " The requested device appears to be a GPU, but CUDA is "
                    "not enabled.");
  }
  return text;
}

// What TensorFlow says of a group: kinds of ops, then members.
std::string DebugInfo(const std::vector<const Operation*>& members,
                      absl::string_view device) {
  std::set<absl::string_view> types;
  for (const Operation* op : members) types.insert(op->type());
  std::string text = absl::StrCat(
      "\nColocation Debug Info:\n"
      "Colocation group had the following types and supported devices: \n"
      "Root Member(assigned_device_name_index_=-1 requested_device_name_='",
      device, "' assigned_device_name_='' resource_device_name_='", device,
      "' supported_device_types_=[CPU] possible_devices_=[]\n");
  for (absl::string_view type : types) {
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

std::string GroupNotAvailableText(const Operation& op,
                                  const std::vector<const Operation*>& members,
                                  absl::string_view device, int cpu_devices) {
  return absl::StrCat(
      "Cannot assign a device for operation ", op.name(),
      ": Could not satisfy explicit device specification '' because the node ",
      "{{colocation_node ", op.name(), "}} was colocated with a group of ",
      "nodes that required incompatible device '", device,
      "'. All available devices [",
      absl::StrJoin(DeviceNames(cpu_devices), ", "), "]. ",
      DebugInfo(members, device));
}

}  // namespace

Placement::Placement(int cpu_devices, bool allow_soft_placement)
    : cpu_devices_(cpu_devices), allow_soft_placement_(allow_soft_placement) {}

bool Placement::IsAvailable(const std::string& device) const {
  if (device.empty()) return true;
  const DeviceSpec wanted = Parse(device);
  if (!Fits(wanted.job, "localhost") || !Fits(wanted.replica, "0") ||
      !Fits(wanted.task, "0")) {
    return false;
  }
  if (allow_soft_placement_ || wanted.type.empty() || wanted.type == "*") {
    return true;
  }
  if (wanted.type == "XLA_CPU") return Fits(wanted.id, "0");
  if (wanted.type != "CPU") return false;
  for (int i = 0; i < cpu_devices_; ++i) {
    if (Fits(wanted.id, absl::StrCat(i))) return true;
  }
  return false;
}

absl::Status Placement::Check(const Graph& graph) {
  const int num_nodes = graph.num_operations();
  if (num_nodes == checked_.load(std::memory_order_acquire)) {
    return absl::OkStatus();
  }
  absl::MutexLock lock(&mu_);
  if (num_nodes == failed_at_) return failure_;
  for (int i = checked_.load(std::memory_order_relaxed); i < num_nodes; ++i) {
    if (IsAvailable(graph.operation(i)->device())) continue;
    failed_at_ = num_nodes;
    return failure_ = Error(graph, num_nodes);
  }
  // Another thread may have seen a larger graph in the meantime.
  if (num_nodes > checked_.load(std::memory_order_relaxed)) {
    checked_.store(num_nodes, std::memory_order_release);
  }
  return absl::OkStatus();
}

absl::Status Placement::Error(const Graph& graph, int num_nodes) const {
  ColocationGroups groups(graph, num_nodes);
  // The device that breaks a group, by its root.
  absl::flat_hash_map<int, std::string> bad;
  for (int i = 0; i < num_nodes; ++i) {
    const std::string& device = graph.operation(i)->device();
    if (!IsAvailable(device)) bad.emplace(groups.Root(i), device);
  }
  for (bool generators : {false, true}) {
    for (int i = 0; i < num_nodes; ++i) {
      const Operation& op = *graph.operation(i);
      if (IsGenerator(op) != generators) continue;
      const auto found = bad.find(groups.Root(i));
      if (found == bad.end()) continue;
      if (!op.device().empty() && !IsAvailable(op.device())) {
        return absl::InvalidArgumentError(absl::StrCat(
            NotAvailableText(op, cpu_devices_), "\n\t [[", op.name(), "]]"));
      }
      if (!op.device().empty()) continue;
      std::vector<const Operation*> members;
      for (int j = 0; j < num_nodes; ++j) {
        if (groups.Root(j) == found->first) {
          members.push_back(graph.operation(j));
        }
      }
      return ErrorAtNode(absl::InvalidArgumentError(GroupNotAvailableText(
                             op, members, found->second, cpu_devices_)),
                         op);
    }
  }
  return absl::InternalError("no badly placed node found");
}

}  // namespace retrograph
