// Observer: who wants to know what happens (a narrator, a progress bar, a
// trace) derives from it and overrides what it cares for. The rooms report
// events; they know nothing of who listens.
//
// Example:
//   class Renames : public Observer {
//     void OnFileRenamed(const FileRenamedEvent& e) override { ... }
//   };
//   Renames renames;
//   ScopedObserver installed(&renames);   // until the end of the block
//
// Reporting, where something happens:
//   if (Observer* observer = CurrentObserver()) {
//     observer->OnNodeRun({session_id, node.name(), node.op()});
//   }
// Without an observer this costs one load of a pointer.
//
// Threads: there is one observer in a process. Events come from the threads on
// which they happen, also several at a time. An observer must be installed and
// removed while nothing that it would hear of runs. It must not call back into
// what reports.
#ifndef RETROGRAPH_CORE_OBSERVER_H_
#define RETROGRAPH_CORE_OBSERVER_H_

#include <atomic>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace retrograph {

// The views in an event are valid during the call only. Graphs and sessions
// are told apart by numbers of their own, which are never used again.

struct NodeAddedEvent {
  int64_t graph_id = 0;
  int64_t node_id = 0;
  absl::string_view name;
  absl::string_view op;
  absl::string_view device;
};

struct SaverBuiltEvent {
  int64_t graph_id = 0;
  absl::string_view name_scope;  // "save"
  // The checkpoint's keys and, in the same order, the variables they hold.
  absl::Span<const absl::string_view> keys;
  absl::Span<const absl::string_view> variables;
};

struct PlanBuiltEvent {
  int64_t session_id = 0;
  int64_t graph_id = 0;
  absl::Span<const absl::string_view> feeds;    // tensor names
  absl::Span<const absl::string_view> fetches;  // tensor names
  absl::Span<const absl::string_view> targets;  // node names
  int64_t node_count = 0;
};

// A kernel ran; `ok` says whether it succeeded.
struct NodeRunEvent {
  int64_t session_id = 0;
  absl::string_view name;
  absl::string_view op;
  int64_t nanos = 0;  // how long it took, 0 if not measured
  bool ok = true;
};

// A tensor went into a checkpoint or came out of it.
struct KeyEvent {
  absl::string_view prefix;
  absl::string_view key;
  absl::string_view dtype;  // "float"
  absl::string_view shape;  // "[2,3]"
  absl::string_view slice;  // slice spec, "" for the whole
  int64_t bytes = 0;
};

// Reported by the file systems themselves, after it happened.
struct FileWrittenEvent {
  absl::string_view path;
  int64_t bytes = 0;
};

struct FileRenamedEvent {
  absl::string_view from;
  absl::string_view to;
};

struct FileRemovedEvent {
  absl::string_view path;
};

class Observer {
 public:
  virtual ~Observer() = default;

  virtual void OnNodeAdded(const NodeAddedEvent&) {}
  virtual void OnSaverBuilt(const SaverBuiltEvent&) {}
  virtual void OnPlanBuilt(const PlanBuiltEvent&) {}
  virtual void OnNodeRun(const NodeRunEvent&) {}
  virtual void OnKeyWritten(const KeyEvent&) {}
  virtual void OnKeyRead(const KeyEvent&) {}
  virtual void OnFileWritten(const FileWrittenEvent&) {}
  virtual void OnFileRenamed(const FileRenamedEvent&) {}
  virtual void OnFileRemoved(const FileRemovedEvent&) {}
};

namespace observer_internal {
inline std::atomic<Observer*> current{nullptr};
}  // namespace observer_internal

// Null if there is none.
inline Observer* CurrentObserver() {
  return observer_internal::current.load(std::memory_order_acquire);
}

// Installs an observer for its own lifetime, in place of the one before, which
// comes back afterwards. An observer that wants the one before to hear, too,
// passes events on to previous().
class ScopedObserver {
 public:
  explicit ScopedObserver(Observer* observer)
      : previous_(observer_internal::current.exchange(observer)) {}
  ~ScopedObserver() { observer_internal::current.store(previous_); }
  ScopedObserver(const ScopedObserver&) = delete;
  ScopedObserver& operator=(const ScopedObserver&) = delete;

  Observer* previous() const { return previous_; }

 private:
  Observer* const previous_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CORE_OBSERVER_H_
