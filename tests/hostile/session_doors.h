// The ways into checkpoints that need a graph and a session, and the command.
#ifndef RETROGRAPH_TESTS_HOSTILE_SESSION_DOORS_H_
#define RETROGRAPH_TESTS_HOSTILE_SESSION_DOORS_H_

#include <string>

#include "core/file_system.h"
#include "tests/hostile/file_doors.h"

namespace retrograph {
namespace hostile {

// Runs the ops RestoreV2, or Restore and RestoreSlice.
Answers RunRestoreOps(FileSystem* fs, const std::string& prefix,
                      const Questions& questions);
Answers RunV1RestoreOps(FileSystem* fs, const std::string& pattern,
                        const Questions& questions);
// Imports the `.meta` file, restores with its Saver, and reads the variables
// that the questions name; then saves under `saved` and exports the graph.
Answers ImportAndRestore(FileSystem* fs, const std::string& meta_path,
                         const std::string& prefix, const std::string& saved,
                         const Questions& questions);
// latest_checkpoint, get_checkpoint_state and get_checkpoint_mtimes, and what
// is in the checkpoint that they name.
Answers AskLatest(FileSystem* fs, const std::string& folder,
                  const Questions& questions);
// retrograph ls and show. Tensors are not looked at: they are printed.
Answers RunCommand(FileSystem* fs, const std::string& path,
                   const Questions& questions);

}  // namespace hostile
}  // namespace retrograph

#endif  // RETROGRAPH_TESTS_HOSTILE_SESSION_DOORS_H_
