#include "ops/png_codec.h"

#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/errors.h"

namespace retrograph {
namespace {

// libpng leaves a function that fails by longjmp: whoever calls it has no
// object on the stack that must be destroyed.
[[noreturn]] void Fail(png_structp png, png_const_charp) {
  longjmp(png_jmpbuf(png), 1);
}
void Ignore(png_structp, png_const_charp) {}

// ---- Reading ----

class Reader {
 public:
  Reader(absl::string_view file, int channels, int bits)
      : rest_(file), channels_(channels), bits_(bits) {}
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Reads up to the pixels, and says how they are wanted.
  bool Begin() {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, Fail, Ignore);
    if (png_ == nullptr) return false;
    info_ = png_create_info_struct(png_);
    if (info_ == nullptr) return false;
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_read_fn(png_, this, Read);
    png_read_info(png_, info_);
    ChooseTransformations();
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }
  // Into height() rows of row_bytes().
  bool ReadRows(png_bytep pixels) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    ReadPasses(pixels);
    return true;
  }

  uint32_t width() const { return png_get_image_width(png_, info_); }
  uint32_t height() const { return png_get_image_height(png_, info_); }
  size_t row_bytes() const { return png_get_rowbytes(png_, info_); }
  int channels() const { return channels_; }
  // The file has 8 bits where 16 are wanted: the caller makes them.
  bool narrow() const { return narrow_; }
  // Deflate packs 1032 bytes into one at most.
  bool FileIsTooShort() const {
    const uint64_t bits = uint64_t{width()} * height() * file_pixel_bits_;
    return bits / 8 / 1032 > rest_.size() + 1;
  }

 private:
  static void Read(png_structp png, png_bytep to, png_size_t size) {
    auto* const self = static_cast<Reader*>(png_get_io_ptr(png));
    if (size > self->rest_.size()) png_error(png, "the file ends here");
    std::memcpy(to, self->rest_.data(), size);
    self->rest_.remove_prefix(size);
  }

  void ChooseTransformations() {
    const int depth = png_get_bit_depth(png_, info_);
    const int color = png_get_color_type(png_, info_);
    const bool palette = color == PNG_COLOR_TYPE_PALETTE;
    const bool alpha = (color & PNG_COLOR_MASK_ALPHA) != 0;
    const bool transparent = png_get_valid(png_, info_, PNG_INFO_tRNS) != 0;
    file_pixel_bits_ = depth * png_get_channels(png_, info_);
    if (channels_ == 0) {
      channels_ = palette ? (transparent ? 4 : 3)
                          : png_get_channels(png_, info_);
    }
    if (channels_ % 2 != 0) {
      if (alpha || transparent) png_set_strip_alpha(png_);
    } else if (!alpha && transparent) {
      png_set_tRNS_to_alpha(png_);
    } else if (!alpha) {
      png_set_add_alpha(png_, (1 << depth) - 1, PNG_FILLER_AFTER);
    }
    if (depth > 8 && bits_ == 8) png_set_strip_16(png_);
    narrow_ = depth <= 8 && bits_ == 16;
    png_set_packing(png_);
    if (bits_ > 8) png_set_swap(png_);
    if (palette) png_set_palette_to_rgb(png_);
    ChooseColors(depth, (color & PNG_COLOR_MASK_COLOR) == 0);
  }
  void ChooseColors(int depth, bool gray) {
    if (gray && depth < 8) png_set_expand_gray_1_2_4_to_8(png_);
    if (channels_ >= 3) {
      if (gray) png_set_gray_to_rgb(png_);
    } else if (!gray) {
      png_set_rgb_to_gray(png_, PNG_ERROR_ACTION_NONE, 0.299, 0.587);
    }
  }
  void ReadPasses(png_bytep pixels) {
    const size_t bytes = row_bytes();
    for (int pass = 0; pass < passes_; ++pass) {
      for (uint32_t y = 0; y < height(); ++y) {
        png_read_row(png_, pixels + y * bytes, nullptr);
      }
    }
    png_read_end(png_, nullptr);
  }

