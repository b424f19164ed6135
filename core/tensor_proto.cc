#include "core/tensor_proto.h"

#include <algorithm>
#include <complex>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "core/variant.h"
#include "google/protobuf/io/coded_stream.h"

namespace retrograph {
namespace {

// Field<T> says how values of type T stand in the typed list of a proto:
// Get() is the list, kWords how many of its entries make a value, Read() and
// Append() convert.
template <typename T>
struct Field;

#define RG_PLAIN_FIELD_(T, Wire, name)                                \
  template <>                                                         \
  struct Field<T> {                                                   \
    static constexpr int kWords = 1;                                  \
    static const auto& Get(const TensorProto& p) { return p.name(); } \
    static T Read(const TensorProto& p, int i) {                      \
      return static_cast<T>(p.name(i));                               \
    }                                                                 \
    static void Append(const T& value, TensorProto* p) {              \
      p->add_##name(static_cast<Wire>(value));                        \
    }                                                                 \
  }
RG_PLAIN_FIELD_(float, float, float_val);
RG_PLAIN_FIELD_(double, double, double_val);
RG_PLAIN_FIELD_(int8_t, int32_t, int_val);
RG_PLAIN_FIELD_(int16_t, int32_t, int_val);
RG_PLAIN_FIELD_(int32_t, int32_t, int_val);
RG_PLAIN_FIELD_(uint8_t, int32_t, int_val);
RG_PLAIN_FIELD_(uint16_t, int32_t, int_val);
RG_PLAIN_FIELD_(int64_t, int64_t, int64_val);
RG_PLAIN_FIELD_(uint32_t, uint32_t, uint32_val);
RG_PLAIN_FIELD_(uint64_t, uint64_t, uint64_val);
RG_PLAIN_FIELD_(bool, bool, bool_val);
#undef RG_PLAIN_FIELD_

// Types that wrap an integer: 16-bit floats as their bits, quantised ones.
#define RG_WRAPPED_FIELD_(T, member, name)                            \
  template <>                                                         \
  struct Field<T> {                                                   \
    static constexpr int kWords = 1;                                  \
    static const auto& Get(const TensorProto& p) { return p.name(); } \
    static T Read(const TensorProto& p, int i) {                      \
      T value;                                                        \
      value.member = static_cast<decltype(value.member)>(p.name(i));  \
      return value;                                                   \
    }                                                                 \
    static void Append(const T& value, TensorProto* p) {              \
      p->add_##name(value.member);                                    \
    }                                                                 \
  }
RG_WRAPPED_FIELD_(Half, bits, half_val);
RG_WRAPPED_FIELD_(BFloat16, bits, half_val);
RG_WRAPPED_FIELD_(QInt8, value, int_val);
RG_WRAPPED_FIELD_(QUInt8, value, int_val);
RG_WRAPPED_FIELD_(QInt16, value, int_val);
RG_WRAPPED_FIELD_(QUInt16, value, int_val);
RG_WRAPPED_FIELD_(QInt32, value, int_val);
#undef RG_WRAPPED_FIELD_

// Real part, imaginary part.
#define RG_COMPLEX_FIELD_(T, name)                                     \
  template <>                                                          \
  struct Field<std::complex<T>> {                                      \
    static constexpr int kWords = 2;                                   \
    static const auto& Get(const TensorProto& p) { return p.name(); }  \
    static std::complex<T> Read(const TensorProto& p, int i) {         \
      return {p.name(2 * i), p.name(2 * i + 1)};                       \
    }                                                                  \
    static void Append(const std::complex<T>& value, TensorProto* p) { \
      p->add_##name(value.real());                                     \
      p->add_##name(value.imag());                                     \
    }                                                                  \
  }
RG_COMPLEX_FIELD_(float, scomplex_val);
RG_COMPLEX_FIELD_(double, dcomplex_val);
#undef RG_COMPLEX_FIELD_

template <>
struct Field<std::string> {
  static constexpr int kWords = 1;
  static const auto& Get(const TensorProto& p) { return p.string_val(); }
  static std::string Read(const TensorProto& p, int i) {
    return p.string_val(i);
  }
  static void Append(const std::string& value, TensorProto* p) {
    p->add_string_val(value);
  }
};

template <>
struct Field<ResourceHandle> {
  static constexpr int kWords = 1;
  static const auto& Get(const TensorProto& p) {
    return p.resource_handle_val();
  }
  static ResourceHandle Read(const TensorProto& p, int i) {
    const ResourceHandleProto& handle = p.resource_handle_val(i);
    return {handle.device(), handle.container(), handle.name(),
            handle.hash_code(), handle.maybe_type_name()};
  }
  static void Append(const ResourceHandle& value, TensorProto* p) {
    ResourceHandleProto* handle = p->add_resource_handle_val();
    handle->set_device(value.device);
    handle->set_container(value.container);
    handle->set_name(value.name);
    handle->set_hash_code(value.hash_code);
    handle->set_maybe_type_name(value.maybe_type_name);
  }
};

// Calls visit(T()) for the C++ type T of `dtype`; false if there is none.
template <typename Visitor>
bool VisitType(DataType dtype, Visitor&& visit) {
  switch (dtype) {
#define RG_VISIT_(T)         \
  case DataTypeOf<T>::value: \
    visit(T());              \
    return true;
    RG_NUMBER_TYPES(RG_VISIT_)
    RG_VISIT_(bool)
    RG_VISIT_(QInt8)
    RG_VISIT_(QUInt8)
    RG_VISIT_(QInt16)
    RG_VISIT_(QUInt16)
    RG_VISIT_(QInt32)
    RG_VISIT_(std::string)
    RG_VISIT_(ResourceHandle)
#undef RG_VISIT_
    default:
      return false;
  }
}

// Fills the tensor from a typed list: the values there are, then the last one
// again and again. A list without values stands for zeros.
template <typename T>
void ReadList(const TensorProto& proto, Tensor* tensor) {
  absl::Span<T> out = tensor->mutable_flat<T>();
  const size_t given =
      static_cast<size_t>(Field<T>::Get(proto).size() / Field<T>::kWords);
  const size_t count = std::min(given, out.size());
  for (size_t i = 0; i < count; ++i) {
    out[i] = Field<T>::Read(proto, static_cast<int>(i));
  }
  std::fill(out.begin() + count, out.end(), count > 0 ? out[count - 1] : T());
}

template <typename T>
void AppendList(const Tensor& tensor, TensorProto* proto) {
  for (const T& value : tensor.flat<T>()) Field<T>::Append(value, proto);
}

// TensorFlow's text holds the proto; what is wrong with it is our hint.
absl::Status ParseError(const TensorProto& proto, absl::string_view hint) {
  constexpr size_t kMostBytes = 1 << 20;
  std::string text = "(more than a megabyte)";
  if (proto.ByteSizeLong() <= kMostBytes) text = proto.DebugString();
  absl::Status status = absl::InvalidArgumentError(
      absl::StrCat("Cannot parse tensor from proto: ", text));
  SetErrorHint(&status, hint);
  return status;
}

// Numbers as bytes. Checked before memory is taken for them.
absl::StatusOr<Tensor> NumbersFromContent(const TensorProto& proto,
                                          const TensorShape& shape) {
  const std::string& content = proto.tensor_content();
  const size_t size = static_cast<size_t>(DataTypeSize(proto.dtype()));
  if (content.size() % size != 0 ||
      content.size() / size != static_cast<size_t>(shape.num_elements())) {
    return ParseError(
        proto,
        absl::StrCat("tensor_content has ", content.size(),
                     " bytes, but the shape ", shape.DebugString(), " takes ",
                     shape.num_elements(), " values of ", size, " bytes"));
  }
  RG_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(proto.dtype(), shape));
  std::memcpy(tensor.mutable_data(), content.data(), content.size());
  if (proto.dtype() == DT_BOOL) {
    // Any byte but 0 is true; in a C++ bool only 1 is.
    uint8_t* bytes = static_cast<uint8_t*>(tensor.mutable_data());
    for (size_t i = 0; i < content.size(); ++i) bytes[i] = bytes[i] != 0;
  }
  return tensor;
}

// Strings as bytes: the lengths of all of them as varints, then their bytes.
// Variants stand there likewise, as the bytes of their messages.
absl::StatusOr<std::vector<absl::string_view>> SplitContent(
    const TensorProto& proto, size_t count) {
  const std::string& content = proto.tensor_content();
  // A length takes a byte at least.
  if (count > content.size()) {
    return ParseError(proto, "tensor_content has too few strings");
  }
  google::protobuf::io::CodedInputStream in(
      reinterpret_cast<const uint8_t*>(content.data()),
      static_cast<int>(content.size()));
  std::vector<uint32_t> lengths(count);
  uint64_t total = 0;
  for (uint32_t& length : lengths) {
    if (!in.ReadVarint32(&length)) {
      return ParseError(proto, "tensor_content ends in a string's length");
    }
    total += length;
  }
  absl::string_view rest(content);
  rest.remove_prefix(static_cast<size_t>(in.CurrentPosition()));
  if (total != rest.size()) {
    return ParseError(proto, "tensor_content does not hold its strings");
  }
  std::vector<absl::string_view> pieces(count);
  for (size_t i = 0; i < count; ++i) {
    pieces[i] = rest.substr(0, lengths[i]);
    rest.remove_prefix(lengths[i]);
  }
  return pieces;
}

absl::StatusOr<Tensor> StringsFromContent(const TensorProto& proto,
                                          const TensorShape& shape) {
  RG_ASSIGN_OR_RETURN(
      const std::vector<absl::string_view> pieces,
      SplitContent(proto, static_cast<size_t>(shape.num_elements())));
  RG_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(DT_STRING, shape));
  std::string* to = tensor.mutable_flat<std::string>().data();
  for (absl::string_view piece : pieces) *to++ = std::string(piece);
  return tensor;
}

