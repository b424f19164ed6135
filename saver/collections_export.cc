#include <memory>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "google/protobuf/arena.h"
#include "graph/control_flow.h"
#include "graph/python_text.h"
#include "saver/collection_keys.h"
#include "saver/collection_object.h"
#include "saver/collections.h"
#include "saver/scope_names.h"
#include "variables/variable.h"

namespace retrograph {
namespace {

using Object = std::shared_ptr<CollectionObject>;

const CollectionObject* ObjectOf(const CollectionItem& item) {
  const auto* object = std::get_if<Object>(&item);
  return object != nullptr ? object->get() : nullptr;
}

// What item.name is in Python.
absl::optional<std::string> NameOf(const CollectionItem& item) {
  if (const auto* tensor = std::get_if<Output>(&item)) return tensor->name();
  if (const auto* op = std::get_if<Operation*>(&item)) return (*op)->name();
  const CollectionObject* object = ObjectOf(item);
  return object != nullptr ? object->CollectionName() : absl::nullopt;
}

absl::optional<PlainValue> PlainOf(const CollectionItem& item) {
  if (const auto* text = std::get_if<std::string>(&item)) return *text;
  if (const auto* number = std::get_if<int64_t>(&item)) return *number;
  if (const auto* number = std::get_if<double>(&item)) return *number;
  const auto* known = dynamic_cast<const MetaGraphItem*>(ObjectOf(item));
  return known != nullptr ? known->Plain() : absl::nullopt;
}

std::string Repr(const CollectionItem& item) {
  if (const auto* tensor = std::get_if<Output>(&item)) {
    return tensor->ReprString();
  }
  if (const auto* op = std::get_if<Operation*>(&item)) {
    return absl::StrCat("<tf.Operation '", (*op)->name(),
                        "' type=", (*op)->type(), ">");
  }
  const CollectionObject* object = ObjectOf(item);
  if (const auto* variable = dynamic_cast<const Variable*>(object)) {
    return variable->ReprString();
  }
  if (const auto* bytes = dynamic_cast<const BytesItem*>(object)) {
    return absl::StrCat("b", PythonRepr(bytes->bytes()));
  }
  const absl::optional<PlainValue> value = PlainOf(item);
  if (!value.has_value()) {
    return absl::StrCat("<", PythonTypeName(item), " ",
                        NameOf(item).value_or("object"), ">");
  }
  if (const auto* text = std::get_if<std::string>(&*value)) {
    return PythonRepr(*text);
  }
  if (const auto* number = std::get_if<int64_t>(&*value)) {
    return absl::StrCat(*number);
  }
  if (const auto* number = std::get_if<double>(&*value)) {
    return PythonRepr(*number);
  }
  return std::get<google::protobuf::Any>(*value).DebugString();
}

// What a repeated field of Python's protobuf says of a wrong value.
absl::Status WrongType(const CollectionItem& item, absl::string_view expected) {
  return TypeError(absl::StrCat(Repr(item), " has type ", PythonTypeName(item),
                                ", but expected one of: ", expected));
}

bool IsIncluded(const CollectionItem& item, const ExportFilter& filter) {
  if (filter.scope.empty() && filter.excluded.empty()) return true;
  const auto* text = std::get_if<std::string>(&item);
  const absl::optional<std::string> name =
      text != nullptr ? absl::optional<std::string>(*text) : NameOf(item);
  return !name.has_value() || filter.Includes(*name);
}

// What TensorFlow first asks of an object in a collection of messages.
absl::string_view FirstAttribute(const std::string& key) {
  if (HoldsVariableDefs(key)) return "to_proto";
  if (key == graph_keys::kSavers) return "saver_def";
  return key == graph_keys::kQueueRunners ? "queue" : "name";
}

absl::Status AddMessage(const std::string& key, const CollectionItem& item,
                        const std::string& scope, CollectionDef* def) {
  const CollectionObject* object = ObjectOf(item);
  if (const auto* variable = dynamic_cast<const Variable*>(object)) {
    if (HoldsVariableDefs(key)) {
      const VariableDef proto = variable->ToProto(scope);
      if (!proto.variable_name().empty()) {
        def->mutable_bytes_list()->add_value(proto.SerializeAsString());
      }
      return absl::OkStatus();
    }
  } else if (const auto* context =
                 dynamic_cast<const ControlFlowContext*>(object)) {
    ControlFlowContextDef proto;
    if (context->ToProto(scope, &proto)) {
      def->mutable_bytes_list()->add_value(
          context->is_while() ? proto.while_ctxt().SerializeAsString()
                              : proto.cond_ctxt().SerializeAsString());
    }
    return absl::OkStatus();
  } else if (const auto* known = dynamic_cast<const MetaGraphItem*>(object)) {
    RG_ASSIGN_OR_RETURN(const absl::optional<std::string> bytes,
                        known->ToProto(scope));
    if (bytes.has_value()) def->mutable_bytes_list()->add_value(*bytes);
    return absl::OkStatus();
  }
  return HasNoAttribute(PythonTypeName(item), FirstAttribute(key));
}

absl::Status AddName(const CollectionItem& item, const std::string& scope,
                     CollectionDef* def) {
  const absl::optional<std::string> name = NameOf(item);
  if (!name.has_value()) return HasNoAttribute(PythonTypeName(item), "name");
  if (absl::StartsWith(*name, scope)) {
    def->mutable_node_list()->add_value(StripNameScope(*name, scope));
  }
  return absl::OkStatus();
}

absl::Status AddBytes(const CollectionItem& item, CollectionDef* def) {
  const absl::optional<PlainValue> value = PlainOf(item);
  const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
  if (text == nullptr) {
    return TypeError(
        absl::StrCat("Expected binary or unicode string, got ", Repr(item)));
  }
  def->mutable_bytes_list()->add_value(*text);
  return absl::OkStatus();
}

absl::Status AddInt(const CollectionItem& item, CollectionDef* def) {
  const absl::optional<PlainValue> value = PlainOf(item);
  const auto* number = value ? std::get_if<int64_t>(&*value) : nullptr;
  if (number == nullptr) return WrongType(item, "int");
  def->mutable_int64_list()->add_value(*number);
  return absl::OkStatus();
}

absl::Status AddFloat(const CollectionItem& item, CollectionDef* def) {
  const absl::optional<PlainValue> value = PlainOf(item);
  double number = 0;
  if (value && std::holds_alternative<double>(*value)) {
    number = std::get<double>(*value);
  } else if (value && std::holds_alternative<int64_t>(*value)) {
    number = static_cast<double>(std::get<int64_t>(*value));
  } else {
    return WrongType(item, "int, float");
  }
  def->mutable_float_list()->add_value(static_cast<float>(number));
  return absl::OkStatus();
}

absl::Status AddAny(const CollectionItem& item, CollectionDef* def) {
  const absl::optional<PlainValue> value = PlainOf(item);
  const auto* any =
      value ? std::get_if<google::protobuf::Any>(&*value) : nullptr;
  if (any == nullptr) return TypeError("Not a cmessage");
  *def->mutable_any_list()->add_value() = *any;
  return absl::OkStatus();
}

absl::Status Fill(const std::string& key,
                  const std::vector<CollectionItem>& items,
                  const std::string& scope, CollectionDef* def) {
  const absl::optional<PlainValue> first = PlainOf(items[0]);
  for (const CollectionItem& item : items) {
    absl::Status added;
    if (HoldsMessages(key)) {
      added = AddMessage(key, item, scope, def);
    } else if (!first.has_value()) {
      added = AddName(item, scope, def);
    } else if (std::holds_alternative<std::string>(*first)) {
      added = AddBytes(item, def);
    } else if (std::holds_alternative<int64_t>(*first)) {
      added = AddInt(item, def);
    } else if (std::holds_alternative<double>(*first)) {
      added = AddFloat(item, def);
    } else {
      added = AddAny(item, def);
    }
    RG_RETURN_IF_ERROR(added);
  }
  return absl::OkStatus();
}

}  // namespace

std::string PythonTypeName(const CollectionItem& item) {
  if (std::holds_alternative<Output>(item)) return "Tensor";
  if (std::holds_alternative<Operation*>(item)) return "Operation";
  if (std::holds_alternative<std::string>(item)) return "str";
  if (std::holds_alternative<int64_t>(item)) return "int";
  if (std::holds_alternative<double>(item)) return "float";
  return ObjectOf(item)->TypeName();
}

absl::Status HasNoAttribute(absl::string_view type_name,
                            absl::string_view attribute) {
  return AttributeError(absl::StrCat(
      "'", type_name, "' object has no attribute '", attribute, "'"));
}

absl::StatusOr<absl::optional<std::string>> BytesItem::ToProto(
    absl::string_view) const {
  return HasNoAttribute(TypeName(), "to_proto");
}

bool HoldsVariableDefs(absl::string_view key) {
  return key == graph_keys::kGlobalVariables ||
         key == graph_keys::kTrainableVariables ||
         key == graph_keys::kMovingAverageVariables ||
         key == graph_keys::kLocalVariables ||
         key == graph_keys::kModelVariables ||
         key == graph_keys::kMetricVariables || key == graph_keys::kGlobalStep;
}

bool HoldsMessages(absl::string_view key) {
  return HoldsVariableDefs(key) || key == graph_keys::kSavers ||
         key == graph_keys::kQueueRunners || key == graph_keys::kCondContext ||
         key == graph_keys::kWhileContext;
}

bool ExportFilter::Includes(const std::string& name) const {
  if (excluded.count(name) > 0) return false;
  return absl::StartsWith(name, kUnboundInputPrefix) ||
         absl::StartsWith(name, scope);
}

void AddCollectionDef(const Graph& graph, const std::string& key,
                      const ExportFilter& filter, const LogSink& log,
                      MetaGraphDef* meta_graph) {
  std::vector<CollectionItem> items;
  for (CollectionItem& item : graph.GetCollection(key)) {
    if (IsIncluded(item, filter)) items.push_back(std::move(item));
  }
  if (items.empty()) return;
  // Where the meta graph is, so that it can be swapped in and not copied.
  google::protobuf::Arena* const arena = meta_graph->GetArena();
  auto* const def = google::protobuf::Arena::CreateMessage<CollectionDef>(arena);
  const std::unique_ptr<CollectionDef> owned(arena == nullptr ? def : nullptr);
  const absl::Status filled = Fill(key, items, filter.scope, def);
  if (filled.ok()) {
    (*meta_graph->mutable_collection_def())[key].Swap(def);
  } else if (log) {
    log(LogLevel::kWarning,
        absl::StrCat("Issue encountered when serializing ", key,
                     ".\nType is unsupported, or the types of the items don't "
                     "match field type in CollectionDef. Note this is a "
                     "warning and probably safe to ignore.\n",
                     filled.message()));
  }
}

void AddSaverCollectionDef(const SaverDef& saver_def,
                           const ExportFilter& filter,
                           MetaGraphDef* meta_graph) {
  // There, and empty, if the Saver is outside of the scope.
  CollectionDef& savers =
      (*meta_graph->mutable_collection_def())[graph_keys::kSavers];
  const absl::optional<SaverDef> def =
      SaverDefInside(saver_def, filter.scope);
  if (!def.has_value()) return;
  savers.mutable_bytes_list()->add_value(def->SerializeAsString());
}

}  // namespace retrograph
