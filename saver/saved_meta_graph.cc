#include "saver/saved_meta_graph.h"

#include "core/errors.h"
#include "core/message_bytes.h"
#include "saver/graph_debug_info.h"

namespace retrograph {

SavedMetaGraph::SavedMetaGraph(FileSystem* fs, std::string path, Graph* graph,
                               ExportMetaGraphOptions options,
                               bool with_debug_info)
    : fs_(fs), path_(std::move(path)), log_(std::move(options.log)) {
  options.log = [this](LogLevel level, absl::string_view message) {
    logged_.emplace_back(level, message);
  };
  exported_ = Export(graph, options, with_debug_info);
}

absl::Status SavedMetaGraph::Export(Graph* graph,
                                    const ExportMetaGraphOptions& options,
                                    bool with_debug_info) {
  if (!with_debug_info) {
    RG_ASSIGN_OR_RETURN(bytes_, ExportMetaGraphBytes(graph, options));
    return absl::OkStatus();
  }
  google::protobuf::Arena arena(LargeArena());
  auto* meta_graph =
      google::protobuf::Arena::CreateMessage<MetaGraphDef>(&arena);
  RG_RETURN_IF_ERROR(ExportMetaGraph(graph, options, meta_graph));
  bytes_ = SerializeDeterministically(*meta_graph);
  RG_ASSIGN_OR_RETURN(
      debug_info_,
      MakeGraphDebugInfo(*graph, meta_graph->graph_def(), /*scope=*/""));
  return absl::OkStatus();
}

bool SavedMetaGraph::ReplacesAnother() const {
  const absl::StatusOr<FileStat> stat = fs_->Stat(path_);
  if (!exported_.ok() || absl::IsNotFound(stat.status())) return false;
  if (!stat.ok()) return true;
  if (stat->is_directory) return false;
  if (stat->size != bytes_.size()) return true;
  const absl::StatusOr<std::string> old = ReadFileToString(fs_, path_);
  return !old.ok() || *old != bytes_;
}

absl::Status SavedMetaGraph::Write(const CommitOptions& options) {
  for (const auto& [level, message] : logged_) {
    if (log_) log_(level, message);
  }
  logged_.clear();
  RG_RETURN_IF_ERROR(exported_);
  RG_RETURN_IF_ERROR(
      WriteMetaGraphBytes(fs_, path_, bytes_, options.sync, options.owner));
  if (!debug_info_.has_value()) return absl::OkStatus();
  return WriteGraphDebugInfo(fs_, path_, *debug_info_, /*as_text=*/false,
                             options.sync);
}

}  // namespace retrograph
