#include "checkpoint/checkpoint_state.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "checkpoint/folder_turn.h"
#include "checkpoint/names.h"
#include "checkpoint/python_text.h"
#include "checkpoint/read_from.h"
#include "checkpoint/utf8.h"
#include "core/errors.h"
#include "core/glob.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace retrograph {
namespace {

void Log(const LogSink& log, LogLevel level, const std::string& message) {
  if (log) log(level, message);
}

// Keeps the first mistake in a text, as Python's parser words it: counted from
// 1, with TensorFlow's name of the message, and an unknown field where it
// starts.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(absl::string_view text)
      : lines_(absl::StrSplit(text, '\n')) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (!text_.empty()) return;
    std::string shown =
        absl::StrReplaceAll(message, {{"\"retrograph.", "\"tensorflow."}});
    size_t at = StartOfField(line, column, message);
    // What is wrong with a value is said with the whole line.
    static constexpr char kNoString[] = "Expected string, got: ";
    static constexpr char kUnterminated[] = "Unexpected end of string.";
    const absl::string_view whole = Line(line);
    if (absl::StartsWith(shown, kNoString)) {
      shown = absl::StrCat("'", whole, "': Expected string but found: '",
                           shown.substr(sizeof(kNoString) - 1), "'");
    } else if (shown == kUnterminated) {
      at = std::min(whole.find_first_of("\"'"), at);
      shown = absl::StrCat("'", whole, "': String missing ending quote: '",
                           whole.substr(at), "'");
    }
    text_ = absl::StrCat(line + 1, ":", at + 1, " : ", shown);
  }
  const std::string& text() const { return text_; }

 private:
  absl::string_view Line(int line) const {
    return line < 0 || static_cast<size_t>(line) >= lines_.size()
               ? absl::string_view()
               : lines_[static_cast<size_t>(line)];
  }
  // The C++ parser counts from the end of an unknown field's name.
  size_t StartOfField(int line, int column, absl::string_view message) const {
    const size_t end = static_cast<size_t>(std::max(column, 0));
    static constexpr char kUnknown[] = " has no field named \"";
    const size_t at = message.find(kUnknown);
    if (at == absl::string_view::npos) return end;
    absl::string_view name = message.substr(at + sizeof(kUnknown) - 1);
    name = name.substr(0, name.find('"'));
    const size_t start = Line(line).rfind(name, end);
    return start == absl::string_view::npos ? end : start;
  }

  const std::vector<absl::string_view> lines_;
  std::string text_;
};

// The first string of a state that is not text.
absl::Status CheckStrings(const CheckpointState& state) {
  RG_RETURN_IF_ERROR(CheckUtf8(state.model_checkpoint_path()));
  for (const std::string& path : state.all_model_checkpoint_paths()) {
    RG_RETURN_IF_ERROR(CheckUtf8(path));
  }
  return absl::OkStatus();
}

// What the state file says, or no value and a reason in words if it cannot be
// used. UnicodeDecodeError if it is not text.
absl::StatusOr<std::optional<CheckpointState>> ReadStateFile(
    FileSystem* fs, const std::string& path, std::string* reason) {
  absl::StatusOr<std::string> text = ReadFileToString(fs, path);
  if (!text.ok()) {
    *reason = absl::StrCat(ErrorClassName(text.status()), ": ",
                           text.status().message());
    return std::nullopt;
  }
  RG_RETURN_IF_ERROR(CheckUtf8(*text));
  CheckpointState state;
  FirstError error(*text);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  // As deep as a binary message may be; each level takes stack.
  parser.SetRecursionLimit(100);
  // Merging lets a field be given twice, as Python's parser does.
  if (!parser.MergeFromString(*text, &state)) {
    *reason = absl::StrCat("ParseError: ", error.text());
    return std::nullopt;
  }
  // What stands there in escapes need not be text either.
  const absl::Status strings = CheckStrings(state);
  if (!strings.ok()) {
    *reason = absl::StrCat("ParseError: Couldn't parse string: ",
                           strings.message());
    return std::nullopt;
  }
  return state;
}

void AppendStringField(std::string* out, absl::string_view name,
                       const std::string& value) {
  absl::StrAppend(out, name, ": \"", absl::CEscape(value), "\"\n");
}

// The files of a checkpoint that a state file may have named: the index, or
// those of V1. Each takes from `steps`.
absl::StatusOr<std::vector<std::string>> FilesOf(FileSystem* fs,
                                                 absl::string_view prefix,
                                                 int64_t* steps) {
  RG_ASSIGN_OR_RETURN(std::vector<std::string> found,
                      Glob(fs, MetaFilename(prefix), steps));
  if (!found.empty()) return found;
  return Glob(fs, std::string(prefix), steps);
}

