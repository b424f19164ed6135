#include "session/colocation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/dtype.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "ops/kernel.h"
#include "session/node_error.h"

namespace retrograph {
namespace {

// A variable's, a queue's: the device that it asks for binds all that use it.
bool MakesResource(const Operation& op) {
  return op.num_inputs() == 0 && op.num_outputs() == 1 &&
         (IsRefType(op.output_type(0)) || op.output_type(0) == DT_RESOURCE);
}

bool IsStateful(const Operation& op) {
  return op.registration() != nullptr && op.registration()->def.is_stateful();
}

template <typename T>
bool SaysNoMore(const absl::optional<T>& a, const absl::optional<T>& b) {
  return !a.has_value() || a == b;
}

// Whether `b` says all that `a` says.
bool SaysNoMore(const DeviceName& a, const DeviceName& b) {
  return SaysNoMore(a.job, b.job) && SaysNoMore(a.replica, b.replica) &&
         SaysNoMore(a.task, b.task) && SaysNoMore(a.type, b.type) &&
         SaysNoMore(a.index, b.index);
}

// TensorFlow's idea of devices that go together: one name is a part of the
// other. "/job:ps" and "/device:CPU:0" do not.
bool Compatible(const DeviceName& a, const DeviceName& b) {
  return SaysNoMore(a, b) || SaysNoMore(b, a);
}

// Whether something can have both as its part.
template <typename T>
bool Agree(const absl::optional<T>& a, const absl::optional<T>& b) {
  return !a.has_value() || !b.has_value() || *a == *b;
}

absl::Status CannotMerge(absl::string_view what, const DeviceName& into,
                         const DeviceName& from) {
  return absl::InvalidArgumentError(
      absl::StrCat("Cannot merge devices with incompatible ", what, ": '",
                   into.ToString(), "' and '", from.ToString(), "'"));
}

// Adds what `from` says. With `soft`, types or indices that differ leave the
// device open.
absl::Status MergeInto(const DeviceName& from, bool soft, DeviceName* into) {
  if (!Agree(into->job, from.job)) return CannotMerge("jobs", *into, from);
  if (from.job.has_value()) into->job = from.job;
  if (!Agree(into->replica, from.replica)) {
    return CannotMerge("replicas", *into, from);
  }
  if (from.replica.has_value()) into->replica = from.replica;
  if (!Agree(into->task, from.task)) return CannotMerge("tasks", *into, from);
  if (from.task.has_value()) into->task = from.task;
  if (!Agree(into->type, from.type)) {
    if (!soft) return CannotMerge("types", *into, from);
    into->type.reset();
    into->index.reset();
    return absl::OkStatus();
  }
  if (from.type.has_value()) into->type = from.type;
  if (!Agree(into->index, from.index)) {
    if (!soft) return CannotMerge("ids", *into, from);
    into->index.reset();
    return absl::OkStatus();
  }
  if (from.index.has_value()) into->index = from.index;
  return absl::OkStatus();
}

}  // namespace

DeviceName RequestedDevice(const Operation& op) {
  return DeviceName::Parse(op.device()).value_or(DeviceName());
}

absl::StatusOr<Colocation> Colocation::Create(
    const Graph& graph, int num_nodes, absl::Span<const DeviceName> placed,
    bool allow_soft_placement) {
  Colocation colocation(graph, num_nodes, placed, allow_soft_placement);
  RG_RETURN_IF_ERROR(colocation.JoinResources());
  RG_RETURN_IF_ERROR(colocation.JoinClasses());
  return colocation;
}

Colocation::Colocation(const Graph& graph, int num_nodes,
                       absl::Span<const DeviceName> placed,
                       bool allow_soft_placement)
    : graph_(&graph),
      allow_soft_placement_(allow_soft_placement),
      members_(num_nodes) {
  index_.reserve(num_nodes);
  for (int i = 0; i < num_nodes; ++i) {
    Member& member = members_[i];
    member.parent = i;
    index_[&op(i)] = i;
    if (i < static_cast<int>(placed.size()) && IsStateful(op(i))) {
      member.requested = placed[i];
      continue;
    }
    if (op(i).device().empty()) continue;
    member.requested = RequestedDevice(op(i));
    if (MakesResource(op(i))) member.resource = member.requested;
  }
}

std::vector<const Operation*> Colocation::Group(int i) const {
  std::vector<const Operation*> group;
  for (int j = 0; j < static_cast<int>(members_.size()); ++j) {
    if (Root(j) == Root(i)) group.push_back(&op(j));
  }
  return group;
}

int Colocation::Root(int i) const {
  while (members_[i].parent != i) {
    i = members_[i].parent = members_[members_[i].parent].parent;
  }
  return i;
}

absl::Status Colocation::JoinResources() {
  for (int i = 0; i < static_cast<int>(members_.size()); ++i) {
    // A ref that is taken as a value (a SaveV2's) binds nothing.
    const std::vector<bool> takes_reference = TakesReference(op(i));
    for (int n = 0; n < op(i).num_inputs(); ++n) {
      const Output& input = op(i).input(n);
      const bool binds = input.dtype() == DT_RESOURCE ||
                         (IsRefType(input.dtype()) && takes_reference[n]);
      const auto source = index_.find(input.op);
      if (!binds || source == index_.end()) continue;
      RG_RETURN_IF_ERROR(JoinResource(source->second, i));
    }
  }
  return absl::OkStatus();
}

absl::Status Colocation::JoinResource(int source, int user) {
  const Member& from = members_[Root(source)];
  Member& to = members_[Root(user)];
  if (!Compatible(from.resource, to.resource)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Cannot place the graph because a reference or resource edge connects "
        "colocation groups with incompatible resource devices: ",
        from.resource.ToString(), " vs ", to.resource.ToString(),
        ". The edge src node is ", op(source).name(),
        " , and the dst node is ", op(user).name()));
  }
  if (!Compatible(from.requested, to.requested)) {
    to.requested = from.requested.MergedWith(to.resource);
  }
  return Join(source, user);
}

