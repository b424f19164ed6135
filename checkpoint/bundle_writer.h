// BundleWriter writes a V2 checkpoint (a "tensor bundle"): one data file with
// the bytes of the tensors in the order they are added, and an index that names
// them in the order of their keys. The bytes are those that TensorFlow writes.
//
// Everything is written under temporary names. Until Finish() returns, a
// checkpoint that was there before under the same prefix is whole; Finish()
// switches to the new one as bundle_commit.h describes. If anything fails, or
// Finish() is never called, the old checkpoint stays and the temporary files
// are removed.
//
// Example:
//   RG_ASSIGN_OR_RETURN(auto writer, BundleWriter::Create(fs, "/tmp/m-7"));
//   RG_RETURN_IF_ERROR(writer->Add("w", w));
//   RG_RETURN_IF_ERROR(writer->Finish());
//   // /tmp/m-7.index, /tmp/m-7.data-00000-of-00001
//
// Threads: thread-compatible. The folder is locked until Finish() or the end of
// the writer, so another writer in the same folder waits in Create(); one
// thread must not hold two writers of one folder.
#ifndef RETROGRAPH_CHECKPOINT_BUNDLE_WRITER_H_
#define RETROGRAPH_CHECKPOINT_BUNDLE_WRITER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "checkpoint/bundle_commit.h"
#include "checkpoint/tensor_slice.h"
#include "core/file_system.h"
#include "core/tensor.h"
#include "proto/tensor_bundle.pb.h"

namespace retrograph {

struct BundleWriterOptions {
  // Each tensor starts at a multiple of this in the data file.
  int data_alignment = 1;
  // How the files reach the disk.
  CommitOptions commit;
};

class BundleWriter {
 public:
  // Makes the prefix's folder if it is missing (not its parents), as
  // TensorFlow does.
  static absl::StatusOr<std::unique_ptr<BundleWriter>> Create(
      FileSystem* fs, absl::string_view prefix,
      const BundleWriterOptions& options = BundleWriterOptions());
  ~BundleWriter();
  BundleWriter(const BundleWriter&) = delete;
  BundleWriter& operator=(const BundleWriter&) = delete;

  // Adds a whole tensor. After an error every further call returns it.
  //   InvalidArgument  the key is there already ("Adding duplicate key: k"), or
  //                    is empty, or the value cannot be read again (a
  //                    variant that is too deep or too large).
  //   Unimplemented    the value is a resource handle.
  absl::Status Add(absl::string_view key, const Tensor& value);
  // Adds one slice of the tensor `key` whose whole shape is `shape`; a slice
  // that is the whole tensor is added as Add() does. Slices that overlap are
  // not noticed here but when they are read.
  absl::Status AddSlice(absl::string_view key, const TensorShape& shape,
                        const TensorSlice& slice, const Tensor& value);

  // Writes the index and puts both files in place.
  absl::Status Finish();

 private:
  BundleWriter(FileSystem* fs, absl::string_view prefix,
               const BundleWriterOptions& options);
  absl::Status Open();
  absl::Status AddValue(absl::string_view key, const Tensor& value);
  absl::Status WriteNumbers(const Tensor& value, uint32_t* crc);
  absl::Status WriteStrings(const Tensor& value, uint32_t* crc);
  absl::Status WriteVariants(const Tensor& value, uint32_t* crc);
  absl::Status PadToAlignment();
  absl::Status Append(absl::string_view data);
  absl::Status FlushBuffer();
  absl::Status WriteOut(absl::string_view data);
  absl::Status CloseData();

  FileSystem* const fs_;
  const std::string prefix_;
  const BundleWriterOptions options_;
  std::unique_ptr<BundleCommit> commit_;
  std::string data_path_;  // the data file's temporary name
  std::unique_ptr<WritableFile> file_;
  std::string buffer_;  // small pieces on their way to file_
  uint64_t size_ = 0;   // of the data file so far
  uint64_t since_write_back_ = 0;
  // By key, as the index will have them: a message takes several times the
  // memory of its bytes, which counts where there are a million.
  absl::btree_map<std::string, std::string> entries_;
  // The whole tensors that are saved in slices; they join the others at the
  // end, when all their slices are known.
  std::map<std::string, BundleEntryProto> sliced_;
  absl::Status status_;
};

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_BUNDLE_WRITER_H_