absl::Status RemoveMatching(FileSystem* fs, const std::string& pattern) {
  RG_ASSIGN_OR_RETURN(const std::vector<std::string> found, fs->Glob(pattern));
  for (const std::string& path : found) {
    RG_RETURN_IF_ERROR(fs->RemoveFile(path));
  }
  return absl::OkStatus();
}

// The path as seen from the folder, if both are relative; else as it is.
absl::StatusOr<std::string> SeenFrom(absl::string_view folder,
                                     const std::string& path) {
  if (IsAbsolutePath(folder) || IsAbsolutePath(path)) return path;
  return PythonRelativePath(path, folder);
}

absl::StatusOr<std::string> RelativeIfAbsolute(const std::string& path,
                                               absl::string_view folder) {
  if (!IsAbsolutePath(path)) return path;
  return PythonRelativePath(path, folder);
}

}  // namespace

absl::StatusOr<CheckpointState> GenerateCheckpointStateProto(
    absl::string_view save_dir, absl::string_view model_checkpoint_path,
    std::vector<std::string> all_paths, const CheckpointStateDetails& details,
    const LogSink& log) {
  std::string latest(model_checkpoint_path);
  if (all_paths.empty() || all_paths.back() != latest) {
    Log(log, LogLevel::kInfo,
        absl::StrCat(latest,
                     " is not in all_model_checkpoint_paths. Manually "
                     "adding it."));
    all_paths.push_back(latest);
  }
  const std::vector<double>& times = details.all_model_checkpoint_timestamps;
  if (!times.empty() && times.size() != all_paths.size()) {
    return ValueError(absl::StrCat(
        "Checkpoint timestamps, if provided, must match checkpoint paths (got "
        "paths ",
        PythonListRepr(all_paths), " and timestamps ", PythonListRepr(times),
        ")"));
  }
  RG_ASSIGN_OR_RETURN(latest, SeenFrom(save_dir, latest));
  for (std::string& path : all_paths) {
    RG_ASSIGN_OR_RETURN(path, SeenFrom(save_dir, path));
  }
  CheckpointState state;
  state.set_model_checkpoint_path(latest);
  for (std::string& path : all_paths) {
    state.add_all_model_checkpoint_paths(std::move(path));
  }
  for (double time : times) state.add_all_model_checkpoint_timestamps(time);
  if (details.last_preserved_timestamp.has_value()) {
    state.set_last_preserved_timestamp(*details.last_preserved_timestamp);
  }
  return state;
}

std::string CheckpointStateToText(const CheckpointState& state) {
  std::string text;
  if (!state.model_checkpoint_path().empty()) {
    AppendStringField(&text, "model_checkpoint_path",
                      state.model_checkpoint_path());
  }
  for (const std::string& path : state.all_model_checkpoint_paths()) {
    AppendStringField(&text, "all_model_checkpoint_paths", path);
  }
  for (double time : state.all_model_checkpoint_timestamps()) {
    absl::StrAppend(&text,
                    "all_model_checkpoint_timestamps: ", PythonFloatRepr(time),
                    "\n");
  }
  if (state.last_preserved_timestamp() != 0) {
    absl::StrAppend(&text, "last_preserved_timestamp: ",
                    PythonFloatRepr(state.last_preserved_timestamp()), "\n");
  }
  return text;
}

absl::StatusOr<CheckpointState> MakeCheckpointState(
    absl::string_view save_dir, absl::string_view model_checkpoint_path,
    const std::vector<std::string>& all_model_checkpoint_paths,
    const UpdateCheckpointStateOptions& options) {
  std::string latest(model_checkpoint_path);
  std::vector<std::string> all_paths = all_model_checkpoint_paths;
  if (options.save_relative_paths) {
    RG_ASSIGN_OR_RETURN(latest, RelativeIfAbsolute(latest, save_dir));
    for (std::string& path : all_paths) {
      RG_ASSIGN_OR_RETURN(path, RelativeIfAbsolute(path, save_dir));
    }
  }
  RG_ASSIGN_OR_RETURN(
      CheckpointState state,
      GenerateCheckpointStateProto(save_dir, latest, std::move(all_paths),
                                   options.details, options.log));
  if (JoinPath(save_dir, options.latest_filename) ==
      state.model_checkpoint_path()) {
    return RuntimeError(absl::StrCat(
        "Save path '", model_checkpoint_path,
        "' conflicts with path used for checkpoint state.  Please use a "
        "different save path."));
  }
  return state;
}

