#include "graph/traceback.h"

#include <utility>

namespace retrograph {
namespace {

Traceback& Current() {
  static thread_local Traceback current;
  return current;
}

}  // namespace

Traceback CurrentTraceback() { return Current(); }

ScopedTraceback::ScopedTraceback(Traceback traceback)
    : saved_(std::exchange(Current(), std::move(traceback))) {}

ScopedTraceback::ScopedTraceback(SourceLocation location)
    : ScopedTraceback(TracebackOf(location)) {}

ScopedTraceback::~ScopedTraceback() { Current() = std::move(saved_); }

Traceback TracebackOf(SourceLocation location) {
  // Builders in a loop come from one place; keep the last one.
  struct Last {
    SourceLocation location;
    Traceback traceback;
  };
  static thread_local Last last;
  if (last.traceback == nullptr || last.location.file != location.file ||
      last.location.line != location.line) {
    last.location = location;
    last.traceback = std::make_shared<const std::vector<Frame>>(
        1, Frame{location.file, location.line, "", ""});
  }
  return last.traceback;
}

}  // namespace retrograph
