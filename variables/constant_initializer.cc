// The constant initializer writes its Const as tf.constant(value, shape=...)
// does: fewer values than elements stay fewer in the TensorProto.
#include <complex>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/dtype.h"
#include "core/errors.h"
#include "core/tensor.h"
#include "core/tensor_proto.h"
#include "variables/initializers.h"

namespace retrograph {
namespace {

template <typename T>
struct IsComplex : std::false_type {};
template <typename T>
struct IsComplex<std::complex<T>> : std::true_type {};

// One number as another type: numpy's astype.
template <typename To, typename From>
To CastNumber(const From& from) {
  if constexpr (std::is_same_v<To, From>) {
    return from;
  } else if constexpr (IsComplex<From>::value && IsComplex<To>::value) {
    return To(static_cast<typename To::value_type>(from.real()),
              static_cast<typename To::value_type>(from.imag()));
  } else if constexpr (IsComplex<From>::value) {
    return CastNumber<To>(from.real());
  } else if constexpr (std::is_same_v<From, Half> ||
                       std::is_same_v<From, BFloat16>) {
    return CastNumber<To>(static_cast<float>(from));
  } else if constexpr (IsComplex<To>::value) {
    return To(static_cast<typename To::value_type>(from));
  } else if constexpr (std::is_same_v<To, Half> ||
                       std::is_same_v<To, BFloat16>) {
    return To(static_cast<float>(from));
  } else if constexpr (std::is_same_v<To, bool>) {
    return from != From(0);
  } else {
    return static_cast<To>(from);
  }
}

#define RG_CASTABLE_TYPES(C) RG_NUMBER_TYPES(C) C(bool)

template <typename From>
bool CastFrom(const Tensor& from, Tensor* to) {
  auto cast = [&](auto zero) {
    using To = decltype(zero);
    auto source = from.flat<From>();
    auto target = to->mutable_flat<To>();
    for (size_t i = 0; i < source.size(); ++i) {
      target[i] = CastNumber<To>(source[i]);
    }
    return true;
  };
#define RG_CAST_TO_(T) \
  if (to->dtype() == DataTypeOf<T>::value) return cast(T());
  RG_CASTABLE_TYPES(RG_CAST_TO_)
#undef RG_CAST_TO_
  return false;
}

absl::StatusOr<Tensor> CastTensor(const Tensor& from, DataType dtype) {
  if (from.dtype() == dtype) return from;
  Tensor to(dtype, from.shape());
  bool done = false;
#define RG_CAST_FROM_(T) \
  if (from.dtype() == DataTypeOf<T>::value) done = CastFrom<T>(from, &to);
  RG_CASTABLE_TYPES(RG_CAST_FROM_)
#undef RG_CAST_FROM_
  if (done) return to;
  return TypeError(absl::StrCat("Cannot convert a value of dtype ",
                                DTypePythonName(from.dtype()), " to ",
                                DTypePythonName(dtype), "."));
}

// The proto of tf.constant(values, shape=shape).
absl::StatusOr<TensorProto> FilledProto(const Tensor& values,
                                        const TensorShape& shape) {
  if (values.num_elements() > shape.num_elements()) {
    return ValueError(absl::StrCat(
        "Too many elements provided. Needed at most ", shape.num_elements(),
        ", but received ", values.num_elements()));
  }
  if (values.num_elements() == shape.num_elements()) {
    return MakeTensorProto(values.Reshaped(shape));
  }
  TensorProto proto = MakeTensorProtoField(values);
  proto.clear_tensor_shape();
  shape.AsProto(proto.mutable_tensor_shape());
  return proto;
}

}  // namespace

Initializer ConstantInitializer(Tensor value, bool verify_shape) {
  return {[value = std::move(value), verify_shape](
              GraphBuilder& b, const TensorShape& shape, DataType dtype,
              const PartitionInfo*) {
    if (verify_shape && value.shape() != shape) {
      b.Update(TypeError(
          absl::StrCat("Expected Tensor's shape: ", shape.PythonString(),
                       ", got ", value.shape().PythonString(), ".")));
      return Output();
    }
    Tensor cast = b.Take(CastTensor(value, dtype));
    if (!b.ok()) return Output();
    AttrValue attr;
    *attr.mutable_tensor() = b.Take(FilledProto(cast, shape));
    return b.Op("Const", {}, {{"value", attr}, Attr("dtype", dtype)});
  }};
}

}  // namespace retrograph
