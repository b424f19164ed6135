// Saver::Restore, and its way out for object-based checkpoints.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "checkpoint/checkpoint_watch.h"
#include "core/errors.h"
#include "saver/filename_feed.h"
#include "saver/object_based.h"
#include "saver/saver_impl.h"

namespace retrograph {
namespace {

// How often a restore begins again when the checkpoint is overwritten meanwhile.
constexpr int kMaxRestores = 100;

// TensorFlow's words around the error of a restore, with its class kept.
absl::Status WrapRestoreError(const absl::Status& error,
                              absl::string_view cause) {
  return WithMessage(
      error,
      absl::StrCat("Restoring from checkpoint failed. This is most likely due "
                   "to ",
                   cause,
                   " from the checkpoint. Please ensure that you have not "
                   "altered the graph expected based on the checkpoint. "
                   "Original error:\n\n",
                   error.message()));
}

}  // namespace

// Several restore ops open the checkpoint one after the other. If it was
// overwritten between them, they begin again.
absl::Status Saver::Impl::RunRestore(Session* session,
                                     const std::string& path) {
  FileSystem* fs = FileSystemOf(*session);
  const std::string& filename = saver_def->filename_tensor_name();
  RG_ASSIGN_OR_RETURN(const Tensor feed,
                      FilenameFeed(*session->graph(), filename, path));
  for (int attempt = 1;; ++attempt) {
    const CheckpointWatch watch(fs, FilesOfCheckpoint(fs, path));
    absl::Status restored =
        session
            ->RunByName({{filename, feed}}, {}, {saver_def->restore_op_name()})
            .status();
    if (attempt == kMaxRestores || !watch.HasChanged()) return restored;
  }
}

// The Saver that restores object-based checkpoints: made once, and then only
// checked against the checkpoint's names. It does not get one itself, for names
// may lead to keys that are names, in a circle.
absl::Status Saver::Impl::PrepareObjectBasedSaver(
    Graph* graph, const std::map<std::string, std::string>& names_to_keys) {
  RG_ASSIGN_OR_RETURN(const std::vector<Saveable> found, VarList(*graph));
  RG_ASSIGN_OR_RETURN(
      const Saveables saveables,
      ValidateAndSliceInputs(found, options.var_list_is_dict));
  RG_RETURN_IF_ERROR(UseObjectBasedKeys(names_to_keys, saveables));
  if (is_object_based || object_based_saver != nullptr) {
    return absl::OkStatus();
  }
  SaverOptions saver_options;
  saver_options.var_list.emplace();
  for (const auto& saveable : saveables) {
    saver_options.var_list->push_back({absl::nullopt, saveable});
  }
  saver_options.log = options.log;
  RG_ASSIGN_OR_RETURN(object_based_saver,
                      Saver::Create(graph, std::move(saver_options)));
  object_based_saver->impl_->is_object_based = true;
  return absl::OkStatus();
}

absl::Status Saver::Restore(Session* session, const std::string& path,
                            Graph* graph) {
  if (impl_->is_empty) return absl::OkStatus();
  FileSystem* fs = FileSystemOf(*session);
  RG_ASSIGN_OR_RETURN(const bool exists, CheckpointExists(fs, path));
  if (!exists) {
    return ValueError(
        absl::StrCat("The passed save_path is not a valid checkpoint: ", path));
  }
  const LogSink& log = impl_->options.log;
  if (log) log(LogLevel::kInfo, "Restoring parameters from " + path);
  if (!impl_->saver_def.has_value()) {  // its build was deferred
    return AttributeError(
        "'NoneType' object has no attribute 'restore_op_name'");
  }
  const absl::Status restored = impl_->RunRestore(session, path);
  // Only errors of the run itself are wrapped, not those of Python's classes
  // (a name that the session's graph lacks).
  const std::string error = ErrorClassName(restored);
  if (error == "InvalidArgumentError") {
    return WrapRestoreError(
        restored, "a mismatch between the current graph and the graph");
  }
  if (error != "NotFoundError") return restored;

  const absl::Status missing = WrapRestoreError(
      restored, "a Variable name or other graph key that is missing");
  const auto names_to_keys = ObjectGraphKeyMapping(fs, path);
  if (absl::IsNotFound(names_to_keys.status())) return missing;
  RG_RETURN_IF_ERROR(names_to_keys.status());
  if (log) {
    log(LogLevel::kWarning,
        "Restoring an object-based checkpoint using a name-based saver. This "
        "may be somewhat fragile, and will re-build the Saver. Instead, "
        "consider loading object-based checkpoints using "
        "tf.train.Checkpoint().");
  }
  if (graph == nullptr) graph = session->graph().get();
  RG_RETURN_IF_ERROR(ReadFromObjectGraph(
      path, impl_->PrepareObjectBasedSaver(graph, *names_to_keys)));
  if (impl_->object_based_saver == nullptr) return missing;
  return impl_->object_based_saver->Restore(session, path, graph);
}

}  // namespace retrograph
