// StepTrace: when each node of a run started and ended and what it put out,
// which RunMetadata.step_stats tells; tensorflow.python.client.timeline draws
// it.
//
// The nodes are the graph's own: TensorFlow also lists some that it adds while
// it runs (_SOURCE, _arg_x_0_0, _retval_y_0_0), and threads.
//
// Threads: thread-safe.
#ifndef RETROGRAPH_SESSION_STEP_TRACE_H_
#define RETROGRAPH_SESSION_STEP_TRACE_H_

#include <cstdint>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "graph/operation.h"
#include "ops/kernel.h"
#include "proto/step_stats.pb.h"

namespace retrograph {

class StepTrace {
 public:
  // `op` ran from `start` to `end`, in nanoseconds since 1970, and put out
  // `outputs`, of which dead ones are left out.
  void Record(const Operation& op, int64_t start, int64_t end,
              absl::Span<const Value> outputs);

  // By device, the nodes in the order in which they ended.
  StepStats Stats() const;

 private:
  struct Entry {
    const Operation* op;
    NodeExecStats stats;
  };

  mutable absl::Mutex mu_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mu_);
};

}  // namespace retrograph

#endif  // RETROGRAPH_SESSION_STEP_TRACE_H_
