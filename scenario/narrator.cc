#include "scenario/narrator.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "checkpoint/names.h"
#include "core/errors.h"
#include "re2/re2.h"

namespace retrograph::scenario {
namespace {

// Temporary files, and what is in temporary folders, come and go.
bool IsTemporary(absl::string_view path) {
  for (absl::string_view name : absl::StrSplit(path, '/')) {
    if (IsTemporaryFilename(name)) return true;
  }
  return false;
}

bool IsVariable(absl::string_view op) {
  return op == "VariableV2" || op == "Variable" || op == "VarHandleOp";
}

// The ops whose run is a part of a save or a restore.
bool IsWorthTelling(absl::string_view op) {
  return op == "SaveV2" || op == "RestoreV2" || op == "MergeV2Checkpoints" ||
         op == "Assign" || op == "AssignVariableOp";
}

bool Holds(const std::vector<std::string>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Narrator::Narrator(bool explain, std::ostream* out)
    : explain_(explain), out_(out) {
  if (explain_) installed_ = std::make_unique<ScopedObserver>(this);
}

Narrator::~Narrator() = default;

void Narrator::Say(absl::string_view text) {
  if (!explain_) return;
  absl::MutexLock lock(&mu_);
  *out_ << "#   " << std::string(4 * depth_, ' ') << text << "\n";
}

void Narrator::BeginStep(int line, int depth) {
  absl::MutexLock lock(&mu_);
  line_ = line;
  depth_ = depth;
}

void Narrator::NameGraph(int64_t graph_id, const std::string& name) {
  absl::MutexLock lock(&mu_);
  graphs_[graph_id].name = name;
}

void Narrator::BeginSaver(const std::string& name) {
  absl::MutexLock lock(&mu_);
  next_saver_ = name;
}

void Narrator::BeginSave(const std::string& prefix, int64_t graph_id) {
  absl::MutexLock lock(&mu_);
  writers_[prefix] = graph_id;
  prefix_ = prefix;
  graph_id_ = graph_id;
}

void Narrator::BeginRestore(const std::string& prefix, int64_t graph_id) {
  absl::MutexLock lock(&mu_);
  prefix_ = prefix;
  graph_id_ = graph_id;
}

void Narrator::BeginRun(int64_t graph_id) {
  absl::MutexLock lock(&mu_);
  graph_id_ = graph_id;
}

void Narrator::OnNodeAdded(const NodeAddedEvent& event) {
  if (!IsVariable(event.op)) return;
  std::string text;
  {
    absl::MutexLock lock(&mu_);
    GraphStory& graph = graphs_[event.graph_id];
    graph.variables.push_back({std::string(event.name), line_});
    text = absl::StrCat("graph ", graph.name, " has the variable ", event.name,
                        " now");
    for (const SaverStory& saver : graph.savers) {
      absl::StrAppend(&text, "; ", saver.name, " (", saver.scope,
                      "/) was built before it in line ", saver.line,
                      " and does not know it");
    }
  }
  Say(text);
}

void Narrator::OnSaverBuilt(const SaverBuiltEvent& event) {
  std::string text;
  {
    absl::MutexLock lock(&mu_);
    GraphStory& graph = graphs_[event.graph_id];
    SaverStory saver;
    saver.name = next_saver_.empty() ? "a Saver" : next_saver_;
    saver.scope = std::string(event.name_scope);
    saver.line = line_;
    for (absl::string_view variable : event.variables) {
      saver.variables.emplace_back(variable);
    }
    text = absl::StrCat(saver.name, " takes the variables that graph ",
                        graph.name,
                        " has now: ", absl::StrJoin(saver.variables, ", "),
                        ". It adds ", saver.scope, "/SaveV2 and ", saver.scope,
                        "/RestoreV2 to the graph and keeps only their names");
    graph.savers.push_back(std::move(saver));
    next_saver_.clear();
  }
  Say(text);
}

void Narrator::OnNodeRun(const NodeRunEvent& event) {
  if (!IsWorthTelling(event.op)) return;
  std::string graph;
  {
    absl::MutexLock lock(&mu_);
    const auto it = graphs_.find(graph_id_);
    if (it != graphs_.end()) graph = absl::StrCat(" of graph ", it->second.name);
  }
  Say(absl::StrCat(event.ok ? "ran " : "failed in ", event.name, graph));
}

void Narrator::OnKeyWritten(const KeyEvent& event) {
  Say(absl::StrCat("wrote the key ", event.key, " (", event.dtype, " ",
                   event.shape, event.slice.empty() ? "" : " slice ",
                   event.slice, ")"));
}

void Narrator::OnKeyRead(const KeyEvent& event) {
  Say(absl::StrCat("read the key ", event.key, " (", event.dtype, " ",
                   event.shape, ") from ", event.prefix));
}

void Narrator::OnFileRenamed(const FileRenamedEvent& event) {
  if (IsTemporary(event.to)) return;
  Say(absl::StrCat("the file ", event.to, " is complete and in place"));
}

void Narrator::OnFileRemoved(const FileRemovedEvent& event) {
  if (IsTemporary(event.path)) return;
  Say(absl::StrCat("removed the file ", event.path));
}

// A key that the file lacks: what the file has, and why the Saver that wrote it
// left the key out.
std::string Narrator::EarlySaverHint(const std::string& key) {
  absl::MutexLock lock(&mu_);
  const auto writer = writers_.find(prefix_);
  if (writer == writers_.end()) return "";
  const GraphStory& graph = graphs_[writer->second];
  for (const VariableStory& variable : graph.variables) {
    if (variable.name != key || graph.savers.empty()) continue;
    const SaverStory& saver = graph.savers.front();
    if (Holds(saver.variables, key) || saver.line > variable.line) continue;
    return absl::StrCat("It was written by the Saver of graph ", graph.name,
                        " that was built in line ", saver.line, ", before ",
                        key, " was made in line ", variable.line,
                        ": build the Saver after the last variable.");
  }
  return "";
}

std::string Narrator::NoSaverHint(const std::string& op) {
  absl::MutexLock lock(&mu_);
  const auto it = graphs_.find(graph_id_);
  if (it == graphs_.end()) return "";
  return absl::StrCat(
      "A Saver looks its nodes up by name in the session's graph. Graph ",
      it->second.name, " has no node ", op,
      it->second.savers.empty() ? ", since no Saver was built in it."
                                : "; its Savers have other names.");
}

void Narrator::Hint(const absl::Status& error) {
  if (!explain_) return;
  const std::string text(error.message());
  std::string hint = ErrorHint(error), found;
  static const LazyRE2 kMissingKey = {R"(Key (\S+) not found in checkpoint)"};
  static const LazyRE2 kNoOp = {
      R"(feed_dict key as Tensor: .*The operation, '([^']+)', does not exist)"};
  static const LazyRE2 kUninitialized = {
      R"(Attempting to use uninitialized value (\S+))"};
  if (RE2::PartialMatch(text, *kMissingKey, &found)) {
    // What the checkpoint has is known to the restore that failed.
    const std::string story = EarlySaverHint(found);
    if (!hint.empty() && !story.empty()) hint += hint.back() == '.' ? " " : ". ";
    hint += story;
  } else if (RE2::PartialMatch(text, *kNoOp, &found)) {
    hint = NoSaverHint(found);
  } else if (hint.empty() && RE2::PartialMatch(text, *kUninitialized, &found)) {
    hint = absl::StrCat("Nothing has given ", found,
                        " a value in this session: run its initializer or "
                        "restore it first.");
  }
  if (!hint.empty()) Say(absl::StrCat("Hint: ", hint));
}

}  // namespace retrograph::scenario
