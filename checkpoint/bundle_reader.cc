#include "checkpoint/bundle_reader.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "checkpoint/data_file_reader.h"
#include "checkpoint/names.h"
#include "checkpoint/tensor_slice_set.h"
#include "checkpoint/version_check.h"
#include "core/crc32c.h"
#include "core/errors.h"

namespace retrograph {
namespace {

// Up to so many data files are opened together with the index, which makes what
// is read one moment's state.
constexpr int kMaxEagerShards = 256;
// How often Open() starts again when the checkpoint is overwritten meanwhile.
constexpr int kMaxAttempts = 100;

// A message from a table entry.
template <typename Proto>
absl::Status ParseEntry(absl::string_view key, absl::string_view value,
                        Proto* proto) {
  if (!proto->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::DataLossError(
        absl::StrCat("Entry for key ", key, " not parseable."));
  }
  return absl::OkStatus();
}

bool SameFile(const FileStat& a, const FileStat& b) {
  return a.inode == b.inode && a.size == b.size &&
         a.mtime_nanos == b.mtime_nanos;
}

// What TensorFlow puts together from slices; other types it reads only where
// the very slice that is wanted was saved.
bool IsAssembled(DataType dtype) {
  switch (dtype) {
    case DT_FLOAT:
    case DT_DOUBLE:
    case DT_INT32:
    case DT_UINT8:
    case DT_INT16:
    case DT_INT8:
    case DT_COMPLEX64:
    case DT_COMPLEX128:
    case DT_INT64:
    case DT_BOOL:
    case DT_QINT32:
    case DT_QUINT8:
    case DT_QINT8:
    case DT_BFLOAT16:
      return true;
    default:
      return false;
  }
}

absl::Status DamagedSlice(absl::string_view key, const TensorSlice& slice,
                          absl::string_view what) {
  return absl::DataLossError(absl::StrCat("The entry of slice ",
                                          slice.DebugString(), " of ", key,
                                          " ", what));
}

}  // namespace

bool IsV2Checkpoint(FileSystem* fs, absl::string_view prefix) {
  absl::StatusOr<std::vector<std::string>> found =
      fs->Glob(MetaFilename(prefix));
  return found.ok() && !found->empty();
}

BundleReader::BundleReader(FileSystem* fs, absl::string_view prefix)
    : fs_(fs), prefix_(prefix) {}

BundleReader::~BundleReader() = default;

std::string BundleReader::index_path() const { return MetaFilename(prefix_); }

absl::StatusOr<std::unique_ptr<BundleReader>> BundleReader::Open(
    FileSystem* fs, absl::string_view prefix) {
  const std::string index = MetaFilename(prefix);
  for (int attempt = 1;; ++attempt) {
    RG_ASSIGN_OR_RETURN(const FileStat before, fs->Stat(index));
    auto reader = absl::WrapUnique(new BundleReader(fs, prefix));
    absl::Status status = reader->OpenOnce();
    // An index that changed meanwhile may name data files that are gone, or
    // that hold another save's data by now.
    absl::StatusOr<FileStat> after = fs->Stat(index);
    if (attempt < kMaxAttempts && after.ok() && !SameFile(before, *after)) {
      continue;
    }
    if (!status.ok()) return status;
    reader->index_stat_ = before;
    return reader;
  }
}

absl::Status BundleReader::OpenOnce() {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessFile> file,
                      fs_->NewRandomAccessFile(index_path()));
  RG_ASSIGN_OR_RETURN(table_, TableReader::Open(std::move(file)));
  RG_RETURN_IF_ERROR(ReadHeader());
  if (num_shards() > kMaxEagerShards) return absl::OkStatus();
  absl::MutexLock lock(&mu_);
  for (int32_t shard = 0; shard < num_shards(); ++shard) {
    absl::StatusOr<std::unique_ptr<RandomAccessFile>> data =
        fs_->NewRandomAccessFile(DataFilename(prefix_, shard, num_shards()));
    // A missing one is an error when it is needed.
    if (data.ok()) data_files_[shard] = *std::move(data);
  }
  return absl::OkStatus();
}

absl::Status BundleReader::CorruptFile(const absl::Status& cause,
                                       absl::string_view detail) const {
  const std::string message = absl::StrCat(
      "Unable to read file (", index_path(),
      "). Perhaps the file is corrupt or was produced by a newer version of "
      "TensorFlow with format changes (",
      detail, ")");
  if (cause.ok()) return absl::InternalError(message);
  return absl::Status(cause.code(),
                      absl::StrCat(message, ": ", cause.message()));
}

