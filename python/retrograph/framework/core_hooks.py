"""What the binding calls back."""
import numbers
import os

import numpy as np

import retrograph
from retrograph import _core
from retrograph import protos
from retrograph.framework import dtypes
from retrograph.framework import errors
from retrograph.framework import tensor_shape
from retrograph.framework.conversion import convert_to_tensor
from retrograph.framework.default_graph import get_default_graph
from retrograph.framework.graph import _graphs


def _array_from_memory(memory, shape, number):
    array = np.frombuffer(memory, dtypes.carrier(number))
    return _visible_array(array, shape, number)


def _array_from_address(address, owner, shape, number):
    carrier = dtypes.carrier(number)
    interface = {"data": (address, False), "shape": tuple(shape),
                 "typestr": carrier.str, "version": 3}
    return _visible_array(np.asarray(_Memory(interface, owner)), shape, number)


class _Memory:
    """Memory of C++ for numpy; keeps its owner alive."""

    def __init__(self, interface, owner):
        self.__array_interface__ = interface
        self._owner = owner


def _visible_array(array, shape, number):
    array = array.reshape(shape)
    visible = dtypes.visible(number)
    if array.dtype != visible:
        array = array.view(visible)
    return array if array.shape else array[()]


def _object_array(values, shape):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array.reshape(shape)


def _in_graph(key, function, *args):
    """function(*args) with the graph of this key as the default."""
    graph = _graphs[key]
    if graph is get_default_graph():
        return function(*args)
    with graph.as_default():
        return function(*args)


def _convert_for_core(value, number, name, preferred, key, op_type):
    """A value as an op's argument; called while the op is being built."""
    dtype = dtypes._BY_NUMBER[number] if number else None
    preferred = dtypes._BY_NUMBER[preferred] if preferred else None
    return _in_graph(key, _convert_argument, value, dtype, name or None,
                     preferred, op_type)


def _convert_argument(value, dtype, name, preferred, op_type):
    try:
        return convert_to_tensor(value, dtype, name, preferred)
    except TypeError as e:
        if dtype is None or not op_type:
            raise
        raise TypeError(
            "Expected %s passed to parameter '%s' of op '%s', got %r of type "
            "'%s' instead. Error: %s" % (dtype.name, name, op_type, value,
                                         type(value).__name__, e)) from None
    except ValueError:
        if not op_type:
            raise
        # What it is by itself: the op then says that it needs another type.
        try:
            return convert_to_tensor(value)
        except ValueError as e:
            raise ValueError("Tried to convert '%s' to a tensor and failed. "
                             "Error: %s" % (name, e)) from None


def _dtype_number(value):
    try:
        return dtypes.as_dtype(value)._number
    except TypeError:
        return None


def _shape_proto(value, argument):
    if isinstance(value, protos.TensorShapeProto):
        return value.SerializeToString()
    try:
        return tensor_shape.as_shape(value).as_proto().SerializeToString()
    except (TypeError, ValueError) as e:
        raise type(e)("Error converting %s to a TensorShape: %s."
                      % (argument, e))


def _tensor_proto(value, argument):
    if isinstance(value, protos.TensorProto):
        return value.SerializeToString()
    raise TypeError("Don't know how to convert %r to a TensorProto for "
                    "argument '%s'." % (value, argument))


def _is_real(value):
    return isinstance(value, (numbers.Real, np.integer, np.floating))


def _message(name):
    def parse(data):
        return getattr(protos, name).FromString(data)
    return parse


def _install_hooks():
    hooks = {
        "make_error": errors._make,
        "package_folder": os.path.dirname(retrograph.__file__) + os.sep,
        "array_from_memory": _array_from_memory,
        "array_from_address": _array_from_address,
        "object_array": _object_array,
        "convert": _convert_for_core,
        "dtype": dtypes._BY_NUMBER.__getitem__,
        "dtype_number": _dtype_number,
        "shape_proto": _shape_proto,
        "tensor_proto": _tensor_proto,
        "shape_message": _message("TensorShapeProto"),
        "tensor_message": _message("TensorProto"),
        "function_message": _message("NameAttrList"),
        "is_real": _is_real,
    }
    for name, hook in hooks.items():
        _core.set_hook(name, hook)


_install_hooks()
