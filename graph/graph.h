// Graph: operations, their names, scopes and collections.
//
// A graph only grows: operations get dense ids and never move, so sessions
// read it without a lock while another thread still builds. Every thread has a
// stack of default graphs over a default of its own.
//
// Building goes through GraphBuilder (graph/builder.h), which fills in attrs
// from inputs, or through CreateOp() here for a node that is already spelled
// out (import). Names, scopes, devices and control dependencies follow
// TensorFlow 1.15's tf.Graph exactly: a Saver works by names.
//
// Example:
//   auto graph = Graph::Create();
//   Graph::AsDefault as_default(graph);
//   GraphBuilder b;                       // builds into the default graph
//   Operation* a = b.AddOp("NoOp", {}, {}, "a");
//
// Ownership: graphs are shared (std::shared_ptr); sessions keep theirs alive.
// Threads: creating ops is serialised inside; scopes (name, device, control
//   dependencies, colocation) are per thread and graph.
#ifndef RETROGRAPH_GRAPH_GRAPH_H_
#define RETROGRAPH_GRAPH_GRAPH_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "graph/op_registry.h"
#include "graph/operation.h"
#include "proto/graph.pb.h"

namespace retrograph {

// An object of a room above that stands in a collection: a Variable, a Saver,
// a Python object.
class CollectionObject {
 public:
  virtual ~CollectionObject() = default;
  // The Python class as TensorFlow names it, for texts.
  virtual std::string TypeName() const = 0;
  // The object's name ("v:0"), by which GetCollection filters; nothing if its
  // class has no attribute `name`.
  virtual absl::optional<std::string> CollectionName() const {
    return absl::nullopt;
  }
};
using CollectionItem = std::variant<Output, Operation*, std::string, int64_t,
                                    double, std::shared_ptr<CollectionObject>>;

// A node spelled out: every input in order, every attr that is not a default.
struct NodeSpec {
  // Final if it ends in "/" (without it), else made unique. "": the op's type.
  std::string name;
  std::string type;
  std::vector<Output> inputs;
  std::vector<Operation*> control_inputs;  // besides those of the scopes
  AttrList attrs;
  std::string device;  // merged under the device scopes' result
  // An op that the registry does not know is an error, unless this says that
  // it is to be kept, with these outputs.
  bool keep_unknown = false;
  DataTypeVector output_types;
};

// GraphKeys, the standard collections.
namespace graph_keys {
inline constexpr char kGlobalVariables[] = "variables";
inline constexpr char kLocalVariables[] = "local_variables";
inline constexpr char kModelVariables[] = "model_variables";
inline constexpr char kTrainableVariables[] = "trainable_variables";
inline constexpr char kMetricVariables[] = "metric_variables";
inline constexpr char kSummaries[] = "summaries";
inline constexpr char kQueueRunners[] = "queue_runners";
inline constexpr char kTableInitializers[] = "table_initializer";
inline constexpr char kAssetFilepaths[] = "asset_filepaths";
inline constexpr char kMovingAverageVariables[] = "moving_average_variables";
inline constexpr char kRegularizationLosses[] = "regularization_losses";
inline constexpr char kConcatenatedVariables[] = "concatenated_variables";
inline constexpr char kSavers[] = "savers";
inline constexpr char kWeights[] = "weights";
inline constexpr char kBiases[] = "biases";
inline constexpr char kActivations[] = "activations";
inline constexpr char kUpdateOps[] = "update_ops";
inline constexpr char kLosses[] = "losses";
inline constexpr char kSaveableObjects[] = "saveable_objects";
inline constexpr char kResources[] = "resources";
inline constexpr char kLocalResources[] = "local_resources";
inline constexpr char kInitOp[] = "init_op";
inline constexpr char kLocalInitOp[] = "local_init_op";
inline constexpr char kReadyOp[] = "ready_op";
inline constexpr char kReadyForLocalInitOp[] = "ready_for_local_init_op";
inline constexpr char kSummaryOp[] = "summary_op";
inline constexpr char kGlobalStep[] = "global_step";
inline constexpr char kTrainOp[] = "train_op";
inline constexpr char kCondContext[] = "cond_context";
inline constexpr char kWhileContext[] = "while_context";
}  // namespace graph_keys

// A device scope: a (partial) device string that is merged, or a function that
// is asked for each new op.
using DeviceFunction = std::function<std::string(const Operation&)>;

class Graph : public std::enable_shared_from_this<Graph> {
 public:
  static std::shared_ptr<Graph> Create(
      const OpRegistry* registry = OpRegistry::Global());
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  // ---- The default graph ----
  // The top of this thread's stack, or the thread's own default: as in
  // TensorFlow, threads do not share a default graph.
  static std::shared_ptr<Graph> Default();
  // tf.reset_default_graph(): AssertionError inside an AsDefault scope.
  static absl::Status ResetDefault();
  // For `with graph.as_default()`. Pop checks the nesting (AssertionError with
  // TensorFlow's text).
  static void PushDefault(std::shared_ptr<Graph> graph);
  static absl::Status PopDefault(const Graph* graph);
  class AsDefault {
   public:
    explicit AsDefault(std::shared_ptr<Graph> graph);
    ~AsDefault();
    AsDefault(const AsDefault&) = delete;
    AsDefault& operator=(const AsDefault&) = delete;

