// Whether a checkpoint of some version may be read.
#ifndef RETROGRAPH_CHECKPOINT_VERSION_CHECK_H_
#define RETROGRAPH_CHECKPOINT_VERSION_CHECK_H_

#include "absl/status/status.h"
#include "proto/versions.pb.h"

namespace retrograph {

// Of both formats: what TensorFlow 1.15 writes, and may read.
inline constexpr int kCheckpointVersion = 1;

// InvalidArgument, in TensorFlow's words, for a checkpoint that needs a newer
// TensorFlow.
absl::Status CheckCheckpointVersion(const VersionDef& version);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_VERSION_CHECK_H_
