#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"
#include "graph/control_flow.h"
#include "graph/python_text.h"
#include "saver/collection_keys.h"
#include "saver/collection_object.h"
#include "saver/collections.h"
#include "saver/message_item.h"
#include "saver/scope_names.h"
#include "variables/variable.h"

namespace retrograph {
namespace {

// TensorFlow before 1.9 wrote VariableDefs without `trainable`.
bool VariableDefsHaveTrainable(absl::string_view tensorflow_version) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(tensorflow_version, '.');
  int major = 0, minor = 0;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[0], &major) ||
      !absl::SimpleAtoi(parts[1], &minor)) {
    return true;
  }
  return major > 1 || (major == 1 && minor >= 9);
}

const char* KindName(const CollectionDef& def) {
  switch (def.kind_case()) {
    case CollectionDef::kNodeList:
      return "node_list";
    case CollectionDef::kBytesList:
      return "bytes_list";
    case CollectionDef::kInt64List:
      return "int64_list";
    case CollectionDef::kFloatList:
      return "float_list";
    case CollectionDef::kAnyList:
      return "any_list";
    case CollectionDef::KIND_NOT_SET:
      break;
  }
  return "None";
}

class Restorer {
 public:
  Restorer(const MetaGraphDef& meta_graph,
           const RestoreCollectionsOptions& options, Graph* graph)
      : meta_graph_(meta_graph),
        options_(options),
        graph_(graph),
        has_trainable_(VariableDefsHaveTrainable(
            meta_graph.meta_info_def().tensorflow_version())) {}

