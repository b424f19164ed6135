// MutableHashTableV2 and the ops that look into such a table, change it, and
// take its contents out for a checkpoint and back.
//
// Source: tensorflow/core/kernels/lookup_table_op.cc. In which order a table's
// contents come out is its hash map's affair, there as here.
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/errors.h"
#include "graph/shape_inference.h"
#include "ops/kernel.h"
#include "ops/lookup_table_ops.h"
#include "ops/resource_handle.h"
#include "ops/resource_manager.h"

namespace retrograph {
namespace {

constexpr char kTableTypeText[] = "N10tensorflow6lookup15LookupInterfaceE";

// ---- Elements of any type, as bytes ----

std::string Element(const Tensor& tensor, int64_t i) {
  if (tensor.dtype() == DT_STRING) return tensor.flat<std::string>()[i];
  const size_t size = DataTypeSize(tensor.dtype());
  return std::string(static_cast<const char*>(tensor.data()) + i * size, size);
}

void SetElement(Tensor* tensor, int64_t i, const std::string& bytes) {
  if (tensor->dtype() == DT_STRING) {
    tensor->mutable_flat<std::string>()[i] = bytes;
    return;
  }
  std::memcpy(static_cast<char*>(tensor->mutable_data()) + i * bytes.size(),
              bytes.data(), bytes.size());
}

// ---- Tables ----

class LookupTable : public Resource {
 public:
  LookupTable(DataType key_type, DataType value_type)
      : key_type_(key_type), value_type_(value_type) {}
  DataType key_type() const { return key_type_; }
  DataType value_type() const { return value_type_; }

  virtual int64_t Size() const = 0;
  // The values of the keys, in the keys' shape; the scalar `missing` for keys
  // that are not there.
  virtual Tensor Find(const Tensor& keys, const Tensor& missing) const = 0;
  // As many values as keys. `clear` empties the table first.
  virtual void Insert(const Tensor& keys, const Tensor& values, bool clear) = 0;
  virtual void Remove(const Tensor& keys) = 0;
  // All keys and values, as vectors.
  virtual std::pair<Tensor, Tensor> Export() const = 0;

 private:
  const DataType key_type_;
  const DataType value_type_;
};

// Threads: thread-safe.
template <typename K>
class MutableHashTable final : public LookupTable {
 public:
  using LookupTable::LookupTable;
  std::string DebugString() const override {
    return absl::StrCat("A hash table of ", Size());
  }

  int64_t Size() const override {
    absl::MutexLock lock(&mu_);
    return static_cast<int64_t>(map_.size());
  }
  Tensor Find(const Tensor& keys, const Tensor& missing) const override {
    Tensor values(value_type(), keys.shape());
    const std::string other = Element(missing, 0);
    const auto from = keys.flat<K>();
    absl::MutexLock lock(&mu_);
    for (int64_t i = 0; i < keys.num_elements(); ++i) {
      const auto found = map_.find(from[i]);
      SetElement(&values, i, found == map_.end() ? other : found->second);
    }
    return values;
  }
  void Insert(const Tensor& keys, const Tensor& values, bool clear) override {
    const auto from = keys.flat<K>();
    absl::MutexLock lock(&mu_);
    if (clear) map_.clear();
    for (int64_t i = 0; i < keys.num_elements(); ++i) {
      map_[from[i]] = Element(values, i);
    }
  }
  void Remove(const Tensor& keys) override {
    const auto from = keys.flat<K>();
    absl::MutexLock lock(&mu_);
    for (int64_t i = 0; i < keys.num_elements(); ++i) map_.erase(from[i]);
  }
  std::pair<Tensor, Tensor> Export() const override {
    absl::MutexLock lock(&mu_);
    const TensorShape shape({static_cast<int64_t>(map_.size())});
    Tensor keys(key_type(), shape), values(value_type(), shape);
    const auto to = keys.mutable_flat<K>();
    int64_t i = 0;
    for (const auto& entry : map_) {
      to[i] = entry.first;
      SetElement(&values, i++, entry.second);
    }
    return {std::move(keys), std::move(values)};
  }

