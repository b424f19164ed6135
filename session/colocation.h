// Colocation: which nodes of a graph must stand on one device, and which device
// that is.
//
// A node shares its device with those that its _class names ("loc:@v"), and
// with the variable, queue or other resource that it uses. The device of a
// group is what its members ask for together; a node that asks for another
// device than the resource that it uses is overruled.
//
// Threads: one.
//
// Source: tensorflow/core/common_runtime/colocation_graph.cc, as observed in
// TensorFlow 1.15.5.
#ifndef RETROGRAPH_SESSION_COLOCATION_H_
#define RETROGRAPH_SESSION_COLOCATION_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "graph/device_name.h"
#include "graph/graph.h"

namespace retrograph {

// What a node of a graph asks for; a name that does not parse was refused when
// the node was made.
DeviceName RequestedDevice(const Operation& op);

class Colocation {
 public:
  // Groups nodes 0 to num_nodes - 1 of `graph`, which must outlive this. The
  // first nodes stand on `placed` already: those with a state stay there,
  // whatever others ask for. With `allow_soft_placement` a group whose members
  // ask for different types or numbers of devices asks for none.
  // InvalidArgument with TensorFlow's text if the members of a group cannot
  // agree.
  static absl::StatusOr<Colocation> Create(const Graph& graph, int num_nodes,
                                           absl::Span<const DeviceName> placed,
                                           bool allow_soft_placement);

  // What node i's group asks for.
  const DeviceName& device(int i) const { return members_[Root(i)].requested; }
  // What the resource in its group asks for.
  const DeviceName& resource_device(int i) const {
    return members_[Root(i)].resource;
  }
  // The nodes of node i's group, in the graph's order.
  std::vector<const Operation*> Group(int i) const;

 private:
  // A tree of the forest that makes the groups; the root has the group's
  // devices.
  struct Member {
    int parent;
    int rank = 0;
    DeviceName requested;
    DeviceName resource;
  };

  Colocation(const Graph& graph, int num_nodes,
             absl::Span<const DeviceName> placed, bool allow_soft_placement);

  absl::Status JoinResources();
  absl::Status JoinClasses();
  absl::Status JoinResource(int source, int user);
  absl::Status JoinClass(int i, const std::string& name);
  absl::Status Join(int x, int y);
  absl::Status MergeDevices(const Member& from, Member* into) const;

  int Root(int i) const;
  const Operation& op(int i) const { return *graph_->operation(i); }

  const Graph* graph_;
  bool allow_soft_placement_;
  mutable std::vector<Member> members_;  // Root() shortens paths
  absl::flat_hash_map<const Operation*, int> index_;
  // The first node of each group that a _class names.
  absl::flat_hash_map<std::string, int> class_roots_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_COLOCATION_H_
