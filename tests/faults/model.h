// A model whose variables all hold one number, in every element; its real Saver,
// in every configuration that writes files in another way; and what a user
// finds in a folder afterwards. A checkpoint of two saves shows as mixed
// numbers, one beside the graph of another save as other names.
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

// Which variables the graph has: the usual ones, one more (on a device of its
// own, so that a sharded checkpoint has one shard more), one less, or one under
// another name.
enum class Variables { kUsual, kOneMore, kOneLess, kRenamed };

// A save, by a model with `variables`. What is there before was saved by the
// usual one.
struct FaultCase {
  SaverConfig config;
  Before before;
  Variables variables = Variables::kUsual;

  std::string Name() const;
};
std::ostream& operator<<(std::ostream& os, const FaultCase& fault_case);
std::vector<FaultCase> AllFaultCases();

class FaultModel {
 public:
  explicit FaultModel(const SaverConfig& config,
                      Variables variables = Variables::kUsual);

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

// The save of a FaultCase, and the one before it.
class FaultScene {
 public:
  explicit FaultScene(const FaultCase& fault_case);

  // Saves `number` as it is before the save under test, or nothing if nothing
  // is. Returns the Saver for that: the one that saved, as far as the graph is
  // still the same.
  absl::StatusOr<std::unique_ptr<Saver>> SaveBefore(FileSystem* fs, bool sync,
                                                    const std::string& path,
                                                    int number) const;
  // The save under test.
  absl::Status Save(FileSystem* fs, bool sync, Saver* saver,
                    const std::string& path, int number) const;
  // A Saver that knows of no earlier checkpoint.
  std::unique_ptr<Saver> NewSaver() const;

 private:
  const FaultCase case_;
  const FaultModel before_, model_;
};

// What restoring `prefix` into the graph of its .meta file gives: the number
// that all variables hold, or an error; one, too, if the graph has not the
// variables that the checkpoint has.
absl::StatusOr<float> RestoredValue(FileSystem* fs, const std::string& prefix);

// Of what the state file in `folder` names: every checkpoint that it lists must
// be whole. The number that the latest one holds; NotFound without a state
// file.
absl::StatusOr<float> LatestValue(FileSystem* fs, const std::string& folder);

// Names in `folder` that no finished save leaves.
std::vector<std::string> StrayNames(FileSystem* fs, const std::string& folder);

}  // namespace retrograph

#endif  // RETROGRAPH_TESTS_FAULTS_MODEL_H_
