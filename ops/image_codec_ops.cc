// Files of pictures: DecodePng, DecodeJpeg, DecodeAndCropJpeg, DecodeGif (each
// reads all three kinds), DecodeBmp, ExtractJpegShape, EncodePng, EncodeJpeg,
// EncodeJpegVariableQuality.
//
// Source: TensorFlow's answers (python/tests/cases/image_files.py).
#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/errors.h"
#include "graph/op_registry.h"
#include "graph/shape_inference.h"
#include "ops/gif_codec.h"
#include "ops/jpeg_codec.h"
#include "ops/kernel.h"
#include "ops/learning_ops.h"
#include "ops/png_codec.h"

namespace retrograph {
namespace {

// ---- Reading ----

enum class Format { kUnknown, kPng, kJpeg, kGif };

Format FormatOf(absl::string_view file) {
  if (absl::StartsWith(file, "\377\330\377")) return Format::kJpeg;
  if (absl::StartsWith(file, "\211PNG\r\n\032\n")) return Format::kPng;
  if (absl::StartsWith(file, "GIF8")) return Format::kGif;
  return Format::kUnknown;
}

std::string FormatText(Format format, absl::string_view file) {
  switch (format) {
    case Format::kPng:
      return "PNG";
    case Format::kJpeg:
      return "JPEG";
    case Format::kGif:
      return "GIF";
    default:
      break;
  }
  if (file.empty()) return "empty file";
  return absl::StrCat("unknown format starting with '",
                      absl::CEscape(file.substr(0, 16)), "'");
}

absl::Status CheckOneFile(const Tensor& contents) {
  if (contents.shape().rank() == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "contents must be scalar, got shape ", contents.shape().DebugString()));
}

// Whatever the op is called, the file says what it is; the op's attrs are for
// the kind of its name.
class DecodeKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<DecodeKernel>> Create(
      const Operation& op) {
    auto kernel = std::make_unique<DecodeKernel>();
    kernel->gif_ = op.type() == "DecodeGif";
    kernel->jpeg_.crop = op.type() == "DecodeAndCropJpeg";
    if (kernel->gif_) {
      kernel->channels_ = 3;
      return kernel;
    }
    RG_RETURN_IF_ERROR(op.GetAttr("channels", &kernel->channels_));
    const int64_t channels = kernel->channels_;
    if (channels != 0 && channels != 1 && channels != 3 && channels != 4) {
      return absl::InvalidArgumentError(absl::StrCat(
          "channels must be 0, 1, 3, or 4, got ", channels));
    }
    if (op.type() == "DecodePng") {
      RG_RETURN_IF_ERROR(op.GetAttr("dtype", &kernel->dtype_));
    } else {
      RG_RETURN_IF_ERROR(ReadJpegAttrs(op, &kernel->jpeg_));
    }
    return kernel;
  }

  void Compute(KernelContext* ctx) override {
    RG_KERNEL_OK(ctx, CheckOneFile(ctx->input(0)));
    const absl::string_view file = ctx->input(0).scalar<std::string>();
    absl::StatusOr<Tensor> pixels = Decode(*ctx, file);
    RG_KERNEL_OK(ctx, pixels.status());
    ctx->set_output(0, *std::move(pixels));
  }
  bool IsExpensive() const override { return true; }

 private:
  static absl::Status ReadJpegAttrs(const Operation& op, JpegDecoding* jpeg) {
    int64_t ratio = 1;
    std::string method;
    RG_RETURN_IF_ERROR(op.GetAttr("ratio", &ratio));
    if (ratio != 1 && ratio != 2 && ratio != 4 && ratio != 8) {
      return absl::InvalidArgumentError(
          absl::StrCat("ratio must be 1, 2, 4, or 8, got ", ratio));
    }
    jpeg->ratio = static_cast<int>(ratio);
    RG_RETURN_IF_ERROR(op.GetAttr("fancy_upscaling", &jpeg->fancy_upscaling));
    RG_RETURN_IF_ERROR(
        op.GetAttr("try_recover_truncated", &jpeg->recover_truncated));
    RG_RETURN_IF_ERROR(
        op.GetAttr("acceptable_fraction", &jpeg->acceptable_fraction));
    RG_RETURN_IF_ERROR(op.GetAttr("dct_method", &method));
    if (!method.empty() && method != "INTEGER_FAST" &&
        method != "INTEGER_ACCURATE") {
      return absl::InvalidArgumentError(
          "dct_method must be one of {'', 'INTEGER_FAST', "
          "'INTEGER_ACCURATE'}");
    }
    jpeg->accurate = method == "INTEGER_ACCURATE";
    return absl::OkStatus();
  }

