// The names of a running scenario: what its Python variables would hold.
#ifndef RETROGRAPH_SCENARIO_OBJECTS_H_
#define RETROGRAPH_SCENARIO_OBJECTS_H_

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "graph/graph.h"
#include "saver/saver.h"
#include "session/session.h"
#include "variables/variable.h"

namespace retrograph::scenario {

// A mistake of the scenario itself, as against an error that TensorFlow has; no
// expect_error catches it.
absl::Status Mistake(absl::string_view message);
bool IsMistake(const absl::Status& status);

using Object =
    std::variant<std::shared_ptr<Graph>, std::shared_ptr<Session>,
                 std::shared_ptr<Saver>,
                 std::shared_ptr<Variable>,
                 std::shared_ptr<PartitionedVariable>, Output, Operation*>;

class Objects {
 public:
  // Without a name nothing is kept. A name given again means the new thing.
  void Set(const std::string& name, Object object);
  const Object* Find(const std::string& name) const;

  // A mistake if there is no such name (the nearest one is named), or it is of
  // another kind.
  template <typename T>
  absl::StatusOr<T> Get(const std::string& name, absl::string_view kind) const {
    const Object* object = Find(name);
    if (object == nullptr) return Unknown(name, kind);
    const T* value = std::get_if<T>(object);
    if (value == nullptr) return WrongKind(name, kind);
    return *value;
  }

 private:
  absl::Status Unknown(const std::string& name, absl::string_view kind) const;
  absl::Status WrongKind(const std::string& name, absl::string_view kind) const;
  std::map<std::string, Object> objects_;
};

}  // namespace retrograph::scenario

#endif  // RETROGRAPH_SCENARIO_OBJECTS_H_
