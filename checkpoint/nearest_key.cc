#include "checkpoint/nearest_key.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace retrograph {
namespace {

// A hint is not worth more time than this.
constexpr int kMaxKeys = 10000;
constexpr size_t kMaxLength = 200;
// So few keys are all named.
constexpr size_t kFewKeys = 8;

}  // namespace

int EditDistance(absl::string_view a, absl::string_view b, int limit) {
  // Row by row: the distances between a prefix of `a` and all prefixes of `b`.
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i) + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const int replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
    if (*std::min_element(row.begin(), row.end()) >= limit) return limit;
  }
  return std::min(row.back(), limit);
}

std::string NearestKeyHint(const BundleReader& reader, absl::string_view key) {
  if (key.size() > kMaxLength) return "";
  // Farther than a third of the characters is another name.
  int best = static_cast<int>(key.size()) / 3 + 1;
  std::string nearest;
  std::vector<std::string> keys;
  int count = 0;
  reader
      .ForEachEntry([&](absl::string_view other, const BundleEntryProto&) {
        if (++count > kMaxKeys) return absl::CancelledError();
        // A key that starts with a 0 byte is that of a slice.
        if (other.empty() || other.size() > kMaxLength || other[0] == '\0') {
          return absl::OkStatus();
        }
        if (keys.size() <= kFewKeys) keys.push_back(std::string(other));
        const int distance = EditDistance(key, other, best);
        if (distance < best) {
          best = distance;
          nearest = std::string(other);
        }
        return absl::OkStatus();
      })
      .IgnoreError();
  if (!nearest.empty()) {
    return absl::StrCat("The checkpoint has ", nearest,
                        ", which is spelled much like it.");
  }
  if (keys.empty() || keys.size() > kFewKeys) return "";
  return absl::StrCat("The checkpoint has only: ", absl::StrJoin(keys, ", "));
}

}  // namespace retrograph
