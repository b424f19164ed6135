#include "checkpoint/v1_reader.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "checkpoint/checkpoint_watch.h"
#include "checkpoint/hash_order.h"
#include "checkpoint/read_from.h"
#include "checkpoint/version_check.h"
#include "core/errors.h"
#include "core/glob.h"
#include "core/tensor_proto.h"

namespace retrograph {
namespace {

// How often Open() starts again when files are replaced meanwhile, and when one
// cannot be opened.
constexpr int kMaxAttempts = 100;
constexpr int kMaxErrors = 3;

// How many values a TensorProto holds for a dtype, in the field that V1 files
// keep them in; -1 for a dtype that V1 files do not have.
int64_t NumValues(const TensorProto& data, DataType dtype) {
  switch (dtype) {
    case DT_FLOAT:
      return data.float_val_size();
    case DT_DOUBLE:
      return data.double_val_size();
    case DT_INT32:
    case DT_UINT8:
    case DT_INT16:
    case DT_INT8:
    case DT_UINT16:
    case DT_QINT8:
    case DT_QUINT8:
    case DT_QINT32:
      return data.int_val_size();
    case DT_INT64:
      return data.int64_val_size();
    case DT_BOOL:
      return data.bool_val_size();
    case DT_HALF:
      return data.half_val_size();
    case DT_STRING:
      return data.string_val_size();
    case DT_COMPLEX64:
      return data.scomplex_val_size() / 2;
    case DT_COMPLEX128:
      return data.dcomplex_val_size() / 2;
    default:
      return -1;
  }
}

absl::StatusOr<std::unique_ptr<TableReader>> OpenTable(
    FileSystem* fs, const std::string& path) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessFile> file,
                      fs->NewRandomAccessFile(path));
  absl::StatusOr<std::unique_ptr<TableReader>> table =
      TableReader::Open(std::move(file));
  if (table.ok()) return table;
  return absl::Status(
      table.status().code(),
      absl::StrCat(table.status().message(),
                   ": perhaps your file is in a different file format and you "
                   "need to use a different restore operator?"));
}

absl::StatusOr<std::vector<std::string>> FilesOf(FileSystem* fs,
                                                 absl::string_view pattern) {
  int64_t steps = kCheckpointGlobSteps;
  absl::StatusOr<std::vector<std::string>> paths =
      Glob(fs, std::string(pattern), &steps);
  if (!paths.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Unsuccessful TensorSliceReader constructor: Failed to get matching "
        "files on ",
        pattern, ": ", TensorFlowStatusText(paths.status())));
  }
  if (paths->empty()) {
    return absl::NotFoundError(absl::StrCat(
        "Unsuccessful TensorSliceReader constructor: Failed to find any "
        "matching files for ",
        pattern));
  }
  return paths;
}

}  // namespace

std::string TensorFlowStatusText(const absl::Status& status) {
  if (status.ok()) return "OK";
  // "DATA_LOSS" is "Data loss".
  std::string name = absl::StrReplaceAll(
      absl::AsciiStrToLower(ErrorCodeName(status.code())), {{"_", " "}});
  if (!name.empty()) name[0] = absl::ascii_toupper(name[0]);
  return absl::StrCat(name, ": ", status.message());
}

V1Reader::~V1Reader() = default;

absl::StatusOr<std::unique_ptr<V1Reader>> V1Reader::Open(
    FileSystem* fs, absl::string_view pattern) {
  for (int attempt = 1;; ++attempt) {
    RG_ASSIGN_OR_RETURN(const std::vector<std::string> paths,
                        FilesOf(fs, pattern));
    const CheckpointWatch watch(fs, paths);
    auto reader = absl::WrapUnique(new V1Reader);
    absl::Status status;
    for (const std::string& path : paths) {
      status = reader->OpenFile(fs, path);
      if (!status.ok()) break;
    }
    // Files that were replaced meanwhile may be of two saves. A name may also
    // have led through a folder of file_switch.h that has gone.
    const bool again =
        attempt < kMaxAttempts &&
        (watch.HasChanged() ||
         (!status.ok() && paths.size() > 1 && attempt < kMaxErrors));
    if (again) continue;
    if (!status.ok()) return status;
    return reader;
  }
}

absl::Status V1Reader::OpenFile(FileSystem* fs, const std::string& path) {
  absl::StatusOr<std::unique_ptr<TableReader>> table = OpenTable(fs, path);
  if (!table.ok()) {
    return absl::DataLossError(
        absl::StrCat("Unable to open table file ", path, ": ",
                     TensorFlowStatusText(table.status())));
  }
  TableReader::Iterator it(table->get());
  it.Seek("");
  SavedTensorSlices slices;
  if (!it.Valid() || !it.key().empty() ||
      !slices.ParseFromArray(it.value().data(),
                             static_cast<int>(it.value().size()))) {
    return absl::InternalError(
        absl::StrCat("Failed to find the saved tensor slices at the beginning "
                     "of the checkpoint file: ",
                     path));
  }
  RG_RETURN_IF_ERROR(
      ReadFrom(path, "", CheckCheckpointVersion(slices.meta().versions())));
  paths_.push_back(path);
  tables_.push_back(*std::move(table));
  return AddTensors(slices.meta(), static_cast<int>(paths_.size()) - 1);
}

absl::Status V1Reader::AddTensors(const SavedTensorSliceMeta& meta, int file) {
  for (const SavedSliceMeta& tensor : meta.tensor()) {
    RG_RETURN_IF_ERROR(
        ReadFrom(paths_[file], tensor.name(), AddTensor(tensor, file)));
  }
  return absl::OkStatus();
}

