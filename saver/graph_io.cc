#include "saver/graph_io.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "core/message_bytes.h"
#include "saver/message_text.h"

namespace retrograph {
namespace {

// os.path.join().
std::string Joined(const std::string& folder, const std::string& name) {
  if (folder.empty() || absl::StartsWith(name, "/")) return name;
  return absl::StrCat(folder, absl::EndsWith(folder, "/") ? "" : "/", name);
}

}  // namespace

absl::StatusOr<std::string> WriteGraph(FileSystem* fs,
                                       const GraphDef& graph_def,
                                       const std::string& logdir,
                                       const std::string& name, bool as_text,
                                       bool sync) {
  if (!logdir.empty()) RG_RETURN_IF_ERROR(fs->CreateDirectories(logdir));
  std::string path = Joined(logdir, name);
  RG_RETURN_IF_ERROR(WriteStringToFileAtomically(
      fs, path,
      as_text ? PrintAsPython(graph_def) : SerializeDeterministically(graph_def),
      sync));
  return path;
}

}  // namespace retrograph
