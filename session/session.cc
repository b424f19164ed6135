#include "session/session.h"

#include <algorithm>
#include <atomic>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/hash/hash.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/errors.h"
#include "core/observer.h"
#include "ops/resource_manager.h"
#include "ops/step_container.h"
#include "session/cancellation.h"
#include "session/executor.h"
#include "session/function_runner.h"
#include "session/kernel_cache.h"
#include "session/partial_run.h"
#include "session/placement.h"
#include "session/plan.h"
#include "session/request.h"
#include "session/thread_pool.h"

namespace retrograph {
namespace {

// A signature that belongs to somebody else, to look a plan up with.
struct SignatureView {
  const std::vector<Session::Feed>& feeds;
  const std::vector<Output>& fetches;
  const std::vector<Operation*>& targets;
};

const Output& KeyOf(const Output& feed) { return feed; }
const Output& KeyOf(const Session::Feed& feed) { return feed.first; }

template <typename S>
size_t HashSignature(const S& s) {
  size_t hash = absl::HashOf(s.feeds.size(), s.fetches.size());
  for (const auto& feed : s.feeds) hash = absl::HashOf(hash, KeyOf(feed));
  for (const Output& fetch : s.fetches) hash = absl::HashOf(hash, fetch);
  for (const Operation* target : s.targets) hash = absl::HashOf(hash, target);
  return hash;
}

template <typename A, typename B>
bool SameSignature(const A& a, const B& b) {
  return a.fetches == b.fetches && a.targets == b.targets &&
         std::equal(
             a.feeds.begin(), a.feeds.end(), b.feeds.begin(), b.feeds.end(),
             [](const auto& x, const auto& y) { return KeyOf(x) == KeyOf(y); });
}

using PlanPtr = std::unique_ptr<const Plan>;
struct PlanHash {
  using is_transparent = void;
  size_t operator()(const PlanPtr& p) const {
    return HashSignature(p->signature);
  }
  size_t operator()(const SignatureView& s) const { return HashSignature(s); }
};
struct PlanEqual {
  using is_transparent = void;
  bool operator()(const PlanPtr& a, const PlanPtr& b) const {
    return SameSignature(a->signature, b->signature);
  }
  bool operator()(const PlanPtr& a, const SignatureView& b) const {
    return SameSignature(a->signature, b);
  }
};

int64_t NextSessionId() {
  static std::atomic<int64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

template <typename T, typename F>
std::vector<std::string> Names(const std::vector<T>& elements, F name_of) {
  std::vector<std::string> names;
  names.reserve(elements.size());
  for (const T& element : elements) names.push_back(name_of(element));
  return names;
}

void ReportPlan(int64_t session_id, const Graph& graph, const Plan& plan) {
  Observer* const observer = CurrentObserver();
  if (observer == nullptr) return;
  const auto tensor_name = [](const Output& t) { return t.name(); };
  const auto op_name = [](const Operation* op) { return op->name(); };
  const auto views = [](const std::vector<std::string>& names) {
    return std::vector<absl::string_view>(names.begin(), names.end());
  };
  const auto feeds = Names(plan.signature.feeds, tensor_name);
  const auto fetches = Names(plan.signature.fetches, tensor_name);
  const auto targets = Names(plan.signature.targets, op_name);
  const auto feed_views = views(feeds);
  const auto fetch_views = views(fetches);
  const auto target_views = views(targets);
  PlanBuiltEvent event;
  event.session_id = session_id;
  event.graph_id = graph.unique_graph_key();
  event.feeds = feed_views;
  event.fetches = fetch_views;
  event.targets = target_views;
  event.node_count = static_cast<int64_t>(plan.nodes.size());
  observer->OnPlanBuilt(event);
}

}  // namespace

struct Session::Impl {
  Impl(std::shared_ptr<Graph> graph_in, const SessionOptions& options_in)
      : graph(std::move(graph_in)),
        options(options_in),
        placement(std::max(1, options_in.cpu_devices),
                  options_in.allow_soft_placement) {}

