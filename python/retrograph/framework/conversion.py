"""Values as tensors: what is registered for a type, or else a constant."""
import collections.abc

from retrograph.framework import dtypes
from retrograph.framework.operation import Operation
from retrograph.framework.tensor import Tensor

_conversions = []  # (priority, base types, function)
_make_constant = None  # of what nothing is registered for


def set_constant_conversion(function):
    """Sets who makes a constant: function(value, dtype, name)."""
    global _make_constant
    _make_constant = function


def register_tensor_conversion_function(base_type, conversion_func,
                                        priority=100):
    """Calls conversion_func(value, dtype, name, as_ref) for these types."""
    if not callable(conversion_func):
        raise TypeError("conversion_func must be callable.")
    _conversions.append((priority, base_type, conversion_func))
    _conversions.sort(key=lambda entry: entry[0])


def _registered(value):
    return [f for _, base, f in _conversions if isinstance(value, base)]


def convert_to_tensor(value, dtype=None, name=None, preferred_dtype=None,
                      dtype_hint=None, as_ref=False):
    """`value` as a Tensor of the default graph.

    Parameters
    ----------
    value
        A Tensor, a Variable, a number, a string, a list or an array.
    dtype
        What the tensor's type must be.
    name
        Of a new constant.
    preferred_dtype
        A wish, tried first.

    Raises
    ------
    TypeError, ValueError
        With TensorFlow's texts.
    """
    preferred = dtype_hint or preferred_dtype
    if dtype is not None:
        dtype = dtypes.as_dtype(dtype)
    if isinstance(value, Tensor):
        return _checked_tensor(value, dtype)
    if preferred is not None and dtype is None:
        try:
            return _convert(value, dtypes.as_dtype(preferred), name, as_ref)
        except (TypeError, ValueError):
            pass
    return _convert(value, dtype, name, as_ref)


internal_convert_to_tensor = convert_to_tensor
convert_to_tensor_or_composite = convert_to_tensor


def _checked_tensor(tensor, dtype):
    if dtype is not None and not dtype.is_compatible_with(tensor.dtype):
        raise ValueError(
            "Tensor conversion requested dtype %s for Tensor with dtype %s: %r"
            % (dtype.name, tensor.dtype.name, tensor))
    return tensor


def _convert(value, dtype, name, as_ref):
    if isinstance(value, Operation):
        raise TypeError("Can't convert Operation '%s' to Tensor (target dtype="
                        "%r, name=%r, as_ref=%r)"
                        % (value.name, dtype, name, as_ref))
    for function in _registered(value):
        result = function(value, dtype=dtype, name=name, as_ref=as_ref)
        if result is not NotImplemented:
            return result
    if hasattr(value, "_dense_var_to_tensor"):
        result = value._dense_var_to_tensor(dtype=dtype, name=name,
                                            as_ref=as_ref)
        if result is not NotImplemented:
            return result
    return _make_constant(value, dtype, name)


def convert_n_to_tensor(values, dtype=None, name=None, preferred_dtype=None):
    if not isinstance(values, collections.abc.Sequence):
        raise TypeError("values must be a sequence.")
    return [convert_to_tensor(
        v, dtype, None if name is None else "%s_%d" % (name, i),
        preferred_dtype) for i, v in enumerate(values)]


internal_convert_n_to_tensor = convert_n_to_tensor


def _op_to_colocate_with(value, graph):
    if value is None or isinstance(value, Operation):
        return value
    if hasattr(value, "handle") and isinstance(value.handle, Tensor):
        return value.handle.op
    if hasattr(value, "_dense_var_to_tensor"):
        return value.op
    return convert_to_tensor(value, as_ref=True).op


def is_dense_tensor_like(value):
    return isinstance(value, Tensor) or hasattr(value, "_dense_var_to_tensor")
