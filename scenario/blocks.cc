// The steps that are `with` blocks in Python.
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "scenario/code.h"
#include "scenario/runner.h"
#include "variables/variable_scope.h"

namespace retrograph::scenario {

absl::Status Runner::RunBlock(const pb::Step& step) {
  ++depth_;
  const auto shallower = absl::MakeCleanup([this] { --depth_; });
  const std::shared_ptr<Graph> graph = Graph::Default();
  switch (step.action_case()) {
    case pb::Step::kGraph: {
      if (step.graph().name().empty()) return Mistake("a graph needs a name");
      auto created = Graph::Create();
      objects_.Set(step.graph().name(), created);
      narrator_->NameGraph(created->unique_graph_key(), step.graph().name());
      Graph::AsDefault as_default(created);
      return RunSteps(step.graph().step());
    }
    case pb::Step::kSession: return RunSession(step.session());
    case pb::Step::kNameScope: {
      RG_RETURN_IF_ERROR(
          graph->EnterNameScope(step.name_scope().name()).status());
      const auto exit = absl::MakeCleanup([&] { graph->ExitNameScope(); });
      return RunSteps(step.name_scope().step());
    }
    case pb::Step::kVariableScope: return RunVariableScope(step.variable_scope());
    case pb::Step::kDevice: {
      RG_RETURN_IF_ERROR(graph->EnterDevice(step.device().device()));
      const auto exit = absl::MakeCleanup([&] { graph->ExitDevice(); });
      return RunSteps(step.device().step());
    }
    case pb::Step::kControlDependencies:
      return RunControlDependencies(step.control_dependencies());
    default:
      return Mistake("not a block");
  }
}

absl::Status Runner::RunSession(const pb::Session& step) {
  std::shared_ptr<Graph> graph = Graph::Default();
  if (!step.graph().empty()) {
    RG_ASSIGN_OR_RETURN(
        graph, objects_.Get<std::shared_ptr<Graph>>(step.graph(),
                                                                 "graph"));
  }
  SessionOptions options;
  options.file_system = fs_;
  RG_ASSIGN_OR_RETURN(auto created,
                      Session::Create(graph, options));
  const std::shared_ptr<Session> session = std::move(created);
  objects_.Set(step.name(), session);
  sessions_.push_back(session);
  const absl::Status result = RunSteps(step.step());
  sessions_.pop_back();
  RG_RETURN_IF_ERROR(session->Close());
  return result;
}

absl::Status Runner::RunControlDependencies(const pb::ControlDependencies& step) {
  const std::shared_ptr<Graph> graph = Graph::Default();
  std::vector<Operation*> ops;
  for (const std::string& name : step.op()) {
    RG_ASSIGN_OR_RETURN(const auto element, FindElement(*graph, name));
    ops.push_back(element.op != nullptr ? element.op : element.tensor.op);
  }
  ControlDependencies scope(graph.get(), std::move(ops));
  return RunSteps(step.step());
}

absl::Status Runner::RunVariableScope(const pb::VariableScope& step) {
  GraphBuilder b;
  VariableScopeOptions options;
  options.name = step.name();
  if (step.reuse() == pb::VariableScope::TRUE) options.reuse = Reuse::kYes;
  if (step.reuse() == pb::VariableScope::AUTO_REUSE) options.reuse = Reuse::kAuto;
  ScopedVariableScope scope(b, std::move(options));
  RG_RETURN_IF_ERROR(b.status());
  return RunSteps(step.step());
}

}  // namespace retrograph::scenario
