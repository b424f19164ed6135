"""Gradients of op types that the user writes.

The registry is C++'s; here are the decorator and the call back into Python.
"""
from retrograph import _core
from retrograph.framework.indexed_slices import IndexedSlices


class RegisterGradient:
    """Decorator: function(op, *output_gradients) of an op type or a name."""

    def __init__(self, op_type):
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, function):
        _register(self._op_type, function)
        return function


def NotDifferentiable(op_type):  # noqa: N802, TensorFlow's name
    """Says that ops of a type have no gradient, and that this is no error."""
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")
    _register(op_type, None)


NoGradient = NotDifferentiable

_places = {}  # where the user registered a name


def _register(name, function):
    try:
        _core.register_gradient(name, function)
    except KeyError as e:
        place = _places.get(name)
        if place is None:
            raise
        raise KeyError("%s (Previous registration was in %s %s:%d)"
                       % ((e.args[0],) + place)) from None
    if function is not None and hasattr(function, "__code__"):
        code = function.__code__
        _places[name] = (code.co_name, code.co_filename, code.co_firstlineno)


def from_core(graph, gradient):
    """A gradient as C++ gives it: None, a tensor, or rows."""
    if gradient is None or len(gradient) == 2:
        return graph._tensor(gradient)
    return IndexedSlices(*(graph._tensor(part) for part in gradient))


def _call_gradient(function, key, op_id, gradients):
    from retrograph.framework.graph import _graphs
    graph = _graphs[key]
    op = graph._operation(op_id)
    result = function(op, *(from_core(graph, g) for g in gradients))
    if not isinstance(result, (list, tuple)):
        result = [result]
    return [_as_gradient(value) for value in result]


def _as_gradient(value):
    from retrograph.framework.conversion import convert_to_tensor
    if value is None or isinstance(value, IndexedSlices):
        return value
    return convert_to_tensor(value)


_core.set_hook("call_gradient", _call_gradient)
