// Errors that come out of a file name it, and the entry in it. Where the
// message is TensorFlow's and says less, the ErrorHint does: "Read from
// /tmp/m-7.index, entry w". Internal to checkpoint/.
#ifndef RETROGRAPH_CHECKPOINT_READ_FROM_H_
#define RETROGRAPH_CHECKPOINT_READ_FROM_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace retrograph {

// `key` is a tensor's name or the key of one of its slices; "" if the error is
// about the file as a whole. OK stays OK; a hint that there is stays.
absl::Status ReadFrom(absl::string_view file, absl::string_view key,
                      absl::Status status);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_READ_FROM_H_
