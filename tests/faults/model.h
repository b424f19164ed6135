// A model whose variables all hold one number, in every element; its real Saver,
// in every configuration that writes files in another way; and what a user
// finds in a folder afterwards. A checkpoint of two saves shows as mixed
// numbers.
#ifndef RETROGRAPH_TESTS_FAULTS_MODEL_H_
#define RETROGRAPH_TESTS_FAULTS_MODEL_H_

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/file_system.h"
#include "graph/graph.h"
#include "saver/saver.h"
#include "session/session.h"

namespace retrograph {

struct SaverConfig {
  const char* name;
  SaverDef::CheckpointFormatVersion version;
  bool sharded;
  bool partitioned;  // one variable in two parts, on two devices if sharded
};
std::ostream& operator<<(std::ostream& os, const SaverConfig& config);

// V2, V1, both sharded, and both of them with a partitioned variable.
std::vector<SaverConfig> AllSaverConfigs();

// What there is when the save under test begins: nothing, an earlier checkpoint
// of another prefix (which goes afterwards if only one is kept), or one of the
// same prefix.
enum class Before { kNothing, kOtherPrefix, kOtherPrefixGoes, kSamePrefix };

struct FaultCase {
  SaverConfig config;
  Before before;

  std::string Name() const;
};
std::ostream& operator<<(std::ostream& os, const FaultCase& fault_case);
std::vector<FaultCase> AllFaultCases();

class FaultModel {
 public:
  explicit FaultModel(const SaverConfig& config);

  // A session whose files are in `fs`. It runs in the calling thread, so that
  // file operations come in one order.
  std::unique_ptr<Session> NewSession(FileSystem* fs, bool sync) const;
  // A Saver that knows of no earlier checkpoint.
  std::unique_ptr<Saver> NewSaver(Before before) const;
  // Sets all variables to `number` and saves them as `path`, with a step unless
  // the same prefix is meant.
  absl::Status Save(Saver* saver, Session* session, const std::string& path,
                    Before before, int number) const;

 private:
  std::shared_ptr<Graph> graph_;
  SaverConfig config_;
  SaverDef saver_def_;
  Output value_;
  Operation* init_ = nullptr;
};

// What restoring `prefix` into the graph of its .meta file gives: the number
// that all variables hold, or an error.
absl::StatusOr<float> RestoredValue(FileSystem* fs, const std::string& prefix);

// Of what the state file in `folder` names: every checkpoint that it lists must
// be whole. The number that the latest one holds; NotFound without a state
// file.
absl::StatusOr<float> LatestValue(FileSystem* fs, const std::string& folder);

// Names in `folder` that no finished save leaves.
std::vector<std::string> StrayNames(FileSystem* fs, const std::string& folder);

}  // namespace retrograph

#endif  // RETROGRAPH_TESTS_FAULTS_MODEL_H_
