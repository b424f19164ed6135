// What a graph holds besides making nodes: look-up by name, collections, seeds,
// what may be fed and fetched, and the GraphDef.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"
#include "graph/graph_impl.h"
#include "graph/node_defs.h"
#include "graph/python_text.h"
#include "re2/re2.h"

namespace retrograph {
namespace {

constexpr int64_t kDefaultGraphSeed = 87654321;
constexpr int64_t kMaxInt32 = 2147483647;

// seed % kMaxInt32 as Python computes it: never negative.
int64_t TruncateSeed(int64_t seed) {
  const int64_t rest = seed % kMaxInt32;
  return rest < 0 ? rest + kMaxInt32 : rest;
}

absl::optional<std::string> ItemName(const CollectionItem& item) {
  if (const Output* output = std::get_if<Output>(&item)) {
    return output->name();
  }
  if (Operation* const* op = std::get_if<Operation*>(&item)) {
    return (*op)->name();
  }
  if (const auto* object =
          std::get_if<std::shared_ptr<CollectionObject>>(&item)) {
    return (*object)->CollectionName();
  }
  return absl::nullopt;
}

}  // namespace

// ---- Look-up ----

absl::StatusOr<Operation*> Graph::GetOperationByName(
    absl::string_view name) const {
  RG_ASSIGN_OR_RETURN(const Element element,
                      AsGraphElement(name, /*allow_tensor=*/false,
                                     /*allow_operation=*/true));
  return element.op;
}

absl::StatusOr<Output> Graph::GetTensorByName(absl::string_view name) const {
  RG_ASSIGN_OR_RETURN(const Element element,
                      AsGraphElement(name, /*allow_tensor=*/true,
                                     /*allow_operation=*/false));
  return element.tensor;
}

namespace {

absl::StatusOr<Output> FindTensor(const Graph& graph, absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, ':');
  const absl::optional<int64_t> number =
      parts.size() == 2 ? PythonInt(parts[1]) : absl::nullopt;
  if (!number.has_value()) {
    return ValueError(absl::StrCat(
        "The name ", PythonRepr(name),
        " looks a like a Tensor name, but is not a valid one. Tensor names "
        "must be of the form \"<op_name>:<output_index>\"."));
  }
  const auto no_such = [&](const auto&... why) {
    return KeyError(absl::StrCat(
        "The name ", PythonRepr(name),
        " refers to a Tensor which does not exist. The operation, ",
        PythonRepr(parts[0]), ", ", why...));
  };
  Operation* op = graph.FindOperation(parts[0]);
  if (op == nullptr) return no_such("does not exist in the graph.");
  const int64_t count = op->num_outputs();
  if (*number >= count || *number < -count) {
    return no_such("exists but only has ", count, " outputs.");
  }
  // A Python list, in which -1 is the last one.
  return op->output(static_cast<int>(*number < 0 ? *number + count : *number));
}

}  // namespace

absl::StatusOr<Graph::Element> Graph::AsGraphElement(
    absl::string_view name, bool allow_tensor, bool allow_operation) const {
  if (!allow_tensor && !allow_operation) {
    return ValueError("allow_tensor and allow_operation can't both be False.");
  }
  const bool has_colon = absl::StrContains(name, ":");
  if (has_colon) {
    if (!allow_tensor) {
      return ValueError(absl::StrCat("Name ", PythonRepr(name),
                                     " appears to refer to a Tensor, not a "
                                     "Operation."));
    }
    RG_ASSIGN_OR_RETURN(const Output tensor, FindTensor(*this, name));
    return Element{nullptr, tensor};
  }
  Operation* op = FindOperation(name);
  if (allow_operation) {
    if (op != nullptr) return Element{op, Output()};
    return KeyError(absl::StrCat("The name ", PythonRepr(name),
                                 " refers to an Operation not in the graph."));
  }
  return ValueError(absl::StrCat(
      "The name ", PythonRepr(name),
      op != nullptr ? " refers to an Operation, not a Tensor."
                    : " looks like an (invalid) Operation name, not a Tensor.",
      " Tensor names must be of the form \"<op_name>:<output_index>\"."));
}

// ---- Collections ----

void Graph::AddToCollection(absl::string_view name, CollectionItem item) {
  WriterLock lock(&impl_->mu);
  impl_->collections[std::string(name)].push_back(std::move(item));
}

