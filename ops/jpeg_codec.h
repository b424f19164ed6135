// JPEG files to pixels and back, by libjpeg.
//
// Nothing that a file says is believed before it is checked: a picture that its
// file is too short for is refused before there is memory for it, and one of
// 2^29 numbers or more always.
//
// Source: tensorflow/core/lib/jpeg/jpeg_mem.h, found by asking TensorFlow.
#ifndef RETROGRAPH_OPS_JPEG_CODEC_H_
#define RETROGRAPH_OPS_JPEG_CODEC_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/tensor.h"

namespace retrograph {

// The attrs of DecodeJpeg, with its defaults.
struct JpegDecoding {
  int channels = 0;  // 1 or 3; 0: as the file has, at most 3
  int ratio = 1;     // 1, 2, 4 or 8: reads a smaller picture
  bool fancy_upscaling = true;
  bool recover_truncated = false;
  float acceptable_fraction = 1.0f;
  bool accurate = false;  // the slower cosine transform
  // The part that is wanted of the picture.
  bool crop = false;
  int64_t crop_y = 0, crop_x = 0, crop_height = 0, crop_width = 0;
};

// The picture as a uint8 tensor [height, width, channels]. InvalidArgument
// with TensorFlow's text.
absl::StatusOr<Tensor> DecodeJpeg(absl::string_view file,
                                  const JpegDecoding& options);

struct JpegInfo {
  int64_t width, height, channels;
};
// What the file's header says; false if it has none.
bool ReadJpegInfo(absl::string_view file, JpegInfo* info);

// The attrs of EncodeJpeg, with its defaults.
struct JpegEncoding {
  int channels = 3;  // 1 or 3
  int quality = 95;
  bool progressive = false;
  bool optimize_size = false;
  bool chroma_downsampling = true;
  int density_unit = 1;  // of JFIF: 1 is inches, 2 centimetres
  int x_density = 300, y_density = 300;
  std::string xmp_metadata;
};

// `pixels` are `height` rows of `width` pixels. False if there is no such
// file.
bool EncodeJpeg(const uint8_t* pixels, int64_t width, int64_t height,
                const JpegEncoding& options, std::string* file);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_JPEG_CODEC_H_
