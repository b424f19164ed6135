#include "checkpoint/bundle_writer.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "checkpoint/names.h"
#include "checkpoint/table_format.h"
#include "checkpoint/table_writer.h"
#include "checkpoint/version_check.h"
#include "core/crc32c.h"
#include "core/errors.h"
#include "core/variant.h"

namespace retrograph {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "Values are written as they stand in memory");

// Small tensors are gathered up to this size before they are written. Larger
// ones are written from their own buffers, in pieces that are still in the
// processor's cache when their checksum has been computed.
constexpr size_t kBufferSize = 256 << 10;
constexpr size_t kPieceSize = 1 << 20;
// A file that will be synced starts on its way to the disk whenever so much of
// it is written, so that the disk works while checksums are computed.
constexpr uint64_t kWriteBackSize = 16 << 20;

void FillHeader(int num_shards, BundleHeaderProto* header) {
  header->set_num_shards(num_shards);
  header->set_endianness(BundleHeaderProto::LITTLE);
  header->mutable_version()->set_producer(kCheckpointVersion);
}

absl::Status WriteIndexTable(
    const BundleHeaderProto& header,
    const absl::btree_map<std::string, std::string>& entries,
    WritableFile* file) {
  TableWriter table(file);
  RG_RETURN_IF_ERROR(table.Add("", header.SerializeAsString()));
  for (const auto& entry : entries) {
    RG_RETURN_IF_ERROR(table.Add(entry.first, entry.second));
  }
  return table.Finish();
}

}  // namespace

BundleWriter::BundleWriter(FileSystem* fs, absl::string_view prefix,
                           const BundleWriterOptions& options)
    : fs_(fs), prefix_(prefix), options_(options) {}

absl::StatusOr<std::unique_ptr<BundleWriter>> BundleWriter::Create(
    FileSystem* fs, absl::string_view prefix,
    const BundleWriterOptions& options) {
  auto writer = absl::WrapUnique(new BundleWriter(fs, prefix, options));
  RG_RETURN_IF_ERROR(writer->Open());
  return writer;
}

BundleWriter::~BundleWriter() {
  // The file is closed before BundleCommit removes it.
  file_.reset();
}

absl::Status BundleWriter::Open() {
  RG_ASSIGN_OR_RETURN(commit_,
                      BundleCommit::Begin(fs_, prefix_, options_.commit));
  data_path_ = commit_->NewTemporary(DataFilename(prefix_, 0, 1));
  RG_ASSIGN_OR_RETURN(file_, fs_->NewWritableFile(data_path_));
  buffer_.reserve(kBufferSize);
  return absl::OkStatus();
}

absl::Status BundleWriter::Add(absl::string_view key, const Tensor& value) {
  if (status_.ok()) status_ = AddValue(key, value);
  return status_;
}

absl::Status BundleWriter::AddValue(absl::string_view key,
                                    const Tensor& value) {
  if (file_ == nullptr) {
    return absl::FailedPreconditionError("BundleWriter is closed");
  }
  if (key.empty()) {
    return absl::InvalidArgumentError("A tensor's key must not be empty");
  }
  if (value.dtype() != DT_STRING && value.dtype() != DT_VARIANT &&
      !IsPodType(value.dtype())) {
    return absl::UnimplementedError(absl::StrCat("Saving a tensor of type ",
                                                 DataTypeString(value.dtype()),
                                                 " is not supported: ", key));
  }
  auto inserted = entries_.emplace(std::string(key), "");
  if (!inserted.second || sliced_.count(std::string(key)) > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("Adding duplicate key: ", key));
  }
  BundleEntryProto entry;
  entry.set_dtype(value.dtype());
  value.shape().AsProto(entry.mutable_shape());
  entry.set_offset(static_cast<int64_t>(size_));
  uint32_t crc = 0;
  RG_RETURN_IF_ERROR(value.dtype() == DT_STRING    ? WriteStrings(value, &crc)
                     : value.dtype() == DT_VARIANT ? WriteVariants(value, &crc)
                                                   : WriteNumbers(value, &crc));
  entry.set_size(static_cast<int64_t>(size_) - entry.offset());
  entry.set_crc32c(crc32c::Mask(crc));
  entry.SerializeToString(&inserted.first->second);
  return PadToAlignment();
}

absl::Status BundleWriter::AddSlice(absl::string_view key,
                                    const TensorShape& shape,
                                    const TensorSlice& slice,
                                    const Tensor& value) {
  if (!status_.ok()) return status_;
  absl::StatusOr<TensorShape> slice_shape = slice.SliceShape(shape);
  if (!slice_shape.ok()) return status_ = slice_shape.status();
  if (*slice_shape != value.shape()) {
    return status_ = absl::InvalidArgumentError(absl::StrCat(
               "The slice ", slice.DebugString(), " of ", key, ", shape ",
               shape.DebugString(), ", has not the shape of the value: ",
               value.shape().DebugString()));
  }
  if (*slice_shape == shape) return Add(key, value);

  BundleEntryProto* entry = &sliced_[std::string(key)];
  TensorShapeProto shape_proto;
  shape.AsProto(&shape_proto);
  if (entries_.count(key) > 0 ||
      (entry->dtype() != DT_INVALID && (entry->dtype() != value.dtype() ||
                                        entry->shape().SerializeAsString() !=
                                            shape_proto.SerializeAsString()))) {
    return status_ = absl::InvalidArgumentError(absl::StrCat(
               "A slice of ", key,
               " has another type or whole shape than was saved before, or "
               "the tensor was saved whole"));
  }
  // The whole tensor's entry has no bytes of its own, only its slices.
  entry->set_dtype(value.dtype());
  *entry->mutable_shape() = shape_proto;
  slice.AsProto(entry->add_slices());
  return Add(EncodeTensorNameSlice(key, slice), value);
}