absl::Status V1Reader::AddTensor(const SavedSliceMeta& tensor, int file) {
  absl::StatusOr<TensorShape> shape = TensorShape::FromProto(tensor.shape());
  if (!shape.ok()) {
    return absl::DataLossError(
        absl::StrCat("Invalid tensor shape: ", tensor.name(), " ",
                     tensor.shape().ShortDebugString()));
  }
  auto found = tensors_.find(tensor.name());
  if (found == tensors_.end()) {
    found = tensors_
                .emplace(tensor.name(), TensorInfo{tensor.type(), *shape,
                                                   TensorSliceSet(*shape)})
                .first;
    names_.push_back(tensor.name());
  }
  TensorInfo& info = found->second;
  if (info.shape != *shape) {
    return absl::InternalError(
        absl::StrCat("Incompatible tensor shapes detected for tensor ",
                     tensor.name(), ": existing = ", info.shape.DebugString(),
                     ", new = ", shape->DebugString()));
  }
  if (info.dtype != tensor.type()) {
    return absl::InternalError(absl::StrCat(
        "Incompatible tensor types detected for tensor ", tensor.name(),
        ": existing = ", DataTypeString(info.dtype),
        ", new = ", DataTypeString(tensor.type())));
  }
  for (const TensorSliceProto& proto : tensor.slice()) {
    RG_ASSIGN_OR_RETURN(const TensorSlice slice,
                        TensorSlice::FromProto(proto));
    RG_RETURN_IF_ERROR(info.slices.Register(slice, file));
  }
  return absl::OkStatus();
}

const V1Reader::TensorInfo* V1Reader::Find(absl::string_view name) const {
  auto found = tensors_.find(std::string(name));
  return found == tensors_.end() ? nullptr : &found->second;
}

absl::StatusOr<Tensor> V1Reader::ReadRecord(
    absl::string_view name, const TensorInfo& info,
    const TensorSliceSet::Part& part) const {
  const std::string key = EncodeTensorNameSlice(name, part.slice);
  const std::string what =
      absl::StrCat("the record for tensor ", name, ", slice ",
                   part.slice.DebugString(), ", in ", paths_[part.tag]);
  TableReader::Iterator it(tables_[part.tag].get());
  it.Seek(key);
  if (!it.status().ok()) {
    return absl::Status(
        it.status().code(),
        absl::StrCat("Failed to read ", what, ": ", it.status().message()));
  }
  if (!it.Valid() || it.key() != key) {
    return absl::DataLossError(absl::StrCat("Failed to seek to ", what));
  }
  SavedTensorSlices record;
  if (!record.ParseFromArray(it.value().data(),
                             static_cast<int>(it.value().size()))) {
    return absl::DataLossError(absl::StrCat("Failed to parse ", what));
  }
  RG_ASSIGN_OR_RETURN(const TensorShape shape,
                      part.slice.SliceShape(info.shape));
  TensorProto* data = record.mutable_data()->mutable_data();
  const int64_t count = NumValues(*data, info.dtype);
  if (count < 0) {
    return absl::UnimplementedError(absl::StrCat("Restoring data type ",
                                                 DataTypeString(info.dtype),
                                                 " not yet supported"));
  }
  if (count != shape.num_elements()) {
    return absl::DataLossError(absl::StrCat("There are ", count, " values in ",
                                            what, ", which has ",
                                            shape.num_elements(), " elements"));
  }
  // The record leaves dtype and shape to the list of tensors.
  data->set_dtype(info.dtype);
  data->clear_tensor_content();
  shape.AsProto(data->mutable_tensor_shape());
  absl::StatusOr<Tensor> tensor = TensorFromProto(*data);
  if (tensor.ok()) return tensor;
  return ReadFrom(paths_[part.tag], name, tensor.status());
}

absl::StatusOr<Tensor> V1Reader::ReadSlice(absl::string_view name,
                                           const TensorSlice& slice) const {
  absl::StatusOr<Tensor> value = ReadParts(name, slice);
  if (value.ok()) return value;
  return ReadFrom(absl::StrJoin(paths_, ", "), name, value.status());
}

absl::StatusOr<Tensor> V1Reader::ReadParts(absl::string_view name,
                                           const TensorSlice& slice) const {
  const TensorInfo* info = Find(name);
  if (info == nullptr) {
    return absl::NotFoundError(
        absl::StrCat(name, " not found in checkpoint file"));
  }
  RG_ASSIGN_OR_RETURN(const TensorShape shape, slice.SliceShape(info->shape));
  if (shape.num_elements() == 0) return Tensor::Allocate(info->dtype, shape);
  const std::vector<TensorSliceSet::Part> parts = info->slices.Cover(slice);
  if (parts.empty()) {
    return absl::InvalidArgumentError("Error copying slice data");
  }
  Tensor result;
  for (const TensorSliceSet::Part& part : parts) {
    RG_ASSIGN_OR_RETURN(Tensor value, ReadRecord(name, *info, part));
    if (part.slice == slice) return value;
    // Not before a record has shown that the file holds what it says.
    if (!result.IsInitialized()) {
      RG_ASSIGN_OR_RETURN(result, Tensor::Allocate(info->dtype, shape));
    }
    CopyBetweenSlices(info->shape, part.slice, value, slice, &result);
  }
  return result;
}

std::vector<std::string> V1Reader::ListedNames() const {
  return InHashOrder(names_);
}

std::string V1Reader::DebugString() const {
  std::string result;
  for (const std::string& name : ListedNames()) {
    const TensorInfo& info = *Find(name);
    absl::StrAppend(&result, name, " (", DataTypeEnumName(info.dtype), ") ",
                    info.shape.DebugString());
    const size_t slices = info.slices.parts().size();
    if (slices > 1) absl::StrAppend(&result, ", ", slices, " slices");
    result.push_back('\n');
  }
  return result;
}

}  // namespace retrograph
