"""tf.image: images turned, cut, padded and resized."""
import builtins

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import image_checks
from retrograph.ops import math_ops
from retrograph.ops import random_ops
from retrograph.ops.array_ops import deprecated_argument
from retrograph.ops.image_checks import is_tensor
from retrograph.ops.image_checks import require

_gen = op_library.gen


# ---- Turning ----------------------------------------------------------------

def _with_shape_of(image, result):
    result.set_shape([None] * 3 if image.shape.rank is None else image.shape)
    return result


def _by_rank(image, single, batch):
    """What single() or batch() makes of an image or a batch of images."""
    rank = image.shape.rank
    if rank in (3, None):
        return single()
    if rank == 4:
        return batch()
    raise image_checks.wrong_rank()


def _flip(image, axis, scope):
    with ops.name_scope(None, scope, [image]):
        image = image_checks.checked_3d(
            ops.convert_to_tensor(image, name="image"))
        return _by_rank(
            image,
            lambda: _with_shape_of(image, _gen.reverse_v2(image, [axis])),
            lambda: _gen.reverse_v2(image, [axis + 1]))


def flip_left_right(image):
    """The image [height, width, channels], or a batch, mirrored."""
    return _flip(image, 1, "flip_left_right")


def flip_up_down(image):
    """The image [height, width, channels], or a batch, upside down."""
    return _flip(image, 0, "flip_up_down")


def _random_flip(image, axis, seed, scope_name):
    with ops.name_scope(None, scope_name, [image]) as scope:
        image = image_checks.checked_3d(
            ops.convert_to_tensor(image, name="image"))

        def single():
            chance = random_ops.random_uniform([], 0, 1.0, seed=seed)
            return _with_shape_of(image, control_flow_ops.cond(
                _gen.less(chance, .5),
                lambda: _gen.reverse_v2(image, [axis]), lambda: image,
                name=scope))

        def batch():
            count = array_ops.shape(image)[0]
            chance = random_ops.random_uniform([count], 0, 1.0, seed=seed)
            flips = math_ops.round(
                array_ops.reshape(chance, [count, 1, 1, 1]))
            flips = math_ops.cast(flips, image.dtype)
            flipped = _gen.reverse_v2(image, [axis + 1])
            return flips * flipped + (1 - flips) * image
        return _by_rank(image, single, batch)


def random_flip_left_right(image, seed=None):
    """The image, or with a chance of one half its mirror image."""
    return _random_flip(image, 1, seed, "random_flip_left_right")


def random_flip_up_down(image, seed=None):
    """The image or, each other time, the image upside down."""
    return _random_flip(image, 0, seed, "random_flip_up_down")


def transpose(image, name=None):
    """The image, rows and columns exchanged."""
    with ops.name_scope(name, "transpose", [image]):
        image = image_checks.checked_3d(
            ops.convert_to_tensor(image, name="image"))
        return _by_rank(
            image,
            lambda: array_ops.transpose(image, [1, 0, 2], name=name),
            lambda: array_ops.transpose(image, [0, 2, 1, 3], name=name))


transpose_image = transpose


def rot90(image, k=1, name=None):
    """Turned to the left, k times by 90 degrees."""
    with ops.name_scope(name, "rot90", [image, k]) as scope:
        image = image_checks.checked_3d(
            ops.convert_to_tensor(image, name="image"))
        k = ops.convert_to_tensor(k, dtype=dtypes.int32, name="k")
        k.shape.assert_has_rank(0)
        k = math_ops.mod(k, 4)
        turned = _by_rank(image, lambda: _turned(image, k, 0, scope),
                          lambda: _turned(image, k, 1, scope))
        shape = (image if image.shape.rank != 4 else turned).shape
        turned.set_shape([shape[0]] * (shape.rank == 4) +
                         [None, None, shape[-1] if shape.rank else None])
        return turned


def _turned(image, k, y, scope):
    """One of the four, by k; y is the number of the axis."""
    x = y + 1
    swapped = [0, 2, 1, 3] if y else [1, 0, 2]
    turns = [
        lambda: array_ops.transpose(_gen.reverse_v2(image, [x]), swapped),
        lambda: _gen.reverse_v2(image, [y, x]),
        lambda: _gen.reverse_v2(array_ops.transpose(image, swapped), [x])]
    cases = [(_gen.equal(k, i + 1), turn) for i, turn in enumerate(turns)]
    return control_flow_ops.case(cases, default=lambda: image, exclusive=True,
                                 name=scope)


