#include "checkpoint/v1_writer.h"

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "checkpoint/names.h"
#include "checkpoint/table_writer.h"
#include "checkpoint/version_check.h"
#include "core/errors.h"
#include "core/tensor_proto.h"

namespace retrograph {
namespace {

// A record is one message, and a message has less than 2^31 bytes. Whether a
// slice fits is estimated beforehand, with this much for what is not values.
constexpr uint64_t kMostRecordBytes = uint64_t{1} << 31;
constexpr uint64_t kHeaderBytes = 1 << 10;

// The most that an element takes in a record, as TensorFlow reckons it (of a
// string, what it takes besides its bytes); 0 for a dtype that V1 files do not
// have.
uint64_t MostBytesPerElement(DataType dtype) {
  switch (dtype) {
    case DT_BOOL:
      return 1;
    case DT_UINT8:
    case DT_QUINT8:
      return 2;
    case DT_HALF:
    case DT_UINT16:
      return 3;
    case DT_FLOAT:
      return 4;
    case DT_DOUBLE:
    case DT_COMPLEX64:
      return 8;
    case DT_INT8:  // a negative number takes ten
    case DT_INT16:
    case DT_INT32:
    case DT_INT64:
    case DT_QINT8:
    case DT_QINT32:
    case DT_STRING:
      return 10;
    case DT_COMPLEX128:
      return 16;
    default:
      return 0;
  }
}

void FillNameAndSlice(absl::string_view name, const TensorSlice& slice,
                      SavedSlice* saved) {
  saved->set_name(std::string(name));
  slice.AsProto(saved->mutable_slice());
}

absl::Status CheckSize(absl::string_view name, const TensorSlice& slice,
                       const Tensor& value) {
  SavedSlice empty;
  FillNameAndSlice(name, slice, &empty);
  uint64_t size = empty.ByteSizeLong() + kHeaderBytes +
                  static_cast<uint64_t>(value.num_elements()) *
                      MostBytesPerElement(value.dtype());
  if (value.dtype() == DT_STRING) {
    for (const std::string& s : value.flat<std::string>()) size += s.size();
  }
  if (size <= kMostRecordBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "Tensor slice is too large to serialize (conservative estimate: ", size,
      " bytes)"));
}

}  // namespace

V1Writer::V1Writer(FileSystem* fs, absl::string_view path,
                   const CommitOptions& options)
    : fs_(fs), path_(path), options_(options) {
  list_.mutable_meta()->mutable_versions()->set_producer(kCheckpointVersion);
}

absl::Status V1Writer::Add(absl::string_view name, const TensorShape& shape,
                           const TensorSlice& slice, const Tensor& value) {
  if (MostBytesPerElement(value.dtype()) == 0) {
    return absl::UnimplementedError(absl::StrCat("Saving data type ",
                                                 DataTypeString(value.dtype()),
                                                 " not yet supported"));
  }
  if (shape.rank() != slice.rank()) {
    return absl::InternalError(absl::StrCat(
        "Incompatible tensor shape and slice: shape = ", shape.DebugString(),
        ", slice = ", slice.DebugString()));
  }
  RG_ASSIGN_OR_RETURN(const TensorShape slice_shape, slice.SliceShape(shape));
  if (slice_shape != value.shape()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "The slice ", slice.DebugString(), " of ", name, ", shape ",
        shape.DebugString(),
        ", has not the shape of the value: ", value.shape().DebugString()));
  }
  RG_RETURN_IF_ERROR(CheckSize(name, slice, value));
  RG_RETURN_IF_ERROR(RegisterSlice(name, shape, slice, value.dtype()));
  records_.emplace(EncodeTensorNameSlice(name, slice),
                   Record{std::string(name), slice, value});
  return absl::OkStatus();
}

absl::Status V1Writer::RegisterSlice(absl::string_view name,
                                     const TensorShape& shape,
                                     const TensorSlice& slice, DataType dtype) {
  SavedTensorSliceMeta* meta = list_.mutable_meta();
  const auto [found, is_new] =
      index_in_list_.emplace(std::string(name), meta->tensor_size());
  if (is_new) {
    SavedSliceMeta* tensor = meta->add_tensor();
    tensor->set_name(std::string(name));
    shape.AsProto(tensor->mutable_shape());
    tensor->set_type(dtype);
  }
  SavedSliceMeta* tensor = meta->mutable_tensor(found->second);
  RG_ASSIGN_OR_RETURN(const TensorShape known_shape,
                      TensorShape::FromProto(tensor->shape()));
  if (known_shape != shape) {
    return absl::InternalError(absl::StrCat(
        "Mismatching shapes: existing tensor = ", known_shape.DebugString(),
        ", trying to add name ", name, ", shape = ", shape.DebugString()));
  }
  if (tensor->type() != dtype) {
    return absl::InternalError(absl::StrCat(
        "Mismatching types: existing type = ", DataTypeString(tensor->type()),
        ", trying to add name ", name, ", type = ", DataTypeString(dtype)));
  }
  slice.AsProto(tensor->add_slice());
  return absl::OkStatus();
}

absl::Status V1Writer::WriteTable(WritableFile* file) const {
  TableWriter table(file);
  std::string value;
  auto serialize = [&value](const SavedTensorSlices& message) {
    return message.SerializeToString(&value)
               ? absl::OkStatus()
               : absl::InternalError(
                     "Error writing Tensor. Possible size overflow.");
  };
  RG_RETURN_IF_ERROR(serialize(list_));
  RG_RETURN_IF_ERROR(table.Add("", value));
  for (const auto& [key, record] : records_) {
    SavedTensorSlices message;
    SavedSlice* data = message.mutable_data();
    FillNameAndSlice(record.name, record.slice, data);
    *data->mutable_data() = MakeTensorProtoField(record.value);
    // The list says those.
    data->mutable_data()->clear_dtype();
    data->mutable_data()->clear_tensor_shape();
    RG_RETURN_IF_ERROR(serialize(message));
    RG_RETURN_IF_ERROR(table.Add(key, value));
  }
  return table.Finish();
}

absl::Status V1Writer::Finish() {
  FolderTurn turn(fs_, path_, options_);
  const std::string temporary = turn.NewTemporary(V1TemporaryBase(path_));
  RG_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file,
                      fs_->NewWritableFile(temporary));
  RG_RETURN_IF_ERROR(WriteTable(file.get()));
  if (options_.sync) RG_RETURN_IF_ERROR(file->Sync());
  RG_RETURN_IF_ERROR(file->Close());
  file.reset();
  return turn.PutV1InPlace(temporary, path_);
}

}  // namespace retrograph
