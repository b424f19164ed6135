// retrograph run: plays scenario files.
#ifndef RETROGRAPH_TOOLS_RUN_SCENARIOS_H_
#define RETROGRAPH_TOOLS_RUN_SCENARIOS_H_

#include <string>
#include <vector>

namespace retrograph {

struct RunScenariosOptions {
  bool explain = false;
  // Where the files of the scenarios go, each scenario in a folder of its own
  // named after its file. "": a temporary folder that is removed afterwards.
  std::string directory;
};

// Prints the transcripts and returns the exit status: 0 if every scenario did
// what it says, 1 if one did not, 2 if a file is no scenario.
int RunScenarios(const std::vector<std::string>& files,
                 const RunScenariosOptions& options);

}  // namespace retrograph

#endif  // RETROGRAPH_TOOLS_RUN_SCENARIOS_H_
