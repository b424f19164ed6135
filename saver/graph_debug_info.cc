#include "saver/graph_debug_info.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "core/message_bytes.h"
#include "saver/message_text.h"
#include "saver/scope_names.h"

namespace retrograph {
namespace {

// TensorFlow keeps ten frames, two of them its own.
constexpr size_t kMaxFrames = 8;

}  // namespace

absl::StatusOr<GraphDebugInfo> MakeGraphDebugInfo(const Graph& graph,
                                                  const GraphDef& graph_def,
                                                  absl::string_view scope) {
  std::vector<const Operation*> ops;
  std::map<std::string, int> files;
  for (const NodeDef& node : graph_def.node()) {
    const std::string name = PrependNameScope(node.name(), scope);
    const Operation* op = graph.FindOperation(name);
    if (op == nullptr) {
      return KeyError(absl::StrCat("The name '", name,
                                   "' refers to an Operation not in the "
                                   "graph."));
    }
    ops.push_back(op);
    if (op->traceback() == nullptr) continue;
    for (const Frame& frame : *op->traceback()) files[frame.file] = 0;
  }
  GraphDebugInfo info;
  for (auto& [file, index] : files) {
    index = info.files_size();
    info.add_files(file);
  }
  for (const Operation* op : ops) {
    auto& trace = (*info.mutable_traces())[op->name()];
    if (op->traceback() == nullptr) continue;
    const std::vector<Frame>& frames = *op->traceback();
    const size_t count = std::min(frames.size(), kMaxFrames);
    for (size_t i = 1; i <= count; ++i) {
      const Frame& frame = frames[frames.size() - i];
      auto* place = trace.add_file_line_cols();
      place->set_file_index(files[frame.file]);
      place->set_line(frame.line);
    }
  }
  return info;
}

std::string DebugFilename(absl::string_view meta_graph_filename) {
  const size_t slash = meta_graph_filename.rfind('/');
  const size_t name = slash == absl::string_view::npos ? 0 : slash + 1;
  const size_t dot = meta_graph_filename.rfind('.');
  if (dot != absl::string_view::npos && dot > name) {
    meta_graph_filename = meta_graph_filename.substr(0, dot);
  }
  return absl::StrCat(meta_graph_filename, ".debug");
}

absl::Status WriteGraphDebugInfo(FileSystem* fs,
                                 absl::string_view meta_graph_filename,
                                 const GraphDebugInfo& info, bool as_text,
                                 bool sync) {
  return WriteStringToFileAtomically(
      fs, DebugFilename(meta_graph_filename),
      as_text ? PrintAsPython(info) : SerializeDeterministically(info), sync);
}

}  // namespace retrograph
