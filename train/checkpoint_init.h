// tf.train.init_from_checkpoint: variables whose initialisers read a checkpoint.
//
// The checkpoint is looked into at once, for names and shapes; its values are
// read when the initialisers run. The ops that initialised the variables before
// stay in the graph.
//
// Source: tensorflow/python/training/checkpoint_utils.py (1.15).
#ifndef RETROGRAPH_TRAIN_CHECKPOINT_INIT_H_
#define RETROGRAPH_TRAIN_CHECKPOINT_INIT_H_

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/checkpoint_state.h"
#include "core/file_system.h"
#include "graph/builder.h"
#include "variables/variable.h"

namespace retrograph {

// What is initialised: a variable, the parts of one, or by name a variable, a
// partitioned one or a scope ("scope/", "/"), as get_variable knows them.
using InitTarget =
    std::variant<std::string, std::shared_ptr<Variable>,
                 std::vector<std::shared_ptr<Variable>>>;

// A prefix, or for a folder that of its newest checkpoint. ValueError "Couldn't
// find 'checkpoint' file or checkpoints in given directory" if it has none.
absl::StatusOr<std::string> CheckpointPrefix(FileSystem* fs,
                                             const std::string& dir_or_file,
                                             const LogSink& log = nullptr);

// The map is from names in the checkpoint, which for a scope end in "/".
// Errors, with TensorFlow's texts, go to the builder:
//   ValueError  the checkpoint lacks a tensor, a variable's shape does not fit,
//               a variable's name is unknown.
// Entries that stand before the bad one have been done.
void InitFromCheckpoint(GraphBuilder& b, FileSystem* fs,
                        const std::string& dir_or_file,
                        const std::map<std::string, InitTarget>& assignment_map,
                        const LogSink& log = nullptr);

// {'b': [], 'a': [2]}: what a checkpoint has, as TensorFlow prints it.
std::string ShapeMapText(const CheckpointReader& reader);

}  // namespace retrograph

#endif  // RETROGRAPH_TRAIN_CHECKPOINT_INIT_H_
