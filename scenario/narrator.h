// Narrator tells a scenario's inner story: it observes graphs, sessions, Savers
// and files and writes a line where something happens that explains an effect,
// and after an error what its likely cause is.
//
// Lines start with "#". Without `explain` it writes nothing.
//
// Threads: thread-safe, since kernels report from their threads.
#ifndef RETROGRAPH_SCENARIO_NARRATOR_H_
#define RETROGRAPH_SCENARIO_NARRATOR_H_

#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "core/observer.h"

namespace retrograph::scenario {

class Narrator : public Observer {
 public:
  Narrator(bool explain, std::ostream* out);
  ~Narrator() override;

  // What the runner knows and events do not say.
  void BeginStep(int line, int depth);
  void NameGraph(int64_t graph_id, const std::string& name);
  // The next Saver that is built has this name.
  void BeginSaver(const std::string& name);
  // A save or restore of `prefix` begins in a session of this graph.
  void BeginSave(const std::string& prefix, int64_t graph_id);
  void BeginRestore(const std::string& prefix, int64_t graph_id);
  // Another run in a session of this graph begins.
  void BeginRun(int64_t graph_id);

  // Writes the hint that comes with an error, or one found here.
  void Hint(const absl::Status& error);

  void OnNodeAdded(const NodeAddedEvent& event) override;
  void OnSaverBuilt(const SaverBuiltEvent& event) override;
  void OnNodeRun(const NodeRunEvent& event) override;
  void OnKeyWritten(const KeyEvent& event) override;
  void OnKeyRead(const KeyEvent& event) override;
  void OnFileRenamed(const FileRenamedEvent& event) override;
  void OnFileRemoved(const FileRemovedEvent& event) override;

 private:
  struct VariableStory {
    std::string name;
    int line = 0;
  };
  struct SaverStory {
    std::string name;   // in the scenario
    std::string scope;  // "save"
    std::vector<std::string> variables;
    int line = 0;
  };
  struct GraphStory {
    std::string name;
    std::vector<VariableStory> variables;
    std::vector<SaverStory> savers;
  };

  void Say(absl::string_view text) ABSL_LOCKS_EXCLUDED(mu_);
  std::string EarlySaverHint(const std::string& key);
  std::string NoSaverHint(const std::string& op);

  const bool explain_;
  std::ostream* const out_;
  std::unique_ptr<ScopedObserver> installed_;

  absl::Mutex mu_;
  int line_ ABSL_GUARDED_BY(mu_) = 0;
  int depth_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<int64_t, GraphStory> graphs_ ABSL_GUARDED_BY(mu_);
  std::string next_saver_ ABSL_GUARDED_BY(mu_);
  // Which graph's Saver wrote a prefix.
  std::map<std::string, int64_t> writers_ ABSL_GUARDED_BY(mu_);
  std::string prefix_ ABSL_GUARDED_BY(mu_);
  int64_t graph_id_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace retrograph::scenario

#endif  // RETROGRAPH_SCENARIO_NARRATOR_H_
