#include "variables/variable_scope.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "variables/variable_store.h"

namespace retrograph {
namespace {

// What a scope object or the enclosing scope hands on, changed by what the
// caller asked for. The constraint is never handed on.
VariableScope Derive(const VariableScope& from,
                     const VariableScopeOptions& options) {
  VariableScope scope = from;
  scope.constraint = options.constraint;
  if (options.reuse.has_value() && *options.reuse != Reuse::kNo) {
    scope.reuse = *options.reuse;
  }
  if (options.initializer.has_value()) scope.initializer = options.initializer;
  if (options.regularizer) scope.regularizer = options.regularizer;
  if (options.caching_device.has_value()) {
    scope.caching_device = options.caching_device;
  }
  if (options.partitioner) scope.partitioner = options.partitioner;
  if (options.dtype != DT_INVALID) scope.dtype = options.dtype;
  if (options.use_resource.has_value()) {
    scope.use_resource = options.use_resource;
  }
  if (options.custom_getter) {
    scope.custom_getter = options.custom_getter;
    if (from.custom_getter) {
      // The new getter calls the old one, which calls the real one.
      scope.custom_getter = [outer = options.custom_getter,
                             inner = from.custom_getter](
                                GetVariableFn getter, GraphBuilder& b,
                                GetVariableOptions variable) {
        return outer(
            [&](GraphBuilder& b, GetVariableOptions variable) {
              return inner(getter, b, std::move(variable));
            },
            b, std::move(variable));
      };
    }
  }
  return scope;
}

// The name scope that a variable scope opens besides itself.
std::string NameScopeToEnter(const GraphBuilder& b,
                             const VariableScopeOptions& options) {
  if (!options.auxiliary_name_scope) {
    // The current one, again.
    const std::string current = b.graph()->CurrentNameScope();
    return current.empty() ? "" : absl::StrCat(current, "/");
  }
  if (options.name.has_value()) return *options.name;
  if (options.scope == nullptr) return *options.default_name;
  const std::string& name = options.scope->name;
  return name.substr(name.rfind('/') + 1);
}

absl::Status CheckOptions(const VariableScopeOptions& options) {
  if (options.name.has_value() || options.scope != nullptr) {
    return absl::OkStatus();
  }
  if (!options.default_name.has_value()) {
    return TypeError("If default_name is None then name_or_scope is required");
  }
  if (options.reuse.value_or(Reuse::kNo) != Reuse::kNo) {
    return ValueError("reuse=True cannot be used without a name_or_scope");
  }
  return absl::OkStatus();
}

}  // namespace

VariableScope* CurrentVariableScope(Graph* graph) {
  return VariableStore::Of(graph)->ThisThread()->current();
}

ScopedVariableScope::ScopedVariableScope(GraphBuilder& b,
                                         VariableScopeOptions options) {
  if (!b.ok() || !b.Update(CheckOptions(options))) return;
  std::string name_scope = NameScopeToEnter(b, options);
  // Only the root scope itself, re-entered, opens no name scope.
  if (!name_scope.empty() || !options.auxiliary_name_scope) {
    absl::StatusOr<std::string> entered = b.graph()->EnterNameScope(name_scope);
    if (!b.Update(entered.status())) return;
    name_scope = *entered;
    entered_name_scope_ = true;
  }
  graph_ = b.graph()->shared_from_this();

  VariableScopeStack* stack = VariableStore::Of(b.graph())->ThisThread();
  reentered_ = !options.name.has_value() && options.scope != nullptr;
  auto scope = std::make_unique<VariableScope>(
      Derive(reentered_ ? *options.scope : *stack->current(), options));
  if (!reentered_) {
    const std::string name = options.name.has_value()
                                 ? *options.name
                                 : stack->UniqueName(*options.default_name);
    const std::string& parent = stack->current()->name;
    scope->name = parent.empty() ? name : absl::StrCat(parent, "/", name);
    scope->original_name_scope = name_scope;
  }
  ++stack->counts[scope->name];
  if (reentered_) old_counts_ = stack->counts;
  scope_ = scope.get();
  stack->scopes.push_back(std::move(scope));
}

ScopedVariableScope::~ScopedVariableScope() {
  if (scope_ == nullptr) return;
  VariableScopeStack* stack = VariableStore::Of(graph_.get())->ThisThread();
  if (reentered_) {
    stack->counts = std::move(old_counts_);
  } else {
    stack->CloseSubscopes(scope_->name);
  }
  stack->scopes.pop_back();
  if (entered_name_scope_) graph_->ExitNameScope();
}

std::map<std::string, std::shared_ptr<Variable>> StoredVariables(Graph* graph) {
  return VariableStore::Of(graph)->All();
}

GotVariable GetVariable(GraphBuilder& b, GetVariableOptions options) {
  if (!b.ok()) return {};
  const VariableScope& scope = *CurrentVariableScope(b.graph());
  if (!options.regularizer) options.regularizer = scope.regularizer;
  if (!options.caching_device.has_value()) {
    options.caching_device = scope.caching_device;
  }
  if (!options.partitioner) options.partitioner = scope.partitioner;
  if (!options.custom_getter) options.custom_getter = scope.custom_getter;
  if (!options.reuse.has_value()) options.reuse = scope.reuse;
  if (!options.use_resource.has_value()) {
    options.use_resource = scope.use_resource;
  }
  if (!options.constraint) options.constraint = scope.constraint;
  if (!scope.name.empty()) {
    options.name = absl::StrCat(scope.name, "/", options.name);
  }
  // Names of variables follow the variable scope alone.
  NameScope root(b.graph(), "");
  if (options.dtype != DT_INVALID && options.initial_value.has_value()) {
    // As in TensorFlow, looking at the dtype of a value leaves a Const behind.
    Output value = b.Convert(*options.initial_value);
    if (!b.ok()) return {};
    const DataType dtype = RemoveRefType(value.dtype());
    if (dtype != RemoveRefType(options.dtype)) {
      b.Update(ValueError(
          absl::StrCat("Initializer type '<dtype: '", DTypePythonName(dtype),
                       "'>' and explicit dtype '<dtype: '",
                       DTypePythonName(options.dtype), "'>' don't match.")));
      return {};
    }
  }
  if (!options.initializer.has_value() && !options.initial_value.has_value()) {
    options.initializer = scope.initializer;
  }
  options.dtype =
      RemoveRefType(options.dtype == DT_INVALID ? scope.dtype : options.dtype);
  return VariableStore::Of(b.graph())->Get(b, std::move(options));
}

GotVariable GetLocalVariable(GraphBuilder& b, GetVariableOptions options) {
  std::vector<std::string> collections =
      options.collections.value_or(std::vector<std::string>());
  collections.push_back(graph_keys::kLocalVariables);
  options.collections = std::move(collections);
  options.trainable = false;
  return GetVariable(b, std::move(options));
}

}  // namespace retrograph
