#include "train/event_file.h"

#include <unistd.h>

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "core/errors.h"
#include "proto/event.pb.h"
#include "train/record_file.h"

namespace retrograph {
namespace {

constexpr size_t kMuch = 1 << 16;

std::string HostName() {
  char name[256] = "";
  if (gethostname(name, sizeof(name) - 1) != 0) return "localhost";
  return name;
}

}  // namespace

EventFile::EventFile(std::string logdir, std::string suffix,
                     FileSystem* file_system, std::function<double()> now)
    : logdir_(std::move(logdir)),
      suffix_(std::move(suffix)),
      file_system_(file_system != nullptr ? file_system : FileSystem::Posix()),
      now_(now != nullptr
               ? std::move(now)
               : [] { return absl::ToUnixNanos(absl::Now()) * 1e-9; }) {}

EventFile::~EventFile() { (void)Close(); }

absl::Status EventFile::Open() {
  // TensorFlow names the file by whole seconds, and stamps the version so, too.
  const auto seconds = static_cast<int64_t>(now_());
  path_ = JoinPath(logdir_, absl::StrFormat("events.out.tfevents.%010d.%s%s",
                                            seconds, HostName(), suffix_));
  RG_ASSIGN_OR_RETURN(file_, file_system_->NewWritableFile(path_));
  Event version;
  version.set_wall_time(static_cast<double>(seconds));
  version.set_file_version("brain.Event:2");
  pending_ = FramedRecord(version.SerializeAsString());
  return Flush();
}

absl::Status EventFile::Write(absl::string_view event) {
  if (file_ == nullptr) RG_RETURN_IF_ERROR(Open());
  absl::StrAppend(&pending_, FramedRecord(event));
  return pending_.size() < kMuch ? absl::OkStatus() : Flush();
}

absl::Status EventFile::Flush() {
  if (file_ == nullptr) return absl::OkStatus();
  const std::string data = std::move(pending_);
  pending_.clear();
  RG_RETURN_IF_ERROR(file_->Append(data));
  return file_->Flush();
}

absl::Status EventFile::Close() {
  if (file_ == nullptr) return absl::OkStatus();
  RG_RETURN_IF_ERROR(Flush());
  const std::unique_ptr<WritableFile> file = std::move(file_);
  return file->Close();
}

}  // namespace retrograph
