// Reader: records of files whose names come out of a queue, as TensorFlow's
// queue-based input pipelines have them (TextLineReader, ...).
//
// A name taken from the queue is a work unit; reads take records out of it
// until it ends, then the next name. What is asked of a reader is done one
// after the other; a read that waits for a name keeps the others waiting, as in
// TensorFlow.
//
// Ownership: the session's ResourceManager. Threads: thread-safe; `done` is
//   called once, maybe on another thread.
#ifndef RETROGRAPH_OPS_READER_H_
#define RETROGRAPH_OPS_READER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "core/file_system.h"
#include "ops/kernel.h"
#include "ops/queue.h"
#include "ops/resource_manager.h"

namespace retrograph {

inline constexpr char kReaderTypeText[] = "N10tensorflow15ReaderInterfaceE";

class Reader : public Resource, public std::enable_shared_from_this<Reader> {
 public:
  using Done = std::function<void()>;
  struct Record {
    std::string key, value;
  };

  // "TextLineReader 'NODE'", for texts.
  void set_name(std::string name) { name_ = std::move(name); }
  std::string DebugString() const override { return name_; }

  // One record into outputs 0 and 1, as scalars.
  //
  // Errors: what the queue reports (OutOfRange once it is closed and empty),
  // InvalidArgument for a queue of anything but names, and what files report.
  void Read(KernelContext* ctx, std::shared_ptr<Queue> queue, Done done);
  // As many as one work unit has, at most `count`, as vectors.
  void ReadUpTo(KernelContext* ctx, std::shared_ptr<Queue> queue,
                int64_t count, Done done);
  // Does something else when its turn has come.
  void TakeTurn(std::function<void()> action);
  void EndTurn();

  // In a turn only.
  int64_t num_records_produced() const { return num_records_; }
  int64_t num_work_units_completed() const { return work_finished_; }
  void Reset();
  // A ReaderBaseState message. Unimplemented where a work unit has a place in
  // it that could not be kept.
  absl::StatusOr<std::string> SerializeState() const;
  // InvalidArgument for bytes that are no such state, or that of a reader that
  // was in a work unit.
  absl::Status RestoreState(const std::string& state);

 protected:
  // What kinds define. Errors of Start() end the work unit, others do not.
  virtual absl::Status Start(FileSystem* file_system,
                             const std::string& work) = 0;
  // The next record; false at the end of the work unit.
  virtual absl::StatusOr<bool> Next(Record* record) = 0;
  // Whether the work unit ended with its last record.
  virtual bool AtEnd() const { return false; }
  virtual void Forget() = 0;
  virtual bool HasState() const { return false; }

 private:
  struct Job;
  void Continue(const std::shared_ptr<Job>& job);
  void TakeWork(const std::shared_ptr<Job>& job);
  absl::Status StartWork(Job* job);
  // Takes records of the work unit into the job.
  absl::Status ReadSome(Job* job);
  void Finish(const std::shared_ptr<Job>& job);

  std::string name_;  // fixed once it is made
  absl::Mutex mu_;
  bool busy_ ABSL_GUARDED_BY(mu_) = false;
  std::deque<std::function<void()>> waiting_ ABSL_GUARDED_BY(mu_);
  // Of whose turn it is.
  bool has_work_ = false;
  std::string work_;
  FileSystem* file_system_ = nullptr;
  int64_t work_finished_ = 0, num_records_ = 0;
};

// What an op of readers says of the one it makes.
struct ReaderConfig {
  std::string kind;  // the op's type, "TextLineReaderV2"
  int64_t skip_header_lines = 0;
  std::string compression;
  int64_t header_bytes = 0, record_bytes = 0, footer_bytes = 0, hop_bytes = 0;
};
// InvalidArgument for negative lengths.
absl::StatusOr<std::shared_ptr<Reader>> MakeReader(const ReaderConfig& config);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_READER_H_
