// Names moved into and out of a name scope, as meta graphs do it.
#ifndef RETROGRAPH_SAVER_SCOPE_NAMES_H_
#define RETROGRAPH_SAVER_SCOPE_NAMES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "proto/saver.pb.h"

namespace retrograph {

// "s/a" -> "a", "^s/a" -> "^a", "loc:@s/a" -> "loc:@a"; a name elsewhere stays
// as it is. The scope may end in a slash; "" is the root.
std::string StripNameScope(absl::string_view name, absl::string_view scope);
// The reverse.
std::string PrependNameScope(absl::string_view name, absl::string_view scope);

// The SaverDef with its names as inside the scope; nullopt if one of them does
// not begin with it.
absl::optional<SaverDef> SaverDefInside(SaverDef saver_def,
                                        absl::string_view scope);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_SCOPE_NAMES_H_
