#include "core/tensor_list.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "core/tensor_proto.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace retrograph {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;
using google::protobuf::io::StringOutputStream;

absl::Status Damaged(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("The list's ", what));
}

// What stands in a list's metadata beside its dtype, shape and number.
struct Metadata {
  std::vector<uint64_t> unset;
  uint64_t dtype = 0;
  uint64_t max_num_elements = 0;
  PartialTensorShape shape;
};

absl::StatusOr<Metadata> ParseMetadata(const std::string& text,
                                       uint64_t num_tensors) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(text.data()),
                      static_cast<int>(text.size()));
  Metadata metadata;
  uint64_t count;
  // An index takes a byte at least.
  if (!in.ReadVarint64(&count) || count > text.size()) {
    return Damaged("metadata has no elements that are not set");
  }
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t index;
    if (!in.ReadVarint64(&index) || index >= count + num_tensors ||
        (i > 0 && index <= metadata.unset.back())) {
      return Damaged("metadata names elements that it does not have");
    }
    metadata.unset.push_back(index);
  }
  if (!in.ReadVarint64(&metadata.dtype) ||
      !in.ReadVarint64(&metadata.max_num_elements)) {
    return Damaged("metadata ends early");
  }
  TensorShapeProto shape;
  if (!shape.ParseFromString(
          text.substr(static_cast<size_t>(in.CurrentPosition())))) {
    return Damaged("shape cannot be parsed");
  }
  RG_ASSIGN_OR_RETURN(metadata.shape, PartialTensorShape::FromProto(shape));
  return metadata;
}

}  // namespace

void TensorList::Added(const Tensor& tensor) {
  if (!tensor.IsInitialized()) return;
  depth_ = std::max(depth_, VariantDepth(tensor) + 1);
  least_bytes_ += LeastProtoBytes(tensor);
}

void TensorList::Push(Tensor tensor) {
  Added(tensor);
  tensors_.push_back(std::move(tensor));
}

Tensor TensorList::Pop() {
  Tensor last = std::move(tensors_.back());
  Resize(size() - 1);
  if (last.IsInitialized()) least_bytes_ -= LeastProtoBytes(last);
  return last;
}

void TensorList::Set(size_t i, Tensor tensor) {
  Added(tensor);
  std::swap(tensors_[i], tensor);
  if (tensor.IsInitialized()) least_bytes_ -= LeastProtoBytes(tensor);
}

void TensorList::Resize(size_t new_size) {
  for (size_t i = new_size; i < size(); ++i) {
    if (tensors_[i].IsInitialized()) {
      least_bytes_ -= LeastProtoBytes(tensors_[i]);
    }
  }
  tensors_.resize(new_size);
}

void TensorList::Encode(VariantTensorDataProto* data) const {
  std::vector<uint64_t> unset;
  for (size_t i = 0; i < size(); ++i) {
    if (tensors_[i].IsInitialized()) {
      *data->add_tensors() = MakeTensorProtoField(tensors_[i]);
    } else {
      unset.push_back(i);
    }
  }
  TensorShapeProto shape;
  element_shape.AsProto(&shape);
  StringOutputStream stream(data->mutable_metadata());
  CodedOutputStream out(&stream);
  out.WriteVarint64(unset.size());
  for (const uint64_t i : unset) out.WriteVarint64(i);
  out.WriteVarint64(static_cast<uint64_t>(element_dtype));
  // -1 takes all 64 bits.
  out.WriteVarint64(static_cast<uint64_t>(int64_t{max_num_elements}));
  shape.SerializeToCodedStream(&out);
}

absl::StatusOr<std::shared_ptr<TensorList>> TensorList::Decode(
    const VariantTensorDataProto& data, int64_t* max_bytes) {
  RG_ASSIGN_OR_RETURN(
      const Metadata metadata,
      ParseMetadata(data.metadata(),
                    static_cast<uint64_t>(data.tensors_size())));
  const DataType dtype = static_cast<DataType>(metadata.dtype);
  if (metadata.dtype > INT32_MAX || !IsKnownDataType(dtype) ||
      IsRefType(dtype)) {
    return Damaged("dtype is none");
  }
  auto list = std::make_shared<TensorList>(dtype, metadata.shape);
  list->max_num_elements = static_cast<int32_t>(metadata.max_num_elements);
  auto unset = metadata.unset.begin();
  for (const TensorProto& proto : data.tensors()) {
    while (unset != metadata.unset.end() && *unset == list->size()) {
      list->Push(Tensor());
      ++unset;
    }
    if (proto.dtype() != dtype) return Damaged("elements have other dtypes");
    RG_ASSIGN_OR_RETURN(Tensor tensor, TensorFromProtoWithin(proto, max_bytes));
    if (!metadata.shape.IsCompatibleWith(tensor.shape())) {
      return Damaged("elements have other shapes");
    }
    list->Push(std::move(tensor));
  }
  // The others stand at the end.
  list->Resize(static_cast<size_t>(data.tensors_size()) +
               metadata.unset.size());
  return list;
}

}  // namespace retrograph
