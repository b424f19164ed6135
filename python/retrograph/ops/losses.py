"""tf.losses."""
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import math_ops
from retrograph.ops import nn_ops

_gen = op_library.gen
_NOT_BROADCASTABLE = "weights can not be broadcast to values."


class Reduction:
    """How a loss of many elements becomes one."""
    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls):
        """The ways that there are, a tuple of str."""
        return (cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE,
                cls.SUM_OVER_NONZERO_WEIGHTS, cls.SUM_BY_NONZERO_WEIGHTS)

    @classmethod
    def validate(cls, key):
        """ValueError if `key` is none of them."""
        if key not in cls.all():
            raise ValueError("Invalid ReductionKey %s." % key)


# ---- Collections ----

def add_loss(loss, loss_collection=ops.GraphKeys.LOSSES):
    """Adds a loss to a collection, if there is one."""
    if loss_collection:
        ops.add_to_collection(loss_collection, loss)


def get_losses(scope=None, loss_collection=ops.GraphKeys.LOSSES):
    """The losses of a collection, of a scope."""
    return ops.get_collection(loss_collection, scope)


def get_regularization_losses(scope=None):
    """The regularization losses, of a scope."""
    return ops.get_collection(ops.GraphKeys.REGULARIZATION_LOSSES, scope)


def get_regularization_loss(scope=None, name="total_regularization_loss"):
    """The sum of the regularization losses; 0. if there are none."""
    found = get_regularization_losses(scope)
    if found:
        return math_ops.add_n(found, name=name)
    return constant_op.constant(0.0)


def get_total_loss(add_regularization_losses=True, name="total_loss",
                   scope=None):
    """The sum of the losses; ValueError if there are none."""
    found = get_losses(scope=scope)
    if add_regularization_losses:
        found += get_regularization_losses(scope=scope)
    return math_ops.add_n(found, name=name)


# ---- Weights ----

def _assert_broadcastable(weights, values):
    with ops.name_scope(None, "assert_broadcastable", (weights, values)):
        with ops.name_scope(None, "weights", (weights,)) as scope:
            weights = ops.convert_to_tensor(weights, name=scope)
            array_ops.shape(weights, name="shape")
            array_ops.rank(weights, name="rank")
        with ops.name_scope(None, "values", (values,)) as scope:
            values = ops.convert_to_tensor(values, name=scope)
            array_ops.shape(values, name="shape")
            array_ops.rank(values, name="rank")
        ranks = weights.shape.ndims, values.shape.ndims
        if ranks[0] == 0 and ranks[1] is not None:
            return control_flow_ops.no_op(name="static_scalar_check_success")
        if None not in ranks and ranks[0] != ranks[1]:
            raise ValueError(
                "%s values.rank=%s. weights.rank=%s. values.shape=%s. "
                "weights.shape=%s." % (_NOT_BROADCASTABLE, ranks[1], ranks[0],
                                       values.shape, weights.shape))
        if weights.shape.is_fully_defined() and \
                values.shape.is_fully_defined():
            return _check_dims(weights.shape.as_list(),
                               values.shape.as_list())
        raise NotImplementedError(
            "weights of a loss whose shape is not known are not in "
            "retrograph yet")


def _check_dims(weights, values):
    for i, (w, v) in enumerate(zip(weights, values)):
        if w not in (1, v):
            raise ValueError(
                "%s Mismatch at dim %s. values.shape=%s weights.shape=%s."
                % (_NOT_BROADCASTABLE, i, values, weights))
    return control_flow_ops.no_op(name="static_dims_check_success")


def broadcast_weights(weights, values):
    """The weights in the values' shape; ValueError if they do not fit."""
    with ops.name_scope(None, "broadcast_weights", (weights, values)) as scope:
        values = ops.convert_to_tensor(values, name="values")
        weights = ops.convert_to_tensor(
            weights, dtype=values.dtype.base_dtype, name="weights")
        if weights.shape.is_fully_defined() and \
                values.shape.is_fully_defined() and \
                weights.shape.is_compatible_with(values.shape):
            return weights
        with ops.control_dependencies(
                (_assert_broadcastable(weights, values),)):
            return math_ops.multiply(weights, array_ops.ones_like(values),
                                     name=scope)


