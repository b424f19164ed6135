// Runs something in a child process with limits on memory and time.
#ifndef RETROGRAPH_TESTS_HOSTILE_CHILD_H_
#define RETROGRAPH_TESTS_HOSTILE_CHILD_H_

#include <cstdint>
#include <functional>
#include <string>

namespace retrograph {
namespace hostile {

struct ChildLimits {
  // Address space beyond what the process has now; 0: no limit (a sanitizer
  // takes terabytes).
  uint64_t memory = 0;
  int cpu_seconds = 10;
};

struct ChildResult {
  bool ok = false;
  // Why it is not: "killed by signal 11 (Segmentation fault)", ...
  std::string how;
  // All that the work said, up to its end.
  std::string said;
};

// `work` is called in the child, with a function that says something. The
// process must have one thread.
ChildResult RunInChild(
    const ChildLimits& limits,
    const std::function<
        void(const std::function<void(const std::string&)>& say)>& work);

}  // namespace hostile
}  // namespace retrograph

#endif  // RETROGRAPH_TESTS_HOSTILE_CHILD_H_
