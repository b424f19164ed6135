#include "train/slots.h"

#include "absl/strings/str_cat.h"
#include "ops/builder_scope.h"
#include "ops/builders.h"
#include "variables/variable_scope.h"

namespace retrograph {
namespace {

// Where the primary is a part of a variable, its slot is the same part of the
// whole one's.
void TakeSlice(const Primary& primary, Variable* slot) {
  if (primary.variable() == nullptr) return;
  const auto& slice = primary.variable()->save_slice_info();
  if (!slice.has_value()) return;
  const std::string slot_name =
      slot->op_name().substr(primary.op()->name().size() + 1);
  SaveSliceInfo info = *slice;
  info.full_name = absl::StrCat(slice->full_name, "/", slot_name);
  slot->set_save_slice_info(std::move(info));
}

std::shared_ptr<Variable> Create(GraphBuilder& b, const Primary& primary,
                                 GetVariableOptions options) {
  // A variable without a name of its own is named like its scope.
  options.name = "";
  options.trainable = false;
  if (primary.variable() != nullptr) {
    options.use_resource = primary.variable()->is_resource();
  }
  VariableScope* scope = CurrentVariableScope(b.graph());
  Partitioner partitioner = std::move(scope->partitioner);
  scope->partitioner = nullptr;
  std::shared_ptr<Variable> slot = GetVariable(b, std::move(options)).variable;
  scope->partitioner = std::move(partitioner);
  if (slot != nullptr) TakeSlice(primary, slot.get());
  return slot;
}

std::shared_ptr<Variable> CreateInScope(GraphBuilder& b, const Primary& primary,
                                        GetVariableOptions options,
                                        const std::string& name,
                                        bool colocate) {
  VariableScopeOptions scope_options;
  scope_options.default_name = absl::StrCat(primary.op()->name(), "/", name);
  ScopedVariableScope scope(b, std::move(scope_options));
  if (!b.ok()) return nullptr;
  if (!colocate) return Create(b, primary, std::move(options));
  ColocateWith beside(b.graph(), primary.op());
  return Create(b, primary, std::move(options));
}

}  // namespace

std::shared_ptr<Variable> CreateSlot(GraphBuilder& b, const Primary& primary,
                                     const Output& value,
                                     const std::string& name, bool colocate) {
  if (!b.ok()) return nullptr;
  GetVariableOptions options;
  options.initial_value = value;
  options.validate_shape = value.shape().IsFullyDefined();
  return CreateInScope(b, primary, std::move(options), name, colocate);
}

std::shared_ptr<Variable> CreateSlotWithInitializer(
    GraphBuilder& b, const Primary& primary, const Initializer& initializer,
    const PartialTensorShape& shape, DataType dtype, const std::string& name,
    bool colocate) {
  if (!b.ok()) return nullptr;
  GetVariableOptions options;
  options.initializer = initializer;
  options.shape = shape;
  options.dtype = dtype;
  options.validate_shape = shape.IsFullyDefined();
  return CreateInScope(b, primary, std::move(options), name, colocate);
}

std::shared_ptr<Variable> CreateZerosSlot(GraphBuilder& b,
                                          const Primary& primary,
                                          const std::string& name,
                                          DataType dtype, bool colocate) {
  if (!b.ok()) return nullptr;
  if (dtype == DT_INVALID) dtype = primary.dtype();
  if (primary.shape().IsFullyDefined()) {
    return CreateSlotWithInitializer(b, primary, ZerosInitializer(),
                                     primary.shape(), dtype, name, colocate);
  }
  const Output value = primary.variable() != nullptr
                           ? primary.variable()->InitializedValue(b)
                           : primary.tensor();
  const Output shape = b.Op("Shape", {value});
  Output zeros;
  {
    BuilderScope scope(b, "zeros");
    Tensor zero(dtype, TensorShape());
    zeros = b.Op("Fill", {shape, Constant(b, zero)}, {}, scope.full_name());
  }
  if (!b.ok()) return nullptr;
  return CreateSlot(b, primary, zeros, name, colocate);
}

}  // namespace retrograph