   private:
    std::shared_ptr<Graph> graph_;
  };

  // ---- Operations ----
  // Checks against the registry, infers shapes, names and publishes the node.
  // The name is used up even if there is an error after it was made, as in
  // TensorFlow; otherwise the graph is as it was.
  //
  // Errors: RuntimeError for a finalised graph, ValueError for a bad name or
  // node and where shapes do not fit, NotFound for an unknown op.
  absl::StatusOr<Operation*> CreateOp(NodeSpec spec);
  int num_operations() const { return size_.load(std::memory_order_acquire); }
  Operation* operation(int index) const;  // 0 <= index < num_operations()
  std::vector<Operation*> GetOperations() const;
  Operation* FindOperation(absl::string_view name) const;  // null if absent
  // With TensorFlow's texts (KeyError, ValueError).
  absl::StatusOr<Operation*> GetOperationByName(absl::string_view name) const;
  absl::StatusOr<Output> GetTensorByName(absl::string_view name) const;
  struct Element {  // exactly one of the two
    Operation* op = nullptr;
    Output tensor;
  };
  absl::StatusOr<Element> AsGraphElement(absl::string_view name,
                                         bool allow_tensor = true,
                                         bool allow_operation = true) const;

  // What an unset op seed becomes: the number of ops, those included whose
  // creation failed after they had got an id.
  int last_id() const { return num_operations() + failed_operations_.load(); }
  // Grows with every change; sessions look at it.
  int version() const { return num_operations(); }

  // ---- Names ----
  // Makes `name` unique under the current name scope, case-insensitively.
  std::string UniqueName(absl::string_view name, bool mark_as_used = true);
  // The name, without a slash, of the scope that EnterNameScope(name) would
  // enter, checked and used up; enters nothing.
  absl::StatusOr<std::string> UniqueScopeName(absl::string_view name);
  // Enters a name scope and returns its full name with a trailing "/" ("" for
  // the root). `name` ending in "/" re-enters that scope as it is; "" is the
  // root. ValueError for a bad name. Each Enter needs one Exit.
  absl::StatusOr<std::string> EnterNameScope(absl::string_view name);
  void ExitNameScope();
  std::string CurrentNameScope() const;  // "a/b" without a trailing slash
  // Takes the name scope away until ExitNameScope(), or puts back one that
  // CurrentNameScope() gave: neither checks nor makes unique.
  void RestoreNameScope(absl::string_view full_name);

  // ---- Other scopes ----
  // Each needs one Exit...(). `clear` is control_dependencies(None).
  void EnterControlDependencies(std::vector<Operation*> ops, bool clear);
  void ExitControlDependencies();
  std::vector<Operation*> CurrentControlDependencies() const;
  // ValueError with TensorFlow's text for a device string that does not parse.
  // nullopt is device(None), which clears.
  absl::Status EnterDevice(absl::optional<std::string> device);
  void EnterDeviceFunction(DeviceFunction function);
  void ExitDevice();
  // `ignore_existing` clears outer colocations and devices. Null: none.
  absl::Status EnterColocateWith(Operation* op, bool ignore_existing);
  void ExitColocateWith();
  // tf.init_scope(): outside control dependencies and branches. Where there is
  // no device scope (colocation takes them away), in those of the default
  // graph's AsDefault; the names stay.
  void EnterInitScope();
  void ExitInitScope();
  void EnterContainer(std::string container);
  void ExitContainer();
  std::string CurrentContainer() const;

  // ---- Control flow ----
  // The branch or loop that this thread's new ops belong to, or null. Each
  // Enter needs one Exit; the graph keeps the context.
  ControlFlowContext* CurrentControlFlowContext() const;
  void EnterControlFlowContext(std::shared_ptr<ControlFlowContext> context);
  void ExitControlFlowContext();

