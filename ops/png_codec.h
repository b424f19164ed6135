// PNG files to pixels and back, by libpng.
//
// Nothing that a file says is believed before it is checked: a picture that its
// file is too short for is refused before there is memory for it.
//
// Source: tensorflow/core/lib/png/png_io.h, found by asking TensorFlow.
#ifndef RETROGRAPH_OPS_PNG_CODEC_H_
#define RETROGRAPH_OPS_PNG_CODEC_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/tensor.h"

namespace retrograph {

// The picture as a tensor [height, width, channels] of `dtype`, uint8 or
// uint16. `channels` 1 to 4; 0: as many as the file has. InvalidArgument with
// the text of TensorFlow's decoding ops.
absl::StatusOr<Tensor> DecodePng(absl::string_view file, int channels,
                                 DataType dtype);

// Rows of pixels, one after the other. `channels` 1 to 4 of `bits` 8 or 16 (of
// this machine's byte order). `compression` is zlib's, -1 its default. False if
// there is no such file, as for a picture without pixels.
bool EncodePng(const void* pixels, int64_t width, int64_t height, int channels,
               int bits, int compression, std::string* file);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_PNG_CODEC_H_
