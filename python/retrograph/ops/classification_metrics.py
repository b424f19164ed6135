"""tf.metrics of classes: what was taken for what."""
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import check_ops
from retrograph.ops import confusion
from retrograph.ops import losses
from retrograph.ops import math_ops
from retrograph.ops import rank_checks
from retrograph.ops import state_ops
from retrograph.ops import variable_scope as vs
from retrograph.ops.metric_parts import (
    add_to, aggregate, fitting, metric_variable)
from retrograph.platform import tf_logging

_gen = op_library.gen


def _booleans(labels, predictions, weights):
    predictions = math_ops.cast(predictions, dtypes.bool)
    labels = math_ops.cast(labels, dtypes.bool)
    return fitting(predictions, labels, weights)


def _counter(name, label, prediction):
    """A metric: how often a label came with a prediction."""
    def count(labels, predictions, weights=None, metrics_collections=None,
              updates_collections=None, name=None):
        with vs.variable_scope(name, default_name,
                               (predictions, labels, weights)):
            predictions, labels, weights = _booleans(labels, predictions,
                                                     weights)
            found = _gen.logical_and(_gen.equal(labels, label),
                                     _gen.equal(predictions, prediction))
            return _count(found, weights, metrics_collections,
                          updates_collections)
    default_name = name
    count.__name__ = count.__qualname__ = name
    count.__doc__ = (
        "(How often %s is predicted as %s, the op that counts more).\n\n"
        "Labels and predictions are of one shape and become bools."
        % (label, prediction))
    return count


def _count(values, weights, metrics_collections, updates_collections):
    rank_checks.assert_type(values, dtypes.bool)
    total = metric_variable([], dtypes.float32, "count")
    values = math_ops.cast(values, dtypes.float32)
    if weights is not None:
        check = rank_checks.assert_rank_in(weights,
                                           (0, array_ops.rank(values)))
        with ops.control_dependencies((check,)):
            weights = math_ops.cast(weights, dtypes.float32)
            values = math_ops.multiply(values, weights)
    value = aggregate(metrics_collections, array_ops.identity, total)
    update = state_ops.assign_add(total, math_ops.reduce_sum(values))
    add_to(updates_collections, update)
    return value, update


true_positives = _counter("true_positives", True, True)
true_negatives = _counter("true_negatives", False, False)
false_positives = _counter("false_positives", False, True)
false_negatives = _counter("false_negatives", True, False)


def _share(name, other):
    """A metric: true positives among these and the other."""
    def metric(labels, predictions, weights=None, metrics_collections=None,
               updates_collections=None, name=None):
        with vs.variable_scope(name, default_name,
                               (predictions, labels, weights)):
            predictions, labels, weights = _booleans(labels, predictions,
                                                     weights)
            true, true_update = true_positives(labels, predictions, weights)
            rest, rest_update = other(labels, predictions, weights)

            def share(true, rest, name):
                return array_ops.where(
                    _gen.greater(true + rest, 0),
                    math_ops.div(true, true + rest), 0, name)
            value = aggregate(metrics_collections,
                              lambda t, r: share(t, r, "value"), true, rest)
            update = share(true_update, rest_update, "update_op")
            add_to(updates_collections, update)
            return value, update
    default_name = name
    metric.__name__ = metric.__qualname__ = name
    metric.__doc__ = (
        "(True positives by these and %s, the op that counts more).\n\n"
        "0 if there are none. Labels and predictions are of one shape and "
        "become bools." % other.__name__.replace("_", " "))
    return metric


precision = _share("precision", false_positives)
recall = _share("recall", false_negatives)