absl::Status SetVariant(const TensorProto& proto,
                        const VariantTensorDataProto& data, int64_t* max_bytes,
                        Variant* variant) {
  absl::StatusOr<Variant> decoded = DecodeVariant(data, max_bytes);
  if (absl::IsResourceExhausted(decoded.status())) return decoded.status();
  if (!decoded.ok()) return ParseError(proto, decoded.status().message());
  *variant = *std::move(decoded);
  return absl::OkStatus();
}

// The variants that there are, in either form; the others stay empty.
absl::Status ReadVariants(const TensorProto& proto, int64_t* max_bytes,
                          absl::Span<Variant> out) {
  if (proto.tensor_content().empty()) {
    const size_t given = static_cast<size_t>(proto.variant_val_size());
    for (size_t i = 0; i < std::min(given, out.size()); ++i) {
      RG_RETURN_IF_ERROR(SetVariant(
          proto, proto.variant_val(static_cast<int>(i)), max_bytes, &out[i]));
    }
    return absl::OkStatus();
  }
  RG_ASSIGN_OR_RETURN(const std::vector<absl::string_view> pieces,
                      SplitContent(proto, out.size()));
  for (size_t i = 0; i < out.size(); ++i) {
    VariantTensorDataProto data;
    if (!data.ParseFromArray(pieces[i].data(),
                             static_cast<int>(pieces[i].size()))) {
      return ParseError(proto, "tensor_content holds no variant");
    }
    RG_RETURN_IF_ERROR(SetVariant(proto, data, max_bytes, &out[i]));
  }
  return absl::OkStatus();
}

