"""Functions of numbers that are a few ops each: complex parts, segments' means,
sums of exponentials, counts, sorted values, grids."""
import numpy as np

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import array_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops

_gen = op_library.gen


# ---- Complex numbers --------------------------------------------------------

def _part(op_type, otherwise):
    def part(input, name=None):
        with ops.name_scope(name, op_type, [input]) as scope:
            input = ops.convert_to_tensor(input, name="input")
            if not input.dtype.is_complex:
                return otherwise(input)
            return op_library.apply_op(op_type, scope, input=input,
                                       Tout=input.dtype.real_dtype)
    part.__name__ = part.__qualname__ = op_type.lower()
    part.__doc__ = "The %s of complex numbers; of real ones %s." % {
        "Real": ("real part", "the numbers themselves"),
        "Imag": ("imaginary part", "zeros"),
        "Angle": ("angle", "zeros")}[op_type]
    return part


real = _part("Real", lambda x: x)
imag = _part("Imag", array_ops.zeros_like)
angle = _part("Angle", array_ops.zeros_like)


def complex(real, imag, name=None):
    """Complex numbers of their real and imaginary parts.

    Raises
    ------
    TypeError
        If the parts are not both float32 or both float64.
    """
    real = ops.convert_to_tensor(real, name="real")
    imag = ops.convert_to_tensor(imag, name="imag")
    with ops.name_scope(name, "Complex", [real, imag]) as scope:
        of = {dtypes.float32: dtypes.complex64,
              dtypes.float64: dtypes.complex128}
        if real.dtype != imag.dtype or real.dtype not in of:
            raise TypeError("real and imag have incorrect types: {} {}".format(
                real.dtype.name, imag.dtype.name))
        return op_library.apply_op("Complex", scope, real=real, imag=imag,
                                   Tout=of[real.dtype])


# ---- Sums -------------------------------------------------------------------

def scalar_mul(scalar, x, name=None):
    """x times a scalar; x may be an IndexedSlices.

    Raises
    ------
    ValueError
        If `scalar` is none.
    """
    scalar = ops.convert_to_tensor(scalar, dtype=x.dtype.base_dtype,
                                   name="scalar")
    if scalar.shape.ndims != 0:
        raise ValueError("Only scalar multiply works, got shape %s"
                         % scalar.shape)
    if isinstance(x, ops.IndexedSlices):
        return ops.IndexedSlices(_gen.mul(scalar, x.values, name=name),
                                 x.indices, x.dense_shape)
    return _gen.mul(scalar, x, name=name)


def accumulate_n(inputs, shape=None, tensor_dtype=None, name=None):
    """The sum of tensors of one shape and type."""
    wrong = ValueError("inputs must be a list of at least one Tensor with the "
                       "same dtype and shape")
    if not inputs or not isinstance(inputs, (list, tuple)):
        raise wrong
    inputs = [ops.convert_to_tensor_or_indexed_slices(x) for x in inputs]
    if not all(isinstance(x, ops.Tensor) and x.dtype == inputs[0].dtype
               for x in inputs):
        raise wrong
    shape = tensor_shape.as_shape(shape)
    for x in inputs:
        shape = shape.merge_with(x.shape)
    if tensor_dtype is not None and tensor_dtype != inputs[0].dtype:
        raise TypeError("tensor_dtype is {}, but input is of type {}".format(
            tensor_dtype, inputs[0].dtype))
    if len(inputs) > 1:
        return op_library.apply_op("AccumulateNV2", name, inputs=inputs,
                                   shape=shape)
    return inputs[0] if name is None else array_ops.identity(inputs[0],
                                                             name=name)


def reduce_logsumexp(input_tensor, axis=None, keepdims=None, name=None,
                     reduction_indices=None, keep_dims=None):
    """log(sum(exp(x))) along axes, of numbers of any size."""
    axis = array_ops.deprecated_argument("axis", axis, "reduction_indices",
                                         reduction_indices)
    keepdims = array_ops.deprecated_argument("keepdims", keepdims, "keep_dims",
                                             keep_dims)
    keepdims = bool(keepdims)
    x = ops.convert_to_tensor(input_tensor)
    with ops.name_scope(name, "ReduceLogSumExp", [x]):
        largest = math_ops.reduce_max(x, axis=axis, keepdims=True)
        largest = array_ops.stop_gradient(array_ops.where(
            _gen.is_finite(largest), largest, array_ops.zeros_like(largest)))
        result = _gen.log(math_ops.reduce_sum(
            _gen.exp(_gen.sub(x, largest)), axis, keepdims=keepdims))
        if not keepdims:
            largest = array_ops.reshape(largest, array_ops.shape(result))
        result = _gen.add(result, largest)
        if axis is None and not keepdims:
            result.set_shape(())
        return result


