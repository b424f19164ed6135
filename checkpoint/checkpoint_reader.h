// CheckpointReader: what a checkpoint, V2 or V1, holds, without a graph.
// tf.train.NewCheckpointReader of TensorFlow.
//
// A tensor that was saved in slices appears as the whole tensor.
//
// Example:
//   RG_ASSIGN_OR_RETURN(auto reader, CheckpointReader::Open(fs, "/tmp/m-7"));
//   for (const auto& [name, shape] : reader->shapes()) ...
//   RG_ASSIGN_OR_RETURN(Tensor w, reader->GetTensor("w"));
//
// Threads: const methods may be called from several threads at once.
#ifndef RETROGRAPH_CHECKPOINT_CHECKPOINT_READER_H_
#define RETROGRAPH_CHECKPOINT_CHECKPOINT_READER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "checkpoint/tensor_slice.h"
#include "core/dtype.h"
#include "core/file_system.h"
#include "core/tensor.h"
#include "core/tensor_shape.h"

namespace retrograph {

class BundleReader;
class V1Reader;

class CheckpointReader {
 public:
  // `prefix` is a V2 prefix, a V1 file, or a pattern of V1 files. NotFound
  // "Unsuccessful TensorSliceReader constructor: Failed to find any matching
  // files for <prefix>" if there is neither.
  static absl::StatusOr<std::unique_ptr<CheckpointReader>> Open(
      FileSystem* fs, absl::string_view prefix);
  ~CheckpointReader();
  CheckpointReader(const CheckpointReader&) = delete;
  CheckpointReader& operator=(const CheckpointReader&) = delete;

  bool is_v2() const { return bundle_ != nullptr; }
  // The V2 reader underneath, or null.
  const BundleReader* bundle() const { return bundle_.get(); }
  // The V1 reader underneath, or null.
  const V1Reader* v1() const { return v1_.get(); }

  bool HasTensor(absl::string_view name) const;
  absl::StatusOr<Tensor> GetTensor(absl::string_view name) const;
  absl::StatusOr<Tensor> GetSlice(absl::string_view name,
                                  const TensorSlice& slice) const;

  // By name, sorted.
  const std::map<std::string, TensorShape>& shapes() const { return shapes_; }
  const std::map<std::string, DataType>& dtypes() const { return dtypes_; }
  std::vector<std::string> names() const;

  // As TensorFlow's debug_string(): one line a tensor.
  const std::string& DebugString() const { return debug_string_; }

 private:
  CheckpointReader();
  absl::Status LoadBundle(FileSystem* fs, absl::string_view prefix);
  absl::Status LoadV1(FileSystem* fs, absl::string_view prefix);

  std::unique_ptr<BundleReader> bundle_;
  std::unique_ptr<V1Reader> v1_;
  std::map<std::string, TensorShape> shapes_;
  std::map<std::string, DataType> dtypes_;
  std::string debug_string_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_CHECKPOINT_READER_H_
