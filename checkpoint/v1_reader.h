// V1Reader reads a V1 checkpoint: one table file, or several that a pattern
// names ("m-?????-of-00002").
//
// A V1 file is a table whose first value, under the empty key, lists all
// tensors and their slices; the other values hold the numbers, under the keys
// that EncodeTensorNameSlice makes.
//
// Threads: const methods may be called from several threads at once.
#ifndef RETROGRAPH_CHECKPOINT_V1_READER_H_
#define RETROGRAPH_CHECKPOINT_V1_READER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "checkpoint/table_reader.h"
#include "checkpoint/tensor_slice.h"
#include "checkpoint/tensor_slice_set.h"
#include "core/file_system.h"
#include "core/tensor.h"
#include "proto/saved_tensor_slice.pb.h"

namespace retrograph {

class V1Reader {
 public:
  // Reads the list of tensors of every file. Errors, in TensorFlow's words:
  //   NotFound  no file matches.
  //   DataLoss  a file is no table ("Unable to open table file ...").
  //   Internal  it has no list of tensors.
  static absl::StatusOr<std::unique_ptr<V1Reader>> Open(
      FileSystem* fs, absl::string_view pattern);
  ~V1Reader();
  V1Reader(const V1Reader&) = delete;
  V1Reader& operator=(const V1Reader&) = delete;

  struct TensorInfo {
    DataType dtype = DT_INVALID;
    TensorShape shape;
    TensorSliceSet slices;  // tagged with the file's number
  };
  // By name.
  const std::map<std::string, TensorInfo>& tensors() const { return tensors_; }
  // Null if there is none.
  const TensorInfo* Find(absl::string_view name) const;

  // A part of a tensor. NotFound if there is no such tensor; InvalidArgument
  // "Error copying slice data", as TensorFlow, if the part was not saved; the
  // damage by name if a record is missing, or does not hold as many values as
  // its slice has.
  absl::StatusOr<Tensor> ReadSlice(absl::string_view name,
                                   const TensorSlice& slice) const;

  // The names in the order of TensorFlow's table of them (hash_order.h).
  std::vector<std::string> ListedNames() const;
  // As TensorFlow's, in that order: "name (DT_FLOAT) [4,2], 2 slices".
  std::string DebugString() const;

 private:
  V1Reader() = default;
  absl::Status OpenFile(FileSystem* fs, const std::string& path);
  absl::Status AddTensors(const SavedTensorSliceMeta& meta, int file);
  absl::Status AddTensor(const SavedSliceMeta& tensor, int file);
  absl::StatusOr<Tensor> ReadParts(absl::string_view name,
                                   const TensorSlice& slice) const;
  absl::StatusOr<Tensor> ReadRecord(absl::string_view name,
                                    const TensorInfo& info,
                                    const TensorSliceSet::Part& part) const;

  std::vector<std::string> paths_;
  std::vector<std::unique_ptr<TableReader>> tables_;
  std::map<std::string, TensorInfo> tensors_;
  std::vector<std::string> names_;  // as the files have them
};

// "Data loss: <message>": how TensorFlow prints a status inside a message.
std::string TensorFlowStatusText(const absl::Status& status);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_V1_READER_H_