def log_sigmoid(x, name=None):
    """log(sigmoid(x))."""
    with ops.name_scope(name, "LogSigmoid", [x]) as scope:
        x = ops.convert_to_tensor(x, name="x")
        return _gen.neg(_gen.softplus(-x), name=scope)


def bincount(arr, weights=None, minlength=None, maxlength=None,
             dtype=dtypes.int32):
    """How often each integer from 0 on occurs, or the sums of its weights."""
    with ops.name_scope("bincount"):
        arr = ops.convert_to_tensor(arr, name="arr", dtype=dtypes.int32)
        filled = math_ops.reduce_prod(array_ops.shape(arr)) > 0
        size = math_ops.cast(filled, dtypes.int32) * (
            math_ops.reduce_max(arr) + 1)
        if minlength is not None:
            size = _gen.maximum(ops.convert_to_tensor(
                minlength, name="minlength", dtype=dtypes.int32), size)
        if maxlength is not None:
            size = _gen.minimum(ops.convert_to_tensor(
                maxlength, name="maxlength", dtype=dtypes.int32), size)
        if weights is not None:
            weights = ops.convert_to_tensor(weights, name="weights")
            return _gen.unsorted_segment_sum(weights, arr, size)
        return _gen.bincount(arr, size, constant_op.constant([], dtype))


# ---- Segments ---------------------------------------------------------------

def _segment_sizes(data, segment_ids, num_segments):
    ones = array_ops.ones(array_ops.shape(segment_ids), dtype=data.dtype)
    count = _gen.unsorted_segment_sum(ones, segment_ids, num_segments)
    more = data.shape.ndims - segment_ids.shape.ndims
    return _gen.maximum(
        array_ops.reshape(count, [num_segments] + [1] * more), 1)


def _segment_quotient(op_name, divisor):
    def function(data, segment_ids, num_segments, name=None):
        with ops.name_scope(name, op_name):
            data = ops.convert_to_tensor(data)
            segment_ids = ops.convert_to_tensor(segment_ids)
            sizes = _segment_sizes(data, segment_ids, num_segments)
            total = _gen.unsorted_segment_sum(data, segment_ids, num_segments)
            return total / divisor(sizes)
    return function


unsorted_segment_mean = _segment_quotient("UnsortedSegmentMean", lambda n: n)
unsorted_segment_mean.__name__ = "unsorted_segment_mean"
unsorted_segment_mean.__doc__ = "The means of the rows that have one number."
unsorted_segment_sqrt_n = _segment_quotient("UnsortedSegmentSqrtN",
                                            lambda n: _gen.sqrt(n))
unsorted_segment_sqrt_n.__name__ = "unsorted_segment_sqrt_n"
unsorted_segment_sqrt_n.__doc__ = \
    "Sums of rows that have one number, by the root of how many they are."


# ---- Sorting ----------------------------------------------------------------

def sort(values, axis=-1, direction="ASCENDING", name=None):
    """The values in order along an axis.

    Raises
    ------
    ValueError
        If the direction is neither ASCENDING nor DESCENDING, or the axis is
        not known.
    """
    with ops.name_scope(name, "sort"):
        return _sorted(values, axis, direction, False)


def argsort(values, axis=-1, direction="ASCENDING", stable=False, name=None):
    """Where the values in order come from; see `sort`."""
    with ops.name_scope(name, "argsort"):
        return _sorted(values, axis, direction, True)


def _sorted(values, axis, direction, places):
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError("%s should be one of ASCENDING, DESCENDING"
                         % direction)
    axis = ops.convert_to_tensor(axis, name="axis")
    known = constant_op.constant_value(axis)
    if axis.shape.ndims != 0 or known is None:
        raise ValueError("axis must be a constant scalar")
    values = ops.convert_to_tensor(values, name="values")
    if direction == "DESCENDING":
        return _descending(values, int(known), places)
    result = _descending(-values, int(known), places)
    return result if places else -result


def _descending(values, axis, places):
    length = array_ops.shape(values)[axis]
    rank = array_ops.rank(values)
    order = None
    if axis != -1 and axis + 1 != values.shape.ndims:
        order = _swapped_with_last(axis, values.shape.ndims, rank)
        values = array_ops.transpose(values, order)
    found = nn_ops.top_k(values, length)
    result = found.indices if places else found.values
    return result if order is None else array_ops.transpose(result, order)


def _swapped_with_last(axis, known_rank, rank):
    if known_rank is None:
        if axis < 0:
            axis += rank
        return array_ops.concat(
            [math_ops.range(axis), [rank - 1],
             math_ops.range(axis + 1, rank - 1), [axis]], axis=0)
    order = np.arange(known_rank)
    order[axis], order[-1] = order[-1], order[axis]
    return constant_op.constant(order, name="transposition")


# ---- Grids and sets ---------------------------------------------------------

