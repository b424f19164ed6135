#include "train/record_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/crc32c.h"
#include "core/errors.h"

namespace retrograph {
namespace {

constexpr size_t kChecksumSize = 4;

void AppendLittleEndian(uint64_t value, int bytes, std::string* out) {
  for (int byte = 0; byte < bytes; ++byte) {
    out->push_back(static_cast<char>(value >> (8 * byte)));
  }
}

uint64_t LittleEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
  }
  return value;
}

void AppendChecked(absl::string_view data, std::string* out) {
  absl::StrAppend(out, data);
  AppendLittleEndian(crc32c::Mask(crc32c::Value(data)), kChecksumSize, out);
}

}  // namespace

std::string FramedRecord(absl::string_view data) {
  std::string length;
  AppendLittleEndian(data.size(), 8, &length);
  std::string record;
  AppendChecked(length, &record);
  AppendChecked(data, &record);
  return record;
}

absl::StatusOr<std::unique_ptr<RecordReader>> RecordReader::Open(
    FileSystem* file_system, const std::string& path) {
  RG_ASSIGN_OR_RETURN(auto file, file_system->NewRandomAccessFile(path));
  return std::unique_ptr<RecordReader>(new RecordReader(std::move(file)));
}

absl::StatusOr<std::string> RecordReader::ReadChecked(uint64_t length) {
  RG_ASSIGN_OR_RETURN(const uint64_t size, file_->Size());
  const uint64_t left = size - std::min(size, offset_);
  if (left == 0) return absl::OutOfRangeError("eof");
  if (left < kChecksumSize || length > left - kChecksumSize) {
    return absl::DataLossError(
        absl::StrCat("truncated record at ", offset_));
  }
  std::string data(length + kChecksumSize, '\0');
  RG_ASSIGN_OR_RETURN(const size_t got,
                      file_->Read(offset_, data.size(), &data[0]));
  if (got < data.size()) {
    return absl::DataLossError(
        absl::StrCat("truncated record at ", offset_));
  }
  const uint32_t stored =
      static_cast<uint32_t>(LittleEndian(absl::string_view(data).substr(length)));
  data.resize(length);
  if (crc32c::Unmask(stored) != crc32c::Value(data)) {
    return absl::DataLossError(
        absl::StrCat("corrupted record at ", offset_));
  }
  return data;
}

absl::StatusOr<std::string> RecordReader::Read() {
  const uint64_t start = offset_;
  RG_ASSIGN_OR_RETURN(const std::string header, ReadChecked(8));
  const uint64_t length = LittleEndian(header);
  offset_ += header.size() + kChecksumSize;
  absl::StatusOr<std::string> data = ReadChecked(length);
  if (!data.ok()) {
    offset_ = start;
    // The end is one only between records.
    return absl::IsOutOfRange(data.status())
               ? absl::DataLossError(
                     absl::StrCat("truncated record at ", start))
               : data.status();
  }
  offset_ += length + kChecksumSize;
  return data;
}

}  // namespace retrograph
