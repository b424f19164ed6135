#include "core/fault_file_system.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"

namespace retrograph {

absl::StatusOr<std::unique_ptr<WritableFile>>
ForwardingFileSystem::NewWritableFile(const std::string& path) {
  return base_->NewWritableFile(path);
}
absl::StatusOr<std::unique_ptr<RandomAccessFile>>
ForwardingFileSystem::NewRandomAccessFile(const std::string& path) {
  return base_->NewRandomAccessFile(path);
}
absl::StatusOr<FileStat> ForwardingFileSystem::Stat(const std::string& path) {
  return base_->Stat(path);
}
absl::StatusOr<std::vector<std::string>> ForwardingFileSystem::ListDirectory(
    const std::string& path) {
  return base_->ListDirectory(path);
}
absl::Status ForwardingFileSystem::CreateDirectory(const std::string& path) {
  return base_->CreateDirectory(path);
}
absl::Status ForwardingFileSystem::RemoveFile(const std::string& path) {
  return base_->RemoveFile(path);
}
absl::Status ForwardingFileSystem::RemoveDirectory(const std::string& path) {
  return base_->RemoveDirectory(path);
}
absl::Status ForwardingFileSystem::RenameFile(const std::string& from,
                                              const std::string& to) {
  return base_->RenameFile(from, to);
}
absl::Status ForwardingFileSystem::LinkFile(const std::string& from,
                                            const std::string& to) {
  return base_->LinkFile(from, to);
}
absl::Status ForwardingFileSystem::CreateSymlink(const std::string& target,
                                                 const std::string& path) {
  return base_->CreateSymlink(target, path);
}
absl::StatusOr<std::string> ForwardingFileSystem::ReadSymlink(
    const std::string& path) {
  return base_->ReadSymlink(path);
}
absl::Status ForwardingFileSystem::SyncDirectory(const std::string& path) {
  return base_->SyncDirectory(path);
}
absl::StatusOr<std::unique_ptr<FileLock>> ForwardingFileSystem::LockFile(
    const std::string& path) {
  return base_->LockFile(path);
}

// What shall go wrong, and what has happened so far.
class FaultFileSystem::Faults {
 public:
  // Counts an operation; an error if it shall not take place.
  absl::Status Count(absl::string_view verb, const std::string& path,
                     const std::string& more = "") {
    std::lock_guard<std::mutex> lock(mu_);
    return CountLocked(verb, path, more);
  }

  // Counts an append of `size` bytes. `*allowed` is how many of them shall be
  // written, all of them if the result is OK.
  absl::Status CountAppend(const std::string& path, int64_t size,
                           int64_t* allowed) {
    std::lock_guard<std::mutex> lock(mu_);
    const absl::Status status =
        CountLocked("append", path, absl::StrCat(size));
    if (!status.ok()) {
      *allowed = operations_ == half_at_ ? size / 2 : 0;
      return status;
    }
    *allowed = std::min(size, bytes_left_);
    bytes_left_ -= *allowed;
    return *allowed == size ? absl::OkStatus() : IoError(path, ENOSPC);
  }

  int64_t operations() const {
    std::lock_guard<std::mutex> lock(mu_);
    return operations_;
  }
  std::vector<std::string> log() const {
    std::lock_guard<std::mutex> lock(mu_);
    return log_;
  }

  void FailAt(int64_t n, absl::Status error, bool half) {
    std::lock_guard<std::mutex> lock(mu_);
    fail_at_ = n;
    error_number_ = 0;
    error_ = std::move(error);
    if (half) half_at_ = n;
  }
  void FailAt(int64_t n, int error_number, bool half) {
    std::lock_guard<std::mutex> lock(mu_);
    fail_at_ = n;
    error_number_ = error_number;
    if (half) half_at_ = n;
  }
  void KillAt(int64_t n, bool half) {
    CrashAt(n, half);
    std::lock_guard<std::mutex> lock(mu_);
    kill_ = true;
  }
  // Whether the process shall die now, after the half write that CountAppend
  // has allowed.
  void DieIfKilled() const {
    std::lock_guard<std::mutex> lock(mu_);
    if (kill_ && operations_ >= crash_at_) kill(getpid(), SIGKILL);
  }
  void CrashAt(int64_t n, bool half) {
    std::lock_guard<std::mutex> lock(mu_);
    crash_at_ = n;
    if (half) half_at_ = n;
  }
  void LimitBytes(int64_t bytes) {
    std::lock_guard<std::mutex> lock(mu_);
    bytes_left_ = bytes;
  }
  void Reset() {
    std::lock_guard<std::mutex> lock(mu_);
    operations_ = 0;
    log_.clear();
    fail_at_ = half_at_ = 0;
    crash_at_ = bytes_left_ = kNever;
    kill_ = false;
  }

