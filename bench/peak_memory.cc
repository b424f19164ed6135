#include "bench/peak_memory.h"

#include <malloc.h>

#include <fstream>
#include <sstream>
#include <string>

#include "core/check.h"

namespace retrograph {
namespace {

// A line of /proc/self/status that is in kB.
double StatusMebibytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(field + ":", 0) != 0) continue;
    std::istringstream value(line.substr(field.size() + 1));
    double kilobytes = 0;
    value >> kilobytes;
    return kilobytes / 1024;
  }
  RG_CHECK(false, "/proc/self/status has no " + field);
  return 0;
}

}  // namespace

PeakMemory::PeakMemory() {
  malloc_trim(0);  // what was freed is not there to be used again unseen
  std::ofstream clear("/proc/self/clear_refs");
  clear << "5" << std::flush;
  RG_CHECK(clear.good(), "cannot reset the peak of memory");
  start_ = StatusMebibytes("VmRSS");
}

double PeakMemory::Mebibytes() const {
  return StatusMebibytes("VmHWM") - start_;
}

}  // namespace retrograph
