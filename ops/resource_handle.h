// What ops that make a resource share: its name and the handle to it.
#ifndef RETROGRAPH_OPS_RESOURCE_HANDLE_H_
#define RETROGRAPH_OPS_RESOURCE_HANDLE_H_

#include <string>
#include <typeinfo>

#include "absl/status/statusor.h"
#include "core/tensor.h"
#include "graph/operation.h"

namespace retrograph {

struct ResourceName {
  std::string container;
  std::string name;
};

// From attrs "container" and "shared_name". Without a shared name the resource
// is the node's own, "_0_q": the number counts such names in the process.
absl::StatusOr<ResourceName> NameResource(const Operation& op);

// A scalar handle to a resource of type T; `type_text` is what TensorFlow's
// compiler calls its class.
Tensor ResourceHandleTensor(const ResourceName& name, uint64_t type_hash,
                            const std::string& type_text);
template <typename T>
Tensor ResourceHandleTo(const ResourceName& name,
                        const std::string& type_text) {
  return ResourceHandleTensor(name, typeid(T).hash_code(), type_text);
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_RESOURCE_HANDLE_H_