absl::Status BundleReader::ReadHeader() {
  TableReader::Iterator it(table_.get());
  it.Seek("");
  if (!it.Valid()) {
    return CorruptFile(it.status(), "failed to seek to header entry");
  }
  absl::Status parsed = ParseEntry(it.key(), it.value(), &header_);
  if (!parsed.ok()) return CorruptFile(parsed, "unable to parse header");
  return CheckCheckpointVersion(header_.version());
}

absl::StatusOr<TensorShape> BundleReader::EntryShape(
    absl::string_view key, const BundleEntryProto& entry) {
  // As TensorFlow, which does not look at unknown_rank here.
  std::vector<int64_t> dims;
  for (const TensorShapeProto::Dim& dim : entry.shape().dim()) {
    dims.push_back(dim.size());
  }
  absl::StatusOr<TensorShape> shape = TensorShape::Create(dims);
  if (shape.ok()) return shape;
  return absl::DataLossError(absl::StrCat("Invalid tensor shape: ", key, " ",
                                          entry.shape().ShortDebugString()));
}

bool BundleReader::Contains(absl::string_view key) const {
  TableReader::Iterator it(table_.get());
  it.Seek(key);
  return it.Valid() && it.key() == key;
}

absl::StatusOr<BundleEntryProto> BundleReader::GetEntry(
    absl::string_view key) const {
  TableReader::Iterator it(table_.get());
  it.Seek(key);
  if (!it.status().ok()) {
    return CorruptFile(it.status(), absl::StrCat("failed to seek to ", key));
  }
  if (!it.Valid() || it.key() != key) {
    return absl::NotFoundError(
        absl::StrCat("Key ", key, " not found in checkpoint"));
  }
  BundleEntryProto entry;
  RG_RETURN_IF_ERROR(ParseEntry(it.key(), it.value(), &entry));
  RG_RETURN_IF_ERROR(EntryShape(key, entry).status());
  return entry;
}

absl::Status BundleReader::LookupDtypeAndShape(absl::string_view key,
                                               DataType* dtype,
                                               TensorShape* shape) const {
  RG_ASSIGN_OR_RETURN(const BundleEntryProto entry, GetEntry(key));
  RG_ASSIGN_OR_RETURN(*shape, EntryShape(key, entry));
  *dtype = entry.dtype();
  return absl::OkStatus();
}

absl::StatusOr<Tensor> BundleReader::Lookup(absl::string_view key) const {
  RG_ASSIGN_OR_RETURN(const BundleEntryProto entry, GetEntry(key));
  if (entry.slices().empty()) return ReadValue(key, entry);
  return ReadSlices(key, entry, TensorSlice(entry.shape().dim_size()));
}

absl::StatusOr<Tensor> BundleReader::LookupSlice(
    absl::string_view key, const TensorSlice& slice) const {
  RG_ASSIGN_OR_RETURN(const BundleEntryProto entry, GetEntry(key));
  return ReadSlices(key, entry, slice);
}

// What can be said about an entry's size without looking at the data file.
absl::Status BundleReader::CheckSize(absl::string_view key,
                                     const BundleEntryProto& entry,
                                     const TensorShape& shape) const {
  const uint64_t size = static_cast<uint64_t>(entry.size());
  const uint64_t count = static_cast<uint64_t>(shape.num_elements());
  if (entry.dtype() == DT_STRING) {
    // A byte for each length.
    if (size >= count && entry.size() >= 0) return absl::OkStatus();
    return absl::DataLossError(
        absl::StrCat("Invalid size in bundle entry: key ", key,
                     "; stored size ", entry.size(),
                     "; expected size is at least ", count));
  }
  const uint64_t width = static_cast<uint64_t>(DataTypeSize(entry.dtype()));
  if (width == 0) {
    return absl::UnimplementedError(
        absl::StrCat("Reading a tensor of type ",
                     DataTypeString(entry.dtype()), " is not supported: ",
                     key));
  }
  // The product may wrap; then it is not what makes the two equal.
  if (count <= UINT64_MAX / width && size == count * width) {
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat(
      "Invalid size in bundle entry: key ", key, "; stored size ",
      entry.size(), "; expected size ", count * width));
}

