#include "ops/constant_folding.h"

#include <memory>
#include <utility>

#include "ops/kernel.h"

namespace retrograph {

absl::optional<std::vector<Tensor>> FoldConstant(
    const Operation& op, absl::Span<const Tensor> inputs) {
  absl::StatusOr<std::unique_ptr<Kernel>> kernel = CreateKernel(op);
  if (!kernel.ok() || (*kernel)->IsAsync()) return absl::nullopt;
  std::vector<Value> values(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) values[i].tensor = inputs[i];
  // Files are read, as TensorFlow does while it infers shapes. What needs
  // resources is stateful, and not folded.
  RunEnvironment env;
  env.file_system = FileSystem::Posix();
  KernelContext context(&op, absl::MakeSpan(values), &env);
  (*kernel)->Compute(&context);
  if (!context.status().ok()) return absl::nullopt;
  std::vector<Tensor> outputs;
  for (Value& output : context.outputs()) {
    if (output.is_dead || !output.tensor.IsInitialized()) return absl::nullopt;
    outputs.push_back(std::move(output.tensor));
  }
  return outputs;
}

}  // namespace retrograph
