#include "checkpoint/data_file_reader.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "checkpoint/table_format.h"
#include "core/crc32c.h"
#include "core/errors.h"
#include "core/variant.h"

namespace retrograph {
namespace {

// A piece is checksummed while it is still in the processor's cache.
constexpr uint64_t kPieceSize = 1 << 20;

constexpr size_t kStreamBuffer = 256 << 10;

// Reads of at most so many bytes, so close to the one before, come out of a
// buffer.
constexpr uint64_t kSmallRead = 32 << 10;
constexpr uint64_t kSmallGap = 4 << 10;

// What the values of small variants may take.
constexpr int64_t kFewVariantBytes = 16 << 20;

absl::Status ReadLess() {
  return absl::OutOfRangeError("Read less bytes than requested");
}

absl::Status ReadExactly(const RandomAccessFile& file, uint64_t offset,
                         uint64_t length, char* buffer) {
  RG_ASSIGN_OR_RETURN(const size_t read, file.Read(offset, length, buffer));
  return read == length ? absl::OkStatus() : ReadLess();
}

// A file from an offset on, read through a buffer. It is expected to be read up
// to `end`, but may be read further.
class Stream {
 public:
  Stream(ReadAheadFile* file, uint64_t offset, uint64_t end)
      : file_(file), end_(end), next_(offset) {}

  // Where the next byte comes from.
  uint64_t position() const { return next_ - rest_.size(); }
  uint64_t bytes_left() const {
    return file_->size() > position() ? file_->size() - position() : 0;
  }

  absl::Status Read(char* target, uint64_t length) {
    if (length > bytes_left()) return ReadLess();
    const size_t buffered =
        static_cast<size_t>(std::min<uint64_t>(length, rest_.size()));
    if (buffered > 0) {
      std::memcpy(target, rest_.data(), buffered);
      rest_.remove_prefix(buffered);
    }
    const uint64_t missing = length - buffered;
    if (missing == 0) return absl::OkStatus();
    target += buffered;
    if (missing >= kStreamBuffer) {
      RG_RETURN_IF_ERROR(file_->Read(next_, missing, target));
      next_ += missing;
      return absl::OkStatus();
    }
    RG_RETURN_IF_ERROR(Fill(missing));
    std::memcpy(target, rest_.data(), missing);
    rest_.remove_prefix(missing);
    return absl::OkStatus();
  }

  absl::Status ReadVarint(uint64_t* value) {
    absl::string_view ahead = rest_;
    if (!ReadVarint64(&ahead, value)) {
      // Perhaps the buffer only ends within the number.
      next_ -= rest_.size();
      RG_RETURN_IF_ERROR(Fill(std::min(kMaxVarint, bytes_left())));
      if (rest_.empty()) return ReadLess();
      ahead = rest_;
      if (!ReadVarint64(&ahead, value)) {
        return absl::DataLossError("Stored data is no varint");
      }
    }
    rest_ = ahead;
    return absl::OkStatus();
  }

 private:
  static constexpr uint64_t kMaxVarint = 10;

  // Fills the buffer with at least `least` bytes, which the file has.
  absl::Status Fill(uint64_t least) {
    const uint64_t left = file_->size() > next_ ? file_->size() - next_ : 0;
    uint64_t wanted = end_ > next_ ? end_ - next_ : 0;
    wanted = std::max(least, std::min<uint64_t>(wanted, kStreamBuffer));
    buffer_.resize(static_cast<size_t>(std::min(left, wanted)));
    rest_ = absl::string_view();
    RG_RETURN_IF_ERROR(file_->Read(next_, buffer_.size(), &buffer_[0]));
    rest_ = buffer_;
    next_ += rest_.size();
    return absl::OkStatus();
  }

