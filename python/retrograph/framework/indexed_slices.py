"""IndexedSlices: some rows of a tensor, as gradients of large tables are."""
import collections
import warnings

import numpy as np

from retrograph.framework import conversion

_LARGE_SPARSE_NUM_ELEMENTS = 100000000


class IndexedSlices:
    """Row indices[i] of the tensor is values[i]; other rows are zero."""

    def __init__(self, values, indices, dense_shape=None):
        self._values = values
        self._indices = indices
        self._dense_shape = dense_shape

    values = property(lambda self: self._values, doc="The rows, a Tensor.")
    indices = property(lambda self: self._indices,
                       doc="Where the rows are, a Tensor of integers.")
    dense_shape = property(
        lambda self: self._dense_shape,
        doc="The whole tensor's shape as a Tensor, or None.")
    name = property(lambda self: self._values.name,
                    doc="The name of `values`.")
    device = property(lambda self: self._values.device,
                      doc="The device that was asked for of `values`.")
    op = property(lambda self: self._values.op,
                  doc="The operation that makes `values`.")
    dtype = property(lambda self: self._values.dtype,
                     doc="The DType of `values`.")
    graph = property(lambda self: self._values.graph,
                     doc="The graph that `values` is in.")

    @property
    def shape(self):
        """What is known of the whole tensor's shape, a TensorShape."""
        from retrograph.framework import constant_op
        from retrograph.framework import tensor_shape
        if self._dense_shape is None:
            return tensor_shape.TensorShape(None)
        return constant_op.constant_value_as_shape(self._dense_shape)

    def __str__(self):
        return "IndexedSlices(indices=%s, values=%s%s)" % (
            self._indices, self._values,
            "" if self._dense_shape is None else
            ", dense_shape=%s" % (self._dense_shape,))

    def _control_dependency(self):
        return self._values

    def __neg__(self):
        return IndexedSlices(-self.values, self.indices, self.dense_shape)


# What a session returns for IndexedSlices.
IndexedSlicesValue = collections.namedtuple(
    "IndexedSlicesValue", ["values", "indices", "dense_shape"])


def _to_tensor(value, dtype=None, name=None, as_ref=False):
    if dtype and not dtype.is_compatible_with(value.dtype):
        raise ValueError(
            "Tensor conversion requested dtype %s for IndexedSlices with dtype "
            "%s" % (dtype.name, value.dtype.name))
    if value.dense_shape is None:
        raise ValueError("Tensor conversion requested for IndexedSlices "
                         "without dense_shape: %s" % str(value))
    _warn_if_large(value.dense_shape)
    from retrograph.framework import op_library  # which imports this module
    return op_library.apply_op(
        "UnsortedSegmentSum", name, data=value.values,
        segment_ids=value.indices, num_segments=value.dense_shape[0])


def _warn_if_large(dense_shape):
    from retrograph.framework import constant_op
    shape = constant_op.constant_value(dense_shape)
    if shape is None:
        warnings.warn("Converting sparse IndexedSlices to a dense Tensor of "
                      "unknown shape. This may consume a large amount of "
                      "memory.")
        return
    elements = int(np.prod(shape))
    if elements >= _LARGE_SPARSE_NUM_ELEMENTS:
        warnings.warn("Converting sparse IndexedSlices to a dense Tensor with "
                      "%d elements. This may consume a large amount of memory."
                      % elements)


conversion.register_tensor_conversion_function(IndexedSlices, _to_tensor)


def convert_to_tensor_or_indexed_slices(value, dtype=None, name=None):
    """`value` itself if it is IndexedSlices, else as a Tensor."""
    if isinstance(value, IndexedSlices):
        if dtype and not dtype.is_compatible_with(value.dtype):
            raise ValueError(
                "Tensor conversion requested dtype %s for Tensor with dtype "
                "%s: %r" % (dtype.name, value.dtype.name, str(value)))
        return value
    return conversion.convert_to_tensor(value, dtype=dtype, name=name)


def convert_n_to_tensor_or_indexed_slices(values, dtype=None, name=None):
    return [None if v is None else convert_to_tensor_or_indexed_slices(
        v, dtype, None if name is None else "%s_%d" % (name, i))
        for i, v in enumerate(values)]
