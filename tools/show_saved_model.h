// retrograph show on a SavedModel: its meta graphs by their tags, how to call
// them, what they read and run, and the variables.
#ifndef RETROGRAPH_TOOLS_SHOW_SAVED_MODEL_H_
#define RETROGRAPH_TOOLS_SHOW_SAVED_MODEL_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "core/file_system.h"
#include "tools/inspect.h"

namespace retrograph {

// What `saved_model_cli show --all` tells, and more: of each meta graph the
// tags, the signatures with their inputs and outputs (dtype, shape, name), the
// assets, the op that a load runs; and the variables as `ls` lists them. Every
// SavedModel can be shown, ops that are not known included.
absl::Status ShowSavedModel(FileSystem* fs, const std::string& folder,
                            const ListOptions& options, std::ostream& out);

}  // namespace retrograph

#endif  // RETROGRAPH_TOOLS_SHOW_SAVED_MODEL_H_
