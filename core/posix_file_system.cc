// The machine's own file system.
//
// A written file keeps small pieces in a buffer and hands large ones to the
// kernel from where they stand, together with what the buffer holds, in one
// writev. Reads are preads.
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "core/errors.h"
#include "core/file_system.h"
#include "core/observer.h"

namespace retrograph {
namespace {

constexpr size_t kBufferSize = 64 << 10;
// Pieces from this size on are not copied into the buffer.
constexpr size_t kLargePiece = 16 << 10;

template <typename F>
auto RetryOnSignal(F&& call) -> decltype(call()) {
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

class PosixWritableFile : public WritableFile {
 public:
  PosixWritableFile(const std::string& path, int fd) : path_(path), fd_(fd) {}

  ~PosixWritableFile() override {
    if (fd_ >= 0) Close().IgnoreError();
  }

  absl::Status Append(absl::string_view data) override {
    return AppendPieces(absl::MakeConstSpan(&data, 1));
  }
  absl::Status AppendPieces(
      absl::Span<const absl::string_view> pieces) override;
  absl::Status Flush() override;
  absl::Status Sync() override;
  void StartWriteBack() override;
  absl::Status Close() override;

 private:
  absl::Status Fail(int error_number) {
    error_ = IoError(path_, error_number);
    return error_;
  }
  // Writes the buffer, then the pieces that await it.
  absl::Status WriteOut();
  absl::Status WriteAll(iovec* pieces, size_t count);

  const std::string path_;
  int fd_;
  absl::Status error_;  // the first one, which every later call repeats
  int64_t written_ = 0;
  int64_t write_back_ = 0;  // so much of it was told to go to the disk
  std::string buffer_;
  // Large pieces that follow what is in the buffer; empty between calls.
  std::vector<iovec> large_;
};

absl::Status PosixWritableFile::AppendPieces(
    absl::Span<const absl::string_view> pieces) {
  if (fd_ < 0) return IoError(path_, EBADF);
  RG_RETURN_IF_ERROR(error_);
  for (absl::string_view piece : pieces) {
    if (piece.size() >= kLargePiece) {
      large_.push_back({const_cast<char*>(piece.data()), piece.size()});
      continue;
    }
    if (!large_.empty() || buffer_.size() + piece.size() > kBufferSize) {
      RG_RETURN_IF_ERROR(WriteOut());
    }
    if (buffer_.capacity() == 0) buffer_.reserve(kBufferSize);
    buffer_.append(piece.data(), piece.size());
  }
  return large_.empty() ? absl::OkStatus() : WriteOut();
}

absl::Status PosixWritableFile::WriteOut() {
  if (!buffer_.empty()) {
    large_.insert(large_.begin(), {&buffer_[0], buffer_.size()});
  }
  const absl::Status status = WriteAll(large_.data(), large_.size());
  large_.clear();
  buffer_.clear();
  return status;
}

absl::Status PosixWritableFile::WriteAll(iovec* pieces, size_t count) {
  while (count > 0) {
    const int at_once = static_cast<int>(std::min<size_t>(count, IOV_MAX));
    ssize_t wrote =
        RetryOnSignal([&] { return ::writev(fd_, pieces, at_once); });
    if (wrote < 0) return Fail(errno);
    written_ += wrote;
    // A write may be short: go on in the middle of a piece.
    while (count > 0 && static_cast<size_t>(wrote) >= pieces->iov_len) {
      wrote -= pieces->iov_len;
      ++pieces;
      --count;
    }
    if (wrote > 0) {
      pieces->iov_base = static_cast<char*>(pieces->iov_base) + wrote;
      pieces->iov_len -= wrote;
    }
  }
  return absl::OkStatus();
}

absl::Status PosixWritableFile::Flush() {
  if (fd_ < 0) return IoError(path_, EBADF);
  RG_RETURN_IF_ERROR(error_);
  return WriteOut();
}

absl::Status PosixWritableFile::Sync() {
  RG_RETURN_IF_ERROR(Flush());
  if (RetryOnSignal([&] { return ::fdatasync(fd_); }) < 0) return Fail(errno);
  return absl::OkStatus();
}

void PosixWritableFile::StartWriteBack() {
  if (fd_ < 0 || written_ == write_back_) return;
  // Starts the writing and does not wait for it; Sync() tells what failed.
  ::sync_file_range(fd_, write_back_, written_ - write_back_,
                    SYNC_FILE_RANGE_WRITE);
  write_back_ = written_;
}

absl::Status PosixWritableFile::Close() {
  if (fd_ < 0) return IoError(path_, EBADF);
  absl::Status status = Flush();
  // After EINTR, too, Linux has closed the file.
  const int result = ::close(std::exchange(fd_, -1));
  if (status.ok() && result < 0 && errno != EINTR) status = Fail(errno);
  if (Observer* observer = CurrentObserver(); observer && status.ok()) {
    observer->OnFileWritten({path_, written_});
  }
  return status;
}

class PosixRandomAccessFile : public RandomAccessFile {
 public:
  PosixRandomAccessFile(const std::string& path, int fd)
      : path_(path), fd_(fd) {}
  ~PosixRandomAccessFile() override { ::close(fd_); }

  absl::StatusOr<size_t> Read(uint64_t offset, size_t length,
                              char* buffer) const override {
    if (offset > static_cast<uint64_t>(INT64_MAX)) return size_t{0};
    size_t done = 0;
    while (done < length) {
      const ssize_t got = RetryOnSignal([&] {
        return ::pread(fd_, buffer + done, length - done,
                       static_cast<off_t>(offset + done));
      });
      // TensorFlow names here what it opened: "d", not "./d".
      if (got < 0) return Fail(errno);
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }

  absl::StatusOr<uint64_t> Size() const override {
    struct stat info;
    if (::fstat(fd_, &info) < 0) return IoError(path_, errno);
    return static_cast<uint64_t>(info.st_size);
  }

 private:
  absl::Status Fail(int error_number) const {
    return IoError(std::filesystem::path(path_).lexically_normal().string(),
                   error_number);
  }

  const std::string path_;
  const int fd_;
};

class PosixFileLock : public FileLock {
 public:
  explicit PosixFileLock(int fd) : fd_(fd) {}
  ~PosixFileLock() override {
    // Closing would do, were there not children that inherited the file.
    ::flock(fd_, LOCK_UN);
    ::close(fd_);
  }

 private:
  const int fd_;
};

class PosixFileSystem : public FileSystem {
 public:
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
};

int Open(const std::string& path, int flags) {
  return RetryOnSignal(
      [&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0666); });
}

absl::StatusOr<std::unique_ptr<WritableFile>> PosixFileSystem::NewWritableFile(
    const std::string& path) {
  const int fd = Open(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return IoError(path, errno);
  return std::make_unique<PosixWritableFile>(path, fd);
}

absl::StatusOr<std::unique_ptr<RandomAccessFile>>
PosixFileSystem::NewRandomAccessFile(const std::string& path) {
  // Nobody waits for the other end of a pipe, which cannot be read from here
  // and there anyway. For a file the flag means nothing.
  const int fd = Open(path, O_RDONLY | O_NONBLOCK);
  if (fd < 0) return IoError(path, errno);
  return std::make_unique<PosixRandomAccessFile>(path, fd);
}

absl::StatusOr<FileStat> PosixFileSystem::Stat(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) < 0) return IoError(path, errno);
  FileStat result;
  result.size = static_cast<uint64_t>(info.st_size);
  result.mtime_nanos =
      int64_t{info.st_mtim.tv_sec} * 1000000000 + info.st_mtim.tv_nsec;
  result.is_directory = S_ISDIR(info.st_mode);
  result.inode = info.st_ino;
  return result;
}

absl::StatusOr<std::vector<std::string>> PosixFileSystem::ListDirectory(
    const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return IoError(path, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(directory)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  const int error_number = errno;
  ::closedir(directory);
  RG_RETURN_IF_ERROR(IoError(path, error_number));
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status PosixFileSystem::CreateDirectory(const std::string& path) {
  return ::mkdir(path.c_str(), 0777) < 0 ? IoError(path, errno)
                                         : absl::OkStatus();
}

absl::Status PosixFileSystem::RemoveFile(const std::string& path) {
  if (::unlink(path.c_str()) < 0) return IoError(path, errno);
  if (Observer* observer = CurrentObserver()) observer->OnFileRemoved({path});
  return absl::OkStatus();
}

absl::Status PosixFileSystem::RemoveDirectory(const std::string& path) {
  return ::rmdir(path.c_str()) < 0 ? IoError(path, errno) : absl::OkStatus();
}

absl::Status PosixFileSystem::RenameFile(const std::string& from,
                                         const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) < 0) return IoError(from, errno);
  if (Observer* observer = CurrentObserver()) {
    observer->OnFileRenamed({from, to});
  }
  return absl::OkStatus();
}

absl::Status PosixFileSystem::LinkFile(const std::string& from,
                                       const std::string& to) {
  if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(),
               AT_SYMLINK_FOLLOW) == 0) {
    return absl::OkStatus();
  }
  return IoError(errno == EEXIST ? to : from, errno);
}