// Which types Python writes as tensor_content. The others it lists one by one,
// whatever their number.
bool WrittenAsContent(DataType dtype) {
  return dtype == DT_FLOAT || dtype == DT_DOUBLE || IsQuantizedType(dtype) ||
         (IsIntegerType(dtype) && dtype != DT_UINT16);
}

TensorProto ProtoWithoutValues(const Tensor& tensor) {
  TensorProto proto;
  proto.set_dtype(tensor.dtype());
  tensor.shape().AsProto(proto.mutable_tensor_shape());
  return proto;
}

}  // namespace

absl::StatusOr<Tensor> TensorFromProto(const TensorProto& proto,
                                       int64_t max_bytes) {
  return TensorFromProtoWithin(proto, &max_bytes);
}

absl::StatusOr<Tensor> TensorFromProtoWithin(const TensorProto& proto,
                                             int64_t* max_bytes) {
  if (!IsKnownDataType(proto.dtype()) || IsRefType(proto.dtype())) {
    return ParseError(proto, "its dtype cannot be that of a tensor");
  }
  absl::StatusOr<TensorShape> valid =
      TensorShape::FromProto(proto.tensor_shape());
  if (!valid.ok()) return ParseError(proto, valid.status().message());
  const TensorShape& shape = *valid;
  if (!proto.tensor_content().empty() && shape.num_elements() > 0) {
    if (IsPodType(proto.dtype())) return NumbersFromContent(proto, shape);
    if (proto.dtype() == DT_STRING) return StringsFromContent(proto, shape);
    if (proto.dtype() != DT_VARIANT) {
      return ParseError(proto, "its dtype has no tensor_content");
    }
  }
  // Of a string, a handle or a variant, at least the object.
  const int64_t element =
      IsPodType(proto.dtype())       ? DataTypeSize(proto.dtype())
      : proto.dtype() == DT_VARIANT ? int64_t{sizeof(Variant)}
                                     : int64_t{sizeof(std::string)};
  if (shape.num_elements() > *max_bytes / element) {
    return absl::ResourceExhaustedError(
        absl::StrCat("A tensor of shape ", shape.DebugString(), " and type ",
                     DataTypeString(proto.dtype()), " is larger than ",
                     *max_bytes, " bytes"));
  }
  *max_bytes -= shape.num_elements() * element;
  absl::StatusOr<Tensor> allocated = Tensor::Allocate(proto.dtype(), shape);
  if (absl::IsResourceExhausted(allocated.status())) {
    return ParseError(proto, allocated.status().message());
  }
  RG_ASSIGN_OR_RETURN(Tensor tensor, std::move(allocated));
  if (proto.dtype() == DT_VARIANT) {
    RG_RETURN_IF_ERROR(
        ReadVariants(proto, max_bytes, tensor.mutable_flat<Variant>()));
  }
  VisitType(proto.dtype(),
            [&](auto type) { ReadList<decltype(type)>(proto, &tensor); });
  return tensor;
}

TensorProto MakeTensorProtoField(const Tensor& tensor) {
  TensorProto proto = ProtoWithoutValues(tensor);
  if (tensor.dtype() == DT_VARIANT) {
    for (const Variant& variant : tensor.flat<Variant>()) {
      absl::StatusOr<VariantTensorDataProto> data = EncodeVariant(variant);
      *proto.add_variant_val() =
          data.ok() ? *std::move(data) : VariantTensorDataProto();
    }
  }
  VisitType(tensor.dtype(),
            [&](auto type) { AppendList<decltype(type)>(tensor, &proto); });
  return proto;
}

TensorProto MakeTensorProto(const Tensor& tensor) {
  if (tensor.num_elements() <= 1 || !WrittenAsContent(tensor.dtype())) {
    return MakeTensorProtoField(tensor);
  }
  TensorProto proto = ProtoWithoutValues(tensor);
  proto.set_tensor_content(tensor.data(), tensor.bytes());
  return proto;
}

TensorProto MakeShortTensorProto(const Tensor& values,
                                 const TensorShape& shape) {
  TensorProto proto = MakeTensorProtoField(values);
  shape.AsProto(proto.mutable_tensor_shape());
  return proto;
}

}  // namespace retrograph
