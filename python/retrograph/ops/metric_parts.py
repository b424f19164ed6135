"""What metrics are made of: local variables, and weights that fit."""
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import losses
from retrograph.ops import math_ops
from retrograph.ops import variables

_gen = op_library.gen


def metric_variable(shape, dtype, name):
    return variables.Variable(
        lambda: array_ops.zeros(shape, dtype), trainable=False,
        collections=[ops.GraphKeys.LOCAL_VARIABLES,
                     ops.GraphKeys.METRIC_VARIABLES],
        validate_shape=True, name=name)


def fitting_weights(weights, predictions):
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


def fitting(predictions, labels, weights):
    predictions = ops.convert_to_tensor(predictions)
    labels, predictions = losses.remove_squeezable_dimensions(labels,
                                                              predictions)
    predictions.shape.assert_is_compatible_with(labels.shape)
    if weights is not None:
        weights = fitting_weights(weights, predictions)
    return predictions, labels, weights


def add_to(collections, value):
    if collections:
        ops.add_to_collections(collections, value)


def aggregate(metrics_collections, value_of, *parts):
    """The metric itself, which waits for nothing around it."""
    with ops.control_dependencies(None):
        value = value_of(*parts)
    add_to(metrics_collections, value)
    return value


def ratio(total, count, name):
    return math_ops.div_no_nan(total, _gen.maximum(count, 0), name=name)
