// FolderTurn and SaveTurn: the turn of one writer, or of one save with several
// writers, in a checkpoint folder.
//
// Writers of one folder take turns: while a turn lives, it holds a lock on the
// folder. Whose turn it is removes what dead writers left there, makes
// temporary names of its own, and leaves none behind.
//
// A Saver's save is more than one writer: parts on several devices, a merge, a
// .meta file, the state file. It takes a SaveTurn, and the FolderTurns of its
// writers, which name the same owner, join that instead of waiting for it, one
// at a time.
//
// Threads: thread-compatible; a FolderTurn ends in the thread that began it.
// One thread must not hold two turns of one folder, other than a FolderTurn
// that joins a SaveTurn.
#ifndef RETROGRAPH_CHECKPOINT_FOLDER_TURN_H_
#define RETROGRAPH_CHECKPOINT_FOLDER_TURN_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "checkpoint/file_switch.h"
#include "core/file_system.h"

namespace retrograph {

// How the files of a checkpoint reach the disk.
struct CommitOptions {
  // Whether files and folders are synced to the disk. Without it a crash of the
  // machine, though not of the process, may lose the old and the new
  // checkpoint.
  bool sync = SyncFilesByDefault();
  // Whether to wait for other writers in the folder, and to remove what dead
  // ones left.
  bool lock_folder = true;
  // Who saves (a session, say): joins the SaveTurn of the same owner. Null: on
  // its own.
  const void* owner = nullptr;
};

class SaveTurn {
 public:
  // Waits for the lock of the folder that `path` is in, and sweeps. A folder
  // that cannot be locked, or is not there, is used without. `options.owner`
  // must not be null.
  SaveTurn(FileSystem* fs, absl::string_view path,
           const CommitOptions& options);
  // Without Commit(), removes what the writers left.
  ~SaveTurn();
  SaveTurn(const SaveTurn&) = delete;
  SaveTurn& operator=(const SaveTurn&) = delete;

  // From now on all that the writers finish, whatever it is, waits for
  // Commit(). False where that cannot be had: the folder has no lock, or there
  // are no symbolic links; then writers go on as before.
  absl::StatusOr<bool> HoldEverything();
  // After the writers have finished: puts what waits in place at once
  // (file_switch.h), which is their V1 files, unless all is held. Takes the
  // lock if the folder was not there before.
  absl::Status Commit();

  struct State;  // in folder_turn.cc

 private:
  void TakeLock();

  FileSystem* const fs_;
  const std::string path_;
  const std::string folder_;
  const CommitOptions options_;
  std::unique_ptr<FileLock> lock_;
  std::shared_ptr<State> state_;  // shared with the turns that joined
  std::unique_ptr<FileSwitch> switch_;  // where everything is held
  bool committed_ = false;
};

class FolderTurn {
 public:
  // Joins a SaveTurn, or waits for the lock and sweeps as that does.
  FolderTurn(FileSystem* fs, absl::string_view path,
             const CommitOptions& options);
  // Removes the temporary files that are left.
  ~FolderTurn();
  FolderTurn(const FolderTurn&) = delete;
  FolderTurn& operator=(const FolderTurn&) = delete;

  // A temporary name for `path`, removed when this object goes.
  std::string NewTemporary(absl::string_view path);
  // Writes a small file under a temporary name, syncs, and renames (or leaves
  // that to the SaveTurn); on an error `path` is as it was.
  absl::Status WriteAtomically(const std::string& path, absl::string_view data);
  // Puts a finished V1 file in place, or leaves that to the SaveTurn.
  absl::Status PutV1InPlace(const std::string& temporary,
                            const std::string& path);
  // Whether the SaveTurn holds everything. If so, a writer hands its finished
  // files over.
  bool holds_everything() const;
  void Hold(const PendingFile& file);
  // Makes the folder's names last, unless syncing is switched off.
  absl::Status SyncFolder();

  // Makes the folder (not its parents) if it is missing. In a SaveTurn of the
  // folder above, a folder for the parts of a sharded save is marked as one
  // that may be swept.
  static absl::Status MakeFolder(FileSystem* fs, const std::string& folder,
                                 const CommitOptions& options);
  // Removes a folder that was marked so, with what is left in it. False if it
  // is none.
  static bool RemoveShardFolder(FileSystem* fs, const std::string& folder);

 private:
  FileSystem* const fs_;
  const std::string folder_;  // "." for a path without one
  const bool sync_;
  std::unique_ptr<FileLock> lock_;
  std::shared_ptr<SaveTurn::State> joined_;
  std::unique_ptr<absl::MutexLock> joined_lock_;
  std::vector<std::string> temporaries_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_FOLDER_TURN_H_
