#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/errors.h"
#include "core/message_bytes.h"
#include "google/protobuf/util/message_differencer.h"
#include "graph/import.h"
#include "graph/node_bytes.h"
#include "graph/node_defs.h"
#include "saver/collections.h"
#include "saver/meta_graph.h"
#include "saver/scope_names.h"

namespace retrograph {
namespace {

// What TensorFlow 1.15.5 says of itself in every meta graph.
constexpr char kTensorFlowVersion[] = "1.15.5";
constexpr char kTensorFlowGitVersion[] = "v1.15.4-39-g3db52be";

// About what a node takes in a meta graph; memory that is not used costs
// nothing.
constexpr size_t kBytesOfNode = 256;

// ---- The stripped op list ----

// Ops that only stand inside functions; no registry has them.
bool IsFunctionInternal(const std::string& op) {
  return op == "_Arg" || op == "_Retval" || op == "_ListToArray" ||
         op == "_ArrayToList";
}

// ---- Default attrs ----

void StripDefaultAttrs(const OpRegistry& registry, NodeDef* node) {
  const OpRegistration* registration = registry.Find(node->op());
  if (registration == nullptr) return;
  for (const OpDef::AttrDef& attr : registration->def.attr()) {
    const auto it = node->mutable_attr()->find(attr.name());
    if (it == node->mutable_attr()->end() || !attr.has_default_value()) {
      continue;
    }
    if (google::protobuf::util::MessageDifferencer::Equals(
            it->second, attr.default_value())) {
      node->mutable_attr()->erase(it);
    }
  }
}

void StripDefaultAttrs(const OpRegistry& registry, GraphDef* graph_def) {
  for (NodeDef& node : *graph_def->mutable_node()) {
    StripDefaultAttrs(registry, &node);
  }
  if (!graph_def->has_library()) return;
  for (FunctionDef& function :
       *graph_def->mutable_library()->mutable_function()) {
    for (NodeDef& node : *function.mutable_node_def()) {
      StripDefaultAttrs(registry, &node);
    }
  }
}

// ---- Savers that are not wanted ----

bool IsSaveOrRestoreOp(const std::string& op) {
  static const auto* const ops =
      new std::set<std::string>{"SaveV2",          "Save",
                                "SaveSlice",       "LegacySave",
                                "LegacySaveSlice", "RestoreV2",
                                "Restore",         "RestoreSlice",
                                "LegacyRestore",   "LegacyRestoreSlice"};
  return ops->count(op) > 0;
}

// "save/" for "save/Assign:0" and "^save/Assign".
std::string ScopeOf(absl::string_view name) {
  absl::ConsumePrefix(&name, "^");
  name = name.substr(0, name.find(':'));
  const size_t slash = name.rfind('/');
  return absl::StrCat(
      slash == absl::string_view::npos ? "" : name.substr(0, slash), "/");
}

std::set<std::string> ExtraneousSaverNodes(const GraphDef& graph_def,
                                           const SaverDef* saver_def) {
  std::set<std::string> scopes;
  for (const NodeDef& node : graph_def.node()) {
    if (IsSaveOrRestoreOp(node.op())) scopes.insert(ScopeOf(node.name()));
  }
  if (saver_def != nullptr) {
    scopes.erase(ScopeOf(saver_def->save_tensor_name()));
    scopes.erase(ScopeOf(saver_def->restore_op_name()));
  }
  std::set<std::string> nodes;
  for (const NodeDef& node : graph_def.node()) {
    for (const std::string& scope : scopes) {
      if (absl::StartsWith(node.name(), scope)) nodes.insert(node.name());
    }
  }
  return nodes;
}

// ---- The part of the graph that is exported ----

// Takes the scope off a node's names. Inputs from elsewhere are marked and
// added to `unbound`.
void StripScope(const std::string& scope, NodeDef* node,
                std::vector<std::string>* unbound) {
  for (std::string& input : *node->mutable_input()) {
    absl::string_view name = input;
    const bool is_control = absl::ConsumePrefix(&name, "^");
    if (absl::StartsWith(name, scope)) {
      input = StripNameScope(input, scope);
      continue;
    }
    input = absl::StrCat(is_control ? "^" : "", kUnboundInputPrefix, name);
    unbound->push_back(input);
  }
  node->set_name(StripNameScope(node->name(), scope));
  const auto groups = node->mutable_attr()->find("_class");
  if (groups != node->mutable_attr()->end()) {
    AttrValue kept;
    kept.mutable_list();
    for (const std::string& group : groups->second.list().s()) {
      if (absl::StartsWith(group, absl::StrCat("loc:@", scope))) {
        kept.mutable_list()->add_s(StripNameScope(group, scope));
      }
    }
    groups->second = std::move(kept);
  }
  const auto frame = node->mutable_attr()->find("frame_name");
  if ((node->op() == "Enter" || node->op() == "RefEnter") &&
      frame != node->mutable_attr()->end()) {
    frame->second.set_s(StripNameScope(frame->second.s(), scope));
  }
}

// The nodes that the filter includes.
GraphDef PartOf(const GraphDef& whole, const ExportFilter& filter,
                bool clear_devices, std::vector<std::string>* unbound) {
  GraphDef part;
  *part.mutable_versions() = whole.versions();
  if (whole.has_library()) *part.mutable_library() = whole.library();
  for (const NodeDef& node : whole.node()) {
    if (!filter.Includes(node.name())) continue;
    NodeDef* copy = part.add_node();
    *copy = node;
    if (!filter.scope.empty()) StripScope(filter.scope, copy, unbound);
    if (clear_devices) copy->clear_device();
  }
  return part;
}

// Whether the nodes are the graph's, as they are.
bool ExportsWholeGraph(const ExportMetaGraphOptions& options) {
  return options.graph_def == nullptr && options.export_scope.empty() &&
         !options.clear_extraneous_savers && !options.clear_devices;
}

void ExportGraphDef(Graph* graph, const ExportMetaGraphOptions& options,
                    ExportFilter* filter, GraphDef* exported) {
  if (ExportsWholeGraph(options)) {
    *exported = GraphDefWithoutNodes(*graph);
    AddNodeDefs(*graph, /*add_shapes=*/true, 0, exported);
    return;
  }
  if (options.export_scope.empty() && !options.clear_extraneous_savers &&
      !options.clear_devices) {
    *exported = *options.graph_def;
    return;
  }
  GraphDef whole = options.graph_def != nullptr
                       ? *options.graph_def
                       : graph->ToGraphDef(/*add_shapes=*/true);
  if (options.graph_def == nullptr) {
    // Node by node: their control inputs are not sorted then.
    for (NodeDef& node : *whole.mutable_node()) {
      *node.mutable_input() =
          graph->FindOperation(node.name())->node_def().input();
    }
  }
  if (options.clear_extraneous_savers) {
    filter->excluded = ExtraneousSaverNodes(whole, options.saver_def);
  }
  std::vector<std::string> unbound;
  *exported = PartOf(whole, *filter, options.clear_devices, &unbound);
  // Python's copy of a given GraphDef always has a library.
  if (options.graph_def != nullptr) exported->mutable_library();
  if (!options.unbound_inputs_collection.empty()) {
    graph->ClearCollection(options.unbound_inputs_collection);
    for (std::string& name : unbound) {
      graph->AddToCollection(options.unbound_inputs_collection,
                             std::move(name));
    }
  }
}

}  // namespace

namespace {

// The op types of nodes and, where those are functions, of the functions'
// nodes, sorted, without the functions.
std::vector<std::string> OpsUsed(absl::flat_hash_set<absl::string_view> used,
                                 const FunctionDefLibrary& library) {
  absl::flat_hash_map<absl::string_view, const FunctionDef*> functions;
  for (const FunctionDef& function : library.function()) {
    functions[function.signature().name()] = &function;
  }
  std::vector<absl::string_view> to_do(used.begin(), used.end());
  while (!to_do.empty()) {
    const auto function = functions.find(to_do.back());
    to_do.pop_back();
    if (function == functions.end()) continue;
    for (const NodeDef& node : function->second->node_def()) {
      if (used.insert(node.op()).second) to_do.push_back(node.op());
    }
  }
  for (const auto& function : functions) used.erase(function.first);
  std::vector<std::string> sorted(used.begin(), used.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

absl::StatusOr<OpList> DefinitionsOf(const std::vector<std::string>& ops,
                                     const Graph& graph) {
  OpList list;
  for (const std::string& op : ops) {
    if (const OpRegistration* known = graph.registry()->Find(op)) {
      *list.add_op() = known->def;
    } else if (absl::optional<OpDef> foreign = FindForeignOpDef(graph, op)) {
      *list.add_op() = *std::move(foreign);
    } else if (!IsFunctionInternal(op)) {
      return ValueError(absl::StrCat(
          "Op ", op, " is used by the graph, but is not registered"));
    }
  }
  return list;
}

absl::Status FillInMetaInfo(const Graph& graph,
                            const ExportMetaGraphOptions& options,
                            const std::vector<std::string>& ops_used,
                            MetaGraphDef::MetaInfoDef* info) {
  if (options.meta_info_def != nullptr) *info = *options.meta_info_def;
  info->set_tensorflow_version(kTensorFlowVersion);
  info->set_tensorflow_git_version(kTensorFlowGitVersion);
  if (info->stripped_op_list().op().empty()) {
    RG_ASSIGN_OR_RETURN(*info->mutable_stripped_op_list(),
                        DefinitionsOf(ops_used, graph));
  }
  return absl::OkStatus();
}

// The SaverDef and the collections.
void AddSaverAndCollections(const Graph& graph,
                            const ExportMetaGraphOptions& options,
                            const ExportFilter& filter,
                            MetaGraphDef* meta_graph) {
  if (options.saver_def != nullptr) {
    *meta_graph->mutable_saver_def() = *options.saver_def;
  }
  for (const std::string& key :
       options.collection_list.value_or(graph.CollectionNames())) {
    if (options.clear_extraneous_savers && key == graph_keys::kSavers) {
      if (options.saver_def != nullptr) {
        AddSaverCollectionDef(*options.saver_def, filter, meta_graph);
      }
    } else {
      AddCollectionDef(graph, key, filter, options.log, meta_graph);
    }
  }
}

}  // namespace

std::vector<std::string> OpsUsedByGraphDef(const GraphDef& graph_def) {
  absl::flat_hash_set<absl::string_view> used;
  for (const NodeDef& node : graph_def.node()) used.insert(node.op());
  return OpsUsed(std::move(used), graph_def.library());
}

absl::StatusOr<OpList> StrippedOpList(const GraphDef& graph_def,
                                      const Graph& graph) {
  return DefinitionsOf(OpsUsedByGraphDef(graph_def), graph);
}

absl::StatusOr<MetaGraphDef> ExportMetaGraph(
    Graph* graph, const ExportMetaGraphOptions& options) {
  MetaGraphDef meta_graph;
  RG_RETURN_IF_ERROR(ExportMetaGraph(graph, options, &meta_graph));
  return meta_graph;
}

absl::Status ExportMetaGraph(Graph* graph,
                             const ExportMetaGraphOptions& options,
                             MetaGraphDef* meta_graph) {
  ExportFilter filter;
  filter.scope = options.export_scope;
  GraphDef* graph_def = meta_graph->mutable_graph_def();
  ExportGraphDef(graph, options, &filter, graph_def);
  MetaGraphDef::MetaInfoDef* info = meta_graph->mutable_meta_info_def();
  RG_RETURN_IF_ERROR(FillInMetaInfo(*graph, options,
                                    OpsUsedByGraphDef(*graph_def), info));
  if (options.strip_default_attrs) {
    StripDefaultAttrs(*graph->registry(), graph_def);
    info->set_stripped_default_attrs(true);
  }
  AddSaverAndCollections(*graph, options, filter, meta_graph);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ExportMetaGraphBytes(
    Graph* graph, const ExportMetaGraphOptions& options) {
  google::protobuf::Arena arena(LargeArena());
  auto* rest = google::protobuf::Arena::CreateMessage<MetaGraphDef>(&arena);
  if (!ExportsWholeGraph(options) || options.strip_default_attrs) {
    RG_RETURN_IF_ERROR(ExportMetaGraph(graph, options, rest));
    return SerializeDeterministically(*rest);
  }
  const int size = graph->num_operations();
  absl::flat_hash_set<absl::string_view> types;
  for (int i = 0; i < size; ++i) types.insert(graph->operation(i)->type());
  const GraphDef without_nodes = GraphDefWithoutNodes(*graph);
  MetaGraphDef::MetaInfoDef info;
  RG_RETURN_IF_ERROR(FillInMetaInfo(
      *graph, options, OpsUsed(std::move(types), without_nodes.library()),
      &info));
  AddSaverAndCollections(*graph, options, ExportFilter(), rest);

  std::string bytes;
  const size_t expected = size * kBytesOfNode;
  bytes.reserve(expected);
  AppendField(MetaGraphDef::kMetaInfoDefFieldNumber,
              SerializeDeterministically(info), &bytes);
  const size_t begin = BeginField(expected, &bytes);
  AppendNodeBytes(*graph, /*add_shapes=*/true, 0, size, &bytes);
  bytes += SerializeDeterministically(without_nodes);
  EndField(MetaGraphDef::kGraphDefFieldNumber, begin, expected, &bytes);
  bytes += SerializeDeterministically(*rest);
  return bytes;
}

}  // namespace retrograph
