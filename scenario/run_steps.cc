// The steps that run a session.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "scenario/runner.h"
#include "scenario/values.h"

namespace retrograph::scenario {

absl::StatusOr<Session*> Runner::FindSession(const std::string& name) {
  std::shared_ptr<Session> session;
  if (!name.empty()) {
    RG_ASSIGN_OR_RETURN(
        session, objects_.Get<std::shared_ptr<Session>>(name, "session"));
  } else if (sessions_.empty()) {
    return Mistake("this step runs, and stands in no session");
  } else {
    session = sessions_.back();
  }
  last_run_ = session->graph();
  return session.get();
}

absl::Status Runner::RunFetches(const pb::Run& step) {
  RG_ASSIGN_OR_RETURN(Session * session, FindSession(step.session()));
  if (step.fetch().empty()) return Mistake("run needs at least one fetch");
  const Graph& graph = *session->graph();
  narrator_->BeginRun(graph.unique_graph_key());
  std::vector<Session::Feed> feeds;
  for (const pb::Run::Feed& feed : step.feed()) {
    RG_ASSIGN_OR_RETURN(const Graph::Element element,
                        FindElement(graph, feed.tensor()));
    if (element.op != nullptr) {
      return Mistake(absl::StrCat("\"", feed.tensor(),
                                  "\" is an operation and cannot be fed"));
    }
    const DataType dtype = feed.dtype() != DT_INVALID
                               ? feed.dtype()
                               : RemoveRefType(element.tensor.dtype());
    absl::StatusOr<Tensor> value = ParseValue(feed.value(), dtype);
    if (!value.ok()) return Mistake(value.status().message());
    feeds.emplace_back(element.tensor, *std::move(value));
  }
  std::vector<Output> fetches;
  std::vector<Operation*> targets;
  std::vector<bool> gives_value;
  for (const std::string& name : step.fetch()) {
    RG_ASSIGN_OR_RETURN(const Graph::Element element, FindElement(graph, name));
    gives_value.push_back(element.op == nullptr);
    if (element.op != nullptr) {
      targets.push_back(element.op);
    } else {
      fetches.push_back(element.tensor);
    }
  }
  RG_ASSIGN_OR_RETURN(const std::vector<Tensor> values,
                      session->Run(feeds, fetches, targets));

  std::vector<std::string> shown;
  size_t next = 0;
  for (const bool value : gives_value) {
    shown.push_back(value ? PythonRepr(values[next++]) : "None");
  }
  if (!values.empty()) {
    Print(shown.size() == 1
              ? shown[0]
              : absl::StrCat("[", absl::StrJoin(shown, ", "), "]"));
  }
  if (step.expect().empty()) return absl::OkStatus();
  if (step.expect_size() != static_cast<int>(values.size())) {
    return Mistake(absl::StrCat(step.expect_size(), " values are expected of ",
                                values.size(), " fetched tensors"));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    absl::StatusOr<Tensor> expected =
        ParseValue(step.expect(static_cast<int>(i)), values[i].dtype());
    if (!expected.ok()) return Mistake(expected.status().message());
    if (!TensorsIdentical(*expected, values[i])) {
      mismatch_ = absl::StrCat("expected ", step.expect(static_cast<int>(i)),
                               ", got ", PythonRepr(values[i]));
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status Runner::RunSave(const pb::Save& step) {
  RG_ASSIGN_OR_RETURN(
      const auto saver,
      objects_.Get<std::shared_ptr<Saver>>(step.saver(), "saver"));
  RG_ASSIGN_OR_RETURN(Session * session, FindSession(step.session()));
  SaveOptions options;
  std::string prefix = step.path();
  if (step.has_global_step()) {
    options.global_step = step.global_step().value();
    absl::StrAppend(&prefix, "-", *options.global_step);
  }
  if (!step.latest_filename().empty()) {
    options.latest_filename = step.latest_filename();
  }
  options.write_meta_graph = !step.no_meta_graph();
  options.write_state = !step.no_state();
  narrator_->BeginSave(prefix, session->graph()->unique_graph_key());
  RG_ASSIGN_OR_RETURN(const std::string written,
                      saver->Save(session, step.path(), options));
  if (!written.empty()) Print(PythonStringRepr(written));
  if (!step.expect_path().empty() && written != step.expect_path()) {
    mismatch_ = absl::StrCat("expected the checkpoint ", step.expect_path(),
                             ", got ", written);
  }
  return absl::OkStatus();
}

absl::Status Runner::RunRestore(const pb::Restore& step) {
  RG_ASSIGN_OR_RETURN(
      const auto saver,
      objects_.Get<std::shared_ptr<Saver>>(step.saver(), "saver"));
  RG_ASSIGN_OR_RETURN(Session * session, FindSession(step.session()));
  narrator_->BeginRestore(step.path(), session->graph()->unique_graph_key());
  return saver->Restore(session, step.path());
}

}  // namespace retrograph::scenario
