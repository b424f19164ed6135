// V1Writer writes a V1 checkpoint file: a table whose first value lists all
// tensors and their slices, then one value a slice, in the order of the keys.
// The bytes are those that TensorFlow's TensorSliceWriter writes.
//
// Nothing touches the disk before Finish(), which writes under a temporary
// name, syncs, and renames: at every instant `path` is the old file or the new
// one. On an error the old file stays and nothing temporary is left. In a
// SaveTurn the file gets its name when that commits, with the other shards.
//
// Example:
//   V1Writer writer(fs, "/tmp/m-7");
//   RG_RETURN_IF_ERROR(writer.Add("w", w.shape(), TensorSlice(1), w));
//   RG_RETURN_IF_ERROR(writer.Finish());
//
// Memory: holds references to the tensors, and one slice in its written form.
// Threads: thread-compatible. Finish() waits for other writers in the folder.
// See also: proto/saved_tensor_slice.proto, v1_reader.h.
#ifndef RETROGRAPH_CHECKPOINT_V1_WRITER_H_
#define RETROGRAPH_CHECKPOINT_V1_WRITER_H_

#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "checkpoint/folder_turn.h"
#include "checkpoint/tensor_slice.h"
#include "core/file_system.h"
#include "core/tensor.h"
#include "core/tensor_shape.h"
#include "proto/saved_tensor_slice.pb.h"

namespace retrograph {

class V1Writer {
 public:
  V1Writer(FileSystem* fs, absl::string_view path,
           const CommitOptions& options = CommitOptions());
  V1Writer(const V1Writer&) = delete;
  V1Writer& operator=(const V1Writer&) = delete;

  // Adds a slice of the tensor `name`, whose whole shape is `shape`. As in
  // TensorFlow, a slice that is added again is listed again, keeps its first
  // value, and is refused by readers, like slices that overlap.
  //
  // Errors, in TensorFlow's words:
  //   Unimplemented    the format has no such dtype ("Saving data type bfloat16
  //                    not yet supported").
  //   Internal         another shape or dtype than the tensor had before, or a
  //                    slice that does not lie in the shape.
  //   InvalidArgument  the slice may take more than 2^31 bytes.
  absl::Status Add(absl::string_view name, const TensorShape& shape,
                   const TensorSlice& slice, const Tensor& value);

  // Writes the file and puts it in place. The folder must be there.
  absl::Status Finish();

 private:
  struct Record {
    std::string name;
    TensorSlice slice;
    Tensor value;
  };
  absl::Status RegisterSlice(absl::string_view name, const TensorShape& shape,
                             const TensorSlice& slice, DataType dtype);
  absl::Status WriteTable(WritableFile* file) const;

  FileSystem* const fs_;
  const std::string path_;
  const CommitOptions options_;
  SavedTensorSlices list_;  // what the first value says
  absl::flat_hash_map<std::string, int> index_in_list_;
  std::map<std::string, Record> records_;  // by key
};

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_V1_WRITER_H_