# ---- Cutting and padding ----------------------------------------------------

def central_crop(image, central_fraction):
    """The middle of an image, a part of its height and width."""
    with ops.name_scope(None, "central_crop", [image]):
        image = ops.convert_to_tensor(image, name="image")
        if central_fraction <= 0.0 or central_fraction > 1.0:
            raise ValueError("central_fraction must be within (0, 1]")
        if central_fraction == 1.0:
            return image
        image_checks.checked_3d(image)
        rank = image.shape.rank
        if rank not in (3, 4):
            raise ValueError("`image` should either be a Tensor with rank = 3 "
                             "or rank = 4. Had rank = %s." % rank)
        return _central_crop(image, rank, central_fraction)


def _central_crop(image, rank, fraction):
    first = rank - 3
    # As TensorFlow: the shapes of both axes before what is computed of them.
    sizes = []
    for axis in (first, first + 1):
        known = image.shape.as_list()[axis]
        sizes.append((array_ops.shape(image)[axis], True) if known is None
                     else (known, False))
    starts = []
    for size, dynamic in sizes:
        if dynamic:
            number = math_ops.cast(size, dtypes.float64)
            starts.append(math_ops.cast((number - number * fraction) / 2,
                                        dtypes.int32))
        else:
            number = float(size)
            starts.append(int((number - number * fraction) / 2))
    lengths = [size - start * 2 for (size, _), start in zip(sizes, starts)]
    begin = array_ops.stack([0] * first + starts + [0])
    size = array_ops.stack([-1] * first + lengths + [-1])
    shape = image.shape
    image = array_ops.slice(image, begin, size)
    image.set_shape(list(shape[:first]) + [
        None if dynamic else length
        for (_, dynamic), length in zip(sizes, lengths)] + [shape[rank - 1]])
    return image


def pad_to_bounding_box(image, offset_height, offset_width, target_height,
                        target_width):
    """The image at a place in a larger one of zeros."""
    with ops.name_scope(None, "pad_to_bounding_box", [image]):
        image = ops.convert_to_tensor(image, name="image")
        image, alone = image_checks.as_batch(image)
        checks = image_checks.at_least_3d(image)
        batch, height, width, depth = image_checks.dimensions(image, rank=4)
        right = target_width - offset_width - width
        below = target_height - offset_height - height
        checks += require(offset_height >= 0, "offset_height must be >= 0")
        checks += require(offset_width >= 0, "offset_width must be >= 0")
        checks += require(right >= 0, "width must be <= target - offset")
        checks += require(below >= 0, "height must be <= target - offset")
        image = control_flow_ops.with_dependencies(checks, image)
        paddings = array_ops.reshape(
            array_ops.stack([0, 0, offset_height, below, offset_width, right,
                             0, 0]), [4, 2])
        padded = array_ops.pad(image, paddings)
        padded.set_shape(image_checks.known_sizes(
            [batch, target_height, target_width, depth]))
        return array_ops.squeeze(padded, axis=[0]) if alone else padded


def crop_to_bounding_box(image, offset_height, offset_width, target_height,
                         target_width):
    """A part of the image."""
    with ops.name_scope(None, "crop_to_bounding_box", [image]):
        image = ops.convert_to_tensor(image, name="image")
        image, alone = image_checks.as_batch(image)
        checks = image_checks.at_least_3d(image)
        batch, height, width, depth = image_checks.dimensions(image, rank=4)
        checks += require(offset_width >= 0, "offset_width must be >= 0.")
        checks += require(offset_height >= 0, "offset_height must be >= 0.")
        checks += require(target_width > 0, "target_width must be > 0.")
        checks += require(target_height > 0, "target_height must be > 0.")
        checks += require(width >= target_width + offset_width,
                          "width must be >= target + offset.")
        checks += require(height >= target_height + offset_height,
                          "height must be >= target + offset.")
        image = control_flow_ops.with_dependencies(checks, image)
        cropped = array_ops.slice(
            image, array_ops.stack([0, offset_height, offset_width, 0]),
            array_ops.stack([-1, target_height, target_width, -1]))
        cropped.set_shape(image_checks.known_sizes(
            [batch, target_height, target_width, depth]))
        return array_ops.squeeze(cropped, axis=[0]) if alone else cropped


