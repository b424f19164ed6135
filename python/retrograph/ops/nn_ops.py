"""tf.nn: activations, losses, dropout."""
import math
import numbers

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import errors
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import array_ops
from retrograph.ops import check_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import math_ops
from retrograph.ops import random_ops
from retrograph.ops import variables
from retrograph.ops.array_ops import deprecated_argument

_gen = op_library.gen


def _named_arguments(name, sentinel, labels, logits):
    if sentinel is not None:
        raise ValueError("Only call `%s` with named arguments (labels=..., "
                         "logits=..., ...)" % name)
    if labels is None or logits is None:
        raise ValueError("Both labels and logits must be provided.")


def _swapped_with_last(tensor, axis, rank, name=None):
    last = math_ops.subtract(rank, 1)
    return array_ops.transpose(
        tensor, array_ops.concat([math_ops.range(axis), [last],
                                  math_ops.range(axis + 1, last), [axis]], 0),
        name=name)


def _softmax_along(compute, logits, axis, name):
    """A softmax over any axis. The kernels know the last one only: another is
    swapped with it before and after, by the ops that TensorFlow adds."""
    logits = ops.convert_to_tensor(logits)
    shape = logits.shape
    if axis is None or axis == -1 or axis == shape.rank - 1:
        return compute(logits, name=name)
    value = constant_op.constant_value(axis) if isinstance(axis, ops.Tensor) else axis
    if value is not None and not -shape.rank <= value < shape.rank:
        raise errors.InvalidArgumentError(
            None, None, "Dimension (%d) must be in the range [%d, %d) where %d "
            "is the number of dimensions in the input."
            % (value, -shape.rank, shape.rank, shape.rank))
    rank = array_ops.rank(logits)
    if isinstance(axis, ops.Tensor):
        axis = array_ops.where(_gen.less(axis, 0), axis + rank, axis)
    elif axis < 0:
        axis += rank
    rank = array_ops.rank(logits)
    axis %= shape.rank
    result = compute(_swapped_with_last(logits, axis, rank))
    result = _swapped_with_last(result, axis, rank, name)
    result.set_shape(shape)
    return result


def softmax(logits, axis=None, name=None, dim=None):
    """exp(logits) / sum(exp(logits)) along `axis`, the last one; floats."""
    axis = deprecated_argument("axis", axis, "dim", dim)
    return _softmax_along(_gen.softmax, logits, axis, name)


def log_softmax(logits, axis=None, name=None, dim=None):
    """The logarithm of softmax along `axis`, the last one; floats."""
    axis = deprecated_argument("axis", axis, "dim", dim)
    return _softmax_along(_gen.log_softmax, logits, axis, name)


def bias_add(value, bias, data_format=None, name=None):
    """Adds a vector to the channels: the last dimension; in NCHW the second."""
    with ops.name_scope(name, "BiasAdd", [value, bias]) as scope:
        if data_format is not None:
            if data_format.startswith("NC"):
                data_format = "NCHW"
            elif data_format.startswith("N") and data_format.endswith("C"):
                data_format = "NHWC"
            else:
                raise ValueError("data_format must be of the form `N...C` or "
                                 "`NC...`")
        value = ops.convert_to_tensor(value, name="input")
        bias = ops.convert_to_tensor(bias, value.dtype, name="bias")
        return _gen.bias_add(value, bias, data_format=data_format, name=scope)


def leaky_relu(features, alpha=0.2, name=None):
    """x where x > 0, else alpha * x."""
    with ops.name_scope(name, "LeakyRelu", [features, alpha]) as scope:
        features = ops.convert_to_tensor(features, name="features")
        if features.dtype.is_integer:
            features = math_ops.cast(features, dtypes.float32)
        return _gen.leaky_relu(features, alpha=float(alpha), name=scope)


def l2_normalize(x, axis=None, epsilon=1e-12, name=None, dim=None):
    """x / sqrt(max(sum(x * x), epsilon)), the sum being over `axis`."""
    axis = deprecated_argument("axis", axis, "dim", dim)
    with ops.name_scope(name, "l2_normalize", [x]) as scope:
        x = ops.convert_to_tensor(x, name="x")
        square_sum = math_ops.reduce_sum(_gen.square(x), axis, keepdims=True)
        inverse = _gen.rsqrt(_gen.maximum(square_sum, epsilon))
        return math_ops.multiply(x, inverse, name=scope)


