"""Tensor: one output of an operation."""
from retrograph import _core
from retrograph.framework import dtypes
from retrograph.framework import errors
from retrograph.framework import tensor_shape
from retrograph.framework.default_session import _eval_using_default_session


class Tensor(_core.TensorBase):
    """One output of an operation: a value that a session computes."""

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

    op = property(lambda self: self._op)
    graph = property(lambda self: self._op.graph)
    dtype = property(lambda self: self._dtype)
    value_index = property(lambda self: self._value_index)
    device = property(lambda self: self._op.device)

    @property
    def name(self):
        return "%s:%d" % (self._op.name, self._value_index)

    @property
    def shape(self):
        return tensor_shape._from_core(
            self.graph._c.output_shape(self._op._id, self._value_index))

    def get_shape(self):
        return self.shape

    def _shape_as_list(self):
        return self.shape._known()

    def _shape_tuple(self):
        known = self.shape._known()
        return None if known is None else tuple(known)

    def _rank(self):
        return self.shape.rank

    def set_shape(self, shape):
        """Merges `shape` into what is known; ValueError if they disagree."""
        self.graph._c.merge_output_shape(
            self._op._id, self._value_index,
            tensor_shape.as_shape(shape)._known())

    def consumers(self):
        return [op for op in self.graph.get_operations()
                if any(t is self for t in op.inputs)]

    def eval(self, feed_dict=None, session=None):
        return _eval_using_default_session(self, feed_dict, self.graph,
                                           session)

    def experimental_ref(self):
        return _Ref(self)

    def _as_graph_element(self):
        return self

    def __str__(self):
        return self._core_str()

    def __repr__(self):
        return self._core_repr()

    def __hash__(self):
        return id(self)

    def __eq__(self, other):
        return self is other

    def __ne__(self, other):
        return self is not other

    def __copy__(self):
        return self

    def __len__(self):
        raise TypeError("object of type 'Tensor' has no len()")

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
