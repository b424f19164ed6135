"""tf.image: colours, and the types that numbers of images have."""
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import image_checks
from retrograph.ops import math_ops
from retrograph.ops import random_ops

_gen = op_library.gen
_FLOATS = (dtypes.float16, dtypes.float32)


def convert_image_dtype(image, dtype, saturate=False, name=None):
    """The image in numbers of another type.

    The whole range of an integer type is [0, 1] of a float type.

    Parameters
    ----------
    image
        Of any type of numbers.
    dtype
        Float or integer.
    saturate
        What is out of range becomes the nearest that is in it.
    """
    image = ops.convert_to_tensor(image, name="image")
    dtype = dtypes.as_dtype(dtype)
    if not dtype.is_floating and not dtype.is_integer:
        raise AttributeError("dtype must be either floating point or integer")
    if dtype == image.dtype:
        return array_ops.identity(image, name=name)
    cast = math_ops.saturate_cast if saturate else math_ops.cast
    with ops.name_scope(name, "convert_image", [image]) as name:
        if image.dtype.is_integer and dtype.is_integer:
            return _between_integers(image, dtype, cast, name)
        if image.dtype.is_floating and dtype.is_floating:
            return math_ops.cast(image, dtype, name=name)
        if image.dtype.is_integer:
            floats = math_ops.cast(image, dtype)
            return math_ops.multiply(floats, 1. / image.dtype.max, name=name)
        # Cut off, the largest number must not become the one above.
        scaled = math_ops.multiply(image, dtype.max + 0.5)
        return cast(scaled, dtype, name=name)


