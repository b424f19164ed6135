// Record files (TFRecord): what event files and many data sets are made of.
//
// A record is its length (8 bytes), the length's masked CRC-32C, the data and
// the data's masked CRC-32C, little-endian.
//
// Source: tensorflow/core/lib/io/record_writer.h, record_reader.cc (1.15).
#ifndef RETROGRAPH_TRAIN_RECORD_FILE_H_
#define RETROGRAPH_TRAIN_RECORD_FILE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/file_system.h"

namespace retrograph {

// One record as its file has it.
std::string FramedRecord(absl::string_view data);

class RecordReader {
 public:
  static absl::StatusOr<std::unique_ptr<RecordReader>> Open(
      FileSystem* file_system, const std::string& path);

  // The next record.
  //
  // Errors: OutOfRange at the end; DataLoss for a record that is cut off or
  // whose checksums do not fit. No memory is asked for that the file does not
  // have.
  absl::StatusOr<std::string> Read();

 private:
  explicit RecordReader(std::unique_ptr<RandomAccessFile> file)
      : file_(std::move(file)) {}
  // `length` bytes at the present place and their checksum.
  absl::StatusOr<std::string> ReadChecked(uint64_t length);

  const std::unique_ptr<RandomAccessFile> file_;
  uint64_t offset_ = 0;
};

}  // namespace retrograph

#endif  // RETROGRAPH_TRAIN_RECORD_FILE_H_
