// Whether bytes are text.
#ifndef RETROGRAPH_CHECKPOINT_UTF8_H_
#define RETROGRAPH_CHECKPOINT_UTF8_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace retrograph {

// OK if `text` is UTF-8, else Python's UnicodeDecodeError, with its text: the
// place and the reason of the first byte that is not.
absl::Status CheckUtf8(absl::string_view text);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_UTF8_H_