 private:
  mutable absl::Mutex mu_;
  std::unordered_map<K, std::string> map_ ABSL_GUARDED_BY(mu_);
};

absl::StatusOr<std::shared_ptr<LookupTable>> NewTable(DataType key_type,
                                                      DataType value_type) {
  std::shared_ptr<LookupTable> table;
  switch (key_type) {
    case DT_INT32:
      table = std::make_shared<MutableHashTable<int32_t>>(key_type, value_type);
      break;
    case DT_INT64:
      table = std::make_shared<MutableHashTable<int64_t>>(key_type, value_type);
      break;
    case DT_STRING:
      table =
          std::make_shared<MutableHashTable<std::string>>(key_type, value_type);
      break;
    default:
      return absl::UnimplementedError(
          absl::StrCat("A hash table's keys cannot be of type ",
                       DataTypeString(key_type)));
  }
  return table;
}

// ---- Kernels ----

absl::StatusOr<Tensor> MakeOrFindTable(KernelContext* ctx) {
  const Operation& op = ctx->op();
  RG_ASSIGN_OR_RETURN(ResourceName name, NameResource(op));
  bool by_node = false;
  std::string shared_name;
  DataType key_type = DT_INVALID, value_type = DT_INVALID;
  RG_RETURN_IF_ERROR(op.GetAttr("use_node_name_sharing", &by_node));
  RG_RETURN_IF_ERROR(op.GetAttr("shared_name", &shared_name));
  RG_RETURN_IF_ERROR(op.GetAttr("key_dtype", &key_type));
  RG_RETURN_IF_ERROR(op.GetAttr("value_dtype", &value_type));
  if (by_node && shared_name.empty()) name.name = std::string(op.name());
  RG_ASSIGN_OR_RETURN(
      const std::shared_ptr<LookupTable> table,
      ctx->env().resources->LookupOrCreate<LookupTable>(
          name.container, name.name,
          [&] { return NewTable(key_type, value_type); }));
  if (table->key_type() != key_type || table->value_type() != value_type) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Conflicting key/value dtypes ", DataTypeString(key_type), "->",
        DataTypeString(value_type), " with ",
        DataTypeString(table->key_type()), "->",
        DataTypeString(table->value_type()), " for table ", name.name));
  }
  return ResourceHandleTo<LookupTable>(name, kTableTypeText);
}

absl::StatusOr<std::shared_ptr<LookupTable>> TableOf(const KernelContext& ctx) {
  if (ctx.input(0).num_elements() != 1) {
    return absl::InvalidArgumentError("A table's handle must be a scalar");
  }
  return LookupInput<LookupTable>(ctx, 0, kTableTypeText);
}

absl::Status CheckKeys(const LookupTable& table, const Tensor& keys) {
  if (keys.dtype() == table.key_type()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("Key must be type ", DataTypeString(table.key_type()),
                   " but got ", DataTypeString(keys.dtype())));
}

absl::Status CheckValues(const LookupTable& table, const Tensor& keys,
                         const Tensor& values) {
  RG_RETURN_IF_ERROR(CheckKeys(table, keys));
  if (values.dtype() != table.value_type()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Value must be type ", DataTypeString(table.value_type()),
                     " but got ", DataTypeString(values.dtype())));
  }
  if (keys.shape() != values.shape()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Expected shape ", keys.shape().DebugString(),
                     " for value, got ", values.shape().DebugString()));
  }
  return absl::OkStatus();
}

void FindKernel(KernelContext* ctx) {
  const auto table = TableOf(*ctx);
  RG_KERNEL_OK(ctx, table.status());
  RG_KERNEL_OK(ctx, CheckKeys(**table, ctx->input(1)));
  const Tensor& missing = ctx->input(2);
  RG_KERNEL_REQUIRES(
      ctx,
      missing.dtype() == (*table)->value_type() && missing.num_elements() == 1,
      absl::InvalidArgumentError(absl::StrCat(
          "Expected shape [] for default value, got ",
          missing.shape().DebugString())));
  ctx->set_output(0, (*table)->Find(ctx->input(1), missing));
}

