"""tf.metrics: sums over many runs, and what they say so far."""
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import losses
from retrograph.ops import math_ops
from retrograph.ops import state_ops
from retrograph.ops import variable_scope as vs
from retrograph.ops import variables

_gen = op_library.gen


def _metric_variable(shape, dtype, name):
    return variables.Variable(
        lambda: array_ops.zeros(shape, dtype), trainable=False,
        collections=[ops.GraphKeys.LOCAL_VARIABLES,
                     ops.GraphKeys.METRIC_VARIABLES],
        validate_shape=True, name=name)


def _fitting_weights(weights, predictions):
    """Weights with a last axis of 1 more, or less, if need be."""
    weights = ops.convert_to_tensor(weights)
    rank, other = weights.shape.ndims, predictions.shape.ndims
    if rank == 0:
        return weights
    if rank is not None and other is not None:
        if rank - other == 1:
            return array_ops.squeeze(weights, [-1])
        if other - rank == 1:
            return array_ops.expand_dims(weights, [-1])
        return weights
    rank_tensor = array_ops.rank(weights)
    difference = rank_tensor - array_ops.rank(predictions)

    def expanded():
        return control_flow_ops.cond(
            _gen.equal(difference, -1),
            lambda: array_ops.expand_dims(weights, [-1]), lambda: weights)
    if rank is not None and not weights.shape.dims[-1].is_compatible_with(1):
        squeezed = lambda: weights
    else:
        squeezed = lambda: array_ops.squeeze(weights, [-1])
    adjusted = lambda: control_flow_ops.cond(_gen.equal(difference, 1),
                                             squeezed, expanded)
    return control_flow_ops.cond(_gen.equal(rank_tensor, 0), lambda: weights,
                                 adjusted)


def _fitting(predictions, labels, weights):
    predictions = ops.convert_to_tensor(predictions)
    labels, predictions = losses.remove_squeezable_dimensions(labels,
                                                              predictions)
    predictions.shape.assert_is_compatible_with(labels.shape)
    if weights is not None:
        weights = _fitting_weights(weights, predictions)
    return predictions, labels, weights


def _add_to(collections, value):
    if collections:
        ops.add_to_collections(collections, value)


def _result(metrics_collections, value_of, *parts):
    """The metric itself, which waits for nothing around it."""
    with ops.control_dependencies(None):
        value = value_of(*parts)
    _add_to(metrics_collections, value)
    return value


def _ratio(total, count, name):
    return math_ops.div_no_nan(total, _gen.maximum(count, 0), name=name)


def mean(values, weights=None, metrics_collections=None,
         updates_collections=None, name=None):
    """(the mean of all values so far, the op that adds these values)"""
    with vs.variable_scope(name, "mean", (values, weights)):
        values = math_ops.cast(values, dtypes.float32)
        total = _metric_variable([], dtypes.float32, "total")
        count = _metric_variable([], dtypes.float32, "count")
        if weights is None:
            number = math_ops.cast(array_ops.size(values), dtypes.float32)
        else:
            weights = _fitting_weights(weights, values)
            weights = losses.broadcast_weights(
                math_ops.cast(weights, dtypes.float32), values)
            values = math_ops.multiply(values, weights)
            number = math_ops.reduce_sum(weights)
        new_total = state_ops.assign_add(total, math_ops.reduce_sum(values))
        with ops.control_dependencies([values]):
            new_count = state_ops.assign_add(count, number)
        value = _result(metrics_collections,
                        lambda t, c: _ratio(t, c, "value"), total, count)
        update = _ratio(new_total, new_count, "update_op")
        _add_to(updates_collections, update)
        return value, update


def accuracy(labels, predictions, weights=None, metrics_collections=None,
             updates_collections=None, name=None):
    """How often predictions are labels."""
    predictions, labels, weights = _fitting(predictions, labels, weights)
    if labels.dtype != predictions.dtype:
        predictions = math_ops.cast(predictions, labels.dtype)
    is_correct = math_ops.cast(_gen.equal(predictions, labels), dtypes.float32)
    return mean(is_correct, weights, metrics_collections, updates_collections,
                name or "accuracy")
