// Datasets of what stands in files: lines, records, records of one length.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "ops/dataset.h"
#include "ops/dataset_kernel.h"
#include "ops/dataset_ops.h"
#include "ops/record_file.h"

namespace retrograph {
namespace {

// Reads records of one file.
class FileReader {
 public:
  virtual ~FileReader() = default;
  virtual absl::StatusOr<bool> Next(std::string* record) = 0;
  // Whether reading ends with a file's first error, and goes on with the next.
  virtual bool EndsWithError() const { return true; }
};
using OpenFile = std::function<absl::StatusOr<std::unique_ptr<FileReader>>(
    FileSystem*, const std::string&)>;

class LineReader final : public FileReader {
 public:
  explicit LineReader(std::unique_ptr<ByteStream> stream)
      : stream_(std::move(stream)) {}
  absl::StatusOr<bool> Next(std::string* record) override {
    return stream_->ReadLine(record);
  }
  bool EndsWithError() const override { return false; }

 private:
  const std::unique_ptr<ByteStream> stream_;
};

class RecordReader final : public FileReader {
 public:
  explicit RecordReader(std::unique_ptr<ByteStream> stream)
      : stream_(std::move(stream)) {}
  absl::StatusOr<bool> Next(std::string* record) override {
    return ReadRecord(stream_.get(), record);
  }

 private:
  const std::unique_ptr<ByteStream> stream_;
};

struct FixedLength {
  int64_t header_bytes = 0, record_bytes = 0, footer_bytes = 0;

  absl::Status BadLength(const std::string& path, uint64_t body) const {
    return absl::InvalidArgumentError(absl::StrCat(
        "Excluding the header (", header_bytes, " bytes) and footer (",
        footer_bytes, " bytes), input file \"", path, "\" has body length ",
        body, " bytes, which is not an exact multiple of the record length (",
        record_bytes, " bytes)."));
  }
};

class FixedLengthReader final : public FileReader {
 public:
  FixedLengthReader(std::unique_ptr<ByteStream> stream, std::string path,
                    const FixedLength& lengths)
      : stream_(std::move(stream)),
        path_(std::move(path)),
        lengths_(lengths) {}

  // What is read ahead at any time is as long as a record and the footer: the
  // footer is only known by the end behind it.
  absl::StatusOr<bool> Next(std::string* record) override {
    if (!begun_) {
      begun_ = true;
      RG_ASSIGN_OR_RETURN(
          const bool more,
          stream_->Skip(static_cast<uint64_t>(lengths_.header_bytes)));
      if (!more) return absl::InternalError("Read less bytes than requested");
      RG_RETURN_IF_ERROR(stream_->Read(
          static_cast<uint64_t>(lengths_.footer_bytes), &ahead_));
    }
    std::string next;
    const uint64_t size = static_cast<uint64_t>(lengths_.record_bytes);
    RG_RETURN_IF_ERROR(stream_->Read(size, &next));
    if (next.empty()) return false;
    ahead_ += next;
    if (next.size() < size) {
      const uint64_t body =
          stream_->position() - static_cast<uint64_t>(lengths_.header_bytes +
                                                      lengths_.footer_bytes);
      return WithMessage(absl::DataLossError(""),
                         lengths_.BadLength(path_, body).message());
    }
    record->assign(ahead_, 0, size);
    ahead_.erase(0, size);
    return true;
  }

 private:
  const std::unique_ptr<ByteStream> stream_;
  const std::string path_;
  const FixedLength lengths_;
  bool begun_ = false;
  std::string ahead_;
};

class FileDataset final : public Dataset {
 public:
  FileDataset(std::vector<std::string> paths, OpenFile open)
      : paths_(std::move(paths)), open_(std::move(open)) {}
  std::unique_ptr<DatasetIterator> NewIterator() const override {
    return IteratorOf(
        [paths = paths_, open = open_, at = size_t{0},
         reader = std::shared_ptr<FileReader>()](
            IteratorContext* ctx,
            Element* element) mutable -> absl::StatusOr<bool> {
          while (true) {
            if (reader == nullptr) {
              if (at == paths.size()) return false;
              RG_ASSIGN_OR_RETURN(reader,
                                  open(ctx->env->file_system, paths[at]));
            }
            std::string record;
            const absl::StatusOr<bool> more = reader->Next(&record);
            if (more.ok() && *more) {
              *element = {Tensor::Scalar<std::string>(std::move(record))};
              return true;
            }
            if (!more.ok() && !reader->EndsWithError()) return more;
            reader = nullptr;
            ++at;
            if (!more.ok()) return more;
          }
        });
  }

