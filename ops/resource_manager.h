// ResourceManager: what a session owns beside its graph: variables, queues,
// tables, iterators, by container, name and type.
//
// Two sessions share nothing. Threads: thread-safe.
#ifndef RETROGRAPH_OPS_RESOURCE_MANAGER_H_
#define RETROGRAPH_OPS_RESOURCE_MANAGER_H_

#include <functional>
#include <memory>
#include <string>
#include <typeindex>
#include <typeinfo>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/tensor.h"

namespace retrograph {

class Resource {
 public:
  virtual ~Resource() = default;
  virtual std::string DebugString() const = 0;
};

// The value of a ref variable (VariableV2). Readers take `mu` only to copy the Tensor (a reference); the
// buffer itself is copy-on-write.
class VariableValue : public Resource {
 public:
  VariableValue() = default;
  // `declared_shape` is what the variable's op says: TensorFlow compares an
  // assignment with it as long as there is no value.
  explicit VariableValue(TensorShape declared_shape)
      : declared_shape_(std::move(declared_shape)) {}

  std::string DebugString() const override;
  const TensorShape& declared_shape() const { return declared_shape_; }

  Tensor Read() const {
    absl::MutexLock lock(&mu_);
    return tensor_;
  }
  void Write(Tensor tensor) {
    absl::MutexLock lock(&mu_);
    tensor_ = std::move(tensor);
  }
  // Updates in place under the lock: `update` may use mutable_flat, which
  // copies only if somebody else holds the buffer.
  absl::Status Update(const std::function<absl::Status(Tensor*)>& update) {
    absl::MutexLock lock(&mu_);
    return update(&tensor_);
  }
  bool IsInitialized() const { return Read().IsInitialized(); }

 private:
  const TensorShape declared_shape_{};
  mutable absl::Mutex mu_;
  Tensor tensor_ ABSL_GUARDED_BY(mu_);
};

// The value of a resource variable (VarHandleOp): a kind of its own, so that a
// ref variable of the same name is another resource.
class ResourceVariable final : public VariableValue {};

// The type parts of texts: what TensorFlow's compiler calls these classes.
inline constexpr char kRefVariableTypeText[] = "N10tensorflow9LegacyVarE";
inline constexpr char kResourceVariableTypeText[] = "N10tensorflow3VarE";

class ResourceManager {
 public:
  // NotFound with TensorFlow's texts ("Container localhost does not exist. ...",
  // "Resource localhost/v/N10tensorflow3VarE does not exist."). The type part
  // of the text is `type_text`.
  template <typename T>
  absl::StatusOr<std::shared_ptr<T>> Lookup(const std::string& container,
                                            const std::string& name,
                                            const std::string& type_text) const {
    auto found = LookupAny(container, name, typeid(T), type_text);
    if (!found.ok()) return found.status();
    return std::static_pointer_cast<T>(*found);
  }
  template <typename T>
  absl::StatusOr<std::shared_ptr<T>> LookupOrCreate(
      const std::string& container, const std::string& name,
      const std::function<absl::StatusOr<std::shared_ptr<T>>()>& create) {
    auto found = LookupOrCreateAny(
        container, name, typeid(T),
        [&]() -> absl::StatusOr<std::shared_ptr<Resource>> {
          auto made = create();
          if (!made.ok()) return made.status();
          return std::static_pointer_cast<Resource>(*made);
        });
    if (!found.ok()) return found.status();
    return std::static_pointer_cast<T>(*found);
  }
  // NotFound if it is not there.
  absl::Status Delete(const std::string& container, const std::string& name,
                      std::type_index type, const std::string& type_text);
  // The same for the type whose typeid has this hash, as a ResourceHandle
  // carries it.
  absl::Status DeleteByHash(const std::string& container,
                            const std::string& name, uint64_t type_hash,
                            const std::string& type_text);
  // Drops everything in a container (Session.reset); all of them for "".
  void Clear(const std::string& container);

  // The container a node's resources live in: its attr or "localhost".
  static std::string ContainerName(absl::string_view container_attr);

 private:
  // Resources of one container by type and name. A container stays once
  // something was created in it, since TensorFlow's texts tell the two cases.
  using Container = absl::flat_hash_map<std::pair<std::type_index, std::string>,
                                        std::shared_ptr<Resource>>;
  absl::StatusOr<std::shared_ptr<Resource>> LookupAny(
      const std::string& container, const std::string& name,
      std::type_index type, const std::string& type_text) const;
  absl::StatusOr<std::shared_ptr<Resource>> LookupOrCreateAny(
      const std::string& container, const std::string& name,
      std::type_index type,
      const std::function<absl::StatusOr<std::shared_ptr<Resource>>()>& create);

  mutable absl::Mutex mu_;
  absl::flat_hash_map<std::string, Container> containers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_RESOURCE_MANAGER_H_
