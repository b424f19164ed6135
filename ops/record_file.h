// Files that are read from the start to the end: as lines, as records, as
// bytes; compressed ones, too.
//
// Nothing that a file says of itself is believed: a length is read piece by
// piece, so a record that claims more than is there takes no memory for it.
//
// Threads: thread-compatible.
#ifndef RETROGRAPH_OPS_RECORD_FILE_H_
#define RETROGRAPH_OPS_RECORD_FILE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/file_system.h"

namespace retrograph {

enum class Compression { kNone, kZlib, kGzip };
// "ZLIB", "GZIP"; anything else is none.
Compression CompressionOf(const std::string& name);

// The bytes of a file, uncompressed, in order.
class ByteStream {
 public:
  // Errors: those of FileSystem::NewRandomAccessFile.
  static absl::StatusOr<std::unique_ptr<ByteStream>> Open(
      FileSystem* file_system, const std::string& path,
      Compression compression);
  virtual ~ByteStream() = default;

  // Up to `count` bytes into `*data`; fewer only at the end.
  //
  // Errors: those of the file; DataLoss "inflate() failed with error ..." for
  // what is not compressed in this way. Later calls report it again.
  absl::Status Read(uint64_t count, std::string* data);
  // Goes on by `count` bytes; false if there are not so many.
  absl::StatusOr<bool> Skip(uint64_t count);
  // The next line without its end ("\n" or "\r\n"); false at the end.
  absl::StatusOr<bool> ReadLine(std::string* line);
  // How many bytes were read or skipped.
  uint64_t position() const { return position_; }

 protected:
  // Fills `*piece` with the next bytes; leaves it empty at the end.
  virtual absl::Status NextPiece(std::string* piece) = 0;

 private:
  // Makes sure that there is a byte at at_; false at the end.
  absl::StatusOr<bool> Fill();

  std::string piece_;
  size_t at_ = 0;  // in piece_
  uint64_t position_ = 0;
};

// The next record of a TFRecord stream; false at the end, for which a piece of
// a record's header counts, too.
//
// Errors: DataLoss "truncated record at N", "corrupted record at N".
absl::StatusOr<bool> ReadRecord(ByteStream* stream, std::string* record);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_RECORD_FILE_H_
