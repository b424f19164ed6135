#include "graph/op_maker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "graph/function_trace.h"
#include "graph/literal.h"
#include "graph/node_validation.h"

namespace retrograph {
namespace {

bool IsTypeError(const absl::Status& status) {
  return ErrorClassName(status) == "TypeError";
}
bool IsValueError(const absl::Status& status) {
  return ErrorClassName(status) == "ValueError";
}

std::string TypeNames(absl::Span<const DataType> types) {
  return absl::StrJoin(types, ", ", [](std::string* out, DataType type) {
    out->append(DTypePythonName(type));
  });
}

// Whether nodes may have to be made for an argument.
bool NeedsConversion(const OpSignature::Arg& arg, const Input& input) {
  if (!input.is_list()) return !input.is_output();
  if (!arg.is_list()) return true;
  return std::any_of(input.list().begin(), input.list().end(),
                     [](const Input& element) { return !element.is_output(); });
}

}  // namespace

absl::StatusOr<Operation*> OpMaker::Make(std::vector<Input> inputs,
                                         AttrList attrs,
                                         absl::string_view name) {
  trace_ = FunctionTrace::Of(graph_);
  if (trace_ == nullptr) RG_RETURN_IF_ERROR(CheckGraphs(inputs));
  RG_RETURN_IF_ERROR(CheckDeprecation());
  // TensorFlow opens a name scope for the op's name. Constants are made in it,
  // and the op then takes its name; so without constants the name will do.
  RG_ASSIGN_OR_RETURN(std::string scope, graph_->UniqueScopeName(name));
  bool open_scope = false;
  for (size_t i = 0; i < std::min(inputs.size(), signature_.inputs.size());
       ++i) {
    open_scope |= NeedsConversion(signature_.inputs[i], inputs[i]);
  }
  // Inside a cond or loop, what guards the inputs is made in it, too.
  open_scope |= graph_->CurrentControlFlowContext() != nullptr;
  // A function's captures are, too.
  open_scope |= trace_ != nullptr;
  if (open_scope) graph_->RestoreNameScope(scope);
  absl::StatusOr<Operation*> op =
      MakeInScope(inputs, std::move(attrs), std::move(scope));
  if (open_scope) graph_->ExitNameScope();
  return op;
}

absl::StatusOr<Operation*> OpMaker::MakeInScope(
    const std::vector<Input>& inputs, AttrList attrs, std::string scope) {
  RG_RETURN_IF_ERROR(AddInputs(inputs));
  RG_RETURN_IF_ERROR(AddAttrs(&attrs));
  if (trace_ != nullptr) {
    for (Output& input : inputs_) {
      RG_ASSIGN_OR_RETURN(input, trace_->Capture(input));
    }
  }
  NodeSpec spec;
  scope += '/';
  spec.name = std::move(scope);
  spec.type = op_type();
  spec.inputs = std::move(inputs_);
  spec.attrs = std::move(attrs);
  return Create(std::move(spec));
}

absl::StatusOr<Operation*> OpMaker::Create(NodeSpec spec) const {
  // An op that changes a reference lives where the referred thing lives.
  int colocations = 0;
  for (size_t i = 0; i < signature_.inputs.size() && i < spec.inputs.size();
       ++i) {
    if (!signature_.inputs[i].is_ref) continue;
    RG_RETURN_IF_ERROR(graph_->EnterColocateWith(spec.inputs[i].op,
                                                 /*ignore_existing=*/false));
    ++colocations;
  }
  absl::StatusOr<Operation*> op = graph_->CreateOp(std::move(spec));
  for (; colocations > 0; --colocations) graph_->ExitColocateWith();
  return op;
}

absl::Status OpMaker::CheckGraphs(const std::vector<Input>& inputs) const {
  const Output* first = nullptr;
  const auto check = [&](const Input& input) -> absl::Status {
    if (!input.is_output()) return absl::OkStatus();
    if (input.output().op == nullptr) {
      return ValueError("None values not supported.");
    }
    if (first == nullptr) first = &input.output();
    if (input.output().graph() == first->graph()) return absl::OkStatus();
    return ValueError(absl::StrCat(input.output().DebugString(),
                                   " must be from the same graph as ",
                                   first->DebugString(), "."));
  };
  for (const Input& input : inputs) {
    RG_RETURN_IF_ERROR(check(input));
    if (!input.is_list()) continue;
    for (const Input& element : input.list()) {
      RG_RETURN_IF_ERROR(check(element));
    }
  }
  if (first != nullptr && first->graph() != graph_) {
    return ValueError(absl::StrCat(first->DebugString(),
                                   " is not from the passed-in graph."));
  }
  return absl::OkStatus();
}

absl::Status OpMaker::CheckDeprecation() const {
  const OpDeprecation& deprecation = signature_.def->deprecation();
  if (deprecation.version() == 0) return absl::OkStatus();
  const int producer = graph_->producer();
  if (producer < deprecation.version()) return absl::OkStatus();
  return NotImplementedError(absl::StrCat(
      "Op ", op_type(), " is not available in GraphDef version ", producer,
      ". It has been removed in version ", deprecation.version(), ". ",
      deprecation.explanation(), "."));
}

absl::Status OpMaker::AddInputs(const std::vector<Input>& inputs) {
  inputs_.reserve(inputs.size());
  for (size_t i = 0; i < signature_.inputs.size(); ++i) {
    const OpSignature::Arg& arg = signature_.inputs[i];
    if (i >= inputs.size()) {
      return TypeError(absl::StrCat("No argument for input ", arg.def->name()));
    }
    const size_t before = inputs_.size();
    RG_RETURN_IF_ERROR(arg.is_list() ? AddList(arg, inputs[i])
                                     : AddSingle(arg, inputs[i]));
    const size_t count = inputs_.size() - before;
    RG_RETURN_IF_ERROR(InferAttrs(arg, count));
    if (arg.is_ref) RG_RETURN_IF_ERROR(CheckRefs(arg, count));
  }
  if (inputs.size() > signature_.inputs.size()) {
    return TypeError(absl::StrCat("Op ", op_type(), " takes ",
                                  signature_.inputs.size(), " inputs, not ",
                                  inputs.size()));
  }
  return absl::OkStatus();
}

DataType OpMaker::DefaultType(int attr) const {
  if (attr < 0 || !signature_.attrs[attr].has_default) return DT_INVALID;
  return signature_.attrs[attr].def->default_value().type();
}

absl::Status OpMaker::AddSingle(const OpSignature::Arg& arg,
                                const Input& input) {
  DataType dtype = arg.type;
  DataType preferred = DT_INVALID;
  if (arg.type_attr >= 0) {
    if (known_[arg.type_attr].is_set) {
      dtype = known_[arg.type_attr].type;
    } else {
      preferred = DefaultType(arg.type_attr);
    }
  }
  const absl::StatusOr<Output> tensor =
      Convert(input, dtype, arg.def->name(), preferred, arg.is_ref);
  if (!tensor.ok()) return SingleError(arg, input, dtype, tensor.status());
  inputs_.push_back(*tensor);
  return absl::OkStatus();
}

absl::Status OpMaker::SingleError(const OpSignature::Arg& arg,
                                  const Input& input, DataType dtype,
                                  const absl::Status& error) {
  const std::string& name = arg.def->name();
  if (IsTypeError(error)) {
    if (dtype == DT_INVALID) return error;
    const Input::Description value = input.Describe();
    return TypeError(absl::StrCat(
        "Expected ", DTypePythonName(dtype), " passed to parameter '", name,
        "' of op '", op_type(), "', got ", value.repr, " of type '",
        value.type_name, "' instead. Error: ", error.message()));
  }
  if (!IsValueError(error)) return error;
  const absl::StatusOr<Output> observed =
      Convert(input, DT_INVALID, "", DT_INVALID, arg.is_ref);
  if (!observed.ok()) {
    return ValueError(absl::StrCat(
        "Tried to convert '", name,
        "' to a tensor and failed. Error: ", observed.status().message()));
  }
  const std::string prefix =
      absl::StrCat("Input '", name, "' of '", op_type(), "' Op has type ",
                   DTypePythonName(observed->dtype()), " that does not match ");
  if (arg.type != DT_INVALID) {
    return TypeError(absl::StrCat(prefix, "expected type of ",
                                  DTypePythonName(arg.type), "."));
  }
  const Known& known = known_[arg.type_attr];
  return TypeError(absl::StrCat(
      prefix, "type ",
      DTypePythonName(known.is_set ? known.type : DefaultType(arg.type_attr)),
      " of argument '", known.is_set ? known.from : "Default in OpDef", "'."));
}

absl::Status OpMaker::AddList(const OpSignature::Arg& arg, const Input& input) {
  if (!input.is_list()) {
    return TypeError(absl::StrCat("Expected list for '", arg.def->name(),
                                  "' argument to '", op_type(), "' Op, not ",
                                  input.is_output()
                                      ? input.output().DebugString()
                                      : input.Describe().repr,
                                  "."));
  }
  // Values among tensors take the tensors' type.
  DataType dtype = arg.type;
  DataType preferred = DT_INVALID;
  if (arg.type_attr >= 0) {
    if (known_[arg.type_attr].is_set) {
      dtype = known_[arg.type_attr].type;
    } else {
      for (const Input& element : input.list()) {
        if (!element.is_output()) continue;
        dtype = element.output().dtype();
        break;
      }
      if (dtype == DT_INVALID) preferred = DefaultType(arg.type_attr);
    }
  }
  if (!arg.is_ref) dtype = RemoveRefType(dtype);

  const size_t before = inputs_.size();
  for (size_t i = 0; i < input.list().size(); ++i) {
    const Input& element = input.list()[i];
    // Most elements are tensors, which need no name.
    const std::string name =
        element.is_output() ? "" : absl::StrCat(arg.def->name(), "_", i);
    const absl::StatusOr<Output> tensor =
        Convert(element, dtype, name, preferred, arg.is_ref);
    if (!tensor.ok()) {
      if (!IsTypeError(tensor.status()) && !IsValueError(tensor.status())) {
        return tensor.status();
      }
      std::vector<std::string> observed;
      for (const Input& value : input.list()) {
        observed.push_back(ObservedType(value, arg.is_ref));
      }
      return ListError(arg, input, dtype, observed);
    }
    inputs_.push_back(*tensor);
  }
  const absl::Span<const Output> tensors =
      absl::MakeConstSpan(inputs_).subspan(before);
  const auto differs = [&tensors](const Output& tensor) {
    return RemoveRefType(tensor.dtype()) != RemoveRefType(tensors[0].dtype());
  };
  if (arg.number_attr < 0 ||
      std::none_of(tensors.begin(), tensors.end(), differs)) {
    return absl::OkStatus();
  }
  std::vector<std::string> observed;
  for (const Output& tensor : tensors) {
    observed.push_back(DTypePythonName(RemoveRefType(tensor.dtype())));
  }
  return ListError(arg, input, dtype, observed);
}

std::string OpMaker::ObservedType(const Input& input, bool as_ref) {
  const absl::StatusOr<Output> tensor =
      Convert(input, DT_INVALID, "", DT_INVALID, as_ref);
  if (!tensor.ok()) return "<NOT CONVERTIBLE TO TENSOR>";
  return DTypePythonName(RemoveRefType(tensor->dtype()));
}

absl::Status OpMaker::ListError(
    const OpSignature::Arg& arg, const Input& input, DataType dtype,
    const std::vector<std::string>& observed) const {
  const std::string prefix = absl::StrCat(
      "Tensors in list passed to '", arg.def->name(), "' of '", op_type(),
      "' Op have types [", absl::StrJoin(observed, ", "), "]");
  if (arg.number_attr < 0) {
    return TypeError(absl::StrCat(
        prefix, " that are invalid. Tensors: ", input.Describe().repr));
  }
  if (arg.type != DT_INVALID) {
    return TypeError(absl::StrCat(prefix, " that do not match expected type ",
                                  DTypePythonName(dtype), "."));
  }
  if (known_[arg.type_attr].is_set) {
    return TypeError(absl::StrCat(prefix, " that do not match type ",
                                  DTypePythonName(dtype),
                                  " inferred from earlier arguments."));
  }
  return TypeError(absl::StrCat(prefix, " that don't all match."));
}

absl::Status OpMaker::InferAttrs(const OpSignature::Arg& arg, size_t count) {
  const absl::Span<const Output> tensors =
      absl::MakeConstSpan(inputs_).last(count);
  if (arg.number_attr >= 0) RG_RETURN_IF_ERROR(InferNumber(arg, count));
  if (arg.type_list_attr >= 0) {
    DataTypeVector types;
    for (const Output& t : tensors) types.push_back(RemoveRefType(t.dtype()));
    return InferTypeList(arg, types);
  }
  if (arg.type_attr < 0) return absl::OkStatus();
  if (tensors.empty()) {
    if (known_[arg.type_attr].is_set) return absl::OkStatus();
    return TypeError(absl::StrCat(
        "Don't know how to infer type variable from empty input list passed "
        "to input '",
        arg.def->name(), "' of '", op_type(), "' Op."));
  }
  return InferType(arg, RemoveRefType(tensors[0].dtype()), arg.is_list());
}

absl::Status OpMaker::InferNumber(const OpSignature::Arg& arg, size_t count) {
  Known& known = known_[arg.number_attr];
  const int64_t number = static_cast<int64_t>(count);
  if (known.is_set) {
    if (known.number == number) return absl::OkStatus();
    return ValueError(absl::StrCat("List argument '", arg.def->name(), "' to '",
                                   op_type(), "' Op with length ", count,
                                   " must match length ", known.number,
                                   " of argument '", known.from, "'."));
  }
  known.is_set = true;
  known.number = number;
  known.from = arg.def->name();
  const OpDef::AttrDef& attr = *signature_.attrs[arg.number_attr].def;
  if (attr.has_minimum() && number < attr.minimum()) {
    return ValueError(absl::StrCat("List argument '", arg.def->name(), "' to '",
                                   op_type(), "' Op with length ", count,
                                   " shorter than minimum length ",
                                   attr.minimum(), "."));
  }
  return absl::OkStatus();
}

absl::Status OpMaker::InferType(const OpSignature::Arg& arg, DataType type,
                                bool from_list) {
  Known& known = known_[arg.type_attr];
  if (known.is_set) {
    if (known.type == type || from_list) return absl::OkStatus();
    return TypeError(absl::StrCat(
        "Input '", arg.def->name(), "' of '", op_type(), "' Op has type ",
        DTypePythonName(type), " that does not match type ",
        DTypePythonName(known.type), " of argument '", known.from, "'."));
  }
  RG_RETURN_IF_ERROR(CheckAllowed(arg.type_attr, type, arg.def->name()));
  known.is_set = true;
  known.type = type;
  known.from = arg.def->name();
  return absl::OkStatus();
}

absl::Status OpMaker::InferTypeList(const OpSignature::Arg& arg,
                                    const DataTypeVector& types) {
  Known& known = known_[arg.type_list_attr];
  if (known.is_set) {
    if (known.types == types) return absl::OkStatus();
    return TypeError(
        absl::StrCat("Input '", arg.def->name(), "' of '", op_type(),
                     "' Op has type list of ", TypeNames(types),
                     " that does not match type list ", TypeNames(known.types),
                     " of argument '", known.from, "'."));
  }
  for (const DataType type : types) {
    RG_RETURN_IF_ERROR(CheckAllowed(arg.type_list_attr, type, arg.def->name()));
  }
  known.is_set = true;
  known.types = types;
  known.from = arg.def->name();
  return absl::OkStatus();
}

absl::Status OpMaker::CheckAllowed(int attr, DataType type,
                                   absl::string_view parameter) const {
  const OpSignature::Attr& info = signature_.attrs[attr];
  if (info.Allows(type)) return absl::OkStatus();
  return TypeError(absl::StrCat(
      "Value passed to parameter '", parameter, "' has DataType ",
      DTypePythonName(type),
      " not in list of allowed values: ", TypeNames(info.allowed_types)));
}

absl::Status OpMaker::CheckRefs(const OpSignature::Arg& arg,
                                size_t count) const {
  for (const Output& tensor : absl::MakeConstSpan(inputs_).last(count)) {
    if (IsRefType(tensor.dtype())) continue;
    return TypeError(absl::StrCat(
        "'", op_type(), "' Op requires that input '", arg.def->name(),
        "' be a mutable tensor (e.g.: a tf.Variable)"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Output> OpMaker::Convert(const Input& input, DataType dtype,
                                        absl::string_view name,
                                        DataType preferred, bool as_ref) {
  absl::StatusOr<Output> tensor =
      builder_->TryConvert(input, dtype, name, preferred, as_ref);
  // What failed here may be tried again in another way.
  if (!tensor.ok()) builder_->status_ = absl::OkStatus();
  return tensor;
}

absl::Status OpMaker::CheckGivenAttr(const OpSignature::Attr& attr,
                                     AttrValue* value) const {
  const OpDef::AttrDef& def = *attr.def;
  if (attr.base == AttrBase::kType && !attr.is_list &&
      value->value_case() == AttrValue::kType) {
    value->set_type(RemoveRefType(value->type()));
    const int index = static_cast<int>(&attr - signature_.attrs.data());
    return CheckAllowed(index, value->type(), def.name());
  }
  if (attr.base == AttrBase::kString && !attr.is_list &&
      def.has_allowed_values() && value->value_case() == AttrValue::kS) {
    const auto& allowed = def.allowed_values().list().s();
    if (std::find(allowed.begin(), allowed.end(), value->s()) ==
        allowed.end()) {
      return ValueError(absl::StrCat(
          "Attr '", def.name(), "' of '", op_type(), "' Op passed string '",
          value->s(), "' not in: \"", absl::StrJoin(allowed, "\", \""), "\"."));
    }
  }
  if (attr.base == AttrBase::kInt && !attr.is_list && def.has_minimum() &&
      value->value_case() == AttrValue::kI && value->i() < def.minimum()) {
    return ValueError(absl::StrCat("Attr '", def.name(), "' of '", op_type(),
                                   "' Op passed ", value->i(),
                                   " less than minimum ", def.minimum(), "."));
  }
  if (attr.is_list && value->value_case() == AttrValue::kList) {
    const AttrValue::ListValue& list = value->list();
    const int length =
        std::max({list.s_size(), list.i_size(), list.f_size(), list.b_size(),
                  list.type_size(), list.shape_size(), list.tensor_size(),
                  list.func_size()});
    return CheckLength(attr, static_cast<size_t>(length));
  }
  return absl::OkStatus();
}

absl::Status OpMaker::CheckLength(const OpSignature::Attr& attr,
                                  size_t length) const {
  const OpDef::AttrDef& def = *attr.def;
  if (!def.has_minimum() || static_cast<int64_t>(length) >= def.minimum()) {
    return absl::OkStatus();
  }
  return ValueError(absl::StrCat("Attr '", def.name(), "' of '", op_type(),
                                 "' Op passed list of length ", length,
                                 " less than minimum ", def.minimum(), "."));
}

absl::Status OpMaker::AddAttrs(AttrList* attrs) const {
  const auto find = [attrs](absl::string_view name) {
    return std::find_if(attrs->begin(), attrs->end(),
                        [name](const auto& a) { return a.first == name; });
  };
  attrs->reserve(signature_.attrs.size());
  size_t used = 0;
  for (size_t i = 0; i < signature_.attrs.size(); ++i) {
    const OpSignature::Attr& attr = signature_.attrs[i];
    const auto given = find(attr.name());
    const Known& known = known_[i];
    if (known.is_set) {
      if (given != attrs->end()) {
        return TypeError(absl::StrCat(
            "Should not specify value for inferred attr '", attr.name(), "'."));
      }
      if (attr.is_list) {
        RG_RETURN_IF_ERROR(CheckLength(attr, known.types.size()));
      }
      attrs->emplace_back(attr.name(), attr.is_list ? MakeAttr(known.types)
                                       : attr.base == AttrBase::kInt
                                           ? MakeAttr(known.number)
                                           : MakeAttr(known.type));
      ++used;
    } else if (given != attrs->end()) {
      RG_RETURN_IF_ERROR(CheckGivenAttr(attr, &given->second));
      ++used;
    } else if (!attr.has_default) {
      return TypeError(absl::StrCat("No argument for attr ", attr.name()));
    }
  }
  if (used == attrs->size()) return absl::OkStatus();
  std::vector<absl::string_view> unexpected;
  for (const auto& attr : *attrs) {
    if (!attr.first.empty() && attr.first[0] == '_') continue;
    if (signature_.FindAttr(attr.first) < 0) unexpected.push_back(attr.first);
  }
  if (unexpected.empty()) return absl::OkStatus();
  std::sort(unexpected.begin(), unexpected.end());
  return TypeError(absl::StrCat("apply_op() got unexpected keyword arguments: ",
                                absl::StrJoin(unexpected, ", ")));
}

}  // namespace retrograph
