"""TensorSpec: a tensor's shape and type, without the tensor."""
from retrograph.framework import dtypes
from retrograph.framework import tensor_shape


class TensorSpec:
    """What is known of a tensor before there is one."""

    def __init__(self, shape, dtype=dtypes.float32, name=None):
        self._shape = tensor_shape.as_shape(shape)
        self._dtype = dtypes.as_dtype(dtype)
        self._name = name

    shape = property(lambda self: self._shape, doc="The TensorShape.")
    dtype = property(lambda self: self._dtype, doc="The DType.")
    name = property(lambda self: self._name, doc="The name, or None.")

    @classmethod
    def from_spec(cls, spec, name=None):
        """What another says, by another name if one is given."""
        return cls(spec.shape, spec.dtype, name or spec.name)

    @classmethod
    def from_tensor(cls, tensor, name=None):
        """What is known of a Tensor; named as it, or as is said."""
        return cls(tensor.shape, tensor.dtype.base_dtype,
                   name or tensor.op.name)

    def is_compatible_with(self, spec_or_tensor):
        """Whether type and shape of a Tensor, or a spec, fit this one's.

        False for what is neither.
        """
        return (isinstance(spec_or_tensor, TensorSpec)
                or hasattr(spec_or_tensor, "op")) and \
            self._dtype.is_compatible_with(spec_or_tensor.dtype) and \
            self._shape.is_compatible_with(spec_or_tensor.shape)

    def __repr__(self):
        return "TensorSpec(shape=%s, dtype=%r, name=%r)" % (
            self._shape, self._dtype, self._name)

    def __eq__(self, other):
        return isinstance(other, TensorSpec) and \
            str(self._shape) == str(other._shape) and \
            self._dtype == other._dtype and self._name == other._name

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((str(self._shape), self._dtype))


TensorSpec.__module__ = "tensorflow.python.framework.tensor_spec"
