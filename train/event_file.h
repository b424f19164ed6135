// EventFile: the file that TensorBoard reads, a record an Event.
//
// The first event says "brain.Event:2".
//
// Source: tensorflow/core/util/events_writer.cc (1.15).
#ifndef RETROGRAPH_TRAIN_EVENT_FILE_H_
#define RETROGRAPH_TRAIN_EVENT_FILE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/file_system.h"

namespace retrograph {

class EventFile {
 public:
  // The file is made with the first event: `logdir`/events.out.tfevents.
  // <seconds>.<host name><suffix>. Null arguments: the machine's.
  EventFile(std::string logdir, std::string suffix,
            FileSystem* file_system = nullptr,
            std::function<double()> now = nullptr);
  // Writes what is still in memory, as TensorFlow's does: scripts seldom close
  // their writers.
  ~EventFile();
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  // Adds a serialized Event. What is written stays in memory until there is
  // much of it.
  absl::Status Write(absl::string_view event);
  absl::Status Flush();
  // Write() after it makes another file.
  absl::Status Close();
  // "" before the first event.
  const std::string& path() const { return path_; }

 private:
  absl::Status Open();

  const std::string logdir_, suffix_;
  FileSystem* const file_system_;
  const std::function<double()> now_;
  std::string path_;
  std::unique_ptr<WritableFile> file_;
  std::string pending_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_TRAIN_EVENT_FILE_H_
