#include "checkpoint/bundle_cursor.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "checkpoint/names.h"
#include "checkpoint/read_from.h"
#include "core/crc32c.h"
#include "core/errors.h"

namespace retrograph {
namespace {

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
  return absl::DataLossError(absl::StrCat(
      "The entry of slice ", slice.DebugString(), " of ", key, " ", what));
}

// What can be said about an entry's size without looking at the data file.
absl::Status CheckSize(absl::string_view key, const BundleEntryProto& entry,
                       const TensorShape& shape) {
  const uint64_t size = static_cast<uint64_t>(entry.size());
  const uint64_t count = static_cast<uint64_t>(shape.num_elements());
  if (entry.dtype() == DT_STRING || entry.dtype() == DT_VARIANT) {
    // A byte for each length, four for a variant's checksum.
    const uint64_t least = entry.dtype() == DT_STRING ? 1 : 5;
    if (size / least >= count && entry.size() >= 0) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat(
        "Invalid size in bundle entry: key ", key, "; stored size ",
        entry.size(), "; expected size is at least ", count * least));
  }
  const uint64_t width = static_cast<uint64_t>(DataTypeSize(entry.dtype()));
  if (width == 0) {
    return absl::UnimplementedError(absl::StrCat("Reading a tensor of type ",
                                                 DataTypeString(entry.dtype()),
                                                 " is not supported: ", key));
  }
  // The product may wrap; then it is not what makes the two equal.
  if (count <= UINT64_MAX / width && size == count * width) {
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat("Invalid size in bundle entry: key ",
                                          key, "; stored size ", entry.size(),
                                          "; expected size ", count * width));
}

absl::Status NoSwappedVariants(absl::string_view prefix) {
  return absl::UnimplementedError(absl::StrCat(
      "TensorBundle at ", prefix,
      "is of a different endianness than this machine's hardware, and the "
      "bundle contains a variant (arbitrary C++ type) tensor. Byte-swapping of "
      "variant tensors is not currently implemented."));
}

// Any byte but 0 is true; in a C++ bool only 1 is.
void MakeBoolsValid(Tensor* tensor) {
  uint8_t* const bytes = static_cast<uint8_t*>(tensor->mutable_data());
  for (size_t i = 0; i < tensor->bytes(); ++i) bytes[i] = bytes[i] != 0;
}

// The parts in which a tensor was saved; a tensor saved whole is its only part.
absl::StatusOr<TensorSliceSet> SavedSlices(absl::string_view key,
                                           const BundleEntryProto& entry) {
  RG_ASSIGN_OR_RETURN(const TensorShape shape,
                      BundleReader::EntryShape(key, entry));
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

}  // namespace

BundleCursor::BundleCursor(const BundleReader* reader)
    : reader_(reader), it_(reader->table_.get()) {}

// The next entry is tried before the index is searched.
void BundleCursor::Seek(absl::string_view key) {
  if (positioned_ && it_.Valid() && it_.key() < key) it_.Next();
  if (positioned_ && it_.Valid() && it_.key() == key) return;
  positioned_ = true;
  it_.Seek(key);
}

absl::StatusOr<ReadAheadFile*> BundleCursor::DataFile(int32_t shard_id) {
  auto found = files_.find(shard_id);
  if (found == files_.end()) {
    RG_ASSIGN_OR_RETURN(const RandomAccessFile* file,
                        reader_->DataFile(shard_id));
    RG_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
    found = files_.emplace(shard_id, ReadAheadFile(file, size)).first;
  }
  return &found->second;
}

absl::StatusOr<BundleEntryProto> BundleCursor::GetEntry(absl::string_view key) {
  absl::StatusOr<BundleEntryProto> entry = FindEntry(key);
  if (entry.ok()) return entry;
  return ReadFrom(reader_->index_path(), key, entry.status());
}

absl::StatusOr<BundleEntryProto> BundleCursor::FindEntry(
    absl::string_view key) {
  Seek(key);
  if (!it_.status().ok()) {
    return reader_->CorruptFile(it_.status(),
                                absl::StrCat("failed to seek to ", key));
  }
  if (!it_.Valid() || it_.key() != key) {
    return absl::NotFoundError(
        absl::StrCat("Key ", key, " not found in checkpoint"));
  }
  BundleEntryProto entry;
  RG_RETURN_IF_ERROR(ParseBundleEntry(it_.key(), it_.value(), &entry));
  RG_RETURN_IF_ERROR(BundleReader::EntryShape(key, entry).status());
  return entry;
}

absl::Status BundleCursor::LookupDtypeAndShape(absl::string_view key,
                                               DataType* dtype,
                                               TensorShape* shape) {
  RG_ASSIGN_OR_RETURN(const BundleEntryProto entry, GetEntry(key));
  RG_ASSIGN_OR_RETURN(*shape, BundleReader::EntryShape(key, entry));
  *dtype = entry.dtype();
  return absl::OkStatus();
}

absl::StatusOr<Tensor> BundleCursor::Lookup(absl::string_view key) {
  RG_ASSIGN_OR_RETURN(const BundleEntryProto entry, GetEntry(key));
  if (entry.slices().empty()) return ReadValue(key, entry);
  absl::StatusOr<Tensor> value =
      ReadSlices(key, entry, TensorSlice(entry.shape().dim_size()));
  if (value.ok()) return value;
  return ReadFrom(reader_->index_path(), key, value.status());
}