def sparse_softmax_cross_entropy_with_logits(_sentinel=None, labels=None,
                                             logits=None, name=None):
    """The cross entropy of softmax(logits) and one right class for each row.

    Parameters
    ----------
    labels : Tensor of int32 or int64, of shape [...]
        Classes from 0 to num_classes - 1. Others give NaN.
    logits : Tensor of float16, float32 or float64, of shape [..., num_classes]
    name : str, optional

    Returns
    -------
    Tensor
        Of the labels' shape and the logits' type.

    Raises
    ------
    ValueError
        For positional arguments, and shapes that do not fit.
    """
    _named_arguments("sparse_softmax_cross_entropy_with_logits", _sentinel,
                     labels, logits)
    with ops.name_scope(name, "SparseSoftmaxCrossEntropyWithLogits",
                        [labels, logits]):
        labels = ops.convert_to_tensor(labels)
        logits = ops.convert_to_tensor(logits)
        precise = math_ops.cast(logits, dtypes.float32) \
            if logits.dtype == dtypes.float16 else logits
        static_shape = labels.shape
        labels_shape = array_ops.shape(labels)
        known = (static_shape.is_fully_defined() and
                 logits.shape[:-1].is_fully_defined())
        _check_sparse_shapes(static_shape, logits.shape, known)
        if logits.shape.rank == 2:
            cost, _ = _gen.sparse_softmax_cross_entropy_with_logits(
                precise, labels, name=name)
        else:
            checks = [] if known else [check_ops.assert_equal(
                array_ops.shape(labels), array_ops.shape(logits)[:-1])]
            with ops.control_dependencies(checks):
                classes = array_ops.shape(logits)[array_ops.rank(logits) - 1]
                precise = array_ops.reshape(precise, [-1, classes])
                flat = array_ops.reshape(labels, [-1])
                cost, _ = _gen.sparse_softmax_cross_entropy_with_logits(
                    precise, flat, name=name)
                cost = array_ops.reshape(cost, labels_shape)
                cost.set_shape(static_shape)
        if logits.dtype == dtypes.float16:
            return math_ops.cast(cost, dtypes.float16)
        return cost


def _check_sparse_shapes(labels, logits, known):
    if logits.rank == 0:
        raise ValueError("Logits cannot be scalars - received shape %s."
                         % logits)
    if logits.rank is not None and labels.rank not in (None, logits.rank - 1):
        raise ValueError(
            "Rank mismatch: Rank of labels (received %s) should equal rank of "
            "logits minus 1 (received %s)." % (labels.rank, logits.rank))
    if known and labels != logits[:-1]:
        raise ValueError(
            "Shape mismatch: The shape of labels (received %s) should equal "
            "the shape of logits except for the last dimension (received %s)."
            % (labels, logits))


def softmax_cross_entropy_with_logits_v2(labels, logits, axis=None, name=None,
                                         dim=None):
    """The cross entropy of softmax(logits) and probabilities.

    Gradients go into both.

    Parameters
    ----------
    labels, logits : Tensor of floats, of one shape
        Each vector of labels along `axis` adds up to 1.
    axis : int
        The classes' dimension; the last one.
    name : str, optional

    Returns
    -------
    Tensor
        Of that shape without `axis`.
    """
    axis = deprecated_argument("axis", axis, "dim", dim)
    axis = -1 if axis is None else axis
    with ops.name_scope(name, "softmax_cross_entropy_with_logits",
                        [logits, labels]) as scope:
        logits = ops.convert_to_tensor(logits, name="logits")
        labels = ops.convert_to_tensor(labels, name="labels")
        narrow = logits.dtype in (dtypes.float16, dtypes.bfloat16)
        precise = math_ops.cast(logits, dtypes.float32) if narrow else logits
        labels = math_ops.cast(labels, precise.dtype)
        rank = array_ops.rank(precise)
        shape = logits.shape
        if axis != -1:
            precise = _moved_to_end(precise, axis, rank)
            labels = _moved_to_end(labels, axis, rank)
        input_shape = array_ops.shape(precise)
        precise = _flatten_outer_dims(precise)
        labels = _flatten_outer_dims(labels)
        cost, _ = _gen.softmax_cross_entropy_with_logits(precise, labels,
                                                         name=scope)
        output_shape = array_ops.slice(input_shape, [0],
                                       [math_ops.subtract(rank, 1)])
        cost = array_ops.reshape(cost, output_shape)
        if shape.dims is not None:
            dims = shape.as_list()
            del dims[axis]
            cost.set_shape(dims)
        return math_ops.cast(cost, logits.dtype) if narrow else cost


