// A hint for someone whose key is not in a checkpoint.
#ifndef RETROGRAPH_CHECKPOINT_NEAREST_KEY_H_
#define RETROGRAPH_CHECKPOINT_NEAREST_KEY_H_

#include <string>

#include "absl/strings/string_view.h"
#include "checkpoint/bundle_reader.h"

namespace retrograph {

// What was perhaps meant by `key`: the key that is spelled most like it, or all
// keys if they are few. "" if there is nothing to say.
std::string NearestKeyHint(const BundleReader& reader, absl::string_view key);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_NEAREST_KEY_H_
