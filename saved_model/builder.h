// SavedModelBuilder writes a SavedModel: a folder with one or several meta
// graphs, each found by its tags, the values of variables, which they share,
// and the files they read.
//
//   DIR/saved_model.pb                  or saved_model.pbtxt
//   DIR/variables/variables.index, variables.data-00000-of-00001
//   DIR/assets/...
//
// Example:
//   RG_ASSIGN_OR_RETURN(auto builder, SavedModelBuilder::Create("model"));
//   AddMetaGraphOptions options;
//   options.signature_def_map["serving_default"] = *PredictSignatureDef(
//       {{"x", BuildTensorInfo(x)}}, {{"y", BuildTensorInfo(y)}});
//   RG_RETURN_IF_ERROR(builder->AddMetaGraphAndVariables(
//       session, graph, {kServing}, options));
//   RG_RETURN_IF_ERROR(builder->Save().status());
//
// As in TensorFlow, adding a meta graph changes the graph: assets and the main
// op go into its collections, and a Saver of its own is built into it. Each
// file is written under a temporary name first; saved_model.pb comes last, so a
// folder that has it is whole.
//
// Source: tensorflow/python/saved_model/builder_impl.py (1.15).
#ifndef RETROGRAPH_SAVED_MODEL_BUILDER_H_
#define RETROGRAPH_SAVED_MODEL_BUILDER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "checkpoint/checkpoint_state.h"
#include "core/file_system.h"
#include "graph/graph.h"
#include "proto/meta_graph.pb.h"
#include "proto/saved_model.pb.h"
#include "saver/saver.h"
#include "session/session.h"

namespace retrograph {
namespace saved_model {

struct SavedModelBuilderOptions {
  FileSystem* file_system = nullptr;  // null: the machine's
  bool sync_files = SyncFilesByDefault();  // see docs/durability.md
  LogSink log;
};

struct AddMetaGraphOptions {
  std::map<std::string, SignatureDef> signature_def_map;
  // String constants with paths of files. Absent is not empty: TensorFlow logs
  // another line.
  absl::optional<std::vector<Output>> assets;
  // Run after a load; none if null.
  Operation* main_op = nullptr;
  bool clear_devices = false;
  bool strip_default_attrs = false;
  // Who gives the Saver, which must outlive the call. Null: a sharded one over
  // all variables is built.
  std::function<absl::StatusOr<Saver*>()> saver;
};

class SavedModelBuilder {
 public:
  // Makes the folder. AssertionError if it is there and not empty.
  static absl::StatusOr<std::unique_ptr<SavedModelBuilder>> Create(
      const std::string& export_dir, SavedModelBuilderOptions options = {});

  // The first meta graph, with the variables' values. AssertionError if it is
  // not the first, or a TensorInfo lacks its encoding or dtype; KeyError for a
  // reserved signature key; ValueError if the graph has a main op already;
  // those of assets and of Saver::Save.
  absl::Status AddMetaGraphAndVariables(Session* session, Graph* graph,
                                        const std::vector<std::string>& tags,
                                        const AddMetaGraphOptions& options);
  // Another one. AssertionError if it is the first.
  absl::Status AddMetaGraph(Graph* graph, const std::vector<std::string>& tags,
                            const AddMetaGraphOptions& options);

  // Writes saved_model.pb, or saved_model.pbtxt, and returns its path.
  absl::StatusOr<std::string> Save(bool as_text = false);

  const SavedModel& saved_model() const { return saved_model_; }

 private:
  SavedModelBuilder(std::string export_dir, SavedModelBuilderOptions options);

  absl::Status Add(Session* session, Graph* graph,
                   const std::vector<std::string>& tags,
                   const AddMetaGraphOptions& options);
  absl::Status AddAssets(Graph* graph, const AddMetaGraphOptions& options);
  absl::Status AddMainOp(Graph* graph, Operation* main_op);
  void Log(const std::string& message) const;

  const std::string export_dir_;
  const SavedModelBuilderOptions options_;
  FileSystem* const fs_;
  SavedModel saved_model_;
  bool has_saved_variables_ = false;
};

// tf.saved_model.simple_save: one meta graph, "serve", with one signature to
// predict, the assets in the collection ASSET_FILEPATHS, and no devices.
absl::Status SimpleSave(Session* session, Graph* graph,
                        const std::string& export_dir,
                        const std::map<std::string, TensorInfo>& inputs,
                        const std::map<std::string, TensorInfo>& outputs,
                        Operation* legacy_init_op = nullptr,
                        SavedModelBuilderOptions options = {});

}  // namespace saved_model
}  // namespace retrograph

#endif  // RETROGRAPH_SAVED_MODEL_BUILDER_H_
