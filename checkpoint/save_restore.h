// What the kernels of SaveV2 and RestoreV2 do, without a graph.
#ifndef RETROGRAPH_CHECKPOINT_SAVE_RESTORE_H_
#define RETROGRAPH_CHECKPOINT_SAVE_RESTORE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "checkpoint/bundle_writer.h"
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

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_SAVE_RESTORE_H_