  absl::string_view rest_;
  int channels_;
  int bits_;
  int file_pixel_bits_ = 0;
  int passes_ = 1;
  bool narrow_ = false;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

// Every 8-bit number as the 16-bit one that is as large in its range.
absl::StatusOr<Tensor> Widen(const Tensor& narrow) {
  RG_ASSIGN_OR_RETURN(Tensor wide,
                      Tensor::Allocate(DT_UINT16, narrow.shape()));
  const auto from = narrow.flat<uint8_t>();
  const auto to = wide.mutable_flat<uint16_t>();
  for (size_t i = 0; i < from.size(); ++i) to[i] = from[i] * 257;
  return wide;
}

// ---- Writing ----

class Writer {
 public:
  Writer(const png_byte* pixels, size_t row_bytes, std::string* file)
      : pixels_(pixels), row_bytes_(row_bytes), file_(file) {}
  ~Writer() { png_destroy_write_struct(&png_, &info_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  bool Write(uint32_t width, uint32_t height, int channels, int bits,
             int compression) {
    png_ =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, Fail, Ignore);
    if (png_ == nullptr) return false;
    info_ = png_create_info_struct(png_);
    if (info_ == nullptr) return false;
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    WriteAll(width, height, channels, bits, compression);
    return true;
  }

 private:
  static void Append(png_structp png, png_bytep from, png_size_t size) {
    static_cast<Writer*>(png_get_io_ptr(png))
        ->file_->append(reinterpret_cast<const char*>(from), size);
  }
  static void Flush(png_structp) {}

  void WriteAll(uint32_t width, uint32_t height, int channels, int bits,
                int compression) {
    constexpr int kColors[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                               PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
    png_set_write_fn(png_, this, Append, Flush);
    png_set_compression_level(png_, compression);
    png_set_compression_mem_level(png_, 9);
    png_set_IHDR(png_, info_, width, height, bits, kColors[channels - 1],
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png_, info_);
    if (bits > 8) png_set_swap(png_);
    for (uint32_t y = 0; y < height; ++y) {
      png_write_row(png_, pixels_ + y * row_bytes_);
    }
    png_write_end(png_, nullptr);
  }

  const png_byte* pixels_;
  size_t row_bytes_;
  std::string* file_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

}  // namespace

absl::StatusOr<Tensor> DecodePng(absl::string_view file, int channels,
                                 DataType dtype) {
  Reader reader(file, channels, dtype == DT_UINT16 ? 16 : 8);
  if (!reader.Begin()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Invalid PNG header, data size ", file.size()));
  }
  const uint64_t width = reader.width(), height = reader.height();
  if (std::max(width, height) >= 1u << 27 || width * height >= 1u << 29) {
    return absl::InvalidArgumentError(absl::StrCat(
        "PNG size too large for int: ", width, " by ", height));
  }
  const absl::Status invalid = absl::InvalidArgumentError(
      absl::StrCat("Invalid PNG data, size ", file.size()));
  if (reader.FileIsTooShort()) return invalid;
  const TensorShape shape({static_cast<int64_t>(height),
                           static_cast<int64_t>(width), reader.channels()});
  RG_ASSIGN_OR_RETURN(
      Tensor pixels,
      Tensor::Allocate(reader.narrow() ? DT_UINT8 : dtype, shape));
  if (reader.row_bytes() * height != pixels.bytes()) return invalid;
  if (!reader.ReadRows(static_cast<png_bytep>(pixels.mutable_data()))) {
    return invalid;
  }
  if (reader.narrow()) return Widen(pixels);
  return pixels;
}

bool EncodePng(const void* pixels, int64_t width, int64_t height, int channels,
               int bits, int compression, std::string* file) {
  file->clear();
  if (width <= 0 || height <= 0 || width > INT32_MAX || height > INT32_MAX) {
    return false;
  }
  Writer writer(static_cast<const png_byte*>(pixels),
                static_cast<size_t>(width) * channels * (bits / 8), file);
  return writer.Write(static_cast<uint32_t>(width),
                      static_cast<uint32_t>(height), channels, bits,
                      compression);
}

}  // namespace retrograph
