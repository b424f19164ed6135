// Which frame each node of a plan runs in: the graph itself, or the body of a
// loop that an Enter leads into and an Exit out of.
#ifndef RETROGRAPH_SESSION_PLAN_FRAMES_H_
#define RETROGRAPH_SESSION_PLAN_FRAMES_H_

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "session/plan.h"

namespace retrograph {

// Sets `frame` and `child_frame` of every node and adds the frames of loops to
// plan->frames, which holds frame 0. `index` tells a node's place in the plan,
// `feed_of` which feed a tensor is, or -1. Feeds come into frame 0.
//
// Errors: InvalidArgument "{{node x}} has inputs from different frames. ...".
absl::Status AssignFrames(
    absl::FunctionRef<int32_t(const Output&)> feed_of,
    const absl::flat_hash_map<const Operation*, int32_t>& index, Plan* plan);

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_PLAN_FRAMES_H_
