// tf.Variable's constructor: the ops of a new variable, in TensorFlow's order.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "ops/builders.h"
#include "variables/initialized_value.h"
#include "variables/variable.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

// A shape as the Python list that the caller usually gives it as: [2, None].
std::string ShapeListText(const PartialTensorShape& shape) {
  if (shape.unknown_rank()) return shape.PythonString();
  auto dim_text = [](std::string* out, int64_t dim) {
    if (dim < 0) {
      out->append("None");
    } else {
      absl::StrAppend(out, dim);
    }
  };
  return absl::StrCat("[", absl::StrJoin(shape.dims(), ", ", dim_text), "]");
}

}  // namespace

// Makes one variable. The name scope of the variable is entered while it works.
class VariableMaker {
 public:
  VariableMaker(GraphBuilder& b, VariableOptions options)
      : b_(b),
        graph_(b.graph()),
        options_(std::move(options)),
        variable_(new Variable()) {}

  std::shared_ptr<Variable> Make() {
    if (!Begin()) return nullptr;
    InitScope init_scope(graph_);
    absl::StatusOr<std::string> scope = graph_->EnterNameScope(
        options_.name.empty() ? "Variable" : options_.name);
    if (!b_.Update(scope.status())) return nullptr;
    scope_name_ = *scope;
    if (variable_->is_resource_) {
      MakeResource();
    } else {
      MakeRef();
    }
    graph_->ExitNameScope();
    if (!b_.ok()) return nullptr;
    AddToCollections();
    return variable_;
  }

 private:
  bool Begin() {
    if (!b_.ok()) return false;
    if (options_.initial_value.has_value() == bool{options_.initializer}) {
      return b_.Update(ValueError("initial_value must be specified."));
    }
    variable_->is_resource_ = options_.use_resource.value_or(
        CurrentVariableScope(graph_)->use_resource.value_or(false));
    variable_->synchronization_ = options_.synchronization;
    variable_->aggregation_ = options_.aggregation;
    variable_->trainable_ = options_.trainable.value_or(
        options_.synchronization != Synchronization::kOnRead);
    variable_->constraint_ = options_.constraint;
    return true;
  }

