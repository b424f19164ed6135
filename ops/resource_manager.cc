#include "ops/resource_manager.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace retrograph {
namespace {

absl::Status NoContainer(const std::string& container,
                         const std::string& name) {
  return absl::NotFoundError(absl::StrCat(
      "Container ", container, " does not exist. (Could not find resource: ",
      container, "/", name, ")"));
}

absl::Status NoResource(const std::string& container, const std::string& name,
                        const std::string& type_text) {
  return absl::NotFoundError(absl::StrCat("Resource ", container, "/", name,
                                          "/", type_text, " does not exist."));
}

}  // namespace

std::string VariableValue::DebugString() const {
  const Tensor value = Read();
  return absl::StrCat(DataTypeString(value.dtype()), "/",
                      value.shape().DebugString());
}

absl::StatusOr<std::shared_ptr<Resource>> ResourceManager::LookupAny(
    const std::string& container, const std::string& name, std::type_index type,
    const std::string& type_text) const {
  absl::MutexLock lock(&mu_);
  auto in = containers_.find(container);
  if (in == containers_.end()) return NoContainer(container, name);
  auto found = in->second.find(std::make_pair(type, name));
  if (found == in->second.end()) return NoResource(container, name, type_text);
  return found->second;
}

absl::StatusOr<std::shared_ptr<Resource>> ResourceManager::LookupOrCreateAny(
    const std::string& container, const std::string& name, std::type_index type,
    const std::function<absl::StatusOr<std::shared_ptr<Resource>>()>& create) {
  // `create` runs under the lock: of two threads that want a new resource, one
  // makes it and both get the same.
  absl::MutexLock lock(&mu_);
  const auto key = std::make_pair(type, name);
  auto in = containers_.find(container);
  if (in != containers_.end()) {
    auto found = in->second.find(key);
    if (found != in->second.end()) return found->second;
  }
  auto made = create();
  if (!made.ok()) return made.status();
  containers_[container].emplace(key, *made);
  return *made;
}

absl::Status ResourceManager::Delete(const std::string& container,
                                     const std::string& name,
                                     std::type_index type,
                                     const std::string& type_text) {
  return DeleteByHash(container, name, type.hash_code(), type_text);
}

absl::Status ResourceManager::DeleteByHash(const std::string& container,
                                           const std::string& name,
                                           uint64_t type_hash,
                                           const std::string& type_text) {
  std::shared_ptr<Resource> dropped;  // destroyed after the lock is released
  absl::MutexLock lock(&mu_);
  auto in = containers_.find(container);
  if (in == containers_.end()) {
    return absl::NotFoundError(
        absl::StrCat("Container ", container, " does not exist."));
  }
  for (auto it = in->second.begin(); it != in->second.end(); ++it) {
    if (it->first.second == name && it->first.first.hash_code() == type_hash) {
      dropped = std::move(it->second);
      in->second.erase(it);
      return absl::OkStatus();
    }
  }
  return NoResource(container, name, type_text);
}

void ResourceManager::Clear(const std::string& container) {
  std::vector<Container> dropped;  // destroyed after the lock is released
  absl::MutexLock lock(&mu_);
  if (container.empty()) {
    for (auto& entry : containers_) dropped.push_back(std::move(entry.second));
    containers_.clear();
    return;
  }
  auto in = containers_.find(container);
  if (in == containers_.end()) return;
  dropped.push_back(std::move(in->second));
  containers_.erase(in);
}

std::string ResourceManager::ContainerName(absl::string_view container_attr) {
  return container_attr.empty() ? "localhost" : std::string(container_attr);
}

}  // namespace retrograph
