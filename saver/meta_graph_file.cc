// Meta graphs in files.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "checkpoint/folder_turn.h"
#include "core/errors.h"
#include "core/message_bytes.h"
#include "saver/message_text.h"
#include "saver/meta_graph.h"

namespace retrograph {

absl::Status WriteMetaGraph(FileSystem* fs, const std::string& path,
                            const MetaGraphDef& meta_graph, bool as_text,
                            bool sync, const void* owner) {
  return WriteMetaGraphBytes(
      fs, path,
      as_text ? PrintAsPython(meta_graph, /*expand_any=*/true)
              : SerializeDeterministically(meta_graph),
      sync, owner);
}

absl::Status WriteMetaGraphBytes(FileSystem* fs, const std::string& path,
                                 absl::string_view bytes, bool sync,
                                 const void* owner) {
  const size_t slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0) {
    RG_RETURN_IF_ERROR(fs->CreateDirectories(path.substr(0, slash)));
  }
  CommitOptions options;
  options.sync = sync;
  options.owner = owner;
  return FolderTurn(fs, path, options).WriteAtomically(path, bytes);
}

namespace {

absl::Status CheckExists(FileSystem* fs, const std::string& path) {
  if (fs->FileExists(path)) return absl::OkStatus();
  return OSError(absl::StrCat("File ", path, " does not exist."));
}

// Whether it is a binary file, not a text.
absl::StatusOr<bool> Parse(const std::string& content, const std::string& path,
                           MetaGraphDef* meta_graph) {
  if (meta_graph->ParseFromString(content)) return true;
  meta_graph->Clear();
  RG_RETURN_IF_ERROR(ParseTextFile(content, path, meta_graph));
  return false;
}

}  // namespace

absl::StatusOr<MetaGraphDef> ReadMetaGraph(FileSystem* fs,
                                           const std::string& path) {
  MetaGraphDef meta_graph;
  RG_RETURN_IF_ERROR(ReadMetaGraph(fs, path, &meta_graph));
  return meta_graph;
}

absl::Status ReadMetaGraph(FileSystem* fs, const std::string& path,
                           MetaGraphDef* meta_graph) {
  RG_RETURN_IF_ERROR(CheckExists(fs, path));
  RG_ASSIGN_OR_RETURN(const std::string content, ReadFileToString(fs, path));
  return Parse(content, path, meta_graph).status();
}

absl::StatusOr<std::string> ReadMetaGraphBytes(FileSystem* fs,
                                               const std::string& path) {
  RG_RETURN_IF_ERROR(CheckExists(fs, path));
  RG_ASSIGN_OR_RETURN(std::string content, ReadFileToString(fs, path));
  google::protobuf::Arena arena(LargeArena());
  auto* meta_graph =
      google::protobuf::Arena::CreateMessage<MetaGraphDef>(&arena);
  RG_ASSIGN_OR_RETURN(const bool is_binary, Parse(content, path, meta_graph));
  return is_binary ? std::move(content) : meta_graph->SerializeAsString();
}

google::protobuf::ArenaOptions LargeArena() {
  google::protobuf::ArenaOptions options;
  options.start_block_size = 64 << 10;
  options.max_block_size = 4 << 20;
  return options;
}

}  // namespace retrograph
