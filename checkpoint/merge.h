// Merging V2 checkpoints: what the MergeV2Checkpoints op does at the end of a
// sharded save.
#ifndef RETROGRAPH_CHECKPOINT_MERGE_H_
#define RETROGRAPH_CHECKPOINT_MERGE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "checkpoint/bundle_commit.h"
#include "core/file_system.h"

namespace retrograph {

// Makes one checkpoint `merged_prefix` of those under `prefixes`: their data
// files are renamed (not copied), their indexes become one, slices of one
// tensor come together, and their index files are removed.
//
// Errors, in TensorFlow's words: InvalidArgument for a tensor that is in two of
// them, for other byte orders or versions; DataLoss and NotFound as
// BundleReader::Open. On an error the inputs and an old checkpoint under
// merged_prefix are as they were.
absl::Status MergeBundles(FileSystem* fs,
                          const std::vector<std::string>& prefixes,
                          absl::string_view merged_prefix,
                          const CommitOptions& options = CommitOptions());

// The op: MergeBundles, then, if `delete_old_dirs`, removes the folders of the
// inputs that are empty and not the merged one's.
absl::Status MergeV2Checkpoints(FileSystem* fs,
                                const std::vector<std::string>& prefixes,
                                absl::string_view merged_prefix,
                                bool delete_old_dirs,
                                const CommitOptions& options = CommitOptions());

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_MERGE_H_
