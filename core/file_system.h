// FileSystem: the only way to files. Posix for real ones, in memory and
// fault-injecting ones for tests.
//
// Error texts are TensorFlow's: "<path>; No such file or directory" with the
// code that errno implies (ENOENT NotFound, EACCES PermissionDenied, ENOSPC
// ResourceExhausted, EISDIR FailedPrecondition, EIO Unknown, ...: IoError).
//
// Threads: a FileSystem is thread-safe; a file object is not, except that
// RandomAccessFile::Read may be called from several threads.
#ifndef RETROGRAPH_CORE_FILE_SYSTEM_H_
#define RETROGRAPH_CORE_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace retrograph {

// "<context>; <text of the errno value>" with TensorFlow's code for it.
absl::Status IoError(absl::string_view context, int error_number);

// After an error the content is unknown: later calls report the error again.
class WritableFile {
 public:
  virtual ~WritableFile() = default;  // closes without reporting
  virtual absl::Status Append(absl::string_view data) = 0;
  // Several pieces in order, as one write where the system can (writev).
  virtual absl::Status AppendPieces(absl::Span<const absl::string_view> pieces);
  virtual absl::Status Flush() = 0;  // to the kernel
  virtual absl::Status Sync() = 0;   // to the disk
  // A hint: a Sync() will come, and what was written so far may go to the disk
  // meanwhile.
  virtual void StartWriteBack() {}
  virtual absl::Status Close() = 0;
};

class RandomAccessFile {
 public:
  virtual ~RandomAccessFile() = default;
  // Reads up to `length` bytes at `offset` into `buffer` and returns how many;
  // fewer only at the end of the file.
  virtual absl::StatusOr<size_t> Read(uint64_t offset, size_t length,
                                      char* buffer) const = 0;
  virtual absl::StatusOr<uint64_t> Size() const = 0;
};

struct FileStat {
  uint64_t size = 0;
  int64_t mtime_nanos = 0;  // since the epoch
  bool is_directory = false;
  uint64_t inode = 0;  // 0 where there is none
};

// Held until destroyed. See FileSystem::LockFile.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // The machine's own file system. Never deleted.
  static FileSystem* Posix();

  // Creates or truncates.
  virtual absl::StatusOr<std::unique_ptr<WritableFile>> NewWritableFile(
      const std::string& path) = 0;
  virtual absl::StatusOr<std::unique_ptr<RandomAccessFile>> NewRandomAccessFile(
      const std::string& path) = 0;
  virtual absl::StatusOr<FileStat> Stat(const std::string& path) = 0;
  // Names (not paths) in a directory, sorted.
  virtual absl::StatusOr<std::vector<std::string>> ListDirectory(
      const std::string& path) = 0;
  virtual absl::Status CreateDirectory(const std::string& path) = 0;
  virtual absl::Status RemoveFile(const std::string& path) = 0;
  virtual absl::Status RemoveDirectory(const std::string& path) = 0;
  // Replaces `to` atomically.
  virtual absl::Status RenameFile(const std::string& from,
                                  const std::string& to) = 0;
  // A second name of the same file; fails with AlreadyExists if `to` is there.
  virtual absl::Status LinkFile(const std::string& from,
                                const std::string& to) = 0;
  // A symbolic link at `path`, whose target is not looked at; AlreadyExists if
  // `path` is there. Unimplemented where there are none.
  virtual absl::Status CreateSymlink(const std::string& target,
                                     const std::string& path);
  // InvalidArgument if `path` is no symbolic link.
  virtual absl::StatusOr<std::string> ReadSymlink(const std::string& path);
  // Makes renames and removals in a directory durable.
  virtual absl::Status SyncDirectory(const std::string& path) = 0;
  // Takes an exclusive advisory lock on `path`, waiting for it: other threads
  // and other processes that lock the same path are kept out. `path` may be a
  // directory; otherwise it is created if needed, and stays.
  virtual absl::StatusOr<std::unique_ptr<FileLock>> LockFile(
      const std::string& path) = 0;

  // Derived.
  bool FileExists(const std::string& path);
  bool IsDirectory(const std::string& path);
  absl::Status CreateDirectories(const std::string& path);  // mkdir -p
  // Paths that match a pattern, sorted, as tf.gfile.Glob finds them: "*", "?"
  // and "[a-c]" do not match a "/", a backslash takes the next character as it
  // is. NotFound if the folder before the first such character is missing,
  // ResourceExhausted if more than 10,000 folders would have to be looked at.
  absl::StatusOr<std::vector<std::string>> Glob(const std::string& pattern);
};

// The whole content; ResourceExhausted if that is more than `max_bytes`, which
// is found out before memory is taken for it.
absl::StatusOr<std::string> ReadFileToString(FileSystem* fs,
                                             const std::string& path,
                                             uint64_t max_bytes = uint64_t{4}
                                                                  << 30);
absl::Status WriteStringToFile(FileSystem* fs, const std::string& path,
                               absl::string_view data, bool sync = false);
// Writes to a temporary name beside `path` (TemporaryPath), syncs if asked to,
// and renames; on an error the temporary file is removed and `path` is as it
// was. That the rename survives a power loss takes a SyncDirectory().
absl::Status WriteStringToFileAtomically(FileSystem* fs,
                                         const std::string& path,
                                         absl::string_view data, bool sync);

// Whether what is saved is synced to the disk where nobody says otherwise: yes,
// unless the environment has RETROGRAPH_SYNC=0 or the setter said no. See
// docs/durability.md.
bool SyncFilesByDefault();
void SetSyncFilesByDefault(bool sync);

// A name beside `path` that no other call and no other process returns:
// "<path>.tmp" and hex digits.
std::string TemporaryPath(absl::string_view path);

// As Python's os.path: JoinPath("a", "b") "a/b"; an absolute second part wins.
std::string JoinPath(absl::string_view a, absl::string_view b);
absl::string_view Dirname(absl::string_view path);
absl::string_view Basename(absl::string_view path);
inline bool IsAbsolutePath(absl::string_view path) {
  return !path.empty() && path[0] == '/';
}

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_FILE_SYSTEM_H_
