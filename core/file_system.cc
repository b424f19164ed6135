#include "core/file_system.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "core/glob.h"

namespace retrograph {

absl::Status WritableFile::AppendPieces(
    absl::Span<const absl::string_view> pieces) {
  for (absl::string_view piece : pieces) RG_RETURN_IF_ERROR(Append(piece));
  return absl::OkStatus();
}

absl::Status FileSystem::CreateSymlink(const std::string& /*target*/,
                                       const std::string& path) {
  return IoError(path, ENOSYS);
}

absl::StatusOr<std::string> FileSystem::ReadSymlink(const std::string& path) {
  return IoError(path, EINVAL);
}

bool FileSystem::FileExists(const std::string& path) { return Stat(path).ok(); }

bool FileSystem::IsDirectory(const std::string& path) {
  absl::StatusOr<FileStat> stat = Stat(path);
  return stat.ok() && stat->is_directory;
}

absl::Status FileSystem::CreateDirectories(const std::string& path) {
  // As TensorFlow: fine if there is anything at `path`, even a file.
  std::vector<std::string> missing;
  std::string current = path;
  while (!current.empty() && !FileExists(current)) {
    missing.push_back(current);
    std::string parent(Dirname(current));
    if (parent == current) break;
    current = std::move(parent);
  }
  for (auto it = missing.rbegin(); it != missing.rend(); ++it) {
    const absl::Status status = CreateDirectory(*it);
    // Another process may be making the same folders.
    if (!status.ok() && !absl::IsAlreadyExists(status)) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> FileSystem::Glob(
    const std::string& pattern) {
  int64_t steps = kGlobSteps;
  return retrograph::Glob(this, pattern, &steps);
}

absl::StatusOr<std::string> ReadFileToString(FileSystem* fs,
                                             const std::string& path,
                                             uint64_t max_bytes) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<RandomAccessFile> file,
                      fs->NewRandomAccessFile(path));
  RG_ASSIGN_OR_RETURN(const uint64_t size, file->Size());
  const absl::Status too_large = absl::ResourceExhaustedError(
      absl::StrCat(path, " is larger than ", max_bytes, " bytes"));
  if (size > max_bytes) return too_large;
  max_bytes = std::min(max_bytes, uint64_t{1} << 62);  // so that 1 may be added
  // One byte more than expected, so that the end is seen in one round; files
  // that do not know their size (in /proc) take several.
  std::string data;
  uint64_t length = 0;
  uint64_t room = size + 1;
  while (true) {
    data.resize(room);
    RG_ASSIGN_OR_RETURN(const size_t got,
                        file->Read(length, room - length, &data[length]));
    length += got;
    if (length > max_bytes) return too_large;
    if (length < room) break;
    room = std::min(std::max<uint64_t>(2 * length, 4096), max_bytes + 1);
  }
  data.resize(length);
  return data;
}

absl::Status WriteStringToFile(FileSystem* fs, const std::string& path,
                               absl::string_view data, bool sync) {
  RG_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file,
                      fs->NewWritableFile(path));
  RG_RETURN_IF_ERROR(file->Append(data));
  if (sync) RG_RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

absl::Status WriteStringToFileAtomically(FileSystem* fs,
                                         const std::string& path,
                                         absl::string_view data, bool sync) {
  const std::string temporary = TemporaryPath(path);
  absl::Status status = WriteStringToFile(fs, temporary, data, sync);
  if (status.ok()) status = fs->RenameFile(temporary, path);
  if (!status.ok()) fs->RemoveFile(temporary).IgnoreError();
  return status;
}

namespace {

std::atomic<bool>& SyncSwitch() {
  static std::atomic<bool> sync{[] {
    const char* const given = std::getenv("RETROGRAPH_SYNC");
    return given == nullptr || absl::string_view(given) != "0";
  }()};
  return sync;
}

}  // namespace

bool SyncFilesByDefault() { return SyncSwitch(); }
void SetSyncFilesByDefault(bool sync) { SyncSwitch() = sync; }

std::string TemporaryPath(absl::string_view path) {
  static std::atomic<uint64_t> count{0};
  // The process id alone comes back after a reboot, or in a container.
  const int64_t now =
      std::chrono::system_clock::now().time_since_epoch().count();
  return absl::StrCat(path, ".tmp", absl::Hex(getpid(), absl::kZeroPad8),
                      absl::Hex(now, absl::kZeroPad16),
                      absl::Hex(count.fetch_add(1), absl::kZeroPad8));
}

std::string JoinPath(absl::string_view a, absl::string_view b) {
  if (a.empty() || IsAbsolutePath(b)) return std::string(b);
  return absl::StrCat(a, a.back() == '/' ? "" : "/", b);
}

absl::string_view Dirname(absl::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == absl::string_view::npos) return path.substr(0, 0);
  const absl::string_view head = path.substr(0, slash + 1);
  const size_t last = head.find_last_not_of('/');
  // Nothing but slashes stays as it is.
  return last == absl::string_view::npos ? head : head.substr(0, last + 1);
}

absl::string_view Basename(absl::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace retrograph
