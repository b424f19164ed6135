#include "ops/vocabulary_file.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"

namespace retrograph {
namespace {

// The lines of a file, the last with or without its end.
class Lines {
 public:
  explicit Lines(const std::string& contents) : contents_(contents) {}

  bool Next(std::string* line) {
    if (position_ == contents_.size()) return false;
    const size_t end = std::min(contents_.find('\n', position_),
                                contents_.size());
    *line = contents_.substr(position_, end - position_);
    line->erase(std::remove(line->begin(), line->end(), '\r'), line->end());
    position_ = std::min(end + 1, contents_.size());
    return true;
  }
  size_t position() const { return position_; }

 private:
  const std::string& contents_;
  size_t position_ = 0;
};

}  // namespace

absl::Status ForEachVocabularyLine(
    FileSystem* fs, const std::string& path, int64_t size,
    const std::function<absl::Status(int64_t number, const std::string& line)>&
        visit) {
  RG_ASSIGN_OR_RETURN(const std::string contents, ReadFileToString(fs, path));
  Lines lines(contents);
  std::string line;
  for (int64_t number = 0;; ++number) {
    if (!lines.Next(&line)) {
      if (size >= 0 && number != size) {
        return absl::InvalidArgumentError(
            absl::StrCat("Invalid vocab_size in ", path, ": expected ", size,
                         " but got ", number));
      }
      if (number > 0) return absl::OkStatus();
      return absl::OutOfRangeError("Read less bytes than requested");
    }
    if (size >= 0 && number >= size) {
      if (number > 0) return absl::OkStatus();
      return absl::OutOfRangeError(
          absl::StrCat("Finished reading ", size, " of lines from ", path));
    }
    if (line.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Invalid content in ", path,
                       ": empty line found at position ", lines.position(),
                       "."));
    }
    RG_RETURN_IF_ERROR(visit(number, line));
  }
}

}  // namespace retrograph
