"""Functions of sparse tensors."""
import numbers

from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import sparse_tensor
from retrograph.ops import array_ops
from retrograph.ops import math_ops

_gen = op_library.gen


def _sparse(value):
    if isinstance(value, sparse_tensor.SparseTensorValue):
        return sparse_tensor.SparseTensor.from_value(value)
    if not isinstance(value, sparse_tensor.SparseTensor):
        raise TypeError("Input must be a SparseTensor.")
    return value


def sparse_placeholder(dtype, shape=None, name=None):
    """A SparseTensor whose parts every run must feed.

    Parameters
    ----------
    dtype : DType
    shape : list of int or None, or Tensor, optional
        A shape that is known is a constant.
    name : str, optional
        Its parts are called name/values, name/indices and name/shape.
    """
    def part(suffix):
        return None if name is None else "%s/%s" % (name, suffix)
    rank = None
    if shape is not None:
        rank = shape.shape[0] if isinstance(shape, ops.Tensor) else len(shape)
    if shape is not None and (isinstance(shape, ops.Tensor) or
                              None not in shape):
        shape = ops.convert_to_tensor(shape, dtype=dtypes.int64,
                                      name=part("shape"))
    else:
        shape = array_ops.placeholder(dtypes.int64, shape=[rank],
                                      name=part("shape"))
    return sparse_tensor.SparseTensor(
        values=array_ops.placeholder(dtype, shape=[None], name=part("values")),
        indices=array_ops.placeholder(dtypes.int64, shape=[None, rank],
                                      name=part("indices")),
        dense_shape=shape)


def sparse_tensor_to_dense(sp_input, default_value=None,
                           validate_indices=True, name=None):
    """A SparseTensor as a tensor."""
    sp_input = _sparse(sp_input)
    if default_value is None:
        default_value = array_ops.zeros([], dtype=sp_input.dtype)
    return _gen.sparse_to_dense(
        sp_input.indices, sp_input.dense_shape, sp_input.values,
        default_value=default_value, validate_indices=validate_indices,
        name=name)


def sparse_reorder(sp_input, name=None):
    """The same with its indices in order."""
    sp_input = _sparse(sp_input)
    indices, values = _gen.sparse_reorder(
        sp_input.indices, sp_input.values, sp_input.dense_shape, name=name)
    if sp_input.shape.is_fully_defined():
        shape = sp_input.shape.as_list()
    else:
        shape = array_ops.identity(sp_input.dense_shape)
    return sparse_tensor.SparseTensor(indices, values, shape)


def _as_lists(sp_ids, vocab_size):
    """Both arguments of sparse_merge as lists of one length."""
    if isinstance(sp_ids, (sparse_tensor.SparseTensor,
                           sparse_tensor.SparseTensorValue)):
        sp_ids = [sp_ids]
        if not isinstance(vocab_size, (ops.Tensor, numbers.Integral)):
            raise TypeError("vocab_size has to be a Tensor or Python int. "
                            "Found %s" % type(vocab_size))
        vocab_size = [vocab_size]
    for dim in vocab_size:
        if not isinstance(dim, (ops.Tensor, numbers.Integral)):
            raise TypeError("vocab_size has to be a list of Tensors or Python "
                            "ints. Found %s" % type(dim))
    if len(sp_ids) != len(vocab_size):
        raise ValueError("sp_ids and vocab_size have to have equal lengths.")
    return sp_ids, vocab_size


def sparse_merge(sp_ids, sp_values, vocab_size, name=None,
                 already_sorted=False):
    """Values at the places that ids tell."""
    sp_ids, vocab_size = _as_lists(sp_ids, vocab_size)
    with ops.name_scope(name, "SparseMerge", list(sp_ids) + [sp_values]):
        sp_ids = [_sparse(ids) for ids in sp_ids]
        sp_values = _sparse(sp_values)
        columns = []
        for ids in sp_ids:
            column = ids.values
            if ids.dtype != dtypes.int64:
                column = math_ops.cast(column, dtypes.int64)
            columns.append(array_ops.expand_dims(column, axis=1))
        sizes = [math_ops.cast(size, dtypes.int64) for size in vocab_size]
        rows = sp_ids[0].indices[:, :-1]
        indices = array_ops.concat([rows] + columns, 1)
        shape = array_ops.concat([sp_ids[0].dense_shape[:-1], sizes], 0)
        result = sparse_tensor.SparseTensor(indices, sp_values.values, shape)
        if already_sorted:
            return result
        result = sparse_reorder(result)
        return sparse_tensor.SparseTensor(result.indices, result.values, shape)
