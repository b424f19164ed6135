"""Dataset.padded_batch: batches of elements of several shapes."""
import numpy as np

from retrograph.data import dataset_ops
from retrograph.data import structure
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import ops
from retrograph.framework import tensor_shape


def _default_padding(dtype):
    if dtype.base_dtype == dtypes.string:
        return ""
    if dtype.base_dtype == dtypes.variant:
        raise TypeError("Unable to create padding for field of type 'variant' "
                        "because t.base_type == dtypes.variant == %s."
                        % dtype.base_dtype)
    return np.zeros_like(dtype.as_numpy_dtype())


def _fits(padded, shape):
    if padded.ndims is None or shape.ndims is None:
        return True
    return padded.ndims == shape.ndims and all(
        a is None or b is None or a >= b
        for a, b in zip(padded.as_list(), shape.as_list()))


def _shape_tensor(padded_shape, shape):
    try:
        known = tensor_shape.as_shape(padded_shape)
        tensor = ops.convert_to_tensor(
            [-1 if dim is None else dim for dim in known.as_list()],
            dtype=dtypes.int64)
    except (TypeError, ValueError):
        tensor = ops.convert_to_tensor(padded_shape,
                                       preferred_dtype=dtypes.int64)
        if tensor.shape.ndims is not None and tensor.shape.ndims != 1:
            raise ValueError(
                "Padded shape %s must be a 1-D tensor of tf.int64 values, but "
                "its shape was %s." % (padded_shape, tensor.shape)) from None
        if tensor.dtype != dtypes.int64:
            raise TypeError(
                "Padded shape %s must be a 1-D tensor of tf.int64 values, but "
                "its element type was %s."
                % (padded_shape, tensor.dtype.name)) from None
        known = constant_op.constant_value_as_shape(tensor)
    if not _fits(known, shape):
        raise ValueError("The padded shape %s is not compatible with the "
                         "corresponding input component shape %s."
                         % (known, shape))
    return tensor


def _value_tensor(value, dtype):
    tensor = ops.convert_to_tensor(value, name="padding_value")
    if not tensor.shape.is_compatible_with([]):
        raise ValueError("Padding value should be a scalar, but is not: %s"
                         % tensor)
    if tensor.dtype != dtype:
        raise TypeError("Padding value tensor (%s) does not match output "
                        "type: %s" % (tensor, dtype))
    return tensor


def padded_batch(dataset, batch_size, padded_shapes, padding_values,
                 drop_remainder):
    spec = dataset.element_spec
    leaves = structure.flatten(spec)
    batch_size = ops.convert_to_tensor(batch_size, dtype=dtypes.int64,
                                       name="batch_size")
    if padding_values is None:
        padding_values = structure.map_leaves(
            lambda leaf: _default_padding(leaf.dtype), spec)
    shapes = [_shape_tensor(padded, leaf.shape) for padded, leaf in zip(
        structure.flatten_up_to(spec, padded_shapes), leaves)]
    values = [_value_tensor(value, leaf.dtype) for value, leaf in zip(
        structure.flatten_up_to(spec, padding_values), leaves)]
    drop_remainder = ops.convert_to_tensor(drop_remainder, dtype=dtypes.bool,
                                           name="drop_remainder")
    padded = structure.pack(spec, [
        structure.leaf(leaf.dtype, constant_op.constant_value_as_shape(shape))
        for leaf, shape in zip(leaves, shapes)])
    result = dataset._batch_spec(batch_size, drop_remainder, padded)
    return dataset._changed(
        "PaddedBatchDatasetV2", result, batch_size=batch_size,
        padded_shapes=shapes, padding_values=values,
        drop_remainder=drop_remainder, output_types=dataset_ops.NO_ATTR)
