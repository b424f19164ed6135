"""Structures of datasets' elements: tuples and dicts; a list is a value.

A spec says what stands at a leaf: a tensor, or a dataset. to_tensors() and
from_tensors() go between a structure of values and the tensors that a dataset's
op takes.
"""
import collections.abc

from retrograph.framework import dtypes
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.framework import tensor_spec


def flatten(value):
    """The leaves; dicts by sorted key."""
    if isinstance(value, collections.abc.Mapping):
        return [leaf for key in sorted(value) for leaf in flatten(value[key])]
    if isinstance(value, tuple):
        return [leaf for child in value for leaf in flatten(child)]
    return [value]


def pack(structure, leaves):
    """The same structure with other leaves."""
    leaves = iter(leaves)

    def packed(value):
        if isinstance(value, collections.abc.Mapping):
            children = {key: packed(value[key]) for key in sorted(value)}
            return type(value)((key, children[key]) for key in value)
        if hasattr(value, "_fields"):
            return type(value)(*[packed(child) for child in value])
        if isinstance(value, tuple):
            return tuple(packed(child) for child in value)
        return next(leaves)
    return packed(structure)


def map_leaves(function, structure):
    return pack(structure, [function(leaf) for leaf in flatten(structure)])


def flatten_up_to(shallow, value):
    """What `value` has where `shallow` has its leaves."""
    if isinstance(shallow, collections.abc.Mapping):
        if not isinstance(value, collections.abc.Mapping):
            raise TypeError(
                "If shallow structure is a sequence, input must also be a "
                "sequence. Input has type: %s." % type(value))
        if set(shallow) != set(value):
            raise ValueError(
                "The two structures don't have the same keys. Input "
                "structure has keys %s, while shallow structure has keys %s."
                % (list(value), list(shallow)))
        return [leaf for key in sorted(shallow)
                for leaf in flatten_up_to(shallow[key], value[key])]
    if isinstance(shallow, tuple):
        if not isinstance(value, (tuple, list)):
            raise TypeError(
                "If shallow structure is a sequence, input must also be a "
                "sequence. Input has type: %s." % type(value))
        if len(shallow) != len(value):
            raise ValueError(
                "The two structures don't have the same sequence length. "
                "Input structure has length %s, while shallow structure has "
                "length %s." % (len(value), len(shallow)))
        return [leaf for a, b in zip(shallow, value)
                for leaf in flatten_up_to(a, b)]
    return [value]


# ---- Specs ------------------------------------------------------------------

class _TensorLeaf(tensor_spec.TensorSpec):
    """A tensor in an element."""

    value_class = property(lambda self: ops.Tensor)

    def to_tensor(self, value):
        return ops.convert_to_tensor(value, self.dtype)

    def from_tensor_value(self, tensor):
        tensor.set_shape(self.shape)
        return tensor

    def batched(self, size):
        return _TensorLeaf(
            tensor_shape.TensorShape([size]).concatenate(self.shape),
            self.dtype)

    def unbatched(self):
        return _TensorLeaf(self.shape[1:], self.dtype)


class DatasetSpec:
    """A dataset in an element, or what a function returns."""

    def __init__(self, element_spec, dataset_shape=()):
        self._element_spec = element_spec

    dtype = property(lambda self: dtypes.variant)
    shape = property(lambda self: tensor_shape.TensorShape([]))
    value_class = property(lambda self: DatasetSpec)

    def to_tensor(self, dataset):
        return dataset._variant_tensor

    def from_tensor_value(self, tensor):
        from retrograph.data import dataset_ops
        dataset = dataset_ops.Dataset(tensor, self._element_spec)
        dataset._is_v2 = True
        return dataset

    def batched(self, size):
        raise NotImplementedError("Batching for `tf.data.Dataset` objects")

    def is_compatible_with(self, other):
        return isinstance(other, DatasetSpec)

    def __repr__(self):
        return "DatasetSpec(%r, TensorShape([]))" % (self._element_spec,)


def leaf(dtype, shape):
    return _TensorLeaf(shape, dtype)


def of_types(types, shapes):
    """The specs of legacy structures of types and shapes."""
    return pack(types, [leaf(t, s) for t, s in zip(flatten(types),
                                                   flatten(shapes))])


def of_value(value):
    """The specs of a structure of values.

    Raises
    ------
    TypeError
        For a value that is no tensor and cannot become one.
    """
    from retrograph.data import dataset_ops
    if isinstance(value, ops.Tensor):
        return leaf(value.dtype.base_dtype, value.shape)
    if isinstance(value, dataset_ops.Dataset):
        return DatasetSpec(value.element_spec)
    if isinstance(value, collections.abc.Mapping):
        return type(value)((key, of_value(value[key])) for key in value)
    if hasattr(value, "_fields"):
        return type(value)(*[of_value(child) for child in value])
    if isinstance(value, tuple):
        return tuple(of_value(child) for child in value)
    try:
        return of_value(ops.convert_to_tensor(value))
    except (ValueError, TypeError):
        raise TypeError("Could not build a TypeSpec for %r with type %s"
                        % (value, type(value).__name__)) from None


def types(spec):
    return map_leaves(lambda s: s.dtype, spec)


def shapes(spec):
    return map_leaves(lambda s: s.shape, spec)


def attrs(spec):
    """The attrs that a dataset's op has for its elements."""
    leaves = flatten(spec)
    return dict(output_types=[s.dtype for s in leaves],
                output_shapes=[s.shape for s in leaves])


def to_tensors(spec, value):
    return [s.to_tensor(v) for s, v in zip(flatten(spec),
                                           flatten_up_to(spec, value))]


def from_tensors(spec, tensors):
    return pack(spec, [s.from_tensor_value(t)
                       for s, t in zip(flatten(spec), tensors)])


DatasetSpec.__module__ = "tensorflow.python.data.ops.dataset_ops"
_TensorLeaf.__name__ = _TensorLeaf.__qualname__ = "TensorSpec"
_TensorLeaf.__module__ = tensor_spec.TensorSpec.__module__
