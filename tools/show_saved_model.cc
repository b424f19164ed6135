#include "tools/show_saved_model.h"

#include <map>
#include <memory>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/dtype.h"
#include "core/errors.h"
#include "core/tensor_shape.h"
#include "nlohmann/json.hpp"
#include "saved_model/constants.h"
#include "saved_model/loader.h"

namespace retrograph {
namespace {

using Json = nlohmann::ordered_json;
using InfoMap = google::protobuf::Map<std::string, TensorInfo>;

std::string ShapeText(const TensorShapeProto& proto) {
  const auto shape = PartialTensorShape::FromProto(proto);
  return shape.ok() ? shape->DebugString() : "<invalid shape>";
}

std::string NameText(const TensorInfo& info) {
  switch (info.encoding_case()) {
    case TensorInfo::kName:
      return info.name();
    case TensorInfo::kCooSparse:
      return absl::StrCat("sparse: values ",
                          info.coo_sparse().values_tensor_name(), ", indices ",
                          info.coo_sparse().indices_tensor_name(), ", shape ",
                          info.coo_sparse().dense_shape_tensor_name());
    case TensorInfo::kCompositeTensor:
      return absl::StrCat("composite of ",
                          info.composite_tensor().components_size());
    case TensorInfo::ENCODING_NOT_SET:
      break;
  }
  return "<no name>";
}

// A type that this program does not know is shown by its number.
std::string TypeText(DataType dtype) {
  if (dtype == DT_INVALID) return "-";
  return DataType_IsValid(dtype) ? std::string(DTypePythonName(dtype))
                                 : absl::StrCat("dtype ", dtype);
}

Json InfosToJson(const InfoMap& infos) {
  Json json = Json::object();
  for (const auto& [key, info] :
       std::map<std::string, TensorInfo>(infos.begin(), infos.end())) {
    json[key] = {{"name", NameText(info)},
                 {"dtype", TypeText(info.dtype())},
                 {"shape", ShapeText(info.tensor_shape())}};
  }
  return json;
}

// The op that a load runs, or "".
std::string InitOp(const MetaGraphDef& meta_graph) {
  const auto signature =
      meta_graph.signature_def().find(saved_model::kInitOpSignatureKey);
  if (signature != meta_graph.signature_def().end()) {
    const auto output =
        signature->second.outputs().find(saved_model::kInitOpSignatureKey);
    if (output != signature->second.outputs().end()) {
      return output->second.name();
    }
  }
  for (const char* key :
       {saved_model::kMainOpKey, saved_model::kLegacyInitOpKey}) {
    const auto collection = meta_graph.collection_def().find(key);
    if (collection != meta_graph.collection_def().end()) {
      return absl::StrJoin(collection->second.node_list().value(), ", ");
    }
  }
  return "";
}

Json ToJson(const std::string& folder, const MetaGraphDef& meta_graph) {
  const auto& info = meta_graph.meta_info_def();
  Json json;
  json["tags"] = std::vector<std::string>(info.tags().begin(),
                                          info.tags().end());
  json["tensorflow_version"] = info.tensorflow_version();
  json["nodes"] = meta_graph.graph_def().node_size();
  json["signatures"] = Json::object();
  for (const auto& [key, signature] : std::map<std::string, SignatureDef>(
           meta_graph.signature_def().begin(),
           meta_graph.signature_def().end())) {
    json["signatures"][key] = {{"method_name", signature.method_name()},
                               {"inputs", InfosToJson(signature.inputs())},
                               {"outputs", InfosToJson(signature.outputs())}};
  }
  json["assets"] = Json::object();
  for (const auto& [tensor, path] :
       saved_model::AssetFeeds(folder, meta_graph)) {
    json["assets"][tensor] = path;
  }
  json["init_op"] = InitOp(meta_graph);
  return json;
}

// Lines of columns, each as wide as its widest text.
void PrintTable(const std::vector<std::vector<std::string>>& rows,
                absl::string_view indent, std::ostream& out) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  for (const auto& row : rows) {
    std::string line(indent);
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&line, row[i]);
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
    }
    out << line << "\n";
  }
}

void PrintMetaGraph(const Json& json, std::ostream& out) {
  out << "meta graph '"
      << absl::StrJoin(json["tags"].get<std::vector<std::string>>(), "', '")
      << "': " << json["nodes"].get<int>() << " nodes, TensorFlow "
      << json["tensorflow_version"].get<std::string>() << "\n";
  for (const auto& [key, signature] : json["signatures"].items()) {
    out << "  signature '" << key << "'";
    const std::string method = signature["method_name"];
    out << (method.empty() ? "" : absl::StrCat(", ", method)) << "\n";
    std::vector<std::vector<std::string>> rows;
    for (const char* kind : {"inputs", "outputs"}) {
      for (const auto& [name, info] : signature[kind].items()) {
        rows.push_back({std::string(kind).substr(0, std::string(kind).size() - 1),
                        absl::StrCat("'", name, "'"), info["dtype"],
                        info["shape"], info["name"]});
      }
    }
    PrintTable(rows, "    ", out);
  }
  std::vector<std::vector<std::string>> assets;
  for (const auto& [tensor, path] : json["assets"].items()) {
    assets.push_back({"asset", path, tensor});
  }
  PrintTable(assets, "  ", out);
  const std::string init_op = json["init_op"];
  if (!init_op.empty()) out << "  runs after a load: " << init_op << "\n";
}

}  // namespace

absl::Status ShowSavedModel(FileSystem* fs, const std::string& folder,
                            const ListOptions& options, std::ostream& out) {
  RG_ASSIGN_OR_RETURN(const auto loader,
                      saved_model::SavedModelLoader::Open(folder, fs));
  Json all;
  all["schema_version"] = loader.saved_model().saved_model_schema_version();
  all["meta_graphs"] = Json::array();
  for (const MetaGraphDef& meta_graph : loader.saved_model().meta_graphs()) {
    all["meta_graphs"].push_back(ToJson(folder, meta_graph));
  }
  const bool has_variables = fs->FileExists(loader.variables_path() + ".index");
  if (options.json) {
    all["variables"] = Json::array();
    if (has_variables) {
      std::ostringstream list;
      RG_RETURN_IF_ERROR(
          ListCheckpoint(fs, loader.variables_path(), options, list));
      all["variables"] = Json::parse(list.str());
    }
    out << all.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
    return absl::OkStatus();
  }
  for (const Json& meta_graph : all["meta_graphs"]) {
    PrintMetaGraph(meta_graph, out);
  }
  if (!has_variables) {
    out << "no variables\n";
    return absl::OkStatus();
  }
  out << "variables in " << loader.variables_path() << "\n";
  return ListCheckpoint(fs, loader.variables_path(), options, out);
}

}  // namespace retrograph
