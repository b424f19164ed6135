#include "checkpoint/table_writer.h"

#include "checkpoint/table_format.h"
#include "leveldb/env.h"
#include "leveldb/options.h"
#include "leveldb/table_builder.h"

namespace retrograph {

// Hands LevelDB's writes to our file, in pieces large enough to be worth a
// system call, and keeps our file's status, since LevelDB's has no room for it.
class TableWriter::Adapter : public leveldb::WritableFile {
 public:
  explicit Adapter(retrograph::WritableFile* file) : file_(file) {}

  leveldb::Status Append(const leveldb::Slice& data) override {
    buffer_.append(data.data(), data.size());
    // TableBuilder flushes after each block; that would be a system call each.
    return buffer_.size() < kTableBlockSize ? leveldb::Status::OK() : Drain();
  }
  leveldb::Status Flush() override { return leveldb::Status::OK(); }
  leveldb::Status Sync() override { return Drain(); }
  leveldb::Status Close() override { return Drain(); }

  leveldb::Status Drain() {
    if (status_.ok() && !buffer_.empty()) status_ = file_->Append(buffer_);
    buffer_.clear();
    return status_.ok() ? leveldb::Status::OK()
                        : leveldb::Status::IOError("write");
  }
  const absl::Status& status() const { return status_; }

 private:
  retrograph::WritableFile* const file_;
  std::string buffer_;
  absl::Status status_;
};

struct TableWriter::Builder {
  explicit Builder(leveldb::WritableFile* file) : table(Options(), file) {}
  static leveldb::Options Options() {
    leveldb::Options options;
    options.block_size = kTableBlockSize;
    options.compression = leveldb::kNoCompression;
    return options;
  }
  leveldb::TableBuilder table;
};

TableWriter::TableWriter(WritableFile* file)
    : adapter_(std::make_unique<Adapter>(file)),
      builder_(std::make_unique<Builder>(adapter_.get())) {}

TableWriter::~TableWriter() {
  if (!finished_) builder_->table.Abandon();
}

absl::Status TableWriter::Add(absl::string_view key, absl::string_view value) {
  if (!adapter_->status().ok()) return adapter_->status();
  if (has_key_ && key <= absl::string_view(last_key_)) {
    return absl::InvalidArgumentError("Keys of a table must ascend");
  }
  has_key_ = true;
  last_key_ = std::string(key);
  builder_->table.Add(leveldb::Slice(key.data(), key.size()),
                      leveldb::Slice(value.data(), value.size()));
  return adapter_->status();
}

absl::Status TableWriter::Finish() {
  finished_ = true;
  builder_->table.Finish();
  adapter_->Drain();
  return adapter_->status();
}

}  // namespace retrograph
