#include "saved_model/loader.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/errors.h"
#include "graph/python_text.h"
#include "saved_model/assets.h"
#include "saved_model/constants.h"
#include "saved_model/signature_def.h"
#include "saver/message_text.h"
#include "saver/saveable.h"

namespace retrograph {
namespace saved_model {
namespace {

// "'a', 'b'"
template <typename Texts>
std::string Quoted(const Texts& texts) {
  return absl::StrJoin(texts, ", ", [](std::string* out, const auto& text) {
    absl::StrAppend(out, PythonRepr(absl::string_view(text)));
  });
}

// A path as Python prints its bytes.
std::string QuotedBytes(const std::string& path) {
  return absl::StrCat("b", PythonRepr(absl::string_view(path)));
}

std::set<std::string> TagsOf(const MetaGraphDef& meta_graph) {
  return {meta_graph.meta_info_def().tags().begin(),
          meta_graph.meta_info_def().tags().end()};
}

bool IsThere(const Graph::Element& element) {
  return element.op != nullptr || element.tensor.valid();
}

absl::StatusOr<Graph::Element> OpFromSignature(const MetaGraphDef& meta_graph,
                                               const std::string& key,
                                               const Graph& graph,
                                               absl::string_view scope) {
  const auto signature = meta_graph.signature_def().find(key);
  if (signature == meta_graph.signature_def().end()) return Graph::Element();
  return LoadOpFromSignatureDef(signature->second, key, graph, scope);
}

// Told by the meta graph, taken from the graph's collection.
absl::StatusOr<Graph::Element> OpFromCollection(const MetaGraphDef& meta_graph,
                                                const std::string& key,
                                                const Graph& graph) {
  const auto collection = meta_graph.collection_def().find(key);
  if (collection == meta_graph.collection_def().end()) return Graph::Element();
  const auto& names = collection->second.node_list().value();
  if (names.size() != 1) {
    return RuntimeError(
        absl::StrCat("Expected exactly one SavedModel init op. Found: [",
                     Quoted(names), "]"));
  }
  const std::vector<CollectionItem> items = graph.GetCollection(key);
  Graph::Element element;
  if (items.empty()) return element;
  if (const auto* op = std::get_if<Operation*>(&items[0])) element.op = *op;
  if (const auto* t = std::get_if<Output>(&items[0])) element.tensor = *t;
  return element;
}

}  // namespace

bool ContainsSavedModel(FileSystem* fs, const std::string& export_dir) {
  return fs->FileExists(JoinPath(export_dir, kFilenamePbtxt)) ||
         fs->FileExists(JoinPath(export_dir, kFilenamePb));
}

std::string VariablesPath(const std::string& export_dir) {
  return JoinPath(JoinPath(export_dir, kVariablesDirectory),
                  kVariablesFilename);
}

absl::StatusOr<SavedModel> ReadSavedModel(FileSystem* fs,
                                          const std::string& export_dir) {
  const std::string binary = JoinPath(export_dir, kFilenamePb);
  const std::string text = JoinPath(export_dir, kFilenamePbtxt);
  SavedModel saved_model;
  if (fs->FileExists(binary)) {
    RG_ASSIGN_OR_RETURN(const std::string content,
                        ReadFileToString(fs, binary));
    if (saved_model.ParseFromString(content)) return saved_model;
    return OSError(absl::StrCat("Cannot parse file ", QuotedBytes(binary),
                                ": Error parsing message with type "
                                "'tensorflow.SavedModel'."));
  }
  if (fs->FileExists(text)) {
    RG_ASSIGN_OR_RETURN(const std::string content, ReadFileToString(fs, text));
    RG_RETURN_IF_ERROR(
        ParseTextFile(content, QuotedBytes(text), &saved_model));
    return saved_model;
  }
  return OSError(absl::StrCat("SavedModel file does not exist at: ",
                              export_dir, "/{", kFilenamePbtxt, "|",
                              kFilenamePb, "}"));
}

std::vector<std::pair<std::string, std::string>> AssetFeeds(
    const std::string& export_dir, const MetaGraphDef& meta_graph,
    absl::string_view import_scope) {
  const std::string folder = JoinPath(export_dir, kAssetsDirectory);
  std::vector<std::pair<std::string, std::string>> feeds;
  for (const AssetFileDef& asset : AssetsOf(meta_graph)) {
    const std::string& name = asset.tensor_info().name();
    std::pair<std::string, std::string> feed = {
        import_scope.empty() ? name : absl::StrCat(import_scope, "/", name),
        JoinPath(folder, asset.filename())};
    const auto same =
        std::find_if(feeds.begin(), feeds.end(), [&](const auto& other) {
          return other.first == feed.first;
        });
    if (same == feeds.end()) {
      feeds.push_back(std::move(feed));
    } else {
      same->second = std::move(feed.second);
    }
  }
  return feeds;
}

SavedModelLoader::SavedModelLoader(std::string export_dir,
                                   SavedModel saved_model)
    : export_dir_(std::move(export_dir)),
      variables_path_(VariablesPath(export_dir_)),
      saved_model_(std::move(saved_model)) {}

absl::StatusOr<SavedModelLoader> SavedModelLoader::Open(
    const std::string& export_dir, FileSystem* fs) {
  if (fs == nullptr) fs = FileSystem::Posix();
  RG_ASSIGN_OR_RETURN(SavedModel saved_model, ReadSavedModel(fs, export_dir));
  return SavedModelLoader(export_dir, std::move(saved_model));
}

absl::StatusOr<const MetaGraphDef*> SavedModelLoader::GetMetaGraphDefFromTags(
    const std::vector<std::string>& tags, absl::string_view shown) const {
  const std::set<std::string> wanted(tags.begin(), tags.end());
  std::vector<std::string> available;
  for (const MetaGraphDef& meta_graph : saved_model_.meta_graphs()) {
    const std::set<std::string> found = TagsOf(meta_graph);
    if (found == wanted) return &meta_graph;
    available.push_back(found.empty() ? "set()"
                                      : absl::StrCat("{", Quoted(found), "}"));
  }
  return RuntimeError(absl::StrCat(
      "MetaGraphDef associated with tags ",
      shown.empty() ? Quoted(tags) : std::string(shown),
      " could not be found in SavedModel. To inspect available tag-sets in "
      "the SavedModel, please use the SavedModel CLI: `saved_model_cli`\n"
      "available_tags: [",
      absl::StrJoin(available, ", "), "]"));
}

absl::StatusOr<ImportedMetaGraph> SavedModelLoader::LoadGraph(
    Graph* graph, const std::vector<std::string>& tags,
    const ImportMetaGraphOptions& options) const {
  RG_ASSIGN_OR_RETURN(const MetaGraphDef* meta_graph,
                      GetMetaGraphDefFromTags(tags));
  return ImportMetaGraph(graph, *meta_graph, options);
}

absl::Status SavedModelLoader::RestoreVariables(Session* session, Saver* saver,
                                                absl::string_view import_scope,
                                                const LogSink& log) const {
  if (saver != nullptr) return saver->Restore(session, variables_path_);
  if (!AllSaveableObjects(*session->graph(), import_scope).empty()) {
    return ValueError(
        "No tf.train.Saver object was passed to the function "
        "SavedModelLoader.restore_variables. Since there are variables in the "
        "graph, a saver is required.");
  }
  if (log) {
    log(LogLevel::kInfo,
        "The specified SavedModel has no variables; no checkpoints were "
        "restored.");
  }
  return absl::OkStatus();
}

absl::StatusOr<Graph::Element> GetInitOp(const MetaGraphDef& meta_graph,
                                         const Graph& graph,
                                         absl::string_view import_scope) {
  RG_ASSIGN_OR_RETURN(
      Graph::Element element,
      OpFromSignature(meta_graph, kInitOpSignatureKey, graph, import_scope));
  for (const char* key : {kMainOpKey, kLegacyInitOpKey}) {
    if (IsThere(element)) break;
    RG_ASSIGN_OR_RETURN(element, OpFromCollection(meta_graph, key, graph));
  }
  return element;
}

absl::StatusOr<Graph::Element> GetTrainOp(const MetaGraphDef& meta_graph,
                                          const Graph& graph,
                                          absl::string_view import_scope) {
  RG_ASSIGN_OR_RETURN(
      const Graph::Element element,
      OpFromSignature(meta_graph, kTrainOpSignatureKey, graph, import_scope));
  if (IsThere(element)) return element;
  return OpFromCollection(meta_graph, kTrainOpKey, graph);
}

absl::Status SavedModelLoader::RunInitOps(Session* session,
                                          const std::vector<std::string>& tags,
                                          absl::string_view import_scope) const {
  RG_ASSIGN_OR_RETURN(const MetaGraphDef* meta_graph,
                      GetMetaGraphDefFromTags(tags));
  RG_ASSIGN_OR_RETURN(const Graph::Element init_op,
                      GetInitOp(*meta_graph, *session->graph(), import_scope));
  if (!IsThere(init_op)) return absl::OkStatus();
  std::vector<std::pair<std::string, Tensor>> feeds;
  for (const auto& [name, path] :
       AssetFeeds(export_dir_, *meta_graph, import_scope)) {
    feeds.emplace_back(name, Tensor::Scalar<std::string>(path));
  }
  return session
      ->RunByName(feeds, {init_op.op != nullptr ? init_op.op->name()
                                                : init_op.tensor.name()})
      .status();
}

absl::StatusOr<const MetaGraphDef*> SavedModelLoader::Load(
    Session* session, const std::vector<std::string>& tags,
    const ImportMetaGraphOptions& options) const {
  RG_ASSIGN_OR_RETURN(const ImportedMetaGraph imported,
                      LoadGraph(session->graph().get(), tags, options));
  RG_RETURN_IF_ERROR(RestoreVariables(session, imported.saver.get(),
                                      options.import_scope, options.log));
  RG_RETURN_IF_ERROR(RunInitOps(session, tags, options.import_scope));
  return GetMetaGraphDefFromTags(tags);
}

}  // namespace saved_model
}  // namespace retrograph
