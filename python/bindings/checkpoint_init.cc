// Variables initialised from checkpoints.
#include "train/checkpoint_init.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/file_system.h"
#include "python/bindings/bindings.h"
#include "python/bindings/log_sink.h"
#include "python/bindings/support.h"

namespace retrograph {
namespace python {
namespace {

using VariablePtr = std::shared_ptr<Variable>;

VariablePtr VariableOf(nb::handle h) {
  return nb::cast<VariablePtr>(nb::getattr(h, "_core_variable"));
}

// A str, a tf.Variable or a list of them.
InitTarget TargetOf(nb::handle h) {
  if (PyUnicode_Check(h.ptr())) return ToStr(h);
  if (!PyList_Check(h.ptr())) return VariableOf(h);
  std::vector<VariablePtr> parts;
  for (nb::handle part : h) parts.push_back(VariableOf(part));
  return parts;
}

void InitFrom(const std::shared_ptr<Graph>& graph, const std::string& path,
              nb::list assignments) {
  std::map<std::string, InitTarget> map;
  for (nb::handle entry : assignments) {
    map.emplace(ToStr(entry[0]), TargetOf(entry[1]));
  }
  CallSite call_site;
  GraphBuilder b(graph.get());
  InitFromCheckpoint(b, FileSystem::Posix(), path, map, PythonLog());
  Check(b.status());
  RaiseDeviceError();
}

}  // namespace

void BindCheckpointInit(nb::module_& m) {
  m.def("init_from_checkpoint", &InitFrom);
}

}  // namespace python
}  // namespace retrograph
