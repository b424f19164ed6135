// A text file with one word a line, as lookup tables and vocabulary remappings
// read it. Carriage returns are left out, as in TensorFlow.
//
// Source of behaviour and texts: TextFileLineIterator, TensorFlow 1.15.
#ifndef RETROGRAPH_OPS_VOCABULARY_FILE_H_
#define RETROGRAPH_OPS_VOCABULARY_FILE_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "core/file_system.h"

namespace retrograph {

// Calls `visit` for each line and its number, up to `size` lines (-1: all), and
// stops at its first error.
//
// Errors:
//   NotFound         there is no such file.
//   OutOfRange       there is no line, or none was asked for.
//   InvalidArgument  a line is empty; there are fewer than `size`.
absl::Status ForEachVocabularyLine(
    FileSystem* fs, const std::string& path, int64_t size,
    const std::function<absl::Status(int64_t number, const std::string& line)>&
        visit);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_VOCABULARY_FILE_H_
