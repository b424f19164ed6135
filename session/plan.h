// Plan: what a run with certain feeds, fetches and targets has to do: the
// nodes it needs, their kernels, and where values go, in flat arrays.
//
// A plan is built once per signature and never changes, so any number of runs
// may use it at a time. Pruning is TensorFlow's: from fetches and targets
// backwards along inputs and control inputs, a fed tensor ending the way.
//
// Without control flow, `nodes` stand in the order in which they run. With it
// (Switch, Enter, ...), dataflow.h decides at run time.
#ifndef RETROGRAPH_SESSION_PLAN_H_
#define RETROGRAPH_SESSION_PLAN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "graph/graph.h"
#include "session/kernel_cache.h"

namespace retrograph {

// What a plan is for. Feeds, fetches and targets are of one graph.
struct Signature {
  std::vector<Output> feeds;
  std::vector<Output> fetches;
  std::vector<Operation*> targets;
};

enum class NodeKind : uint8_t {
  kOrdinary,
  kMerge,           // runs as soon as one of its inputs is there
  kEnter,           // its output is in a child frame
  kExit,            // its output is in the parent frame
  kNextIteration,   // its output is in the next iteration of its frame
  kControlTrigger,  // runs even if its inputs are dead
};

// A way that a value takes: from an output of a node to an input of another.
struct DataEdge {
  static constexpr int32_t kFetch = -1;
  int32_t output = 0;
  int32_t node = 0;   // where it goes; kFetch: to fetch number `slot`
  int32_t slot = 0;   // of the frame's values
  bool last = false;  // nobody after this one needs the output
};

struct PlanNode {
  const Operation* op = nullptr;
  Kernel* kernel = nullptr;
  const std::vector<bool>* takes_reference = nullptr;  // by input
  NodeKind kind = NodeKind::kOrdinary;
  bool allows_uninitialized_input = false;
  bool is_async = false;
  bool is_expensive = false;     // worth a thread of its own
  bool is_inexpensive = false;   // passes others in a ReadyQueue
  bool has_ref_inputs = false;  // a value may have to be read from a variable
  bool is_constant_enter = false;
  int32_t num_inputs = 0;
  int32_t first_slot = 0;  // its inputs, in the values of its frame
  int32_t first_edge = 0, num_edges = 0;  // data_edges, by output
  int32_t first_control_edge = 0, num_control_edges = 0;  // control_edges
  // Control flow.
  int32_t frame = 0;               // in which frame it runs
  int32_t index = 0;               // its number in that frame
  int32_t child_frame = -1;        // of an Enter
  // Of a Merge: what comes to it (dead_branches.h), and how much of that is not
  // from a NextIteration.
  int32_t num_sources = 0;
  int32_t num_forward_sources = 0;
};

// A place where nodes run: the graph itself (frame 0) or the body of a loop,
// of which there may be many at run time.
struct PlanFrame {
  std::string name;  // "" for frame 0
  int32_t parent = -1;
  int32_t parallel_iterations = 1;
  int32_t num_enters = 0;
  int32_t num_slots = 0;
  // By index in the frame: how many inputs and control inputs must come before
  // a node is ready. For a Merge one stands for all of its inputs.
  std::vector<int32_t> initial_pending;
  std::vector<int32_t> merges;  // nodes of the plan
};

class Plan {
 public:
  // Compiles `signature`. Kernels come from `kernels`, which must outlive the
  // plan.
  //
  // Errors, with TensorFlow's texts:
  //   InvalidArgument  no kernel; a fed variable is written; a node has inputs
  //                    from different frames; a cycle outside of a loop.
  static absl::StatusOr<std::unique_ptr<const Plan>> Compile(
      const Signature& signature, KernelCache* kernels);

  Signature signature;

  std::vector<PlanNode> nodes;
  std::vector<PlanFrame> frames;
  std::vector<DataEdge> data_edges;
  std::vector<int32_t> control_edges;  // nodes
  // Where feed i goes: data_edges[feed_edges[i].first .. + second].
  std::vector<std::pair<int32_t, int32_t>> feed_edges;
  // For each fetch the feed that it is, or -1.
  std::vector<int32_t> fetch_from_feed;
  // What TensorFlow numbers its hidden _Arg and _Retval nodes by: the place
  // in the alphabet of all names.
  std::vector<int32_t> arg_numbers, retval_numbers;

  // Something in it makes a resource that lives for one run.
  bool has_step_resources = false;
  // One node after the other, in the order of `nodes`, does it.
  bool is_linear = true;
  // Threads are worth their while.
  bool is_parallel = false;

  absl::Span<const DataEdge> EdgesOf(const PlanNode& node) const {
    return {data_edges.data() + node.first_edge,
            static_cast<size_t>(node.num_edges)};
  }
  absl::Span<const DataEdge> EdgesOfFeed(int i) const {
    return {data_edges.data() + feed_edges[i].first,
            static_cast<size_t>(feed_edges[i].second)};
  }
  absl::Span<const int32_t> ControlEdgesOf(const PlanNode& node) const {
    return {control_edges.data() + node.first_control_edge,
            static_cast<size_t>(node.num_control_edges)};
  }
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_PLAN_H_