def _moved_to_end(tensor, axis, rank):
    return array_ops.transpose(
        tensor, array_ops.concat([math_ops.range(axis),
                                  math_ops.range(axis + 1, rank), [axis]], 0))


def softmax_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None,
                                      dim=-1, name=None, axis=None):
    """The same, but no gradient goes into `labels`; keyword arguments only."""
    # With an axis it says that both are given: `dim` is never None.
    axis = deprecated_argument("axis", axis, "dim", dim)
    _named_arguments("softmax_cross_entropy_with_logits", _sentinel, labels,
                     logits)
    with ops.name_scope(name, "softmax_cross_entropy_with_logits_sg",
                        [logits, labels]) as scope:
        labels = array_ops.stop_gradient(labels, name="labels_stop_gradient")
        return softmax_cross_entropy_with_logits_v2(
            labels=labels, logits=logits, axis=axis, name=scope)


def _flatten_outer_dims(logits):
    """The tensor as a matrix of its last axis."""
    rank = array_ops.rank(logits)
    last = array_ops.slice(array_ops.shape(logits),
                           [math_ops.subtract(rank, 1)], [1])
    output = array_ops.reshape(logits, array_ops.concat([[-1], last], 0))
    # With an unknown outer dim TensorFlow leaves the last one unknown, too.
    dims = logits.shape._known()
    if dims is not None and None not in dims[:-1]:
        output.set_shape([math.prod(dims[:-1]), dims[-1]])
    return output


def sigmoid_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None,
                                      name=None):
    """The cross entropy of sigmoid(logits) and labels of 0 to 1, each alone.

    Of the arguments' one shape and type. ValueError for positional arguments,
    and shapes that differ.
    """
    _named_arguments("sigmoid_cross_entropy_with_logits", _sentinel, labels,
                     logits)
    with ops.name_scope(name, "logistic_loss", [logits, labels]) as scope:
        logits = ops.convert_to_tensor(logits, name="logits")
        labels = ops.convert_to_tensor(labels, name="labels")
        try:
            labels.shape.merge_with(logits.shape)
        except ValueError:
            raise ValueError("logits and labels must have the same shape "
                             "(%s vs %s)" % (logits.shape, labels.shape))
        zeros = array_ops.zeros_like(logits, dtype=logits.dtype)
        positive = logits >= zeros
        relu_logits = array_ops.where(positive, logits, zeros)
        negative_abs = array_ops.where(positive, -logits, logits)
        return math_ops.add(
            relu_logits - logits * labels,
            _gen.log1p(_gen.exp(negative_abs)), name=scope)


