#include "ops/record_file.h"

#include <zlib.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/crc32c.h"
#include "core/errors.h"

namespace retrograph {
namespace {

constexpr size_t kPieceBytes = 256 * 1024;

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(std::unique_ptr<RandomAccessFile> file)
      : file_(std::move(file)) {}

 protected:
  absl::Status NextPiece(std::string* piece) override {
    piece->resize(kPieceBytes);
    absl::StatusOr<size_t> count =
        file_->Read(offset_, kPieceBytes, &(*piece)[0]);
    piece->resize(count.ok() ? *count : 0);
    RG_RETURN_IF_ERROR(count.status());
    offset_ += *count;
    return absl::OkStatus();
  }

 private:
  const std::unique_ptr<RandomAccessFile> file_;
  uint64_t offset_ = 0;
};

class InflatingStream final : public ByteStream {
 public:
  InflatingStream(std::unique_ptr<ByteStream> compressed, int window_bits)
      : compressed_(std::move(compressed)) {
    ready_ = inflateInit2(&zlib_, window_bits) == Z_OK;
  }
  ~InflatingStream() override {
    if (ready_) inflateEnd(&zlib_);
  }

 protected:
  absl::Status NextPiece(std::string* piece) override {
    piece->clear();
    if (!ready_) return absl::InternalError("inflateInit() failed");
    RG_RETURN_IF_ERROR(failed_);
    while (piece->empty()) {
      if (zlib_.avail_in == 0) {
        RG_RETURN_IF_ERROR(compressed_->Read(kPieceBytes, &input_));
        if (input_.empty()) return absl::OkStatus();
        zlib_.next_in = reinterpret_cast<Bytef*>(&input_[0]);
        zlib_.avail_in = static_cast<uInt>(input_.size());
      }
      RG_RETURN_IF_ERROR(Inflate(piece));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Inflate(std::string* piece) {
    piece->resize(kPieceBytes);
    zlib_.next_out = reinterpret_cast<Bytef*>(&(*piece)[0]);
    zlib_.avail_out = static_cast<uInt>(kPieceBytes);
    const int result = inflate(&zlib_, Z_SYNC_FLUSH);
    piece->resize(kPieceBytes - zlib_.avail_out);
    // Another compressed stream may follow.
    if (result == Z_STREAM_END) {
      inflateReset(&zlib_);
      return absl::OkStatus();
    }
    if (result == Z_OK || result == Z_BUF_ERROR) return absl::OkStatus();
    failed_ = absl::DataLossError(absl::StrCat(
        "inflate() failed with error ", result,
        zlib_.msg == nullptr ? "" : absl::StrCat(": ", zlib_.msg)));
    return failed_;
  }

  const std::unique_ptr<ByteStream> compressed_;
  z_stream zlib_ = {};
  bool ready_ = false;
  std::string input_;
  absl::Status failed_;
};

uint64_t Fixed(absl::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return value;
}

bool IsChecksumOf(absl::string_view data, absl::string_view masked) {
  return crc32c::Value(data) ==
         crc32c::Unmask(static_cast<uint32_t>(Fixed(masked)));
}

}  // namespace

Compression CompressionOf(const std::string& name) {
  return name == "ZLIB"   ? Compression::kZlib
         : name == "GZIP" ? Compression::kGzip
                          : Compression::kNone;
}

absl::StatusOr<std::unique_ptr<ByteStream>> ByteStream::Open(
    FileSystem* file_system, const std::string& path,
    Compression compression) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessFile> file,
                      file_system->NewRandomAccessFile(path));
  auto plain = std::make_unique<PlainStream>(std::move(file));
  if (compression == Compression::kNone) {
    return std::unique_ptr<ByteStream>(std::move(plain));
  }
  constexpr int kGzipToo = 16;
  const int window_bits =
      MAX_WBITS + (compression == Compression::kGzip ? kGzipToo : 0);
  return std::unique_ptr<ByteStream>(
      std::make_unique<InflatingStream>(std::move(plain), window_bits));
}

absl::StatusOr<bool> ByteStream::Fill() {
  if (at_ < piece_.size()) return true;
  at_ = 0;
  RG_RETURN_IF_ERROR(NextPiece(&piece_));
  return !piece_.empty();
}

absl::Status ByteStream::Read(uint64_t count, std::string* data) {
  data->clear();
  while (data->size() < count) {
    RG_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) break;
    const size_t length = static_cast<size_t>(
        std::min<uint64_t>(count - data->size(), piece_.size() - at_));
    data->append(piece_, at_, length);
    at_ += length;
    position_ += length;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ByteStream::Skip(uint64_t count) {
  while (count > 0) {
    RG_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) return false;
    const size_t length = static_cast<size_t>(
        std::min<uint64_t>(count, piece_.size() - at_));
    at_ += length;
    position_ += length;
    count -= length;
  }
  return true;
}

absl::StatusOr<bool> ByteStream::ReadLine(std::string* line) {
  line->clear();
  bool any = false;
  while (true) {
    RG_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) break;
    any = true;
    const size_t end = piece_.find('\n', at_);
    const size_t length =
        (end == std::string::npos ? piece_.size() : end) - at_;
    line->append(piece_, at_, length);
    at_ += length;
    position_ += length;
    if (end == std::string::npos) continue;
    ++at_;
    ++position_;
    break;
  }
  // TensorFlow takes every '\r' away, wherever it stands.
  line->erase(std::remove(line->begin(), line->end(), '\r'), line->end());
  return any;
}

absl::StatusOr<bool> ReadRecord(ByteStream* stream, std::string* record) {
  constexpr size_t kLengthBytes = 8, kChecksumBytes = 4;
  const uint64_t start = stream->position();
  const auto corrupted = [](uint64_t at) {
    return absl::DataLossError(absl::StrCat("corrupted record at ", at));
  };
  std::string header;
  RG_RETURN_IF_ERROR(stream->Read(kLengthBytes + kChecksumBytes, &header));
  if (header.size() < kLengthBytes + kChecksumBytes) return false;
  const absl::string_view length_bytes =
      absl::string_view(header).substr(0, kLengthBytes);
  if (!IsChecksumOf(length_bytes, header.substr(kLengthBytes))) {
    return corrupted(start);
  }
  const uint64_t length = Fixed(length_bytes);
  std::string checksum;
  RG_RETURN_IF_ERROR(stream->Read(length, record));
  if (record->size() == length) {
    RG_RETURN_IF_ERROR(stream->Read(kChecksumBytes, &checksum));
  }
  if (checksum.size() < kChecksumBytes) {
    return absl::DataLossError(absl::StrCat("truncated record at ", start));
  }
  if (!IsChecksumOf(*record, checksum)) {
    return corrupted(start + header.size());
  }
  return true;
}

}  // namespace retrograph