  // Whether anything can run at all.
  absl::Status CheckIsOpen() const;
  absl::StatusOr<std::vector<Tensor>> Run(
      const std::vector<Feed>& feeds, const std::vector<Output>& fetches,
      const std::vector<Operation*>& targets, const RunOptions& options);
  absl::StatusOr<std::string> PartialRunSetup(
      const std::vector<Output>& feeds, const std::vector<Output>& fetches,
      const std::vector<Operation*>& targets);
  absl::StatusOr<std::vector<Tensor>> ContinuePartialRun(
      const std::string& handle, const std::vector<Feed>& feeds,
      const std::vector<Output>& fetches);
  absl::StatusOr<const Plan*> FindOrCompile(const SignatureView& signature);
  // What a run needs besides its plan. `executor` gets all but a timeout.
  RunEnvironment NewRun(ExecutorOptions* executor);
  absl::StatusOr<std::vector<Tensor>> Execute(const Plan& plan,
                                              const std::vector<Feed>& feeds,
                                              const RunOptions& options);

  const int64_t id = NextSessionId();
  const std::shared_ptr<Graph> graph;
  const SessionOptions options;
  std::atomic<bool> closed{false};
  std::atomic<int64_t> next_step_id{1};
  CancellationManager cancellation;
  ResourceManager resources;
  Placement placement;
  KernelCache kernels;  // outlives the plans

  absl::Mutex compile_mu ABSL_ACQUIRED_BEFORE(plans_mu);
  absl::Mutex plans_mu;
  absl::flat_hash_set<PlanPtr, PlanHash, PlanEqual> plans
      ABSL_GUARDED_BY(plans_mu);

