// Runner plays a scenario and prints what a TensorFlow 1 user would have seen:
// the Python line of each step, what it prints, and the errors in TensorFlow's
// own words. It stops at the first step that does not do what the scenario
// expects.
//
// Relative paths in a scenario are relative to the process's working folder.
//
// Threads: one scenario at a time in a process where `explain` is on (there is
// one observer).
#ifndef RETROGRAPH_SCENARIO_RUNNER_H_
#define RETROGRAPH_SCENARIO_RUNNER_H_

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/file_system.h"
#include "scenario/narrator.h"
#include "scenario/objects.h"
#include "scenario/source.h"

namespace retrograph::scenario {

struct RunnerOptions {
  std::ostream* out = nullptr;  // the transcript; required
  // Tell between the lines what happens inside, and what an error's likely
  // cause is.
  bool explain = false;
  FileSystem* file_system = nullptr;  // null: the machine's
};

class Runner {
 public:
  Runner(const Source& source, const RunnerOptions& options);
  ~Runner();

  // OK if every step did what it should. Otherwise "FILE:LINE: ..." with what
  // was expected and what came.
  absl::Status Run();

 private:
  using StepList = google::protobuf::RepeatedPtrField<pb::Step>;

  absl::Status RunSteps(const StepList& steps);
  absl::Status RunStep(const pb::Step& step);
  absl::Status RunAction(const pb::Step& step);
  absl::Status CheckError(const pb::Step& step, const absl::Status& result);
  absl::Status Fail(const pb::Step& step, absl::string_view what) const;
  void PrintError(const absl::Status& error);

  // blocks.cc
  absl::Status RunBlock(const pb::Step& step);
  absl::Status RunSession(const pb::Session& step);
  absl::Status RunControlDependencies(const pb::ControlDependencies& step);
  absl::Status RunVariableScope(const pb::VariableScope& step);

  // build_steps.cc
  absl::Status Build(const pb::Step& step);
  absl::Status MakeVariable(const pb::Variable& step);
  absl::Status MakeGetVariable(const pb::GetVariable& step);
  absl::Status MakeOp(const pb::Op& step);
  absl::Status MakeSaver(const pb::Saver& step);
  absl::StatusOr<Input> MakeInput(const pb::Op::Input& input);
  absl::StatusOr<Saveable> MakeSaveable(const std::string& name);

  // meta_graph_steps.cc
  absl::Status MakeDropout(const pb::Dropout& step);
  absl::Status FillCollection(const pb::AddToCollection& step);
  absl::Status ShowCollection(const pb::GetCollection& step);
  absl::Status RunImport(const pb::ImportMetaGraph& step);
  absl::Status RunExport(const pb::ExportMetaGraph& step);
  absl::Status RunSimpleSave(const pb::SimpleSave& step);
  absl::Status RunLoadSavedModel(const pb::LoadSavedModel& step);

  // run_steps.cc
  absl::Status RunFetches(const pb::Run& step);
  absl::Status RunSave(const pb::Save& step);
  absl::Status RunRestore(const pb::Restore& step);
  absl::StatusOr<Session*> FindSession(const std::string& name);

  // look_steps.cc
  absl::Status Look(const pb::Step& step);
  absl::Status ShowVariables(const pb::ListVariables& step);
  absl::Status ShowOperations(const pb::Operations& step);
  absl::Status ShowLatest(const pb::LatestCheckpoint& step);
  absl::Status ShowFiles(const pb::ListFiles& step);
  absl::Status DamageFile(const pb::Damage& step);

  // What TensorFlow appends to an error of a node: where the node was made.
  std::string StackTrace(const absl::Status& error) const;

  // A tensor or operation by a name of the scenario or of the graph.
  absl::StatusOr<Graph::Element> FindElement(const Graph& graph,
                                             const std::string& name) const;
  absl::StatusOr<Output> FindTensor(const std::string& name) const;
  void Print(absl::string_view line);

  const Source& source_;
  const RunnerOptions options_;
  FileSystem* const fs_;
  Objects objects_;
  std::vector<std::shared_ptr<Session>> sessions_;  // innermost last
  std::unique_ptr<Narrator> narrator_;
  std::shared_ptr<Graph> last_run_;  // the graph of the session that ran last
  int depth_ = 0;
  // An expectation of a step that was not met, other than its error.
  std::string mismatch_;
};

}  // namespace retrograph::scenario

#endif  // RETROGRAPH_SCENARIO_RUNNER_H_
