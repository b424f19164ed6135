#include "variables/variable_store.h"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"

namespace retrograph {
namespace {

// The stores of the graphs that are alive, and of some that were.
struct Stores {
  struct Entry {
    std::weak_ptr<Graph> graph;
    std::shared_ptr<VariableStore> store;
  };
  absl::Mutex mu;
  absl::flat_hash_map<int64_t, Entry> by_graph ABSL_GUARDED_BY(mu);
  size_t sweep_at ABSL_GUARDED_BY(mu) = 64;
};

Stores* AllStores() {
  static auto* stores = new Stores();
  return stores;
}

// Thread ids are used again after a thread ends; these are not.
int64_t ThisThreadId() {
  static std::atomic<int64_t> last{0};
  thread_local const int64_t id = ++last;
  return id;
}

// At most so many frames of where a variable was first defined.
constexpr int kMaxFrames = 5;

// Python's traceback.format_list of the innermost frames, innermost first.
std::string FormatOrigin(const Traceback& traceback) {
  std::string text;
  if (traceback == nullptr) return text;
  int count = 0;
  for (auto frame = traceback->rbegin();
       frame != traceback->rend() && count < kMaxFrames; ++frame, ++count) {
    absl::StrAppend(
        &text, "  File \"", frame->file, "\", line ", frame->line, ", in ",
        frame->function.empty() ? "<module>" : frame->function, "\n");
    if (!frame->code.empty()) absl::StrAppend(&text, "    ", frame->code, "\n");
  }
  return text;
}

absl::Status AlreadyExists(const std::string& name, const Variable& variable) {
  std::string text = absl::StrCat(
      "Variable ", name,
      " already exists, disallowed. Did you mean to set reuse=True or "
      "reuse=tf.AUTO_REUSE in VarScope?");
  if (!variable.is_resource()) {
    absl::StrAppend(&text, " Originally defined at:\n\n",
                    FormatOrigin(variable.op()->traceback()));
  }
  return ValueError(text);
}

// glorot_uniform for floats, zeros for integers, bool and string.
absl::StatusOr<Initializer> DefaultInitializer(const std::string& name,
                                               DataType dtype) {
  if (IsFloatingType(dtype)) return GlorotUniformInitializer();
  if (IsIntegerType(dtype) || dtype == DT_BOOL || dtype == DT_STRING) {
    return ZerosInitializer();
  }
  return ValueError(absl::StrCat("An initializer for variable ", name,
                                 " of <dtype: '", DTypePythonName(dtype),
                                 "'> is required"));
}

}  // namespace

VariableScopeStack::VariableScopeStack() {
  scopes.push_back(std::make_unique<VariableScope>());
}

void VariableScopeStack::CloseSubscopes(const std::string& name) {
  const std::string prefix = absl::StrCat(name, "/");
  for (auto it = counts.lower_bound(prefix);
       it != counts.end() && absl::StartsWith(it->first, prefix); ++it) {
    it->second = 0;
  }
}

std::string VariableScopeStack::UniqueName(const std::string& prefix) const {
  const std::string& parent = scopes.back()->name;
  const std::string name =
      parent.empty() ? prefix : absl::StrCat(parent, "/", prefix);
  auto opened = [&](const std::string& name) {
    auto it = counts.find(name);
    return it != counts.end() && it->second > 0;
  };
  if (!opened(name)) return prefix;
  int i = 1;
  while (opened(absl::StrCat(name, "_", i))) ++i;
  return absl::StrCat(prefix, "_", i);
}

std::shared_ptr<VariableStore> VariableStore::Of(Graph* graph) {
  Stores* stores = AllStores();
  absl::MutexLock lock(&stores->mu);
  Stores::Entry& entry = stores->by_graph[graph->unique_graph_key()];
  if (entry.store != nullptr) return entry.store;
  std::shared_ptr<VariableStore> store = std::make_shared<VariableStore>();
  entry = {graph->weak_from_this(), store};
  if (stores->by_graph.size() > stores->sweep_at) {
    absl::erase_if(stores->by_graph, [](const auto& item) {
      return item.second.graph.expired();
    });
    stores->sweep_at = std::max<size_t>(64, 2 * stores->by_graph.size());
  }
  return store;
}

VariableScopeStack* VariableStore::ThisThread() {
  absl::MutexLock lock(&mu_);
  auto& stack = threads_[ThisThreadId()];
  if (stack == nullptr) stack = std::make_unique<VariableScopeStack>();
  return stack.get();
}

std::shared_ptr<Variable> VariableStore::Find(const std::string& name) const {
  absl::MutexLock lock(&mu_);
  auto it = variables_.find(name);
  return it == variables_.end() ? nullptr : it->second;
}

std::map<std::string, std::shared_ptr<Variable>> VariableStore::All() const {
  absl::MutexLock lock(&mu_);
  return {variables_.begin(), variables_.end()};
}

GotVariable VariableStore::Get(GraphBuilder& b, GetVariableOptions options) {
  if (!options.trainable.has_value()) {
    options.trainable = options.synchronization != Synchronization::kOnRead;
  }
  if (!options.custom_getter) return GetWithoutGetter(b, std::move(options));
  CustomGetter getter = std::move(options.custom_getter);
  options.custom_getter = nullptr;
  return getter(
      [this](GraphBuilder& b, GetVariableOptions options) {
        return GetWithoutGetter(b, std::move(options));
      },
      b, std::move(options));
}

GotVariable VariableStore::GetWithoutGetter(GraphBuilder& b,
                                            GetVariableOptions options) {
  if (!b.ok()) return {};
  const bool is_scalar =
      options.shape.has_value() && options.shape->rank() == 0;
  if (options.partitioner && !is_scalar) {
    NameScope root(b.graph(), "");
    return {nullptr, GetPartitioned(b, std::move(options))};
  }
  // A partitioned variable may be had again without saying how it is split.
  if (options.reuse == Reuse::kYes && !options.partitioner &&
      FindPartitioned(options.name) != nullptr) {
    return {nullptr, GetPartitioned(b, std::move(options))};
  }
  if (Find(absl::StrCat(options.name, "/part_0")) != nullptr) {
    b.Update(ValueError(absl::StrCat(
        "No partitioner was provided, but a partitioned version of the "
        "variable was found: ",
        options.name,
        "/part_0. Perhaps a variable of the same name was already created "
        "with partitioning?")));
    return {};
  }
  return {GetSingle(b, options, nullptr), nullptr};
}

std::shared_ptr<Variable> VariableStore::GetSingle(
    GraphBuilder& b, const GetVariableOptions& options,
    const PartitionInfo* partition) {
  const std::string& name = options.name;
  if (options.shape.has_value() && options.initial_value.has_value()) {
    b.Update(ValueError("If initializer is a constant, do not specify shape."));
    return nullptr;
  }
  const PartialTensorShape shape = options.shape.value_or(PartialTensorShape());
  std::shared_ptr<Variable> found = Find(name);
  if (found == nullptr) {
    if (options.reuse == Reuse::kYes) {
      b.Update(ValueError(absl::StrCat(
          "Variable ", name,
          " does not exist, or was not created with tf.get_variable(). Did you "
          "mean to set reuse=tf.AUTO_REUSE in VarScope?")));
      return nullptr;
    }
    return MakeSingle(b, options, partition);
  }
  if (options.reuse.value_or(Reuse::kNo) == Reuse::kNo) {
    b.Update(AlreadyExists(name, *found));
  } else if (!shape.IsCompatibleWith(found->shape())) {
    b.Update(ValueError(absl::StrCat("Trying to share variable ", name,
                                     ", but specified shape ",
                                     shape.PythonString(), " and found shape ",
                                     found->shape().PythonString(), ".")));
  } else if (options.dtype != found->dtype()) {
    b.Update(ValueError(absl::StrCat(
        "Trying to share variable ", name, ", but specified dtype ",
        DTypePythonName(options.dtype), " and found dtype ",
        DTypePythonName(found->is_resource() ? found->dtype()
                                             : found->handle().dtype()),
        ".")));
  }
  return b.ok() ? found : nullptr;
}

std::shared_ptr<Variable> VariableStore::MakeSingle(
    GraphBuilder& b, const GetVariableOptions& options,
    const PartitionInfo* partition) {
  VariableOptions variable;
  variable.initial_value = options.initial_value;
  if (!options.initial_value.has_value()) {
    Initializer initializer =
        options.initializer.has_value()
            ? *options.initializer
            : b.Take(DefaultInitializer(options.name, options.dtype));
    if (!b.ok()) return nullptr;
    TensorShape shape;
    if (options.shape.has_value() && options.shape->IsFullyDefined()) {
      shape = options.shape->AsTensorShape();
      variable.dtype = options.dtype;
    } else if (initializer.takes_shape) {
      b.Update(ValueError(
          "The initializer passed is not valid. It should be a callable with "
          "no arguments and the shape should not be provided or an instance "
          "of `tf.keras.initializers.*' and `shape` should be fully "
          "defined."));
      return nullptr;
    }
    variable.initializer = [=](GraphBuilder& b) {
      return initializer.make(b, shape, options.dtype, partition);
    };
  }
  if (options.name.empty()) {
    b.Update(ValueError("'' is not a valid node name"));
    return nullptr;
  }
  variable.name = options.name;
  variable.trainable = options.trainable;
  variable.collections = options.collections;
  variable.caching_device = options.caching_device;
  variable.validate_shape = options.validate_shape;
  variable.constraint = options.constraint;
  // Nothing said here or by the scope where get_variable was called is no.
  variable.use_resource = options.use_resource.value_or(false);
  variable.synchronization = options.synchronization;
  variable.aggregation = options.aggregation;
  std::shared_ptr<Variable> made = Variable::Create(b, std::move(variable));
  if (made == nullptr) return nullptr;
  {
    absl::MutexLock lock(&mu_);
    variables_[options.name] = made;
  }
  if (options.regularizer) Regularize(b, options, *made);
  return b.ok() ? made : nullptr;
}

void VariableStore::Regularize(GraphBuilder& b,
                               const GetVariableOptions& options,
                               const Variable& variable) {
  ColocateWith colocate(b.graph(), variable.op());
  NameScope scope(b.graph(), absl::StrCat(options.name, "/Regularizer/"));
  InitScope init_scope(b.graph());
  Output loss = options.regularizer(b, variable);
  if (b.ok() && loss.valid()) {
    b.graph()->AddToCollection(graph_keys::kRegularizationLosses, loss);
  }
}

}  // namespace retrograph
