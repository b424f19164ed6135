#include "scenario/objects.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "scenario/nearest.h"

namespace retrograph::scenario {
namespace {

constexpr char kMistake[] = "ScenarioMistake";

}  // namespace

absl::Status Mistake(absl::string_view message) {
  return PythonError(kMistake, absl::StatusCode::kInvalidArgument, message);
}

bool IsMistake(const absl::Status& status) {
  return ErrorClassName(status) == kMistake;
}

void Objects::Set(const std::string& name, Object object) {
  if (!name.empty()) objects_[name] = std::move(object);
}

const Object* Objects::Find(const std::string& name) const {
  const auto it = objects_.find(name);
  return it == objects_.end() ? nullptr : &it->second;
}

absl::Status Objects::Unknown(const std::string& name,
                              absl::string_view kind) const {
  std::vector<std::string> names;
  for (const auto& [known, object] : objects_) names.push_back(known);
  const std::string nearest = NearestName(name, names);
  return Mistake(absl::StrCat(
      "there is no ", kind, " named \"", name, "\"",
      nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?"),
      names.empty() ? " No step before has set a name."
                    : absl::StrCat(" Names so far: ",
                                   absl::StrJoin(names, ", "))));
}

absl::Status Objects::WrongKind(const std::string& name,
                                absl::string_view kind) const {
  static constexpr const char* kKinds[] = {
      "graph",    "session", "saver",    "variable", "partitioned variable",
      "tensor", "operation"};
  const size_t actual = objects_.find(name)->second.index();
  return Mistake(absl::StrCat("\"", name, "\" is a ", kKinds[actual], ", not a ",
                              kind));
}

}  // namespace retrograph::scenario
