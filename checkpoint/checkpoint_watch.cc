#include "checkpoint/checkpoint_watch.h"

#include <utility>

#include "absl/status/statusor.h"
#include "checkpoint/names.h"
#include "core/glob.h"

namespace retrograph {
namespace {

// No save writes as many files as "/*/*" matches, some of which change all the
// time. They are not watched, so that nobody begins again because of them.
constexpr size_t kMaxFiles = 500;

std::vector<std::string> UnlessTooMany(std::vector<std::string> paths) {
  if (paths.size() > kMaxFiles) paths.clear();
  return paths;
}

}  // namespace

std::vector<std::string> FilesOfCheckpoint(FileSystem* fs,
                                           absl::string_view prefix) {
  const std::string index = MetaFilename(prefix);
  if (fs->FileExists(index)) return {index};
  int64_t steps = kCheckpointGlobSteps;
  return Glob(fs, std::string(prefix), &steps)
      .value_or(std::vector<std::string>());
}

CheckpointWatch::CheckpointWatch(FileSystem* fs, std::vector<std::string> paths)
    : fs_(fs), paths_(UnlessTooMany(std::move(paths))), files_(Look()) {
  for (const std::string& path : paths_) {
    auto opened = fs_->NewRandomAccessFile(path);
    if (opened.ok()) open_.push_back(*std::move(opened));
  }
}

CheckpointWatch::Files CheckpointWatch::Look() const {
  Files files;
  for (const std::string& path : paths_) {
    const FileStat stat = fs_->Stat(path).value_or(FileStat());
    files.emplace_back(stat.size, stat.mtime_nanos, stat.inode);
  }
  return files;
}

bool CheckpointWatch::HasChanged() const { return Look() != files_; }

}  // namespace retrograph