def mean_iou(labels, predictions, num_classes, weights=None,
             metrics_collections=None, updates_collections=None, name=None):
    """The mean over classes of intersection over union."""
    with vs.variable_scope(name, "mean_iou", (predictions, labels, weights)):
        predictions.shape.assert_is_compatible_with(labels.shape)
        total = metric_variable([num_classes, num_classes], dtypes.float64,
                                "total_confusion_matrix")
        flat = lambda x: array_ops.reshape(x, [-1]) \
            if x.shape.ndims > 1 else x
        predictions = math_ops.cast(predictions, dtypes.int64)
        labels = math_ops.cast(labels, dtypes.int64)
        num_classes = math_ops.cast(num_classes, dtypes.int64)
        predictions, labels = flat(predictions), flat(labels)
        if weights is not None:
            weights = flat(weights)
        update = state_ops.assign_add(total, confusion.confusion_matrix(
            labels, predictions, num_classes, weights=weights,
            dtype=dtypes.float64))
        value = aggregate(metrics_collections, _mean_iou_of, total)
        add_to(updates_collections, update)
        return value, update


def _mean_iou_of(matrix):
    as_float = lambda x: math_ops.cast(x, dtypes.float32)
    predicted = as_float(math_ops.reduce_sum(matrix, 0))
    real = as_float(math_ops.reduce_sum(matrix, 1))
    both = as_float(_gen.diag_part(matrix))
    union = predicted + real - both
    # Classes that never came up do not count.
    count = math_ops.reduce_sum(as_float(_gen.not_equal(union, 0)))
    union = array_ops.where(_gen.greater(union, 0), union,
                            array_ops.ones_like(union))
    iou = math_ops.div(both, union)
    return array_ops.where(
        _gen.greater(count, 0),
        math_ops.reduce_sum(iou, name="mean_iou") / count, 0)


# ---- At many thresholds -----------------------------------------------------

_KINDS = (("tp", "true_positives"), ("fn", "false_negatives"),
          ("tn", "true_negatives"), ("fp", "false_positives"))


def _counts_at(labels, predictions, thresholds, weights,
               wanted=("tp", "fn", "tn", "fp")):
    """({kind: counts}, {kind: the op that adds to them}), a count for each
    threshold."""
    checks = [check(predictions, math_ops.cast(bound, predictions.dtype),
                    message="predictions must be in [0, 1]")
              for check, bound in ((check_ops.assert_greater_equal, 0.0),
                                   (check_ops.assert_less_equal, 1.0))]
    with ops.control_dependencies(checks):
        predictions = math_ops.cast(predictions, dtypes.float32)
        labels = math_ops.cast(labels, dtypes.bool)
        predictions, labels, weights = fitting(predictions, labels, weights)
    n = len(thresholds)
    column = array_ops.reshape(predictions, [-1, 1])
    row_of_labels = array_ops.reshape(math_ops.cast(labels, dtypes.bool),
                                      [1, -1])
    size = column.shape.as_list()[0]
    if size is None:
        size = array_ops.shape(column)[0]
    tiled = array_ops.tile(
        array_ops.expand_dims(ops.convert_to_tensor(thresholds, name="Const"),
                              [1]),
        array_ops.stack([1, size]))
    guess = _gen.greater(array_ops.tile(array_ops.transpose(column), [n, 1]),
                         tiled)
    masks = {"p": guess}
    if "fn" in wanted or "tn" in wanted:
        masks["n"] = _gen.logical_not(guess)
    truth = array_ops.tile(row_of_labels, [n, 1])
    truths = {True: truth}
    if "fp" in wanted or "tn" in wanted:
        truths[False] = _gen.logical_not(truth)
    if weights is not None:
        weights = losses.broadcast_weights(
            math_ops.cast(weights, dtypes.float32), predictions)
        weights = array_ops.tile(array_ops.reshape(weights, [1, -1]), [n, 1])
        tiled.shape.assert_is_compatible_with(weights.shape)
    values, updates = {}, {}
    for kind, name in _KINDS:
        if kind not in wanted:
            continue
        values[kind] = metric_variable([n], dtypes.float32, name)
        label = (kind[0] == "t") == (kind[1] == "p")
        found = math_ops.cast(
            _gen.logical_and(truths[label], masks[kind[1]]), dtypes.float32)
        if weights is not None:
            found *= weights
        updates[kind] = state_ops.assign_add(values[kind],
                                             math_ops.reduce_sum(found, 1))
    return values, updates


