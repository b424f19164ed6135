// LookupTable: what a handle to a table leads to. Two kinds of it: hash tables
// that change (lookup_table_ops.cc) and those that are filled once
// (hash_table_ops.cc); the ops that use a table take either.
//
// Source: tensorflow/core/framework/lookup_interface.h and
// tensorflow/core/kernels/lookup_util.cc, as observed.
#ifndef RETROGRAPH_OPS_LOOKUP_TABLE_H_
#define RETROGRAPH_OPS_LOOKUP_TABLE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/tensor.h"
#include "ops/kernel.h"
#include "ops/resource_manager.h"

namespace retrograph {

// What TensorFlow's compiler calls the class of a table.
extern const char kTableTypeText[];

// Threads: thread-safe.
class LookupTable : public Resource {
 public:
  // Takes keys and values, vectors of one length.
  using Insertion =
      std::function<absl::Status(const Tensor& keys, const Tensor& values)>;

  LookupTable(DataType key_type, DataType value_type)
      : key_type_(key_type), value_type_(value_type) {}
  DataType key_type() const { return key_type_; }
  DataType value_type() const { return value_type_; }

  virtual int64_t Size() const = 0;
  // The values of the keys, in the keys' shape; the scalar `missing` for keys
  // that are not there.
  virtual absl::StatusOr<Tensor> Find(const Tensor& keys,
                                      const Tensor& missing) const = 0;
  // As many values as keys.
  virtual absl::Status Insert(const Tensor& keys, const Tensor& values) = 0;
  virtual absl::Status Remove(const Tensor& keys) = 0;
  // Puts these in the place of what the table holds, or fills it.
  virtual absl::Status Import(const Tensor& keys, const Tensor& values) = 0;
  // All keys and values, as vectors.
  virtual absl::StatusOr<std::pair<Tensor, Tensor>> Export() const = 0;

  // Whether the table is one that Initialize() fills.
  virtual bool IsInitializable() const { return false; }
  virtual bool is_initialized() const { return true; }
  // Lets `fill` insert, once: of a table that is filled nothing is changed.
  virtual absl::Status Initialize(
      const std::function<absl::Status(const Insertion&)>& fill);

 private:
  const DataType key_type_;
  const DataType value_type_;
};

// ---- Elements of any type, as bytes ----

std::string TableElement(const Tensor& tensor, int64_t i);
void SetTableElement(Tensor* tensor, int64_t i, const std::string& bytes);

// ---- For kernels ----

using NewTable = std::function<absl::StatusOr<std::shared_ptr<LookupTable>>(
    DataType key_type, DataType value_type)>;

// The handle to the table that the node's attrs name; InvalidArgument if it is
// there with other types.
absl::StatusOr<Tensor> MakeOrFindTable(KernelContext* ctx,
                                       const NewTable& new_table);
// The table that input 0 leads to.
absl::StatusOr<std::shared_ptr<LookupTable>> TableInput(
    const KernelContext& ctx);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_LOOKUP_TABLE_H_
