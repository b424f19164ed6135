// InterpolateNodeNames(): see session.h.
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "graph/graph.h"
#include "session/session.h"

namespace retrograph {
namespace {

// "{{node a/b}}": a kind and a name between double braces.
struct Tag {
  absl::string_view kind;
  absl::string_view name;
  size_t length = 0;  // of the whole tag, 0 if there is none
};

bool IsNameChar(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-' || c == '/';
}

// The longest piece of `text` that is a name: it starts with no '-' or '/'.
absl::string_view NameAt(absl::string_view text) {
  if (text.empty() || text[0] == '-' || text[0] == '/') return "";
  size_t end = 0;
  while (end < text.size() && IsNameChar(text[end])) ++end;
  return text.substr(0, end);
}

// The tag that `text` starts with, if any.
Tag ParseTag(absl::string_view text) {
  Tag tag;
  absl::string_view rest = text.substr(2);  // behind "{{"
  tag.kind = NameAt(rest);
  if (tag.kind.empty()) return Tag();
  rest.remove_prefix(tag.kind.size());
  if (!absl::StartsWith(rest, " ")) return Tag();
  rest.remove_prefix(1);
  tag.name = NameAt(rest);
  if (tag.name.empty()) return Tag();
  rest.remove_prefix(tag.name.size());
  if (!absl::StartsWith(rest, "}}")) return Tag();
  tag.length = text.size() - rest.size() + 2;
  return tag;
}

// " (defined at FILE:LINE)": the user's line is the innermost frame.
std::string DefinedAt(const Operation& op) {
  const Traceback& traceback = op.traceback();
  if (traceback == nullptr || traceback->empty()) {
    return " (defined at <unknown>:0)";
  }
  const Frame& frame = traceback->back();
  return absl::StrCat(" (defined at ", frame.file, ":", frame.line, ")");
}

std::string Interpolated(const Graph& graph, const Tag& tag,
                         absl::string_view original) {
  if (tag.kind == "function_node") return "";
  const Operation* op = graph.FindOperation(tag.name);
  if (op == nullptr || (tag.kind != "node" && tag.kind != "colocation_node")) {
    return std::string(original);
  }
  return absl::StrCat("node ", tag.name, DefinedAt(*op), " ");
}

}  // namespace

std::string InterpolateNodeNames(const Graph& graph,
                                 absl::string_view message) {
  std::string result;
  size_t done = 0;
  for (size_t at = message.find("{{"); at != absl::string_view::npos;
       at = message.find("{{", at)) {
    const Tag tag = ParseTag(message.substr(at));
    if (tag.length == 0) {
      ++at;
      continue;
    }
    absl::StrAppend(&result, message.substr(done, at - done),
                    Interpolated(graph, tag, message.substr(at, tag.length)));
    at += tag.length;
    done = at;
  }
  absl::StrAppend(&result, message.substr(done));
  return result;
}

}  // namespace retrograph