def _between_integers(image, dtype, cast, name):
    old, new = image.dtype.max, dtype.max
    if old > new:
        scaled = math_ops.div(image, (old + 1) // (new + 1))
        return cast(scaled, dtype, name=name)
    return math_ops.multiply(cast(image, dtype), (new + 1) // (old + 1),
                             name=name)


def _as_floats(image):
    return image if image.dtype in _FLOATS else \
        convert_image_dtype(image, dtypes.float32)


def rgb_to_grayscale(images, name=None):
    """Images [..., 3] as [..., 1], by what the eye sees."""
    with ops.name_scope(name, "rgb_to_grayscale", [images]) as name:
        images = ops.convert_to_tensor(images, name="images")
        dtype = images.dtype
        floats = convert_image_dtype(images, dtypes.float32)
        gray = math_ops.tensordot(floats, [0.2989, 0.5870, 0.1140], [-1, -1])
        gray = array_ops.expand_dims(gray, -1)
        return convert_image_dtype(gray, dtype, name=name)


def grayscale_to_rgb(images, name=None):
    """Images [..., 1] as [..., 3]."""
    with ops.name_scope(name, "grayscale_to_rgb", [images]) as name:
        images = image_checks.checked_grayscale(images)
        images = ops.convert_to_tensor(images, name="images")
        others = array_ops.expand_dims(array_ops.rank(images) - 1, 0)
        multiples = array_ops.concat(
            [array_ops.ones(others, dtype=dtypes.int32)] +
            [array_ops.expand_dims(3, 0)], 0)
        rgb = array_ops.tile(images, multiples, name=name)
        rgb.set_shape(images.shape[:-1].concatenate([3]))
        return rgb


# ---- Light ------------------------------------------------------------------

def per_image_standardization(image):
    """Every image with mean 0 and variance 1."""
    with ops.name_scope(None, "per_image_standardization", [image]) as scope:
        image = image_checks.checked_3d(
            ops.convert_to_tensor(image, name="image"))
        dtype = image.dtype
        image = _as_floats(image)
        axes = [-1, -2, -3]
        pixels = math_ops.reduce_prod(array_ops.shape(image)[-3:])
        mean = math_ops.reduce_mean(image, axis=axes, keepdims=True)
        deviation = math_ops.reduce_std(image, axis=axes, keepdims=True)
        # An image of one colour stays what it is.
        least = _gen.rsqrt(math_ops.cast(pixels, image.dtype))
        divisor = _gen.maximum(deviation, least)
        image -= mean
        image = math_ops.div(image, divisor, name=scope)
        return convert_image_dtype(image, dtype, saturate=True)


def _random(image, lower, upper, seed, adjust):
    return adjust(image, random_ops.random_uniform([], lower, upper,
                                                   seed=seed))


def _check_delta(max_delta):
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")


def _check_range(lower, upper):
    if upper <= lower:
        raise ValueError("upper must be > lower.")
    if lower < 0:
        raise ValueError("lower must be non-negative.")


def random_brightness(image, max_delta, seed=None):
    """adjust_brightness by up to max_delta; ValueError if that is negative."""
    _check_delta(max_delta)
    return _random(image, -max_delta, max_delta, seed, adjust_brightness)


def random_contrast(image, lower, upper, seed=None):
    """adjust_contrast by a random factor.

    ValueError unless 0 <= lower < upper.
    """
    _check_range(lower, upper)
    return _random(image, lower, upper, seed, adjust_contrast)


def random_hue(image, max_delta, seed=None):
    """adjust_hue by up to max_delta; ValueError unless that is in [0, 0.5]."""
    if max_delta > 0.5:
        raise ValueError("max_delta must be <= 0.5.")
    _check_delta(max_delta)
    return _random(image, -max_delta, max_delta, seed, adjust_hue)


def random_saturation(image, lower, upper, seed=None):
    """adjust_saturation by a random factor.

    ValueError unless 0 <= lower < upper.
    """
    _check_range(lower, upper)
    return _random(image, lower, upper, seed, adjust_saturation)


def adjust_brightness(image, delta):
    """The image with `delta` added, in the scale of floats from 0 to 1."""
    with ops.name_scope(None, "adjust_brightness", [image, delta]) as name:
        image = ops.convert_to_tensor(image, name="image")
        floats = _as_floats(image)
        brighter = math_ops.add(floats, math_ops.cast(delta, floats.dtype),
                                name=name)
        return convert_image_dtype(brighter, image.dtype, saturate=True)


def adjust_contrast(images, contrast_factor):
    """Every number farther from its channel's mean, or nearer."""
    with ops.name_scope(None, "adjust_contrast",
                        [images, contrast_factor]) as name:
        images = ops.convert_to_tensor(images, name="images")
        adjusted = op_library.apply_op(
            "AdjustContrastv2", name, images=_as_floats(images),
            contrast_factor=contrast_factor)
        return convert_image_dtype(adjusted, images.dtype, saturate=True)


def adjust_gamma(image, gamma=1, gain=1):
    """gain * image ** gamma; ValueError if gamma is negative."""
    with ops.name_scope(None, "adjust_gamma", [image, gamma, gain]):
        image = ops.convert_to_tensor(image, name="image")
        floats = _as_floats(image)
        checks = image_checks.require(
            gamma >= 0, "Gamma should be a non-negative real number.")
        if checks:
            gamma = control_flow_ops.with_dependencies(checks, gamma)
        return convert_image_dtype(gain * floats**gamma, image.dtype,
                                   saturate=True)


def _adjust(op_type, default_name):
    def adjust(image, factor, name=None):
        with ops.name_scope(name, default_name, [image]):
            image = ops.convert_to_tensor(image, name="image")
            floats = _as_floats(image)
            # The second input has another name in each op.
            adjusted = op_library.function(op_type)(floats, factor)
            return convert_image_dtype(adjusted, image.dtype)
    return adjust


_hue = _adjust("AdjustHue", "adjust_hue")
_saturation = _adjust("AdjustSaturation", "adjust_saturation")


def adjust_hue(image, delta, name=None):
    """RGB images [..., 3] with `delta`, from -1 to 1, added to the hue."""
    return _hue(image, delta, name)


def adjust_saturation(image, saturation_factor, name=None):
    """RGB images [..., 3] with their saturation multiplied."""
    return _saturation(image, saturation_factor, name)


# ---- Variation --------------------------------------------------------------

def total_variation(images, name=None):
    """How much neighbouring pixels differ, summed up."""
    with ops.name_scope(name, "total_variation"):
        rank = images.shape.rank
        if rank == 3:
            below = images[1:, :, :] - images[:-1, :, :]
            beside = images[:, 1:, :] - images[:, :-1, :]
            axes = None
        elif rank == 4:
            below = images[:, 1:, :, :] - images[:, :-1, :, :]
            beside = images[:, :, 1:, :] - images[:, :, :-1, :]
            axes = [1, 2, 3]
        else:
            raise ValueError("'images' must be either 3 or 4-dimensional.")
        return (math_ops.reduce_sum(math_ops.abs(below), axis=axes) +
                math_ops.reduce_sum(math_ops.abs(beside), axis=axes))
