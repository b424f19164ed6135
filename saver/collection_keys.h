// Which collections of a meta graph keep what. Internal to saver/.
#ifndef RETROGRAPH_SAVER_COLLECTION_KEYS_H_
#define RETROGRAPH_SAVER_COLLECTION_KEYS_H_

#include "absl/strings/string_view.h"

namespace retrograph {

// Collections whose elements are VariableDefs.
bool HoldsVariableDefs(absl::string_view key);
// Collections whose elements are messages of any kind.
bool HoldsMessages(absl::string_view key);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_COLLECTION_KEYS_H_
