// Reading values out of a bundle's data file: bytes straight into a tensor's
// buffer, and strings. Internal to checkpoint/.
#ifndef RETROGRAPH_CHECKPOINT_DATA_FILE_READER_H_
#define RETROGRAPH_CHECKPOINT_DATA_FILE_READER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/file_system.h"
#include "core/tensor.h"
#include "core/tensor_shape.h"

namespace retrograph {

// A file that is read piece by piece, mostly one after the other: small pieces
// that follow closely on one another come out of a buffer that is filled with
// one large read; others are read directly.
//
// Threads: thread-compatible. The file itself may have several of them.
class ReadAheadFile {
 public:
  // `file`, of `size` bytes, must outlive this.
  ReadAheadFile(const RandomAccessFile* file, uint64_t size)
      : file_(file), size_(size) {}

  uint64_t size() const { return size_; }

  // OutOfRange "Read less bytes than requested" if the file ends before.
  absl::Status Read(uint64_t offset, uint64_t length, char* buffer);

 private:
  absl::Status Fill(uint64_t offset);

  const RandomAccessFile* file_;
  uint64_t size_;
  std::string buffer_;
  uint64_t buffer_offset_ = 0;
  uint64_t last_end_ = UINT64_MAX;  // where the last read ended
};

// Reads exactly `length` bytes at `offset` and sets *crc to their CRC-32C.
// OutOfRange "Read less bytes than requested" if the file ends before.
absl::Status ReadAndChecksum(ReadAheadFile* file, uint64_t offset,
                             uint64_t length, char* buffer, uint32_t* crc);

// Reads a string tensor's strings that start at `offset`; `size` is what the
// entry says. DataLoss, in TensorFlow's words, if the lengths' checksum is
// wrong: then nothing has been allocated for the strings. *crc is to be
// compared with the entry's.
absl::StatusOr<Tensor> ReadStrings(ReadAheadFile* file, uint64_t offset,
                                   uint64_t size, const TensorShape& shape,
                                   bool swap_bytes, uint32_t* crc);

// Reads variants likewise, each of which has its length and a checksum of its
// own. As in TensorFlow, what is damaged may be noticed when it is parsed,
// which is before checksums are compared; nothing is allocated for more than
// the bytes may hold.
absl::StatusOr<Tensor> ReadVariants(ReadAheadFile* file, uint64_t offset,
                                    uint64_t size, const TensorShape& shape,
                                    uint32_t* crc);

// Swaps the bytes of every number: of a file written on a machine of the other
// byte order.
void SwapBytes(Tensor* tensor);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_DATA_FILE_READER_H_
