// What the kernels of SaveV2 and RestoreV2 do, without a graph.
#ifndef RETROGRAPH_CHECKPOINT_SAVE_RESTORE_H_
#define RETROGRAPH_CHECKPOINT_SAVE_RESTORE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "checkpoint/bundle_writer.h"
#include "checkpoint/folder_turn.h"
#include "core/dtype.h"
#include "core/file_system.h"
#include "core/tensor.h"

namespace retrograph {

// Writes tensors[i] as names[i]; shape_and_slices[i] is "" for a whole tensor
// or, for instance, "4 2 2,2:0,2". The three have equal lengths.
//
// Errors, in TensorFlow's words: InvalidArgument for a malformed
// shape_and_slice, for one that does not fit its tensor, for a name used twice.
absl::Status SaveTensorsV2(
    FileSystem* fs, absl::string_view prefix,
    absl::Span<const std::string> names,
    absl::Span<const std::string> shape_and_slices,
    absl::Span<const Tensor> tensors,
    const BundleWriterOptions& options = BundleWriterOptions());

// Writes the V1 file `path`, as the ops Save and SaveSlices do.
// `shape_and_slices` may be empty: all tensors are whole. Errors: those of
// V1Writer, and those of SaveTensorsV2 for shape_and_slices.
absl::Status SaveTensorsV1(FileSystem* fs, absl::string_view path,
                           absl::Span<const std::string> names,
                           absl::Span<const std::string> shape_and_slices,
                           absl::Span<const Tensor> tensors,
                           const CommitOptions& options = CommitOptions());

// Reads names[i] as dtypes[i], a part of it if shape_and_slices[i] is not "".
// A prefix without "<prefix>.index" is read as a V1 checkpoint (a file, or a
// pattern of files), as TensorFlow does.
//
// All names and dtypes are checked before a value is read. Large tensors are
// read by several threads.
absl::StatusOr<std::vector<Tensor>> RestoreTensors(
    FileSystem* fs, absl::string_view prefix,
    absl::Span<const std::string> names,
    absl::Span<const std::string> shape_and_slices,
    absl::Span<const DataType> dtypes);

// The same for V1 checkpoints only, as the ops Restore and RestoreSlice do.
absl::StatusOr<std::vector<Tensor>> RestoreTensorsV1(
    FileSystem* fs, absl::string_view pattern,
    absl::Span<const std::string> names,
    absl::Span<const std::string> shape_and_slices,
    absl::Span<const DataType> dtypes);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_SAVE_RESTORE_H_
