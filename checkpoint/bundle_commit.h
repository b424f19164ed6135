// BundleCommit puts the finished files of a V2 checkpoint in place so that at
// every instant one whole checkpoint, the old or the new one, is there: after a
// kill or a power loss too, for our readers and for TensorFlow's.
//
// A prefix that is new, or whose old checkpoint has another number of shards:
//   1. the data files, complete and synced, get their final names;
//   2. an index, complete and synced, gets its name. Now the new one is there.
//
// A prefix whose checkpoint has the same number N of shards: the new data
// cannot get its names while the old index refers to them. The number of shards
// stands both in the index and in the names of data files, which gives a way
// round:
//   1. the new data gets names "-of-<N+1>";
//   2. an index that says N+1 shards replaces the old one: the switch;
//   3. second names (hard links) "-of-<N>" are put over the old data;
//   4. an index that says N shards replaces the other one;
//   5. the names "-of-<N+1>" go.
// Both indexes are written before step 1, so a full disk is noticed while
// nothing has happened yet.
//
// Each step is made durable (files and folder synced) before the next begins,
// unless syncing is switched off. Until the switch, every step is undone if a
// later one fails.
//
// In a SaveTurn that holds everything, the files await their names there, for
// they change together with others (file_switch.h).
//
// Writers of one folder take turns: a BundleCommit holds its FolderTurn for its
// whole life.
#ifndef RETROGRAPH_CHECKPOINT_BUNDLE_COMMIT_H_
#define RETROGRAPH_CHECKPOINT_BUNDLE_COMMIT_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "checkpoint/folder_turn.h"
#include "core/file_system.h"

namespace retrograph {

class BundleCommit {
 public:
  // Waits for the folder's lock and sweeps. A folder that cannot be locked is
  // used without.
  static absl::StatusOr<std::unique_ptr<BundleCommit>> Begin(
      FileSystem* fs, absl::string_view prefix, const CommitOptions& options);
  // Removes the temporary files that are left.
  ~BundleCommit() = default;
  BundleCommit(const BundleCommit&) = delete;
  BundleCommit& operator=(const BundleCommit&) = delete;

  // A temporary name for `path`, removed when this object goes.
  std::string NewTemporary(absl::string_view path) {
    return turn_->NewTemporary(path);
  }

  // Writes an index that says `num_shards` shards.
  using IndexWriter =
      absl::FunctionRef<absl::Status(int num_shards, WritableFile* file)>;

  // Puts the data files (complete, closed, and synced if need be) in place as
  // shards 0, 1, ... of `num_shards`, and the index. On an error before the
  // switch, the data files have the names again that they had. `num_shards` may
  // be more than there are data files (shards that hold nothing).
  absl::Status Commit(const std::vector<std::string>& data_files,
                      int num_shards, IndexWriter write_index);

 private:
  BundleCommit(FileSystem* fs, absl::string_view prefix,
               const CommitOptions& options);
  std::optional<int> OldNumShards();
  absl::StatusOr<std::string> WriteIndex(int num_shards,
                                         IndexWriter write_index);
  absl::Status HandOver(const std::vector<std::string>& data_files,
                        int num_shards, IndexWriter write_index);
  std::string ShardName(size_t shard, int num_shards) const;
  absl::Status Switch(const std::vector<std::string>& data_files,
                      int num_shards, const std::string& index);
  absl::Status TakeFinalNames(int num_files, int num_shards,
                              const std::string& final_index);
  void RemoveInterruptedSwitch(int num_shards);

  FileSystem* const fs_;
  const std::string prefix_;
  const CommitOptions options_;
  std::unique_ptr<FolderTurn> turn_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_BUNDLE_COMMIT_H_
