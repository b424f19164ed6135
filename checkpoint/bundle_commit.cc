#include "checkpoint/bundle_commit.h"

#include <utility>

#include "absl/memory/memory.h"
#include "checkpoint/names.h"
#include "checkpoint/table_reader.h"
#include "core/errors.h"
#include "proto/tensor_bundle.pb.h"

namespace retrograph {
namespace {

constexpr int kUnreadable = -1;

}  // namespace

BundleCommit::BundleCommit(FileSystem* fs, absl::string_view prefix,
                           const CommitOptions& options)
    : fs_(fs), prefix_(prefix), options_(options) {}

absl::StatusOr<std::unique_ptr<BundleCommit>> BundleCommit::Begin(
    FileSystem* fs, absl::string_view prefix, const CommitOptions& options) {
  auto commit = absl::WrapUnique(new BundleCommit(fs, prefix, options));
  const std::string folder(Dirname(prefix));
  if (!folder.empty()) {
    RG_RETURN_IF_ERROR(FolderTurn::MakeFolder(fs, folder, options));
  }
  commit->turn_ = std::make_unique<FolderTurn>(fs, prefix, options);
  return commit;
}

// What the index in place says; no value if there is none, and kUnreadable if
// it cannot be read.
std::optional<int> BundleCommit::OldNumShards() {
  const std::string path = MetaFilename(prefix_);
  absl::StatusOr<std::unique_ptr<RandomAccessFile>> file =
      fs_->NewRandomAccessFile(path);
  if (absl::IsNotFound(file.status())) return std::nullopt;
  if (!file.ok()) return kUnreadable;
  absl::StatusOr<std::unique_ptr<TableReader>> table =
      TableReader::Open(*std::move(file));
  if (!table.ok()) return kUnreadable;
  TableReader::Iterator it(table->get());
  it.Seek("");
  BundleHeaderProto header;
  if (!it.Valid() || !it.key().empty() ||
      !header.ParseFromArray(it.value().data(),
                             static_cast<int>(it.value().size()))) {
    return kUnreadable;
  }
  return header.num_shards();
}

absl::StatusOr<std::string> BundleCommit::WriteIndex(int num_shards,
                                                     IndexWriter write_index) {
  const std::string path = NewTemporary(MetaFilename(prefix_));
  RG_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file,
                      fs_->NewWritableFile(path));
  RG_RETURN_IF_ERROR(write_index(num_shards, file.get()));
  if (options_.sync) RG_RETURN_IF_ERROR(file->Sync());
  RG_RETURN_IF_ERROR(file->Close());
  return path;
}

absl::Status BundleCommit::Commit(const std::vector<std::string>& data_files,
                                  int num_shards, IndexWriter write_index) {
  if (turn_->holds_everything()) {
    return HandOver(data_files, num_shards, write_index);
  }
  const std::optional<int> old_num_shards = OldNumShards();
  const bool in_the_way =
      old_num_shards == num_shards || old_num_shards == kUnreadable;
  const int switch_shards = in_the_way ? num_shards + 1 : num_shards;

  RG_ASSIGN_OR_RETURN(const std::string switch_index,
                      WriteIndex(switch_shards, write_index));
  std::string final_index;
  if (in_the_way) {
    RG_ASSIGN_OR_RETURN(final_index, WriteIndex(num_shards, write_index));
  }
  RG_RETURN_IF_ERROR(Switch(data_files, switch_shards, switch_index));
  RG_RETURN_IF_ERROR(turn_->SyncFolder());
  if (in_the_way) {
    return TakeFinalNames(static_cast<int>(data_files.size()), num_shards,
                          final_index);
  }
  if (old_num_shards == num_shards + 1) RemoveInterruptedSwitch(num_shards);
  return absl::OkStatus();
}

// The files of the save's other writers will change together with these.
absl::Status BundleCommit::HandOver(const std::vector<std::string>& data_files,
                                    int num_shards, IndexWriter write_index) {
  RG_ASSIGN_OR_RETURN(const std::string index,
                      WriteIndex(num_shards, write_index));
  // Parts of a sharded save come out of a folder of their own.
  std::vector<PendingFile> moves;
  for (size_t i = 0; i < data_files.size(); ++i) {
    moves.push_back({data_files[i], NewTemporary(ShardName(i, num_shards))});
  }
  RG_RETURN_IF_ERROR(RenameAll(fs_, moves));
  for (size_t i = 0; i < moves.size(); ++i) {
    turn_->Hold({moves[i].path, ShardName(i, num_shards)});
  }
  turn_->Hold({index, MetaFilename(prefix_)});
  return absl::OkStatus();
}

std::string BundleCommit::ShardName(size_t shard, int num_shards) const {
  return DataFilename(prefix_, static_cast<int>(shard), num_shards);
}

// Until the index is renamed, an error gives the data files their names back.
absl::Status BundleCommit::Switch(const std::vector<std::string>& data_files,
                                  int num_shards, const std::string& index) {
  std::vector<PendingFile> moves;
  for (size_t i = 0; i < data_files.size(); ++i) {
    moves.push_back({data_files[i], ShardName(i, num_shards)});
  }
  RG_RETURN_IF_ERROR(RenameAll(fs_, moves));
  absl::Status status = turn_->SyncFolder();
  if (status.ok()) status = fs_->RenameFile(index, MetaFilename(prefix_));
  if (status.ok()) return status;
  for (PendingFile& move : moves) std::swap(move.temporary, move.path);
  RenameAll(fs_, moves).IgnoreError();
  return status;
}

absl::Status BundleCommit::TakeFinalNames(int num_files, int num_shards,
                                          const std::string& final_index) {
  for (int i = 0; i < num_files; ++i) {
    const std::string name = DataFilename(prefix_, i, num_shards);
    const std::string second_name = NewTemporary(name);
    RG_RETURN_IF_ERROR(
        LinkOrCopy(fs_, DataFilename(prefix_, i, num_shards + 1),
                   second_name, options_.sync));
    RG_RETURN_IF_ERROR(fs_->RenameFile(second_name, name));
  }
  RG_RETURN_IF_ERROR(turn_->SyncFolder());
  RG_RETURN_IF_ERROR(fs_->RenameFile(final_index, MetaFilename(prefix_)));
  RG_RETURN_IF_ERROR(turn_->SyncFolder());
  for (int i = 0; i < num_files; ++i) {
    RG_RETURN_IF_ERROR(
        fs_->RemoveFile(DataFilename(prefix_, i, num_shards + 1)));
  }
  return absl::OkStatus();
}

// A save that was killed between the switch and the end left an index with one
// shard more than there are files. That index is replaced now; its names can
// go. A real checkpoint of so many shards has all its files, and they stay, as
// TensorFlow leaves them.
void BundleCommit::RemoveInterruptedSwitch(int num_shards) {
  const int old_num_shards = num_shards + 1;
  if (fs_->FileExists(DataFilename(prefix_, num_shards, old_num_shards))) {
    return;
  }
  for (int i = 0; i < num_shards; ++i) {
    fs_->RemoveFile(DataFilename(prefix_, i, old_num_shards)).IgnoreError();
  }
}

}  // namespace retrograph