  absl::Mutex partial_runs_mu;
  // By handle. Shared with the calls that use them.
  absl::flat_hash_map<std::string, std::shared_ptr<retrograph::PartialRun>>
      partial_runs ABSL_GUARDED_BY(partial_runs_mu);
  std::atomic<int64_t> num_partial_runs{0};  // begun, in vain, too
};

absl::StatusOr<const Plan*> Session::Impl::FindOrCompile(
    const SignatureView& signature) {
  const auto find = [&]() -> const Plan* {
    absl::ReaderMutexLock lock(&plans_mu);
    const auto found = plans.find(signature);
    return found == plans.end() ? nullptr : found->get();
  };
  if (const Plan* plan = find()) return plan;
  // One thread compiles a plan, others that want it wait for it.
  absl::MutexLock compiling(&compile_mu);
  if (const Plan* plan = find()) return plan;
  Signature owned;
  for (const Feed& feed : signature.feeds) owned.feeds.push_back(feed.first);
  owned.fetches = signature.fetches;
  owned.targets = signature.targets;
  RG_ASSIGN_OR_RETURN(PlanPtr made, Plan::Compile(owned, &kernels));
  const Plan* const plan = made.get();
  {
    absl::MutexLock lock(&plans_mu);
    plans.insert(std::move(made));
  }
  ReportPlan(id, *graph, *plan);
  return plan;
}

RunEnvironment Session::Impl::NewRun(ExecutorOptions* executor) {
  RunEnvironment env;
  env.resources = &resources;
  env.file_system = options.file_system;
  env.sync_files = options.sync_files;
  env.step_id = next_step_id.fetch_add(1, std::memory_order_relaxed);
  executor->session_id = id;
  if (options.inter_op_threads != 1) {
    executor->pool = ThreadPool::Process();
    executor->max_threads = options.inter_op_threads > 0
                                ? options.inter_op_threads
                                : executor->pool->num_threads();
    env.schedule = [pool = executor->pool](std::function<void()> function) {
      pool->Schedule(std::move(function));
    };
  }
  return env;
}

absl::StatusOr<std::vector<Tensor>> Session::Impl::Execute(
    const Plan& plan, const std::vector<Feed>& feeds,
    const RunOptions& run_options) {
  absl::InlinedVector<Tensor, 4> values;
  for (size_t i = 0; i < feeds.size(); ++i) {
    const auto& [key, value] = feeds[i];
    const DataType expected = RemoveRefType(key.dtype());
    if (value.dtype() != expected) {
      return absl::InvalidArgumentError(
          absl::StrCat("Expects arg[", plan.arg_numbers[i], "] to be ",
                       DataTypeString(expected), " but ",
                       DataTypeString(value.dtype()), " is provided"));
    }
    values.push_back(value);
  }
  ExecutorOptions executor;
  RunEnvironment env = NewRun(&executor);
  executor.trace = run_options.trace;
  executor.is_interrupted = run_options.is_interrupted;
  const int64_t timeout_ms = run_options.timeout_ms > 0
                                 ? run_options.timeout_ms
                                 : options.operation_timeout_ms;
  if (timeout_ms > 0) executor.timeout = absl::Milliseconds(timeout_ms);
  const int64_t step_id = env.step_id;
  auto results =
      ExecutePlan(plan, values, std::move(env), &cancellation, executor);
  if (plan.has_step_resources) resources.Clear(StepContainer(step_id));
  return results;
}

absl::Status Session::Impl::CheckIsOpen() const {
  if (closed.load(std::memory_order_acquire)) {
    return RuntimeError("Attempted to use a closed Session.");
  }
  if (graph->num_operations() == 0) {
    return RuntimeError(
        "The Session graph is empty.  Add operations to the graph before "
        "calling run().");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Tensor>> Session::Impl::Run(
    const std::vector<Feed>& feeds, const std::vector<Output>& fetches,
    const std::vector<Operation*>& targets, const RunOptions& run_options) {
  RG_RETURN_IF_ERROR(CheckIsOpen());
  RG_RETURN_IF_ERROR(CheckRequest(*graph, feeds, fetches, targets));
  const auto fed_value = [&feeds](const Output& fetch) -> const Tensor* {
    for (size_t i = feeds.size(); i > 0; --i) {
      if (feeds[i - 1].first == fetch) return &feeds[i - 1].second;
    }
    return nullptr;
  };
  // Nothing to compute: nothing runs, as in TensorFlow.
  if (targets.empty() &&
      std::all_of(fetches.begin(), fetches.end(), fed_value)) {
    std::vector<Tensor> values;
    for (const Output& fetch : fetches) values.push_back(*fed_value(fetch));
    return values;
  }
  RG_RETURN_IF_ERROR(placement.Check(*graph));
  RG_ASSIGN_OR_RETURN(const Plan* plan,
                      FindOrCompile({feeds, fetches, targets}));
  return Execute(*plan, feeds, run_options);
}

absl::StatusOr<std::string> Session::Impl::PartialRunSetup(
    const std::vector<Output>& feeds, const std::vector<Output>& fetches,
    const std::vector<Operation*>& targets) {
  RG_RETURN_IF_ERROR(CheckIsOpen());
  RG_RETURN_IF_ERROR(CheckRequest(*graph, {}, fetches, targets));
  const int64_t number = num_partial_runs.fetch_add(1);
  for (const Output& feed : feeds) {
    if (std::find(fetches.begin(), fetches.end(), feed) == fetches.end()) {
      continue;
    }
    return absl::InvalidArgumentError(
        absl::StrCat(feed.name(), " is both fed and fetched."));
  }
  if (fetches.empty() && targets.empty()) {
    return absl::InvalidArgumentError(
        "Must specify at least one target to fetch or execute.");
  }
  RG_RETURN_IF_ERROR(placement.Check(*graph));
  std::vector<Feed> unfed;
  for (const Output& feed : feeds) unfed.emplace_back(feed, Tensor());
  RG_ASSIGN_OR_RETURN(const Plan* plan,
                      FindOrCompile({unfed, fetches, targets}));
  ExecutorOptions executor;
  RunEnvironment env = NewRun(&executor);
  auto run = std::make_shared<retrograph::PartialRun>(
      plan, std::move(env), &cancellation, executor);
  run->Start();
  absl::MutexLock lock(&partial_runs_mu);
  std::string handle =
      absl::StrCat(PartialRunKey(plan->signature), ";", number);
  partial_runs[handle] = std::move(run);
  return handle;
}

absl::StatusOr<std::vector<Tensor>> Session::Impl::ContinuePartialRun(
    const std::string& handle, const std::vector<Feed>& feeds,
    const std::vector<Output>& fetches) {
  RG_RETURN_IF_ERROR(CheckIsOpen());
  RG_RETURN_IF_ERROR(CheckRequest(*graph, feeds, fetches, {}));
  std::shared_ptr<retrograph::PartialRun> run;
  {
    absl::MutexLock lock(&partial_runs_mu);
    const auto found = partial_runs.find(handle);
    if (found == partial_runs.end()) {
      return absl::InvalidArgumentError(
          "Must run 'setup' before performing partial runs!");
    }
    run = found->second;
  }
  absl::StatusOr<std::vector<Tensor>> values = run->Continue(feeds, fetches);
  if (run->IsOver()) {
    absl::MutexLock lock(&partial_runs_mu);
    partial_runs.erase(handle);
  }
  if (run->HasFailed()) cancellation.Cancel();
  return values;
}

Session::Session() = default;

Session::~Session() {
  if (impl_ != nullptr) Close().IgnoreError();
}

absl::StatusOr<std::unique_ptr<Session>> Session::Create(
    std::shared_ptr<Graph> graph, SessionOptions options) {
  if (graph == nullptr) graph = Graph::Default();
  if (options.file_system == nullptr) options.file_system = FileSystem::Posix();
  InstallFunctionRunner();
  std::unique_ptr<Session> session(new Session);
  session->impl_ = std::make_unique<Impl>(std::move(graph), options);
  return session;
}

absl::StatusOr<std::vector<Tensor>> Session::Run(
    const std::vector<Feed>& feeds, const std::vector<Output>& fetches,
    const std::vector<Operation*>& targets, const RunOptions& options) {
  absl::StatusOr<std::vector<Tensor>> results =
      impl_->Run(feeds, fetches, targets, options);
  if (results.ok()) return results;
  return WithNodeNames(results.status());
}

absl::StatusOr<std::string> Session::PartialRunSetup(
    const std::vector<Output>& feeds, const std::vector<Output>& fetches,
    const std::vector<Operation*>& targets) {
  absl::StatusOr<std::string> handle =
      impl_->PartialRunSetup(feeds, fetches, targets);
  if (handle.ok()) return handle;
  return WithNodeNames(handle.status());
}

absl::StatusOr<std::vector<Tensor>> Session::PartialRun(
    const std::string& handle, const std::vector<Feed>& feeds,
    const std::vector<Output>& fetches) {
  absl::StatusOr<std::vector<Tensor>> results =
      impl_->ContinuePartialRun(handle, feeds, fetches);
  if (results.ok()) return results;
  return WithNodeNames(results.status());
}

absl::Status Session::WithNodeNames(const absl::Status& status) const {
  if (!absl::StrContains(status.message(), "{{")) return status;
  return WithMessage(status,
                     InterpolateNodeNames(*impl_->graph, status.message()));
}

absl::StatusOr<std::vector<Tensor>> Session::RunByName(
    const std::vector<std::pair<std::string, Tensor>>& feeds,
    const std::vector<std::string>& fetches,
    const std::vector<std::string>& targets) {
  // Before names are looked at, as in TensorFlow; Run() says why.
  if (closed() || impl_->graph->num_operations() == 0) return Run({}, {}, {});
  std::vector<Feed> feed_list;
  for (const auto& [name, value] : feeds) {
    RG_ASSIGN_OR_RETURN(const Output key, FeedByName(*impl_->graph, name));
    feed_list.emplace_back(key, value);
  }
  std::vector<Output> fetch_list;
  std::vector<Operation*> target_list;
  for (const auto* names : {&fetches, &targets}) {
    for (const std::string& name : *names) {
      RG_ASSIGN_OR_RETURN(const Graph::Element element,
                          FetchByName(*impl_->graph, name));
      if (element.op != nullptr) {
        target_list.push_back(element.op);
      } else if (names == &targets) {
        target_list.push_back(element.tensor.op);
      } else {
        fetch_list.push_back(element.tensor);
      }
    }
  }
  return Run(feed_list, fetch_list, target_list);
}

absl::Status Session::Close() {
  if (impl_->closed.exchange(true)) return absl::OkStatus();
  impl_->cancellation.Cancel();
  impl_->resources.Clear("");
  return absl::OkStatus();
}

bool Session::closed() const { return impl_->closed; }
const std::shared_ptr<Graph>& Session::graph() const { return impl_->graph; }
int64_t Session::id() const { return impl_->id; }
ResourceManager* Session::resources() { return &impl_->resources; }
const SessionOptions& Session::options() const { return impl_->options; }

}  // namespace retrograph
