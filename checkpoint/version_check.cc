#include "checkpoint/version_check.h"

#include "absl/strings/str_cat.h"

namespace retrograph {
namespace {

constexpr char kTensorFlowVersion[] = "1.15.5";

}  // namespace

absl::Status CheckCheckpointVersion(const VersionDef& version) {
  if (version.producer() < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Checkpoint producer version ", version.producer(),
        " below min producer 0 supported by TensorFlow ", kTensorFlowVersion,
        ".  Please regenerate your checkpoint."));
  }
  if (version.min_consumer() > kCheckpointVersion) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Checkpoint min consumer version ", version.min_consumer(),
        " above current version ", kCheckpointVersion, " for TensorFlow ",
        kTensorFlowVersion, ".  Please upgrade TensorFlow."));
  }
  for (int bad_consumer : version.bad_consumers()) {
    if (bad_consumer != kCheckpointVersion) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "Checkpoint disallows consumer version ", bad_consumer,
        ".  Please upgrade TensorFlow: this version is likely buggy."));
  }
  return absl::OkStatus();
}

}  // namespace retrograph