_EPSILON = 1.0e-6


def _interpolated_area(tp, fp, fn, n):
    """Under the curve of precision over recall where both counts grow evenly
    between two thresholds (Davis and Goadrich 2006)."""
    gained = tp[:n - 1] - tp[1:]
    p = tp + fp
    slope = math_ops.div_no_nan(
        gained, _gen.maximum(p[:n - 1] - p[1:], 0), name="prec_slope")
    offset = tp[1:] - math_ops.multiply(slope, p[1:])
    ratio = array_ops.where(
        _gen.logical_and(p[:n - 1] > 0, p[1:] > 0),
        math_ops.div_no_nan(p[:n - 1], _gen.maximum(p[1:], 0),
                            name="recall_relative_ratio"),
        array_ops.ones_like(p[1:]))
    return math_ops.reduce_sum(
        math_ops.div_no_nan(slope * (gained + offset * _gen.log(ratio)),
                            _gen.maximum(tp[1:] + fn[1:], 0),
                            name="pr_auc_increment"),
        name="interpolate_pr_auc")


# The height that a step of the curve counts with.
_HEIGHTS = {
    "trapezoidal": lambda a, b: (a + b) / 2.,
    "careful_interpolation": lambda a, b: (a + b) / 2.,
    "minoring": lambda a, b: _gen.minimum(a, b),
    "majoring": lambda a, b: _gen.maximum(a, b),
}


def _area(counts, curve, summation_method, n, name):
    tp, fn, tn, fp = (counts[kind] for kind, _ in _KINDS)
    if curve == "PR":
        if summation_method == "trapezoidal":
            tf_logging.warning(
                "Trapezoidal rule is known to produce incorrect PR-AUCs; "
                "please switch to \"careful_interpolation\" instead.")
        elif summation_method == "careful_interpolation":
            return _interpolated_area(tp, fp, fn, n)
    x = found = math_ops.div(tp + _EPSILON, tp + fn + _EPSILON)
    if curve == "ROC":
        x, y = math_ops.div(fp, fp + tn + _EPSILON), found
    else:
        y = math_ops.div(tp + _EPSILON, tp + fp + _EPSILON)
    if summation_method not in _HEIGHTS:
        raise ValueError("Invalid summation_method: %s" % summation_method)
    return math_ops.reduce_sum(
        math_ops.multiply(x[:n - 1] - x[1:],
                          _HEIGHTS[summation_method](y[:n - 1], y[1:])),
        name=name)


def auc(labels, predictions, weights=None, num_thresholds=200,
        metrics_collections=None, updates_collections=None, curve="ROC",
        name=None, summation_method="trapezoidal", thresholds=None):
    """The area under the curve of true over false positives ("ROC") or of
    precision over recall ("PR")."""
    with vs.variable_scope(name, "auc", (labels, predictions, weights)):
        if curve not in ("ROC", "PR"):
            raise ValueError("curve must be either ROC or PR, %s unknown"
                             % curve)
        if thresholds is None:
            thresholds = [(i + 1) * 1.0 / (num_thresholds - 1)
                          for i in range(num_thresholds - 2)]
        # One below and one above all predictions, whatever their last bit.
        thresholds = [-1e-7] + sorted(thresholds) + [1.0 + 1e-7]
        n = len(thresholds)
        values, updates = _counts_at(labels, predictions, thresholds, weights)
        value = aggregate(
            metrics_collections,
            lambda counts: _area(counts, curve, summation_method, n, "value"),
            values)
        update = _area(updates, curve, summation_method, n, "update_op")
        add_to(updates_collections, update)
        return value, update