  absl::StatusOr<Tensor> Decode(const KernelContext& ctx,
                                absl::string_view file) const {
    const Format format = FormatOf(file);
    if (format == Format::kUnknown) {
      return absl::InvalidArgumentError(
          absl::StrCat("Expected image (JPEG, PNG, or GIF), got ",
                       FormatText(format, file)));
    }
    if (file.size() > INT32_MAX) {
      return absl::InvalidArgumentError(
          absl::StrCat(FormatText(format, file),
                       " contents are too large for int: ", file.size()));
    }
    if (format != Format::kPng && dtype_ != DT_UINT8) {
      return absl::InvalidArgumentError(absl::StrCat(
          FormatText(format, file), " does not support uint16 output"));
    }
    if (format == Format::kGif) return DecodeGifFile(file);
    RG_ASSIGN_OR_RETURN(Tensor pixels,
                        format == Format::kJpeg
                            ? DecodeJpegFile(ctx, file)
                            : DecodePng(file, static_cast<int>(channels_),
                                        dtype_));
    if (!gif_) return pixels;
    // One frame.
    const TensorShape& shape = pixels.shape();
    return pixels.Reshaped(
        TensorShape({1, shape.dim(0), shape.dim(1), shape.dim(2)}));
  }

  absl::StatusOr<Tensor> DecodeJpegFile(const KernelContext& ctx,
                                        absl::string_view file) const {
    if (channels_ == 4) {
      return absl::InvalidArgumentError(
          "channels must be 0, 1, or 3 for JPEG, got 4");
    }
    JpegDecoding options = jpeg_;
    options.channels = static_cast<int>(channels_);
    if (!options.crop) return DecodeJpeg(file, options);
    const Tensor& window = ctx.input(1);
    if (window.shape().rank() != 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "crop_window must be 1-D, got shape ", window.shape().DebugString()));
    }
    if (window.num_elements() != 4) {
      return absl::InvalidArgumentError(absl::StrCat(
          "crop_size must have four elements ", window.shape().DebugString()));
    }
    const auto edges = window.flat<int32_t>();
    options.crop_y = edges[0];
    options.crop_x = edges[1];
    options.crop_height = edges[2];
    options.crop_width = edges[3];
    return DecodeJpeg(file, options);
  }

  absl::StatusOr<Tensor> DecodeGifFile(absl::string_view file) const {
    if (channels_ != 0 && channels_ != 3) {
      return absl::InvalidArgumentError(absl::StrCat(
          "channels must be 0 or 3 for GIF, got ", channels_));
    }
    RG_ASSIGN_OR_RETURN(Tensor frames, DecodeGif(file));
    if (gif_) return frames;
    const TensorShape& shape = frames.shape();
    if (shape.dim(0) != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("Got ", shape.dim(0),
                       " frames, but animated gifs can only be decoded by "
                       "tf.image.decode_gif or tf.image.decode_image"));
    }
    return frames.Reshaped(TensorShape({shape.dim(1), shape.dim(2), 3}));
  }

  bool gif_ = false;
  int64_t channels_ = 0;
  DataType dtype_ = DT_UINT8;
  JpegDecoding jpeg_;
};

