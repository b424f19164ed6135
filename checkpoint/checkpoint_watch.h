// CheckpointWatch tells whether a checkpoint was overwritten while several
// readers opened it one after the other, as the restore ops of a sharded Saver
// do: what they read may then be of two saves.
//
// Example:
//   do {
//     CheckpointWatch watch(fs, FilesOfCheckpoint(fs, prefix));
//     ... read ...
//   } while (watch.HasChanged());
#ifndef RETROGRAPH_CHECKPOINT_CHECKPOINT_WATCH_H_
#define RETROGRAPH_CHECKPOINT_CHECKPOINT_WATCH_H_

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/file_system.h"

namespace retrograph {

// The files that tell one save from the next: the index of a V2 checkpoint or,
// if there is none, those that match a V1 pattern.
std::vector<std::string> FilesOfCheckpoint(FileSystem* fs,
                                           absl::string_view prefix);

class CheckpointWatch {
 public:
  CheckpointWatch(FileSystem* fs, std::vector<std::string> paths);

  bool HasChanged() const;

 private:
  // Size, time and number of each file.
  using Files = std::vector<std::tuple<uint64_t, int64_t, uint64_t>>;
  Files Look() const;

  FileSystem* const fs_;
  const std::vector<std::string> paths_;
  const Files files_;
  // While it is open, a file's number is not given to another one.
  std::vector<std::unique_ptr<RandomAccessFile>> open_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_CHECKPOINT_WATCH_H_
