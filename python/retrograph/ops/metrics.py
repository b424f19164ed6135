"""tf.metrics: sums over many runs, and what they say so far."""
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import losses
from retrograph.ops import math_ops
from retrograph.ops import state_ops
from retrograph.ops import variable_scope as vs
from retrograph.ops.metric_parts import (
    add_to, aggregate, fitting, fitting_weights, metric_variable, ratio)

_gen = op_library.gen


def mean(values, weights=None, metrics_collections=None,
         updates_collections=None, name=None):
    """(the mean of all values so far, the op that adds these values)"""
    with vs.variable_scope(name, "mean", (values, weights)):
        values = math_ops.cast(values, dtypes.float32)
        total = metric_variable([], dtypes.float32, "total")
        count = metric_variable([], dtypes.float32, "count")
        if weights is None:
            number = math_ops.cast(array_ops.size(values), dtypes.float32)
        else:
            weights = fitting_weights(weights, values)
            weights = losses.broadcast_weights(
                math_ops.cast(weights, dtypes.float32), values)
            values = math_ops.multiply(values, weights)
            number = math_ops.reduce_sum(weights)
        new_total = state_ops.assign_add(total, math_ops.reduce_sum(values))
        with ops.control_dependencies([values]):
            new_count = state_ops.assign_add(count, number)
        value = aggregate(metrics_collections,
                        lambda t, c: ratio(t, c, "value"), total, count)
        update = ratio(new_total, new_count, "update_op")
        add_to(updates_collections, update)
        return value, update


def accuracy(labels, predictions, weights=None, metrics_collections=None,
             updates_collections=None, name=None):
    """How often predictions are labels."""
    predictions, labels, weights = fitting(predictions, labels, weights)
    if labels.dtype != predictions.dtype:
        predictions = math_ops.cast(predictions, labels.dtype)
    is_correct = math_ops.cast(_gen.equal(predictions, labels), dtypes.float32)
    return mean(is_correct, weights, metrics_collections, updates_collections,
                name or "accuracy")


def mean_per_class_accuracy(labels, predictions, num_classes, weights=None,
                            metrics_collections=None,
                            updates_collections=None, name=None):
    """The mean over classes of how often they were found."""
    with vs.variable_scope(name, "mean_accuracy",
                           (predictions, labels, weights)):
        flat = lambda x: array_ops.reshape(x, [-1]) \
            if x.shape.ndims > 1 else x
        labels = flat(math_ops.cast(labels, dtypes.int64))
        predictions = flat(predictions)
        predictions.shape.assert_is_compatible_with(labels.shape)
        total = metric_variable([num_classes], dtypes.float32, "total")
        count = metric_variable([num_classes], dtypes.float32, "count")
        ones = array_ops.ones([array_ops.size(labels)], dtypes.float32)
        if labels.dtype != predictions.dtype:
            predictions = math_ops.cast(predictions, labels.dtype)
        is_correct = math_ops.cast(_gen.equal(predictions, labels),
                                   dtypes.float32)
        if weights is not None:
            weights = math_ops.cast(flat(weights), dtypes.float32)
            is_correct *= weights
            ones *= weights
        new_total = state_ops.scatter_add(total, labels, ones)
        new_count = state_ops.scatter_add(count, labels, is_correct)
        value = aggregate(
            metrics_collections,
            lambda c, t: math_ops.reduce_mean(ratio(c, t, None),
                                              name="mean_accuracy"),
            count, total)
        update = ratio(new_count, new_total, "update_op")
        add_to(updates_collections, update)
        return value, update


# ---- Errors -----------------------------------------------------------------

def mean_absolute_error(labels, predictions, weights=None,
                        metrics_collections=None, updates_collections=None,
                        name=None):
    """(The mean of |predictions - labels|, the op that adds more to it)."""
    predictions, labels, weights = fitting(predictions, labels, weights)
    errors = math_ops.abs(predictions - labels)
    return mean(errors, weights, metrics_collections, updates_collections,
                name or "mean_absolute_error")


def mean_squared_error(labels, predictions, weights=None,
                       metrics_collections=None, updates_collections=None,
                       name=None):
    """(The mean of (predictions - labels) ** 2, the op that adds to it)."""
    predictions, labels, weights = fitting(predictions, labels, weights)
    errors = _gen.squared_difference(labels, predictions)
    return mean(errors, weights, metrics_collections, updates_collections,
                name or "mean_squared_error")


def root_mean_squared_error(labels, predictions, weights=None,
                            metrics_collections=None,
                            updates_collections=None, name=None):
    """(The root of mean_squared_error, the op that adds more to it)."""
    predictions, labels, weights = fitting(predictions, labels, weights)
    error, update = mean_squared_error(labels, predictions, weights, None,
                                       None, name or "root_mean_squared_error")
    root = aggregate(metrics_collections, _gen.sqrt, error)
    new_root = _gen.sqrt(update)
    add_to(updates_collections, new_root)
    return root, new_root


def mean_relative_error(labels, predictions, normalizer, weights=None,
                        metrics_collections=None, updates_collections=None,
                        name=None):
    """The mean of |labels - predictions| / normalizer."""
    predictions, labels, weights = fitting(predictions, labels, weights)
    predictions, normalizer = losses.remove_squeezable_dimensions(predictions,
                                                                  normalizer)
    predictions.shape.assert_is_compatible_with(normalizer.shape)
    errors = array_ops.where(
        _gen.equal(normalizer, 0.0), array_ops.zeros_like(labels),
        math_ops.div(math_ops.abs(labels - predictions), normalizer))
    return mean(errors, weights, metrics_collections, updates_collections,
                name or "mean_relative_error")


def percentage_below(values, threshold, weights=None,
                     metrics_collections=None, updates_collections=None,
                     name=None):
    """(Which part of the values is below the threshold, the op that adds)."""
    below = math_ops.cast(_gen.less(values, threshold), dtypes.float32)
    return mean(below, weights, metrics_collections, updates_collections,
                name or "percentage_below_threshold")
