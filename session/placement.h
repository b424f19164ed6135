// Placement: whether every node of a graph can stand on a device that the
// session has.
//
// As in TensorFlow, the whole graph is checked before anything of it runs, so
// one badly placed node breaks an unrelated run. Everything that passes runs
// on the CPU.
//
// Threads: thread-safe.
#ifndef RETROGRAPH_SESSION_PLACEMENT_H_
#define RETROGRAPH_SESSION_PLACEMENT_H_

#include <atomic>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "graph/device_name.h"
#include "graph/graph.h"

namespace retrograph {

class Placement {
 public:
  // Devices CPU:0 to CPU:(cpu_devices - 1) and XLA_CPU:0. With
  // `allow_soft_placement` only job, replica and task count.
  Placement(int cpu_devices, bool allow_soft_placement);

  // Looks at the nodes that are new since the last call that found nothing
  // wrong, and at all once the graph names two devices. InvalidArgument with
  // TensorFlow's text for the node that TensorFlow names: "Cannot assign a
  // device for operation a: ...", or "Cannot colocate nodes ..." and "Cannot
  // place the graph ..." where nodes that must stand together ask for
  // different devices.
  absl::Status Check(const Graph& graph);

 private:
  bool IsAvailable(const DeviceName& device) const;
  // What a look at all nodes finds.
  absl::Status Place(const Graph& graph, int num_nodes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Where the nodes stand that were checked and not yet placed.
  absl::Status PlaceChecked(const Graph& graph)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const int cpu_devices_;
  const bool allow_soft_placement_;
  std::atomic<int> checked_{0};
  absl::Mutex mu_;
  // The devices that the nodes looked at ask for.
  std::set<std::string> devices_ ABSL_GUARDED_BY(mu_);
  bool all_available_ ABSL_GUARDED_BY(mu_) = true;
  // By node; made when the graph names two devices, or one that is not there.
  std::vector<DeviceName> placed_ ABSL_GUARDED_BY(mu_);
  int failed_at_ ABSL_GUARDED_BY(mu_) = -1;  // size of the graph then
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_PLACEMENT_H_