 private:
  const std::vector<std::string> paths_;
  const OpenFile open_;
};

absl::StatusOr<std::vector<std::string>> Paths(const KernelContext& ctx) {
  const Tensor& names = ctx.input(0);
  if (names.shape().rank() > 1) {
    return absl::InvalidArgumentError(
        "`filenames` must be a scalar or a vector.");
  }
  const auto paths = names.flat<std::string>();
  return std::vector<std::string>(paths.begin(), paths.end());
}

absl::StatusOr<Compression> KnownCompression(const std::string& name) {
  if (!name.empty() && name != "ZLIB" && name != "GZIP") {
    return absl::InvalidArgumentError("Unsupported compression_type.");
  }
  return CompressionOf(name);
}

// Opens a file and wraps its bytes into a Reader.
template <typename Reader>
OpenFile Opener(Compression compression) {
  return [compression](FileSystem* file_system, const std::string& path)
             -> absl::StatusOr<std::unique_ptr<FileReader>> {
    RG_ASSIGN_OR_RETURN(std::unique_ptr<ByteStream> stream,
                        ByteStream::Open(file_system, path, compression));
    return std::unique_ptr<FileReader>(
        std::make_unique<Reader>(std::move(stream)));
  };
}

absl::Status CheckAtLeastZero(int64_t value, absl::string_view name,
                              absl::string_view what_zero_is) {
  if (value >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("`", name, "` must be >= 0", what_zero_is));
}

absl::StatusOr<DatasetPtr> MakeTextLine(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(std::vector<std::string> paths, Paths(ctx));
  RG_ASSIGN_OR_RETURN(const std::string type,
                      ScalarInput<std::string>(ctx, 1, "compression_type"));
  RG_ASSIGN_OR_RETURN(const int64_t buffer, ScalarInput(ctx, 2, "buffer_size"));
  RG_RETURN_IF_ERROR(
      CheckAtLeastZero(buffer, "buffer_size", " (0 == default)"));
  RG_ASSIGN_OR_RETURN(const Compression compression, KnownCompression(type));
  return DatasetPtr(std::make_shared<FileDataset>(
      std::move(paths), Opener<LineReader>(compression)));
}

absl::StatusOr<DatasetPtr> MakeTfRecord(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(std::vector<std::string> paths, Paths(ctx));
  RG_ASSIGN_OR_RETURN(const std::string type,
                      ScalarInput<std::string>(ctx, 1, "compression_type"));
  RG_ASSIGN_OR_RETURN(const int64_t buffer, ScalarInput(ctx, 2, "buffer_size"));
  RG_RETURN_IF_ERROR(
      CheckAtLeastZero(buffer, "buffer_size", " (0 == no buffering)"));
  // Whatever else it is called, it is no compression.
  return DatasetPtr(std::make_shared<FileDataset>(
      std::move(paths), Opener<RecordReader>(CompressionOf(type))));
}

absl::Status CheckBody(FileSystem* file_system, const std::string& path,
                       const FixedLength& lengths) {
  RG_ASSIGN_OR_RETURN(const FileStat stat, file_system->Stat(path));
  const uint64_t header = static_cast<uint64_t>(lengths.header_bytes);
  const uint64_t footer = static_cast<uint64_t>(lengths.footer_bytes);
  if (stat.size < header || stat.size - header < footer) {
    return absl::OkStatus();  // reading tells
  }
  const uint64_t body = stat.size - header - footer;
  if (body % static_cast<uint64_t>(lengths.record_bytes) == 0) {
    return absl::OkStatus();
  }
  return lengths.BadLength(path, body);
}

absl::StatusOr<DatasetPtr> MakeFixedLength(const KernelContext& ctx) {
  RG_ASSIGN_OR_RETURN(std::vector<std::string> paths, Paths(ctx));
  FixedLength lengths;
  RG_ASSIGN_OR_RETURN(lengths.header_bytes,
                      ScalarInput(ctx, 1, "header_bytes"));
  RG_RETURN_IF_ERROR(
      CheckAtLeastZero(lengths.header_bytes, "header_bytes", ""));
  RG_ASSIGN_OR_RETURN(lengths.record_bytes,
                      ScalarInput(ctx, 2, "record_bytes"));
  if (lengths.record_bytes <= 0) {
    return absl::InvalidArgumentError("`record_bytes` must be > 0");
  }
  RG_ASSIGN_OR_RETURN(lengths.footer_bytes,
                      ScalarInput(ctx, 3, "footer_bytes"));
  RG_RETURN_IF_ERROR(
      CheckAtLeastZero(lengths.footer_bytes, "footer_bytes", ""));
  RG_ASSIGN_OR_RETURN(const int64_t buffer, ScalarInput(ctx, 4, "buffer_size"));
  RG_RETURN_IF_ERROR(CheckAtLeastZero(buffer, "buffer_size", ""));
  Compression compression = Compression::kNone;
  if (ctx.num_inputs() > 5) {
    RG_ASSIGN_OR_RETURN(const std::string type,
                        ScalarInput<std::string>(ctx, 5, "compression_type"));
    RG_ASSIGN_OR_RETURN(compression, KnownCompression(type));
  }
  OpenFile open = [lengths, compression](FileSystem* file_system,
                                         const std::string& path)
      -> absl::StatusOr<std::unique_ptr<FileReader>> {
    if (compression == Compression::kNone) {
      RG_RETURN_IF_ERROR(CheckBody(file_system, path, lengths));
    }
    RG_ASSIGN_OR_RETURN(std::unique_ptr<ByteStream> stream,
                        ByteStream::Open(file_system, path, compression));
    return std::unique_ptr<FileReader>(std::make_unique<FixedLengthReader>(
        std::move(stream), path, lengths));
  };
  return DatasetPtr(
      std::make_shared<FileDataset>(std::move(paths), std::move(open)));
}

}  // namespace

void RegisterFileDatasetOps(OpRegistry* registry) {
  NewDatasetOp<MakeTextLine>(registry, "TextLineDataset")
      .Input("filenames: string")
      .Input("compression_type: string")
      .Input("buffer_size: int64")
      .Stateful();
  NewDatasetOp<MakeTfRecord>(registry, "TFRecordDataset")
      .Input("filenames: string")
      .Input("compression_type: string")
      .Input("buffer_size: int64")
      .Stateful();
  OpBuilder first =
      NewDatasetOp<MakeFixedLength>(registry, "FixedLengthRecordDataset");
  OpBuilder second =
      NewDatasetOp<MakeFixedLength>(registry, "FixedLengthRecordDatasetV2");
  for (OpBuilder* op : {&first, &second}) {
    op->Input("filenames: string")
        .Input("header_bytes: int64")
        .Input("record_bytes: int64")
        .Input("footer_bytes: int64")
        .Input("buffer_size: int64")
        .Stateful();
  }
  second.Input("compression_type: string");
}

}  // namespace retrograph
