// SaverBuilder: adds the nodes of a Saver to the default graph, under the names
// and in the order of TensorFlow 1.15's builders.
//
// For the V2 format, not sharded, by the BulkSaverBuilder (the default):
//   save/filename/input, save/filename, save/Const    the path, fed by name
//   save/SaveV2/..., save/SaveV2, save/control_dependency
//   save/RestoreV2/..., save/RestoreV2, save/Assign[_k] ..., save/restore_all
// For V1, save/save (SaveSlices) stands in for save/SaveV2; RestoreV2 reads
// both formats. The base class restores each tensor by a RestoreV2 of its own.
//
// A class that derives from it may make other ops: override what adds them.
//
// Source: tensorflow/python/training/saver.py (1.15).
#ifndef RETROGRAPH_SAVER_SAVER_BUILDER_H_
#define RETROGRAPH_SAVER_SAVER_BUILDER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
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
  bool restore_sequentially = false;
  std::string filename = "model";
};

// "/job:ps/task:1/gpu:0" -> "/job:ps/task:1/device:CPU:0": where a machine's
// files are written. ValueError for what is no device.
absl::StatusOr<std::string> SetCpu0(absl::string_view device);

class SaverBuilder {
 public:
  using WriteVersion = SaverDef::CheckpointFormatVersion;

  explicit SaverBuilder(WriteVersion version = SaverDef::V2)
      : version_(version) {}
  virtual ~SaverBuilder() = default;
  WriteVersion write_version() const { return version_; }

  // Adds everything; the SaverDef names what Save() and Restore() run. If the
  // saveables were made of tensors of another graph, the nodes go there.
  // Errors are those of the ops, ValueError for tensors of several graphs or
  // devices, and TypeError for a write_version that is neither V1 nor V2.
  absl::StatusOr<SaverDef> Build(GraphBuilder& b, const Saveables& saveables,
                                 const SaverBuilderOptions& options);

  // The op that writes the saveables to the file that the tensor names.
  virtual Operation* SaveOp(GraphBuilder& b, const Output& filename,
                            const Saveables& saveables);
  // All their tensors, read: one RestoreOp each, on the CPU of its device.
  // `preferred_shard` and `restore_sequentially` are for classes that derive
  // from this one.
  virtual std::vector<Output> BulkRestore(GraphBuilder& b,
                                          const Output& filename,
                                          const Saveables& saveables,
                                          int preferred_shard,
                                          bool restore_sequentially);
  // The tensors of one.
  virtual std::vector<Output> RestoreOp(
      GraphBuilder& b, const Output& filename,
      const std::shared_ptr<SaveableObject>& saveable, int preferred_shard);
  // The name of a shard's file.
  virtual Output ShardedFilename(GraphBuilder& b, const Output& filename,
                                 int shard, const Output& num_shards);

 private:
  // Saveables by the canonical name of their device, sorted by it.
  using DeviceGroups = std::map<std::string, Saveables>;
  static absl::StatusOr<DeviceGroups> GroupByDevices(
      GraphBuilder& b, const Saveables& saveables);

  Output AddSaveOps(GraphBuilder& b, const Output& filename,
                    const Saveables& saveables);
  absl::StatusOr<Output> AddShardedSaveOpsV1(GraphBuilder& b,
                                             const Output& basename,
                                             const DeviceGroups& groups);
  absl::StatusOr<Output> AddShardedSaveOps(GraphBuilder& b,
                                           const Output& prefix,
                                           const DeviceGroups& groups);
  Operation* AddRestoreOps(GraphBuilder& b, const Output& filename,
                           const Saveables& saveables,
                           const SaverBuilderOptions& options,
                           int preferred_shard, absl::string_view name);
  Operation* AddShardedRestoreOps(GraphBuilder& b, const Output& prefix,
                                  const DeviceGroups& groups,
                                  const SaverBuilderOptions& options);
  absl::StatusOr<SaverDef> AddAll(GraphBuilder& b, const Saveables& saveables,
                                  const SaverBuilderOptions& options);

  const WriteVersion version_;
};

// Reads all tensors with one RestoreV2.
class BulkSaverBuilder : public SaverBuilder {
 public:
  using SaverBuilder::SaverBuilder;
  std::vector<Output> BulkRestore(GraphBuilder& b, const Output& filename,
                                  const Saveables& saveables,
                                  int preferred_shard,
                                  bool restore_sequentially) override;
};

}  // namespace retrograph

#endif  // RETROGRAPH_SAVER_SAVER_BUILDER_H_
