// How alike two names are, for hints at what was probably meant.
#ifndef RETROGRAPH_CORE_EDIT_DISTANCE_H_
#define RETROGRAPH_CORE_EDIT_DISTANCE_H_

#include "absl/strings/string_view.h"

namespace retrograph {

// How many characters must be put in, taken out or replaced to make `b` of `a`
// (Levenshtein's distance); `limit` if it is that many or more.
int EditDistance(absl::string_view a, absl::string_view b, int limit);

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_EDIT_DISTANCE_H_
