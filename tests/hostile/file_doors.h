// The ways into checkpoint files that need no graph: what a reader, a restore
// and a merge make of them.
#ifndef RETROGRAPH_TESTS_HOSTILE_FILE_DOORS_H_
#define RETROGRAPH_TESTS_HOSTILE_FILE_DOORS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/file_system.h"
#include "core/tensor.h"

namespace retrograph {
namespace hostile {

// A tensor that a checkpoint is asked for: all of it, or the part that a
// specification as RestoreV2 takes it names ("4 2 2,2:0,2").
struct Question {
  std::string name;
  std::string spec;
  DataType dtype = DT_FLOAT;
};
using Questions = std::vector<Question>;

// What came of one question, or of the file as a whole (name "").
struct Answer {
  std::string name;
  std::string spec;
  absl::StatusOr<Tensor> value;
};
using Answers = std::vector<Answer>;

Answers AskBundleReader(FileSystem* fs, const std::string& prefix,
                        const Questions& questions);
Answers AskCheckpointReader(FileSystem* fs, const std::string& prefix,
                            const Questions& questions);
// Each question alone, then all together.
Answers AskRestore(FileSystem* fs, const std::string& prefix,
                   const Questions& questions);
Answers AskV1Restore(FileSystem* fs, const std::string& pattern,
                     const Questions& questions);
// Merges the checkpoint into `merged` and asks that. The checkpoint's data
// files are renamed.
Answers AskMerged(FileSystem* fs, const std::string& prefix,
                  const std::string& merged, const Questions& questions);

// Adds the value or the error of everything that was asked for.
void AddAnswer(const Question& question, absl::StatusOr<Tensor> value,
               Answers* answers);
// Something that has no value of its own went well, or did not.
void AddStatus(const absl::Status& status, Answers* answers);

}  // namespace hostile
}  // namespace retrograph

#endif  // RETROGRAPH_TESTS_HOSTILE_FILE_DOORS_H_
