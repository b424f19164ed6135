#include "core/glob.h"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/errors.h"

namespace retrograph {
namespace {

struct GlobPattern {
  std::string directory;                // where the search starts
  std::vector<std::string> components;  // below it
};

bool IsSpecial(char c) { return c == '*' || c == '?' || c == '[' || c == '\\'; }

// False if nothing can match. The folder before the first special character is
// taken as it is, so its own name is matched with the last component.
bool ParsePattern(const std::string& pattern, GlobPattern* parsed) {
  const std::string fixed(
      pattern.begin(), std::find_if(pattern.begin(), pattern.end(), IsSpecial));
  const size_t slash = fixed.rfind('/');
  absl::string_view rest = pattern;
  if (slash == std::string::npos) {
    parsed->directory = ".";
  } else {
    parsed->directory = slash == 0 ? "/" : pattern.substr(0, slash);
    rest.remove_prefix(slash + 1);
  }
  parsed->components = absl::StrSplit(rest, '/');
  // Found paths never have an empty component.
  const bool double_slash =
      parsed->directory.size() > 1 && parsed->directory.back() == '/';
  return !double_slash &&
         std::find(parsed->components.begin(), parsed->components.end(), "") ==
             parsed->components.end();
}

// The length of what stands for one character at the start of a pattern: "a",
// "?", "\\*", "[a-c]", or a "[" that is not closed and stands for itself.
size_t ElementLength(absl::string_view pattern) {
  if (pattern[0] == '\\') return std::min<size_t>(2, pattern.size());
  if (pattern[0] != '[') return 1;
  size_t i = 1;
  if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) ++i;
  if (i < pattern.size() && pattern[i] == ']') ++i;
  for (; i < pattern.size() && pattern[i] != ']'; ++i) {
    if (pattern[i] == '\\') ++i;
    // "[:alpha:]"
    if (i + 1 < pattern.size() && pattern[i] == '[' && pattern[i + 1] == ':') {
      const size_t end = pattern.find(":]", i + 2);
      if (end != absl::string_view::npos) i = end + 1;
    }
  }
  return i < pattern.size() ? i + 1 : 1;
}

// One component of a pattern, for many names.
class Component {
 public:
  explicit Component(const std::string& pattern)
      : pattern_(pattern.c_str()) {  // as fnmatch() sees it
    constexpr int kFewStars = 2;
    if (std::count(pattern_.begin(), pattern_.end(), '*') <= kFewStars) return;
    absl::string_view rest = pattern_;
    while (!rest.empty()) {
      const size_t length = ElementLength(rest);
      std::string element(rest.substr(0, length));
      rest.remove_prefix(length);
      if (element == "[") element = "\\[";
      if (element != "*") {
        ++shortest_;
      } else if (!elements_.empty() && elements_.back() == "*") {
        continue;
      }
      elements_.push_back(std::move(element));
    }
  }

  bool Matches(const std::string& name) const {
    if (!elements_.empty()) return MatchesManyStars(name);
    return fnmatch(pattern_.c_str(), name.c_str(), 0) == 0;
  }

 private:
  // fnmatch() in a time that grows with the product of the lengths. fnmatch()
  // itself tries each "*" with every length: for twenty of them that is for
  // ever.
  bool MatchesManyStars(const std::string& name) const {
    if (name.size() < shortest_) return false;
    // After a mismatch the last "*" takes one character more; those before it
    // need not change.
    const size_t none = elements_.size() + 1;
    size_t e = 0, n = 0, after_star = none, star_end = 0;
    while (n < name.size()) {
      if (e < elements_.size() && elements_[e] == "*") {
        after_star = ++e;
        star_end = n;
      } else if (e < elements_.size() && MatchesOne(elements_[e], name[n])) {
        ++e;
        ++n;
      } else if (after_star != none) {
        e = after_star;
        n = ++star_end;
      } else {
        return false;
      }
    }
    if (e < elements_.size() && elements_[e] == "*") ++e;
    return e == elements_.size();
  }

  static bool MatchesOne(const std::string& element, char c) {
    if (element.size() == 1) return element[0] == '?' || element[0] == c;
    const char text[] = {c, '\0'};
    return fnmatch(element.c_str(), text, 0) == 0;
  }

  const std::string pattern_;
  std::vector<std::string> elements_;  // empty if fnmatch() is quick
  size_t shortest_ = 0;                // what can match
};

// Whether `name` can only be itself, so that its folder need not be read.
bool IsPlainName(const std::string& name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find('\0') == std::string::npos &&
         std::none_of(name.begin(), name.end(), IsSpecial);
}

class Search {
 public:
  Search(FileSystem* fs, const std::string& pattern, int64_t* steps)
      : fs_(fs), pattern_(pattern), steps_(steps) {}

  absl::StatusOr<std::vector<std::string>> Run() {
    GlobPattern parsed;
    const bool can_match = ParsePattern(pattern_, &parsed);
    if (parsed.components.size() == 1 && IsPlainName(parsed.components[0])) {
      return FindPlain(parsed.directory, parsed.components[0], can_match);
    }
    if (!can_match) {
      RG_RETURN_IF_ERROR(Names(parsed.directory).status());
      return std::vector<std::string>();
    }
    std::vector<std::string> found = {parsed.directory};
    for (size_t i = 0; i < parsed.components.size(); ++i) {
      const Component component(parsed.components[i]);
      std::vector<std::string> next;
      for (const std::string& directory : found) {
        if (i > 0) {
          RG_RETURN_IF_ERROR(Take(kGlobPathSteps));
          if (!fs_->IsDirectory(directory)) continue;
        }
        RG_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            Names(directory));
        for (const std::string& name : names) {
          if (component.Matches(name))
            next.push_back(JoinPath(directory, name));
        }
      }
      found = std::move(next);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

 private:
  absl::Status Take(int64_t steps) {
    if (*steps_ <= 0) {
      return absl::ResourceExhaustedError(
          absl::StrCat(pattern_, " leads through too many folders and files"));
    }
    *steps_ -= steps;
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> Names(const std::string& directory) {
    RG_RETURN_IF_ERROR(Take(kGlobFolderSteps));
    absl::StatusOr<std::vector<std::string>> names =
        fs_->ListDirectory(directory);
    if (names.ok()) {
      *steps_ -= kGlobNameSteps * static_cast<int64_t>(names->size());
    }
    return names;
  }

  absl::StatusOr<std::vector<std::string>> FindPlain(
      const std::string& directory, const std::string& name, bool can_match) {
    const std::string path = JoinPath(directory, name);
    // A link that leads nowhere has a name, too.
    if (can_match && (fs_->FileExists(path) || fs_->ReadSymlink(path).ok())) {
      return std::vector<std::string>({path});
    }
    if (!fs_->IsDirectory(directory)) {
      RG_RETURN_IF_ERROR(fs_->ListDirectory(directory).status());
    }
    return std::vector<std::string>();
  }

  FileSystem* const fs_;
  const std::string& pattern_;
  int64_t* const steps_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> Glob(FileSystem* fs,
                                              const std::string& pattern,
                                              int64_t* steps) {
  return Search(fs, pattern, steps).Run();
}

}  // namespace retrograph
