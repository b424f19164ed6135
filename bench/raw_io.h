// Plain write(2) and read(2), what checkpoints are measured against, and the
// folder where both happen.
#ifndef RETROGRAPH_BENCH_RAW_IO_H_
#define RETROGRAPH_BENCH_RAW_IO_H_

#include <cstddef>
#include <string>

namespace retrograph {

// Makes a new file at `path` with `size` bytes from `data`, in pieces of 8 MiB;
// with `sync` they reach the disk. Aborts on an error.
void RawWrite(const std::string& path, const char* data, size_t size,
              bool sync);

// Reads all of `path` into memory that is fresh from the system, as a restore
// has to. Returns the number of bytes.
size_t RawRead(const std::string& path);

// A new folder in RETROGRAPH_BENCH_DIR, or else in /tmp. The caller removes it.
std::string NewFolder();

}  // namespace retrograph

#endif  // RETROGRAPH_BENCH_RAW_IO_H_
