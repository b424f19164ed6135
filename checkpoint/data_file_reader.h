// Reading values out of a bundle's data file: bytes straight into a tensor's
// buffer, and strings. Internal to checkpoint/.
#ifndef RETROGRAPH_CHECKPOINT_DATA_FILE_READER_H_
#define RETROGRAPH_CHECKPOINT_DATA_FILE_READER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/file_system.h"
#include "core/tensor.h"
#include "core/tensor_shape.h"

namespace retrograph {

// Reads exactly `length` bytes at `offset` and sets *crc to their CRC-32C.
// OutOfRange "Read less bytes than requested" if the file ends before.
absl::Status ReadAndChecksum(const RandomAccessFile& file, uint64_t offset,
                             uint64_t length, char* buffer, uint32_t* crc);

// Reads a string tensor's `num_elements` strings that start at `offset` in a
// file of `file_size` bytes; `size` is what the entry says. DataLoss, in
// TensorFlow's words, if the lengths' checksum is wrong: then nothing has been
// allocated for the strings. *crc is to be compared with the entry's.
absl::StatusOr<Tensor> ReadStrings(const RandomAccessFile& file,
                                   uint64_t file_size, uint64_t offset,
                                   uint64_t size, const TensorShape& shape,
                                   bool swap_bytes, uint32_t* crc);

// Swaps the bytes of every number: of a file written on a machine of the other
// byte order.
void SwapBytes(Tensor* tensor);

}  // namespace retrograph

#endif  // RETROGRAPH_CHECKPOINT_DATA_FILE_READER_H_