  void AddToCollections() {
    std::vector<std::string> names = options_.collections.value_or(
        std::vector<std::string>{graph_keys::kGlobalVariables});
    if (variable_->trainable_) {
      names.push_back(graph_keys::kTrainableVariables);
    }
    // Each collection once, however often it is named.
    absl::c_sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const std::string& name : names) {
      graph_->AddToCollection(name, variable_);
    }
  }

  // "loc:@v", for ops made before "v" is.
  AttrValue Colocation() const {
    return MakeAttr(std::vector<std::string>{
        absl::StrCat("loc:@", scope_name_.substr(0, scope_name_.size() - 1))});
  }

  // The initial value, made in the scope "Initializer". Whatever has no
  // colocation of its own by then is colocated with the variable.
  Output InitialValueInScope() {
    NameScope initializer(graph_, "Initializer");
    DeviceScope no_device(graph_, absl::nullopt);
    const int first = graph_->num_operations();
    Output value;
    if (options_.initializer) {
      value = options_.initializer(b_);
      if (b_.ok()) value = b_.Convert(value, options_.dtype, "initial_value");
    } else {
      value =
          b_.Convert(*options_.initial_value, options_.dtype, "initial_value");
    }
    for (int i = first; i < graph_->num_operations(); ++i) {
      Operation* op = graph_->operation(i);
      if (op->FindAttr("_class") == nullptr)
        op->SetAttr("_class", Colocation());
    }
    return value;
  }

  // The value is there before the variable's own ops run, which is not so in a
  // branch or a loop.
  bool CheckOutsideControlFlow() {
    if (variable_->initial_value_.op->control_flow_context() == nullptr) {
      return true;
    }
    return b_.Update(ValueError(absl::StrCat(
        "Initializer for variable ", scope_name_,
        " is from inside a control-flow construct, such as a loop or "
        "conditional. When creating a variable inside a loop or conditional, "
        "use a lambda as the initializer.")));
  }

  void MakeRef() {
    Variable& v = *variable_;
    AttrList attrs;
    if (options_.initializer) {
      v.initial_value_ = InitialValueInScope();
      attrs.emplace_back("_class", Colocation());
    } else {
      v.initial_value_ =
          b_.Convert(*options_.initial_value, options_.dtype, "initial_value");
      if (b_.ok()) CheckOutsideControlFlow();
    }
    if (!b_.ok()) return;
    const PartialTensorShape& initial_shape = v.initial_value_.shape();
    v.dtype_ = RemoveRefType(v.initial_value_.dtype());
    attrs.push_back(Attr("dtype", v.dtype_));
    attrs.push_back(
        Attr("shape", options_.shape.value_or(options_.validate_shape
                                                  ? initial_shape
                                                  : PartialTensorShape())));
    v.handle_ = b_.Op("VariableV2", {}, std::move(attrs), scope_name_);
    if (!b_.ok()) return;
    if (options_.validate_shape && !initial_shape.IsFullyDefined()) {
      b_.Update(
          ValueError(absl::StrCat("initial_value must have a shape specified: ",
                                  v.initial_value_.DebugString())));
      return;
    }
    Output guarded = GuardInitialValue(b_, v.initial_value_, scope_name_);
    v.initializer_ =
        b_.AddOp("Assign", {v.handle_, guarded},
                 {Attr("validate_shape", options_.validate_shape)});
    if (!b_.ok()) return;
    if (options_.caching_device.has_value()) {
      if (!b_.Update(graph_->EnterDevice(options_.caching_device))) return;
      v.snapshot_ = Identity(b_, v.handle_, "read");
      graph_->ExitDevice();
    } else {
      ColocateWith colocate(graph_, v.handle_.op);
      v.snapshot_ = Identity(b_, v.handle_, "read");
    }
  }

  void MakeResource() {
    Variable& v = *variable_;
    v.initial_value_ = InitialValueInScope();
    if (!b_.ok() || !TakeResourceShape()) return;
    v.dtype_ = RemoveRefType(v.initial_value_.dtype());
    v.handle_ = b_.Op(
        "VarHandleOp", {},
        {{"_class", Colocation()},
         Attr("dtype", v.dtype_),
         Attr("shape", v.shape_),
         Attr("shared_name", scope_name_.substr(0, scope_name_.size() - 1)),
         Attr("container", graph_->CurrentContainer())},
        scope_name_);
    if (!b_.ok() || !CheckOutsideControlFlow()) return;
    {
      NameScope scope(graph_, "IsInitialized");
      b_.Op("VarIsInitializedOp", {v.handle_});
    }
    {
      NameScope scope(graph_, "Assign");
      ColocateWith no_colocation(graph_, nullptr, /*ignore_existing=*/true);
      DeviceScope device(graph_, v.device());
      Output guarded = GuardInitialValue(b_, v.initial_value_, scope_name_);
      v.initializer_ = b_.AddOp("AssignVariableOp", {v.handle_, guarded}, {},
                                scope.full_name());
    }
    MakeResourceRead();
  }

  bool TakeResourceShape() {
    Variable& v = *variable_;
    v.shape_ = options_.shape.value_or(v.initial_value_.shape());
    if (v.initial_value_.shape().IsCompatibleWith(v.shape_)) return true;
    return b_.Update(ValueError(absl::StrCat(
        "The initial value's shape (", v.initial_value_.shape().PythonString(),
        ") is not compatible with the explicitly supplied `shape` argument (",
        ShapeListText(v.shape_), ").")));
  }

  void MakeResourceRead() {
    Variable& v = *variable_;
    NameScope scope(graph_, "Read");
    {
      DeviceScope device(graph_, v.device());
      v.graph_element_ =
          b_.Op("ReadVariableOp", {v.handle_}, {Attr("dtype", v.dtype_)});
    }
    v.snapshot_ = v.graph_element_;
    if (!b_.ok() || !options_.caching_device.has_value()) return;
    ColocateWith no_colocation(graph_, nullptr, /*ignore_existing=*/true);
    if (!b_.Update(graph_->EnterDevice(options_.caching_device))) return;
    v.cached_value_ = Identity(b_, v.graph_element_);
    v.snapshot_ = v.cached_value_;
    graph_->ExitDevice();
  }

  GraphBuilder& b_;
  Graph* graph_;
  VariableOptions options_;
  std::shared_ptr<Variable> variable_;
  std::string scope_name_;  // "v/"
};

std::shared_ptr<Variable> Variable::Create(GraphBuilder& b,
                                           VariableOptions options) {
  return VariableMaker(b, std::move(options)).Make();
}

}  // namespace retrograph
