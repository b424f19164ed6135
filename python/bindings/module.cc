#include "ops/standard_ops.h"
#include "python/bindings/bindings.h"
#include "python/bindings/support.h"
#include "python/bindings/tensors.h"

namespace retrograph {
namespace python {

void BindGradients(nanobind::module_& m);  // gradients.cc, a library of its own

}  // namespace python
}  // namespace retrograph

NB_MODULE(_core, m) {
  using namespace retrograph::python;  // NOLINT: all of this is one room
  // Graphs live until the interpreter ends; that is no leak worth a warning.
  nanobind::set_leak_warnings(false);
  retrograph::RegisterStandardOps();
  BindSupport(m);
  BindTensors(m);
  BindGraph(m);
  BindFunctions(m);
  BindControlFlow(m);
  BindOps(m);
  BindGradients(m);
  BindVariables(m);
  BindVariableScopes(m);
  BindSession(m);
  BindSaver(m);
  BindSavedModel(m);
  BindGraphUtil(m);
  BindCheckpoint(m);
  BindPyFunc(m);
  BindCheckpointInit(m);
  BindTraining(m);
  BindScaffold(m);
}