def _of_two(tensors, numbers):
    """A function of two, by an op if one of them is a tensor."""
    def choose(x, y):
        return tensors(x, y) if is_tensor(x) or is_tensor(y) else numbers(x, y)
    return choose


_max = _of_two(lambda x, y: _gen.maximum(x, y), builtins.max)
_min = _of_two(lambda x, y: _gen.minimum(x, y), builtins.min)
_equal = _of_two(lambda x, y: _gen.equal(x, y), lambda x, y: x == y)


def resize_image_with_crop_or_pad(image, target_height, target_width):
    """The image's middle, or the image in the middle of zeros."""
    with ops.name_scope(None, "resize_image_with_crop_or_pad", [image]):
        image = ops.convert_to_tensor(image, name="image")
        image, alone = image_checks.as_batch(image)
        checks = image_checks.at_least_3d(image)
        checks += require(target_width > 0, "target_width must be > 0.")
        checks += require(target_height > 0, "target_height must be > 0.")
        image = control_flow_ops.with_dependencies(checks, image)
        if is_tensor(target_height):
            target_height = control_flow_ops.with_dependencies(checks,
                                                               target_height)
        if is_tensor(target_width):
            target_width = control_flow_ops.with_dependencies(checks,
                                                              target_width)
        resized = _crop_and_pad(image, target_height, target_width)
        return array_ops.squeeze(resized, axis=[0]) if alone else resized


