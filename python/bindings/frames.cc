// Where the Python caller stands.
//
// Walking the stack must be cheap, for every operation does it: what is known
// of a code object is looked up by its address, and calls from one place in a
// row (the many operations of one line) share a traceback.
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "python/bindings/support.h"

namespace retrograph {
namespace python {
namespace {

struct CodeInfo {
  std::string file;
  std::string function;
  bool ours = false;
};

const CodeInfo& InfoOf(PyCodeObject* code) {
  static auto* infos =
      new absl::flat_hash_map<PyCodeObject*, std::unique_ptr<CodeInfo>>();
  std::unique_ptr<CodeInfo>& info = (*infos)[code];
  if (info == nullptr) {
    Py_INCREF(code);  // so that its address is never another's
    info = std::make_unique<CodeInfo>();
    nb::handle h(reinterpret_cast<PyObject*>(code));
    info->file = ToStr(h.attr("co_filename"));
    info->function = ToStr(h.attr("co_name"));
    info->ours = absl::StartsWith(info->file, ToStr(Hook("package_folder"))) ||
                 absl::StartsWith(info->file, "<frozen ");
  }
  return *info;
}

using Places = std::vector<std::pair<PyCodeObject*, int>>;

// Innermost first.
void Walk(Places* places) {
  PyFrameObject* frame = PyEval_GetFrame();
  Py_XINCREF(frame);
  while (frame != nullptr) {
    PyCodeObject* code = PyFrame_GetCode(frame);
    if (!InfoOf(code).ours) {
      places->emplace_back(code, PyFrame_GetLineNumber(frame));
    }
    Py_DECREF(code);  // InfoOf() keeps it
    PyFrameObject* back = PyFrame_GetBack(frame);
    Py_DECREF(frame);
    frame = back;
  }
}

}  // namespace

Traceback UserTraceback() {
  static thread_local Places last_places;
  static thread_local Traceback last;
  static thread_local Places places;
  places.clear();
  Walk(&places);
  if (last != nullptr && places == last_places) return last;
  auto frames = std::make_shared<std::vector<Frame>>();
  frames->reserve(places.size());
  for (auto it = places.rbegin(); it != places.rend(); ++it) {
    const CodeInfo& info = InfoOf(it->first);
    Frame frame;
    frame.file = info.file;
    frame.line = it->second;
    frame.function = info.function;
    frames->push_back(std::move(frame));
  }
  last = std::move(frames);
  last_places = places;
  return last;
}

}  // namespace python
}  // namespace retrograph
