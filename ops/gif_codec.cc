#include "ops/gif_codec.h"

#include <gif_lib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"

namespace retrograph {
namespace {

struct CloseGif {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};
using GifFile = std::unique_ptr<GifFileType, CloseGif>;

int Read(GifFileType* gif, GifByteType* to, int size) {
  auto* const rest = static_cast<absl::string_view*>(gif->UserData);
  const size_t count = std::min(static_cast<size_t>(size), rest->size());
  std::copy_n(rest->data(), count, to);  // an empty file has no data
  rest->remove_prefix(count);
  return static_cast<int>(count);
}

std::string ErrorText(int code) {
  const char* text = GifErrorString(code);
  return text == nullptr ? "Unknown error" : text;
}

absl::Status Invalid(absl::string_view file, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(
      "Invalid GIF data (size ", file.size(), "), ", what));
}

// ---- Whether the frames can be as large as the file says ----

// Looks at a file's blocks without unpacking them.
class Outline {
 public:
  explicit Outline(absl::string_view file) : file_(file) {}

  // A code of 12 bits stands for 4096 pixels at most: 2731 a byte.
  bool FramesCanBeWhole() {
    at_ = 6;  // after the name
    at_ += 7 + ColorTable(at_ + 4);
    while (at_ < file_.size()) {
      const uint8_t kind = Byte(at_++);
      if (kind == 0x21) {
        ++at_;
        SkipBlocks();
      } else if (kind == 0x2c) {
        const uint64_t pixels = uint64_t{Word(at_ + 4)} * Word(at_ + 6);
        at_ += 9 + ColorTable(at_ + 8) + 1;
        if (pixels / 2731 > SkipBlocks()) return false;
      } else {
        break;
      }
    }
    return true;
  }

 private:
  uint8_t Byte(size_t at) const {
    return at < file_.size() ? static_cast<uint8_t>(file_[at]) : 0;
  }
  uint32_t Word(size_t at) const { return Byte(at) | Byte(at + 1) << 8; }
  size_t ColorTable(size_t flags_at) const {
    const uint8_t flags = Byte(flags_at);
    return flags & 0x80 ? size_t{3} << ((flags & 7) + 1) : 0;
  }
  // Goes behind the next blocks of data; how many bytes are in them.
  size_t SkipBlocks() {
    size_t bytes = 0;
    while (at_ < file_.size()) {
      const uint8_t size = Byte(at_);
      at_ += 1 + size;
      bytes += size;
      if (size == 0) break;
    }
    return bytes;
  }

  absl::string_view file_;
  size_t at_ = 0;
};

// ---- Frames ----

// What is drawn, one frame after the other.
struct Canvas {
  uint8_t* pixels;
  int width, height;

  size_t frame_bytes() const { return size_t{3} * width * height; }
  uint8_t* frame(int64_t i) const { return pixels + i * frame_bytes(); }
};

std::string DrawFrame(const GifFileType& gif, int64_t index,
                      const Canvas& canvas) {
  const SavedImage& image = gif.SavedImages[index];
  const GifImageDesc& place = image.ImageDesc;
  int64_t left = place.Left, right = left + place.Width;
  int64_t top = place.Top, bottom = top + place.Height;
  if (left != 0 || top != 0 || right != canvas.width ||
      bottom != canvas.height) {
    if (index == 0) return "the first frame does not fill the canvas";
    // What the frame leaves free is the frame before.
    std::memcpy(canvas.frame(index), canvas.frame(index - 1),
                canvas.frame_bytes());
    right = std::min<int64_t>(right, canvas.width);
    bottom = std::min<int64_t>(bottom, canvas.height);
  }
  const ColorMapObject* colors =
      place.ColorMap != nullptr ? place.ColorMap : gif.SColorMap;
  if (colors == nullptr) {
    return absl::StrCat("missing color map for frame ", index);
  }
  for (int64_t y = top; y < bottom; ++y) {
    uint8_t* to = canvas.frame(index) + (y * canvas.width + left) * 3;
    const GifByteType* from =
        image.RasterBits + (y - place.Top) * place.Width;
    for (int64_t x = left; x < right; ++x, to += 3) {
      const GifByteType number = *from++;
      if (number >= colors->ColorCount) {
        return absl::StrCat("found color index ", number,
                            " outside of color map range ",
                            colors->ColorCount);
      }
      const GifColorType& color = colors->Colors[number];
      to[0] = color.Red;
      to[1] = color.Green;
      to[2] = color.Blue;
    }
  }
  return "";
}

}  // namespace

absl::StatusOr<Tensor> DecodeGif(absl::string_view file) {
  absl::string_view rest = file;
  int code = D_GIF_SUCCEEDED;
  const GifFile gif(DGifOpen(&rest, Read, &code));
  if (gif == nullptr) {
    return Invalid(file, "failed to open gif file: " + ErrorText(code));
  }
  const std::string slurp = "failed to slurp gif file: ";
  if (!Outline(file).FramesCanBeWhole()) {
    return Invalid(file, slurp + ErrorText(D_GIF_ERR_IMAGE_DEFECT));
  }
  if (DGifSlurp(gif.get()) != GIF_OK) {
    return Invalid(file, slurp + ErrorText(gif->Error));
  }
  if (gif->ImageCount <= 0) {
    return Invalid(file, "gif file does not contain any image");
  }
  Canvas canvas = {nullptr, 0, 0};
  for (int i = 0; i < gif->ImageCount; ++i) {
    const GifImageDesc& place = gif->SavedImages[i].ImageDesc;
    canvas.width = std::max<int>(canvas.width, place.Width);
    canvas.height = std::max<int>(canvas.height, place.Height);
  }
  // Small frames on a large canvas take much more memory than the file: two
  // gigabytes of pixels are enough.
  const TensorShape shape({gif->ImageCount, canvas.height, canvas.width, 3});
  if (shape.num_elements() > INT32_MAX) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the GIF's frames are too large: ", shape.DebugString()));
  }
  RG_ASSIGN_OR_RETURN(Tensor frames, Tensor::AllocateZeros(DT_UINT8, shape));
  canvas.pixels = frames.mutable_flat<uint8_t>().data();
  for (int i = 0; i < gif->ImageCount; ++i) {
    const std::string error = DrawFrame(*gif, i, canvas);
    if (!error.empty()) return Invalid(file, error);
  }
  return frames;
}

}  // namespace retrograph
