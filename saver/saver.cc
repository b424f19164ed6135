#include "saver/saver.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "checkpoint/folder_turn.h"
#include "checkpoint/names.h"
#include "core/errors.h"
#include "core/observer.h"
#include "saver/filename_feed.h"
#include "saver/saver_builder.h"
#include "saver/saver_impl.h"
#include "saver/scope_names.h"

namespace retrograph {
namespace {

double WallClockSeconds() { return absl::ToUnixMicros(absl::Now()) / 1e6; }

CommitOptions CommitOptionsOf(Session* session) {
  CommitOptions options;
  options.sync = session->options().sync_files;
  options.owner = session->resources();
  return options;
}

absl::Status CheckSaverDef(const SaverDef& def) {
  if (def.save_tensor_name().empty()) {
    return ValueError(absl::StrCat(
        "saver_def must specify the save_tensor_name: ", def.DebugString()));
  }
  if (def.restore_op_name().empty()) {
    return ValueError(absl::StrCat(
        "saver_def must specify the restore_op_name: ", def.DebugString()));
  }
  return absl::OkStatus();
}

void ReportSaverBuilt(
    const Graph& graph, const SaverDef& def,
    const std::vector<std::shared_ptr<SaveableObject>>& saveables) {
  Observer* observer = CurrentObserver();
  if (observer == nullptr) return;
  std::vector<absl::string_view> keys, variables;
  for (const auto& saveable : saveables) {
    for (const SaveSpec& spec : saveable->specs()) {
      keys.push_back(spec.name);
      variables.push_back(spec.variable);
    }
  }
  SaverBuiltEvent event;
  event.graph_id = graph.unique_graph_key();
  event.name_scope = Dirname(def.restore_op_name());
  event.keys = keys;
  event.variables = variables;
  observer->OnSaverBuilt(event);
}

// What TensorFlow logs whenever a V1 checkpoint is saved.
void WarnOfV1(const LogSink& log) {
  if (!log) return;
  static constexpr char kStars[] =
      "*******************************************************";
  for (const char* line :
       {kStars, "TensorFlow's V1 checkpoint format has been deprecated.",
        "Consider switching to the more efficient V2 format:",
        "   `tf.train.Saver(write_version=tf.train.SaverDef.V2)`",
        "now on by default.", kStars}) {
    log(LogLevel::kWarning, line);
  }
}

}  // namespace

absl::Status Saver::Impl::Build(Graph* graph) {
  if (is_built) return absl::OkStatus();
  is_built = true;
  if (!saver_def.has_value()) {
    RG_RETURN_IF_ERROR(BuildOps(graph));
    if (is_empty) return absl::OkStatus();
  } else if (options.name.has_value()) {
    // With a saver_def, the name is the scope its graph was imported into.
    const std::string& scope = *options.name;
    saver_def->set_filename_tensor_name(
        PrependNameScope(saver_def->filename_tensor_name(), scope));
    saver_def->set_save_tensor_name(
        PrependNameScope(saver_def->save_tensor_name(), scope));
    saver_def->set_restore_op_name(
        PrependNameScope(saver_def->restore_op_name(), scope));
  }
  RG_RETURN_IF_ERROR(CheckSaverDef(*saver_def));
  next_checkpoint_time =
      options.now() + saver_def->keep_checkpoint_every_n_hours() * 3600.0;
  return absl::OkStatus();
}

// Reads the variables that exist now and adds the ops: what comes later is
// never seen.
absl::Status Saver::Impl::BuildOps(Graph* graph) {
  RG_ASSIGN_OR_RETURN(var_list, VarList(*graph));
  if (var_list->empty()) {
    if (!options.allow_empty) return ValueError("No variables to save");
    is_empty = true;
    return absl::OkStatus();
  }
  RG_ASSIGN_OR_RETURN(
      const auto saveables,
      ValidateAndSliceInputs(*var_list, options.var_list_is_dict));

  SaverBuilderOptions builder_options;
  builder_options.reshape = options.reshape;
  builder_options.sharded = options.sharded;
  builder_options.max_to_keep = options.max_to_keep.value_or(0);
  builder_options.keep_checkpoint_every_n_hours =
      options.keep_checkpoint_every_n_hours;
  builder_options.name = options.name.value_or("save");
  if (options.filename.has_value() && !options.filename->empty()) {
    builder_options.filename = *options.filename;
  }
  builder_options.restore_sequentially = options.restore_sequentially;
  if (options.builder == nullptr) {
    options.builder = std::make_shared<BulkSaverBuilder>(options.write_version);
  }
  GraphBuilder b(graph);
  RG_ASSIGN_OR_RETURN(saver_def,
                      options.builder->Build(b, saveables, builder_options));
  for (const auto& saveable : saveables) {
    for (const SaveSpec& spec : saveable->specs()) keys.push_back(spec.name);
  }
  ReportSaverBuilt(*graph, *saver_def, saveables);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Saveable>> Saver::Impl::VarList(
    const Graph& graph) const {
  if (var_list.has_value()) return *var_list;
  if (options.var_list.has_value()) return *options.var_list;
  if (options.default_var_list) return options.default_var_list(graph);
  return AllSaveableObjects(graph);
}

absl::Status Saver::Impl::CheckFilename(const std::string& path,
                                        const SaveOptions& save) const {
  const std::string& latest = save.latest_filename;
  if (!save.global_step.has_value() && Basename(path) == latest &&
      !options.sharded) {
    return ValueError(
        absl::StrCat("'latest_filename' collides with 'save_path': '", latest,
                     "' and '", path, "'"));
  }
  return absl::OkStatus();
}

std::string Saver::Impl::CheckpointFile(const std::string& path,
                                        const SaveOptions& save) const {
  if (!save.global_step.has_value()) return path;
  return options.pad_step_number
             ? absl::StrFormat("%s-%08d", path, *save.global_step)
             : absl::StrCat(path, "-", *save.global_step);
}

absl::StatusOr<std::string> Saver::Impl::RunSave(
    Session* session, const std::string& checkpoint_file) {
  if (!saver_def.has_value()) {  // its build failed
    return AttributeError(
        "'NoneType' object has no attribute 'save_tensor_name'");
  }
  const std::string& filename = saver_def->filename_tensor_name();
  RG_ASSIGN_OR_RETURN(
      const Tensor feed,
      FilenameFeed(*session->graph(), filename, checkpoint_file));
  RG_ASSIGN_OR_RETURN(const std::vector<Tensor> values,
                      session->RunByName({{filename, feed}},
                                         {saver_def->save_tensor_name()}));
  // In another graph than the Saver's, the name may be that of anything: of an
  // operation, too, which has no value.
  if (values.empty()) {
    return TypeError("Expected binary or unicode string, got None");
  }
  if (values[0].dtype() != DT_STRING || values[0].shape().rank() != 0) {
    return TypeError(absl::StrCat("Expected binary or unicode string, got ",
                                  values[0].DebugString()));
  }
  return std::string(values[0].scalar<std::string>());
}

void Saver::Impl::RecordLastCheckpoint(const std::string& path) {
  if (saver_def->max_to_keep() == 0) return;
  // Of several in a row that are the same, every other one stays, as in
  // TensorFlow.
  for (size_t i = 0; i < last_checkpoints.size(); ++i) {
    if (last_checkpoints[i].path == path) {
      last_checkpoints.erase(last_checkpoints.begin() +
                             static_cast<ptrdiff_t>(i));
    }
  }
  last_checkpoints.push_back({path, options.now()});
  if (static_cast<int64_t>(last_checkpoints.size()) >
      saver_def->max_to_keep()) {
    to_be_deleted.push_back(last_checkpoints.front());
    last_checkpoints.erase(last_checkpoints.begin());
  }
}

void Saver::Impl::MaybeDeleteOldCheckpoint(
    FileSystem* fs, const std::string& meta_graph_suffix) {
  if (to_be_deleted.empty()) return;
  const Checkpoint oldest = to_be_deleted.front();
  to_be_deleted.erase(to_be_deleted.begin());
  if (oldest.time > next_checkpoint_time) {
    next_checkpoint_time += saver_def->keep_checkpoint_every_n_hours() * 3600.0;
    return;
  }
  const absl::Status removed =
      RemoveCheckpoint(fs, oldest.path, saver_def->version() == SaverDef::V2,
                       meta_graph_suffix);
  if (!removed.ok() && options.log) {
    options.log(LogLevel::kWarning,
                absl::StrCat("Ignoring: ", removed.message()));
  }
}

std::vector<std::string> Saver::Impl::Paths() const {
  std::vector<std::string> paths;
  for (const Checkpoint& c : last_checkpoints) paths.push_back(c.path);
  return paths;
}

absl::StatusOr<std::string> Saver::Impl::SaveAndRecord(
    Session* session, const std::string& path,
    const std::string& checkpoint_file, const SaveOptions& save) {
  FileSystem* fs = FileSystemOf(*session);
  // Until all is written no other save begins in this folder.
  const CommitOptions commit = CommitOptionsOf(session);
  SaveTurn turn(fs, checkpoint_file, commit);
  // New data beside an old graph is no checkpoint, and old data beside a new
  // one is none either: where the .meta file changes, all changes at once.
  absl::optional<SavedMetaGraph> meta;
  bool at_once = false;
  if (save.write_meta_graph) {
    meta = MakeMeta(session, checkpoint_file, save);
    if (meta->ReplacesAnother()) {
      RG_ASSIGN_OR_RETURN(at_once, turn.HoldEverything());
    }
  }
  RG_ASSIGN_OR_RETURN(const std::string written,
                      RunSave(session, checkpoint_file));
  if (!at_once) RG_RETURN_IF_ERROR(turn.Commit());
  UpdateCheckpointStateOptions update;
  update.latest_filename = save.latest_filename;
  update.save_relative_paths = options.save_relative_paths;
  update.sync = commit.sync;
  update.owner = commit.owner;
  update.log = options.log;
  CheckpointState state;
  if (save.write_state) {
    RecordLastCheckpoint(written);
    RG_ASSIGN_OR_RETURN(
        state, MakeCheckpointState(Dirname(path), written, Paths(), update));
  }
  // The .meta goes before the state file names the checkpoint, so that a crash
  // never leaves a newest checkpoint without it.
  if (meta.has_value()) RG_RETURN_IF_ERROR(meta->Write(commit));
  if (save.write_state) {
    RG_RETURN_IF_ERROR(WriteCheckpointState(fs, Dirname(path), state, update));
  }
  if (at_once) RG_RETURN_IF_ERROR(turn.Commit());
  if (!save.write_state) return written;
  MaybeDeleteOldCheckpoint(fs, save.meta_graph_suffix);
  // The old checkpoint may be the new one under another spelling. TensorFlow
  // then deletes it, too, but writes its .meta only now.
  if (meta.has_value() && !fs->FileExists(meta->path())) {
    RG_RETURN_IF_ERROR(meta->Write(commit));
  }
  return written;
}

SavedMetaGraph Saver::Impl::MakeMeta(Session* session,
                                     const std::string& checkpoint_file,
                                     const SaveOptions& save) const {
  ExportMetaGraphOptions export_options;
  export_options.saver_def = saver_def.has_value() ? &*saver_def : nullptr;
  export_options.strip_default_attrs = save.strip_default_attrs;
  export_options.log = options.log;
  return SavedMetaGraph(
      FileSystemOf(*session),
      MetaGraphFilename(checkpoint_file, save.meta_graph_suffix),
      session->graph().get(), std::move(export_options), save.save_debug_info);
}

Saver::Saver() : impl_(std::make_unique<Impl>()) {}
Saver::~Saver() = default;

absl::StatusOr<std::unique_ptr<Saver>> Saver::Create(Graph* graph,
                                                     SaverOptions options,
                                                     SourceLocation location) {
  if (options.defer_build && options.var_list.has_value() &&
      !options.var_list->empty()) {
    return ValueError(
        "If `var_list` is provided then build cannot be deferred. Either set "
        "defer_build=False or var_list=None.");
  }
  auto saver = std::unique_ptr<Saver>(new Saver());
  Impl& impl = *saver->impl_;
  absl::optional<ScopedTraceback> here;
  if (CurrentTraceback() == nullptr) here.emplace(location);
  impl.traceback = CurrentTraceback();
  impl.options = std::move(options);
  if (!impl.options.now) impl.options.now = WallClockSeconds;
  impl.saver_def = impl.options.saver_def;
  if (!impl.options.defer_build) RG_RETURN_IF_ERROR(saver->Build(graph));
  if (impl.saver_def.has_value()) {
    RG_RETURN_IF_ERROR(CheckSaverDef(*impl.saver_def));
    impl.options.write_version = impl.saver_def->version();
  }
  return saver;
}

absl::Status Saver::Build(Graph* graph) { return impl_->Build(graph); }

absl::Status Saver::BeginSave(const std::string& latest_filename) const {
  if (!impl_->is_built) {
    return RuntimeError(
        "`build()` should be called before save if defer_build==True");
  }
  if (impl_->options.write_version != SaverDef::V2) {
    WarnOfV1(impl_->options.log);
  }
  if (latest_filename.find('/') != std::string::npos) {
    return ValueError("'latest_filename' must not contain path components");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Saver::Save(Session* session,
                                        const std::string& path,
                                        const SaveOptions& save) {
  if (!save.has_begun) RG_RETURN_IF_ERROR(BeginSave(save.latest_filename));
  RG_RETURN_IF_ERROR(impl_->CheckFilename(path, save));
  const std::string checkpoint_file = impl_->CheckpointFile(path, save);
  if (impl_->is_empty) {
    if (save.write_meta_graph) {
      RG_RETURN_IF_ERROR(impl_->MakeMeta(session, checkpoint_file, save)
                             .Write(CommitOptionsOf(session)));
    }
    return std::string();
  }
  absl::StatusOr<std::string> written =
      impl_->SaveAndRecord(session, path, checkpoint_file, save);
  const std::string error = ErrorClassName(written.status());
  if (error == "FailedPreconditionError" || error == "NotFoundError") {
    const std::string parent(Dirname(path));
    if (!FileSystemOf(*session)->IsDirectory(parent)) {
      return ValueError(absl::StrCat("Parent directory of ", path,
                                     " doesn't exist, can't save."));
    }
  }
  return written;
}

void Saver::set_saver_def(const SaverDef& saver_def) {
  impl_->saver_def = saver_def;
}

absl::optional<SaverDef> Saver::ToProto(absl::string_view export_scope) const {
  if (export_scope.empty() || !impl_->saver_def.has_value()) {
    return impl_->saver_def;
  }
  return SaverDefInside(*impl_->saver_def, export_scope);
}

const SaverDef* Saver::saver_def() const {
  return impl_->saver_def.has_value() ? &*impl_->saver_def : nullptr;
}
bool Saver::is_empty() const { return impl_->is_empty; }
std::vector<std::string> Saver::last_checkpoints() const {
  return impl_->Paths();
}
void Saver::set_last_checkpoints(const std::vector<std::string>& paths) {
  // Saved at the end of time: never deleted.
  impl_->last_checkpoints.clear();
  for (const std::string& path : paths) {
    impl_->last_checkpoints.push_back(
        {path, std::numeric_limits<double>::infinity()});
  }
}

void Saver::set_last_checkpoints_with_time(
    const std::vector<std::pair<std::string, double>>& checkpoints) {
  impl_->last_checkpoints.clear();
  for (const auto& [path, time] : checkpoints) {
    impl_->last_checkpoints.push_back({path, time});
  }
}

absl::Status Saver::RecoverLastCheckpoints(
    FileSystem* fs, const std::vector<std::string>& paths) {
  std::vector<std::pair<std::string, double>> found;
  for (const std::string& path : paths) {
    RG_ASSIGN_OR_RETURN(const std::vector<double> mtimes,
                        GetCheckpointMtimes(fs, {path}));
    if (!mtimes.empty()) found.emplace_back(path, mtimes[0]);
  }
  set_last_checkpoints_with_time(found);
  return absl::OkStatus();
}

const std::vector<std::string>& Saver::keys() const { return impl_->keys; }
const Traceback& Saver::traceback() const { return impl_->traceback; }

}  // namespace retrograph
