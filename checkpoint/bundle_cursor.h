// BundleCursor reads tensors out of a bundle for a BundleReader. It remembers
// where the last one stood, so that reading many in the order of their keys,
// which is mostly their order in the data file too, searches little and reads
// the file in large pieces. Internal to checkpoint/.
//
// Threads: thread-compatible; several cursors may use one BundleReader.
#ifndef RETROGRAPH_CHECKPOINT_BUNDLE_CURSOR_H_
#define RETROGRAPH_CHECKPOINT_BUNDLE_CURSOR_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "checkpoint/bundle_reader.h"
#include "checkpoint/data_file_reader.h"
#include "checkpoint/table_reader.h"
#include "checkpoint/tensor_slice.h"
#include "checkpoint/tensor_slice_set.h"
#include "core/tensor.h"
#include "proto/tensor_bundle.pb.h"

namespace retrograph {

class BundleCursor {
 public:
  // `reader` must outlive this.
  explicit BundleCursor(const BundleReader* reader);

  // As the methods of BundleReader with these names.
  absl::StatusOr<BundleEntryProto> GetEntry(absl::string_view key);
  absl::Status LookupDtypeAndShape(absl::string_view key, DataType* dtype,
                                   TensorShape* shape);
  absl::StatusOr<Tensor> Lookup(absl::string_view key);
  absl::StatusOr<Tensor> LookupSlice(absl::string_view key,
                                     const TensorSlice& slice);

 private:
  void Seek(absl::string_view key);
  absl::StatusOr<ReadAheadFile*> DataFile(int32_t shard_id);
  absl::StatusOr<BundleEntryProto> FindEntry(absl::string_view key);
  absl::StatusOr<Tensor> ReadValue(absl::string_view key,
                                   const BundleEntryProto& entry);
  absl::StatusOr<Tensor> ReadBytes(absl::string_view key,
                                   const BundleEntryProto& entry);
  absl::StatusOr<BundleEntryProto> SliceEntry(absl::string_view key,
                                              const BundleEntryProto& whole,
                                              const TensorSlice& slice);
  absl::Status CheckPartsFit(absl::string_view key,
                             const BundleEntryProto& entry,
                             const std::vector<TensorSliceSet::Part>& parts);
  absl::StatusOr<Tensor> ReadSlices(absl::string_view key,
                                    const BundleEntryProto& entry,
                                    const TensorSlice& slice);

  const BundleReader* const reader_;
  TableReader::Iterator it_;
  bool positioned_ = false;  // it_ stands somewhere
  std::map<int32_t, ReadAheadFile> files_;
};

// Parses an entry of the index; DataLoss, naming the key, if it is none.
template <typename Proto>
absl::Status ParseBundleEntry(absl::string_view key, absl::string_view value,
                              Proto* proto) {
  if (!proto->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::DataLossError(
        absl::StrCat("Entry for key ", key, " not parseable."));
  }
  return absl::OkStatus();
}

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_BUNDLE_CURSOR_H_
