// Where an operation was created: the frames of its maker, outermost first.
//
// From C++ that is one frame, the place of the call; from a scenario file the
// statement; from Python the caller's stack. TensorFlow prints it in every
// error of a running op ("defined at FILE:LINE").
#ifndef RETROGRAPH_GRAPH_TRACEBACK_H_
#define RETROGRAPH_GRAPH_TRACEBACK_H_

#include <memory>
#include <string>
#include <vector>

namespace retrograph {

struct Frame {
  std::string file;
  int line = 0;
  std::string function;  // "" if unknown
  std::string code;      // the source line, "" if unknown
};
using Traceback = std::shared_ptr<const std::vector<Frame>>;

// The place of a call in C++: SourceLocation::Current() as a default argument.
struct SourceLocation {
  const char* file = "";
  int line = 0;
  static constexpr SourceLocation Current(const char* file = __builtin_FILE(),
                                          int line = __builtin_LINE()) {
    return SourceLocation{file, line};
  }
};

// One frame: the place in C++.
Traceback TracebackOf(SourceLocation location);

// The traceback that operations made by this thread get now; null if nobody
// said. Cheap: copies a shared pointer.
Traceback CurrentTraceback();

// Sets CurrentTraceback() for this thread while it lives.
class ScopedTraceback {
 public:
  explicit ScopedTraceback(Traceback traceback);
  explicit ScopedTraceback(SourceLocation location);
  ~ScopedTraceback();
  ScopedTraceback(const ScopedTraceback&) = delete;
  ScopedTraceback& operator=(const ScopedTraceback&) = delete;

 private:
  Traceback saved_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_GRAPH_TRACEBACK_H_