 private:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  absl::Status CountLocked(absl::string_view verb, const std::string& path,
                           const std::string& more) {
    ++operations_;
    log_.push_back(
        absl::StrCat(verb, " ", path, more.empty() ? "" : " ", more));
    if (operations_ >= crash_at_) {
      if (kill_ && operations_ != half_at_) kill(getpid(), SIGKILL);
      return absl::AbortedError("the process has crashed");
    }
    if (operations_ != fail_at_) return absl::OkStatus();
    return error_number_ != 0 ? IoError(path, error_number_) : error_;
  }

  mutable std::mutex mu_;
  // All below is guarded by mu_.
  int64_t operations_ = 0;
  std::vector<std::string> log_;
  int64_t fail_at_ = 0;
  int64_t half_at_ = 0;
  absl::Status error_;    // with the path of the operation if this is not 0:
  int error_number_ = 0;
  bool kill_ = false;  // crash in earnest
  int64_t crash_at_ = kNever;
  int64_t bytes_left_ = kNever;
};

namespace {

using Faults = FaultFileSystem::Faults;

class FaultWritableFile : public WritableFile {
 public:
  FaultWritableFile(std::shared_ptr<Faults> faults, std::string path,
                    std::unique_ptr<WritableFile> base)
      : faults_(std::move(faults)),
        path_(std::move(path)),
        base_(std::move(base)) {}

  absl::Status Append(absl::string_view data) override {
    return AppendPieces(absl::MakeConstSpan(&data, 1));
  }

  absl::Status AppendPieces(
      absl::Span<const absl::string_view> pieces) override {
    int64_t size = 0;
    for (absl::string_view piece : pieces) size += piece.size();
    int64_t allowed = 0;
    const absl::Status status = faults_->CountAppend(path_, size, &allowed);
    if (status.ok()) return base_->AppendPieces(pieces);
    for (absl::string_view piece : pieces) {
      const absl::string_view part = piece.substr(0, allowed);
      base_->Append(part).IgnoreError();
      allowed -= part.size();
    }
    // What was written halfway shall be on the disk, not in a buffer.
    base_->Flush().IgnoreError();
    faults_->DieIfKilled();
    return status;
  }

  absl::Status Flush() override {
    RG_RETURN_IF_ERROR(faults_->Count("flush", path_));
    return base_->Flush();
  }
  absl::Status Sync() override {
    RG_RETURN_IF_ERROR(faults_->Count("sync", path_));
    return base_->Sync();
  }
  void StartWriteBack() override { base_->StartWriteBack(); }
  absl::Status Close() override {
    RG_RETURN_IF_ERROR(faults_->Count("close", path_));
    return base_->Close();
  }

 private:
  const std::shared_ptr<Faults> faults_;
  const std::string path_;
  const std::unique_ptr<WritableFile> base_;
};

class FaultRandomAccessFile : public RandomAccessFile {
 public:
  FaultRandomAccessFile(std::shared_ptr<Faults> faults, std::string path,
                        std::unique_ptr<RandomAccessFile> base)
      : faults_(std::move(faults)),
        path_(std::move(path)),
        base_(std::move(base)) {}

  absl::StatusOr<size_t> Read(uint64_t offset, size_t length,
                              char* buffer) const override {
    RG_RETURN_IF_ERROR(
        faults_->Count("read", path_, absl::StrCat(offset, " ", length)));
    return base_->Read(offset, length, buffer);
  }
  absl::StatusOr<uint64_t> Size() const override {
    RG_RETURN_IF_ERROR(faults_->Count("size", path_));
    return base_->Size();
  }