template <bool clear>
void InsertKernel(KernelContext* ctx) {
  const auto table = TableOf(*ctx);
  RG_KERNEL_OK(ctx, table.status());
  RG_KERNEL_OK(ctx, CheckValues(**table, ctx->input(1), ctx->input(2)));
  (*table)->Insert(ctx->input(1), ctx->input(2), clear);
}

void RemoveKernel(KernelContext* ctx) {
  const auto table = TableOf(*ctx);
  RG_KERNEL_OK(ctx, table.status());
  RG_KERNEL_OK(ctx, CheckKeys(**table, ctx->input(1)));
  (*table)->Remove(ctx->input(1));
}

void SizeKernel(KernelContext* ctx) {
  const auto table = TableOf(*ctx);
  RG_KERNEL_OK(ctx, table.status());
  ctx->set_output(0, Tensor::Scalar<int64_t>((*table)->Size()));
}

void ExportKernel(KernelContext* ctx) {
  const auto table = TableOf(*ctx);
  RG_KERNEL_OK(ctx, table.status());
  std::pair<Tensor, Tensor> contents = (*table)->Export();
  RG_KERNEL_REQUIRES(
      ctx,
      contents.first.dtype() == ctx->op().output_type(0) &&
          contents.second.dtype() == ctx->op().output_type(1),
      absl::InvalidArgumentError("The table has other types of keys or values "
                                 "than Tkeys and Tvalues"));
  ctx->set_output(0, std::move(contents.first));
  ctx->set_output(1, std::move(contents.second));
}

// ---- Shapes ----

absl::Status ExportShape(InferenceContext* c) {
  c->set_output(0, Shape({kUnknownDim}));
  c->set_output(1, Shape({kUnknownDim}));
  return absl::OkStatus();
}

}  // namespace

void RegisterLookupTableOps(OpRegistry* registry) {
  registry->Op("MutableHashTableV2")
      .Output("table_handle: resource")
      .Attr("container: string = ''")
      .Attr("shared_name: string = ''")
      .Attr("use_node_name_sharing: bool = false")
      .Attr("key_dtype: type")
      .Attr("value_dtype: type")
      .Stateful()
      .Shape(ScalarShape)
      .Kernel({}, KernelOf<HandleKernel<MakeOrFindTable>>());
  registry->Op("LookupTableFindV2")
      .Input("table_handle: resource")
      .Input("keys: Tin")
      .Input("default_value: Tout")
      .Output("values: Tout")
      .Attr("Tin: type")
      .Attr("Tout: type")
      .Stateful()
      .Shape(UnknownShape)
      .Kernel({}, StatelessKernel(FindKernel));
  for (const bool import : {false, true}) {
    registry->Op(import ? "LookupTableImportV2" : "LookupTableInsertV2")
        .Input("table_handle: resource")
        .Input("keys: Tin")
        .Input("values: Tout")
        .Attr("Tin: type")
        .Attr("Tout: type")
        .Stateful()
        .Shape(NoOutputShape)
        .Kernel({}, StatelessKernel(import ? InsertKernel<true>
                                           : InsertKernel<false>));
  }
  registry->Op("LookupTableRemoveV2")
      .Input("table_handle: resource")
      .Input("keys: Tin")
      .Attr("Tin: type")
      .Stateful()
      .Shape(NoOutputShape)
      .Kernel({}, StatelessKernel(RemoveKernel));
  registry->Op("LookupTableSizeV2")
      .Input("table_handle: resource")
      .Output("size: int64")
      .Stateful()
      .Shape(ScalarShape)
      .Kernel({}, StatelessKernel(SizeKernel));
  registry->Op("LookupTableExportV2")
      .Input("table_handle: resource")
      .Output("keys: Tkeys")
      .Output("values: Tvalues")
      .Attr("Tkeys: type")
      .Attr("Tvalues: type")
      .Stateful()
      .Shape(ExportShape)
      .Kernel({}, StatelessKernel(ExportKernel));
}

}  // namespace retrograph
