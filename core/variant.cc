#include "core/variant.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "core/tensor_list.h"

namespace retrograph {
namespace {

constexpr int64_t kMostEncodedBytes = INT32_MAX;

}  // namespace

std::string VariantText(const Variant& variant) {
  if (variant == nullptr) return "Variant<type: INVALID value: INVALID>";
  return absl::StrCat("Variant<type: ", variant->TypeName(),
                      " value: ", variant->ValueText(), ">");
}

int VariantDepth(const Tensor& tensor) {
  if (tensor.dtype() != DT_VARIANT) return 0;
  int depth = 0;
  for (const Variant& variant : tensor.flat<Variant>()) {
    if (variant != nullptr) depth = std::max(depth, variant->Depth());
  }
  return depth;
}

int64_t LeastProtoBytes(const Tensor& tensor) {
  int64_t bytes = tensor.num_elements() + 1;
  if (tensor.dtype() == DT_VARIANT) {
    for (const Variant& variant : tensor.flat<Variant>()) {
      if (variant != nullptr) bytes += variant->LeastEncodedBytes();
    }
  }
  return std::min<int64_t>(bytes, kMostEncodedBytes + 1);
}

absl::StatusOr<VariantTensorDataProto> EncodeVariant(const Variant& variant) {
  VariantTensorDataProto data;
  if (variant == nullptr) return data;
  if (variant->Depth() > kMostEncodedDepth) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Variants stand ", variant->Depth(), " deep in one another; more than ",
        kMostEncodedDepth, " cannot be read again"));
  }
  if (variant->LeastEncodedBytes() > kMostEncodedBytes) {
    return absl::InvalidArgumentError(
        "A variant takes more bytes than a protocol buffer may have");
  }
  data.set_type_name(variant->TypeName());
  variant->Encode(&data);
  return data;
}

absl::StatusOr<Variant> DecodeVariant(const VariantTensorDataProto& data,
                                      int64_t* max_bytes) {
  std::string hint;
  if (data.type_name() == TensorList::kTypeName) {
    absl::StatusOr<std::shared_ptr<TensorList>> list =
        TensorList::Decode(data, max_bytes);
    if (list.ok()) return Variant(*std::move(list));
    if (absl::IsResourceExhausted(list.status())) return list.status();
    hint = std::string(list.status().message());
  }
  absl::Status status = absl::InternalError(absl::StrCat(
      "Could not decode variant with type_name: \"", data.type_name(),
      "\".  Perhaps you forgot to register a decoder via "
      "REGISTER_UNARY_VARIANT_DECODE_FUNCTION?"));
  if (!hint.empty()) SetErrorHint(&status, hint);
  return status;
}

}  // namespace retrograph
