#include "variables/variable.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "core/errors.h"
#include "ops/builders.h"

namespace retrograph {
namespace {

// ops.strip_name_scope: "scope/v" without "scope/".
std::string StripScope(std::string name, absl::string_view scope) {
  scope = absl::StripSuffix(scope, "/");
  if (scope.empty() || !absl::StartsWith(name, absl::StrCat(scope, "/"))) {
    return name;
  }
  absl::string_view rest = name;
  rest.remove_prefix(scope.size());
  while (absl::ConsumePrefix(&rest, "/")) {
  }
  return std::string(rest);
}

// ops.prepend_name_scope.
std::string PrependScope(absl::string_view name, absl::string_view scope) {
  scope = absl::StripSuffix(scope, "/");
  return scope.empty() ? std::string(name) : absl::StrCat(scope, "/", name);
}

std::string IncompatibleConversion(DataType wanted, DataType actual) {
  return absl::StrCat("Incompatible type conversion requested to type '",
                      DTypePythonName(wanted), "' for variable of type '",
                      DTypePythonName(actual), "'");
}

}  // namespace

std::string SaveSliceInfo::spec() const {
  std::vector<std::string> slices;
  for (size_t i = 0; i < var_offset.size(); ++i) {
    slices.push_back(absl::StrCat(var_offset[i], ",", var_shape[i]));
  }
  return absl::StrCat(absl::StrJoin(full_shape, " "), " ",
                      absl::StrJoin(slices, ":"));
}

std::string Variable::TypeName() const {
  return is_resource_ ? "ResourceVariable" : "RefVariable";
}

const PartialTensorShape& Variable::shape() const {
  return is_resource_ ? shape_ : handle_.shape();
}

std::string Variable::ReprString() const {
  return absl::StrCat(
      "<tf.Variable '", name(), "' shape=", shape().PythonString(),
      " dtype=", DTypePythonName(is_resource_ ? dtype_ : handle_.dtype()), ">");
}

Output Variable::Value(GraphBuilder& b) const {
  if (!b.ok()) return Output();
  if (!is_resource_) return snapshot_;
  if (cached_value_.valid()) return cached_value_;
  ColocateWith no_colocation(b.graph(), nullptr, /*ignore_existing=*/true);
  DeviceScope on_device(b.graph(), device());
  return b.Op("ReadVariableOp", {handle_}, {Attr("dtype", dtype_)});
}

Output Variable::ReadValue(GraphBuilder& b) const {
  if (!b.ok()) return Output();
  if (!is_resource_) return Identity(b, handle_, "read");
  Output value;
  {
    NameScope scope(b.graph(), "Read");
    DeviceScope on_device(b.graph(), device());
    value = b.Op("ReadVariableOp", {handle_}, {Attr("dtype", dtype_)});
  }
  // On whatever device the caller is, unlike the read itself.
  return Identity(b, value);
}

Input Variable::AsInput() const {
  if (!is_resource_) return Input(snapshot_, handle_);
  // A part of this variable's own, since the Input may outlive it.
  Variable copy;
  copy.is_resource_ = true;
  copy.dtype_ = dtype_;
  copy.handle_ = handle_;
  copy.cached_value_ = cached_value_;
  auto variable = std::make_shared<Variable>(std::move(copy));
  return Input::FromConverter(
      [variable](GraphBuilder* b, DataType dtype, DataType,
                 absl::string_view) -> absl::StatusOr<Output> {
        if (dtype != DT_INVALID && RemoveRefType(dtype) != variable->dtype_) {
          return ValueError(IncompatibleConversion(dtype, variable->dtype_));
        }
        Output value = variable->Value(*b);
        if (!b->ok()) return b->status();
        return value;
      });
}

Output Variable::IsInitialized(GraphBuilder& b, absl::string_view name) const {
  return b.Op(is_resource_ ? "VarIsInitializedOp" : "IsVariableInitialized",
              {handle_}, {}, name);
}

Output Variable::Assign(GraphBuilder& b, const Input& value,
                        absl::string_view name, bool use_locking) const {
  if (!is_resource_) {
    return b.Op("Assign", {handle_, value}, {Attr("use_locking", use_locking)},
                name);
  }
  Output tensor = b.Convert(value, dtype_);
  if (!b.ok()) return Output();
  if (!shape_.IsCompatibleWith(tensor.shape())) {
    b.Update(ValueError(absl::StrCat("Shapes ", shape_.PythonString(), " and ",
                                     tensor.shape().PythonString(),
                                     " are incompatible")));
    return Output();
  }
  return ReadAfter(b, b.AddOp("AssignVariableOp", {handle_, tensor}, {}, name));
}

Output Variable::AssignAdd(GraphBuilder& b, const Input& delta,
                           absl::string_view name, bool use_locking) const {
  return Change(b, "AssignAdd", delta, name, use_locking);
}

Output Variable::AssignSub(GraphBuilder& b, const Input& delta,
                           absl::string_view name, bool use_locking) const {
  return Change(b, "AssignSub", delta, name, use_locking);
}

Output Variable::Change(GraphBuilder& b, absl::string_view type,
                        const Input& delta, absl::string_view name,
                        bool use_locking) const {
  if (!is_resource_) {
    return b.Op(type, {handle_, delta}, {Attr("use_locking", use_locking)},
                name);
  }
  if (!b.ok()) return Output();
  Operation* op;
  {
    // Not before a cached value was read.
    std::vector<Operation*> cached;
    if (cached_value_.valid()) cached.push_back(cached_value_.op);
    ControlDependencies after_read(b.graph(), std::move(cached));
    Output tensor = b.Convert(delta, dtype_);
    op = b.AddOp(absl::StrCat(type, "VariableOp"), {handle_, tensor}, {}, name);
  }
  return ReadAfter(b, op);
}

Output Variable::ReadAfter(GraphBuilder& b, Operation* update) const {
  if (!b.ok()) return Output();
  ControlDependencies after(b.graph(), {update});
  return b.Op("ReadVariableOp", {handle_}, {Attr("dtype", dtype_)});
}

VariableDef Variable::ToProto(absl::string_view export_scope) const {
  VariableDef def;
  if (!absl::StartsWith(name(), export_scope)) return def;
  def.set_variable_name(StripScope(name(), export_scope));
  if (initial_value_.valid()) {
    def.set_initial_value_name(StripScope(initial_value_.name(), export_scope));
  }
  def.set_initializer_name(
      StripScope(initializer_is_tensor_ ? initializer_->output().name()
                                        : initializer_->name(),
                 export_scope));
  def.set_snapshot_name(StripScope(snapshot_.name(), export_scope));
  def.set_is_resource(is_resource_);
  def.set_trainable(trainable_);
  def.set_synchronization(
      static_cast<VariableSynchronization>(synchronization_));
  def.set_aggregation(static_cast<VariableAggregation>(aggregation_));
  if (save_slice_info_.has_value() &&
      absl::StartsWith(save_slice_info_->full_name, export_scope)) {
    SaveSliceInfoDef* slice = def.mutable_save_slice_info_def();
    slice->set_full_name(StripScope(save_slice_info_->full_name, export_scope));
    for (int64_t i : save_slice_info_->full_shape) slice->add_full_shape(i);
    for (int64_t i : save_slice_info_->var_offset) slice->add_var_offset(i);
    for (int64_t i : save_slice_info_->var_shape) slice->add_var_shape(i);
  }
  return def;
}

absl::StatusOr<std::shared_ptr<Variable>> Variable::FromProto(
    Graph* graph, const VariableDef& proto, absl::string_view import_scope) {
  auto find = [&](const std::string& name) {
    return graph->AsGraphElement(PrependScope(name, import_scope));
  };
  auto find_tensor = [&](const std::string& name) -> absl::StatusOr<Output> {
    RG_ASSIGN_OR_RETURN(const Graph::Element element, find(name));
    if (element.op == nullptr) return element.tensor;
    return ValueError(absl::StrCat("The name '", name,
                                   "' in a VariableDef refers to an "
                                   "Operation, not a Tensor."));
  };
  std::shared_ptr<Variable> v(new Variable());
  v->is_resource_ = proto.is_resource();
  RG_ASSIGN_OR_RETURN(v->handle_, find_tensor(proto.variable_name()));
  RG_ASSIGN_OR_RETURN(Graph::Element initializer,
                      find(proto.initializer_name()));
  v->initializer_ = initializer.op ? initializer.op : initializer.tensor.op;
  v->initializer_is_tensor_ = initializer.op == nullptr;
  if (!proto.initial_value_name().empty()) {
    RG_ASSIGN_OR_RETURN(v->initial_value_,
                        find_tensor(proto.initial_value_name()));
  }
  v->synchronization_ = static_cast<Synchronization>(proto.synchronization());
  v->aggregation_ = static_cast<Aggregation>(proto.aggregation());
  v->trainable_ = proto.trainable();
  if (v->is_resource_) {
    RG_RETURN_IF_ERROR(v->TakeResourceProto(proto, import_scope));
  } else {
    v->dtype_ = RemoveRefType(v->handle_.dtype());
    RG_ASSIGN_OR_RETURN(v->snapshot_, find_tensor(proto.snapshot_name()));
  }
  if (proto.has_save_slice_info_def()) {
    const SaveSliceInfoDef& slice = proto.save_slice_info_def();
    v->save_slice_info_ =
        SaveSliceInfo{PrependScope(slice.full_name(), import_scope),
                      {slice.full_shape().begin(), slice.full_shape().end()},
                      {slice.var_offset().begin(), slice.var_offset().end()},
                      {slice.var_shape().begin(), slice.var_shape().end()}};
  }
  return v;
}

absl::Status Variable::TakeResourceProto(const VariableDef& proto,
                                         absl::string_view import_scope) {
  RG_RETURN_IF_ERROR(handle_.op->GetAttr("shape", &shape_));
  RG_RETURN_IF_ERROR(handle_.op->GetAttr("dtype", &dtype_));
  if (proto.snapshot_name().empty()) {
    // Protos of older versions: the read has its usual name.
    RG_ASSIGN_OR_RETURN(graph_element_,
                        graph()->GetTensorByName(
                            absl::StrCat(op_name(), "/Read/ReadVariableOp:0")));
    snapshot_ = graph_element_;
    return absl::OkStatus();
  }
  RG_ASSIGN_OR_RETURN(snapshot_,
                      graph()->GetTensorByName(
                          PrependScope(proto.snapshot_name(), import_scope)));
  graph_element_ = snapshot_;
  if (snapshot_.op->type() != "ReadVariableOp") cached_value_ = snapshot_;
  while (graph_element_.op->type() != "ReadVariableOp") {
    if (graph_element_.op->num_inputs() == 0) {
      return ValueError(absl::StrCat("The snapshot '", proto.snapshot_name(),
                                     "' of a resource variable does not come "
                                     "from a ReadVariableOp."));
    }
    graph_element_ = graph_element_.op->input(0);
  }
  return absl::OkStatus();
}

}  // namespace retrograph
