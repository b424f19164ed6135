#include "checkpoint/folder_turn.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "checkpoint/names.h"
#include "core/check.h"
#include "core/errors.h"

namespace retrograph {

// What a save shares with its writers.
struct SaveTurn::State {
  absl::Mutex one_at_a_time;  // held by the FolderTurn that has joined
  // Files that await Commit(); guarded by the mutex.
  std::vector<PendingFile> pending;
  bool holds_everything = false;
};

namespace {

std::string FolderOf(absl::string_view path) {
  const absl::string_view folder = Dirname(path);
  return folder.empty() ? "." : std::string(folder);
}

// The SaveTurns of this process that hold a lock. A folder is known by its
// inode, since it can be spelt in many ways.
class SaveTurns {
 public:
  static SaveTurns* Get() {
    static SaveTurns* const turns = new SaveTurns;
    return turns;
  }

  void Add(FileSystem* fs, uint64_t inode, const void* owner,
           std::shared_ptr<SaveTurn::State> state) {
    absl::MutexLock lock(&mu_);
    states_[{fs, inode, owner}] = std::move(state);
  }
  void Remove(const SaveTurn::State* state) {
    absl::MutexLock lock(&mu_);
    for (auto it = states_.begin(); it != states_.end();) {
      it = it->second.get() == state ? states_.erase(it) : std::next(it);
    }
  }
  // Null if `owner` has no turn of the folder.
  std::shared_ptr<SaveTurn::State> Find(FileSystem* fs, uint64_t inode,
                                        const void* owner) {
    if (owner == nullptr) return nullptr;
    absl::MutexLock lock(&mu_);
    const auto it = states_.find({fs, inode, owner});
    return it == states_.end() ? nullptr : it->second;
  }

 private:
  using Key = std::tuple<FileSystem*, uint64_t, const void*>;

  absl::Mutex mu_;
  std::map<Key, std::shared_ptr<SaveTurn::State>> states_ ABSL_GUARDED_BY(mu_);
};

void RemoveFolder(FileSystem* fs, const std::string& folder) {
  absl::StatusOr<std::vector<std::string>> names = fs->ListDirectory(folder);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    fs->RemoveFile(JoinPath(folder, name)).IgnoreError();
  }
  fs->RemoveDirectory(folder).IgnoreError();
}

void SweepEntry(FileSystem* fs, const std::string& folder,
                const std::string& name, bool sync) {
  const std::string path = JoinPath(folder, name);
  if (IsShardFolderName(name)) {
    FolderTurn::RemoveShardFolder(fs, path);
    return;
  }
  if (!IsTemporaryFilename(name)) return;
  // Of a name that leads nowhere the removal itself tells.
  if (!fs->IsDirectory(path)) {
    fs->RemoveFile(path).IgnoreError();
  } else if (IsSwitchName(name)) {
    FinishSwitch(fs, path, sync).IgnoreError();
  } else {
    RemoveFolder(fs, path);
  }
}

// Removes what dead writers left. The caller holds the folder's lock.
void Sweep(FileSystem* fs, const std::string& folder, bool sync) {
  absl::StatusOr<std::vector<std::string>> names = fs->ListDirectory(folder);
  if (!names.ok()) return;
  for (const std::string& name : *names) SweepEntry(fs, folder, name, sync);
}

}  // namespace

SaveTurn::SaveTurn(FileSystem* fs, absl::string_view path,
                   const CommitOptions& options)
    : fs_(fs),
      path_(path),
      folder_(FolderOf(path)),
      options_(options),
      state_(std::make_shared<State>()) {
  RG_CHECK(options.owner != nullptr, "a SaveTurn needs an owner");
  TakeLock();
}

void SaveTurn::TakeLock() {
  if (!options_.lock_folder) return;
  // Locking what is not there would make a file of its name.
  const absl::StatusOr<FileStat> stat = fs_->Stat(folder_);
  if (!stat.ok() || !stat->is_directory) return;
  absl::StatusOr<std::unique_ptr<FileLock>> lock = fs_->LockFile(folder_);
  if (!lock.ok()) return;
  lock_ = *std::move(lock);
  SaveTurns::Get()->Add(fs_, stat->inode, options_.owner, state_);
  Sweep(fs_, folder_, options_.sync);
}

SaveTurn::~SaveTurn() {
  SaveTurns::Get()->Remove(state_.get());
  if (committed_) return;
  switch_.reset();
  for (const PendingFile& file : state_->pending) {
    fs_->RemoveFile(file.temporary).IgnoreError();
  }
  if (lock_ != nullptr) Sweep(fs_, folder_, options_.sync);
}

absl::StatusOr<bool> SaveTurn::HoldEverything() {
  if (lock_ == nullptr) return false;
  RG_ASSIGN_OR_RETURN(switch_, FileSwitch::Begin(fs_, path_, options_.sync));
  absl::MutexLock lock(&state_->one_at_a_time);
  state_->holds_everything = switch_ != nullptr;
  return state_->holds_everything;
}

