#include "ops/jpeg_codec.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

// After <cstdio>, which it needs.
#include <jerror.h>
#include <jpeglib.h>

#include "absl/strings/str_cat.h"
#include "core/errors.h"

namespace retrograph {
namespace {

// How libjpeg tells of errors: it leaves by longjmp, so whoever calls it has no
// object on the stack that must be destroyed. What it would print is dropped.
struct ErrorHandler {
  jpeg_error_mgr manager;
  jmp_buf out;

  jpeg_error_mgr* Set() {
    jpeg_std_error(&manager);
    manager.error_exit = [](j_common_ptr info) {
      longjmp(reinterpret_cast<ErrorHandler*>(info->err)->out, 1);
    };
    manager.output_message = [](j_common_ptr) {};
    return &manager;
  }
};

// ---- Reading ----

// A file in memory.
struct Source {
  jpeg_source_mgr manager;
  bool recover_truncated;
  bool at_start;

  void Set(absl::string_view file, bool recover) {
    manager.next_input_byte = reinterpret_cast<const JOCTET*>(file.data());
    manager.bytes_in_buffer = file.size();
    manager.init_source = [](j_decompress_ptr) {};
    manager.fill_input_buffer = Fill;
    manager.skip_input_data = Skip;
    manager.resync_to_restart = jpeg_resync_to_restart;
    manager.term_source = [](j_decompress_ptr) {};
    recover_truncated = recover;
    at_start = file.empty();
  }

