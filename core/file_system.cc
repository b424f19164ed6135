#include "core/file_system.h"

#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"

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

namespace {

struct GlobPattern {
  std::string directory;                // where the search starts
  std::vector<std::string> components;  // below it
};

// False if nothing can match. The folder before the first special character is
// taken as it is, so its own name is matched with the last component.
bool ParsePattern(const std::string& pattern, GlobPattern* parsed) {
  const std::string fixed = pattern.substr(0, pattern.find_first_of("*?[\\"));
  const size_t slash = fixed.rfind('/');
  absl::string_view rest = pattern;
  if (slash == std::string::npos) {
    parsed->directory = ".";
  } else {
    parsed->directory = slash == 0 ? "/" : pattern.substr(0, slash);
    rest.remove_prefix(slash + 1);
  }
  parsed->components = absl::StrSplit(rest, '/');
  // Found paths never have an empty component.
  const bool double_slash =
      parsed->directory.size() > 1 && parsed->directory.back() == '/';
  return !double_slash &&
         std::find(parsed->components.begin(), parsed->components.end(), "") ==
             parsed->components.end();
}

// The length of what stands for one character at the start of a pattern: "a",
// "?", "\\*", "[a-c]", or a "[" that is not closed and stands for itself.
size_t ElementLength(absl::string_view pattern) {
  if (pattern[0] == '\\') return std::min<size_t>(2, pattern.size());
  if (pattern[0] != '[') return 1;
  size_t i = 1;
  if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) ++i;
  if (i < pattern.size() && pattern[i] == ']') ++i;
  for (; i < pattern.size() && pattern[i] != ']'; ++i) {
    if (pattern[i] == '\\') ++i;
    // "[:alpha:]"
    if (i + 1 < pattern.size() && pattern[i] == '[' && pattern[i + 1] == ':') {
      const size_t end = pattern.find(":]", i + 2);
      if (end != absl::string_view::npos) i = end + 1;
    }
  }
  return i < pattern.size() ? i + 1 : 1;
}

// fnmatch() in a time that grows with the product of the lengths. fnmatch()
// itself tries each "*" with every length: for twenty of them that is for ever.
bool MatchesManyStars(absl::string_view pattern, absl::string_view name) {
  std::vector<std::string> elements;
  while (!pattern.empty()) {
    const size_t length = ElementLength(pattern);
    std::string element(pattern.substr(0, length));
    elements.push_back(element == "[" ? "\\[" : std::move(element));
    pattern.remove_prefix(length);
  }
  // After a mismatch the last "*" takes one character more; those before it
  // need not change.
  size_t e = 0, n = 0;
  size_t after_star = elements.size() + 1, star_end = 0;
  while (n < name.size()) {
    if (e < elements.size() && elements[e] == "*") {
      after_star = ++e;
      star_end = n;
    } else if (e < elements.size() &&
               fnmatch(elements[e].c_str(),
                       std::string(name.substr(n, 1)).c_str(), 0) == 0) {
      ++e;
      ++n;
    } else if (after_star <= elements.size()) {
      e = after_star;
      n = ++star_end;
    } else {
      return false;
    }
  }
  while (e < elements.size() && elements[e] == "*") ++e;
  return e == elements.size();
}

bool MatchesComponent(const std::string& pattern, const std::string& name) {
  constexpr int kFewStars = 2;
  if (std::count(pattern.begin(), pattern.end(), '*') > kFewStars) {
    return MatchesManyStars(pattern, name);
  }
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

// A pattern such as "/*/*/*/*" may come from a file that somebody else wrote.
constexpr int kMaxGlobFolders = 10000;

}  // namespace

absl::StatusOr<std::vector<std::string>> FileSystem::Glob(
    const std::string& pattern) {
  GlobPattern parsed;
  const bool can_match = ParsePattern(pattern, &parsed);
  std::vector<std::string> found = {parsed.directory};
  if (!can_match) {
    RG_RETURN_IF_ERROR(ListDirectory(parsed.directory).status());
    return std::vector<std::string>();
  }
  int folders = 0;
  for (size_t i = 0; i < parsed.components.size(); ++i) {
    std::vector<std::string> next;
    for (const std::string& directory : found) {
      if (i > 0 && !IsDirectory(directory)) continue;
      if (++folders > kMaxGlobFolders) {
        return absl::ResourceExhaustedError(
            absl::StrCat(pattern, " leads through more than ", kMaxGlobFolders,
                         " folders"));
      }
      RG_ASSIGN_OR_RETURN(std::vector<std::string> names,
                          ListDirectory(directory));
      for (const std::string& name : names) {
        if (MatchesComponent(parsed.components[i], name)) {
          next.push_back(JoinPath(directory, name));
        }
      }
    }
    found = std::move(next);
  }
  std::sort(found.begin(), found.end());
  return found;
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
