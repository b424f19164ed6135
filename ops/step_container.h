// The container of resources that live for one run of a session: arrays,
// stacks, temporary variables.
#ifndef RETROGRAPH_OPS_STEP_CONTAINER_H_
#define RETROGRAPH_OPS_STEP_CONTAINER_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace retrograph {

inline std::string StepContainer(int64_t step_id) {
  return absl::StrCat("__per_step_", step_id);
}

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_STEP_CONTAINER_H_