absl::Status Colocation::JoinClasses() {
  for (int i = 0; i < static_cast<int>(members_.size()); ++i) {
    // A node that names no group is one of its own name.
    for (const std::string& name : op(i).ColocationGroups()) {
      const absl::Status status = JoinClass(i, name);
      if (!status.ok()) return ErrorAtNode(status, op(i));
    }
  }
  return absl::OkStatus();
}

absl::Status Colocation::JoinClass(int i, const std::string& name) {
  const auto [root, is_first] = class_roots_.emplace(name, i);
  if (is_first) return absl::OkStatus();
  const absl::Status status = Join(i, root->second);
  return allow_soft_placement_ ? absl::OkStatus() : status;
}

absl::Status Colocation::Join(int x, int y) {
  int into = Root(x), from = Root(y);
  if (into == from) return absl::OkStatus();
  if (members_[into].rank < members_[from].rank) std::swap(into, from);
  const absl::Status status = MergeDevices(members_[from], &members_[into]);
  if (!status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Cannot colocate nodes {{colocation_node ", op(x).name(),
        "}} and {{colocation_node ", op(y).name(), "}}: ", status.message()));
  }
  if (members_[into].rank == members_[from].rank) ++members_[into].rank;
  members_[from].parent = into;
  return absl::OkStatus();
}

absl::Status Colocation::MergeDevices(const Member& from, Member* into) const {
  DeviceName resource = into->resource, requested = into->requested;
  RG_RETURN_IF_ERROR(MergeInto(from.resource, false, &resource));
  RG_RETURN_IF_ERROR(
      MergeInto(from.requested, allow_soft_placement_, &requested));
  into->requested = requested.MergedWith(resource);
  into->resource = std::move(resource);
  return absl::OkStatus();
}

}  // namespace retrograph
