#include "checkpoint/checkpoint_wait.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/errors.h"

namespace retrograph {
namespace {

void Inform(const LogSink& log, const std::string& message) {
  if (log) log(LogLevel::kInfo, message);
}

}  // namespace

Clock Clock::Real() {
  Clock clock;
  clock.now = [] { return absl::ToUnixMicros(absl::Now()) / 1e6; };
  clock.sleep = [](double seconds) {
    absl::SleepFor(absl::Seconds(seconds));
    return absl::OkStatus();
  };
  return clock;
}

absl::StatusOr<std::optional<std::string>> WaitForNewCheckpoint(
    FileSystem* fs, const std::string& folder,
    const std::optional<std::string>& last, const WaitOptions& options) {
  Inform(options.log, absl::StrCat("Waiting for new checkpoint at ", folder));
  const Clock& clock = options.clock;
  const double end =
      options.timeout.has_value() ? clock.now() + *options.timeout : 0;
  while (true) {
    RG_ASSIGN_OR_RETURN(
        std::optional<std::string> latest,
        LatestCheckpoint(fs, folder, "checkpoint", options.log));
    if (latest.has_value() && latest != last) {
      Inform(options.log, absl::StrCat("Found new checkpoint at ", *latest));
      return latest;
    }
    if (options.timeout.has_value() &&
        clock.now() + options.seconds_to_sleep > end) {
      return std::nullopt;
    }
    RG_RETURN_IF_ERROR(clock.sleep(options.seconds_to_sleep));
  }
}

CheckpointsIterator::CheckpointsIterator(
    FileSystem* fs, std::string folder, double min_interval_secs,
    WaitOptions options, std::function<absl::StatusOr<bool>()> on_timeout)
    : fs_(fs),
      folder_(std::move(folder)),
      min_interval_secs_(min_interval_secs),
      options_(std::move(options)),
      on_timeout_(std::move(on_timeout)) {}

absl::StatusOr<std::optional<std::string>> CheckpointsIterator::Next() {
  if (last_.has_value()) {
    const double early =
        found_at_ + min_interval_secs_ - options_.clock.now();
    if (early > 0) RG_RETURN_IF_ERROR(options_.clock.sleep(early));
  }
  while (true) {
    RG_ASSIGN_OR_RETURN(std::optional<std::string> found,
                        WaitForNewCheckpoint(fs_, folder_, last_, options_));
    if (found.has_value()) {
      found_at_ = options_.clock.now();
      last_ = found;
      return found;
    }
    if (!on_timeout_) {
      Inform(options_.log, "Timed-out waiting for a checkpoint.");
      return std::nullopt;
    }
    RG_ASSIGN_OR_RETURN(const bool end, on_timeout_());
    if (end) return std::nullopt;
  }
}

}  // namespace retrograph
