// Other processes and real folders, for tests of what killed and competing
// processes do to files.
#ifndef RETROGRAPH_TESTS_FAULTS_PROCESS_H_
#define RETROGRAPH_TESTS_FAULTS_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <string>

namespace retrograph {

// Starts a copy of this process that does `work` and exits with its result.
// There must be no other thread yet.
pid_t StartProcess(const std::function<int()>& work);

// Waits for it. The exit code, or minus the signal that ended it.
int WaitForProcess(pid_t pid);

// Whether it has exited, with 0; fails the test if it ended in another way.
bool HasEnded(pid_t pid);

// A new folder below the test's temporary one, removed with all in it.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_TESTS_FAULTS_PROCESS_H_
