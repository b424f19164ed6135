#include "tests/faults/process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "core/check.h"
#include "gtest/gtest.h"

namespace retrograph {

pid_t StartProcess(const std::function<int()>& work) {
  const pid_t pid = fork();
  RG_CHECK(pid >= 0, "cannot fork");
  if (pid == 0) _exit(work());
  return pid;
}

int WaitForProcess(pid_t pid) {
  int status = 0;
  RG_CHECK(waitpid(pid, &status, 0) == pid, "no such child");
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

bool HasEnded(pid_t pid) {
  int status = 0;
  const pid_t ended = waitpid(pid, &status, WNOHANG);
  RG_CHECK(ended >= 0, "no such child");
  if (ended == 0) return false;
  EXPECT_EQ(status, 0);
  return true;
}

TestFolder::TestFolder() : path_(testing::TempDir() + "/faults_XXXXXX") {
  RG_CHECK(mkdtemp(&path_[0]) != nullptr, "cannot make " + path_);
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace retrograph