absl::Status WriteCheckpointState(FileSystem* fs, absl::string_view save_dir,
                                  const CheckpointState& state,
                                  const UpdateCheckpointStateOptions& options) {
  const std::string path = JoinPath(save_dir, options.latest_filename);
  CommitOptions commit;
  commit.sync = options.sync;
  commit.owner = options.owner;
  return FolderTurn(fs, path, commit)
      .WriteAtomically(path, CheckpointStateToText(state));
}

absl::Status UpdateCheckpointState(
    FileSystem* fs, absl::string_view save_dir,
    absl::string_view model_checkpoint_path,
    const std::vector<std::string>& all_model_checkpoint_paths,
    const UpdateCheckpointStateOptions& options) {
  RG_ASSIGN_OR_RETURN(
      const CheckpointState state,
      MakeCheckpointState(save_dir, model_checkpoint_path,
                          all_model_checkpoint_paths, options));
  return WriteCheckpointState(fs, save_dir, state, options);
}

absl::StatusOr<std::optional<CheckpointState>> GetCheckpointState(
    FileSystem* fs, absl::string_view checkpoint_dir,
    absl::string_view latest_filename, const LogSink& log) {
  const std::string path = JoinPath(checkpoint_dir, latest_filename);
  if (!fs->FileExists(path)) return std::nullopt;
  std::string reason;
  absl::StatusOr<std::optional<CheckpointState>> read =
      ReadStateFile(fs, path, &reason);
  if (!read.ok()) return ReadFrom(path, "", read.status());
  std::optional<CheckpointState>& state = *read;
  if (!state.has_value()) {
    Log(log, LogLevel::kWarning, reason);
    Log(log, LogLevel::kWarning, absl::StrCat(path, ": Checkpoint ignored"));
    return std::nullopt;
  }
  if (state->model_checkpoint_path().empty()) {
    return ReadFrom(path, "",
                    ValueError(absl::StrCat(
                        "Invalid checkpoint state loaded from ",
                        checkpoint_dir)));
  }
  // JoinPath leaves absolute paths as they are.
  state->set_model_checkpoint_path(
      JoinPath(checkpoint_dir, state->model_checkpoint_path()));
  for (std::string& p : *state->mutable_all_model_checkpoint_paths()) {
    p = JoinPath(checkpoint_dir, p);
  }
  return std::move(state);
}

absl::StatusOr<std::optional<std::string>> LatestCheckpoint(
    FileSystem* fs, absl::string_view checkpoint_dir,
    absl::string_view latest_filename, const LogSink& log) {
  RG_ASSIGN_OR_RETURN(
      const std::optional<CheckpointState> state,
      GetCheckpointState(fs, checkpoint_dir, latest_filename, log));
  if (!state.has_value()) return std::nullopt;
  const std::string& prefix = state->model_checkpoint_path();
  const absl::StatusOr<bool> exists = CheckpointExists(fs, prefix);
  if (!exists.ok()) {
    return ReadFrom(JoinPath(checkpoint_dir, latest_filename), "",
                    exists.status());
  }
  if (*exists) return std::optional<std::string>(prefix);
  Log(log, LogLevel::kError,
      absl::StrCat("Couldn't match files for checkpoint ", prefix));
  return std::nullopt;
}

absl::StatusOr<bool> CheckpointExists(FileSystem* fs,
                                      absl::string_view prefix) {
  int64_t steps = kCheckpointGlobSteps;
  RG_ASSIGN_OR_RETURN(const std::vector<std::string> found,
                      FilesOf(fs, prefix, &steps));
  return !found.empty();
}

absl::StatusOr<std::vector<double>> GetCheckpointMtimes(
    FileSystem* fs, const std::vector<std::string>& prefixes) {
  std::vector<double> mtimes;
  int64_t steps = kCheckpointGlobSteps;
  for (const std::string& prefix : prefixes) {
    RG_ASSIGN_OR_RETURN(const std::vector<std::string> found,
                        FilesOf(fs, prefix, &steps));
    if (found.empty()) continue;
    RG_ASSIGN_OR_RETURN(const FileStat stat, fs->Stat(found[0]));
    // TensorFlow sees whole seconds.
    mtimes.push_back(static_cast<double>(stat.mtime_nanos / 1000000000));
  }
  return mtimes;
}

absl::Status RemoveCheckpoint(FileSystem* fs, absl::string_view prefix, bool v2,
                              absl::string_view meta_graph_suffix) {
  RG_RETURN_IF_ERROR(
      RemoveMatching(fs, MetaGraphFilename(prefix, meta_graph_suffix)));
  if (!v2) return RemoveMatching(fs, std::string(prefix));
  RG_RETURN_IF_ERROR(RemoveMatching(fs, MetaFilename(prefix)));
  return RemoveMatching(fs,
                        absl::StrCat(prefix, ".data-\?\?\?\?\?-of-\?\?\?\?\?"));
}

}  // namespace retrograph
