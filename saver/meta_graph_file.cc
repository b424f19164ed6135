// Meta graphs in files.
#include <string>

#include "absl/strings/str_cat.h"
#include "checkpoint/folder_turn.h"
#include "core/errors.h"
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

absl::StatusOr<MetaGraphDef> ReadMetaGraph(FileSystem* fs,
                                           const std::string& path) {
  if (!fs->FileExists(path)) {
    return OSError(absl::StrCat("File ", path, " does not exist."));
  }
  RG_ASSIGN_OR_RETURN(const std::string content, ReadFileToString(fs, path));
  MetaGraphDef meta_graph;
  if (meta_graph.ParseFromString(content)) return meta_graph;
  meta_graph.Clear();
  RG_RETURN_IF_ERROR(ParseTextFile(content, path, &meta_graph));
  return meta_graph;
}

}  // namespace retrograph
