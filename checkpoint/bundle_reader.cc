#include "checkpoint/bundle_reader.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "checkpoint/bundle_cursor.h"
#include "checkpoint/names.h"
#include "checkpoint/read_from.h"
#include "checkpoint/version_check.h"
#include "core/errors.h"
#include "core/glob.h"

namespace retrograph {
namespace {

// Up to so many data files are opened together with the index, which makes what
// is read one moment's state.
constexpr int kMaxEagerShards = 256;
// How often Open() starts again when the checkpoint is overwritten meanwhile.
constexpr int kMaxAttempts = 100;
// A key may take from the one before it what they have in common, so an index
// can ask for its square in memory. So many bytes of keys are none too many, and
// so many for each byte of the index.
constexpr uint64_t kFewKeyBytes = 4 << 20;
constexpr uint64_t kMostKeyBytesPerByte = 32;

bool SameFile(const FileStat& a, const FileStat& b) {
  return a.inode == b.inode && a.size == b.size &&
         a.mtime_nanos == b.mtime_nanos;
}

}  // namespace

bool IsV2Checkpoint(FileSystem* fs, absl::string_view prefix) {
  int64_t steps = kCheckpointGlobSteps;
  const absl::StatusOr<std::vector<std::string>> found =
      Glob(fs, MetaFilename(prefix), &steps);
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
    if (!status.ok()) return ReadFrom(index, "", status);
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
  absl::Status parsed = ParseBundleEntry(it.key(), it.value(), &header_);
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

absl::StatusOr<const RandomAccessFile*> BundleReader::DataFile(
    int32_t shard_id) const {
  absl::MutexLock lock(&mu_);
  std::unique_ptr<RandomAccessFile>& file = data_files_[shard_id];
  if (file == nullptr) {
    RG_ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessFile> opened,
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

absl::StatusOr<BundleEntryProto> BundleReader::GetEntry(
    absl::string_view key) const {
  return BundleCursor(this).GetEntry(key);
}

absl::Status BundleReader::LookupDtypeAndShape(absl::string_view key,
                                               DataType* dtype,
                                               TensorShape* shape) const {
  return BundleCursor(this).LookupDtypeAndShape(key, dtype, shape);
}

absl::StatusOr<Tensor> BundleReader::Lookup(absl::string_view key) const {
  return BundleCursor(this).Lookup(key);
}

absl::StatusOr<Tensor> BundleReader::LookupSlice(
    absl::string_view key, const TensorSlice& slice) const {
  return BundleCursor(this).LookupSlice(key, slice);
}

absl::Status BundleReader::ForEachEntry(
    absl::FunctionRef<absl::Status(absl::string_view, const BundleEntryProto&)>
        visit) const {
  std::string key_of_error;
  const absl::Status status = VisitEntries(visit, &key_of_error);
  return ReadFrom(index_path(), key_of_error, status);
}

absl::Status BundleReader::VisitEntries(
    absl::FunctionRef<absl::Status(absl::string_view, const BundleEntryProto&)>
        visit,
    std::string* key_of_error) const {
  TableReader::Iterator it(table_.get());
  it.Seek("");
  if (it.Valid()) it.Next();  // the header
  BundleEntryProto entry;
  const uint64_t most_key_bytes =
      std::max(kFewKeyBytes, kMostKeyBytesPerByte * index_stat_.size);
  uint64_t key_bytes = 0;
  for (; it.Valid(); it.Next()) {
    key_bytes += it.key().size();
    if (key_bytes > most_key_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("The keys in ", index_path(), " take more than ",
                       most_key_bytes, " bytes"));
    }
    *key_of_error = std::string(it.key());
    RG_RETURN_IF_ERROR(ParseBundleEntry(it.key(), it.value(), &entry));
    RG_RETURN_IF_ERROR(EntryShape(it.key(), entry).status());
    RG_RETURN_IF_ERROR(visit(it.key(), entry));
  }
  key_of_error->clear();
  if (it.status().ok()) return absl::OkStatus();
  return CorruptFile(it.status(), "failed to read all entries");
}

absl::StatusOr<std::string> BundleReader::DebugString() const {
  std::string result;
  RG_RETURN_IF_ERROR(
      ForEachEntry([&result](absl::string_view key,
                             const BundleEntryProto& entry) -> absl::Status {
        return AppendDebugLine(key, entry, &result);
      }));
  return result;
}

absl::Status BundleReader::AppendDebugLine(absl::string_view key,
                                           const BundleEntryProto& entry,
                                           std::string* text) {
  if (!entry.slices().empty()) return absl::OkStatus();
  RG_ASSIGN_OR_RETURN(const TensorShape shape, EntryShape(key, entry));
  absl::StrAppend(text, key, " (", DataTypeEnumName(entry.dtype()), ") ",
                  shape.DebugString(), "\n");
  return absl::OkStatus();
}

}  // namespace retrograph