def _num_elements(losses):
    with ops.name_scope(None, "num_elements", values=[losses]) as scope:
        return math_ops.cast(array_ops.size(losses, name=scope),
                             dtype=losses.dtype)


def _num_present(losses, weights):
    """How many elements have a weight that is not zero."""
    if isinstance(weights, float) and weights != 0.0:
        return _num_elements(losses)
    with ops.name_scope(None, "num_present", (losses, weights)) as scope:
        weights = math_ops.cast(weights, dtype=dtypes.float32)
        present = array_ops.where(_gen.equal(weights, 0.0),
                                  array_ops.zeros_like(weights),
                                  array_ops.ones_like(weights))
        present = broadcast_weights(present, losses)
        return math_ops.reduce_sum(present, name=scope)


def _safe_mean(losses, num_present):
    total = math_ops.reduce_sum(losses)
    return math_ops.div_no_nan(total, num_present, name="value")


def compute_weighted_loss(losses, weights=1.0, scope=None,
                          loss_collection=ops.GraphKeys.LOSSES,
                          reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """One number out of a loss for each element; it is added to a collection.

    Parameters
    ----------
    losses : Tensor
    weights : Tensor or number
        A scalar, or of the losses' rank with their sizes or 1.
    scope : str, optional
    loss_collection : str or None
    reduction : str
        One of `tf.losses.Reduction`; NONE keeps the losses' shape.

    Returns
    -------
    Tensor of float32
        A scalar, unless `reduction` is NONE.

    Raises
    ------
    ValueError
        If the weights do not fit or there is no such reduction.
    """
    Reduction.validate(reduction)
    with ops.name_scope(scope, "weighted_loss", (losses, weights)), \
            ops.control_dependencies(
                (_assert_broadcastable(weights, losses),)):
        losses = ops.convert_to_tensor(losses)
        input_dtype = losses.dtype
        losses = math_ops.cast(losses, dtype=dtypes.float32)
        weights = math_ops.cast(weights, dtype=dtypes.float32)
        loss = math_ops.multiply(losses, weights)
        if reduction != Reduction.NONE:
            loss = math_ops.reduce_sum(loss)
        if reduction == Reduction.MEAN:
            loss = _safe_mean(loss, math_ops.reduce_sum(
                array_ops.ones_like(losses) * weights))
        elif reduction == Reduction.SUM_BY_NONZERO_WEIGHTS:
            loss = _safe_mean(loss, _num_present(losses, weights))
        elif reduction == Reduction.SUM_OVER_BATCH_SIZE:
            loss = _safe_mean(loss, _num_elements(losses))
        loss = math_ops.cast(loss, input_dtype)
        add_loss(loss, loss_collection)
        return loss


# ---- Losses ----

def _given(**arguments):
    for name, value in arguments.items():
        if value is None:
            raise ValueError("%s must not be None." % name)


def _floats(predictions, labels):
    predictions = math_ops.cast(predictions, dtype=dtypes.float32)
    labels = math_ops.cast(labels, dtype=dtypes.float32)
    predictions.get_shape().assert_is_compatible_with(labels.get_shape())
    return predictions, labels


def absolute_difference(labels, predictions, weights=1.0, scope=None,
                        loss_collection=ops.GraphKeys.LOSSES,
                        reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """|predictions - labels|, reduced as by `compute_weighted_loss`.

    ValueError if one of them is None or their shapes differ.
    """
    _given(labels=labels, predictions=predictions)
    with ops.name_scope(scope, "absolute_difference",
                        (predictions, labels, weights)) as scope:
        predictions, labels = _floats(predictions, labels)
        losses = math_ops.abs(math_ops.subtract(predictions, labels))
        return compute_weighted_loss(losses, weights, scope, loss_collection,
                                     reduction=reduction)


def cosine_distance(labels, predictions, axis=None, weights=1.0, scope=None,
                    loss_collection=ops.GraphKeys.LOSSES,
                    reduction=Reduction.SUM_BY_NONZERO_WEIGHTS, dim=None):
    """1 - sum(predictions * labels) along an axis, of vectors of length 1.

    ValueError if one of them or the axis is None, or their shapes differ.
    """
    axis = array_ops.deprecated_argument("axis", axis, "dim", dim)
    if axis is None:
        raise ValueError("You must specify 'axis'.")
    _given(labels=labels, predictions=predictions)
    with ops.name_scope(scope, "cosine_distance_loss",
                        (predictions, labels, weights)) as scope:
        predictions, labels = _floats(predictions, labels)
        losses = 1 - math_ops.reduce_sum(
            math_ops.multiply(predictions, labels), axis=(axis,),
            keepdims=True)
        return compute_weighted_loss(losses, weights, scope, loss_collection,
                                     reduction=reduction)


def mean_squared_error(labels, predictions, weights=1.0, scope=None,
                       loss_collection=ops.GraphKeys.LOSSES,
                       reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """(predictions - labels) ** 2, reduced as by `compute_weighted_loss`.

    ValueError if one of them is None or their shapes differ.
    """
    _given(labels=labels, predictions=predictions)
    with ops.name_scope(scope, "mean_squared_error",
                        (predictions, labels, weights)) as scope:
        predictions, labels = _floats(predictions, labels)
        losses = _gen.squared_difference(predictions, labels)
        return compute_weighted_loss(losses, weights, scope, loss_collection,
                                     reduction=reduction)


def log_loss(labels, predictions, weights=1.0, epsilon=1e-7, scope=None,
             loss_collection=ops.GraphKeys.LOSSES,
             reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """The cross entropy of labels and predicted probabilities.

    Reduced as by `compute_weighted_loss`.
    """
    _given(labels=labels, predictions=predictions)
    with ops.name_scope(scope, "log_loss",
                        (predictions, labels, weights)) as scope:
        predictions, labels = _floats(predictions, labels)
        losses = -math_ops.multiply(labels, _gen.log(predictions + epsilon)) \
            - math_ops.multiply((1 - labels),
                                _gen.log(1 - predictions + epsilon))
        return compute_weighted_loss(losses, weights, scope, loss_collection,
                                     reduction=reduction)


def hinge_loss(labels, logits, weights=1.0, scope=None,
               loss_collection=ops.GraphKeys.LOSSES,
               reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """max(0, 1 - labels * logits) with labels of 0 and 1 taken for -1 and 1.

    Reduced as by `compute_weighted_loss`.
    """
    _given(labels=labels, logits=logits)
    with ops.name_scope(scope, "hinge_loss",
                        (logits, labels, weights)) as scope:
        logits, labels = _floats(logits, labels)
        ones = array_ops.ones_like(labels)
        labels = math_ops.subtract(2 * labels, ones)
        losses = op_library.apply_op("Relu", features=math_ops.subtract(
            ones, math_ops.multiply(labels, logits)))
        return compute_weighted_loss(losses, weights, scope, loss_collection,
                                     reduction=reduction)


def huber_loss(labels, predictions, weights=1.0, delta=1.0, scope=None,
               loss_collection=ops.GraphKeys.LOSSES,
               reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """Squares of small differences, else `delta` times as much as they are.

    Reduced as by `compute_weighted_loss`.
    """
    _given(labels=labels, predictions=predictions)
    with ops.name_scope(scope, "huber_loss",
                        (predictions, labels, weights)) as scope:
        predictions, labels = _floats(predictions, labels)
        error = math_ops.abs(math_ops.subtract(predictions, labels))
        quadratic = _gen.minimum(error, delta)
        linear = math_ops.subtract(error, quadratic)
        half = ops.convert_to_tensor(0.5, dtype=quadratic.dtype)
        square = math_ops.multiply(half,
                                   math_ops.multiply(quadratic, quadratic))
        losses = math_ops.add(square, math_ops.multiply(delta, linear))
        return compute_weighted_loss(losses, weights, scope, loss_collection,
                                     reduction=reduction)


def _of_one_kind(labels, logits):
    """Both as tensors of the logits' dtype and of one shape."""
    logits = ops.convert_to_tensor(logits)
    labels = math_ops.cast(labels, logits.dtype)
    logits.get_shape().assert_is_compatible_with(labels.get_shape())
    return labels, logits


def sigmoid_cross_entropy(multi_class_labels, logits, weights=1.0,
                          label_smoothing=0, scope=None,
                          loss_collection=ops.GraphKeys.LOSSES,
                          reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """The cross entropy of sigmoid(logits) and labels, each by itself.

    Labels may be smoothed towards 1/2. Reduced as by `compute_weighted_loss`.
    """
    _given(multi_class_labels=multi_class_labels, logits=logits)
    with ops.name_scope(scope, "sigmoid_cross_entropy_loss",
                        (logits, multi_class_labels, weights)) as scope:
        labels, logits = _of_one_kind(multi_class_labels, logits)
        if label_smoothing > 0:
            labels = (labels * (1 - label_smoothing) + 0.5 * label_smoothing)
        losses = nn_ops.sigmoid_cross_entropy_with_logits(
            labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection,
                                     reduction=reduction)


def softmax_cross_entropy(onehot_labels, logits, weights=1.0,
                          label_smoothing=0, scope=None,
                          loss_collection=ops.GraphKeys.LOSSES,
                          reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """The cross entropy of softmax(logits) and one-hot labels [batch, classes].

    Labels may be smoothed towards 1/classes. Reduced as by
    `compute_weighted_loss`.
    """
    _given(onehot_labels=onehot_labels, logits=logits)
    with ops.name_scope(scope, "softmax_cross_entropy_loss",
                        (logits, onehot_labels, weights)) as scope:
        labels, logits = _of_one_kind(onehot_labels, logits)
        if label_smoothing > 0:
            classes = math_ops.cast(array_ops.shape(labels)[-1], logits.dtype)
            negatives = label_smoothing / classes
            labels = labels * (1.0 - label_smoothing) + negatives
        labels = array_ops.stop_gradient(labels, name="labels_stop_gradient")
        losses = nn_ops.softmax_cross_entropy_with_logits_v2(
            labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection,
                                     reduction=reduction)


def remove_squeezable_dimensions(labels, predictions, expected_rank_diff=0,
                                 name=None):
    """Both, the last axis taken off that of which the rank is one too many."""
    with ops.name_scope(name, "remove_squeezable_dimensions",
                        [labels, predictions]):
        predictions = ops.convert_to_tensor(predictions)
        labels = ops.convert_to_tensor(labels)
        squeezable = lambda x: (x.shape.ndims is None or
                                x.shape.dims[-1].is_compatible_with(1))
        ranks = labels.shape.ndims, predictions.shape.ndims
        if None not in ranks:
            excess = ranks[1] - ranks[0] - expected_rank_diff
            if excess == 1 and squeezable(predictions):
                predictions = array_ops.squeeze(predictions, [-1])
            elif excess == -1 and squeezable(labels):
                labels = array_ops.squeeze(labels, [-1])
            return labels, predictions
        difference = array_ops.rank(predictions) - array_ops.rank(labels)

        def squeezed_if(rank_diff, x):
            return control_flow_ops.cond(
                op_library.apply_op("Equal", x=rank_diff, y=difference),
                lambda: array_ops.squeeze(x, [-1]), lambda: x)
        if squeezable(predictions):
            predictions = squeezed_if(expected_rank_diff + 1, predictions)
        if squeezable(labels):
            labels = squeezed_if(expected_rank_diff - 1, labels)
        return labels, predictions


def sparse_softmax_cross_entropy(
        labels, logits, weights=1.0, scope=None,
        loss_collection=ops.GraphKeys.LOSSES,
        reduction=Reduction.SUM_BY_NONZERO_WEIGHTS):
    """The cross entropy of softmax(logits) and labels, numbers of classes.

    Reduced as by `compute_weighted_loss`.
    """
    _given(labels=labels, logits=logits)
    with ops.name_scope(scope, "sparse_softmax_cross_entropy_loss",
                        (logits, labels, weights)) as scope:
        labels, logits = remove_squeezable_dimensions(
            labels, logits, expected_rank_diff=1)
        if weights is not None:
            weights = ops.convert_to_tensor(weights)
            if weights.shape.ndims is not None and \
                    weights.shape.ndims - labels.shape.ndims == 1:
                weights = array_ops.squeeze(weights, [-1])
        losses = nn_ops.sparse_softmax_cross_entropy_with_logits(
            labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection,
                                     reduction=reduction)