  ReadAheadFile* const file_;
  const uint64_t end_;
  uint64_t next_;  // the offset after the buffer
  std::string buffer_;
  absl::string_view rest_;  // of the buffer
};

// A length goes into the checksum as it stood in the writer's memory: as a
// 32-bit number, or a 64-bit one if it is larger.
uint32_t ExtendByLength(uint32_t crc, uint64_t length, bool swap_bytes) {
  char bytes[8];
  const size_t size = length <= UINT32_MAX ? 4 : 8;
  std::memcpy(bytes, &length, size);
  if (swap_bytes) std::reverse(bytes, bytes + size);
  return crc32c::Extend(crc, absl::string_view(bytes, size));
}

// Reads the lengths and their checksum, and leaves the stream at the strings.
absl::Status CheckLengths(Stream* stream, int64_t num_elements, uint64_t end,
                          bool swap_bytes, uint32_t* crc) {
  *crc = 0;
  for (int64_t i = 0; i < num_elements; ++i) {
    uint64_t length;
    RG_RETURN_IF_ERROR(stream->ReadVarint(&length));
    *crc = ExtendByLength(*crc, length, swap_bytes);
  }
  if (stream->position() > end) {
    return absl::DataLossError(
        absl::StrCat("String lengths longer than expected offset ", end));
  }
  char raw[4];
  RG_RETURN_IF_ERROR(stream->Read(raw, sizeof(raw)));
  char in_order[4];
  std::memcpy(in_order, raw, sizeof(raw));
  if (swap_bytes) std::reverse(in_order, in_order + sizeof(in_order));
  const uint32_t expected = crc32c::Unmask(DecodeFixed32(in_order));
  if (expected != *crc) {
    return absl::DataLossError(absl::StrFormat(
        "The length checksum does not match: expected %08u but actual is %08u",
        expected, *crc));
  }
  *crc = crc32c::Extend(*crc, absl::string_view(raw, sizeof(raw)));
  return absl::OkStatus();
}

void SwapEach(char* bytes, size_t size, size_t width) {
  for (size_t i = 0; i + width <= size; i += width) {
    std::reverse(bytes + i, bytes + i + width);
  }
}

}  // namespace

absl::Status ReadAheadFile::Fill(uint64_t offset) {
  buffer_.resize(
      static_cast<size_t>(std::min<uint64_t>(kStreamBuffer, size_ - offset)));
  buffer_offset_ = offset;
  absl::Status status =
      ReadExactly(*file_, offset, buffer_.size(), &buffer_[0]);
  if (!status.ok()) buffer_.clear();
  return status;
}

absl::Status ReadAheadFile::Read(uint64_t offset, uint64_t length,
                                 char* buffer) {
  if (length == 0) return absl::OkStatus();
  if (offset > size_ || length > size_ - offset) return ReadLess();
  const bool follows = offset >= last_end_ && offset - last_end_ <= kSmallGap;
  last_end_ = offset + length;
  if (length > kSmallRead) return ReadExactly(*file_, offset, length, buffer);
  auto buffered = [&] {
    return offset >= buffer_offset_ &&
           offset + length <= buffer_offset_ + buffer_.size();
  };
  if (!buffered()) {
    if (!follows) return ReadExactly(*file_, offset, length, buffer);
    RG_RETURN_IF_ERROR(Fill(offset));
  }
  std::memcpy(buffer, buffer_.data() + (offset - buffer_offset_), length);
  return absl::OkStatus();
}

absl::Status ReadAndChecksum(ReadAheadFile* file, uint64_t offset,
                             uint64_t length, char* buffer, uint32_t* crc) {
  *crc = 0;
  while (length > 0) {
    const uint64_t piece = std::min(length, kPieceSize);
    RG_RETURN_IF_ERROR(file->Read(offset, piece, buffer));
    *crc = crc32c::Extend(*crc, absl::string_view(buffer, piece));
    offset += piece;
    buffer += piece;
    length -= piece;
  }
  return absl::OkStatus();
}

absl::StatusOr<Tensor> ReadStrings(ReadAheadFile* file, uint64_t offset,
                                   uint64_t size, const TensorShape& shape,
                                   bool swap_bytes, uint32_t* crc) {
  const uint64_t end = offset + size;
  Stream stream(file, offset, end);
  RG_RETURN_IF_ERROR(
      CheckLengths(&stream, shape.num_elements(), end, swap_bytes, crc));
  RG_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(DT_STRING, shape));
  // The lengths are read a second time rather than kept.
  Stream lengths(file, offset, end);
  for (std::string& s : tensor.mutable_flat<std::string>()) {
    uint64_t length;
    RG_RETURN_IF_ERROR(lengths.ReadVarint(&length));
    if (length > stream.bytes_left()) return ReadLess();
    s.resize(length);
    RG_RETURN_IF_ERROR(stream.Read(&s[0], length));
    *crc = crc32c::Extend(*crc, s);
  }
  return tensor;
}

absl::StatusOr<Tensor> ReadVariants(ReadAheadFile* file, uint64_t offset,
                                    uint64_t size, const TensorShape& shape,
                                    uint32_t* crc) {
  // TensorFlow lists the values of a variant's tensors one by one, so they do
  // not take much more memory than bytes: an empty string 32 for 2.
  int64_t most_bytes = kFewVariantBytes + 32 * static_cast<int64_t>(size);
  const uint64_t end = offset + size;
  Stream stream(file, offset, end);
  RG_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(DT_VARIANT, shape));
  *crc = 0;
  std::string bytes;
  int64_t at = 0;
  for (Variant& variant : tensor.mutable_flat<Variant>()) {
    uint64_t length;
    RG_RETURN_IF_ERROR(stream.ReadVarint(&length));
    if (stream.position() > end || length > end - stream.position()) {
      return ReadLess();
    }
    bytes.resize(length);
    RG_RETURN_IF_ERROR(stream.Read(&bytes[0], length));
    // The length as a 64-bit number, however small it is.
    *crc = crc32c::Extend(
        *crc, absl::string_view(reinterpret_cast<const char*>(&length), 8));
    *crc = crc32c::Extend(*crc, bytes);
    VariantTensorDataProto data;
    if (length > INT32_MAX || !data.ParseFromString(bytes)) {
      return absl::DataLossError(absl::StrCat(
          "Unable to parse VariantTensorDataProto from buffer of size ", length,
          ". Bundle entry offset: ", offset, " size: ", size));
    }
    RG_ASSIGN_OR_RETURN(variant, DecodeVariant(data, &most_bytes));
    char checksum[4];
    RG_RETURN_IF_ERROR(stream.Read(checksum, sizeof(checksum)));
    const uint32_t expected = crc32c::Unmask(DecodeFixed32(checksum));
    if (expected != *crc) {
      return absl::DataLossError(absl::StrFormat(
          "The checksum after Variant %d does not match. Expected: %u Actual: "
          "%u",
          at, expected, *crc));
    }
    *crc = crc32c::Extend(*crc, absl::string_view(checksum, sizeof(checksum)));
    ++at;
  }
  return tensor;
}

void SwapBytes(Tensor* tensor) {
  size_t width = static_cast<size_t>(DataTypeSize(tensor->dtype()));
  if (IsComplexType(tensor->dtype())) width /= 2;
  if (width < 2 || tensor->num_elements() == 0) return;
  SwapEach(static_cast<char*>(tensor->mutable_data()), tensor->bytes(), width);
}

}  // namespace retrograph