absl::Status BundleWriter::WriteNumbers(const Tensor& value, uint32_t* crc) {
  absl::string_view rest(static_cast<const char*>(value.data()), value.bytes());
  while (!rest.empty()) {
    absl::string_view piece = rest.substr(0, kPieceSize);
    *crc = crc32c::Extend(*crc, piece);
    RG_RETURN_IF_ERROR(Append(piece));
    rest.remove_prefix(piece.size());
  }
  return absl::OkStatus();
}

// Each variant: its length as a varint, its bytes, the masked checksum of all so
// far, in which a length counts as a fixed64 number.
absl::Status BundleWriter::WriteVariants(const Tensor& value, uint32_t* crc) {
  for (const Variant& variant : value.flat<Variant>()) {
    RG_ASSIGN_OR_RETURN(const VariantTensorDataProto data,
                        EncodeVariant(variant));
    std::string bytes;
    if (!data.SerializeToString(&bytes)) {
      return absl::InvalidArgumentError(
          "A variant takes more bytes than a protocol buffer may have");
    }
    std::string length;
    AppendVarint64(&length, bytes.size());
    RG_RETURN_IF_ERROR(Append(length));
    RG_RETURN_IF_ERROR(Append(bytes));
    const uint64_t size = bytes.size();
    *crc = crc32c::Extend(
        *crc, absl::string_view(reinterpret_cast<const char*>(&size), 8));
    *crc = crc32c::Extend(*crc, bytes);
    std::string checksum;
    AppendFixed32(&checksum, crc32c::Mask(*crc));
    RG_RETURN_IF_ERROR(Append(checksum));
    *crc = crc32c::Extend(*crc, checksum);
  }
  return absl::OkStatus();
}

// All lengths as varints, the masked checksum of the lengths, all bytes. The
// checksum is not of the varints but of the lengths as fixed32 numbers (fixed64
// where that is too small).
absl::Status BundleWriter::WriteStrings(const Tensor& value, uint32_t* crc) {
  std::string lengths;
  for (const std::string& s : value.flat<std::string>()) {
    AppendVarint64(&lengths, s.size());
    const uint64_t length = s.size();
    *crc = crc32c::Extend(
        *crc, absl::string_view(reinterpret_cast<const char*>(&length),
                                length <= UINT32_MAX ? 4 : 8));
  }
  const size_t checksum_at = lengths.size();
  AppendFixed32(&lengths, crc32c::Mask(*crc));
  *crc = crc32c::Extend(*crc, absl::string_view(lengths).substr(checksum_at));
  RG_RETURN_IF_ERROR(Append(lengths));
  for (const std::string& s : value.flat<std::string>()) {
    *crc = crc32c::Extend(*crc, s);
    RG_RETURN_IF_ERROR(Append(s));
  }
  return absl::OkStatus();
}

absl::Status BundleWriter::PadToAlignment() {
  const uint64_t alignment =
      static_cast<uint64_t>(std::max(1, options_.data_alignment));
  const uint64_t over = size_ % alignment;
  return over == 0 ? absl::OkStatus()
                   : Append(std::string(alignment - over, '\0'));
}

absl::Status BundleWriter::Append(absl::string_view data) {
  size_ += data.size();
  if (buffer_.size() + data.size() <= kBufferSize) {
    buffer_.append(data.data(), data.size());
    return absl::OkStatus();
  }
  RG_RETURN_IF_ERROR(FlushBuffer());
  if (data.size() >= kBufferSize) return WriteOut(data);
  buffer_.append(data.data(), data.size());
  return absl::OkStatus();
}

absl::Status BundleWriter::FlushBuffer() {
  if (buffer_.empty()) return absl::OkStatus();
  absl::Status status = WriteOut(buffer_);
  buffer_.clear();
  return status;
}

absl::Status BundleWriter::WriteOut(absl::string_view data) {
  RG_RETURN_IF_ERROR(file_->Append(data));
  since_write_back_ += data.size();
  if (options_.commit.sync && since_write_back_ >= kWriteBackSize) {
    file_->StartWriteBack();
    since_write_back_ = 0;
  }
  return absl::OkStatus();
}

absl::Status BundleWriter::CloseData() {
  if (file_ == nullptr) {
    return absl::FailedPreconditionError("BundleWriter is closed");
  }
  RG_RETURN_IF_ERROR(FlushBuffer());
  if (options_.commit.sync) RG_RETURN_IF_ERROR(file_->Sync());
  RG_RETURN_IF_ERROR(file_->Close());
  file_.reset();
  return absl::OkStatus();
}

absl::Status BundleWriter::Finish() {
  if (status_.ok()) status_ = CloseData();
  // Whatever comes of it, others in the folder need not wait any longer.
  const std::unique_ptr<BundleCommit> commit = std::move(commit_);
  if (!status_.ok()) {
    file_.reset();
    return status_;
  }
  for (const auto& entry : sliced_) {
    entries_.emplace(entry.first, entry.second.SerializeAsString());
  }
  status_ = commit->Commit({data_path_}, 1,
                           [this](int num_shards, WritableFile* file) {
                             BundleHeaderProto header;
                             FillHeader(num_shards, &header);
                             return WriteIndexTable(header, entries_, file);
                           });
  return status_;
}

}  // namespace retrograph
