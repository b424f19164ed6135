// What an element of a tensor of dtype variant holds: an object of one of
// several classes (a list of tensors, a dataset), or nothing.
//
// An object is shared and never changed: copies of a tensor hold the same ones.
//
// Example:
//   ctx->set_output(0, VariantScalar(std::make_shared<RangeDataset>(...)));
//   std::shared_ptr<const Dataset> in = VariantAs<Dataset>(ctx->input(0));
#ifndef RETROGRAPH_CORE_VARIANT_H_
#define RETROGRAPH_CORE_VARIANT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "core/dtype.h"
#include "core/tensor.h"
#include "proto/tensor.pb.h"

namespace retrograph {

class VariantObject {
 public:
  virtual ~VariantObject() = default;
  // TensorFlow's name of the class: "tensorflow::TensorList".
  virtual std::string TypeName() const = 0;
  // What stands behind "value: " in VariantText().
  virtual std::string ValueText() const = 0;
  // Adds metadata and tensors to a message that has the type's name. The
  // default adds nothing, as TensorFlow does for a dataset.
  virtual void Encode(VariantTensorDataProto* /*data*/) const {}
  // How deep variants stand in one another here: 1 for an object that holds
  // none. It may be more than that by what was there before.
  virtual int Depth() const { return 1; }
  // A number of bytes that Encode() takes at least. As objects are shared, it
  // may be much more than the memory they take.
  virtual int64_t LeastEncodedBytes() const { return 1; }
};

// Null: nothing.
using Variant = std::shared_ptr<const VariantObject>;

template <>
struct DataTypeOf<Variant> {
  static constexpr DataType value = DT_VARIANT;
};

inline Tensor VariantScalar(Variant object) {
  return Tensor::Scalar<Variant>(std::move(object));
}

// The object of a variant tensor of one element; null if it is of another
// class.
template <typename T>
std::shared_ptr<const T> VariantAs(const Tensor& tensor) {
  if (tensor.dtype() != DT_VARIANT || tensor.num_elements() != 1) {
    return nullptr;
  }
  return std::dynamic_pointer_cast<const T>(tensor.scalar<Variant>());
}

// "Variant<type: tensorflow::TensorList value: TensorList>".
std::string VariantText(const Variant& variant);

// The most of Depth() among the tensor's variants; 0 if it has none.
int VariantDepth(const Tensor& tensor);
// A number of bytes that the tensor takes at least as a TensorProto.
int64_t LeastProtoBytes(const Tensor& tensor);

// A message that holds variants any deeper than this cannot be parsed: protocol
// buffers stop at 100 messages in one another, of which a variant in a tensor
// takes two, and TensorFlow does not ask for more.
constexpr int kMostEncodedDepth = 49;

// As VariantTensorData::ToProto: the name, metadata and tensors. InvalidArgument
// for what is too deep to be read again or more than a message may have.
// Nothing at all is an empty message.
absl::StatusOr<VariantTensorDataProto> EncodeVariant(const Variant& variant);

// The object that EncodeVariant() was given. As TensorFlow: Internal "Could not
// decode variant with type_name: ..." for a class that cannot be decoded, or
// one whose metadata or tensors are not what Encode() makes (the ErrorHint says
// why). ResourceExhausted if the values take more than *max_bytes, which is
// reduced by what they take.
absl::StatusOr<Variant> DecodeVariant(const VariantTensorDataProto& data,
                                      int64_t* max_bytes);

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_VARIANT_H_
