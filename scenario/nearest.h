// The name that was probably meant.
#ifndef RETROGRAPH_SCENARIO_NEAREST_H_
#define RETROGRAPH_SCENARIO_NEAREST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace retrograph::scenario {

// Of `names` the one with the fewest edits from `word`, or "" if none is near
// (more than a third of the word's letters, at least 2, would change).
std::string NearestName(absl::string_view word,
                        const std::vector<std::string>& names);

}  // namespace retrograph::scenario

#endif  // RETROGRAPH_SCENARIO_NEAREST_H_