def dropout(x, keep_prob=None, noise_shape=None, seed=None, name=None,
            rate=None):
    """Each element with probability 1 - rate, divided by that; else 0.

    Parameters
    ----------
    x : Tensor of floats
    keep_prob : scalar, optional
        1 - rate, as it was called.
    noise_shape : int32 vector, optional
        Elements are dropped together along dimensions of size 1.
    seed : int, optional
    name : str, optional
    rate : scalar
        From 0 to below 1.

    Returns
    -------
    Tensor
        Of the shape and type of `x`.

    Raises
    ------
    ValueError
        For no rate, two, or one out of range; for numbers that are no floats.
    """
    try:
        keep = 1. - keep_prob if keep_prob is not None else None
    except TypeError:
        raise ValueError("keep_prob must be a floating point number or Tensor "
                         "(got %r)" % keep_prob)
    rate = deprecated_argument("rate", rate, "keep_prob", keep)
    if rate is None:
        raise ValueError("You must provide a rate to dropout.")
    with ops.name_scope(name, "dropout", [x]):
        x = ops.convert_to_tensor(x, name="x")
        if not x.dtype.is_floating:
            raise ValueError(
                "x has to be a floating point tensor since it's going to be "
                "scaled. Got a %s tensor instead." % x.dtype)
        if isinstance(rate, numbers.Real):
            if not 0 <= rate < 1:
                raise ValueError("rate must be a scalar tensor or a float in "
                                 "the range [0, 1), got %g" % rate)
            if rate == 0:
                return x
        rate = ops.convert_to_tensor(rate, x.dtype, name="rate")
        rate.shape.assert_has_rank(0)
        if constant_op.constant_value(rate) == 0:
            return x
        values = random_ops.random_uniform(_noise_shape(x, noise_shape),
                                           seed=seed, dtype=x.dtype)
        scale = 1 / (1 - rate)
        keep_mask = values >= rate
        result = x * scale * math_ops.cast(keep_mask, x.dtype)
        result.set_shape(x.shape)
        return result


def _noise_shape(x, noise_shape):
    if noise_shape is None:
        return array_ops.shape(x)
    try:
        wanted = tensor_shape.as_shape(noise_shape)
    except (TypeError, ValueError):
        return noise_shape
    if x.shape.rank is not None and x.shape.rank == wanted.rank:
        return tensor_shape.TensorShape(
            [a if w is None else w
             for w, a in zip(wanted._known(), x.shape._known())])
    return noise_shape




def embedding_lookup(params, ids, partition_strategy="mod", name=None,
                     validate_indices=True, max_norm=None):
    """Rows of a table by their numbers."""
    if params is None:
        raise ValueError("params must be specified")
    if isinstance(params, (list, tuple)):
        if not params:
            raise ValueError("Need at least one param")
        if len(params) > 1:
            raise NotImplementedError("tables in several parts are not in "
                                      "retrograph yet")
        params = params[0]
    if max_norm is not None:
        raise NotImplementedError("max_norm is not in retrograph yet")
    with ops.name_scope(name, "embedding_lookup", [params, ids]) as scope:
        if not isinstance(params, variables.ResourceVariable):
            params = ops.convert_to_tensor_or_indexed_slices(params,
                                                             name="params")
        ids = ops.convert_to_tensor(ids, name="ids")
        with ops.colocate_with(params):
            rows = array_ops.gather(params, ids, name=scope)
        return array_ops.identity(rows)


def xw_plus_b(x, weights, biases, name=None):
    """x @ weights + biases, of matrices and a vector."""
    with ops.name_scope(name, "xw_plus_b", [x, weights, biases]) as name:
        x = ops.convert_to_tensor(x, name="x")
        weights = ops.convert_to_tensor(weights, name="weights")
        biases = ops.convert_to_tensor(biases, name="biases")
        return bias_add(math_ops.matmul(x, weights), biases, name=name)


def _nonzeros(value, dtype):
    with ops.name_scope("count_nonzero", values=[value]):
        zero = array_ops.zeros([], dtype=value.dtype)
        return math_ops.reduce_sum(
            math_ops.cast(_gen.not_equal(value, zero), dtype),
            name="nonzero_count")


def zero_fraction(value, name=None):
    """How much of a tensor is zero."""
    with ops.name_scope(name, "zero_fraction", [value]):
        value = ops.convert_to_tensor(value, name="value")
        size = array_ops.size(value, out_type=dtypes.int64)
        # Narrow sums are faster, where they are enough.
        nonzeros = control_flow_ops.cond(
            size <= dtypes.int32.max,
            true_fn=lambda: math_ops.cast(_nonzeros(value, dtypes.int32),
                                          dtypes.int64),
            false_fn=lambda: _nonzeros(value, dtypes.int64))
        with ops.name_scope("counts_to_fraction"):
            zeros = math_ops.cast(size - nonzeros, dtypes.float32)
            fraction = zeros / math_ops.cast(size, dtypes.float32)
        return array_ops.identity(fraction, "fraction")


def top_k(input, k=1, sorted=True, name=None):
    """The k largest of each row, and where they are."""
    return _gen.top_kv2(input, k=k, sorted=sorted, name=name)
