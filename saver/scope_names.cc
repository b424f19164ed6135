#include "saver/scope_names.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace retrograph {
namespace {

// The mark of a control input or of a colocation group, taken off `name`.
absl::string_view TakeMark(absl::string_view* name) {
  for (const absl::string_view mark : {"^", "loc:@"}) {
    if (absl::ConsumePrefix(name, mark)) return mark;
  }
  return "";
}

}  // namespace

std::string StripNameScope(absl::string_view name, absl::string_view scope) {
  scope = absl::StripSuffix(scope, "/");
  absl::string_view rest = name;
  const absl::string_view mark = TakeMark(&rest);
  if (scope.empty() || !absl::ConsumePrefix(&rest, scope) ||
      !absl::StartsWith(rest, "/")) {
    return std::string(name);
  }
  while (absl::ConsumePrefix(&rest, "/")) {
  }
  return absl::StrCat(mark, rest);
}

std::string PrependNameScope(absl::string_view name, absl::string_view scope) {
  scope = absl::StripSuffix(scope, "/");
  if (scope.empty()) return std::string(name);
  const absl::string_view mark = TakeMark(&name);
  return absl::StrCat(mark, scope, "/", name);
}

absl::optional<SaverDef> SaverDefInside(SaverDef saver_def,
                                        absl::string_view scope) {
  for (std::string* name : {saver_def.mutable_filename_tensor_name(),
                            saver_def.mutable_save_tensor_name(),
                            saver_def.mutable_restore_op_name()}) {
    if (!absl::StartsWith(*name, scope)) return absl::nullopt;
    *name = StripNameScope(*name, scope);
  }
  return saver_def;
}

}  // namespace retrograph
