"""How pictures differ, and where they change."""
import numpy as np

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import conv_ops
from retrograph.ops import math_ops
from retrograph.ops.image_colors import convert_image_dtype

_gen = op_library.gen


def _checks_of_shapes(a, b):
    """Operations that fail unless a and b are pictures of one size."""
    static = a.shape.with_rank_at_least(3), b.shape.with_rank_at_least(3)
    static[0][-3:].assert_is_compatible_with(static[1][-3:])
    if static[0].ndims is not None and static[1].ndims is not None:
        for one, other in zip(reversed(static[0].dims[:-3]),
                              reversed(static[1].dims[:-3])):
            if not (one == 1 or other == 1 or one.is_compatible_with(other)):
                raise ValueError("Two images are not compatible: %s and %s"
                                 % static)
    shapes = _gen.shape_n([a, b])
    return [
        control_flow_ops.Assert(
            _gen.greater_equal(array_ops.size(shapes[0]), 3), shapes,
            summarize=10),
        control_flow_ops.Assert(
            math_ops.reduce_all(_gen.equal(shapes[0][-3:], shapes[1][-3:])),
            shapes, summarize=10)]


def psnr(a, b, max_val, name=None):
    """The peak signal-to-noise ratio of pictures, in decibels.

    Parameters
    ----------
    a, b : Tensor
        [..., height, width, depth].
    max_val : number
        The range of their values.
    name : str, optional

    Returns
    -------
    Tensor
        float32 of shape [...].

    Raises
    ------
    ValueError
        If the pictures are not of one size.
    """
    with ops.name_scope(name, "PSNR", [a, b]):
        max_val = math_ops.cast(max_val, a.dtype)
        max_val = convert_image_dtype(max_val, dtypes.float32)
        a = convert_image_dtype(a, dtypes.float32)
        b = convert_image_dtype(b, dtypes.float32)
        error = math_ops.reduce_mean(math_ops.squared_difference(a, b),
                                     [-3, -2, -1])
        ratio = math_ops.subtract(
            20 * _gen.log(max_val) / _gen.log(10.0),
            np.float32(10 / np.log(10)) * _gen.log(error), name="psnr")
        with ops.control_dependencies(_checks_of_shapes(a, b)):
            return array_ops.identity(ratio)


def sobel_edges(image):
    """How pictures change downwards and to the right.

    Parameters
    ----------
    image : Tensor
        [batch, height, width, depth], float32 or float64.

    Returns
    -------
    Tensor
        [batch, height, width, depth, 2].
    """
    shape = array_ops.shape(image)
    down = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
    kernels = np.stack([down, down.T], axis=-1)[:, :, np.newaxis, :]
    kernels = array_ops.tile(
        constant_op.constant(kernels, dtype=image.dtype),
        [1, 1, shape[-1], 1], name="sobel_filters")
    padded = array_ops.pad(image, [[0, 0], [1, 1], [1, 1], [0, 0]],
                           mode="REFLECT")
    edges = conv_ops.depthwise_conv2d(padded, kernels, [1, 1, 1, 1], "VALID")
    edges = array_ops.reshape(edges, array_ops.concat([shape, [2]], 0))
    edges.set_shape(image.shape.concatenate([2]))
    return edges


def image_gradients(image):
    """Differences of each pixel and the next one, downwards and to the right.

    Parameters
    ----------
    image : Tensor
        [batch, height, width, depth].

    Returns
    -------
    (Tensor, Tensor)
        Of the picture's shape; the last row, or column, is zero.

    Raises
    ------
    ValueError
        If it is not of rank 4.
    """
    if image.shape.ndims != 4:
        raise ValueError("image_gradients expects a 4D tensor "
                         "[batch_size, h, w, d], not %s.", image.shape)
    shape = array_ops.shape(image)
    batch, height, width, depth = array_ops.unstack(shape)
    down = image[:, 1:, :, :] - image[:, :-1, :, :]
    right = image[:, :, 1:, :] - image[:, :, :-1, :]

    def filled(change, zeros, axis):
        zeros = array_ops.zeros(array_ops.stack(zeros), image.dtype)
        return array_ops.reshape(array_ops.concat([change, zeros], axis),
                                 shape)
    down = filled(down, [batch, 1, width, depth], 1)
    return down, filled(right, [batch, height, 1, depth], 2)