class ExtractJpegShapeKernel {
 public:
  static void Compute(KernelContext* ctx) {
    RG_KERNEL_OK(ctx, CheckOneFile(ctx->input(0)));
    const std::string& file = ctx->input(0).scalar<std::string>();
    JpegInfo info;
    RG_KERNEL_REQUIRES(ctx, ReadJpegInfo(file, &info),
                       absl::InvalidArgumentError(absl::StrCat(
                           "Invalid JPEG data, size ", file.size())));
    DataType type = DT_INVALID;
    RG_KERNEL_OK(ctx, ctx->op().GetAttr("output_type", &type));
    if (type == DT_INT32) {
      ctx->set_output(0, Shape<int32_t>(info));
    } else {
      ctx->set_output(0, Shape<int64_t>(info));
    }
  }

 private:
  template <typename T>
  static Tensor Shape(const JpegInfo& info) {
    return Tensor::Vector<T>({static_cast<T>(info.height),
                              static_cast<T>(info.width),
                              static_cast<T>(info.channels)});
  }
};

// ---- Bitmaps ----

struct Bitmap {
  int64_t offset;  // of the pixels
  int64_t width, height, channels, row_bytes;
  bool top_down;
};

template <typename T>
T LittleEndian(absl::string_view file, size_t at) {
  T value;
  std::memcpy(&value, file.data() + at, sizeof(value));
  return value;
}

// What the header says, checked against the file's size.
absl::Status ReadBitmap(absl::string_view file, int64_t channels,
                        Bitmap* bitmap) {
  if (file.size() < 32) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Incomplete bmp content, requires at least 32 bytes to find the header "
        "size, width, height, and bpp, got ",
        file.size(), " bytes"));
  }
  const int64_t height = LittleEndian<int32_t>(file, 22);
  const int64_t file_channels = LittleEndian<uint16_t>(file, 28) / 8;
  *bitmap = {LittleEndian<int32_t>(file, 10),
             LittleEndian<int32_t>(file, 18),
             height < 0 ? -height : height,
             channels == 0 ? file_channels : channels,
             0,
             height < 0};
  if (channels != 0 && channels != file_channels) {
    return absl::InvalidArgumentError(
        absl::StrCat("channels attribute ", channels,
                     " does not match bits per pixel from file ",
                     file_channels));
  }
  if (bitmap->channels != 1 && bitmap->channels != 3 && bitmap->channels != 4) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Number of channels must be 1, 3 or 4, was ", bitmap->channels));
  }
  if (bitmap->width <= 0) {
    return absl::InvalidArgumentError("Width must be positive");
  }
  if (bitmap->height == 0) {
    return absl::InvalidArgumentError("Height must be nonzero");
  }
  if (bitmap->offset < 0) {
    return absl::InvalidArgumentError("header size must be nonnegative");
  }
  if (bitmap->width * bitmap->height >= INT32_MAX / 8) {
    return absl::InvalidArgumentError(
        "Total possible pixel bytes must be less than 2^30");
  }
  bitmap->row_bytes = (8 * bitmap->channels * bitmap->width + 31) / 32 * 4;
  const int64_t size = bitmap->offset +
                       (bitmap->height - 1) * bitmap->row_bytes +
                       bitmap->width * bitmap->channels;
  if (size > static_cast<int64_t>(file.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("Incomplete bmp content, requires at least ", size,
                     " bytes, got ", file.size(), " bytes"));
  }
  return absl::OkStatus();
}

class DecodeBmpKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<DecodeBmpKernel>> Create(
      const Operation& op) {
    auto kernel = std::make_unique<DecodeBmpKernel>();
    RG_RETURN_IF_ERROR(op.GetAttr("channels", &kernel->channels_));
    const int64_t channels = kernel->channels_;
    if (channels != 0 && channels != 1 && channels != 3 && channels != 4) {
      return absl::InvalidArgumentError(
          absl::StrCat("channels must be 0, 1, 3 or 4, got ", channels));
    }
    return kernel;
  }

  void Compute(KernelContext* ctx) override {
    RG_KERNEL_OK(ctx, CheckOneFile(ctx->input(0)));
    const std::string& file = ctx->input(0).scalar<std::string>();
    Bitmap bitmap;
    RG_KERNEL_OK(ctx, ReadBitmap(file, channels_, &bitmap));
    Tensor out = ctx->Allocate(
        DT_UINT8,
        TensorShape({bitmap.height, bitmap.width, bitmap.channels}));
    if (!ctx->status().ok()) return;
    CopyPixels(reinterpret_cast<const uint8_t*>(file.data()) + bitmap.offset,
               bitmap, out.mutable_flat<uint8_t>().data());
    ctx->set_output(0, std::move(out));
  }

 private:
  static void CopyPixels(const uint8_t* from, const Bitmap& bitmap,
                         uint8_t* to) {
    const int64_t channels = bitmap.channels;
    for (int64_t y = 0; y < bitmap.height; ++y) {
      const int64_t row = bitmap.top_down ? y : bitmap.height - 1 - y;
      const uint8_t* pixel = from + row * bitmap.row_bytes;
      for (int64_t x = 0; x < bitmap.width; ++x) {
        std::memcpy(to, pixel, channels);
        if (channels >= 3) std::swap(to[0], to[2]);  // blue comes first
        pixel += channels;
        to += channels;
      }
    }
  }

  int64_t channels_ = 0;
};

// ---- Writing ----

absl::Status CheckOneImage(const Tensor& image) {
  if (image.shape().rank() == 3) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "image must be 3-dimensional", image.shape().DebugString()));
}

class EncodePngKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<EncodePngKernel>> Create(
      const Operation& op) {
    auto kernel = std::make_unique<EncodePngKernel>();
    RG_RETURN_IF_ERROR(op.GetAttr("compression", &kernel->compression_));
    if (kernel->compression_ < -1 || kernel->compression_ > 9) {
      return absl::InvalidArgumentError(absl::StrCat(
          "compression should be in [-1,9], got ", kernel->compression_));
    }
    return kernel;
  }

  void Compute(KernelContext* ctx) override {
    const Tensor& image = ctx->input(0);
    RG_KERNEL_OK(ctx, CheckOneImage(image));
    const TensorShape& shape = image.shape();
    RG_KERNEL_REQUIRES(ctx, shape.dim(2) >= 1 && shape.dim(2) <= 4,
                       absl::InvalidArgumentError(absl::StrCat(
                           "image must have 1, 2, 3, or 4 channels, got ",
                           shape.dim(2))));
    std::string file;
    RG_KERNEL_REQUIRES(
        ctx,
        EncodePng(image.data(), shape.dim(1), shape.dim(0),
                  static_cast<int>(shape.dim(2)),
                  image.dtype() == DT_UINT16 ? 16 : 8,
                  static_cast<int>(compression_), &file),
        absl::InternalError("PNG encoding failed"));
    ctx->set_output(0, Tensor::Scalar(std::move(file)));
  }
  bool IsExpensive() const override { return true; }

 private:
  int64_t compression_ = -1;
};

class EncodeJpegKernel final : public Kernel {
 public:
  static absl::StatusOr<std::unique_ptr<EncodeJpegKernel>> Create(
      const Operation& op) {
    auto kernel = std::make_unique<EncodeJpegKernel>();
    if (op.type() == "EncodeJpeg") RG_RETURN_IF_ERROR(kernel->ReadAttrs(op));
    return kernel;
  }

  void Compute(KernelContext* ctx) override {
    const Tensor& image = ctx->input(0);
    JpegEncoding options = options_;
    RG_KERNEL_OK(ctx, CheckOneImage(image));
    if (ctx->num_inputs() > 1) RG_KERNEL_OK(ctx, ReadQuality(*ctx, &options));
    RG_KERNEL_REQUIRES(
        ctx, image.num_elements() < INT32_MAX,
        absl::InvalidArgumentError(
            "Cannot encode images with >= max int32 elements"));
    RG_KERNEL_OK(ctx, ChooseChannels(image.shape(), &options));
    std::string file;
    RG_KERNEL_REQUIRES(
        ctx,
        EncodeJpeg(image.flat<uint8_t>().data(), image.shape().dim(1),
                   image.shape().dim(0), options, &file),
        absl::InternalError("JPEG encoding failed"));
    ctx->set_output(0, Tensor::Scalar(std::move(file)));
  }
  bool IsExpensive() const override { return true; }

