// FolderTurn: the turn of one writer in a checkpoint folder.
//
// Writers of one folder take turns: while a FolderTurn lives, it holds a lock
// on the folder. Whose turn it is removes the temporary files that dead writers
// left there, makes temporary names of its own, and leaves none behind.
//
// Threads: thread-compatible; one thread must not hold two turns of one folder.
#ifndef RETROGRAPH_CHECKPOINT_FOLDER_TURN_H_
#define RETROGRAPH_CHECKPOINT_FOLDER_TURN_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/file_system.h"

namespace retrograph {

// How the files of a checkpoint reach the disk.
struct CommitOptions {
  // Whether files and folders are synced to the disk. Without it a crash of the
  // machine, though not of the process, may lose the old and the new
  // checkpoint.
  bool sync = true;
  // Whether to wait for other writers in the folder, and to remove what dead
  // ones left.
  bool lock_folder = true;
};

class FolderTurn {
 public:
  // Waits for the lock of the folder that `path` is in, and sweeps. A folder
  // that cannot be locked, or is not there, is used without.
  FolderTurn(FileSystem* fs, absl::string_view path,
             const CommitOptions& options);
  // Removes the temporary files that are left.
  ~FolderTurn();
  FolderTurn(const FolderTurn&) = delete;
  FolderTurn& operator=(const FolderTurn&) = delete;

  // A temporary name for `path`, removed when this object goes.
  std::string NewTemporary(absl::string_view path);
  // Makes the folder's names last, unless syncing is switched off.
  absl::Status SyncFolder();

 private:
  void Sweep();

  FileSystem* const fs_;
  const std::string folder_;  // "." for a path without one
  const bool sync_;
  std::unique_ptr<FileLock> lock_;
  std::vector<std::string> temporaries_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_FOLDER_TURN_H_
