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

// `code` is a code object, which the stable ABI knows as an object alone.
const CodeInfo& InfoOf(PyObject* code) {
  static auto* infos =
      new absl::flat_hash_map<PyObject*, std::unique_ptr<CodeInfo>>();
  std::unique_ptr<CodeInfo>& info = (*infos)[code];
  if (info == nullptr) {
    nb::handle h(code);
    h.inc_ref();  // so that its address is never another's
    info = std::make_unique<CodeInfo>();
    info->file = ToStr(h.attr("co_filename"));
    info->function = ToStr(h.attr("co_name"));
    info->ours = absl::StartsWith(info->file, ToStr(Hook("package_folder"))) ||
                 absl::StartsWith(info->file, "<frozen ");
  }
  return *info;
}

// A code object and a line in it.
using Places = std::vector<std::pair<PyObject*, int>>;

nb::object CallerOf(const nb::object& frame) {
#ifdef Py_LIMITED_API
  return frame.attr("f_back");
#else
  PyObject* back = reinterpret_cast<PyObject*>(
      PyFrame_GetBack(reinterpret_cast<PyFrameObject*>(frame.ptr())));
  return back == nullptr ? nb::none() : nb::steal(back);
#endif
}

// Innermost first.
void Walk(Places* places) {
  auto* innermost = reinterpret_cast<PyObject*>(PyEval_GetFrame());
  if (innermost == nullptr) return;
  for (nb::object frame = nb::borrow(innermost); !frame.is_none();
       frame = CallerOf(frame)) {
    auto* f = reinterpret_cast<PyFrameObject*>(frame.ptr());
    // InfoOf() keeps the code object.
    nb::object code =
        nb::steal(reinterpret_cast<PyObject*>(PyFrame_GetCode(f)));
    if (!InfoOf(code.ptr()).ours) {
      places->emplace_back(code.ptr(), PyFrame_GetLineNumber(f));
    }
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
