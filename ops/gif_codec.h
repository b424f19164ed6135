// GIF files to pixels, by giflib.
//
// Source: tensorflow/core/lib/gif/gif_io.h, found by asking TensorFlow.
#ifndef RETROGRAPH_OPS_GIF_CODEC_H_
#define RETROGRAPH_OPS_GIF_CODEC_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/tensor.h"

namespace retrograph {

// Every frame over those before it, as a uint8 tensor [frames, height, width,
// 3]. InvalidArgument with TensorFlow's text. Frames that their data is too
// short for are refused before there is memory for them.
absl::StatusOr<Tensor> DecodeGif(absl::string_view file);

}  // namespace retrograph

#endif  // RETROGRAPH_OPS_GIF_CODEC_H_
