#include "saved_model/builder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "core/message_bytes.h"
#include "saved_model/assets.h"
#include "saved_model/constants.h"
#include "saved_model/signature_def.h"
#include "saver/message_text.h"
#include "saver/meta_graph.h"

namespace retrograph {
namespace saved_model {
namespace {

absl::Status CheckTensorInfo(const TensorInfo& info) {
  if (info.encoding_case() == TensorInfo::ENCODING_NOT_SET) {
    return AssertionError(absl::StrCat(
        "All TensorInfo protos used in the SignatureDefs must have one of the "
        "'encoding' fields (e.g., name or coo_sparse) set: ",
        PrintAsPython(info)));
  }
  if (info.has_composite_tensor()) {
    for (const TensorInfo& part : info.composite_tensor().components()) {
      RG_RETURN_IF_ERROR(CheckTensorInfo(part));
    }
    return absl::OkStatus();
  }
  if (info.dtype() != DT_INVALID) return absl::OkStatus();
  return AssertionError(absl::StrCat(
      "All TensorInfo protos used in the SignatureDefs must have the dtype "
      "field set: ",
      PrintAsPython(info)));
}

absl::Status CheckSignatures(
    const std::map<std::string, SignatureDef>& signatures) {
  for (const auto& [key, signature] : signatures) {
    for (const auto& [name, info] : signature.inputs()) {
      RG_RETURN_IF_ERROR(CheckTensorInfo(info));
    }
    for (const auto& [name, info] : signature.outputs()) {
      RG_RETURN_IF_ERROR(CheckTensorInfo(info));
    }
  }
  if (signatures.count(kInitOpSignatureKey) > 0) {
    return KeyError(
        absl::StrCat("SignatureDef map key \"", kInitOpSignatureKey,
                     "\" is reserved for initialization. Please use a "
                     "different key."));
  }
  if (signatures.count(kTrainOpSignatureKey) > 0) {
    return KeyError(
        absl::StrCat("SignatureDef map key \"", kTrainOpSignatureKey,
                     "\" is reserved for the train op. Please use a "
                     "different key."));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Saver>> ShardedSaver(Graph* graph,
                                                    const LogSink& log) {
  SaverOptions options;
  options.sharded = true;
  options.allow_empty = true;
  options.log = log;
  return Saver::Create(graph, std::move(options));
}

// Saver.export_meta_graph.
absl::StatusOr<MetaGraphDef> Export(Graph* graph, const Saver& saver,
                                    const AddMetaGraphOptions& options,
                                    const LogSink& log) {
  ExportMetaGraphOptions export_options;
  GraphDef graph_def;
  if (options.clear_devices) {
    // Given, so that the part has a library, as TensorFlow's has.
    graph_def = graph->ToGraphDef(/*add_shapes=*/true);
    export_options.graph_def = &graph_def;
  }
  export_options.saver_def = saver.saver_def();
  export_options.clear_devices = options.clear_devices;
  export_options.strip_default_attrs = options.strip_default_attrs;
  export_options.log = log;
  return ExportMetaGraph(graph, export_options);
}

}  // namespace

SavedModelBuilder::SavedModelBuilder(std::string export_dir,
                                     SavedModelBuilderOptions options)
    : export_dir_(std::move(export_dir)),
      options_(std::move(options)),
      fs_(options_.file_system != nullptr ? options_.file_system
                                          : FileSystem::Posix()) {
  saved_model_.set_saved_model_schema_version(kSchemaVersion);
}

absl::StatusOr<std::unique_ptr<SavedModelBuilder>> SavedModelBuilder::Create(
    const std::string& export_dir, SavedModelBuilderOptions options) {
  std::unique_ptr<SavedModelBuilder> builder(
      new SavedModelBuilder(export_dir, std::move(options)));
  FileSystem* const fs = builder->fs_;
  if (!fs->FileExists(export_dir)) {
    RG_RETURN_IF_ERROR(fs->CreateDirectories(export_dir));
    return builder;
  }
  RG_ASSIGN_OR_RETURN(const auto names, fs->ListDirectory(export_dir));
  if (!names.empty()) {
    return AssertionError(absl::StrCat(
        "Export directory already exists, and isn't empty. Please choose a "
        "different export directory, or delete all the contents of the "
        "specified directory: ",
        export_dir));
  }
  return builder;
}

absl::Status SavedModelBuilder::AddMetaGraphAndVariables(
    Session* session, Graph* graph, const std::vector<std::string>& tags,
    const AddMetaGraphOptions& options) {
  if (has_saved_variables_) {
    return AssertionError(
        "Graph state including variables and assets has already been saved. "
        "Please invoke `add_meta_graph()` instead.");
  }
  RG_RETURN_IF_ERROR(Add(session, graph, tags, options));
  has_saved_variables_ = true;
  return absl::OkStatus();
}

absl::Status SavedModelBuilder::AddMetaGraph(
    Graph* graph, const std::vector<std::string>& tags,
    const AddMetaGraphOptions& options) {
  if (!has_saved_variables_) {
    return AssertionError(
        "Graph state including variables and assets has not been saved yet. "
        "Please invoke `add_meta_graph_and_variables()` first.");
  }
  return Add(/*session=*/nullptr, graph, tags, options);
}

// With a session, the variables' values too.
absl::Status SavedModelBuilder::Add(Session* session, Graph* graph,
                                    const std::vector<std::string>& tags,
                                    const AddMetaGraphOptions& options) {
  RG_RETURN_IF_ERROR(CheckSignatures(options.signature_def_map));
  RG_RETURN_IF_ERROR(AddAssets(graph, options));
  RG_RETURN_IF_ERROR(AddMainOp(graph, options.main_op));

  const std::string folder = JoinPath(export_dir_, kVariablesDirectory);
  if (session != nullptr && !fs_->FileExists(folder)) {
    RG_RETURN_IF_ERROR(fs_->CreateDirectories(folder));
  }
  std::unique_ptr<Saver> own;
  Saver* saver = nullptr;
  if (options.saver) {
    RG_ASSIGN_OR_RETURN(saver, options.saver());
  } else {
    RG_ASSIGN_OR_RETURN(own, ShardedSaver(graph, options_.log));
    saver = own.get();
  }
  if (session != nullptr) {
    SaveOptions save;
    save.write_meta_graph = false;
    save.write_state = false;
    RG_RETURN_IF_ERROR(
        saver->Save(session, JoinPath(folder, kVariablesFilename), save)
            .status());
  }
  RG_ASSIGN_OR_RETURN(MetaGraphDef meta_graph,
                      Export(graph, *saver, options, options_.log));
  for (const std::string& tag : tags) {
    meta_graph.mutable_meta_info_def()->add_tags(tag);
  }
  meta_graph.mutable_signature_def()->insert(options.signature_def_map.begin(),
                                             options.signature_def_map.end());
  *saved_model_.add_meta_graphs() = std::move(meta_graph);
  return absl::OkStatus();
}

absl::Status SavedModelBuilder::AddAssets(Graph* graph,
                                          const AddMetaGraphOptions& options) {
  AssetFiles files;
  if (options.assets.has_value()) {
    RG_ASSIGN_OR_RETURN(files, AddAssetsToGraph(fs_, graph, *options.assets));
    Log("Assets added to graph.");
  } else {
    Log("No assets to save.");
  }
  if (files.empty()) {
    Log("No assets to write.");
    return absl::OkStatus();
  }
  const std::string folder = JoinPath(export_dir_, kAssetsDirectory);
  RG_RETURN_IF_ERROR(CopyAssets(fs_, files, folder, options_.sync_files));
  Log(absl::StrCat("Assets written to: ", folder));
  return absl::OkStatus();
}

absl::Status SavedModelBuilder::AddMainOp(Graph* graph, Operation* main_op) {
  if (main_op == nullptr) return absl::OkStatus();
  for (const char* key : {kMainOpKey, kLegacyInitOpKey}) {
    if (graph->GetCollection(key).empty()) continue;
    return ValueError(absl::StrCat(
        "Graph already contains one or more main ops under the collection ",
        key, "."));
  }
  RG_RETURN_IF_ERROR(graph->CheckNotFinalized());
  graph->AddToCollection(kMainOpKey, main_op);
  return absl::OkStatus();
}

absl::StatusOr<std::string> SavedModelBuilder::Save(bool as_text) {
  if (!fs_->FileExists(export_dir_)) {
    RG_RETURN_IF_ERROR(fs_->CreateDirectories(export_dir_));
  }
  const std::string path =
      JoinPath(export_dir_, as_text ? kFilenamePbtxt : kFilenamePb);
  RG_RETURN_IF_ERROR(WriteStringToFileAtomically(
      fs_, path,
      as_text ? PrintAsPython(saved_model_)
              : SerializeDeterministically(saved_model_),
      options_.sync_files));
  if (options_.sync_files) {
    RG_RETURN_IF_ERROR(fs_->SyncDirectory(export_dir_));
  }
  Log(absl::StrCat("SavedModel written to: ", path));
  return path;
}

void SavedModelBuilder::Log(const std::string& message) const {
  if (options_.log) options_.log(LogLevel::kInfo, message);
}

absl::Status SimpleSave(Session* session, Graph* graph,
                        const std::string& export_dir,
                        const std::map<std::string, TensorInfo>& inputs,
                        const std::map<std::string, TensorInfo>& outputs,
                        Operation* legacy_init_op,
                        SavedModelBuilderOptions builder_options) {
  AddMetaGraphOptions options;
  RG_ASSIGN_OR_RETURN(
      options.signature_def_map[kDefaultServingSignatureDefKey],
      PredictSignatureDef(inputs, outputs));
  RG_ASSIGN_OR_RETURN(
      const auto builder,
      SavedModelBuilder::Create(export_dir, std::move(builder_options)));
  options.assets.emplace();
  for (const CollectionItem& item :
       graph->GetCollection(graph_keys::kAssetFilepaths)) {
    const auto* tensor = std::get_if<Output>(&item);
    if (tensor == nullptr) {
      return TypeError("Asset path tensor must be a Tensor.");
    }
    options.assets->push_back(*tensor);
  }
  options.main_op = legacy_init_op;
  options.clear_devices = true;
  RG_RETURN_IF_ERROR(builder->AddMetaGraphAndVariables(session, graph,
                                                       {kServing}, options));
  return builder->Save().status();
}

}  // namespace saved_model
}  // namespace retrograph