def _crop_and_pad(image, target_height, target_width):
    _, height, width, _ = image_checks.dimensions(image, rank=4)
    more = target_width - width
    crop_x, pad_x = _max(-more // 2, 0), _max(more // 2, 0)
    more = target_height - height
    crop_y, pad_y = _max(-more // 2, 0), _max(more // 2, 0)
    image = crop_to_bounding_box(image, crop_y, crop_x,
                                 _min(target_height, height),
                                 _min(target_width, width))
    image = pad_to_bounding_box(image, pad_y, pad_x, target_height,
                                target_width)
    if image.shape.rank is None:
        raise ValueError("resized contains no shape.")
    _, height, width, _ = image_checks.dimensions(image, rank=4)
    checks = require(_equal(height, target_height),
                     "resized height is not correct.")
    checks += require(_equal(width, target_width),
                      "resized width is not correct.")
    return control_flow_ops.with_dependencies(checks, image)


resize_with_crop_or_pad = resize_image_with_crop_or_pad


# ---- Resizing ---------------------------------------------------------------

class ResizeMethod:
    """How an image is resized."""

    BILINEAR = 0
    NEAREST_NEIGHBOR = 1
    BICUBIC = 2
    AREA = 3


_RESIZERS = {
    0: "ResizeBilinear", "bilinear": "ResizeBilinear",
    1: "ResizeNearestNeighbor", "nearest": "ResizeNearestNeighbor",
    2: "ResizeBicubic", "bicubic": "ResizeBicubic",
    3: "ResizeArea", "area": "ResizeArea"}


def resize_images(images, size, method=ResizeMethod.BILINEAR,
                  align_corners=False, preserve_aspect_ratio=False, name=None):
    """Images of another size.

    Parameters
    ----------
    images
        An image [height, width, channels], or a batch of such.
    size
        The new height and width.
    method
        One of ResizeMethod.
    align_corners
        The corners' pixels stay where they are.
    preserve_aspect_ratio
        To the largest size of the same form in `size`.

    Returns: float32, but for NEAREST_NEIGHBOR; the images themselves if they
    have the size already.
    """
    with ops.name_scope(name, "resize", [images, size]):
        images = ops.convert_to_tensor(images, name="images")
        rank = images.shape.rank
        if rank is None:
            raise ValueError("'images' contains no shape.")
        if rank not in (3, 4):
            raise ValueError("'images' must have either 3 or 4 dimensions.")
        if rank == 3:
            images = array_ops.expand_dims(images, 0)
        size = _size_tensor(size)
        if preserve_aspect_ratio:
            size = _size_that_fits(images, size)
        new_size = constant_op.constant_value_as_shape(size).as_list()
        if None in new_size or new_size != images.shape.as_list()[1:3]:
            if method not in _RESIZERS:
                raise ValueError("Resize method is not implemented.")
            images = op_library.apply_op(
                _RESIZERS[method], images=images, size=size,
                align_corners=align_corners)
            images.set_shape([None] + new_size + [None])
        return array_ops.squeeze(images, axis=[0]) if rank == 3 else images


resize = resize_images


def _size_tensor(size):
    try:
        size = ops.convert_to_tensor(size, dtypes.int32, name="size")
    except (TypeError, ValueError):
        raise ValueError("'size' must be a 1-D int32 Tensor")
    if not size.shape.is_compatible_with([2]):
        raise ValueError("'size' must be a 1-D Tensor of 2 elements: "
                         "new_height, new_width")
    return size


def _size_that_fits(images, size):
    """The largest size of the images' form in `size`, which is known."""
    wanted = constant_op.constant_value_as_shape(size).as_list()
    _, *current = image_checks.dimensions(images, rank=4)
    factor = _gen.minimum(*[
        math_ops.cast(new, dtypes.float32) / math_ops.cast(old, dtypes.float32)
        for new, old in zip(wanted, current[:2])])
    sizes = [math_ops.cast(
        math_ops.round(factor * math_ops.cast(old, dtypes.float32)),
        dtypes.int32) for old in current[:2]]
    return ops.convert_to_tensor(sizes, dtypes.int32, name="size")


def resize_image_with_pad(image, target_height, target_width,
                          method=ResizeMethod.BILINEAR, align_corners=False):
    """Resized to what fits, in the middle of zeros."""
    with ops.name_scope(None, "resize_image_with_pad", [image]):
        image = ops.convert_to_tensor(image, name="image")
        image, alone = image_checks.as_batch(image)
        checks = image_checks.at_least_3d(image)
        checks += require(target_width > 0, "target_width must be > 0.")
        checks += require(target_height > 0, "target_height must be > 0.")
        image = control_flow_ops.with_dependencies(checks, image)
        _, height, width, _ = image_checks.dimensions(image, rank=4)
        size, offset = _fit(height, width, target_height, target_width)
        padded = pad_to_bounding_box(
            resize_images(image, size, method, align_corners=align_corners),
            offset[0], offset[1], target_height, target_width)
        if padded.shape.rank is None:
            raise ValueError("padded contains no shape.")
        image_checks.dimensions(padded, rank=4)
        return array_ops.squeeze(padded, axis=[0]) if alone else padded


def _fit(height, width, target_height, target_width):
    """Size and place of an image as large as fits."""
    old, new = [[math_ops.cast(n, dtype=dtypes.float64) for n in pair]
                for pair in ((height, width), (target_height, target_width))]
    ratio = _max(old[1] / new[1], old[0] / new[0])
    fitted = [n / ratio for n in old]
    size = [math_ops.cast(_gen.floor(n), dtype=dtypes.int32) for n in fitted]
    rest = [(n - m) / 2 for n, m in zip(new, fitted)]
    rest = [_gen.floor(n) for n in rest]
    offset = [_max(0, math_ops.cast(n, dtype=dtypes.int32)) for n in rest]
    return size, offset


def _resizer(op_type):
    def resize(images, size, align_corners=False, name=None,
               half_pixel_centers=False):
        return op_library.apply_op(op_type, name, images=images, size=size,
                                   align_corners=align_corners,
                                   half_pixel_centers=half_pixel_centers)
    resize.__doc__ = (
        "The images [batch, height, width, channels] in another size: the op "
        "%s.\n\n`size` is (height, width), int32." % op_type)
    return resize


resize_bilinear = _resizer("ResizeBilinear")
resize_bicubic = _resizer("ResizeBicubic")
resize_nearest_neighbor = _resizer("ResizeNearestNeighbor")


def resize_area(images, size, align_corners=False, name=None):
    """The images in another size, each pixel the mean of those it covers."""
    return _gen.resize_area(images, size, align_corners=align_corners,
                            name=name)


def crop_and_resize(image, boxes, box_ind=None, crop_size=None,
                    method="bilinear", extrapolation_value=0, name=None,
                    box_indices=None):
    """Boxes of images, each resized to one size."""
    box_ind = deprecated_argument("box_indices", box_indices, "box_ind",
                                  box_ind)
    return _gen.crop_and_resize(image, boxes, box_ind, crop_size, method,
                                extrapolation_value, name)