 private:
  absl::Status ReadAttrs(const Operation& op) {
    int64_t quality = 0, x_density = 0, y_density = 0;
    std::string unit;
    RG_RETURN_IF_ERROR(op.GetAttr("format", &format_));
    RG_RETURN_IF_ERROR(op.GetAttr("quality", &quality));
    if (quality < 0 || quality > 100) {
      return absl::InvalidArgumentError(
          absl::StrCat("quality must be in [0,100], got ", quality));
    }
    RG_RETURN_IF_ERROR(op.GetAttr("progressive", &options_.progressive));
    RG_RETURN_IF_ERROR(op.GetAttr("optimize_size", &options_.optimize_size));
    RG_RETURN_IF_ERROR(
        op.GetAttr("chroma_downsampling", &options_.chroma_downsampling));
    RG_RETURN_IF_ERROR(op.GetAttr("density_unit", &unit));
    RG_RETURN_IF_ERROR(op.GetAttr("x_density", &x_density));
    RG_RETURN_IF_ERROR(op.GetAttr("y_density", &y_density));
    RG_RETURN_IF_ERROR(op.GetAttr("xmp_metadata", &options_.xmp_metadata));
    options_.quality = static_cast<int>(quality);
    options_.density_unit = unit == "cm" ? 2 : 1;
    options_.x_density = static_cast<int>(x_density);
    options_.y_density = static_cast<int>(y_density);
    return absl::OkStatus();
  }

  static absl::Status ReadQuality(const KernelContext& ctx,
                                  JpegEncoding* options) {
    const Tensor& quality = ctx.input(1);
    if (quality.shape().rank() != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "quality must be scalar: ", quality.shape().DebugString()));
    }
    options->quality = quality.scalar<int32_t>();
    return absl::OkStatus();
  }

  absl::Status ChooseChannels(const TensorShape& shape,
                              JpegEncoding* options) const {
    const int64_t channels = shape.dim(2);
    if (format_.empty() && channels != 1 && channels != 3) {
      return absl::InvalidArgumentError(absl::StrCat(
          "image must have 1 or 3 channels, got ", shape.DebugString()));
    }
    const int64_t wanted = format_ == "grayscale" ? 1 : 3;
    if (!format_.empty() && channels != wanted) {
      return absl::InvalidArgumentError(
          absl::StrCat("format ", format_, " expects ", wanted,
                       " channels, got ", shape.DebugString()));
    }
    options->channels = static_cast<int>(channels);
    return absl::OkStatus();
  }

  std::string format_;
  JpegEncoding options_;
};

// ---- Shapes ----

absl::StatusOr<int64_t> ChannelsDim(InferenceContext* c) {
  int64_t channels = 0;
  RG_RETURN_IF_ERROR(c->GetAttr("channels", &channels));
  if (channels < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("channels must be non-negative, got ", channels));
  }
  return channels == 0 ? kUnknownDim : channels;
}

absl::Status DecodeShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 0).status());
  RG_ASSIGN_OR_RETURN(const int64_t channels, ChannelsDim(c));
  c->set_output(0, Shape({kUnknownDim, kUnknownDim, channels}));
  return absl::OkStatus();
}

absl::Status DecodeAndCropShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 0).status());
  RG_ASSIGN_OR_RETURN(const int64_t channels, ChannelsDim(c));
  RG_ASSIGN_OR_RETURN(const Shape window, c->WithRank(c->input(1), 1));
  RG_RETURN_IF_ERROR(c->WithValue(c->Dim(window, 0), 4).status());
  int64_t height = kUnknownDim, width = kUnknownDim;
  if (const Tensor* edges = c->input_tensor(1); edges != nullptr) {
    height = edges->flat<int32_t>()[2];
    width = edges->flat<int32_t>()[3];
  }
  c->set_output(0, Shape({height, width, channels}));
  return absl::OkStatus();
}

absl::Status DecodeGifShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 0).status());
  c->set_output(0, Shape({kUnknownDim, kUnknownDim, kUnknownDim, 3}));
  return absl::OkStatus();
}

