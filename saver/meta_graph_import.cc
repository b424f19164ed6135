#include "saver/meta_graph_import.h"

#include <algorithm>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "graph/import.h"
#include "saver/saveable.h"
#include "saver/scope_names.h"

namespace retrograph {
namespace {

std::vector<std::string> UnboundInputs(const MetaGraphDef& meta_graph,
                                       const std::string& collection) {
  const auto it = meta_graph.collection_def().find(collection);
  if (it == meta_graph.collection_def().end()) return {};
  if (it->second.has_node_list()) {
    const auto& names = it->second.node_list().value();
    return {names.begin(), names.end()};
  }
  const auto& names = it->second.bytes_list().value();
  return {names.begin(), names.end()};
}

// Every unbound input must be mapped, and nothing else, if there are any.
absl::Status CheckUnboundInputs(const MetaGraphDef& meta_graph,
                                const ImportMetaGraphOptions& options) {
  if (options.unbound_inputs_collection.empty()) return absl::OkStatus();
  const std::vector<std::string> unbound =
      UnboundInputs(meta_graph, options.unbound_inputs_collection);
  if (unbound.empty()) return absl::OkStatus();
  std::set<std::string> mapped;
  for (const auto& entry : options.input_map) mapped.insert(entry.first);
  std::vector<std::string> wanted = unbound;
  std::sort(wanted.begin(), wanted.end());
  if (std::equal(wanted.begin(), wanted.end(), mapped.begin(), mapped.end())) {
    return absl::OkStatus();
  }
  std::vector<std::string> missing;
  for (const std::string& name : unbound) {
    if (mapped.count(name) == 0) missing.push_back(name);
  }
  return ValueError(absl::StrCat(
      "Graph contains unbound inputs: ", absl::StrJoin(missing, ","),
      ". Must provide these inputs through input_map."));
}

// Whether every op is registered, or defined by the meta graph. If one is
// neither, the importer's error says so.
bool AllOpsAreDefined(const Graph& graph, const MetaGraphDef& meta_graph) {
  std::set<std::string> defined;
  for (const OpDef& op : meta_graph.meta_info_def().stripped_op_list().op()) {
    defined.insert(op.name());
  }
  for (const FunctionDef& function :
       meta_graph.graph_def().library().function()) {
    defined.insert(function.signature().name());
  }
  for (const NodeDef& node : meta_graph.graph_def().node()) {
    if (graph.registry()->Find(node.op()) == nullptr &&
        defined.count(node.op()) == 0) {
      return false;
    }
  }
  return true;
}

// TensorFlow 2 names a resource variable in an attr of its own, which 1.15
// refuses. Nothing depends on it.
bool HasDebugName(const NodeDef& node) {
  return node.op() == "VarHandleOp" && node.attr().count("debug_name") > 0;
}

absl::StatusOr<std::vector<Graph::Element>> ImportNodes(
    Graph* graph, const MetaGraphDef& meta_graph, const std::string& scope,
    const ImportMetaGraphOptions& options) {
  const OpList& op_list = meta_graph.meta_info_def().stripped_op_list();
  ImportOptions import_options;
  import_options.name =
      options.import_scope.empty() ? scope : options.import_scope;
  import_options.input_map = options.input_map;
  import_options.return_elements = options.return_elements;
  import_options.keep_unknown_ops = AllOpsAreDefined(*graph, meta_graph);
  if (meta_graph.meta_info_def().has_stripped_op_list()) {
    import_options.producer_op_list = &op_list;
  }
  RG_ASSIGN_OR_RETURN(
      std::vector<Graph::Element> elements,
      ImportGraphDef(graph, meta_graph.graph_def(), import_options));
  KeepForeignOpDefs(graph, op_list);
  return elements;
}

}  // namespace

absl::StatusOr<ImportedMetaGraph> ImportScopedMetaGraph(
    Graph* graph, const MetaGraphDef& meta_graph,
    const ImportMetaGraphOptions& options) {
  const auto& nodes = meta_graph.graph_def().node();
  if (options.clear_devices ||
      std::any_of(nodes.begin(), nodes.end(), HasDebugName)) {
    MetaGraphDef cleared = meta_graph;
    for (NodeDef& node : *cleared.mutable_graph_def()->mutable_node()) {
      if (options.clear_devices) node.clear_device();
      if (HasDebugName(node)) node.mutable_attr()->erase("debug_name");
    }
    ImportMetaGraphOptions same = options;
    same.clear_devices = false;
    return ImportScopedMetaGraph(graph, cleared, same);
  }
  RG_RETURN_IF_ERROR(CheckUnboundInputs(meta_graph, options));
  const std::string scope =
      graph->UniqueName(options.import_scope, /*mark_as_used=*/false);
  ImportedMetaGraph imported;
  RG_ASSIGN_OR_RETURN(imported.return_elements,
                      ImportNodes(graph, meta_graph, scope, options));

  RestoreCollectionsOptions restore;
  restore.scope = scope;
  restore.skip = [&options](const std::string& key) {
    return (!options.unbound_inputs_collection.empty() &&
            key == options.unbound_inputs_collection) ||
           (options.restore_collection && !options.restore_collection(key));
  };
  restore.object_from_proto = options.object_from_proto;
  restore.log = options.log;
  RG_RETURN_IF_ERROR(RestoreCollections(meta_graph, restore, graph));

  absl::flat_hash_map<std::string, size_t> places;
  for (const std::shared_ptr<Variable>& variable :
       VariablesIn(*graph, graph_keys::kGlobalVariables, scope)) {
    std::string name = StripNameScope(variable->name(), scope);
    // One name stands once, at its first place, for its last variable.
    const auto [place, is_new] =
        places.try_emplace(name, imported.variables.size());
    if (is_new) {
      imported.variables.emplace_back(std::move(name), variable);
    } else {
      imported.variables[place->second].second = variable;
    }
  }
  return imported;
}

std::string SaverScope(const ImportedMetaGraph& imported,
                       const std::string& import_scope) {
  if (imported.variables.empty()) return import_scope;
  const auto& [name, variable] = imported.variables.front();
  const std::string full = variable->name();
  return full.substr(0, full.size() - name.size());
}

absl::StatusOr<ImportedMetaGraph> ImportMetaGraph(
    Graph* graph, const MetaGraphDef& meta_graph,
    const ImportMetaGraphOptions& options) {
  RG_ASSIGN_OR_RETURN(ImportedMetaGraph imported,
                      ImportScopedMetaGraph(graph, meta_graph, options));
  SaverOptions saver_options;
  saver_options.log = options.log;
  if (meta_graph.has_saver_def()) {
    saver_options.saver_def = meta_graph.saver_def();
    saver_options.name = SaverScope(imported, options.import_scope);
  } else if (AllSaveableObjects(*graph, options.import_scope).empty()) {
    if (options.log) {
      options.log(LogLevel::kInfo,
                  "Saver not created because there are no variables in the "
                  "graph to restore");
    }
    return imported;
  }
  RG_ASSIGN_OR_RETURN(imported.saver,
                      Saver::Create(graph, std::move(saver_options)));
  return imported;
}

}  // namespace retrograph
