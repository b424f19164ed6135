// Session: runs a graph and owns everything that changes: variable values and
// every other resource. Two sessions on one graph share nothing.
//
// Run() prunes the graph to what the fetches and targets need, compiles a plan
// once per signature (feeds, fetches, targets) and caches it. The graph may
// grow between and during runs; a plan never changes.
//
// Example:
//   absl::StatusOr<std::unique_ptr<Session>> session = Session::Create(graph);
//   RG_RETURN_IF_ERROR((*session)->Run({}, {}, {init_op}).status());
//   auto values = (*session)->Run({{x, feed}}, {y}, {});   // one Tensor a
//   fetch
//
// Errors have TensorFlow's code and text: a failed kernel's message is followed
// by "\n\t [[node NAME (defined at FILE:LINE) ]]".
//
// Ownership: shares the graph. Threads: thread-safe.
#ifndef RETROGRAPH_SESSION_SESSION_H_
#define RETROGRAPH_SESSION_SESSION_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/file_system.h"
#include "core/tensor.h"
#include "graph/graph.h"

namespace retrograph {

class ResourceManager;
class StepTrace;

struct SessionOptions {
  // Where SaveV2 and friends read and write. Null: the machine's.
  FileSystem* file_system = nullptr;
  // fsync what is saved; see docs/durability.md.
  bool sync_files = SyncFilesByDefault();
  // Threads for kernels; 0: one a core. 1 runs kernels one after the other in
  // the calling thread, in a fixed order.
  int inter_op_threads = 0;
  // Milliseconds a Run may take; 0: no limit (operation_timeout_in_ms).
  int64_t operation_timeout_ms = 0;
  // Devices: how many CPU devices there are (device_count {CPU: n}); a node
  // placed elsewhere is an error unless `allow_soft_placement`.
  int cpu_devices = 1;
  bool allow_soft_placement = false;
};

// What a single Run is asked besides its values (tf.RunOptions).
struct RunOptions {
  // Milliseconds the run may take; 0: what the session says.
  int64_t timeout_ms = 0;
  // Not null: gets the times and outputs of the nodes that run, also of a run
  // that fails.
  StepTrace* trace = nullptr;
  // Asked about ten times a second, in the thread that calls Run(), while the
  // run waits or loops: true ends it with Cancelled "Run call was cancelled". A
  // kernel that computes is not interrupted. Null: nobody is asked.
  std::function<bool()> is_interrupted;
};

class Session {
 public:
  using Feed = std::pair<Output, Tensor>;

  // Null graph: the default graph of this thread.
  static absl::StatusOr<std::unique_ptr<Session>> Create(
      std::shared_ptr<Graph> graph = nullptr, SessionOptions options = {});
  ~Session();

  // Returns one tensor per fetch. A fetched ref variable gives its value.
  //
  // Errors (TensorFlow's texts and classes):
  //   RuntimeError         "Attempted to use a closed Session.", "The Session
  //                        graph is empty. ..."
  //   ValueError           a fed value's shape does not fit; an element of
  //                        another graph; not feedable or fetchable.
  //   FailedPrecondition   an uninitialised variable is read.
  //   InvalidArgument      a placeholder is not fed; no kernel; a bad device.
  //   DeadlineExceeded     "Timed out waiting for notification".
  // and whatever a kernel reports.
  absl::StatusOr<std::vector<Tensor>> Run(
      const std::vector<Feed>& feeds, const std::vector<Output>& fetches,
      const std::vector<Operation*>& targets, const RunOptions& options = {});

  // Begins a run in pieces (see partial_run.h), in which these tensors may be
  // fed and fetched; returns its handle: "a:0,b:0->c:0//1/;0".
  //
  // Errors: InvalidArgument "Must specify at least one target to fetch or
  // execute.", "a:0 is both fed and fetched."; and those of Run().
  absl::StatusOr<std::string> PartialRunSetup(
      const std::vector<Output>& feeds, const std::vector<Output>& fetches,
      const std::vector<Operation*>& targets);
  // The next piece. A handle is good until all was fed and fetched, or a kernel
  // failed, which, as in TensorFlow, ends every run of the session.
  //
  // Errors: InvalidArgument "Must run 'setup' before performing partial
  // runs!"; and those of PartialRun::Continue.
  absl::StatusOr<std::vector<Tensor>> PartialRun(
      const std::string& handle, const std::vector<Feed>& feeds,
      const std::vector<Output>& fetches);

  // Names instead, as session.run("a:0", {"x:0": ...}) takes them. A fetch
  // that names an operation is a target and yields no tensor.
  absl::StatusOr<std::vector<Tensor>> RunByName(
      const std::vector<std::pair<std::string, Tensor>>& feeds,
      const std::vector<std::string>& fetches,
      const std::vector<std::string>& targets = {});

  // Frees the variables. Later runs fail. Idempotent.
  absl::Status Close();
  bool closed() const;

  const std::shared_ptr<Graph>& graph() const;
  // The number that observers know this session by; never used again.
  int64_t id() const;
  ResourceManager* resources();
  const SessionOptions& options() const;

 private:
  // Names the nodes that an error is about as TensorFlow's Python layer does.
  absl::Status WithNodeNames(const absl::Status& status) const;

  Session();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Turns "{{node NAME}}" into "node NAME (defined at FILE:LINE) ", as
// TensorFlow's Python layer does, for nodes that `graph` has.
std::string InterpolateNodeNames(const Graph& graph, absl::string_view message);

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_SESSION_H_
