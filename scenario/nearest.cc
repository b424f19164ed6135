#include "scenario/nearest.h"

#include <algorithm>

#include "core/edit_distance.h"

namespace retrograph::scenario {

std::string NearestName(absl::string_view word,
                        const std::vector<std::string>& names) {
  const int limit = std::max(2, static_cast<int>(word.size() / 3));
  std::string nearest;
  int best = limit + 1;
  for (const std::string& name : names) {
    const int distance = EditDistance(word, name, best);
    if (distance < best) {
      best = distance;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace retrograph::scenario