absl::StatusOr<const RandomAccessFile*> BundleReader::DataFile(
    int32_t shard_id) const {
  absl::MutexLock lock(&mu_);
  std::unique_ptr<RandomAccessFile>& file = data_files_[shard_id];
  if (file == nullptr) {
    RG_ASSIGN_OR_RETURN(
        std::unique_ptr<RandomAccessFile> opened,
        fs_->NewRandomAccessFile(
            DataFilename(prefix_, shard_id, num_shards())));
    absl::StatusOr<FileStat> now = fs_->Stat(index_path());
    if (now.ok() && !SameFile(*now, index_stat_)) {
      return absl::AbortedError(absl::StrCat(
          "The checkpoint was overwritten while it was read: ", prefix_));
    }
    file = std::move(opened);
  }
  return file.get();
}

absl::StatusOr<Tensor> BundleReader::ReadValue(
    absl::string_view key, const BundleEntryProto& entry) const {
  RG_ASSIGN_OR_RETURN(const TensorShape shape, EntryShape(key, entry));
  RG_RETURN_IF_ERROR(CheckSize(key, entry, shape));
  RG_ASSIGN_OR_RETURN(const RandomAccessFile* file,
                      DataFile(entry.shard_id()));
  // Before memory is taken for them, the bytes must be there.
  RG_ASSIGN_OR_RETURN(const uint64_t file_size, file->Size());
  const uint64_t offset = static_cast<uint64_t>(entry.offset());
  const uint64_t size = static_cast<uint64_t>(entry.size());
  if (entry.offset() < 0 ||
      (size > 0 && (offset > file_size || size > file_size - offset))) {
    return absl::OutOfRangeError("Read less bytes than requested");
  }

  const bool swap_bytes = header_.endianness() == BundleHeaderProto::BIG;
  uint32_t crc = 0;
  Tensor tensor;
  if (entry.dtype() == DT_STRING) {
    RG_ASSIGN_OR_RETURN(tensor, ReadStrings(*file, file_size, offset, size,
                                            shape, swap_bytes, &crc));
  } else {
    RG_ASSIGN_OR_RETURN(tensor, Tensor::Allocate(entry.dtype(), shape));
    RG_RETURN_IF_ERROR(ReadAndChecksum(
        *file, offset, size, static_cast<char*>(tensor.mutable_data()), &crc));
    if (swap_bytes) SwapBytes(&tensor);
  }
  const uint32_t stored = crc32c::Unmask(entry.crc32c());
  if (stored != crc) {
    return absl::DataLossError(absl::StrFormat(
        "Checksum does not match: stored %08u vs. calculated on the restored "
        "bytes %u",
        stored, crc));
  }
  return tensor;
}

// The parts in which a tensor was saved; a tensor saved whole is its only part.
absl::StatusOr<TensorSliceSet> BundleReader::SavedSlices(
    absl::string_view key, const BundleEntryProto& entry) const {
  RG_ASSIGN_OR_RETURN(const TensorShape shape, EntryShape(key, entry));
  TensorSliceSet set(shape);
  if (entry.slices().empty()) {
    RG_RETURN_IF_ERROR(set.Register(TensorSlice(shape.rank()), 0));
  }
  for (const TensorSliceProto& proto : entry.slices()) {
    RG_ASSIGN_OR_RETURN(const TensorSlice slice, TensorSlice::FromProto(proto));
    RG_RETURN_IF_ERROR(set.Register(slice, 0));
  }
  return set;
}

absl::StatusOr<BundleEntryProto> BundleReader::SliceEntry(
    absl::string_view key, const BundleEntryProto& whole,
    const TensorSlice& slice) const {
  if (slice.IsFull()) return whole;
  RG_ASSIGN_OR_RETURN(BundleEntryProto entry,
                      GetEntry(EncodeTensorNameSlice(key, slice)));
  if (entry.dtype() != whole.dtype()) {
    return DamagedSlice(key, slice, "has another dtype than the tensor");
  }
  RG_ASSIGN_OR_RETURN(const TensorShape whole_shape, EntryShape(key, whole));
  RG_ASSIGN_OR_RETURN(const TensorShape shape, EntryShape(key, entry));
  RG_ASSIGN_OR_RETURN(const TensorShape expected,
                      slice.SliceShape(whole_shape));
  if (shape != expected) {
    return DamagedSlice(key, slice,
                        absl::StrCat("has shape ", shape.DebugString()));
  }
  return entry;
}

