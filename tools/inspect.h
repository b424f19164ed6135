// retrograph ls and show: what a checkpoint holds.
#ifndef RETROGRAPH_TOOLS_INSPECT_H_
#define RETROGRAPH_TOOLS_INSPECT_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "core/file_system.h"

namespace retrograph {

struct ListOptions {
  bool json = false;
};

// One line a tensor: name, dtype, shape, and how many bytes; sorted by name.
// With `json` a list of objects {"name", "dtype", "shape", "bytes"}.
//
// `path` is a checkpoint's prefix, one of its files, or a folder, of which the
// latest checkpoint is meant. Errors name the path and what could be meant.
absl::Status ListCheckpoint(FileSystem* fs, const std::string& path,
                            const ListOptions& options, std::ostream& out);

// The value of one tensor as numpy prints it, after a line with its dtype and
// shape. An unknown key is NotFound and names the nearest ones.
absl::Status ShowTensor(FileSystem* fs, const std::string& path,
                        const std::string& key, const ListOptions& options,
                        std::ostream& out);

// The prefix that `path` means: itself, what it is a file of, the latest
// checkpoint of the folder it names, or the variables of a SavedModel there.
std::string ResolvePrefix(FileSystem* fs, const std::string& path);

}  // namespace retrograph

#endif  // RETROGRAPH_TOOLS_INSPECT_H_
