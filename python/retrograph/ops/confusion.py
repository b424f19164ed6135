"""tf.confusion_matrix: how often each class was taken for each."""
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import check_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import losses
from retrograph.ops import math_ops
from retrograph.ops import rank_checks

_gen = op_library.gen


def _checked(check, values, *args, message):
    return control_flow_ops.with_dependencies(
        [check(values, *args, message=message)], values)


def confusion_matrix(labels, predictions, num_classes=None,
                     dtype=dtypes.int32, name=None, weights=None):
    """[classes, classes]: labels are rows, predictions columns."""
    with ops.name_scope(name, "confusion_matrix",
                        (predictions, labels, num_classes, weights)):
        labels, predictions = losses.remove_squeezable_dimensions(
            ops.convert_to_tensor(labels, name="labels"),
            ops.convert_to_tensor(predictions, name="predictions"))
        predictions = math_ops.cast(predictions, dtypes.int64)
        labels = math_ops.cast(labels, dtypes.int64)
        labels = _checked(rank_checks.assert_non_negative, labels,
                          message="`labels` contains negative values")
        predictions = _checked(rank_checks.assert_non_negative, predictions,
                               message="`predictions` contains negative "
                               "values")
        if num_classes is None:
            num_classes = _gen.maximum(math_ops.reduce_max(predictions),
                                       math_ops.reduce_max(labels)) + 1
        else:
            limit = math_ops.cast(num_classes, dtypes.int64)
            labels = _checked(check_ops.assert_less, labels, limit,
                              message="`labels` out of bound")
            predictions = _checked(check_ops.assert_less, predictions, limit,
                                   message="`predictions` out of bound")
        if weights is not None:
            weights = ops.convert_to_tensor(weights, name="weights")
            predictions.shape.assert_is_compatible_with(weights.shape)
            weights = math_ops.cast(weights, dtype)
        shape = array_ops.stack([num_classes, num_classes])
        indices = array_ops.stack([labels, predictions], axis=1)
        values = array_ops.ones_like(predictions, dtype) \
            if weights is None else weights
        wide = math_ops.cast(shape, dtypes.int64)
        zeros = array_ops.zeros(math_ops.cast(shape, dtypes.int32), dtype)
        return _gen.sparse_tensor_dense_add(indices, values, wide, zeros)
