"""tf.image: what is in the modules beside this one, and files of images."""
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import random_ops
from retrograph.ops import image_checks
from retrograph.ops.image_colors import (  # noqa: F401
    adjust_brightness, adjust_contrast, adjust_gamma, adjust_hue,
    adjust_saturation, convert_image_dtype, grayscale_to_rgb,
    per_image_standardization, random_brightness, random_contrast, random_hue,
    random_saturation, rgb_to_grayscale, total_variation)
from retrograph.ops.image_quality import (  # noqa: F401
    image_gradients, psnr, sobel_edges)
from retrograph.ops.image_geometry import (  # noqa: F401
    ResizeMethod, central_crop, crop_and_resize, crop_to_bounding_box,
    flip_left_right, flip_up_down, pad_to_bounding_box,
    random_flip_left_right, random_flip_up_down, resize, resize_area,
    resize_bicubic, resize_bilinear, resize_image_with_crop_or_pad,
    resize_image_with_pad, resize_images, resize_nearest_neighbor,
    resize_with_crop_or_pad, rot90, transpose,
    transpose_image)

_gen = op_library.gen

# Functions that are one op; made when they are asked for.
OPS = {"decode_and_crop_jpeg": "DecodeAndCropJpeg", "decode_bmp": "DecodeBmp",
       "decode_gif": "DecodeGif", "decode_jpeg": "DecodeJpeg",
       "decode_png": "DecodePng", "encode_jpeg": "EncodeJpeg",
       "encode_png": "EncodePng", "extract_jpeg_shape": "ExtractJpegShape",
       "hsv_to_rgb": "HSVToRGB", "rgb_to_hsv": "RGBToHSV"}


def __getattr__(name):
    if name not in OPS:
        raise AttributeError(name)
    return op_library.function(OPS[name], name)


def is_jpeg(contents, name=None):
    """Whether a scalar string begins as a JPEG file does."""
    with ops.name_scope(name, "is_jpeg"):
        return _gen.equal(_gen.substr(contents, 0, 3), b"\xff\xd8\xff",
                          name=name)


def _is_png(contents):
    with ops.name_scope(None, "is_png"):
        return _gen.equal(_gen.substr(contents, 0, 3), b"\211PN")


def _allowed(channels, excluded, kind, listed):
    """An assertion for each number of channels that a kind has not."""
    good = [_gen.not_equal(0 if channels is None else channels, number,
                           name="check_%schannels" % kind)
            for number in excluded]
    return control_flow_ops.Assert(
        good[0] if len(good) == 1 else _gen.logical_and(*good), [
            "Channels must be in (None, %s) when decoding %s images" % listed])


def decode_image(contents, channels=None, dtype=dtypes.uint8, name=None,
                 expand_animations=True):
    """The pixels of a JPEG, PNG, GIF or BMP file.

    Parameters
    ----------
    contents
        The file.
    channels
        How many are wanted; None or 0 for as many as there are.
    dtype
        Of the result.
    expand_animations
        A GIF gives all of its frames, in one more dimension;
        False: the first.
    """
    with ops.name_scope(name, "decode_image"):
        if channels not in (None, 0, 1, 3, 4):
            raise ValueError("channels must be in (None, 0, 1, 3, 4)")
        start = _gen.substr(contents, 0, 3)

        def bmp():
            signature = _gen.substr(contents, 0, 2)
            is_bmp = _gen.equal(signature, "BM", name="is_bmp")
            known = control_flow_ops.Assert(is_bmp, [
                "Unable to decode bytes as JPEG, PNG, GIF, or BMP"])
            good = _allowed(channels, [1], "", ("0, 3", "BMP"))
            with ops.control_dependencies([known, good]):
                return convert_image_dtype(_gen.decode_bmp(contents), dtype)

        def gif():
            good = _allowed(channels, [1, 4], "gif_", ("0, 3", "GIF"))
            with ops.control_dependencies([good]):
                frames = convert_image_dtype(_gen.decode_gif(contents), dtype)
                return frames if expand_animations else \
                    array_ops.gather(frames, 0)

        def check_gif():
            is_gif = _gen.equal(start, b"GIF", name="is_gif")
            return control_flow_ops.cond(is_gif, gif, bmp, name="cond_gif")

        def png():
            stored = dtypes.uint8 if dtype == dtypes.uint8 else dtypes.uint16
            return convert_image_dtype(
                _gen.decode_png(contents, channels, dtype=stored), dtype)

        def check_png():
            return control_flow_ops.cond(_is_png(contents), png, check_gif,
                                         name="cond_png")

        def jpeg():
            good = _allowed(channels, [4], "jpeg_", ("0, 1, 3", "JPEG"))
            with ops.control_dependencies([good]):
                return convert_image_dtype(
                    _gen.decode_jpeg(contents, channels), dtype)
        return control_flow_ops.cond(is_jpeg(contents), jpeg, check_png,
                                     name="cond_jpeg")


def adjust_jpeg_quality(image, jpeg_quality, name=None):
    """What is left of an image that was a JPEG file of that quality."""
    with ops.name_scope(name, "adjust_jpeg_quality", [image]):
        image = ops.convert_to_tensor(image, name="image")
        dtype = image.dtype
        image = convert_image_dtype(image, dtypes.uint8)
        if not image_checks.is_tensor(jpeg_quality):
            jpeg_quality = ops.convert_to_tensor(jpeg_quality,
                                                 dtype=dtypes.int32)
        file = op_library.apply_op("EncodeJpegVariableQuality", images=image,
                                   quality=jpeg_quality)
        return convert_image_dtype(_gen.decode_jpeg(file), dtype)


def random_jpeg_quality(image, min_jpeg_quality, max_jpeg_quality, seed=None):
    """The image as JPEG keeps it at a random quality."""
    bounds = min_jpeg_quality, max_jpeg_quality
    if min(bounds) < 0 or max(bounds) > 100:
        raise ValueError("jpeg encoding range must be between 0 and 100.")
    if min_jpeg_quality >= max_jpeg_quality:
        raise ValueError("`min_jpeg_quality` must be less than "
                         "`max_jpeg_quality`.")
    return adjust_jpeg_quality(image, random_ops.random_uniform(
        [], min_jpeg_quality, max_jpeg_quality, seed=seed,
        dtype=dtypes.int32))
