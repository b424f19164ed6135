// The kinds of readers.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/reader.h"
#include "ops/record_file.h"

namespace retrograph {
namespace {

// Of a file that is read record by record.
class StreamReader : public Reader {
 protected:
  absl::Status Open(FileSystem* file_system, const std::string& work,
                    Compression compression) {
    Forget();
    file_ = work;
    RG_ASSIGN_OR_RETURN(stream_,
                        ByteStream::Open(file_system, work, compression));
    return absl::OkStatus();
  }
  void Forget() override { stream_ = nullptr; }
  std::string Key(uint64_t number) const {
    return absl::StrCat(file_, ":", number);
  }

  std::string file_;
  std::unique_ptr<ByteStream> stream_;
};

class TextLineReader final : public StreamReader {
 public:
  explicit TextLineReader(int64_t skip_lines) : skip_lines_(skip_lines) {}

 protected:
  absl::Status Start(FileSystem* file_system,
                     const std::string& work) override {
    RG_RETURN_IF_ERROR(Open(file_system, work, Compression::kNone));
    line_ = 0;
    std::string skipped;
    for (bool more = true; more && static_cast<int64_t>(line_) < skip_lines_;) {
      RG_ASSIGN_OR_RETURN(more, stream_->ReadLine(&skipped));
      if (more) ++line_;
    }
    return absl::OkStatus();
  }
  absl::StatusOr<bool> Next(Record* record) override {
    RG_ASSIGN_OR_RETURN(const bool more, stream_->ReadLine(&record->value));
    if (more) record->key = Key(++line_);
    return more;
  }

 private:
  const int64_t skip_lines_;
  uint64_t line_ = 0;
};

class TfRecordReader final : public StreamReader {
 public:
  explicit TfRecordReader(Compression compression)
      : compression_(compression) {}

 protected:
  absl::Status Start(FileSystem* file_system,
                     const std::string& work) override {
    failed_ = absl::OkStatus();
    return Open(file_system, work, compression_);
  }
  absl::StatusOr<bool> Next(Record* record) override {
    // There is no way on behind a bad record.
    RG_RETURN_IF_ERROR(failed_);
    record->key = Key(stream_->position());
    absl::StatusOr<bool> more = ReadRecord(stream_.get(), &record->value);
    if (!more.ok()) failed_ = more.status();
    return more;
  }

 private:
  const Compression compression_;
  absl::Status failed_;
};

class FixedLengthRecordReader final : public StreamReader {
 public:
  explicit FixedLengthRecordReader(const ReaderConfig& config)
      : config_(config), compression_(CompressionOf(config.compression)) {}

 protected:
  absl::Status Start(FileSystem* file_system,
                     const std::string& work) override {
    RG_RETURN_IF_ERROR(Open(file_system, work, compression_));
    number_ = 0;
    ahead_.clear();
    RG_ASSIGN_OR_RETURN(
        const bool more,
        stream_->Skip(static_cast<uint64_t>(config_.header_bytes)));
    if (more) return absl::OkStatus();
    Forget();
    return absl::OutOfRangeError("reached end of file");
  }
  // A record ends before the footer, so both are read ahead.
  absl::StatusOr<bool> Next(Record* record) override {
    const uint64_t size = static_cast<uint64_t>(config_.record_bytes);
    const uint64_t wanted = size + static_cast<uint64_t>(config_.footer_bytes);
    if (ahead_.size() < wanted) {
      std::string next;
      RG_RETURN_IF_ERROR(stream_->Read(wanted - ahead_.size(), &next));
      ahead_ += next;
      if (ahead_.size() < wanted) return false;
    }
    record->key = Key(number_++);
    record->value.assign(ahead_, 0, size);
    const uint64_t hop = config_.hop_bytes > 0
                             ? static_cast<uint64_t>(config_.hop_bytes)
                             : size;
    if (hop <= ahead_.size()) {
      ahead_.erase(0, hop);
      return true;
    }
    const uint64_t rest = hop - ahead_.size();
    ahead_.clear();
    RG_RETURN_IF_ERROR(stream_->Skip(rest).status());
    return true;
  }

 private:
  const ReaderConfig config_;
  const Compression compression_;
  uint64_t number_ = 0;
  std::string ahead_;
};

// Readers whose work units are one record.
class UnitReader : public Reader {
 protected:
  absl::Status Start(FileSystem* file_system,
                     const std::string& work) override {
    file_system_ = file_system;
    work_ = work;
    return absl::OkStatus();
  }
  bool AtEnd() const override { return true; }
  void Forget() override {}
  bool HasState() const override { return true; }

  FileSystem* file_system_ = nullptr;
  std::string work_;
};

class WholeFileReader final : public UnitReader {
 protected:
  absl::StatusOr<bool> Next(Record* record) override {
    record->key = work_;
    RG_ASSIGN_OR_RETURN(record->value, ReadFileToString(file_system_, work_));
    return true;
  }
};

class IdentityReader final : public UnitReader {
 protected:
  absl::StatusOr<bool> Next(Record* record) override {
    record->key = work_;
    record->value = work_;
    return true;
  }
};

absl::Status CheckLengths(const ReaderConfig& config) {
  const std::pair<const char*, int64_t> lengths[] = {
      {"header_bytes", config.header_bytes},
      {"record_bytes", config.record_bytes},
      {"footer_bytes", config.footer_bytes},
      {"hop_bytes", config.hop_bytes}};
  for (const auto& [name, value] : lengths) {
    if (value >= 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(name, " must be >= 0 not ", value));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<Reader>> MakeReader(
    const ReaderConfig& config) {
  if (config.kind == "TextLineReaderV2") {
    return std::shared_ptr<Reader>(
        std::make_shared<TextLineReader>(config.skip_header_lines));
  }
  if (config.kind == "TFRecordReaderV2") {
    return std::shared_ptr<Reader>(std::make_shared<TfRecordReader>(
        CompressionOf(config.compression)));
  }
  if (config.kind == "FixedLengthRecordReaderV2") {
    RG_RETURN_IF_ERROR(CheckLengths(config));
    return std::shared_ptr<Reader>(
        std::make_shared<FixedLengthRecordReader>(config));
  }
  if (config.kind == "WholeFileReaderV2") {
    return std::shared_ptr<Reader>(std::make_shared<WholeFileReader>());
  }
  return std::shared_ptr<Reader>(std::make_shared<IdentityReader>());
}

}  // namespace retrograph
