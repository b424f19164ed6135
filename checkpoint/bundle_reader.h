// BundleReader reads a V2 checkpoint.
//
// Open() reads the index's header and takes hold of the data files. What it
// then reads is one moment: a checkpoint that is overwritten meanwhile under
// the same prefix is not mixed in.
//
// Nothing that a file says is believed before it is checked: checksums, sizes
// against the file's size, offsets, shapes, slices. No more memory is taken
// than the files justify. Where an error's message, which is TensorFlow's, names
// neither file nor entry, its ErrorHint does.
//
// Example:
//   RG_ASSIGN_OR_RETURN(auto reader, BundleReader::Open(fs, "/tmp/m-7"));
//   RG_ASSIGN_OR_RETURN(Tensor w, reader->Lookup("w"));
//
// Threads: all const methods may be called from several threads at once.
#ifndef RETROGRAPH_CHECKPOINT_BUNDLE_READER_H_
#define RETROGRAPH_CHECKPOINT_BUNDLE_READER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "checkpoint/table_reader.h"
#include "checkpoint/tensor_slice.h"
#include "core/file_system.h"
#include "core/tensor.h"
#include "proto/tensor_bundle.pb.h"

namespace retrograph {

// Whether `prefix` names a V2 checkpoint, by TensorFlow's rule: there is a file
// that "<prefix>.index", taken as a pattern, matches. If not, it is read as V1.
bool IsV2Checkpoint(FileSystem* fs, absl::string_view prefix);

class BundleCursor;

class BundleReader {
 public:
  // Errors, in TensorFlow's words:
  //   NotFound         there is no "<prefix>.index".
  //   DataLoss         it is no table, or its header is damaged.
  //   InvalidArgument  the header needs a newer TensorFlow.
  // A data file that is missing is reported when a tensor in it is read.
  static absl::StatusOr<std::unique_ptr<BundleReader>> Open(
      FileSystem* fs, absl::string_view prefix);
  ~BundleReader();
  BundleReader(const BundleReader&) = delete;
  BundleReader& operator=(const BundleReader&) = delete;

  const std::string& prefix() const { return prefix_; }
  const BundleHeaderProto& header() const { return header_; }
  int num_shards() const { return header_.num_shards(); }

  // False too if the part of the index where the key belongs is damaged.
  bool Contains(absl::string_view key) const;

  // An entry's shape; DataLoss, naming the key, if it is none.
  static absl::StatusOr<TensorShape> EntryShape(absl::string_view key,
                                                const BundleEntryProto& entry);
  // The key's entry. NotFound "Key k not found in checkpoint"; DataLoss if the
  // entry or its part of the index is damaged.
  absl::StatusOr<BundleEntryProto> GetEntry(absl::string_view key) const;
  absl::Status LookupDtypeAndShape(absl::string_view key, DataType* dtype,
                                   TensorShape* shape) const;

  // The value of a tensor, put together from its slices if it was saved so.
  absl::StatusOr<Tensor> Lookup(absl::string_view key) const;
  // A part of it, whether it was saved whole or in slices. InvalidArgument if
  // the slices that were saved do not cover it.
  absl::StatusOr<Tensor> LookupSlice(absl::string_view key,
                                     const TensorSlice& slice) const;

  // Calls `visit` for every entry but the header in the order of the index:
  // slices (keys that start with a 0 byte), then tensors by name. Stops at the
  // first error. ResourceExhausted if the keys, each of which may have most of
  // the one before, are out of all proportion to the index.
  absl::Status ForEachEntry(
      absl::FunctionRef<absl::Status(absl::string_view key,
                                     const BundleEntryProto& entry)>
          visit) const;

  // One line "name (DT_FLOAT) [2,3]" a tensor; slices instead of the tensors
  // saved in slices, under their raw keys, as TensorFlow prints them.
  absl::StatusOr<std::string> DebugString() const;
  // Its line of one entry.
  static absl::Status AppendDebugLine(absl::string_view key,
                                      const BundleEntryProto& entry,
                                      std::string* text);

 private:
  BundleReader(FileSystem* fs, absl::string_view prefix);
  absl::Status VisitEntries(
      absl::FunctionRef<absl::Status(absl::string_view key,
                                     const BundleEntryProto& entry)>
          visit,
      std::string* key_of_error) const;
  absl::Status OpenOnce();
  absl::Status ReadHeader();
  friend class BundleCursor;  // reads entries and values
  absl::StatusOr<const RandomAccessFile*> DataFile(int32_t shard_id) const;
  std::string index_path() const;
  absl::Status CorruptFile(const absl::Status& cause,
                           absl::string_view detail) const;

  FileSystem* const fs_;
  const std::string prefix_;
  std::unique_ptr<TableReader> table_;
  BundleHeaderProto header_;
  FileStat index_stat_;
  mutable absl::Mutex mu_;
  mutable std::map<int32_t, std::unique_ptr<RandomAccessFile>> data_files_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_BUNDLE_READER_H_
