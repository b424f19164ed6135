#include "graph/graph_edit.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/importer.h"
#include "graph/node_validation.h"
#include "graph/op_registry.h"

namespace retrograph {
namespace {

absl::Status CheckTypes(const Operation& op, int index, const Output& tensor) {
  if (op.registration() == nullptr) return absl::OkStatus();
  const OpSignature& signature = op.registration()->signature();
  TypeList types;
  RG_RETURN_IF_ERROR(ArgTypes(signature, signature.inputs, op.attrs(), &types));
  std::vector<Output> inputs(op.inputs().begin(), op.inputs().end());
  inputs[index] = tensor;
  return CheckInputTypes(signature, op.name(), types, inputs);
}

}  // namespace

void SetRequestedDevice(Operation* op, absl::string_view device) {
  Importer::ImplOf(*op->graph()).SetDevice(op, std::string(device));
}

absl::Status ReplaceInput(Operation* op, int index, const Output& tensor) {
  if (index < 0 || index >= op->num_inputs()) {
    return absl::OutOfRangeError(absl::StrCat(
        "Cannot update edge. Input index [", index,
        "] is greater than the number of total inputs [", op->num_inputs(),
        "]."));
  }
  const PartialTensorShape& old_shape = op->input(index).shape();
  if (!tensor.shape().IsCompatibleWith(old_shape)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Cannot update edge, incompatible shapes: ",
        tensor.shape().DebugString(), " and ", old_shape.DebugString(), "."));
  }
  RG_RETURN_IF_ERROR(CheckTypes(*op, index, tensor));
  op->graph()->UpdateInput(op, index, tensor);
  return absl::OkStatus();
}

void RemoveControlInputs(Operation* op) {
  Importer::ImplOf(*op->graph()).SetControls(op, {});
}

}  // namespace retrograph
