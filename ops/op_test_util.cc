#include "ops/op_test_util.h"

#include "absl/strings/str_cat.h"
#include "ops/standard_ops.h"

namespace retrograph {
namespace {

const AttrValue* FindIn(const AttrList& attrs, absl::string_view name) {
  for (const auto& attr : attrs) {
    if (attr.first == name) return &attr.second;
  }
  return nullptr;
}

// How many of `total` flat inputs belong to the list argument `arg`: what its
// attr says, else those that the other arguments (one each) leave.
int ListSize(const OpDef& def, const OpDef::ArgDef& arg, const AttrList& attrs,
             int total) {
  if (!arg.number_attr().empty()) {
    const AttrValue* n = FindIn(attrs, arg.number_attr());
    if (n != nullptr) return static_cast<int>(n->i());
  } else {
    const AttrValue* types = FindIn(attrs, arg.type_list_attr());
    if (types != nullptr) return types->list().type_size();
  }
  return total - (def.input_arg_size() - 1);
}

// Groups flat inputs as the op's arguments want them.
std::vector<Input> GroupInputs(const OpDef& def,
                               const std::vector<retrograph::Output>& flat,
                               const AttrList& attrs) {
  std::vector<Input> inputs;
  size_t next = 0;
  for (const OpDef::ArgDef& arg : def.input_arg()) {
    if (arg.number_attr().empty() && arg.type_list_attr().empty()) {
      if (next < flat.size()) inputs.emplace_back(flat[next++]);
      continue;
    }
    std::vector<retrograph::Output> list;
    const int count = ListSize(def, arg, attrs, static_cast<int>(flat.size()));
    for (int k = 0; k < count && next < flat.size(); ++k) {
      list.push_back(flat[next++]);
    }
    inputs.push_back(Input::List(list));
  }
  return inputs;
}

retrograph::Output MakePlaceholder(GraphBuilder& b, DataType dtype,
                                   const PartialTensorShape& shape) {
  return b.Op("Placeholder", {}, {Attr("dtype", dtype), Attr("shape", shape)});
}

retrograph::Output MakeConst(GraphBuilder& b, const Tensor& value) {
  return b.Op("Const", {},
              {Attr("value", value), Attr("dtype", value.dtype())});
}

absl::StatusOr<Operation*> BuildOp(GraphBuilder& b, absl::string_view type,
                                   const std::vector<retrograph::Output>& flat,
                                   const AttrList& attrs) {
  RG_ASSIGN_OR_RETURN(const OpRegistration* registration,
                      b.graph()->registry()->LookUp(type));
  Operation* op =
      b.AddOp(type, GroupInputs(registration->def, flat, attrs), attrs);
  if (!b.ok()) return b.status();
  return op;
}

}  // namespace

absl::StatusOr<std::vector<Tensor>> RunOp(absl::string_view type,
                                          const std::vector<Tensor>& inputs,
                                          const AttrList& attrs) {
  OpRunner runner;
  std::vector<retrograph::Output> flat;
  std::vector<Value> values;
  for (const Tensor& input : inputs) {
    flat.push_back(
        MakePlaceholder(runner.builder(), input.dtype(), PartialTensorShape()));
    values.emplace_back();
    values.back().tensor = input;
  }
  RG_ASSIGN_OR_RETURN(Operation * op,
                      BuildOp(runner.builder(), type, flat, attrs));
  RG_ASSIGN_OR_RETURN(std::vector<Value> outputs,
                      runner.RunNode(op, std::move(values)));
  std::vector<Tensor> tensors;
  for (Value& output : outputs) tensors.push_back(std::move(output.tensor));
  return tensors;
}

absl::StatusOr<Tensor> RunOp1(absl::string_view type,
                              const std::vector<Tensor>& inputs,
                              const AttrList& attrs) {
  RG_ASSIGN_OR_RETURN(std::vector<Tensor> outputs, RunOp(type, inputs, attrs));
  if (outputs.size() != 1) {
    return absl::InternalError(
        absl::StrCat(type, " has ", outputs.size(), " outputs"));
  }
  return outputs[0];
}

absl::StatusOr<std::vector<std::string>> InferShapes(
    absl::string_view type, const std::vector<ShapeTestInput>& inputs,
    const AttrList& attrs) {
  OpRunner runner;
  std::vector<retrograph::Output> flat;
  for (const ShapeTestInput& input : inputs) {
    flat.push_back(
        input.value.IsInitialized()
            ? MakeConst(runner.builder(), input.value)
            : MakePlaceholder(runner.builder(), input.dtype, input.shape));
  }
  RG_ASSIGN_OR_RETURN(Operation * op,
                      BuildOp(runner.builder(), type, flat, attrs));
  std::vector<std::string> shapes;
  for (int i = 0; i < op->num_outputs(); ++i) {
    shapes.push_back(op->output_shape(i).DebugString());
  }
  return shapes;
}

OpRunner::OpRunner(FileSystem* file_system)
    : graph_((RegisterStandardOps(), Graph::Create())), builder_(graph_.get()) {
  env_.resources = &resources_;
  env_.file_system =
      file_system == nullptr ? FileSystem::Posix() : file_system;
  env_.sync_files = false;
}

absl::StatusOr<std::vector<Value>> OpRunner::RunNode(
    Operation* op, std::vector<Value> inputs) {
  std::unique_ptr<Kernel>& kernel = kernels_[op];
  if (kernel == nullptr) {
    RG_ASSIGN_OR_RETURN(kernel, CreateKernel(*op));
  }
  KernelContext context(op, absl::MakeSpan(inputs), &env_);
  kernel->Compute(&context);
  if (!context.status().ok()) return context.status();
  return std::move(context.outputs());
}

absl::Status OpRunner::RunWithInputs(Operation* op, Done* done) {
  if (done->contains(op)) return absl::OkStatus();
  for (Operation* control : op->control_inputs()) {
    RG_RETURN_IF_ERROR(RunWithInputs(control, done));
  }
  const std::vector<bool> refs = TakesReference(*op);
  std::vector<Value> inputs;
  for (int i = 0; i < op->num_inputs(); ++i) {
    const retrograph::Output& from = op->input(i);
    RG_RETURN_IF_ERROR(RunWithInputs(from.op, done));
    Value value = (*done)[from.op][from.index];
    if (value.ref != nullptr && !refs[i]) {
      value.tensor = value.ref->Read();
      value.ref = nullptr;
      if (!value.tensor.IsInitialized()) {
        return absl::FailedPreconditionError(absl::StrCat(
            "Attempting to use uninitialized value ", from.op->name()));
      }
    }
    inputs.push_back(std::move(value));
  }
  RG_ASSIGN_OR_RETURN((*done)[op], RunNode(op, std::move(inputs)));
  return absl::OkStatus();
}

absl::StatusOr<Tensor> OpRunner::Evaluate(
    const retrograph::Output& output,
    const std::vector<std::pair<retrograph::Output, Tensor>>& feeds) {
  if (!builder_.ok()) return builder_.status();
  Done done;
  for (const auto& feed : feeds) {
    std::vector<Value>& values = done[feed.first.op];
    values.resize(feed.first.op->num_outputs());
    values[feed.first.index].tensor = feed.second;
  }
  RG_RETURN_IF_ERROR(RunWithInputs(output.op, &done));
  const Value& value = done[output.op][output.index];
  return value.ref != nullptr ? value.ref->Read() : value.tensor;
}

absl::Status OpRunner::Run(
    Operation* op,
    const std::vector<std::pair<retrograph::Output, Tensor>>& feeds) {
  if (!builder_.ok()) return builder_.status();
  Done done;
  for (const auto& feed : feeds) {
    std::vector<Value>& values = done[feed.first.op];
    values.resize(feed.first.op->num_outputs());
    values[feed.first.index].tensor = feed.second;
  }
  return RunWithInputs(op, &done);
}

}  // namespace retrograph
