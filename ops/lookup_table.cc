#include "ops/lookup_table.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/resource_handle.h"

namespace retrograph {

const char kTableTypeText[] = "N10tensorflow6lookup15LookupInterfaceE";

absl::Status LookupTable::Initialize(
    const std::function<absl::Status(const Insertion&)>& /*fill*/) {
  return absl::UnimplementedError("The table cannot be initialized");
}

std::string TableElement(const Tensor& tensor, int64_t i) {
  if (tensor.dtype() == DT_STRING) return tensor.flat<std::string>()[i];
  const size_t size = DataTypeSize(tensor.dtype());
  return std::string(static_cast<const char*>(tensor.data()) + i * size, size);
}

void SetTableElement(Tensor* tensor, int64_t i, const std::string& bytes) {
  if (tensor->dtype() == DT_STRING) {
    tensor->mutable_flat<std::string>()[i] = bytes;
    return;
  }
  std::memcpy(static_cast<char*>(tensor->mutable_data()) + i * bytes.size(),
              bytes.data(), bytes.size());
}

absl::StatusOr<Tensor> MakeOrFindTable(KernelContext* ctx,
                                       const NewTable& new_table) {
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
          [&] { return new_table(key_type, value_type); }));
  if (table->key_type() != key_type || table->value_type() != value_type) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Conflicting key/value dtypes ", DataTypeString(key_type), "->",
        DataTypeString(value_type), " with ",
        DataTypeString(table->key_type()), "-",
        DataTypeString(table->value_type()), " for table ", name.name));
  }
  return ResourceHandleTo<LookupTable>(name, kTableTypeText);
}

absl::StatusOr<std::shared_ptr<LookupTable>> TableInput(
    const KernelContext& ctx) {
  if (ctx.input(0).num_elements() != 1) {
    return absl::InvalidArgumentError("A table's handle must be a scalar");
  }
  return LookupInput<LookupTable>(ctx, 0, kTableTypeText);
}

}  // namespace retrograph