absl::Status ExtractShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 0).status());
  c->set_output(0, Shape({3}));
  return absl::OkStatus();
}

absl::Status EncodeShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 3).status());
  c->set_output(0, Shape({}));
  return absl::OkStatus();
}

absl::Status EncodeVariableShape(InferenceContext* c) {
  RG_RETURN_IF_ERROR(c->WithRank(c->input(0), 3).status());
  RG_RETURN_IF_ERROR(c->WithRank(c->input(1), 0).status());
  c->set_output(0, Shape({}));
  return absl::OkStatus();
}

void AddJpegAttrs(OpBuilder& op) {
  op.Attr("channels: int = 0")
      .Attr("ratio: int = 1")
      .Attr("fancy_upscaling: bool = true")
      .Attr("try_recover_truncated: bool = false")
      .Attr("acceptable_fraction: float = 1.0")
      .Attr("dct_method: string = ''");
}

void RegisterDecoders(OpRegistry* registry) {
  OpBuilder jpeg = registry->Op("DecodeJpeg");
  jpeg.Input("contents: string").Output("image: uint8");
  AddJpegAttrs(jpeg);
  jpeg.Shape(DecodeShape).Kernel({}, KernelOf<DecodeKernel>());
  OpBuilder crop = registry->Op("DecodeAndCropJpeg");
  crop.Input("contents: string").Input("crop_window: int32");
  crop.Output("image: uint8");
  AddJpegAttrs(crop);
  crop.Shape(DecodeAndCropShape).Kernel({}, KernelOf<DecodeKernel>());
  registry->Op("DecodePng")
      .Input("contents: string")
      .Output("image: dtype")
      .Attr("channels: int = 0")
      .Attr("dtype: {uint8, uint16} = DT_UINT8")
      .Shape(DecodeShape)
      .Kernel({}, KernelOf<DecodeKernel>());
  registry->Op("DecodeGif")
      .Input("contents: string")
      .Output("image: uint8")
      .Shape(DecodeGifShape)
      .Kernel({}, KernelOf<DecodeKernel>());
  registry->Op("DecodeBmp")
      .Input("contents: string")
      .Output("image: uint8")
      .Attr("channels: int = 0")
      .Shape(DecodeShape)
      .Kernel({}, KernelOf<DecodeBmpKernel>());
  registry->Op("ExtractJpegShape")
      .Input("contents: string")
      .Output("image_shape: output_type")
      .Attr("output_type: {int32, int64} = DT_INT32")
      .Shape(ExtractShape)
      .Kernel({}, StatelessKernel(ExtractJpegShapeKernel::Compute));
}

}  // namespace

void RegisterImageCodecOps(OpRegistry* registry) {
  RegisterDecoders(registry);
  registry->Op("EncodePng")
      .Input("image: T")
      .Output("contents: string")
      .Attr("compression: int = -1")
      .Attr("T: {uint8, uint16} = DT_UINT8")
      .Shape(EncodeShape)
      .Kernel({}, KernelOf<EncodePngKernel>());
  registry->Op("EncodeJpeg")
      .Input("image: uint8")
      .Output("contents: string")
      .Attr("format: {'', 'grayscale', 'rgb'} = ''")
      .Attr("quality: int = 95")
      .Attr("progressive: bool = false")
      .Attr("optimize_size: bool = false")
      .Attr("chroma_downsampling: bool = true")
      .Attr("density_unit: {'in', 'cm'} = 'in'")
      .Attr("x_density: int = 300")
      .Attr("y_density: int = 300")
      .Attr("xmp_metadata: string = ''")
      .Shape(EncodeShape)
      .Kernel({}, KernelOf<EncodeJpegKernel>());
  registry->Op("EncodeJpegVariableQuality")
      .Input("images: uint8")
      .Input("quality: int32")
      .Output("contents: string")
      .Shape(EncodeVariableShape)
      .Kernel({}, KernelOf<EncodeJpegKernel>());
}

}  // namespace retrograph
