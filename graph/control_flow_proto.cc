// Contexts as meta graphs keep them, and back.
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/errors.h"
#include "graph/control_flow.h"

namespace retrograph {
namespace {

std::string WithoutScope(absl::string_view name, absl::string_view scope) {
  absl::ConsumeSuffix(&scope, "/");
  absl::string_view rest = name;
  if (scope.empty() || !absl::ConsumePrefix(&rest, scope) ||
      !absl::StartsWith(rest, "/")) {
    return std::string(name);
  }
  while (absl::ConsumePrefix(&rest, "/")) {
  }
  return std::string(rest);
}

std::string InScope(absl::string_view name, absl::string_view scope) {
  absl::ConsumeSuffix(&scope, "/");
  if (scope.empty()) return std::string(name);
  return absl::StrCat(scope, "/", name);
}

absl::StatusOr<Output> FindTensor(const Graph& graph, absl::string_view name,
                                  absl::string_view scope) {
  return graph.GetTensorByName(InScope(name, scope));
}

}  // namespace

// ---- Writing ----

bool ControlFlowContext::ToProto(absl::string_view export_scope,
                                 ControlFlowContextDef* def) const {
  if (!absl::StartsWith(name_, export_scope)) return false;
  WriteTo(export_scope, def);
  return true;
}

ValuesDef ControlFlowContext::ValuesToProto(
    absl::string_view export_scope) const {
  ValuesDef def;
  for (const std::string& value : values_) {
    def.add_values(WithoutScope(value, export_scope));
  }
  for (const auto& [outer, inner] : external_) {
    (*def.mutable_external_values())[WithoutScope(outer, export_scope)] =
        WithoutScope(inner.name(), export_scope);
  }
  return def;
}

void ControlFlowContext::WriteNested(
    google::protobuf::RepeatedPtrField<ControlFlowContextDef>* defs) const {
  // TensorFlow leaves the scope on the names of nested contexts.
  for (const ControlFlowContext* nested : nested_) {
    nested->WriteTo("", defs->Add());
  }
}

void CondContext::WriteTo(absl::string_view export_scope,
                          ControlFlowContextDef* def) const {
  CondContextDef* cond = def->mutable_cond_ctxt();
  cond->set_context_name(WithoutScope(name_, export_scope));
  cond->set_pred_name(WithoutScope(pred_.name(), export_scope));
  cond->set_pivot_name(WithoutScope(pivot_.name(), export_scope));
  cond->set_branch(branch_);
  *cond->mutable_values_def() = ValuesToProto(export_scope);
  WriteNested(cond->mutable_nested_contexts());
}

void WhileContext::WriteTo(absl::string_view export_scope,
                           ControlFlowContextDef* def) const {
  const auto name = [export_scope](const Output& tensor) {
    return tensor.valid() ? WithoutScope(tensor.name(), export_scope)
                          : std::string();
  };
  WhileContextDef* loop = def->mutable_while_ctxt();
  loop->set_context_name(WithoutScope(name_, export_scope));
  loop->set_parallel_iterations(options_.parallel_iterations);
  loop->set_maximum_iterations_name(name(options_.maximum_iterations));
  loop->set_back_prop(options_.back_prop);
  loop->set_swap_memory(options_.swap_memory);
  loop->set_pivot_name(name(pivot_));
  loop->set_pivot_for_pred_name(name(pivot_for_pred_));
  loop->set_pivot_for_body_name(name(pivot_for_body_));
  for (const Output& exit : exits_) loop->add_loop_exit_names(name(exit));
  for (const Output& enter : enters_) loop->add_loop_enter_names(name(enter));
  *loop->mutable_values_def() = ValuesToProto(export_scope);
  WriteNested(loop->mutable_nested_contexts());
}

// ---- Reading ----

absl::StatusOr<std::shared_ptr<ControlFlowContext>>
ControlFlowContext::FromProto(Graph* graph, const ControlFlowContextDef& def,
                              absl::string_view import_scope) {
  if (def.has_cond_ctxt()) {
    return CondContext::FromProto(graph, def.cond_ctxt(), import_scope);
  }
  if (def.has_while_ctxt()) {
    return WhileContext::FromProto(graph, def.while_ctxt(), import_scope);
  }
  return NotImplementedError("Unknown ControlFlowContextDef field: None");
}

absl::StatusOr<std::vector<Operation*>> ControlFlowContext::ReadValues(
    const ValuesDef& def, absl::string_view import_scope) {
  for (const std::string& value : def.values()) {
    values_.insert(InScope(value, import_scope));
  }
  for (const auto& [outer, inner] : def.external_values()) {
    RG_ASSIGN_OR_RETURN(external_[InScope(outer, import_scope)],
                        FindTensor(*graph_, inner, import_scope));
  }
  std::vector<Operation*> ops;
  for (const std::string& value : values_) {
    if (external_.count(value) > 0) continue;
    RG_ASSIGN_OR_RETURN(
        Operation* const op,
        graph_->GetOperationByName(value.substr(0, value.find(':'))));
    ops.push_back(op);
  }
  return ops;
}

absl::Status ControlFlowContext::JoinRead(
    const std::shared_ptr<ControlFlowContext>& context,
    absl::Span<Operation* const> ops,
    const google::protobuf::RepeatedPtrField<ControlFlowContextDef>& nested,
    absl::string_view import_scope) {
  Graph* const graph = context->graph();
  graph->EnterControlFlowContext(context);
  for (Operation* op : ops) SetContext(op, context.get());
  absl::Status status;
  for (const ControlFlowContextDef& def : nested) {
    if (!status.ok()) break;
    status = FromProto(graph, def, import_scope).status();
  }
  graph->ExitControlFlowContext();
  return status;
}

absl::StatusOr<std::shared_ptr<CondContext>> CondContext::FromProto(
    Graph* graph, const CondContextDef& def, absl::string_view import_scope) {
  // TensorFlow uses up the name that a new context would get.
  graph->UniqueName("cond_text");
  std::shared_ptr<CondContext> context(new CondContext(graph));
  context->name_ = InScope(def.context_name(), import_scope);
  RG_ASSIGN_OR_RETURN(context->pred_,
                      FindTensor(*graph, def.pred_name(), import_scope));
  RG_ASSIGN_OR_RETURN(context->pivot_,
                      FindTensor(*graph, def.pivot_name(), import_scope));
  context->branch_ = def.branch();
  RG_ASSIGN_OR_RETURN(const std::vector<Operation*> ops,
                      context->ReadValues(def.values_def(), import_scope));
  RG_RETURN_IF_ERROR(
      JoinRead(context, ops, def.nested_contexts(), import_scope));
  return context;
}

absl::StatusOr<std::shared_ptr<WhileContext>> WhileContext::FromProto(
    Graph* graph, const WhileContextDef& def, absl::string_view import_scope) {
  std::shared_ptr<WhileContext> context(new WhileContext(graph));
  context->name_ = InScope(def.context_name(), import_scope);
  context->options_.parallel_iterations = def.parallel_iterations();
  context->options_.back_prop = def.back_prop();
  context->options_.swap_memory = def.swap_memory();
  RG_RETURN_IF_ERROR(context->ReadTensors(def, import_scope));
  RG_ASSIGN_OR_RETURN(const std::vector<Operation*> ops,
                      context->ReadValues(def.values_def(), import_scope));
  if (!import_scope.empty()) {
    // The loop has a new name, and so has its frame.
    for (const std::string& value : context->values_) {
      RG_ASSIGN_OR_RETURN(const Output tensor, graph->GetTensorByName(value));
      if (tensor.op->type() != "Enter" && tensor.op->type() != "RefEnter") {
        continue;
      }
      AttrValue frame;
      frame.set_s(context->name_);
      tensor.op->SetAttr("frame_name", std::move(frame));
    }
  }
  RG_RETURN_IF_ERROR(
      JoinRead(context, ops, def.nested_contexts(), import_scope));
  return context;
}

absl::Status WhileContext::ReadTensors(const WhileContextDef& def,
                                       absl::string_view import_scope) {
  const auto find = [&](const std::string& name) {
    return FindTensor(*graph_, name, import_scope);
  };
  if (!def.maximum_iterations_name().empty()) {
    RG_ASSIGN_OR_RETURN(options_.maximum_iterations,
                        find(def.maximum_iterations_name()));
  }
  RG_ASSIGN_OR_RETURN(pivot_for_pred_, find(def.pivot_for_pred_name()));
  RG_ASSIGN_OR_RETURN(pivot_for_body_, find(def.pivot_for_body_name()));
  RG_ASSIGN_OR_RETURN(pivot_, find(def.pivot_name()));
  for (const std::string& name : def.loop_exit_names()) {
    RG_ASSIGN_OR_RETURN(const Output exit, find(name));
    exits_.push_back(exit);
  }
  for (const std::string& name : def.loop_enter_names()) {
    RG_ASSIGN_OR_RETURN(const Output enter, find(name));
    enters_.push_back(enter);
  }
  return absl::OkStatus();
}

}  // namespace retrograph
