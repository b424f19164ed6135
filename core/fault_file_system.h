// ForwardingFileSystem hands every call on to another file system; tests
// derive from it and override what they want to see or change.
//
// FaultFileSystem is one that counts operations and lets chosen ones fail: the
// n-th, every one from the n-th on (a crash), or every write after the disk is
// full.
//
// An operation is one call: opening, each Append or AppendPieces, Flush, Sync,
// Close, Read, Size, Stat, ListDirectory, CreateDirectory, RemoveFile,
// RemoveDirectory, RenameFile, LinkFile, CreateSymlink, ReadSymlink,
// SyncDirectory, LockFile. Operations are numbered from 1. What destructors do is not one.
//
// Example: a save survives a failure of each of its operations.
//   for (int64_t n = 1;; ++n) {
//     MemFileSystem disk;
//     FaultFileSystem fs(&disk);
//     fs.FailOperation(n, absl::UnknownError("x; Input/output error"));
//     absl::Status status = Save(&fs);
//     if (fs.operations() < n) break;   // all were tried
//     ... status, or what is on `disk` ...
//   }
//
// Threads: thread-safe.
#ifndef RETROGRAPH_CORE_FAULT_FILE_SYSTEM_H_
#define RETROGRAPH_CORE_FAULT_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/file_system.h"

namespace retrograph {

class ForwardingFileSystem : public FileSystem {
 public:
  // `base` must outlive this.
  explicit ForwardingFileSystem(FileSystem* base) : base_(base) {}

  absl::StatusOr<std::unique_ptr<WritableFile>> NewWritableFile(
      const std::string& path) override;
  absl::StatusOr<std::unique_ptr<RandomAccessFile>> NewRandomAccessFile(
      const std::string& path) override;
  absl::StatusOr<FileStat> Stat(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> ListDirectory(
      const std::string& path) override;
  absl::Status CreateDirectory(const std::string& path) override;
  absl::Status RemoveFile(const std::string& path) override;
  absl::Status RemoveDirectory(const std::string& path) override;
  absl::Status RenameFile(const std::string& from,
                          const std::string& to) override;
  absl::Status LinkFile(const std::string& from,
                        const std::string& to) override;
  absl::Status CreateSymlink(const std::string& target,
                             const std::string& path) override;
  absl::StatusOr<std::string> ReadSymlink(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<FileLock>> LockFile(
      const std::string& path) override;

 protected:
  FileSystem* base() const { return base_; }

 private:
  FileSystem* const base_;
};

class FaultFileSystem : public ForwardingFileSystem {
 public:
  explicit FaultFileSystem(FileSystem* base);
  ~FaultFileSystem() override;

  // How many operations there were.
  int64_t operations() const;
  // What they were, in order: "append /m/a 12", "rename /m/a /m/b".
  std::vector<std::string> log() const;

  // The n-th operation does nothing and returns this error.
  void FailOperation(int64_t n, absl::Status error);
  // The n-th operation, if it is an Append, writes the first half of its data
  // before it returns this error; any other one just fails.
  void FailHalfway(int64_t n, absl::Status error);
  // The n-th operation fails as the system would: with this errno value, and
  // the path that it is about. With `half`, as FailHalfway.
  void FailWithErrno(int64_t n, int error_number, bool half = false);
  // From the n-th operation on everything fails and changes nothing more, as if
  // the process had died there. If the n-th is an Append, the first half of its
  // data arrives when `half_write` is set. (What a Posix file had buffered
  // arrives, too, when it is destroyed; over a MemFileSystem nothing does.)
  void CrashAt(int64_t n, bool half_write = false);
  // The process dies there by SIGKILL, before the n-th operation or, if that is
  // an Append and `half_write` is set, after half of it. For forked children.
  void KillAt(int64_t n, bool half_write = false);
  // The disk takes this many more bytes of written data; an Append beyond that
  // writes what fits and returns "<path>; No space left on device".
  void LimitBytes(int64_t bytes);
  // Forgets all faults, the count and the log.
  void Reset();

  absl::StatusOr<std::unique_ptr<WritableFile>> NewWritableFile(
      const std::string& path) override;
  absl::StatusOr<std::unique_ptr<RandomAccessFile>> NewRandomAccessFile(
      const std::string& path) override;
  absl::StatusOr<FileStat> Stat(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> ListDirectory(
      const std::string& path) override;
  absl::Status CreateDirectory(const std::string& path) override;
  absl::Status RemoveFile(const std::string& path) override;
  absl::Status RemoveDirectory(const std::string& path) override;
  absl::Status RenameFile(const std::string& from,
                          const std::string& to) override;
  absl::Status LinkFile(const std::string& from,
                        const std::string& to) override;
  absl::Status CreateSymlink(const std::string& target,
                             const std::string& path) override;
  absl::StatusOr<std::string> ReadSymlink(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<FileLock>> LockFile(
      const std::string& path) override;

  class Faults;  // in fault_file_system.cc

 private:
  // Shared with the open files.
  const std::shared_ptr<Faults> faults_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_FAULT_FILE_SYSTEM_H_