  // ---- Collections ----
  // Does not look whether the graph is finalised (TensorFlow raises then):
  // CheckNotFinalized() tells.
  void AddToCollection(absl::string_view name, CollectionItem item);
  // Items in order; with a `scope`, only those whose name matches it as a
  // regular expression at its start, as TensorFlow does; items without a name
  // (strings, numbers) then are left out, and a bad expression matches none.
  std::vector<CollectionItem> GetCollection(absl::string_view name,
                                            absl::string_view scope = "") const;
  void ClearCollection(absl::string_view name);
  std::vector<std::string> CollectionNames() const;  // sorted

  // ---- The rest ----
  void Finalize() { finalized_ = true; }
  void UnsafeUnfinalize() { finalized_ = false; }
  bool finalized() const { return finalized_; }
  // RuntimeError "Graph is finalized and cannot be modified."
  absl::Status CheckNotFinalized() const;

  void SetSeed(absl::optional<int64_t> seed) { seed_ = seed; }
  absl::optional<int64_t> seed() const { return seed_; }
  // tf.get_seed(op_seed): the pair an op gets as (seed, seed2); nullopts if
  // neither seed is set. An unset op seed is last_id().
  std::pair<absl::optional<int64_t>, absl::optional<int64_t>> GetSeed(
      absl::optional<int64_t> op_seed) const;

  void PreventFeeding(const Output& tensor);
  void PreventFetching(Operation* op);
  bool IsFeedable(const Output& tensor) const;
  bool IsFetchable(const Operation* op) const;

  const OpRegistry* registry() const { return registry_; }
  int64_t unique_graph_key() const { return key_; }
  int producer() const { return versions().producer(); }
  void set_producer(int producer);

  // as_graph_def(): nodes in creation order. With `add_shapes`, each node has
  // its _output_shapes.
  GraphDef ToGraphDef(bool add_shapes = false, int from_version = 0) const;

  // ---- For import ----
  // The functions of the graph's library, kept as they are.
  void AddFunctions(const FunctionDefLibrary& library);
  // producer, min_consumer and bad_consumers.
  VersionDef versions() const;
  void set_versions(const VersionDef& versions);
  // Replaces an input of an op (a loop's back edge). Graph building only.
  void UpdateInput(Operation* op, int index, const Output& input);
  void AddControlInput(Operation* op, Operation* control);

 private:
  friend class ControlFlowContext;  // control_flow.h
  friend class Importer;            // importer.h
  explicit Graph(const OpRegistry* registry);
  struct Impl;  // graph_impl.h
  std::unique_ptr<Impl> impl_;
  const OpRegistry* registry_;
  std::atomic<int> size_{0};
  std::atomic<int> failed_operations_{0};
  std::atomic<bool> finalized_{false};
  absl::optional<int64_t> seed_;
  int64_t key_;
};

// RAII forms of the scopes. The graph must outlive them.
class NameScope {
 public:
  // Aborts on a bad name: for names fixed in code.
  NameScope(Graph* graph, absl::string_view name);
  ~NameScope() { graph_->ExitNameScope(); }
  const std::string& full_name() const { return full_name_; }  // "a/b/"
  NameScope(const NameScope&) = delete;
  NameScope& operator=(const NameScope&) = delete;

 private:
  Graph* graph_;
  std::string full_name_;
};
class ControlDependencies {
 public:
  ControlDependencies(Graph* graph, std::vector<Operation*> ops);
  // control_dependencies(None)
  static constexpr struct ClearTag {
  } kClear{};
  ControlDependencies(Graph* graph, ClearTag);
  ~ControlDependencies() { graph_->ExitControlDependencies(); }
  ControlDependencies(const ControlDependencies&) = delete;
  ControlDependencies& operator=(const ControlDependencies&) = delete;

 private:
  Graph* graph_;
};
class DeviceScope {
 public:
  DeviceScope(Graph* graph, absl::optional<std::string> device);  // must parse
  ~DeviceScope() { graph_->ExitDevice(); }
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;

 private:
  Graph* graph_;
};
class ColocateWith {
 public:
  ColocateWith(Graph* graph, Operation* op, bool ignore_existing = false);
  ~ColocateWith() { graph_->ExitColocateWith(); }
  ColocateWith(const ColocateWith&) = delete;
  ColocateWith& operator=(const ColocateWith&) = delete;

 private:
  Graph* graph_;
};
class InitScope {
 public:
  explicit InitScope(Graph* graph) : graph_(graph) { graph_->EnterInitScope(); }
  ~InitScope() { graph_->ExitInitScope(); }
  InitScope(const InitScope&) = delete;
  InitScope& operator=(const InitScope&) = delete;

 private:
  Graph* graph_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_GRAPH_H_