 private:
  const std::shared_ptr<Faults> faults_;
  const std::string path_;
  const std::unique_ptr<RandomAccessFile> base_;
};

}  // namespace

FaultFileSystem::FaultFileSystem(FileSystem* base)
    : ForwardingFileSystem(base), faults_(std::make_shared<Faults>()) {}

FaultFileSystem::~FaultFileSystem() = default;

int64_t FaultFileSystem::operations() const { return faults_->operations(); }

std::vector<std::string> FaultFileSystem::log() const { return faults_->log(); }

void FaultFileSystem::FailOperation(int64_t n, absl::Status error) {
  faults_->FailAt(n, std::move(error), /*half=*/false);
}

void FaultFileSystem::FailHalfway(int64_t n, absl::Status error) {
  faults_->FailAt(n, std::move(error), /*half=*/true);
}

void FaultFileSystem::FailWithErrno(int64_t n, int error_number, bool half) {
  faults_->FailAt(n, error_number, half);
}

void FaultFileSystem::KillAt(int64_t n, bool half_write) {
  faults_->KillAt(n, half_write);
}

void FaultFileSystem::CrashAt(int64_t n, bool half_write) {
  faults_->CrashAt(n, half_write);
}

void FaultFileSystem::LimitBytes(int64_t bytes) { faults_->LimitBytes(bytes); }

void FaultFileSystem::Reset() { faults_->Reset(); }

absl::StatusOr<std::unique_ptr<WritableFile>> FaultFileSystem::NewWritableFile(
    const std::string& path) {
  RG_RETURN_IF_ERROR(faults_->Count("create", path));
  RG_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file,
                      base()->NewWritableFile(path));
  return std::make_unique<FaultWritableFile>(faults_, path, std::move(file));
}

absl::StatusOr<std::unique_ptr<RandomAccessFile>>
FaultFileSystem::NewRandomAccessFile(const std::string& path) {
  RG_RETURN_IF_ERROR(faults_->Count("open", path));
  RG_ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessFile> file,
                      base()->NewRandomAccessFile(path));
  return std::make_unique<FaultRandomAccessFile>(faults_, path,
                                                 std::move(file));
}

absl::StatusOr<FileStat> FaultFileSystem::Stat(const std::string& path) {
  RG_RETURN_IF_ERROR(faults_->Count("stat", path));
  return base()->Stat(path);
}

absl::StatusOr<std::vector<std::string>> FaultFileSystem::ListDirectory(
    const std::string& path) {
  RG_RETURN_IF_ERROR(faults_->Count("list", path));
  return base()->ListDirectory(path);
}

absl::Status FaultFileSystem::CreateDirectory(const std::string& path) {
  RG_RETURN_IF_ERROR(faults_->Count("mkdir", path));
  return base()->CreateDirectory(path);
}

absl::Status FaultFileSystem::RemoveFile(const std::string& path) {
  RG_RETURN_IF_ERROR(faults_->Count("remove", path));
  return base()->RemoveFile(path);
}

absl::Status FaultFileSystem::RemoveDirectory(const std::string& path) {
  RG_RETURN_IF_ERROR(faults_->Count("rmdir", path));
  return base()->RemoveDirectory(path);
}

absl::Status FaultFileSystem::RenameFile(const std::string& from,
                                         const std::string& to) {
  RG_RETURN_IF_ERROR(faults_->Count("rename", from, to));
  return base()->RenameFile(from, to);
}

absl::Status FaultFileSystem::LinkFile(const std::string& from,
                                       const std::string& to) {
  RG_RETURN_IF_ERROR(faults_->Count("link", from, to));
  return base()->LinkFile(from, to);
}

absl::Status FaultFileSystem::CreateSymlink(const std::string& target,
                                            const std::string& path) {
  RG_RETURN_IF_ERROR(faults_->Count("symlink", path, target));
  return base()->CreateSymlink(target, path);
}

absl::StatusOr<std::string> FaultFileSystem::ReadSymlink(
    const std::string& path) {
  RG_RETURN_IF_ERROR(faults_->Count("readlink", path));
  return base()->ReadSymlink(path);
}

absl::Status FaultFileSystem::SyncDirectory(const std::string& path) {
  RG_RETURN_IF_ERROR(faults_->Count("syncdir", path));
  return base()->SyncDirectory(path);
}

absl::StatusOr<std::unique_ptr<FileLock>> FaultFileSystem::LockFile(
    const std::string& path) {
  RG_RETURN_IF_ERROR(faults_->Count("lock", path));
  return base()->LockFile(path);
}

}  // namespace retrograph
