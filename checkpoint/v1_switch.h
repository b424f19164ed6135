// Puts the finished files of a V1 checkpoint in place, so that at every instant
// they are all old or all new: after a kill or a power loss too, for our
// readers and for TensorFlow's.
//
// A V1 reader opens every file whose name matches the pattern, and no file says
// which others belong to it, so several files cannot be replaced one by one. A
// symbolic link that all of their names lead through can be replaced at once.
// For files a and b in folder d:
//   1. d/BOX/old/{a,b}: second names (hard links) of the old files;
//      d/BOX/new/{a,b}: the new files; d/BOX/now: a symbolic link to "old";
//   2. a and b become symbolic links to "BOX/now/a" and "BOX/now/b";
//   3. a link to "new" replaces BOX/now: the switch;
//   4. the new files replace a and b; BOX goes.
// In the end there are plain files again. Each step is made durable before the
// next begins, unless syncing is switched off; until the switch, an error
// undoes them. A switch that was cut short is whole, the old checkpoint or the
// new one; FinishSwitch ends it.
//
// Where there are no symbolic links, files are replaced one by one.
#ifndef RETROGRAPH_CHECKPOINT_V1_SWITCH_H_
#define RETROGRAPH_CHECKPOINT_V1_SWITCH_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/file_system.h"

namespace retrograph {

// A finished file that awaits its name, in one folder with it.
struct PendingFile {
  std::string temporary;
  std::string path;
};

// Gives every file its name; all are in one folder. On an error the old files
// are in place, and the new ones may be gone.
absl::Status PutInPlace(FileSystem* fs, const std::vector<PendingFile>& files,
                        bool sync);

// Ends the switch whose BOX is `box`, and removes it.
absl::Status FinishSwitch(FileSystem* fs, const std::string& box, bool sync);

// A second name of a file, or a copy where there are no hard links.
absl::Status LinkOrCopy(FileSystem* fs, const std::string& from,
                        const std::string& to, bool sync);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_V1_SWITCH_H_
