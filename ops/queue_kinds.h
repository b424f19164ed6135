// The four kinds of queues: first in first out, the same with rows padded to
// one size, shuffled, and by priority.
#ifndef RETROGRAPH_OPS_QUEUE_KINDS_H_
#define RETROGRAPH_OPS_QUEUE_KINDS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ops/queue.h"

namespace retrograph {

// The queue that config.kind names.
std::shared_ptr<Queue> MakeQueue(const QueueConfig& config);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_QUEUE_KINDS_H_
