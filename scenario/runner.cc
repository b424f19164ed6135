#include "scenario/runner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"
#include "graph/traceback.h"
#include "re2/re2.h"
#include "scenario/code.h"

namespace retrograph::scenario {
namespace {

// Where a node was defined differs from file to file; a scenario's expectation
// leaves it open.
std::string WithoutPlaces(absl::string_view message) {
  std::string text(message.substr(0, message.find("\n\nOriginal stack trace")));
  static const LazyRE2 kPlace = {R"(\(defined at [^)]*\))"};
  RE2::GlobalReplace(&text, *kPlace, "(defined at ...)");
  return text;
}

}  // namespace

Runner::Runner(const Source& source, const RunnerOptions& options)
    : source_(source),
      options_(options),
      fs_(options.file_system != nullptr ? options.file_system
                                         : FileSystem::Posix()),
      narrator_(std::make_unique<Narrator>(options.explain, options.out)) {
}

Runner::~Runner() = default;

void Runner::Print(absl::string_view line) { *options_.out << line << "\n"; }

absl::Status Runner::Run() {
  const pb::Scenario& scenario = source_.scenario();
  if (!scenario.title().empty()) Print(absl::StrCat("== ", scenario.title()));
  if (!scenario.story().empty()) {
    for (absl::string_view line : absl::StrSplit(
             absl::StripAsciiWhitespace(scenario.story()), '\n')) {
      Print(absl::StripAsciiWhitespace(line));
    }
  }
  if (!scenario.title().empty() || !scenario.story().empty()) Print("");
  return RunSteps(scenario.step());
}

absl::Status Runner::RunSteps(const StepList& steps) {
  for (const pb::Step& step : steps) RG_RETURN_IF_ERROR(RunStep(step));
  return absl::OkStatus();
}

absl::Status Runner::RunStep(const pb::Step& step) {
  const std::string indent(4 * depth_, ' ');
  if (!step.comment().empty()) {
    Print(absl::StrCat(">>> ", indent, "# ", step.comment()));
  }
  const std::string code = PythonCode(step);
  Print(absl::StrCat(">>> ", indent, code));

  Frame frame;
  frame.file = source_.path();
  frame.line = source_.Line(step);
  frame.function = "<module>";
  frame.code = code;
  const absl::Status result = [&] {
    ScopedTraceback here(
        std::make_shared<const std::vector<Frame>>(1, std::move(frame)));
    narrator_->BeginStep(source_.Line(step), depth_);
    return RunAction(step);
  }();
  // A step inside a block has reported for itself.
  if (NestedSteps(step) != nullptr && absl::IsAborted(result)) return result;
  if (!mismatch_.empty()) return Fail(step, mismatch_);
  return CheckError(step, result);
}

absl::Status Runner::RunAction(const pb::Step& step) {
  if (NestedSteps(step) != nullptr) return RunBlock(step);
  switch (step.action_case()) {
    case pb::Step::kRun: return RunFetches(step.run());
    case pb::Step::kSave: return RunSave(step.save());
    case pb::Step::kRestore: return RunRestore(step.restore());
    case pb::Step::kGetCollection: return ShowCollection(step.get_collection());
    case pb::Step::kExportMetaGraph: return RunExport(step.export_meta_graph());
    case pb::Step::kSimpleSave: return RunSimpleSave(step.simple_save());
    case pb::Step::kLoadSavedModel:
      return RunLoadSavedModel(step.load_saved_model());
    case pb::Step::kListVariables:
    case pb::Step::kOperations:
    case pb::Step::kLatestCheckpoint:
    case pb::Step::kListFiles:
    case pb::Step::kMakeDirectory:
    case pb::Step::kRemove:
    case pb::Step::kDamage:
      return Look(step);
    default:
      return Build(step);
  }
}

absl::Status Runner::CheckError(const pb::Step& step, const absl::Status& result) {
  if (IsMistake(result)) return Fail(step, result.message());
  if (!step.has_expect_error()) {
    if (result.ok()) return absl::OkStatus();
    PrintError(result);
    return Fail(step, absl::StrCat("this raised ", ErrorClassName(result), ": ",
                                   result.message()));
  }
  const pb::ExpectedError& expected = step.expect_error();
  if (result.ok()) {
    return Fail(step, absl::StrCat("expected ", expected.error(),
                                   ", but nothing was raised"));
  }
  PrintError(result);
  if (ErrorClassName(result) != expected.error()) {
    return Fail(step, absl::StrCat("expected ", expected.error(), ", got ",
                                   ErrorClassName(result), ": ",
                                   result.message()));
  }
  if (!expected.message().empty() &&
      WithoutPlaces(expected.message()) != WithoutPlaces(result.message())) {
    return Fail(step, absl::StrCat("expected the message\n",
                                   WithoutPlaces(expected.message()),
                                   "\ngot\n", WithoutPlaces(result.message())));
  }
  if (!expected.pattern().empty() &&
      !RE2::PartialMatch(std::string(result.message()), expected.pattern())) {
    return Fail(step, absl::StrCat("expected a message that matches\n",
                                   expected.pattern(), "\ngot\n",
                                   result.message()));
  }
  return absl::OkStatus();
}

void Runner::PrintError(const absl::Status& error) {
  Print(absl::StrCat(ErrorClassName(error), ": ", error.message(),
                     StackTrace(error)));
  narrator_->Hint(error);
}

std::string Runner::StackTrace(const absl::Status& error) const {
  const std::string name = ErrorOpName(error);
  if (name.empty() || last_run_ == nullptr) return "";
  const Operation* op = last_run_->FindOperation(name);
  if (op == nullptr || op->traceback() == nullptr) return "";
  std::string text =
      absl::StrCat("\n\nOriginal stack trace for '", name, "':");
  for (const Frame& frame : *op->traceback()) {
    absl::StrAppend(&text, "\n  File \"", frame.file, "\", line ", frame.line,
                    ", in ", frame.function, "\n    ", frame.code);
  }
  return text;
}

// Aborted, so that the blocks around know that it was reported.
absl::Status Runner::Fail(const pb::Step& step, absl::string_view what) const {
  return absl::AbortedError(
      absl::StrCat(source_.path(), ":", source_.Line(step), ": ", what));
}

absl::StatusOr<Graph::Element> Runner::FindElement(
    const Graph& graph, const std::string& name) const {
  const Object* object = objects_.Find(name);
  if (object == nullptr) return graph.AsGraphElement(name);
  Graph::Element element;
  if (const auto* tensor = std::get_if<Output>(object)) {
    element.tensor = *tensor;
  } else if (const auto* op = std::get_if<Operation*>(object)) {
    element.op = *op;
  } else if (const auto* variable =
                 std::get_if<std::shared_ptr<Variable>>(object)) {
    element.tensor = (*variable)->graph_element();
  } else {
    return objects_.Get<Output>(name, "tensor").status();
  }
  return element;
}

absl::StatusOr<Output> Runner::FindTensor(const std::string& name) const {
  RG_ASSIGN_OR_RETURN(const Graph::Element element,
                      FindElement(*Graph::Default(), name));
  if (element.op != nullptr) {
    return Mistake(absl::StrCat("\"", name, "\" is an operation, not a tensor"));
  }
  return element.tensor;
}

}  // namespace retrograph::scenario
