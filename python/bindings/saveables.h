// What a Saver is given in Python: variables, tensors, SaveableObjects and
// builders of the user's.
#ifndef RETROGRAPH_PYTHON_BINDINGS_SAVEABLES_H_
#define RETROGRAPH_PYTHON_BINDINGS_SAVEABLES_H_

#include <memory>
#include <vector>

#include "python/bindings/support.h"
#include "saver/saveable.h"
#include "saver/saver_builder.h"

namespace retrograph {
namespace python {

// Of a list of tuples:
//   (key or None, "variable" | "partitioned", a _core object)
//   (key, "tensor", tensor)
//   (key, "slices", [variable])
//   (key, "object", SaveableObject, name, [spec], its op)
// with a spec (SaveSpec, slice_spec, name, dtype's number, device).
std::vector<Saveable> SaveablesOf(nb::list items);

// The builder of the format: the default one, its base class, or what the
// user's class makes of them.
std::shared_ptr<SaverBuilder> BuilderOf(int write_version, bool bulk,
                                        nb::handle object);

// The same of a tuple of the three; null for None.
std::shared_ptr<SaverBuilder> BuilderFromTuple(nb::handle builder);

void BindSaveables(nb::module_& m);

}  // namespace python
}  // namespace retrograph

#endif  // RETROGRAPH_PYTHON_BINDINGS_SAVEABLES_H_