std::vector<CollectionItem> Graph::GetCollection(
    absl::string_view name, absl::string_view scope) const {
  std::vector<CollectionItem> items;
  {
    ReaderLock lock(&impl_->mu);
    const auto it = impl_->collections.find(std::string(name));
    if (it == impl_->collections.end()) return {};
    items = it->second;
  }
  if (scope.empty()) return items;
  RE2::Options quiet;
  quiet.set_log_errors(false);
  const RE2 pattern(re2::StringPiece(scope.data(), scope.size()), quiet);
  if (!pattern.ok()) return {};
  items.erase(std::remove_if(items.begin(), items.end(),
                             [&pattern](const CollectionItem& item) {
                               const absl::optional<std::string> item_name =
                                   ItemName(item);
                               return !item_name.has_value() ||
                                      !pattern.Match(
                                          *item_name, 0, item_name->size(),
                                          RE2::ANCHOR_START, nullptr, 0);
                             }),
              items.end());
  return items;
}

void Graph::ClearCollection(absl::string_view name) {
  WriterLock lock(&impl_->mu);
  impl_->collections.erase(std::string(name));
}

std::vector<std::string> Graph::CollectionNames() const {
  std::vector<std::string> names;
  ReaderLock lock(&impl_->mu);
  for (const auto& collection : impl_->collections) {
    names.push_back(collection.first);
  }
  return names;
}

// ---- Seeds, feeding, fetching ----

std::pair<absl::optional<int64_t>, absl::optional<int64_t>> Graph::GetSeed(
    absl::optional<int64_t> op_seed) const {
  if (!seed_.has_value() && !op_seed.has_value()) {
    return {absl::nullopt, absl::nullopt};
  }
  const int64_t first =
      seed_.has_value() ? TruncateSeed(*seed_) : kDefaultGraphSeed;
  const int64_t second = TruncateSeed(op_seed.value_or(last_id()));
  // Two zeros would mean: not seeded.
  if (first == 0 && second == 0) return {0, kMaxInt32};
  return {first, second};
}

void Graph::PreventFeeding(const Output& tensor) {
  WriterLock lock(&impl_->mu);
  impl_->unfeedable.insert(tensor);
}

bool Graph::IsFeedable(const Output& tensor) const {
  ReaderLock lock(&impl_->mu);
  return !impl_->unfeedable.contains(tensor);
}

void Graph::PreventFetching(Operation* op) {
  op->fetchable_.store(false, std::memory_order_relaxed);
}

bool Graph::IsFetchable(const Operation* op) const {
  return op->fetchable_.load(std::memory_order_relaxed);
}

// ---- The GraphDef ----

VersionDef Graph::versions() const {
  ReaderLock lock(&impl_->mu);
  return impl_->versions;
}

void Graph::set_versions(const VersionDef& versions) {
  WriterLock lock(&impl_->mu);
  impl_->versions = versions;
}

void Graph::set_producer(int producer) {
  WriterLock lock(&impl_->mu);
  impl_->versions.set_producer(producer);
}

void Graph::AddFunctions(const FunctionDefLibrary& library) {
  WriterLock lock(&impl_->mu);
  std::set<std::string> known;
  for (const FunctionDef& function : impl_->library.function()) {
    known.insert(function.signature().name());
  }
  for (const FunctionDef& function : library.function()) {
    if (known.insert(function.signature().name()).second) {
      *impl_->library.add_function() = function;
    }
  }
  impl_->library.mutable_gradient()->MergeFrom(library.gradient());
}

void AddNodeDefs(const Graph& graph, bool add_shapes, int first,
                 GraphDef* graph_def) {
  const int size = graph.num_operations();
  first = std::min(std::max(first, 0), size);
  graph_def->mutable_node()->Reserve(graph_def->node_size() + size - first);
  for (int i = first; i < size; ++i) {
    const Operation& op = *graph.operation(i);
    NodeDef* node = graph_def->add_node();
    op.ToNodeDef(node);
    if (!add_shapes || op.num_outputs() == 0) continue;
    AttrValue::ListValue* shapes =
        (*node->mutable_attr())["_output_shapes"].mutable_list();
    for (int k = 0; k < op.num_outputs(); ++k) {
      op.output_shape(k).AsProto(shapes->add_shape());
    }
  }
}

GraphDef Graph::ToGraphDef(bool add_shapes, int from_version) const {
  GraphDef graph_def;
  AddNodeDefs(*this, add_shapes, from_version, &graph_def);
  ReaderLock lock(&impl_->mu);
  *graph_def.mutable_versions() = impl_->versions;
  if (impl_->library.function_size() > 0) {
    *graph_def.mutable_library() = impl_->library;
  }
  return graph_def;
}

}  // namespace retrograph
