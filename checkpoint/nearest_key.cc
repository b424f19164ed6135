#include "checkpoint/nearest_key.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/edit_distance.h"

namespace retrograph {
namespace {

// A hint is not worth more time than this.
constexpr int kMaxKeys = 10000;
constexpr size_t kMaxLength = 200;
// So few keys are all named.
constexpr size_t kFewKeys = 8;

}  // namespace

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
    return absl::StrCat("The checkpoint ", reader.prefix(), " has ", nearest,
                        ", which is spelled much like it.");
  }
  if (keys.empty() || keys.size() > kFewKeys) return "";
  return absl::StrCat("The checkpoint ", reader.prefix(),
                      " has only: ", absl::StrJoin(keys, ", "));
}

}  // namespace retrograph
