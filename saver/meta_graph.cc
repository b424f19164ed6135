#include "saver/meta_graph.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "variables/variable.h"

namespace retrograph {
namespace {

// What TensorFlow 1.15.5 says of itself in every meta graph.
constexpr char kTensorFlowVersion[] = "1.15.5";
constexpr char kTensorFlowGitVersion[] = "v1.15.4-39-g3db52be";

// The ops that a graph and its functions use, functions themselves left out.
std::set<std::string> OpsUsedBy(const GraphDef& graph_def) {
  std::set<std::string> used;
  for (const NodeDef& node : graph_def.node()) used.insert(node.op());
  for (const FunctionDef& function : graph_def.library().function()) {
    for (const NodeDef& node : function.node_def()) used.insert(node.op());
  }
  for (const FunctionDef& function : graph_def.library().function()) {
    used.erase(function.signature().name());
  }
  return used;
}

// Ops that only stand inside functions; no registry has them.
bool IsFunctionInternal(const std::string& op) {
  return op == "_Arg" || op == "_Retval" || op == "_ListToArray" ||
         op == "_ArrayToList";
}

absl::Status AddStrippedOpList(const GraphDef& graph_def,
                               const OpRegistry& registry, OpList* list) {
  for (const std::string& op : OpsUsedBy(graph_def)) {
    const OpRegistration* registration = registry.Find(op);
    if (registration != nullptr) {
      *list->add_op() = registration->def;
    } else if (!IsFunctionInternal(op)) {
      return ValueError(absl::StrCat(
          "Op ", op, " is used by the graph, but is not registered"));
    }
  }
  return absl::OkStatus();
}

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

// Which of CollectionDef's lists an item goes to.
enum class Kind { kBytes, kInt64, kFloat, kNode, kVariable, kObject };

Kind KindOf(const CollectionItem& item) {
  if (std::holds_alternative<std::string>(item)) return Kind::kBytes;
  if (std::holds_alternative<int64_t>(item)) return Kind::kInt64;
  if (std::holds_alternative<double>(item)) return Kind::kFloat;
  const auto* object = std::get_if<std::shared_ptr<CollectionObject>>(&item);
  if (object == nullptr) return Kind::kNode;
  return std::dynamic_pointer_cast<Variable>(*object) != nullptr
             ? Kind::kVariable
             : Kind::kObject;
}

// Collections whose items TensorFlow writes as VariableDefs.
bool HoldsVariables(absl::string_view name) {
  return name == graph_keys::kGlobalVariables ||
         name == graph_keys::kTrainableVariables ||
         name == graph_keys::kMovingAverageVariables ||
         name == graph_keys::kLocalVariables ||
         name == graph_keys::kModelVariables ||
         name == graph_keys::kMetricVariables ||
         name == graph_keys::kGlobalStep;
}

std::string NodeName(const CollectionItem& item) {
  if (const auto* tensor = std::get_if<Output>(&item)) return tensor->name();
  if (auto* op = std::get_if<Operation*>(&item)) return (*op)->name();
  return std::dynamic_pointer_cast<Variable>(
             std::get<std::shared_ptr<CollectionObject>>(item))
      ->name();
}

// False if the items are not all of one kind that can be written.
bool FillCollection(absl::string_view name,
                    const std::vector<CollectionItem>& items,
                    CollectionDef* def) {
  if (items.empty()) return true;
  const Kind kind = KindOf(items[0]);
  for (const CollectionItem& item : items) {
    const Kind own = KindOf(item);
    if (own == Kind::kObject) return false;
    if (kind == Kind::kVariable && HoldsVariables(name)) {
      if (own != Kind::kVariable) return false;
      def->mutable_bytes_list()->add_value(
          std::dynamic_pointer_cast<Variable>(
              std::get<std::shared_ptr<CollectionObject>>(item))
              ->ToProto()
              .SerializeAsString());
    } else if (kind == Kind::kNode || kind == Kind::kVariable) {
      if (own != Kind::kNode && own != Kind::kVariable) return false;
      def->mutable_node_list()->add_value(NodeName(item));
    } else if (own != kind) {
      return false;
    } else if (kind == Kind::kBytes) {
      def->mutable_bytes_list()->add_value(std::get<std::string>(item));
    } else if (kind == Kind::kInt64) {
      def->mutable_int64_list()->add_value(std::get<int64_t>(item));
    } else {
      def->mutable_float_list()->add_value(
          static_cast<float>(std::get<double>(item)));
    }
  }
  return true;
}

void AddCollections(const Graph& graph, const ExportMetaGraphOptions& options,
                    MetaGraphDef* meta_graph) {
  for (const std::string& name :
       options.collection_list.value_or(graph.CollectionNames())) {
    CollectionDef def;
    if (FillCollection(name, graph.GetCollection(name), &def)) {
      if (def.kind_case() != CollectionDef::KIND_NOT_SET) {
        (*meta_graph->mutable_collection_def())[name] = std::move(def);
      }
    } else if (options.log) {
      options.log(LogLevel::kWarning,
                  absl::StrCat("Issue encountered when serializing ", name,
                               ".\nType is unsupported, or the types of the "
                               "items don't match field type in "
                               "CollectionDef. Note this is a warning and "
                               "probably safe to ignore."));
    }
  }
}

std::string SerializeDeterministically(const MetaGraphDef& meta_graph) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    // Maps in the order of their keys: two exports of one graph are equal.
    coded.SetSerializationDeterministic(true);
    meta_graph.SerializeToCodedStream(&coded);
  }
  return bytes;
}

}  // namespace

absl::StatusOr<MetaGraphDef> ExportMetaGraph(
    const Graph& graph, const ExportMetaGraphOptions& options) {
  MetaGraphDef meta_graph;
  *meta_graph.mutable_graph_def() = graph.ToGraphDef(/*add_shapes=*/true);
  for (NodeDef& node : *meta_graph.mutable_graph_def()->mutable_node()) {
    if (options.clear_devices) node.clear_device();
    if (options.strip_default_attrs) {
      StripDefaultAttrs(*graph.registry(), &node);
    }
  }
  MetaGraphDef::MetaInfoDef* info = meta_graph.mutable_meta_info_def();
  RG_RETURN_IF_ERROR(AddStrippedOpList(meta_graph.graph_def(),
                                       *graph.registry(),
                                       info->mutable_stripped_op_list()));
  info->set_tensorflow_version(kTensorFlowVersion);
  info->set_tensorflow_git_version(kTensorFlowGitVersion);
  info->set_stripped_default_attrs(options.strip_default_attrs);
  if (options.saver_def != nullptr) {
    *meta_graph.mutable_saver_def() = *options.saver_def;
  }
  AddCollections(graph, options, &meta_graph);
  return meta_graph;
}

absl::Status WriteMetaGraph(FileSystem* fs, const std::string& path,
                            const MetaGraphDef& meta_graph, bool as_text,
                            bool sync) {
  std::string bytes;
  if (as_text) {
    google::protobuf::TextFormat::PrintToString(meta_graph, &bytes);
  } else {
    bytes = SerializeDeterministically(meta_graph);
  }
  return WriteStringToFileAtomically(fs, path, bytes, sync);
}

}  // namespace retrograph