absl::Status SaveTurn::Commit() {
  if (lock_ == nullptr) TakeLock();
  absl::MutexLock lock(&state_->one_at_a_time);
  RG_RETURN_IF_ERROR(
      switch_ != nullptr
          ? switch_->Run(state_->pending)
          : PutInPlace(fs_, state_->pending, options_.sync));
  state_->pending.clear();
  state_->holds_everything = false;
  committed_ = true;
  return absl::OkStatus();
}

FolderTurn::FolderTurn(FileSystem* fs, absl::string_view path,
                       const CommitOptions& options)
    : fs_(fs), folder_(FolderOf(path)), sync_(options.sync) {
  if (!options.lock_folder) return;
  const absl::StatusOr<FileStat> stat = fs_->Stat(folder_);
  if (!stat.ok() || !stat->is_directory) return;
  joined_ = SaveTurns::Get()->Find(fs_, stat->inode, options.owner);
  if (joined_ != nullptr) {
    joined_lock_ =
        std::make_unique<absl::MutexLock>(&joined_->one_at_a_time);
    return;
  }
  absl::StatusOr<std::unique_ptr<FileLock>> lock = fs_->LockFile(folder_);
  if (!lock.ok()) return;
  lock_ = *std::move(lock);
  Sweep(fs_, folder_, sync_);
}

FolderTurn::~FolderTurn() {
  // What was put in place no longer has its temporary name; removing that then
  // fails, which is as it should be.
  for (const std::string& path : temporaries_) {
    fs_->RemoveFile(path).IgnoreError();
  }
}

std::string FolderTurn::NewTemporary(absl::string_view path) {
  temporaries_.push_back(TemporaryFilename(path));
  return temporaries_.back();
}

absl::Status FolderTurn::WriteAtomically(const std::string& path,
                                         absl::string_view data) {
  const std::string temporary = TextTemporaryFilename(path);
  absl::Status status = WriteStringToFile(fs_, temporary, data, sync_);
  if (status.ok() && holds_everything()) {
    Hold({temporary, path});
    return status;
  }
  if (status.ok()) status = fs_->RenameFile(temporary, path);
  if (!status.ok()) {
    fs_->RemoveFile(temporary).IgnoreError();
    return status;
  }
  return SyncFolder();
}

absl::Status FolderTurn::PutV1InPlace(const std::string& temporary,
                                      const std::string& path) {
  if (joined_ == nullptr) return PutInPlace(fs_, {{temporary, path}}, sync_);
  Hold({temporary, path});
  return absl::OkStatus();
}

bool FolderTurn::holds_everything() const {
  return joined_ != nullptr && joined_->holds_everything;
}

void FolderTurn::Hold(const PendingFile& file) {
  const auto mine =
      std::find(temporaries_.begin(), temporaries_.end(), file.temporary);
  if (mine != temporaries_.end()) temporaries_.erase(mine);
  joined_->pending.push_back(file);
}

absl::Status FolderTurn::SyncFolder() {
  return sync_ ? fs_->SyncDirectory(folder_) : absl::OkStatus();
}

namespace {

// A marked folder appears under its name with the mark, or not at all.
absl::Status MakeShardFolder(FileSystem* fs, const std::string& folder,
                             bool sync) {
  if (fs->IsDirectory(folder)) return absl::OkStatus();
  const std::string temporary = TemporaryFilename(ShardFolderBase(folder));
  RG_RETURN_IF_ERROR(fs->CreateDirectory(temporary));
  absl::Status status =
      WriteStringToFile(fs, JoinPath(temporary, kShardFolderMark), "");
  if (status.ok() && sync) status = fs->SyncDirectory(temporary);
  if (status.ok()) status = fs->RenameFile(temporary, folder);
  if (status.ok()) return status;
  RemoveFolder(fs, temporary);
  // Another part's writer may have been faster.
  return fs->IsDirectory(folder) ? absl::OkStatus() : status;
}

}  // namespace

absl::Status FolderTurn::MakeFolder(FileSystem* fs, const std::string& folder,
                                    const CommitOptions& options) {
  const std::string parent = FolderOf(folder);
  absl::Status made;
  absl::StatusOr<FileStat> stat = absl::NotFoundError(parent);
  if (IsShardFolderName(Basename(folder))) stat = fs->Stat(parent);
  if (stat.ok() &&
      SaveTurns::Get()->Find(fs, stat->inode, options.owner) != nullptr) {
    made = MakeShardFolder(fs, folder, options.sync);
  } else {
    made = fs->CreateDirectory(folder);
    if (absl::IsAlreadyExists(made)) return absl::OkStatus();
  }
  // The new name must last as well.
  if (made.ok() && options.sync) return fs->SyncDirectory(parent);
  return made;
}

bool FolderTurn::RemoveShardFolder(FileSystem* fs, const std::string& folder) {
  if (!IsShardFolderName(Basename(folder)) ||
      !fs->FileExists(JoinPath(folder, kShardFolderMark))) {
    return false;
  }
  // Under the temporary name, a removal that is cut short is taken up again.
  const std::string temporary = TemporaryFilename(ShardFolderBase(folder));
  if (fs->RenameFile(folder, temporary).ok()) RemoveFolder(fs, temporary);
  return true;
}

}  // namespace retrograph
