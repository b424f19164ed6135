// What stands in a graph's collections, as Python sees it.
#ifndef RETROGRAPH_PYTHON_BINDINGS_COLLECTION_ITEM_H_
#define RETROGRAPH_PYTHON_BINDINGS_COLLECTION_ITEM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "graph/graph.h"
#include "python/bindings/support.h"
#include "saver/collection_object.h"
#include "variables/variable.h"

namespace retrograph {
namespace python {

// Any Python object that C++ knows nothing of.
class PythonObject : public CollectionObject, public MetaGraphItem {
 public:
  explicit PythonObject(nb::object object);
  std::string TypeName() const override { return type_name_; }
  // Its attribute `name`, if that is a str.
  absl::optional<std::string> CollectionName() const override;
  // Of a str, bytes, an int (a bool, too), a float or an Any.
  absl::optional<PlainValue> Plain() const override;
  // Calls its to_proto().
  absl::StatusOr<absl::optional<std::string>> ToProto(
      absl::string_view export_scope) const override;
  nb::object object() const { return *object_; }

 private:
  std::shared_ptr<nb::object> object_;
  std::string type_name_;
};

CollectionItem CollectionItemOf(nb::handle value);
// ("tensor", op, index), ("operation", op), ("variable", a _core.Variable) or
// ("value", the object itself).
nb::object CollectionItemToPython(const CollectionItem& item);

// By what the package knows a variable for as long as there is one.
inline uintptr_t KeyOf(const Variable& variable) {
  return reinterpret_cast<uintptr_t>(&variable);
}
// What `variables` has for the key of a variable; null if that is nothing, or
// the item no variable.
nb::object KnownVariable(const CollectionItem& item, nb::dict variables);

}  // namespace python
}  // namespace retrograph

#endif  // RETROGRAPH_PYTHON_BINDINGS_COLLECTION_ITEM_H_
