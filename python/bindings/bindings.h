// The parts of the module _core, one a file.
#ifndef RETROGRAPH_PYTHON_BINDINGS_BINDINGS_H_
#define RETROGRAPH_PYTHON_BINDINGS_BINDINGS_H_

#include <nanobind/nanobind.h>

namespace retrograph {
namespace python {

void BindControlFlow(nanobind::module_& m);
void BindFunctions(nanobind::module_& m);
void BindGraph(nanobind::module_& m);
void BindGraphUtil(nanobind::module_& m);
void BindOps(nanobind::module_& m);
void BindSession(nanobind::module_& m);
void BindVariables(nanobind::module_& m);
void BindVariableScopes(nanobind::module_& m);
void BindSaver(nanobind::module_& m);
void BindSavedModel(nanobind::module_& m);
void BindCheckpoint(nanobind::module_& m);
void BindPyFunc(nanobind::module_& m);
void BindCheckpointInit(nanobind::module_& m);
void BindTraining(nanobind::module_& m);
void BindScaffold(nanobind::module_& m);

}  // namespace python
}  // namespace retrograph

#endif  // RETROGRAPH_PYTHON_BINDINGS_BINDINGS_H_
