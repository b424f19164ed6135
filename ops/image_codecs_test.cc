// Files of pictures that are damaged or lie. What they hold when they are well
// is compared with TensorFlow: python/tests/cases/image_files.py.
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ops/gif_codec.h"
#include "ops/jpeg_codec.h"
#include "ops/png_codec.h"

namespace retrograph {
namespace {

using ::testing::StartsWith;

constexpr int64_t kHeight = 19, kWidth = 23;

std::vector<uint8_t> Pixels(int channels) {
  std::vector<uint8_t> pixels(kHeight * kWidth * channels);
  for (size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<uint8_t>(i * i / 7 + i * 3);
  }
  return pixels;
}

std::string Png(int channels = 3) {
  std::string file;
  EXPECT_TRUE(EncodePng(Pixels(channels).data(), kWidth, kHeight, channels, 8,
                        -1, &file));
  return file;
}

std::string Jpeg(bool progressive = false) {
  JpegEncoding options;
  options.progressive = progressive;
  std::string file;
  EXPECT_TRUE(
      EncodeJpeg(Pixels(3).data(), kWidth, kHeight, options, &file));
  return file;
}

// Two frames of 2 by 2.
std::string Gif() {
  const std::string frame("\x2c\0\0\0\0\2\0\2\0\0\2\4\x04\x43\x30\x05\0", 17);
  return std::string("GIF89a\2\0\2\0\x80\0\0\1\2\3\4\5\6", 19) + frame + frame +
         "\x3b";
}

using Decode = absl::StatusOr<Tensor> (*)(absl::string_view);
absl::StatusOr<Tensor> DecodeAnyPng(absl::string_view file) {
  return DecodePng(file, 0, DT_UINT8);
}
absl::StatusOr<Tensor> DecodeAnyJpeg(absl::string_view file) {
  return DecodeJpeg(file, JpegDecoding());
}
absl::StatusOr<Tensor> RecoverJpeg(absl::string_view file) {
  JpegDecoding options;
  options.recover_truncated = true;
  return DecodeJpeg(file, options);
}

struct Kind {
  std::string name, file;
  Decode decode;
};
std::vector<Kind> Kinds() {
  return {{"png", Png(), DecodeAnyPng},
          {"gray png", Png(1), DecodeAnyPng},
          {"jpeg", Jpeg(), DecodeAnyJpeg},
          {"progressive jpeg", Jpeg(true), DecodeAnyJpeg},
          {"recovered jpeg", Jpeg(), RecoverJpeg},
          {"gif", Gif(), DecodeGif}};
}

TEST(ImageCodecsTest, WellFilesAreRead) {
  for (const Kind& kind : Kinds()) {
    EXPECT_TRUE(kind.decode(kind.file).ok())
        << kind.name << ": " << kind.decode(kind.file).status();
  }
}

TEST(ImageCodecsTest, EveryCutOffEndIsAnErrorOrNoMatter) {
  for (const Kind& kind : Kinds()) {
    const absl::StatusOr<Tensor> whole = kind.decode(kind.file);
    for (size_t size = 0; size < kind.file.size(); ++size) {
      // On the heap, so that reading beyond the end is seen.
      const std::vector<char> part(kind.file.begin(),
                                   kind.file.begin() + size);
      const auto read =
          kind.decode(absl::string_view(part.data(), part.size()));
      if (kind.decode == RecoverJpeg) continue;
      if (read.ok()) {
        EXPECT_TRUE(TensorsIdentical(*read, *whole)) << kind.name << size;
      } else {
        EXPECT_THAT(std::string(read.status().message()),
                    StartsWith("Invalid "))
            << kind.name << size;
      }
    }
  }
}

TEST(ImageCodecsTest, EveryFlippedBitIsAnErrorOrAPicture) {
  for (const Kind& kind : Kinds()) {
    for (size_t bit = 0; bit < kind.file.size() * 8; ++bit) {
      std::string flipped = kind.file;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
      const auto read = kind.decode(flipped);
      if (read.ok()) {
        // No more pixels than such a file can hold.
        EXPECT_LT(read->num_elements(), int64_t{40000} * kind.file.size());
      } else {
        EXPECT_FALSE(read.status().message().empty());
      }
    }
  }
}

void PutBigEndian(std::string* file, size_t at, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    (*file)[at + i] = static_cast<char>(value >> (8 * (bytes - 1 - i)));
  }
}

TEST(ImageCodecsTest, AJpegThatIsTooShortForItsSizeIsRefusedBeforeItIsDecoded) {
  for (const bool progressive : {false, true}) {
    std::string file = Jpeg(progressive);
    const size_t frame = file.find(progressive ? "\xff\xc2" : "\xff\xc0");
    ASSERT_NE(frame, std::string::npos);
    for (const uint32_t side : {5000u, 10000u, 65500u}) {
      PutBigEndian(&file, frame + 5, side, 2);
      PutBigEndian(&file, frame + 7, side, 2);
      const auto read = DecodeAnyJpeg(file);
      ASSERT_FALSE(read.ok());
      EXPECT_THAT(std::string(read.status().message()),
                  StartsWith("Invalid JPEG data or crop window, data size "));
    }
  }
}

TEST(ImageCodecsTest, AGifThatIsTooShortForItsSizeIsRefused) {
  std::string file = Gif();
  for (const size_t at : {24, 26}) {  // width and height of the first frame
    file[at] = static_cast<char>(0xff);
    file[at + 1] = static_cast<char>(0xff);
  }
  const auto read = DecodeGif(file);
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(std::string(read.status().message()),
              StartsWith("Invalid GIF data (size 54), failed to slurp"));
}

TEST(ImageCodecsTest, WindowsOutsideAJpegAreRefused) {
  JpegDecoding options;
  options.crop = true;
  for (const auto& [y, x, height, width] :
       std::vector<std::array<int64_t, 4>>{{-1, 0, 2, 2},
                                           {0, 0, 0, 1},
                                           {0, 0, kHeight + 1, 1},
                                           {0, INT32_MAX, 1, INT32_MAX},
                                           {kHeight, 0, 1, 1}}) {
    options.crop_y = y;
    options.crop_x = x;
    options.crop_height = height;
    options.crop_width = width;
    EXPECT_FALSE(DecodeJpeg(Jpeg(), options).ok()) << y << " " << x;
  }
}

TEST(ImageCodecsTest, PicturesWithoutPixelsAreNotWritten) {
  std::string file;
  EXPECT_FALSE(EncodePng(nullptr, 0, 3, 3, 8, -1, &file));
  EXPECT_FALSE(EncodePng(nullptr, int64_t{1} << 40, 3, 3, 8, -1, &file));
  EXPECT_FALSE(EncodeJpeg(nullptr, 3, 0, JpegEncoding(), &file));
  EXPECT_FALSE(EncodeJpeg(nullptr, 70000, 1, JpegEncoding(), &file));
}

}  // namespace
}  // namespace retrograph
