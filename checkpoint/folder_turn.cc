#include "checkpoint/folder_turn.h"

#include <utility>

#include "absl/status/statusor.h"
#include "checkpoint/names.h"

namespace retrograph {

FolderTurn::FolderTurn(FileSystem* fs, absl::string_view path,
                       const CommitOptions& options)
    : fs_(fs),
      folder_(Dirname(path).empty() ? "." : std::string(Dirname(path))),
      sync_(options.sync) {
  // Locking what is not there would make a file of its name.
  if (!options.lock_folder || !fs_->IsDirectory(folder_)) return;
  absl::StatusOr<std::unique_ptr<FileLock>> lock = fs_->LockFile(folder_);
  if (!lock.ok()) return;
  lock_ = *std::move(lock);
  Sweep();
}

FolderTurn::~FolderTurn() {
  // What was put in place no longer has its temporary name; removing that then
  // fails, which is as it should be.
  for (const std::string& path : temporaries_) {
    fs_->RemoveFile(path).IgnoreError();
  }
}

void FolderTurn::Sweep() {
  absl::StatusOr<std::vector<std::string>> names = fs_->ListDirectory(folder_);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    if (!IsTemporaryFilename(name)) continue;
    fs_->RemoveFile(JoinPath(folder_, name)).IgnoreError();
  }
}

std::string FolderTurn::NewTemporary(absl::string_view path) {
  temporaries_.push_back(TemporaryFilename(path));
  return temporaries_.back();
}

absl::Status FolderTurn::SyncFolder() {
  return sync_ ? fs_->SyncDirectory(folder_) : absl::OkStatus();
}

}  // namespace retrograph
