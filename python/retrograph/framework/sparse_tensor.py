"""SparseTensor: the elements of a tensor that are not zero, and where they are.

What signatures, fetches and feeds need; retrograph has none of the sparse ops.
"""
import collections

from retrograph.framework import constant_op
from retrograph.framework import default_graph
from retrograph.framework import default_session
from retrograph.framework import dtypes
from retrograph.framework import ops

# What a session returns for a SparseTensor.
SparseTensorValue = collections.namedtuple(
    "SparseTensorValue", ["indices", "values", "dense_shape"])


class SparseTensor:
    """Element indices[i] is values[i]; the others are zero."""

    def __init__(self, indices, values, dense_shape):
        with default_graph.name_scope(None, "SparseTensor",
                                      [indices, values, dense_shape]):
            self._indices = ops.convert_to_tensor(
                indices, name="indices", dtype=dtypes.int64)
            self._values = ops.convert_to_tensor(values, name="values")
            self._dense_shape = ops.convert_to_tensor(
                dense_shape, name="dense_shape", dtype=dtypes.int64)
        rows = self._indices.shape.with_rank(2)
        rows.dims[0].merge_with(self._values.shape.with_rank(1).dims[0])
        rows.dims[1].merge_with(self._dense_shape.shape.with_rank(1).dims[0])

    @classmethod
    def from_value(cls, sparse_tensor_value):
        """The SparseTensor of a SparseTensorValue, or of another's parts.

        Raises
        ------
        TypeError
            If it is given anything else.
        """
        if not is_sparse(sparse_tensor_value):
            raise TypeError("Neither a SparseTensor nor SparseTensorValue: %s."
                            % sparse_tensor_value)
        return cls(*_parts(sparse_tensor_value))

    indices = property(lambda self: self._indices,
                       doc="Where the elements are: int64, one row for each.")
    values = property(lambda self: self._values, doc="The elements, a vector.")
    dense_shape = property(lambda self: self._dense_shape,
                           doc="The whole tensor's shape, a vector of int64.")
    op = property(lambda self: self._values.op,
                  doc="The operation that makes `values`.")
    dtype = property(lambda self: self._values.dtype,
                     doc="The DType of `values`.")
    graph = property(lambda self: self._indices.graph,
                     doc="The graph that it is in.")

    @property
    def shape(self):
        """What is known of the whole tensor's shape, a TensorShape."""
        return constant_op.constant_value_as_shape(self._dense_shape)

    def get_shape(self):
        """What is known of the whole tensor's shape; see `shape`."""
        return self.shape

    def eval(self, feed_dict=None, session=None):
        """Its value in a session.

        Parameters
        ----------
        feed_dict : dict, optional
            As of `Session.run`.
        session : Session, optional
            The default session if there is none here.

        Returns
        -------
        SparseTensorValue

        Raises
        ------
        ValueError
            If there is no session.
        """
        session = session or default_session.get_default_session()
        if session is None:
            raise ValueError(
                "Cannot evaluate tensor using `eval()`: No default session is "
                "registered. Use `with sess.as_default()` or pass an explicit "
                "session to `eval(session=sess)`")
        return session.run(self, feed_dict)

    def __str__(self):
        return "SparseTensor(indices=%s, values=%s, dense_shape=%s)" % (
            _parts(self))


def is_sparse(tensor):
    return isinstance(tensor, (SparseTensor, SparseTensorValue))


def _parts(sparse):
    return sparse.indices, sparse.values, sparse.dense_shape


SparseTensor.__module__ = "tensorflow.python.framework.sparse_tensor"
SparseTensorValue.__module__ = SparseTensor.__module__
