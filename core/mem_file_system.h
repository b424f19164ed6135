// MemFileSystem: a file system in memory, for tests. It knows which data and
// which names a power loss would leave.
//
// What a power loss leaves is taken strictly: of a file's content what its last
// Sync() covered, of a directory the names that it had at its last
// SyncDirectory(). A file that was synced but whose directory was not is gone;
// a rename without SyncDirectory() did not happen. DropSomeUnsyncedData() is a
// milder disk: each unsynced thing may or may not have arrived.
//
// Example:
//   MemFileSystem fs;
//   ASSERT_OK(WriteStringToFile(&fs, "/m/a", "1"));  // "/m" was made before
//   fs.DropUnsyncedData();
//   EXPECT_FALSE(fs.FileExists("/m/a"));
//
// Paths: "/a/b" and "a/b" are the same file; the root always exists. There is
// no "..", and no file is made through a symbolic link.
// Threads: thread-safe. A lock (LockFile) waits for other threads' ones.
#ifndef RETROGRAPH_CORE_MEM_FILE_SYSTEM_H_
#define RETROGRAPH_CORE_MEM_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/file_system.h"

namespace retrograph {

class MemFileSystem : public FileSystem {
 public:
  MemFileSystem();
  ~MemFileSystem() override;

  // The power fails: what was not synced is gone, locks are free, and files
  // that are still open fail from now on.
  void DropUnsyncedData();
  // The same, but unsynced content is kept, lost or kept in part as chance
  // wills, and so are unsynced operations on names, each of them as a whole:
  // for an even seed the first few of them, as a journalling disk has it, for
  // an odd one any of them.
  void DropSomeUnsyncedData(uint64_t seed);
  // Makes everything durable, as the starting point of a test.
  void SyncEverything();

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

  struct State;  // in mem_file_system.cc

 private:
  // Shared with the open files, which may outlive the file system.
  const std::shared_ptr<State> state_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_MEM_FILE_SYSTEM_H_
