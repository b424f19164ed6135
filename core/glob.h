// Patterns of paths under a bound on the work. A pattern may come from a file
// that somebody else wrote, as a `checkpoint` state file: "/*/*/*/*" would read
// all of a machine's folders.
//
// Example:
//   int64_t steps = kCheckpointGlobSteps;  // for all patterns of one file
//   for (const std::string& pattern : patterns) {
//     RG_ASSIGN_OR_RETURN(auto paths, Glob(fs, pattern, &steps));
//     ...
//   }
#ifndef RETROGRAPH_CORE_GLOB_H_
#define RETROGRAPH_CORE_GLOB_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/file_system.h"

namespace retrograph {

// What a name that was read costs, a path that was looked at, and a folder that
// was opened.
inline constexpr int64_t kGlobNameSteps = 1;
inline constexpr int64_t kGlobPathSteps = 10;
inline constexpr int64_t kGlobFolderSteps = 1000;

// For a pattern that the user wrote: 10,000 folders or millions of files.
inline constexpr int64_t kGlobSteps = 10000 * kGlobFolderSteps;
// For what a file says, some milliseconds: 200 folders or 200,000 files.
inline constexpr int64_t kCheckpointGlobSteps = 200 * kGlobFolderSteps;

// As FileSystem::Glob(). Takes what it does from `steps`; ResourceExhausted if
// there is more to do when none are left. One folder is always read to its end,
// however many files are in it; a path without special characters is looked up,
// reads none and takes no steps.
absl::StatusOr<std::vector<std::string>> Glob(FileSystem* fs,
                                              const std::string& pattern,
                                              int64_t* steps);

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_GLOB_H_
