"""tf.nn.moments, batch_normalization and their kin."""
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import math_ops
from retrograph.ops.array_ops import deprecated_argument

_gen = op_library.gen

# What cuDNN asks for at least; TensorFlow has it on the CPU, too.
_LEAST_EPSILON = 1.001e-5


def _kept(keepdims, keep_dims):
    return bool(deprecated_argument("keepdims", keepdims, "keep_dims",
                                    keep_dims))


def _as(dtype, *values):
    return tuple(math_ops.cast(value, dtype) for value in values)


def _squeezed(axes, *values):
    return tuple(array_ops.squeeze(value, axes) for value in values)


def moments(x, axes, shift=None, name=None, keep_dims=None, keepdims=None):
    """The mean and the variance of `x` over some axes."""
    keep = _kept(keepdims, keep_dims)
    with ops.name_scope(name, "moments", [x, axes]):
        narrow = x.dtype == dtypes.float16
        y = math_ops.cast(x, dtypes.float32) if narrow else x
        mean = math_ops.reduce_mean(y, axes, keepdims=True, name="mean")
        deviation = _gen.squared_difference(y, array_ops.stop_gradient(mean))
        variance = math_ops.reduce_mean(deviation, axes, keepdims=True,
                                        name="variance")
        if not keep:
            mean, variance = _squeezed(axes, mean, variance)
        return (_as(dtypes.float16, mean, variance) if narrow
                else (mean, variance))


def weighted_moments(x, axes, frequency_weights, name=None, keep_dims=None,
                     keepdims=None):
    """As moments(), each element counted as often as its weight says."""
    keep = _kept(keepdims, keep_dims)
    with ops.name_scope(name, "weighted_moments",
                        [x, frequency_weights, axes]):
        x = ops.convert_to_tensor(x, name="x")
        weights = ops.convert_to_tensor(frequency_weights,
                                        name="frequency_weights")
        narrow = x.dtype == dtypes.float16
        if narrow:
            x = math_ops.cast(x, dtypes.float32)
        if weights.dtype != x.dtype:
            weights = math_ops.cast(weights, x.dtype)
        total = math_ops.reduce_sum(weights * x, axes, keepdims=True,
                                    name="weighted_input_sum")
        # A weight for each element of x.
        spread = weights + array_ops.zeros_like(x)
        count = math_ops.reduce_sum(spread, axes, keepdims=True,
                                    name="sum_of_weights")
        inverse = _gen.reciprocal(count, name="inv_weight_sum")
        mean = math_ops.multiply(total, inverse)
        deviation = math_ops.reduce_sum(
            weights * _gen.squared_difference(x, mean), axes, keepdims=True,
            name="weighted_distsq")
        variance = math_ops.multiply(deviation, inverse)
        if not keep:
            mean, variance = _squeezed(axes, mean, variance)
        return (_as(dtypes.float16, mean, variance) if narrow
                else (mean, variance))


def sufficient_statistics(x, axes, shift=None, keep_dims=None, name=None,
                          keepdims=None):
    """(count, sum, sum of squares, shift) of `x` over some axes."""
    axes = list(set(axes))
    keep = _kept(keepdims, keep_dims)
    with ops.name_scope(name, "sufficient_statistics", [x, shift]):
        x = ops.convert_to_tensor(x, name="x")
        dims = x.shape.as_list() if x.shape.rank is not None else None
        if dims is not None and all(dims[a] is not None for a in axes):
            count = 1
            for axis in axes:
                count *= dims[axis]
            count = constant_op.constant(count, dtype=x.dtype)
        else:
            sizes = array_ops.gather(
                math_ops.cast(array_ops.shape(x), x.dtype), axes)
            count = math_ops.reduce_prod(sizes, name="count")
        if shift is None:
            terms, squares = x, _gen.square(x)
        else:
            shift = ops.convert_to_tensor(shift, name="shift")
            terms = math_ops.subtract(x, shift)
            squares = _gen.squared_difference(x, shift)
        total = math_ops.reduce_sum(terms, axes, keepdims=keep,
                                    name="mean_ss")
        total_of_squares = math_ops.reduce_sum(squares, axes, keepdims=keep,
                                               name="var_ss")
    return count, total, total_of_squares, shift


def normalize_moments(counts, mean_ss, variance_ss, shift, name=None):
    """The mean and the variance of what sufficient_statistics() gave."""
    with ops.name_scope(name, "normalize",
                        [counts, mean_ss, variance_ss, shift]):
        divisor = _gen.reciprocal(counts, name="divisor")
        shifted = math_ops.multiply(
            mean_ss, divisor, name="mean" if shift is None
            else "shifted_mean")
        mean = shifted if shift is None else math_ops.add(shifted, shift,
                                                          name="mean")
        variance = math_ops.subtract(
            math_ops.multiply(variance_ss, divisor), _gen.square(shifted),
            name="variance")
    return mean, variance


def batch_normalization(x, mean, variance, offset, scale, variance_epsilon,
                        name=None):
    """(x - mean) / sqrt(variance + epsilon) * scale + offset."""
    with ops.name_scope(name, "batchnorm",
                        [x, mean, variance, scale, offset]):
        inverse = _gen.rsqrt(variance + variance_epsilon)
        if scale is not None:
            inverse *= scale
        product = x * math_ops.cast(inverse, x.dtype)
        shift = offset - mean * inverse if offset is not None else \
            -mean * inverse
        return product + math_ops.cast(shift, x.dtype)


def fused_batch_norm(x, scale, offset, mean=None, variance=None, epsilon=0.001,
                     data_format="NHWC", is_training=True, name=None):
    """(normalised x, its mean, its variance) by one op."""
    x = ops.convert_to_tensor(x, name="input")
    scale = ops.convert_to_tensor(scale, name="scale")
    offset = ops.convert_to_tensor(offset, name="offset")
    if is_training and (mean is not None or variance is not None):
        raise ValueError("Both 'mean' and 'variance' must be None if "
                         "is_training is True.")
    mean = constant_op.constant([]) if mean is None else mean
    variance = constant_op.constant([]) if variance is None else variance
    return tuple(op_library.add(
        "FusedBatchNormV3", name, x=x, scale=scale, offset=offset, mean=mean,
        variance=variance, epsilon=max(epsilon, _LEAST_EPSILON),
        data_format=data_format, is_training=is_training).outputs[:3])


def batch_norm_with_global_normalization(
        t=None, m=None, v=None, beta=None, gamma=None, variance_epsilon=None,
        scale_after_normalization=None, name=None, input=None, mean=None,
        variance=None):
    """Images, normalized by given moments and, if so, scaled by gamma."""
    t = deprecated_argument("input", input, "t", t)
    m = deprecated_argument("mean", mean, "m", m)
    v = deprecated_argument("variance", variance, "v", v)
    return batch_normalization(
        t, m, v, beta, gamma if scale_after_normalization else None,
        variance_epsilon, name)