def meshgrid(*args, **kwargs):
    """The coordinates of a grid's points, one tensor for each axis.

    Parameters
    ----------
    *args : tensors
        The coordinates along each axis.
    indexing : str
        "xy", or "ij" for matrices.
    name : str

    Raises
    ------
    ValueError
        If `indexing` is neither.
    TypeError
        If there is another argument.
    """
    indexing = kwargs.pop("indexing", "xy")
    name = kwargs.pop("name", "meshgrid")
    if kwargs:
        raise TypeError("'{}' is an invalid keyword argument for this function"
                        .format(next(iter(kwargs))))
    if indexing not in ("xy", "ij"):
        raise ValueError("indexing parameter must be either 'xy' or 'ij'")
    with ops.name_scope(name, "meshgrid", args):
        count = len(args)
        grid = [array_ops.reshape(array_ops.stack(x), tuple(
            -1 if i == axis else 1 for axis in range(count)))
            for i, x in enumerate(args)]
        sizes = [array_ops.size(x) for x in args]
        dtype = ops.convert_to_tensor(args[0]).dtype.base_dtype
        if indexing == "xy" and count > 1:
            more = (1,) * (count - 2)
            grid[0] = array_ops.reshape(grid[0], (1, -1) + more)
            grid[1] = array_ops.reshape(grid[1], (-1, 1) + more)
            sizes[:2] = reversed(sizes[:2])
        ones = array_ops.ones(sizes, dtype)
        return [x * ones for x in grid]


def setdiff1d(x, y, index_dtype=dtypes.int32, name=None):
    """What of x is not in y, and where it is."""
    return _gen.list_diff(x, y, index_dtype, name=name)


def where_v2(condition, x=None, y=None, name=None):
    """As `where`; but the three are broadcast together."""
    if x is None and y is None:
        return array_ops.where(condition, name=name)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return _gen.select_v2(condition, x, y, name=name)


# ---- Neural networks --------------------------------------------------------

def relu_layer(x, weights, biases, name=None):
    """relu(matmul(x, weights) + biases)."""
    with ops.name_scope(name, "relu_layer", [x, weights, biases]) as scope:
        x = ops.convert_to_tensor(x, name="x")
        weights = ops.convert_to_tensor(weights, name="weights")
        biases = ops.convert_to_tensor(biases, name="biases")
        return op_library.apply_op("Relu", scope, features=nn_ops.bias_add(
            math_ops.matmul(x, weights), biases))


def crelu(features, name=None, axis=-1):
    """relu of the features beside relu of their negatives."""
    with ops.name_scope(name, "CRelu", [features]) as scope:
        features = ops.convert_to_tensor(features, name="features")
        return _gen.relu(array_ops.concat([features, -features], axis,
                                          name=scope))


def _check_same_shape(one, other, names):
    try:
        one.shape.merge_with(other.shape)
    except ValueError:
        raise ValueError("%s must have the same shape (%s vs %s)"
                         % (names, other.shape, one.shape)) from None


def log_poisson_loss(targets, log_input, compute_full_loss=False, name=None):
    """exp(log_input) - targets * log_input, and Stirling's approximation of
    the constant part with `compute_full_loss`.

    Raises
    ------
    ValueError
        If the two differ in shape.
    """
    with ops.name_scope(name, "log_poisson_loss", [log_input, targets]):
        log_input = ops.convert_to_tensor(log_input, name="log_input")
        targets = ops.convert_to_tensor(targets, name="targets")
        _check_same_shape(targets, log_input, "log_input and targets")
        result = _gen.exp(log_input) - log_input * targets
        if not compute_full_loss:
            return result
        half = constant_op.constant(0.5, dtype=targets.dtype)
        circle = constant_op.constant(2 * np.pi, dtype=targets.dtype)
        stirling = (targets * _gen.log(targets)) - targets + (
            half * _gen.log(circle * targets))
        zeros = array_ops.zeros_like(targets, dtype=targets.dtype)
        ones = array_ops.ones_like(targets, dtype=targets.dtype)
        small = _gen.logical_and(targets >= zeros, targets <= ones)
        return result + array_ops.where(small, zeros, stirling)


def weighted_cross_entropy_with_logits(labels=None, logits=None,
                                       pos_weight=None, name=None,
                                       targets=None):
    """sigmoid_cross_entropy_with_logits, with positive examples weighted.

    Raises
    ------
    ValueError
        If logits and labels differ in shape.
    """
    labels = array_ops.deprecated_argument("labels", labels, "targets",
                                           targets)
    with ops.name_scope(name, "logistic_loss", [logits, labels]) as scope:
        logits = ops.convert_to_tensor(logits, name="logits")
        labels = ops.convert_to_tensor(labels, name="labels")
        _check_same_shape(labels, logits, "logits and labels")
        weight = 1 + (pos_weight - 1) * labels
        return math_ops.add(
            (1 - labels) * logits,
            weight * (_gen.log1p(_gen.exp(-math_ops.abs(logits))) +
                      _gen.relu(-logits)), name=scope)