  absl::Status Run() {
    // Trainable variables first: they tell which variables of old files are
    // trainable.
    std::map<std::string, const CollectionDef*> others;
    for (const auto& [key, def] : meta_graph_.collection_def()) {
      if (key != graph_keys::kTrainableVariables) others[key] = &def;
    }
    const auto trainable =
        meta_graph_.collection_def().find(graph_keys::kTrainableVariables);
    if (trainable != meta_graph_.collection_def().end()) {
      RG_RETURN_IF_ERROR(Restore(trainable->first, trainable->second));
    }
    for (const auto& [key, def] : others) {
      RG_RETURN_IF_ERROR(Restore(key, *def));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Restore(const std::string& key, const CollectionDef& def) {
    if (options_.skip && options_.skip(key)) return absl::OkStatus();
    if (def.kind_case() == CollectionDef::KIND_NOT_SET) {
      Log(LogLevel::kError,
          absl::StrCat("Cannot identify data type for collection ", key,
                       ". Skipping."));
      return absl::OkStatus();
    }
    if (HoldsMessages(key) && def.has_bytes_list()) {
      return HoldsVariableDefs(key) ? RestoreVariables(key, def)
                                    : RestoreMessages(key, def);
    }
    if (key == graph_keys::kLocalVariables ||
        key == graph_keys::kModelVariables ||
        key == graph_keys::kMetricVariables) {
      Log(LogLevel::kWarning,
          absl::StrCat("The saved meta_graph is possibly from an older "
                       "release:\n'",
                       key,
                       "' collection should be of type 'byte_list', but "
                       "instead is of type '",
                       KindName(def), "'."));
    }
    return RestoreValues(key, def);
  }

  absl::Status RestoreVariables(const std::string& key,
                                const CollectionDef& def) {
    for (const std::string& bytes : def.bytes_list().value()) {
      std::shared_ptr<Variable>& variable = variables_[bytes];
      if (variable == nullptr) {
        VariableDef proto;
        if (!proto.ParseFromString(bytes)) {
          return PythonError("DecodeError", absl::StatusCode::kInvalidArgument,
                             "Error parsing message with type "
                             "'tensorflow.VariableDef'");
        }
        if (!has_trainable_) {
          proto.set_trainable(key == graph_keys::kTrainableVariables);
        }
        RG_ASSIGN_OR_RETURN(variable,
                            Variable::FromProto(graph_, proto, options_.scope));
      }
      graph_->AddToCollection(key, std::shared_ptr<CollectionObject>(variable));
    }
    return absl::OkStatus();
  }

  // Null if this is no context.
  absl::StatusOr<std::shared_ptr<CollectionObject>> ContextOf(
      const std::string& key, const std::string& bytes) {
    ControlFlowContextDef def;
    const bool is_context =
        (key == graph_keys::kCondContext &&
         def.mutable_cond_ctxt()->ParseFromString(bytes)) ||
        (key == graph_keys::kWhileContext &&
         def.mutable_while_ctxt()->ParseFromString(bytes));
    if (!is_context) return std::shared_ptr<CollectionObject>();
    RG_ASSIGN_OR_RETURN(
        std::shared_ptr<ControlFlowContext> context,
        ControlFlowContext::FromProto(graph_, def, options_.scope));
    return std::shared_ptr<CollectionObject>(std::move(context));
  }

  absl::Status RestoreMessages(const std::string& key,
                               const CollectionDef& def) {
    for (const std::string& bytes : def.bytes_list().value()) {
      std::shared_ptr<CollectionObject> object;
      if (options_.object_from_proto) {
        RG_ASSIGN_OR_RETURN(
            object, options_.object_from_proto(key, bytes, options_.scope));
      }
      if (object == nullptr) {
        RG_ASSIGN_OR_RETURN(object, ContextOf(key, bytes));
      }
      if (object == nullptr) {
        RG_ASSIGN_OR_RETURN(object, MessageItem::FromProto(*graph_, key, bytes,
                                                           options_.scope));
      }
      graph_->AddToCollection(key, std::move(object));
    }
    return absl::OkStatus();
  }

  absl::Status RestoreValues(const std::string& key, const CollectionDef& def) {
    for (const std::string& name : def.node_list().value()) {
      RG_ASSIGN_OR_RETURN(
          const Graph::Element element,
          graph_->AsGraphElement(PrependNameScope(name, options_.scope)));
      if (element.op != nullptr) {
        graph_->AddToCollection(key, element.op);
      } else {
        graph_->AddToCollection(key, element.tensor);
      }
    }
    for (const int64_t number : def.int64_list().value()) {
      graph_->AddToCollection(key, number);
    }
    // TensorFlow takes all other values for names: in a scope, bytes become
    // text under it, and the rest is warned of.
    for (const std::string& bytes : def.bytes_list().value()) {
      if (options_.scope.empty()) {
        graph_->AddToCollection(key, std::make_shared<BytesItem>(bytes));
      } else {
        graph_->AddToCollection(key, PrependNameScope(bytes, options_.scope));
      }
    }
    for (const float number : def.float_list().value()) {
      WarnOfName(PythonRepr(static_cast<double>(number)));
      graph_->AddToCollection(key, static_cast<double>(number));
    }
    for (const google::protobuf::Any& any : def.any_list().value()) {
      WarnOfName(any.DebugString());
      graph_->AddToCollection(key, MessageItem::OfAny(any));
    }
    return absl::OkStatus();
  }

  void WarnOfName(const std::string& value) {
    if (options_.scope.empty()) return;
    Log(LogLevel::kWarning,
        absl::StrCat("Expected binary or unicode string, got ", value));
  }

  void Log(LogLevel level, const std::string& message) {
    if (options_.log) options_.log(level, message);
  }

  const MetaGraphDef& meta_graph_;
  const RestoreCollectionsOptions& options_;
  Graph* const graph_;
  const bool has_trainable_;
  // By their VariableDefs: one in several collections is one object.
  absl::flat_hash_map<absl::string_view, std::shared_ptr<Variable>> variables_;
};

}  // namespace

absl::Status RestoreCollections(const MetaGraphDef& meta_graph,
                                const RestoreCollectionsOptions& options,
                                Graph* graph) {
  return Restorer(meta_graph, options, graph).Run();
}

}  // namespace retrograph
