// Waiting for new checkpoints in a folder, as a program does that evaluates
// what another one trains: tf.train.checkpoints_iterator.
//
// Source: tensorflow/python/training/checkpoint_utils.py (1.15).
#ifndef RETROGRAPH_CHECKPOINT_CHECKPOINT_WAIT_H_
#define RETROGRAPH_CHECKPOINT_CHECKPOINT_WAIT_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "checkpoint/checkpoint_state.h"
#include "core/file_system.h"

namespace retrograph {

// Seconds since the epoch, and waiting; tests give their own.
struct Clock {
  std::function<double()> now;
  // An error ends the wait and is what the caller gets.
  std::function<absl::Status(double seconds)> sleep;

  static Clock Real();
};

struct WaitOptions {
  double seconds_to_sleep = 1;
  std::optional<double> timeout;  // absent: waits for ever
  Clock clock = Clock::Real();
  LogSink log;
};

// wait_for_new_checkpoint: the folder's newest checkpoint, once it is another
// than `last`; nullopt if the time is over. It looks at least once. Errors are
// those of LatestCheckpoint and of the clock.
absl::StatusOr<std::optional<std::string>> WaitForNewCheckpoint(
    FileSystem* fs, const std::string& folder,
    const std::optional<std::string>& last, const WaitOptions& options = {});

// checkpoints_iterator. One that comes and goes between two calls is missed.
class CheckpointsIterator {
 public:
  // After a timeout `on_timeout` says whether to end; null: it ends.
  CheckpointsIterator(FileSystem* fs, std::string folder,
                      double min_interval_secs, WaitOptions options,
                      std::function<absl::StatusOr<bool>()> on_timeout);

  // The next checkpoint, at least min_interval_secs after the last one was
  // found; nullopt at the end.
  absl::StatusOr<std::optional<std::string>> Next();

 private:
  FileSystem* const fs_;
  const std::string folder_;
  const double min_interval_secs_;
  const WaitOptions options_;
  const std::function<absl::StatusOr<bool>()> on_timeout_;
  std::optional<std::string> last_;
  double found_at_ = 0;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_CHECKPOINT_WAIT_H_
