#include "graph/builder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/errors.h"
#include "graph/literal.h"
#include "graph/op_maker.h"

namespace retrograph {
namespace {

// tf.constant: the name is the node's own, no scope is opened for it.
absl::StatusOr<Output> MakeConst(Graph* graph, const Tensor& value,
                                 absl::string_view name) {
  NodeSpec spec;
  spec.name = std::string(name);
  spec.type = "Const";
  spec.attrs.reserve(2);
  spec.attrs.emplace_back("dtype", MakeAttr(value.dtype()));
  spec.attrs.emplace_back("value", MakeAttr(value));
  RG_ASSIGN_OR_RETURN(Operation* const op, graph->CreateOp(std::move(spec)));
  return op->output(0);
}

absl::StatusOr<Output> CheckedTensor(const Output& tensor, DataType dtype) {
  if (tensor.op == nullptr) return ValueError("None values not supported.");
  if (dtype == DT_INVALID || dtype == tensor.dtype() ||
      dtype == RemoveRefType(tensor.dtype())) {
    return tensor;
  }
  return ValueError(
      absl::StrCat("Tensor conversion requested dtype ", DTypePythonName(dtype),
                   " for Tensor with dtype ", DTypePythonName(tensor.dtype()),
                   ": ", tensor.ReprString()));
}

// The type of the first tensor in nested lists.
DataType InferredType(const Input& input) {
  if (input.is_output()) return RemoveRefType(input.output().dtype());
  if (!input.is_list()) return DT_INVALID;
  for (const Input& element : input.list()) {
    const DataType type = InferredType(element);
    if (type != DT_INVALID) return type;
  }
  return DT_INVALID;
}

}  // namespace

GraphBuilder::GraphBuilder(SourceLocation location)
    : graph_(Graph::Default()), location_(location) {}

GraphBuilder::GraphBuilder(Graph* graph, SourceLocation location)
    : graph_(graph->shared_from_this()), location_(location) {}

bool GraphBuilder::Update(absl::Status status) {
  if (status_.ok() && !status.ok()) status_ = std::move(status);
  return status_.ok();
}

Operation* GraphBuilder::AddOp(absl::string_view type,
                               std::vector<Input> inputs, AttrList attrs,
                               absl::string_view name) {
  if (!ok()) return nullptr;
  absl::optional<ScopedTraceback> traceback;
  if (CurrentTraceback() == nullptr) traceback.emplace(location_);
  const OpRegistration* registration = graph_->registry()->Find(type);
  if (registration == nullptr) {
    Update(RuntimeError(absl::StrCat("Unrecognized Op name ", type)));
    return nullptr;
  }
  if (name.empty()) name = type;
  absl::StatusOr<Operation*> op;
  if (type == "Const") {
    NodeSpec spec;
    spec.name = std::string(name);
    spec.type = std::string(type);
    spec.attrs = std::move(attrs);
    op = graph_->CreateOp(std::move(spec));
  } else {
    OpMaker maker(this, registration->signature());
    op = maker.Make(std::move(inputs), std::move(attrs), name);
  }
  return Update(op.status()) ? *op : nullptr;
}

Output GraphBuilder::Op(absl::string_view type, std::vector<Input> inputs,
                        AttrList attrs, absl::string_view name) {
  Operation* op = AddOp(type, std::move(inputs), std::move(attrs), name);
  if (op == nullptr) return Output();
  RG_CHECK(op->num_outputs() > 0, absl::StrCat(type, " has no output"));
  return op->output(0);
}

Output GraphBuilder::Convert(const Input& input, DataType dtype,
                             absl::string_view name, DataType preferred) {
  if (!ok()) return Output();
  absl::optional<ScopedTraceback> traceback;
  if (CurrentTraceback() == nullptr) traceback.emplace(location_);
  absl::StatusOr<Output> tensor = TryConvert(input, dtype, name, preferred);
  // A converter may have left its own error here.
  if (!tensor.ok()) status_ = absl::OkStatus();
  return Take(std::move(tensor));
}

absl::StatusOr<Output> GraphBuilder::TryConvert(const Input& input,
                                                DataType dtype,
                                                absl::string_view name,
                                                DataType preferred,
                                                bool as_ref) {
  if (input.is_output()) {
    const bool take_ref = as_ref && input.ref().valid();
    return CheckedTensor(take_ref ? input.ref() : input.output(), dtype);
  }
  if (dtype == DT_INVALID && preferred != DT_INVALID) {
    absl::StatusOr<Output> tensor =
        ConvertValue(input, preferred, name, preferred);
    if (tensor.ok()) return tensor;
    status_ = absl::OkStatus();
  }
  return ConvertValue(input, dtype, name, preferred);
}

absl::StatusOr<Output> GraphBuilder::ConvertValue(const Input& input,
                                                  DataType dtype,
                                                  absl::string_view name,
                                                  DataType preferred) {
  if (input.is_custom()) {
    return input.converter()(this, dtype, preferred, name);
  }
  if (!IsLiteral(input)) return Pack(input, dtype, name);
  RG_ASSIGN_OR_RETURN(const Tensor value, LiteralTensor(input, dtype));
  return MakeConst(graph_.get(), value, name.empty() ? "Const" : name);
}

absl::StatusOr<Output> GraphBuilder::Pack(const Input& input, DataType dtype,
                                          absl::string_view name) {
  if (dtype == DT_INVALID) dtype = InferredType(input);
  RG_ASSIGN_OR_RETURN(const std::string scope,
                      graph_->EnterNameScope(name.empty() ? "packed" : name));
  std::vector<Input> elements;
  absl::Status status;
  for (size_t i = 0; i < input.list().size() && status.ok(); ++i) {
    const Input& element = input.list()[i];
    if (element.is_output() && dtype != DT_INVALID &&
        RemoveRefType(element.output().dtype()) != dtype) {
      status = TypeError(absl::StrCat(
          "Cannot convert a list containing a tensor of dtype <dtype: '",
          DTypePythonName(element.output().dtype()), "'> to <dtype: '",
          DTypePythonName(dtype),
          "'> (Tensor is: ", element.output().ReprString(), ")"));
      break;
    }
    absl::StatusOr<Output> tensor = TryConvert(element, dtype, absl::StrCat(i));
    status = tensor.status();
    if (status.ok()) elements.push_back(*tensor);
  }
  graph_->ExitNameScope();
  RG_RETURN_IF_ERROR(status);
  Operation* op = AddOp("Pack", {Input(std::move(elements))}, {}, scope);
  if (op == nullptr) return status_;
  return op->output(0);
}

}  // namespace retrograph
