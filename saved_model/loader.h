// SavedModelLoader reads a SavedModel: the meta graph with given tags into a
// graph, the variables' values into a session.
//
// Example:
//   RG_ASSIGN_OR_RETURN(const auto loader, SavedModelLoader::Open("model"));
//   RG_ASSIGN_OR_RETURN(const MetaGraphDef* meta_graph,
//                       loader.Load(session, {kServing}));
//   // signature_def() of the meta graph names what to feed and to fetch.
//
// Source: tensorflow/python/saved_model/loader_impl.py (1.15).
#ifndef RETROGRAPH_SAVED_MODEL_LOADER_H_
#define RETROGRAPH_SAVED_MODEL_LOADER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "checkpoint/checkpoint_state.h"
#include "core/file_system.h"
#include "graph/graph.h"
#include "proto/meta_graph.pb.h"
#include "proto/saved_model.pb.h"
#include "saver/meta_graph_import.h"
#include "saver/saver.h"
#include "session/session.h"

namespace retrograph {
namespace saved_model {

// tf.saved_model.maybe_saved_model_directory.
bool ContainsSavedModel(FileSystem* fs, const std::string& export_dir);

// The prefix of the variables' checkpoint in a SavedModel's folder.
std::string VariablesPath(const std::string& export_dir);

// saved_model.pb, or else saved_model.pbtxt. OSError "SavedModel file does not
// exist at: ..." or "Cannot parse file b'...': ...".
absl::StatusOr<SavedModel> ReadSavedModel(FileSystem* fs,
                                          const std::string& export_dir);

// A meta graph's assets: the tensor to feed under `import_scope` and the path
// to feed it with.
std::vector<std::pair<std::string, std::string>> AssetFeeds(
    const std::string& export_dir, const MetaGraphDef& meta_graph,
    absl::string_view import_scope = "");

class SavedModelLoader {
 public:
  static absl::StatusOr<SavedModelLoader> Open(const std::string& export_dir,
                                               FileSystem* fs = nullptr);

  const std::string& export_dir() const { return export_dir_; }
  // The prefix of the variables' checkpoint.
  const std::string& variables_path() const { return variables_path_; }
  const SavedModel& saved_model() const { return saved_model_; }

  // The first meta graph with exactly these tags, in any order. RuntimeError
  // "MetaGraphDef associated with tags 'x' could not be found in SavedModel.
  // ..." with the tags that there are; `shown` is how Python prints the tags,
  // where that is no list.
  absl::StatusOr<const MetaGraphDef*> GetMetaGraphDefFromTags(
      const std::vector<std::string>& tags, absl::string_view shown = "") const;

  // Imports it; no Saver if there are no variables.
  absl::StatusOr<ImportedMetaGraph> LoadGraph(
      Graph* graph, const std::vector<std::string>& tags,
      const ImportMetaGraphOptions& options = {}) const;

  // ValueError if there are variables and no Saver.
  absl::Status RestoreVariables(Session* session, Saver* saver,
                                absl::string_view import_scope = "",
                                const LogSink& log = nullptr) const;

  // Runs what a load is to run, if anything: the op of the signature
  // "__saved_model_init_op", else of the collection "saved_model_main_op", else
  // of "legacy_init_op", with the assets fed. RuntimeError "Expected exactly
  // one SavedModel init op. Found: [...]".
  absl::Status RunInitOps(Session* session,
                          const std::vector<std::string>& tags,
                          absl::string_view import_scope = "") const;

  // All three, into the session and its graph. Returns the meta graph as it is
  // in the file.
  absl::StatusOr<const MetaGraphDef*> Load(
      Session* session, const std::vector<std::string>& tags,
      const ImportMetaGraphOptions& options = {}) const;

 private:
  SavedModelLoader(std::string export_dir, SavedModel saved_model);

  std::string export_dir_;
  std::string variables_path_;
  SavedModel saved_model_;
};

// The op or tensor that a load of a meta graph runs, and the one that trains
// it; neither op nor tensor if there is none. `graph` has the meta graph.
absl::StatusOr<Graph::Element> GetInitOp(const MetaGraphDef& meta_graph,
                                         const Graph& graph,
                                         absl::string_view import_scope = "");
absl::StatusOr<Graph::Element> GetTrainOp(const MetaGraphDef& meta_graph,
                                          const Graph& graph,
                                          absl::string_view import_scope = "");

}  // namespace saved_model
}  // namespace retrograph

#endif  // RETROGRAPH_SAVED_MODEL_LOADER_H_
