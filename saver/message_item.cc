#include "saver/message_item.h"

#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "core/message_bytes.h"
#include "proto/control_flow.pb.h"
#include "proto/queue_runner.pb.h"
#include "proto/saver.pb.h"
#include "saver/scope_names.h"

namespace retrograph {
namespace {

using Names = std::vector<std::string>;
// What becomes of a name.
using Rename = std::function<std::string(const std::string&)>;

void RenameField(std::string* name, const Rename& rename) {
  if (!name->empty()) *name = rename(*name);
}

template <typename Repeated>
void RenameAll(Repeated* names, const Rename& rename) {
  for (std::string& name : *names) RenameField(&name, rename);
}

void RenameIn(ValuesDef* values, const Rename& rename) {
  RenameAll(values->mutable_values(), rename);
  google::protobuf::Map<std::string, std::string> renamed;
  for (const auto& [outside, inside] : values->external_values()) {
    renamed[rename(outside)] = rename(inside);
  }
  *values->mutable_external_values() = std::move(renamed);
}

void RenameIn(CondContextDef* def, const Rename& rename);
void RenameIn(WhileContextDef* def, const Rename& rename);

template <typename Contexts>
void RenameNested(Contexts* contexts, const Rename& rename) {
  for (ControlFlowContextDef& nested : *contexts) {
    if (nested.has_cond_ctxt()) RenameIn(nested.mutable_cond_ctxt(), rename);
    if (nested.has_while_ctxt()) RenameIn(nested.mutable_while_ctxt(), rename);
  }
}

void RenameIn(CondContextDef* def, const Rename& rename) {
  RenameField(def->mutable_context_name(), rename);
  RenameField(def->mutable_pred_name(), rename);
  RenameField(def->mutable_pivot_name(), rename);
  if (def->has_values_def()) RenameIn(def->mutable_values_def(), rename);
  RenameNested(def->mutable_nested_contexts(), rename);
}

void RenameIn(WhileContextDef* def, const Rename& rename) {
  RenameField(def->mutable_context_name(), rename);
  RenameField(def->mutable_pivot_name(), rename);
  RenameField(def->mutable_pivot_for_pred_name(), rename);
  RenameField(def->mutable_pivot_for_body_name(), rename);
  RenameField(def->mutable_maximum_iterations_name(), rename);
  RenameAll(def->mutable_loop_exit_names(), rename);
  RenameAll(def->mutable_loop_enter_names(), rename);
  if (def->has_values_def()) RenameIn(def->mutable_values_def(), rename);
  RenameNested(def->mutable_nested_contexts(), rename);
}

void RenameIn(QueueRunnerDef* def, const Rename& rename) {
  RenameField(def->mutable_queue_name(), rename);
  RenameAll(def->mutable_enqueue_op_name(), rename);
  RenameField(def->mutable_close_op_name(), rename);
  RenameField(def->mutable_cancel_op_name(), rename);
}

void RenameIn(SaverDef* def, const Rename& rename) {
  RenameField(def->mutable_filename_tensor_name(), rename);
  RenameField(def->mutable_save_tensor_name(), rename);
  RenameField(def->mutable_restore_op_name(), rename);
}

// The names that must be in the graph.
Names NamesNeeded(const CondContextDef& def) {
  return {def.pred_name(), def.pivot_name()};
}
Names NamesNeeded(const WhileContextDef& def) {
  Names names = {def.pivot_name(), def.pivot_for_pred_name(),
                 def.pivot_for_body_name(), def.maximum_iterations_name()};
  names.insert(names.end(), def.loop_exit_names().begin(),
               def.loop_exit_names().end());
  names.insert(names.end(), def.loop_enter_names().begin(),
               def.loop_enter_names().end());
  return names;
}
Names NamesNeeded(const QueueRunnerDef& def) {
  Names names = {def.queue_name(), def.close_op_name(), def.cancel_op_name()};
  names.insert(names.end(), def.enqueue_op_name().begin(),
               def.enqueue_op_name().end());
  return names;
}
// A Saver looks its ops up when it runs.
Names NamesNeeded(const SaverDef&) { return {}; }

absl::optional<std::string> NameOf(const CondContextDef& def) {
  return def.context_name();
}
absl::optional<std::string> NameOf(const WhileContextDef& def) {
  return def.context_name();
}
absl::optional<std::string> NameOf(const QueueRunnerDef& def) {
  return def.queue_name();
}
absl::optional<std::string> NameOf(const SaverDef&) { return absl::nullopt; }

// The names by which it is decided whether an object is inside a scope.
Names NamesInside(const CondContextDef& def) { return {def.context_name()}; }
Names NamesInside(const WhileContextDef& def) { return {def.context_name()}; }
Names NamesInside(const QueueRunnerDef& def) { return {def.queue_name()}; }
Names NamesInside(const SaverDef& def) {
  return {def.filename_tensor_name(), def.save_tensor_name(),
          def.restore_op_name()};
}

absl::Status DecodeError(absl::string_view message_name) {
  return PythonError(
      "DecodeError", absl::StatusCode::kInvalidArgument,
      absl::StrCat("Error parsing message with type 'tensorflow.", message_name,
                   "'"));
}

struct Imported {
  absl::optional<std::string> name;
  std::string bytes;
};

template <typename Def>
absl::StatusOr<Imported> Import(const Graph& graph, const std::string& bytes,
                                absl::string_view scope) {
  Def def;
  if (!def.ParseFromString(bytes))
    return DecodeError(Def::descriptor()->name());
  if (!scope.empty()) {
    RenameIn(&def, [scope](const std::string& name) {
      return PrependNameScope(name, scope);
    });
  }
  for (const std::string& name : NamesNeeded(def)) {
    if (name.empty()) continue;
    RG_RETURN_IF_ERROR(graph.AsGraphElement(name).status());
  }
  return Imported{NameOf(def), SerializeDeterministically(def)};
}

template <typename Def>
absl::optional<std::string> Export(const std::string& bytes,
                                   absl::string_view scope) {
  Def def;
  def.ParseFromString(bytes);
  for (const std::string& name : NamesInside(def)) {
    if (!absl::StartsWith(name, scope)) return absl::nullopt;
  }
  RenameIn(&def, [scope](const std::string& name) {
    return StripNameScope(name, scope);
  });
  return SerializeDeterministically(def);
}

}  // namespace

MessageItem::MessageItem(std::string type_name,
                         absl::optional<std::string> name, std::string bytes)
    : type_name_(std::move(type_name)),
      name_(std::move(name)),
      bytes_(std::move(bytes)) {}

absl::StatusOr<std::shared_ptr<CollectionObject>> MessageItem::FromProto(
    const Graph& graph, absl::string_view key, const std::string& bytes,
    absl::string_view import_scope) {
  std::string type_name;
  absl::StatusOr<Imported> imported;
  if (key == graph_keys::kCondContext) {
    type_name = "CondContext";
    imported = Import<CondContextDef>(graph, bytes, import_scope);
  } else if (key == graph_keys::kWhileContext) {
    type_name = "WhileContext";
    imported = Import<WhileContextDef>(graph, bytes, import_scope);
  } else if (key == graph_keys::kQueueRunners) {
    type_name = "QueueRunner";
    imported = Import<QueueRunnerDef>(graph, bytes, import_scope);
  } else if (key == graph_keys::kSavers) {
    type_name = "Saver";
    imported = Import<SaverDef>(graph, bytes, import_scope);
  } else {
    return std::shared_ptr<CollectionObject>();
  }
  RG_RETURN_IF_ERROR(imported.status());
  return std::shared_ptr<CollectionObject>(
      new MessageItem(std::move(type_name), std::move(imported->name),
                      std::move(imported->bytes)));
}

std::shared_ptr<MessageItem> MessageItem::OfAny(
    const google::protobuf::Any& any) {
  return std::shared_ptr<MessageItem>(
      new MessageItem("Any", absl::nullopt, SerializeDeterministically(any)));
}

absl::optional<PlainValue> MessageItem::Plain() const {
  if (type_name_ != "Any") return absl::nullopt;
  google::protobuf::Any any;
  any.ParseFromString(bytes_);
  return any;
}

absl::StatusOr<absl::optional<std::string>> MessageItem::ToProto(
    absl::string_view export_scope) const {
  if (type_name_ == "Any") return HasNoAttribute(type_name_, "to_proto");
  if (export_scope.empty()) return absl::optional<std::string>(bytes_);
  if (type_name_ == "CondContext") {
    return Export<CondContextDef>(bytes_, export_scope);
  }
  if (type_name_ == "WhileContext") {
    return Export<WhileContextDef>(bytes_, export_scope);
  }
  if (type_name_ == "QueueRunner") {
    return Export<QueueRunnerDef>(bytes_, export_scope);
  }
  return Export<SaverDef>(bytes_, export_scope);
}

}  // namespace retrograph
