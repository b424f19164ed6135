// MutableHashTableV2 and the ops that look into a table of any kind, change it,
// and take its contents out for a checkpoint and back.
//
// Source: tensorflow/core/kernels/lookup_table_op.cc. In which order a table's
// contents come out is its hash map's affair, there as here.
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
#include "ops/lookup_table.h"
#include "ops/lookup_table_ops.h"
#include "ops/resource_handle.h"

namespace retrograph {
namespace {

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
  absl::StatusOr<Tensor> Find(const Tensor& keys,
                              const Tensor& missing) const override {
    Tensor values(value_type(), keys.shape());
    const std::string other = TableElement(missing, 0);
    const auto from = keys.flat<K>();
    absl::MutexLock lock(&mu_);
    for (int64_t i = 0; i < keys.num_elements(); ++i) {
      const auto found = map_.find(from[i]);
      SetTableElement(&values, i, found == map_.end() ? other : found->second);
    }
    return values;
  }
  absl::Status Insert(const Tensor& keys, const Tensor& values) override {
    absl::MutexLock lock(&mu_);
    Add(keys, values);
    return absl::OkStatus();
  }
  absl::Status Import(const Tensor& keys, const Tensor& values) override {
    absl::MutexLock lock(&mu_);
    map_.clear();
    Add(keys, values);
    return absl::OkStatus();
  }
  absl::Status Remove(const Tensor& keys) override {
    const auto from = keys.flat<K>();
    absl::MutexLock lock(&mu_);
    for (int64_t i = 0; i < keys.num_elements(); ++i) map_.erase(from[i]);
    return absl::OkStatus();
  }
  absl::StatusOr<std::pair<Tensor, Tensor>> Export() const override {
    absl::MutexLock lock(&mu_);
    const TensorShape shape({static_cast<int64_t>(map_.size())});
    Tensor keys(key_type(), shape), values(value_type(), shape);
    const auto to = keys.mutable_flat<K>();
    int64_t i = 0;
    for (const auto& entry : map_) {
      to[i] = entry.first;
      SetTableElement(&values, i++, entry.second);
    }
    return std::make_pair(std::move(keys), std::move(values));
  }

 private:
  void Add(const Tensor& keys, const Tensor& values)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const auto from = keys.flat<K>();
    for (int64_t i = 0; i < keys.num_elements(); ++i) {
      map_[from[i]] = TableElement(values, i);
    }
  }

  mutable absl::Mutex mu_;
  std::unordered_map<K, std::string> map_ ABSL_GUARDED_BY(mu_);
};

absl::StatusOr<std::shared_ptr<LookupTable>> NewMutableTable(
    DataType key_type, DataType value_type) {
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

absl::StatusOr<Tensor> MakeOrFindMutableTable(KernelContext* ctx) {
  return MakeOrFindTable(ctx, NewMutableTable);
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
  const auto table = TableInput(*ctx);
  RG_KERNEL_OK(ctx, table.status());
  RG_KERNEL_OK(ctx, CheckKeys(**table, ctx->input(1)));
  const Tensor& missing = ctx->input(2);
  RG_KERNEL_REQUIRES(
      ctx,
      missing.dtype() == (*table)->value_type() && missing.num_elements() == 1,
      absl::InvalidArgumentError(absl::StrCat(
          "Expected shape [] for default value, got ",
          missing.shape().DebugString())));
  absl::StatusOr<Tensor> values = (*table)->Find(ctx->input(1), missing);
  RG_KERNEL_OK(ctx, values.status());
  ctx->set_output(0, *std::move(values));
}

template <absl::Status (LookupTable::*insert)(const Tensor&, const Tensor&)>
void InsertKernel(KernelContext* ctx) {
  const auto table = TableInput(*ctx);
  RG_KERNEL_OK(ctx, table.status());
  RG_KERNEL_OK(ctx, CheckValues(**table, ctx->input(1), ctx->input(2)));
  RG_KERNEL_OK(ctx, ((**table).*insert)(ctx->input(1), ctx->input(2)));
}

void RemoveKernel(KernelContext* ctx) {
  const auto table = TableInput(*ctx);
  RG_KERNEL_OK(ctx, table.status());
  RG_KERNEL_OK(ctx, CheckKeys(**table, ctx->input(1)));
  RG_KERNEL_OK(ctx, (*table)->Remove(ctx->input(1)));
}

void SizeKernel(KernelContext* ctx) {
  const auto table = TableInput(*ctx);
  RG_KERNEL_OK(ctx, table.status());
  ctx->set_output(0, Tensor::Scalar<int64_t>((*table)->Size()));
}

void ExportKernel(KernelContext* ctx) {
  const auto table = TableInput(*ctx);
  RG_KERNEL_OK(ctx, table.status());
  auto exported = (*table)->Export();
  RG_KERNEL_OK(ctx, exported.status());
  std::pair<Tensor, Tensor>& contents = *exported;
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

absl::Status ImportShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 0).status());
  RG_ASSIGN_OR_RETURN(const Shape keys, c->WithRank(c->input(1), 1));
  return c->Merge(keys, c->input(2)).status();
}

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
      .Kernel({}, KernelOf<HandleKernel<MakeOrFindMutableTable>>());
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
        .Shape(import ? ImportShape : NoOutputShape)
        .Kernel({}, StatelessKernel(import
                                        ? InsertKernel<&LookupTable::Import>
                                        : InsertKernel<&LookupTable::Insert>));
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
  RegisterHashTableOps(registry);
}

}  // namespace retrograph
