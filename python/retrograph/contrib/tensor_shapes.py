"""tf.contrib.framework: tensors whose shapes are checked."""
import numpy as np

from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import sparse_tensor
from retrograph.framework import tensor_shape
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import math_ops

_gen = op_library.gen


def _has_rank(rank, tensor):
    with ops.name_scope("is_rank", values=[tensor]) as scope:
        expected = ops.convert_to_tensor(rank, name="expected")
        actual = array_ops.rank(tensor, name="actual")
        return _gen.equal(expected, actual, name=scope)


def _fits(expected, actual):
    """Each size is the expected one, or -1 is expected."""
    with ops.name_scope("shape_tensor_equal",
                        values=[expected, actual]) as scope:
        is_any = _gen.equal(expected, -1)
        is_equal = _gen.equal(expected, actual, name="equal")
        return math_ops.reduce_all(
            _gen.logical_or(is_any, is_equal, name="exclude_partial_shape"),
            name=scope)


def _assert_shape(expected, tensor):
    with ops.name_scope("assert_shape", values=[tensor]) as scope:
        actual = array_ops.shape(tensor, name="actual")
        if isinstance(expected, tensor_shape.TensorShape) and \
                not expected.is_fully_defined():
            expected = [d if d else -1 for d in expected.as_list()]
        with ops.name_scope("is_shape", values=[tensor]) as inner:
            has_rank = _has_rank(array_ops.size(expected), tensor)
            is_shape = _gen.logical_and(has_rank, _fits(expected, actual),
                                        name=inner)
        return control_flow_ops.Assert(is_shape, [
            "Wrong shape for %s [expected] [actual]." % tensor.name, expected,
            actual], name=scope)


def _checked_expectation(expected, tensor):
    """The expected shape: a vector of int32, a tensor, or a TensorShape."""
    said = "for shape %s expected of tensor %s."
    if isinstance(expected, ops.Tensor):
        if expected.dtype.base_dtype != np.int32:
            raise ValueError("Invalid dtype %s " % expected.dtype +
                             said % (expected, tensor.name))
        return expected
    if isinstance(expected, (list, tuple)):
        array = np.asarray(expected)
        expected = array.astype(np.int32) \
            if array.dtype == np.int64 or not array.size else array
    if isinstance(expected, np.ndarray):
        if expected.ndim > 1:
            raise ValueError("Invalid rank %s " % expected.ndim +
                             said % (expected, tensor.name))
        if expected.dtype != np.int32:
            raise ValueError("Invalid dtype %s " % expected.dtype +
                             said % (expected, tensor.name))
    return expected


def with_shape(expected_shape, tensor):
    """The tensor, checked when it runs if need be."""
    if isinstance(tensor, sparse_tensor.SparseTensor):
        raise ValueError("SparseTensor not supported.")
    expected = _checked_expectation(expected_shape, tensor)
    actual = tensor.shape
    in_scope = lambda: ops.name_scope("%s/" % tensor.op.name, values=[tensor])
    later = isinstance(expected, ops.Tensor)
    if later or not actual.is_fully_defined():
        with in_scope():
            if not later and len(expected) < 1:
                return array_ops.reshape(tensor, [])
            with ops.control_dependencies([_assert_shape(expected, tensor)]):
                result = array_ops.identity(tensor)
            if not later:
                result.set_shape(expected)
            return result
    if not actual.is_compatible_with(expected):
        if len(expected) < 1 and actual.is_compatible_with([1]):
            with in_scope():
                return array_ops.reshape(tensor, [])
        raise ValueError("Invalid shape for tensor %s, expected %s, got %s."
                         % (tensor.name, expected, actual))
    return tensor


def with_same_shape(expected_tensor, tensor):
    with ops.name_scope("%s/" % tensor.op.name,
                        values=[expected_tensor, tensor]):
        shape = expected_tensor.shape
        return with_shape(
            shape.as_list() if shape.is_fully_defined()
            else array_ops.shape(expected_tensor, name="expected_shape"),
            tensor)
