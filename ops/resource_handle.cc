#include "ops/resource_handle.h"

#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

namespace retrograph {

absl::StatusOr<ResourceName> NameResource(const Operation& op) {
  static std::atomic<int64_t> next_private{0};
  ResourceName result;
  std::string container;
  RG_RETURN_IF_ERROR(op.GetAttr("container", &container));
  RG_RETURN_IF_ERROR(op.GetAttr("shared_name", &result.name));
  result.container = ResourceManager::ContainerName(container);
  if (result.name.empty()) {
    result.name =
        absl::StrCat("_", next_private.fetch_add(1), "_", op.name());
  }
  return result;
}

Tensor ResourceHandleTensor(const ResourceName& name, uint64_t type_hash,
                            const std::string& type_text) {
  ResourceHandle handle;
  handle.device = "/job:localhost/replica:0/task:0/device:CPU:0";
  handle.container = name.container;
  handle.name = name.name;
  handle.hash_code = type_hash;
  handle.maybe_type_name = type_text;
  return Tensor::Scalar(std::move(handle));
}

absl::StatusOr<const ResourceHandle*> HandleInput(const KernelContext& ctx,
                                                  int i) {
  const Tensor& input = ctx.input(i);
  if (input.num_elements() == 0) {
    return absl::InvalidArgumentError("Resource handle is empty");
  }
  return &input.flat<ResourceHandle>()[0];
}

}  // namespace retrograph