absl::Status PosixFileSystem::CreateSymlink(const std::string& target,
                                            const std::string& path) {
  return ::symlink(target.c_str(), path.c_str()) < 0 ? IoError(path, errno)
                                                     : absl::OkStatus();
}

absl::StatusOr<std::string> PosixFileSystem::ReadSymlink(
    const std::string& path) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = ::readlink(path.c_str(), &target[0], target.size());
  if (size < 0) return IoError(path, errno);
  target.resize(static_cast<size_t>(size));
  return target;
}

absl::Status PosixFileSystem::SyncDirectory(const std::string& path) {
  const int fd = Open(path, O_RDONLY | O_DIRECTORY);
  if (fd < 0) return IoError(path, errno);
  const int result = RetryOnSignal([&] { return ::fsync(fd); });
  const int error_number = errno;
  ::close(fd);
  // Some file systems cannot sync a directory and say so with EINVAL.
  if (result == 0 || error_number == EINVAL) return absl::OkStatus();
  return IoError(path, error_number);
}

absl::StatusOr<std::unique_ptr<FileLock>> PosixFileSystem::LockFile(
    const std::string& path) {
  while (true) {
    int fd = Open(path, O_RDWR | O_CREAT);
    if (fd < 0 && errno == EISDIR) fd = Open(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return IoError(path, errno);
    auto lock = std::make_unique<PosixFileLock>(fd);
    // flock, not fcntl: it is held by this open file, not by the process, so
    // it works between threads too.
    if (RetryOnSignal([&] { return ::flock(fd, LOCK_EX); }) < 0) {
      return IoError(path, errno);
    }
    // While this waited, another may have removed the file: then the lock is
    // on a file that nobody will find.
    struct stat mine, named;
    if (::fstat(fd, &mine) == 0 && ::stat(path.c_str(), &named) == 0 &&
        mine.st_dev == named.st_dev && mine.st_ino == named.st_ino) {
      return lock;
    }
  }
}

}  // namespace

FileSystem* FileSystem::Posix() {
  static FileSystem* const posix = new PosixFileSystem;
  return posix;
}

}  // namespace retrograph
