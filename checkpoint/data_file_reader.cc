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

namespace retrograph {
namespace {

// A piece is checksummed while it is still in the processor's cache.
constexpr uint64_t kPieceSize = 1 << 20;

constexpr size_t kStreamBuffer = 256 << 10;

absl::Status ReadLess() {
  return absl::OutOfRangeError("Read less bytes than requested");
}

absl::Status ReadExactly(const RandomAccessFile& file, uint64_t offset,
                         uint64_t length, char* buffer) {
  RG_ASSIGN_OR_RETURN(const size_t read, file.Read(offset, length, buffer));
  return read == length ? absl::OkStatus() : ReadLess();
}

// A file from an offset on, read through a buffer.
class Stream {
 public:
  Stream(const RandomAccessFile& file, uint64_t file_size, uint64_t offset)
      : file_(file), file_size_(file_size), next_(offset) {}

  // Where the next byte comes from.
  uint64_t position() const { return next_ - rest_.size(); }
  uint64_t bytes_left() const {
    return file_size_ > position() ? file_size_ - position() : 0;
  }

  absl::Status Read(char* target, uint64_t length) {
    if (length > bytes_left()) return ReadLess();
    const size_t buffered =
        static_cast<size_t>(std::min<uint64_t>(length, rest_.size()));
    if (buffered > 0) {
      std::memcpy(target, rest_.data(), buffered);
      rest_.remove_prefix(buffered);
      target += buffered;
      length -= buffered;
    }
    if (length == 0) return absl::OkStatus();
    if (length >= kStreamBuffer) {
      RG_RETURN_IF_ERROR(ReadExactly(file_, next_, length, target));
      next_ += length;
      return absl::OkStatus();
    }
    RG_RETURN_IF_ERROR(Fill());
    if (rest_.size() < length) return ReadLess();
    std::memcpy(target, rest_.data(), length);
    rest_.remove_prefix(length);
    return absl::OkStatus();
  }

  absl::Status ReadVarint(uint64_t* value) {
    absl::string_view ahead = rest_;
    if (!ReadVarint64(&ahead, value)) {
      // Perhaps the buffer only ends within the number.
      next_ -= rest_.size();
      RG_RETURN_IF_ERROR(Fill());
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
  absl::Status Fill() {
    const uint64_t left = file_size_ > next_ ? file_size_ - next_ : 0;
    buffer_.resize(static_cast<size_t>(std::min<uint64_t>(left, kStreamBuffer)));
    RG_ASSIGN_OR_RETURN(const size_t read,
                        file_.Read(next_, buffer_.size(), &buffer_[0]));
    rest_ = absl::string_view(buffer_.data(), read);
    next_ += read;
    return absl::OkStatus();
  }

  const RandomAccessFile& file_;
  const uint64_t file_size_;
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

absl::Status ReadAndChecksum(const RandomAccessFile& file, uint64_t offset,
                             uint64_t length, char* buffer, uint32_t* crc) {
  *crc = 0;
  while (length > 0) {
    const uint64_t piece = std::min(length, kPieceSize);
    RG_RETURN_IF_ERROR(ReadExactly(file, offset, piece, buffer));
    *crc = crc32c::Extend(*crc, absl::string_view(buffer, piece));
    offset += piece;
    buffer += piece;
    length -= piece;
  }
  return absl::OkStatus();
}

absl::StatusOr<Tensor> ReadStrings(const RandomAccessFile& file,
                                   uint64_t file_size, uint64_t offset,
                                   uint64_t size, const TensorShape& shape,
                                   bool swap_bytes, uint32_t* crc) {
  const int64_t num_elements = shape.num_elements();
  Stream stream(file, file_size, offset);
  RG_RETURN_IF_ERROR(
      CheckLengths(&stream, num_elements, offset + size, swap_bytes, crc));
  RG_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(DT_STRING, shape));
  // The lengths are read a second time rather than kept.
  Stream lengths(file, file_size, offset);
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

void SwapBytes(Tensor* tensor) {
  size_t width = static_cast<size_t>(DataTypeSize(tensor->dtype()));
  if (IsComplexType(tensor->dtype())) width /= 2;
  if (width < 2 || tensor->num_elements() == 0) return;
  SwapEach(static_cast<char*>(tensor->mutable_data()), tensor->bytes(), width);
}

}  // namespace retrograph
