#include "tests/hostile/session_doors.h"

#include <memory>
#include <sstream>
#include <utility>

#include "checkpoint/checkpoint_state.h"
#include "core/check.h"
#include "graph/builder.h"
#include "ops/builders.h"
#include "ops/standard_ops.h"
#include "saver/meta_graph.h"
#include "saver/meta_graph_import.h"
#include "session/session.h"
#include "tools/inspect.h"

namespace retrograph {
namespace hostile {
namespace {

std::unique_ptr<Session> NewSession(const std::shared_ptr<Graph>& graph,
                                    FileSystem* fs) {
  SessionOptions options;
  options.file_system = fs;
  options.sync_files = false;
  options.inter_op_threads = 1;
  options.operation_timeout_ms = 5000;
  auto session = Session::Create(graph, options);
  RG_CHECK(session.ok(), session.status().ToString());
  return *std::move(session);
}

absl::StatusOr<Tensor> RunOne(Session* session, const Output& fetch) {
  auto values = session->Run({}, {fetch}, {});
  if (!values.ok()) return values.status();
  return (*values)[0];
}

}  // namespace

Answers RunRestoreOps(FileSystem* fs, const std::string& prefix,
                      const Questions& questions) {
  const std::shared_ptr<Graph> graph = Graph::Create();
  GraphBuilder b(graph.get());
  std::vector<std::string> names, specs;
  DataTypeVector dtypes;
  std::vector<Operation*> alone;
  for (const Question& question : questions) {
    names.push_back(question.name);
    specs.push_back(question.spec);
    dtypes.push_back(question.dtype);
    alone.push_back(
        b.AddOp("RestoreV2",
                {prefix, Tensor::Vector<std::string>({question.name}),
                 Tensor::Vector<std::string>({question.spec})},
                {Attr("dtypes", DataTypeVector{question.dtype})}));
  }
  Operation* const together = b.AddOp(
      "RestoreV2",
      {prefix, Tensor::Vector<std::string>(absl::MakeConstSpan(names)),
       Tensor::Vector<std::string>(absl::MakeConstSpan(specs))},
      {Attr("dtypes", dtypes)});
  RG_CHECK(b.ok(), b.status().ToString());
  const std::unique_ptr<Session> session = NewSession(graph, fs);
  Answers answers;
  for (size_t i = 0; i < questions.size(); ++i) {
    AddAnswer(questions[i], RunOne(session.get(), alone[i]->output(0)),
              &answers);
  }
  std::vector<Output> all;
  for (size_t i = 0; i < questions.size(); ++i) {
    all.push_back(together->output(static_cast<int>(i)));
  }
  const auto values = session->Run({}, all, {});
  AddStatus(values.status(), &answers);
  for (size_t i = 0; values.ok() && i < questions.size(); ++i) {
    AddAnswer(questions[i], (*values)[i], &answers);
  }
  return answers;
}

Answers RunV1RestoreOps(FileSystem* fs, const std::string& pattern,
                        const Questions& questions) {
  const std::shared_ptr<Graph> graph = Graph::Create();
  GraphBuilder b(graph.get());
  std::vector<Output> restored;
  for (const Question& question : questions) {
    const auto type = Attr("dt", question.dtype);
    restored.push_back(
        question.spec.empty()
            ? b.Op("Restore", {pattern, question.name}, {type})
            : b.Op("RestoreSlice", {pattern, question.name, question.spec},
                   {type}));
  }
  RG_CHECK(b.ok(), b.status().ToString());
  const std::unique_ptr<Session> session = NewSession(graph, fs);
  Answers answers;
  for (size_t i = 0; i < questions.size(); ++i) {
    AddAnswer(questions[i], RunOne(session.get(), restored[i]), &answers);
  }
  return answers;
}

Answers ImportAndRestore(FileSystem* fs, const std::string& meta_path,
                         const std::string& prefix, const std::string& saved,
                         const Questions& questions) {
  Answers answers;
  const auto meta_graph = ReadMetaGraph(fs, meta_path);
  AddStatus(meta_graph.status(), &answers);
  if (!meta_graph.ok()) return answers;
  const std::shared_ptr<Graph> graph = Graph::Create();
  auto imported = ImportMetaGraph(graph.get(), *meta_graph);
  AddStatus(imported.status(), &answers);
  if (!imported.ok()) return answers;
  ExportMetaGraph(graph.get(), {}).status().IgnoreError();
  if (imported->saver == nullptr) return answers;
  const std::unique_ptr<Session> session = NewSession(graph, fs);
  const absl::Status status = imported->saver->Restore(session.get(), prefix);
  AddStatus(status, &answers);
  if (!status.ok()) return answers;
  for (const Question& question : questions) {
    Operation* const op = graph->FindOperation(question.name);
    if (op == nullptr || !question.spec.empty() || op->num_outputs() == 0) {
      continue;
    }
    AddAnswer(question, RunOne(session.get(), op->output(0)), &answers);
  }
  imported->saver->Save(session.get(), saved).status().IgnoreError();
  return answers;
}

Answers AskLatest(FileSystem* fs, const std::string& folder,
                  const Questions& questions) {
  Answers answers;
  std::string logged;
  const LogSink log = [&logged](LogLevel, absl::string_view text) {
    logged.append(text.data(), text.size());
  };
  const auto latest = LatestCheckpoint(fs, folder, "checkpoint", log);
  AddStatus(latest.status(), &answers);
  const auto state = GetCheckpointState(fs, folder, "checkpoint", log);
  AddStatus(state.status(), &answers);
  if (state.ok() && state->has_value()) {
    const auto& all = (*state)->all_model_checkpoint_paths();
    AddStatus(GetCheckpointMtimes(fs, {all.begin(), all.end()}).status(),
              &answers);
  }
  // Nothing found is no error, but is told.
  if (latest.ok() && !latest->has_value() && logged.empty()) {
    AddStatus(absl::InternalError("no checkpoint, and nobody knows why"),
              &answers);
  }
  if (!latest.ok() || !latest->has_value()) return answers;
  for (Answer& answer : AskCheckpointReader(fs, **latest, questions)) {
    answers.push_back(std::move(answer));
  }
  return answers;
}

Answers RunCommand(FileSystem* fs, const std::string& path,
                   const Questions& questions) {
  Answers answers;
  for (const bool json : {false, true}) {
    std::ostringstream out;
    ListOptions options;
    options.json = json;
    AddStatus(ListCheckpoint(fs, path, options, out), &answers);
    for (const Question& question : questions) {
      if (!question.spec.empty()) continue;
      absl::StatusOr<Tensor> nothing = Tensor();
      const absl::Status status =
          ShowTensor(fs, path, question.name, options, out);
      if (!status.ok()) nothing = status;
      AddAnswer(question, std::move(nothing), &answers);
    }
  }
  return answers;
}

}  // namespace hostile
}  // namespace retrograph
