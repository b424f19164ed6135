// Puts several finished files in place at once: at every instant all of their
// names have the old files or all have the new ones, after a kill or a power
// loss too, for our readers and for TensorFlow's.
//
// What can change at once is a symbolic link that all of the names lead
// through. For files a and b in folder d:
//   1. d/BOX/old/{a,b}: second names (hard links) of the old files;
//      d/BOX/new/{a,b}: the new files; d/BOX/now: a symbolic link to "old";
//   2. a and b become symbolic links to "BOX/now/a" and "BOX/now/b";
//   3. a link to "new" replaces BOX/now: the switch;
//   4. the new files replace a and b; BOX goes.
// In the end there are plain files again. A name without an old file leads
// nowhere until the switch, so that nobody can open it.
//
// Each step is made durable before the next begins, unless syncing is switched
// off; until the switch, an error undoes them. A switch that was cut short is
// whole, the old files or the new ones; FinishSwitch ends it.
#ifndef RETROGRAPH_CHECKPOINT_FILE_SWITCH_H_
#define RETROGRAPH_CHECKPOINT_FILE_SWITCH_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/file_system.h"

namespace retrograph {

// A finished file that awaits its name, in one folder with it.
struct PendingFile {
  std::string temporary;
  std::string path;
};

class FileSwitch {
 public:
  // Makes BOX beside `path`, whose name it gets. Null where there are no
  // symbolic links.
  static absl::StatusOr<std::unique_ptr<FileSwitch>> Begin(
      FileSystem* fs, absl::string_view path, bool sync);
  // Removes BOX if it was not used.
  ~FileSwitch();
  FileSwitch(const FileSwitch&) = delete;
  FileSwitch& operator=(const FileSwitch&) = delete;

  // Gives every file its name; all are in BOX's folder. At most once. On an
  // error before the switch the old files are in place, and the new ones may be
  // gone.
  absl::Status Run(const std::vector<PendingFile>& files);

 private:
  FileSwitch(FileSystem* fs, std::string box, bool sync);
  std::string InBox(absl::string_view generation,
                    const PendingFile& file) const;
  absl::Status Fill(const std::vector<PendingFile>& files);
  absl::Status LinkNames(const std::vector<PendingFile>& files);
  void Undo(const std::vector<PendingFile>& files);

  FileSystem* const fs_;
  const std::string box_;
  const bool sync_;
  bool used_ = false;
};

// Gives every file its name: at once, if they are several and there are
// symbolic links, and one after the other otherwise. All are in one folder. On
// an error the old files are in place, and the new ones may be gone.
absl::Status PutInPlace(FileSystem* fs, const std::vector<PendingFile>& files,
                        bool sync);

// Renames one after the other. After an error, those that moved move back.
absl::Status RenameAll(FileSystem* fs, const std::vector<PendingFile>& files);

// Ends the switch whose BOX is `box`, and removes it.
absl::Status FinishSwitch(FileSystem* fs, const std::string& box, bool sync);

// A second name of a file, or a copy where there are no hard links.
absl::Status LinkOrCopy(FileSystem* fs, const std::string& from,
                        const std::string& to, bool sync);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_FILE_SWITCH_H_
