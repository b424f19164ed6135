#include "bench/raw_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/check.h"

namespace retrograph {
namespace {

constexpr size_t kPiece = 8 << 20;

}  // namespace

void RawWrite(const std::string& path, const char* data, size_t size,
              bool sync) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  RG_CHECK(fd >= 0, "cannot create " + path);
  for (size_t done = 0; done < size;) {
    const ssize_t n = write(fd, data + done, std::min(kPiece, size - done));
    RG_CHECK(n > 0, "cannot write " + path);
    done += static_cast<size_t>(n);
  }
  if (sync) RG_CHECK(fsync(fd) == 0, "cannot sync " + path);
  close(fd);
}

size_t RawRead(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY);
  RG_CHECK(fd >= 0, "cannot open " + path);
  struct stat info;
  RG_CHECK(fstat(fd, &info) == 0, "cannot stat " + path);
  const size_t size = static_cast<size_t>(info.st_size);
  char* const buffer = static_cast<char*>(std::malloc(size));
  RG_CHECK(buffer != nullptr, "out of memory");
  size_t done = 0;
  while (done < size) {
    const ssize_t n = read(fd, buffer + done, std::min(kPiece, size - done));
    RG_CHECK(n > 0, "cannot read " + path);
    done += static_cast<size_t>(n);
  }
  std::free(buffer);
  close(fd);
  return done;
}

std::string NewFolder() {
  const char* const given = std::getenv("RETROGRAPH_BENCH_DIR");
  std::string path = std::string(given != nullptr ? given : "/tmp") +
                     "/retrograph_bench_XXXXXX";
  RG_CHECK(mkdtemp(&path[0]) != nullptr, "cannot make " + path);
  return path;
}

}  // namespace retrograph
