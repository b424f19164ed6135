"""Tensor: one output of an operation."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retrograph import _core
from retrograph.framework import dtypes
from retrograph.framework import errors
from retrograph.framework import tensor_shape
from retrograph.framework.default_session import _eval_using_default_session

if TYPE_CHECKING:
    from retrograph.framework.graph import Graph
    from retrograph.framework.operation import Operation
    from retrograph.framework.operators import Operators

    class _Base(_core.TensorBase, Operators):
        pass
else:
    _Base = _core.TensorBase  # array_ops and math_ops set the operators


class Tensor(_Base):
    """One output of an operation: a value that a session computes.

    It has no value of its own: `Session.run` and `eval` compute one. Python's
    operators add ops to the graph; `==` compares identities, as in TensorFlow
    1. Iteration, `bool()` and conversion to an array raise TypeError or
    NotImplementedError.
    """

    __array_priority__ = 100
    OVERLOADABLE_OPERATORS = {
        "__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__",
        "__truediv__", "__rtruediv__", "__floordiv__", "__rfloordiv__",
        "__mod__", "__rmod__", "__lt__", "__le__", "__gt__", "__ge__",
        "__and__", "__rand__", "__or__", "__ror__", "__xor__", "__rxor__",
        "__getitem__", "__pow__", "__rpow__", "__invert__", "__neg__",
        "__abs__", "__matmul__", "__rmatmul__"}

    def __init__(self, op, value_index, dtype=None):
        super().__init__(op.graph._c, op._id, value_index)
        self._op = op
        self._value_index = value_index
        self._dtype = dtypes._BY_NUMBER[
            op.graph._c.output_dtype(op._id, value_index)]

    @property
    def op(self) -> Operation:
        """The operation whose output it is."""
        return self._op

    @property
    def graph(self) -> Graph:
        """The graph that it is part of."""
        return self._op.graph

    @property
    def dtype(self) -> dtypes.DType:
        """The type of its elements; with `_ref` for a ref variable."""
        return self._dtype

    @property
    def value_index(self) -> int:
        """Which of the operation's outputs it is."""
        return self._value_index

    @property
    def device(self) -> str:
        """The operation's device, as it was asked for; may be ""."""
        return self._op.device

    @property
    def name(self) -> str:
        """The operation's name, a colon and `value_index`."""
        return "%s:%d" % (self._op.name, self._value_index)

    @property
    def shape(self) -> tensor_shape.TensorShape:
        """What is known of the shape before anything runs."""
        return tensor_shape._from_core(
            self.graph._c.output_shape(self._op._id, self._value_index))

    def get_shape(self) -> tensor_shape.TensorShape:
        """What is known of the shape before anything runs."""
        return self.shape

    def _takes_shape(self, shape):
        """Whether a value of this shape, a tuple, may be fed."""
        known = self.graph._c.output_shape(self._op._id, self._value_index)
        if known is None:
            return True
        return len(known) == len(shape) and all(
            size is None or size == fed for size, fed in zip(known, shape))

    def _shape_as_list(self):
        return self.shape._known()

    def _shape_tuple(self):
        known = self.shape._known()
        return None if known is None else tuple(known)

    def _rank(self):
        known = self.graph._c.output_shape(self._op._id, self._value_index)
        return None if known is None else len(known)

    def set_shape(self, shape: Any) -> None:
        """Merges a shape into what is known of this one's.

        Parameters
        ----------
        shape : TensorShape, list of int or None, TensorShapeProto, or None

        Raises
        ------
        ValueError
            If the two disagree.
        """
        self.graph._c.merge_output_shape(
            self._op._id, self._value_index,
            tensor_shape.as_shape(shape)._known())

    def consumers(self) -> list[Operation]:
        """The operations that have it as an input, in the graph's order.

        One that has it twice comes twice.
        """
        return [op for op in self.graph.get_operations()
                for t in op.inputs if t is self]

    def _as_node_def_input(self):
        return self._op.name if self._value_index == 0 else self.name

    def eval(self, feed_dict: dict | None = None, session: Any = None) -> Any:
        """Its value in a session.

        Parameters
        ----------
        feed_dict : dict, optional
            As of `Session.run`.
        session : Session, optional
            The default session if there is none here.

        Returns
        -------
        numpy.ndarray, or a numpy scalar or bytes for the shape ()

        Raises
        ------
        ValueError
            If there is no session, or it is of another graph.
        tf.errors.OpError
            What `Session.run` raises.
        """
        return _eval_using_default_session(self, feed_dict, self.graph,
                                           session)

    def experimental_ref(self):
        """A key for dicts and sets, equal to this tensor's alone."""
        return _Ref(self)

    def _as_graph_element(self):
        return self

    def __str__(self):
        return self._core_str()

    def __repr__(self):
        return self._core_repr()

    __hash__ = object.__hash__  # by identity

    def __eq__(self, other):
        return self is other

    def __ne__(self, other):
        return self is not other

    def __copy__(self):
        return self

    def __len__(self):
        raise TypeError(
            "len is not well defined for symbolic Tensors. ({}) Please call "
            "`x.shape` rather than `len(x)` for shape information.".format(
                self.name))

    def __array__(self, *args, **kwargs):
        raise NotImplementedError("Cannot convert a symbolic Tensor ({}) to a "
                                  "numpy array.".format(self.name))

    def __iter__(self):
        raise errors.OperatorNotAllowedInGraphError(
            "iterating over `tf.Tensor` is not allowed in Graph execution. Use "
            "Eager execution or decorate this function with @tf.function.")

    def __bool__(self):
        raise errors.OperatorNotAllowedInGraphError(
            "using a `tf.Tensor` as a Python `bool` is not allowed in Graph "
            "execution. Use Eager execution or decorate this function with "
            "@tf.function.")

    @staticmethod
    def _override_operator(operator, function):
        setattr(Tensor, operator, function)


class _Ref:
    """A tensor as a key: equal to the same tensor's."""

    def __init__(self, tensor):
        self._tensor = tensor

    def deref(self):
        return self._tensor

    def __eq__(self, other):
        return isinstance(other, _Ref) and self._tensor is other._tensor

    def __hash__(self):
        return id(self._tensor)


Tensor.__module__ = "tensorflow.python.framework.ops"