absl::StatusOr<Tensor> BundleCursor::LookupSlice(absl::string_view key,
                                                 const TensorSlice& slice) {
  RG_ASSIGN_OR_RETURN(const BundleEntryProto entry, GetEntry(key));
  if (entry.slices().empty()) {
    RG_ASSIGN_OR_RETURN(const TensorShape whole,
                        BundleReader::EntryShape(key, entry));
    const absl::StatusOr<TensorShape> shape = slice.SliceShape(whole);
    if (!shape.ok()) {
      return ReadFrom(reader_->index_path(), key, shape.status());
    }
    // All of it, whether spelled "-" or "0,2": any dtype.
    if (*shape == whole) return ReadValue(key, entry);
  }
  absl::StatusOr<Tensor> value = ReadSlices(key, entry, slice);
  if (value.ok()) return value;
  return ReadFrom(reader_->index_path(), key, value.status());
}

absl::StatusOr<Tensor> BundleCursor::ReadValue(absl::string_view key,
                                               const BundleEntryProto& entry) {
  absl::StatusOr<Tensor> value = ReadBytes(key, entry);
  if (value.ok()) return value;
  return ReadFrom(DataFilename(reader_->prefix(), entry.shard_id(),
                               reader_->num_shards()),
                  key, value.status());
}

absl::StatusOr<Tensor> BundleCursor::ReadBytes(absl::string_view key,
                                               const BundleEntryProto& entry) {
  RG_ASSIGN_OR_RETURN(const TensorShape shape,
                      BundleReader::EntryShape(key, entry));
  RG_RETURN_IF_ERROR(CheckSize(key, entry, shape));
  RG_ASSIGN_OR_RETURN(ReadAheadFile * file, DataFile(entry.shard_id()));
  // Before memory is taken for them, the bytes must be there.
  const uint64_t offset = static_cast<uint64_t>(entry.offset());
  const uint64_t size = static_cast<uint64_t>(entry.size());
  if (entry.offset() < 0 ||
      (size > 0 && (offset > file->size() || size > file->size() - offset))) {
    return absl::OutOfRangeError("Read less bytes than requested");
  }

  const bool swap_bytes =
      reader_->header().endianness() == BundleHeaderProto::BIG;
  uint32_t crc = 0;
  Tensor tensor;
  if (entry.dtype() == DT_STRING) {
    RG_ASSIGN_OR_RETURN(
        tensor, ReadStrings(file, offset, size, shape, swap_bytes, &crc));
  } else if (entry.dtype() == DT_VARIANT) {
    if (swap_bytes) return NoSwappedVariants(reader_->prefix());
    RG_ASSIGN_OR_RETURN(tensor, ReadVariants(file, offset, size, shape, &crc));
  } else {
    RG_ASSIGN_OR_RETURN(tensor, Tensor::Allocate(entry.dtype(), shape));
    RG_RETURN_IF_ERROR(ReadAndChecksum(
        file, offset, size, static_cast<char*>(tensor.mutable_data()), &crc));
    if (swap_bytes) SwapBytes(&tensor);
    if (entry.dtype() == DT_BOOL) MakeBoolsValid(&tensor);
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

absl::StatusOr<BundleEntryProto> BundleCursor::SliceEntry(
    absl::string_view key, const BundleEntryProto& whole,
    const TensorSlice& slice) {
  if (slice.IsFull()) return whole;
  RG_ASSIGN_OR_RETURN(BundleEntryProto entry,
                      GetEntry(EncodeTensorNameSlice(key, slice)));
  if (entry.dtype() != whole.dtype()) {
    return DamagedSlice(key, slice, "has another dtype than the tensor");
  }
  RG_ASSIGN_OR_RETURN(const TensorShape whole_shape,
                      BundleReader::EntryShape(key, whole));
  RG_ASSIGN_OR_RETURN(const TensorShape shape,
                      BundleReader::EntryShape(key, entry));
  RG_ASSIGN_OR_RETURN(const TensorShape expected,
                      slice.SliceShape(whole_shape));
  if (shape != expected) {
    return DamagedSlice(key, slice,
                        absl::StrCat("has shape ", shape.DebugString()));
  }
  return entry;
}

absl::StatusOr<Tensor> BundleCursor::ReadSlices(absl::string_view key,
                                                const BundleEntryProto& entry,
                                                const TensorSlice& slice) {
  RG_ASSIGN_OR_RETURN(const TensorSliceSet set, SavedSlices(key, entry));
  RG_ASSIGN_OR_RETURN(const TensorShape shape, slice.SliceShape(set.shape()));
  const std::vector<TensorSliceSet::Part> parts = set.Cover(slice);
  if (parts.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Does not have sufficient slices for partitioned tensor ",
                     key, " to restore in slice_spec: ", slice.DebugString()));
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
absl::Status BundleCursor::CheckPartsFit(
    absl::string_view key, const BundleEntryProto& entry,
    const std::vector<TensorSliceSet::Part>& parts) {
  std::map<int32_t, uint64_t> bytes_in_shard;
  for (const TensorSliceSet::Part& part : parts) {
    RG_ASSIGN_OR_RETURN(const BundleEntryProto part_entry,
                        SliceEntry(key, entry, part.slice));
    RG_ASSIGN_OR_RETURN(const TensorShape shape,
                        BundleReader::EntryShape(key, part_entry));
    RG_RETURN_IF_ERROR(CheckSize(key, part_entry, shape));
    RG_ASSIGN_OR_RETURN(ReadAheadFile * file, DataFile(part_entry.shard_id()));
    uint64_t& sum = bytes_in_shard[part_entry.shard_id()];
    const uint64_t size = static_cast<uint64_t>(part_entry.size());
    if (size > file->size() || sum > file->size() - size) {
      return absl::OutOfRangeError("Read less bytes than requested");
    }
    sum += size;
  }
  return absl::OkStatus();
}

}  // namespace retrograph