absl::StatusOr<Tensor> BundleReader::ReadSlices(
    absl::string_view key, const BundleEntryProto& entry,
    const TensorSlice& slice) const {
  RG_ASSIGN_OR_RETURN(const TensorSliceSet set, SavedSlices(key, entry));
  RG_ASSIGN_OR_RETURN(const TensorShape shape, slice.SliceShape(set.shape()));
  const std::vector<TensorSliceSet::Part> parts = set.Cover(slice);
  if (parts.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Does not have sufficient slices for partitioned tensor ", key,
        " to restore in slice_spec: ", slice.DebugString()));
  }
  if (parts.size() == 1 && parts[0].slice == slice) {
    RG_ASSIGN_OR_RETURN(const BundleEntryProto part,
                        SliceEntry(key, entry, slice));
    return ReadValue(key, part);
  }
  RG_RETURN_IF_ERROR(CheckPartsFit(key, entry, parts));
  if (!IsAssembled(entry.dtype())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Dtype ", DataTypeString(entry.dtype()), " not supported."));
  }
  RG_ASSIGN_OR_RETURN(Tensor result, Tensor::Allocate(entry.dtype(), shape));
  for (const TensorSliceSet::Part& part : parts) {
    RG_ASSIGN_OR_RETURN(const BundleEntryProto part_entry,
                        SliceEntry(key, entry, part.slice));
    RG_ASSIGN_OR_RETURN(const Tensor value, ReadValue(key, part_entry));
    CopyBetweenSlices(set.shape(), part.slice, value, slice, &result);
  }
  return result;
}

// No two slices share bytes, so together they are no larger than the files.
absl::Status BundleReader::CheckPartsFit(
    absl::string_view key, const BundleEntryProto& entry,
    const std::vector<TensorSliceSet::Part>& parts) const {
  std::map<int32_t, uint64_t> bytes_in_shard;
  for (const TensorSliceSet::Part& part : parts) {
    RG_ASSIGN_OR_RETURN(const BundleEntryProto part_entry,
                        SliceEntry(key, entry, part.slice));
    RG_ASSIGN_OR_RETURN(const TensorShape shape, EntryShape(key, part_entry));
    RG_RETURN_IF_ERROR(CheckSize(key, part_entry, shape));
    RG_ASSIGN_OR_RETURN(const RandomAccessFile* file,
                        DataFile(part_entry.shard_id()));
    RG_ASSIGN_OR_RETURN(const uint64_t file_size, file->Size());
    uint64_t& sum = bytes_in_shard[part_entry.shard_id()];
    const uint64_t size = static_cast<uint64_t>(part_entry.size());
    if (size > file_size || sum > file_size - size) {
      return absl::OutOfRangeError("Read less bytes than requested");
    }
    sum += size;
  }
  return absl::OkStatus();
}

absl::Status BundleReader::ForEachEntry(
    absl::FunctionRef<absl::Status(absl::string_view, const BundleEntryProto&)>
        visit) const {
  TableReader::Iterator it(table_.get());
  it.Seek("");
  if (it.Valid()) it.Next();  // the header
  BundleEntryProto entry;
  for (; it.Valid(); it.Next()) {
    RG_RETURN_IF_ERROR(ParseEntry(it.key(), it.value(), &entry));
    RG_RETURN_IF_ERROR(EntryShape(it.key(), entry).status());
    RG_RETURN_IF_ERROR(visit(it.key(), entry));
  }
  if (it.status().ok()) return absl::OkStatus();
  return CorruptFile(it.status(), "failed to read all entries");
}

absl::StatusOr<std::string> BundleReader::DebugString() const {
  std::string result;
  RG_RETURN_IF_ERROR(ForEachEntry([&result](absl::string_view key,
                                            const BundleEntryProto& entry)
                                      -> absl::Status {
    if (!entry.slices().empty()) return absl::OkStatus();
    RG_ASSIGN_OR_RETURN(const TensorShape shape, EntryShape(key, entry));
    absl::StrAppend(&result, key, " (", DataTypeEnumName(entry.dtype()), ") ",
                    shape.DebugString(), "\n");
    return absl::OkStatus();
  }));
  return result;
}

}  // namespace retrograph
