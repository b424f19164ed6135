#include "tests/hostile/child.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "core/check.h"

namespace retrograph {
namespace hostile {
namespace {

uint64_t AddressSpace() {
  uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

void SetLimits(const ChildLimits& limits) {
  const rlim_t seconds = static_cast<rlim_t>(limits.cpu_seconds);
  const rlimit cpu{seconds, seconds};
  setrlimit(RLIMIT_CPU, &cpu);
  const rlimit core{0, 0};
  setrlimit(RLIMIT_CORE, &core);
  // Whatever waits without computing.
  alarm(static_cast<unsigned>(10 * limits.cpu_seconds));
  if (limits.memory == 0) return;
  const rlim_t bytes = AddressSpace() + limits.memory;
  const rlimit memory{bytes, bytes};
  setrlimit(RLIMIT_AS, &memory);
}

void WriteAll(int fd, const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = write(fd, text.data() + done, text.size() - done);
    if (n <= 0) return;
    done += static_cast<size_t>(n);
  }
}

std::string ReadAll(int fd) {
  std::string text;
  char buffer[4096];
  ssize_t n;
  while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
    text.append(buffer, static_cast<size_t>(n));
  }
  return text;
}

}  // namespace

ChildResult RunInChild(
    const ChildLimits& limits,
    const std::function<
        void(const std::function<void(const std::string&)>& say)>& work) {
  int ends[2];
  RG_CHECK(pipe(ends) == 0, "no pipe");
  std::cout.flush();
  std::cerr.flush();
  const pid_t pid = fork();
  RG_CHECK(pid >= 0, "no child");
  if (pid == 0) {
    close(ends[0]);
    SetLimits(limits);
    work([&](const std::string& text) { WriteAll(ends[1], text); });
    _exit(0);
  }
  close(ends[1]);
  ChildResult result;
  result.said = ReadAll(ends[0]);
  close(ends[0]);
  int status = 0;
  RG_CHECK(waitpid(pid, &status, 0) == pid, "lost child");
  result.ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (WIFSIGNALED(status)) {
    result.how = absl::StrCat("killed by signal ", WTERMSIG(status), " (",
                              strsignal(WTERMSIG(status)), ")");
  } else if (!result.ok) {
    result.how = absl::StrCat("exit status ", WEXITSTATUS(status));
  }
  return result;
}

}  // namespace hostile
}  // namespace retrograph
