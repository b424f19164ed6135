// BuildSaver: adds the nodes of a Saver to the default graph, under the names
// and in the order of TensorFlow 1.15's BulkSaverBuilder.
//
// For the V2 format, not sharded:
//   save/filename/input, save/filename, save/Const    the path, fed by name
//   save/SaveV2/..., save/SaveV2, save/control_dependency
//   save/RestoreV2/..., save/RestoreV2, save/Assign[_k] ..., save/restore_all
// For V1, save/save (SaveSlices) stands in for save/SaveV2; RestoreV2 reads
// both formats.
//
// Source: tensorflow/python/training/saver.py (1.15).
#ifndef RETROGRAPH_SAVER_SAVER_BUILDER_H_
#define RETROGRAPH_SAVER_SAVER_BUILDER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/builder.h"
#include "proto/saver.pb.h"
#include "saver/saveable.h"

namespace retrograph {

struct SaverBuilderOptions {
  bool reshape = false;
  bool sharded = false;
  int64_t max_to_keep = 5;
  double keep_checkpoint_every_n_hours = 10000.0;
  std::string name = "save";
  std::string filename = "model";
  SaverDef::CheckpointFormatVersion write_version = SaverDef::V2;
};

// The SaverDef names the nodes that were added. Errors are those of the ops,
// and TypeError for a write_version that is neither V1 nor V2.
absl::StatusOr<SaverDef> BuildSaver(
    GraphBuilder& b,
    const std::vector<std::shared_ptr<SaveableObject>>& saveables,
    const SaverBuilderOptions& options);

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_SAVER_BUILDER_H_