 private:
  // The file is at its end. One that is to be recovered ends with the mark that
  // it lacks.
  static boolean Fill(j_decompress_ptr info) {
    static constexpr JOCTET kEnd[] = {0xff, JPEG_EOI};
    auto* const self = reinterpret_cast<Source*>(info->src);
    if (self->at_start) ERREXIT(info, JERR_INPUT_EMPTY);
    if (!self->recover_truncated || self->manager.next_input_byte == kEnd) {
      ERREXIT(info, JERR_FILE_READ);
    }
    self->manager.next_input_byte = kEnd;
    self->manager.bytes_in_buffer = sizeof(kEnd);
    return TRUE;
  }
  static void Skip(j_decompress_ptr info, long count) {
    if (count <= 0) return;
    jpeg_source_mgr* const source = info->src;
    const size_t step =
        std::min(static_cast<size_t>(count), source->bytes_in_buffer);
    source->next_input_byte += step;
    source->bytes_in_buffer -= step;
  }
};

class Reader {
 public:
  Reader(absl::string_view file, const JpegDecoding& options)
      : file_(file), options_(options), channels_(options.channels) {
    std::memset(&info_, 0, sizeof(info_));
    info_.err = errors_.Set();
  }
  ~Reader() { jpeg_destroy_decompress(&info_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool ReadHeader() {
    if (setjmp(errors_.out) != 0) return false;
    jpeg_create_decompress(&info_);
    source_.Set(file_, options_.recover_truncated);
    info_.src = &source_.manager;
    jpeg_read_header(&info_, TRUE);
    return true;
  }
  // Says what is wanted, reads up to the pixels and goes to the part that is to
  // be cut out.
  bool Begin() {
    if (setjmp(errors_.out) != 0) return false;
    Choose();
    jpeg_calc_output_dimensions(&info_);
    if (!SizeIsGood()) return false;
    jpeg_start_decompress(&info_);
    width_ = info_.output_width;
    height_ = info_.output_height;
    return !options_.crop || Crop();
  }
  // Into a buffer of height() rows of width() pixels.
  bool ReadRows(uint8_t* pixels) {
    const int samples = info_.out_color_components;
    line_ = std::vector<uint8_t>(size_t{info_.output_width} * samples);
    if (setjmp(errors_.out) != 0) return false;
    ReadLines(pixels);
    return Finish();
  }

  const jpeg_decompress_struct& info() const { return info_; }
  int64_t width() const { return width_; }
  int64_t height() const { return height_; }
  int channels() const { return channels_; }
  // The rows that the file had, of all that were asked for.
  float fraction_read() const {
    return static_cast<float>(rows_read_) / static_cast<float>(height_);
  }

 private:
  void Choose() {
    if (channels_ == 0) channels_ = std::min(info_.num_components, 3);
    const bool inks = info_.jpeg_color_space == JCS_CMYK ||
                      info_.jpeg_color_space == JCS_YCCK;
    if (channels_ == 1) {
      info_.out_color_space = JCS_GRAYSCALE;
    } else if (channels_ == 3) {
      info_.out_color_space = inks ? JCS_CMYK : JCS_RGB;
    } else {
      ERREXIT(&info_, JERR_BAD_J_COLORSPACE);
    }
    info_.do_fancy_upsampling = options_.fancy_upscaling;
    info_.scale_num = 1;
    info_.scale_denom = options_.ratio;
    info_.dct_method = options_.accurate ? JDCT_ISLOW : JDCT_IFAST;
  }
  bool SizeIsGood() const {
    const int64_t width = info_.output_width, height = info_.output_height;
    if (width <= 0 || height <= 0) return false;
    if (width * height * info_.num_components >= int64_t{1} << 29) return false;
    // A Huffman code spends a bit on every block of 8 by 8 numbers, at least;
    // a file that is too short for that fails in the end.
    if (options_.recover_truncated || info_.arith_code) return true;
    const uint64_t blocks =
        uint64_t{info_.image_width} * info_.image_height / 64;
    return blocks / 8 <= file_.size();
  }
  bool Crop() {
    const JpegDecoding& want = options_;
    if (want.crop_y < 0 || want.crop_x < 0 || want.crop_height <= 0 ||
        want.crop_width <= 0 || want.crop_y + want.crop_height > height_ ||
        want.crop_x + want.crop_width > width_) {
      return false;
    }
    width_ = want.crop_width;
    height_ = want.crop_height;
    JDIMENSION x = static_cast<JDIMENSION>(want.crop_x);
    JDIMENSION width = static_cast<JDIMENSION>(want.crop_width);
    jpeg_crop_scanline(&info_, &x, &width);  // to the left, to a block's edge
    first_row_ = static_cast<JDIMENSION>(want.crop_y);
    return jpeg_skip_scanlines(&info_, first_row_) == first_row_;
  }

  void ReadLines(uint8_t* pixels) {
    const size_t row_bytes = static_cast<size_t>(width_) * channels_;
    JSAMPROW line = line_.data();
    while (rows_read_ < height_) {
      if (jpeg_read_scanlines(&info_, &line, 1) == 0) return;
      PutLine(pixels + rows_read_ * row_bytes, row_bytes);
      ++rows_read_;
    }
  }
  // The line's end is what was asked for; inks become colours.
  void PutLine(uint8_t* to, size_t row_bytes) const {
    const int samples = info_.out_color_components;
    const uint8_t* from =
        line_.data() + (info_.output_width - width_) * samples;
    if (info_.out_color_space != JCS_CMYK) {
      std::memcpy(to, from, row_bytes);
      return;
    }
    const bool inverted = info_.saw_Adobe_marker != 0;
    for (int64_t x = 0; x < width_; ++x, from += 4, to += 3) {
      const int black = inverted ? from[3] : 255 - from[3];
      for (int i = 0; i < 3; ++i) {
        to[i] = black * (inverted ? from[i] : 255 - from[i]) / 255;
      }
    }
  }
  bool Finish() {
    if (rows_read_ < height_) {
      jpeg_abort_decompress(&info_);
      return true;
    }
    if (info_.output_scanline < info_.output_height) {
      jpeg_skip_scanlines(&info_, info_.output_height - info_.output_scanline);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }

  absl::string_view file_;
  const JpegDecoding& options_;
  int channels_;
  int64_t width_ = 0, height_ = 0, rows_read_ = 0;
  JDIMENSION first_row_ = 0;
  std::vector<uint8_t> line_;
  ErrorHandler errors_;
  Source source_;
  jpeg_decompress_struct info_;
};

// ---- Writing ----

// A string that grows.
struct Destination {
  jpeg_destination_mgr manager;
  std::string* file;
  JOCTET buffer[16384];

  void Set(std::string* to) {
    file = to;
    manager.init_destination = [](j_compress_ptr info) { Of(info)->Clear(); };
    manager.empty_output_buffer = [](j_compress_ptr info) -> boolean {
      Of(info)->Append(sizeof(buffer));
      return TRUE;
    };
    manager.term_destination = [](j_compress_ptr info) {
      Of(info)->Append(sizeof(buffer) - info->dest->free_in_buffer);
    };
  }

 private:
  static Destination* Of(j_compress_ptr info) {
    return reinterpret_cast<Destination*>(info->dest);
  }
  void Clear() {
    manager.next_output_byte = buffer;
    manager.free_in_buffer = sizeof(buffer);
  }
  void Append(size_t size) {
    file->append(reinterpret_cast<const char*>(buffer), size);
    Clear();
  }
};

class Writer {
 public:
  Writer(const JpegEncoding& options, std::string* file) : options_(options) {
    std::memset(&info_, 0, sizeof(info_));
    info_.err = errors_.Set();
    destination_.Set(file);
    if (options.xmp_metadata.empty()) return;
    // The name that says what the marker holds, and its zero.
    constexpr char kName[] = "http://ns.adobe.com/xap/1.0/";
    marker_.assign(kName, sizeof(kName));
    marker_ += options.xmp_metadata;
  }
  ~Writer() { jpeg_destroy_compress(&info_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  bool Write(const uint8_t* pixels, JDIMENSION width, JDIMENSION height) {
    if (setjmp(errors_.out) != 0) return false;
    WriteAll(pixels, width, height);
    return true;
  }

 private:
  void Choose() {
    jpeg_set_defaults(&info_);
    info_.optimize_coding = options_.optimize_size;
    info_.density_unit = static_cast<UINT8>(options_.density_unit);
    info_.X_density = static_cast<UINT16>(options_.x_density);
    info_.Y_density = static_cast<UINT16>(options_.y_density);
    jpeg_set_quality(&info_, options_.quality, TRUE);
    if (options_.progressive) jpeg_simple_progression(&info_);
    if (options_.chroma_downsampling) return;
    for (int i = 0; i < info_.num_components; ++i) {
      info_.comp_info[i].h_samp_factor = 1;
      info_.comp_info[i].v_samp_factor = 1;
    }
  }
  void WriteAll(const uint8_t* pixels, JDIMENSION width, JDIMENSION height) {
    jpeg_create_compress(&info_);
    info_.dest = &destination_.manager;
    info_.image_width = width;
    info_.image_height = height;
    info_.input_components = options_.channels;
    info_.in_color_space = options_.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    Choose();
    jpeg_start_compress(&info_, TRUE);
    if (!marker_.empty()) {
      jpeg_write_marker(&info_, JPEG_APP0 + 1,
                        reinterpret_cast<const JOCTET*>(marker_.data()),
                        static_cast<unsigned>(marker_.size()));
    }
    while (info_.next_scanline < height) {
      JSAMPROW row = const_cast<JSAMPROW>(pixels) +
                     size_t{info_.next_scanline} * width * options_.channels;
      jpeg_write_scanlines(&info_, &row, 1);
    }
    jpeg_finish_compress(&info_);
  }

  const JpegEncoding& options_;
  std::string marker_;
  ErrorHandler errors_;
  Destination destination_;
  jpeg_compress_struct info_;
};

}  // namespace

absl::StatusOr<Tensor> DecodeJpeg(absl::string_view file,
                                  const JpegDecoding& options) {
  const absl::Status invalid = absl::InvalidArgumentError(absl::StrCat(
      "Invalid JPEG data or crop window, data size ", file.size()));
  Reader reader(file, options);
  if (!reader.ReadHeader() || !reader.Begin()) return invalid;
  const TensorShape shape({reader.height(), reader.width(), reader.channels()});
  // Rows that a file lacks are black.
  RG_ASSIGN_OR_RETURN(Tensor pixels, Tensor::AllocateZeros(DT_UINT8, shape));
  if (!reader.ReadRows(pixels.mutable_flat<uint8_t>().data())) return invalid;
  if (reader.fraction_read() < std::min(1.0f, options.acceptable_fraction)) {
    return invalid;
  }
  return pixels;
}

bool ReadJpegInfo(absl::string_view file, JpegInfo* info) {
  const JpegDecoding options;
  Reader reader(file, options);
  if (!reader.ReadHeader()) return false;
  info->width = reader.info().image_width;
  info->height = reader.info().image_height;
  info->channels = reader.info().num_components;
  return true;
}

bool EncodeJpeg(const uint8_t* pixels, int64_t width, int64_t height,
                const JpegEncoding& options, std::string* file) {
  file->clear();
  if (width <= 0 || height <= 0 || width > JPEG_MAX_DIMENSION ||
      height > JPEG_MAX_DIMENSION) {
    return false;
  }
  const auto writer = std::make_unique<Writer>(options, file);
  return writer->Write(pixels, static_cast<JDIMENSION>(width),
                       static_cast<JDIMENSION>(height));
}

}  // namespace retrograph
