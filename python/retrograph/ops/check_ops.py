"""Assertions on tensors: assert_equal and its like."""
import numpy as np

from retrograph.framework import constant_op
from retrograph.framework import errors
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import control_flow_ops
from retrograph.ops import math_ops

_gen = op_library.gen


def _text_of(value):
    """A value as a failed static assertion shows it."""
    static = constant_op.constant_value(value)
    if isinstance(value, ops.Tensor) and static is None:
        return str(value)
    if isinstance(static, bytes):
        return static.decode()
    return str(static)


def _assert_static(condition, data):
    if not condition:
        raise errors.InvalidArgumentError(
            None, None, "\n".join(_text_of(value) for value in data))


def _binary_assertion(name, symbol, op_type, static_function):
    def check(x, y, data=None, summarize=None, message=None, name=None):
        if op_type == "Equal":
            # A scope of its own: the assertion below is in the next one.
            with ops.name_scope(name, default_name, [x, y, data]):
                if x is y:
                    return control_flow_ops.no_op()
        with ops.name_scope(name, default_name, [x, y]):
            x = ops.convert_to_tensor(x, name="x")
            y = ops.convert_to_tensor(y, name="y")
            if data is None:
                data = ["Condition x %s y did not hold element-wise:" % symbol,
                        "x (%s) = " % x.name, x, "y (%s) = " % y.name, y]
            if message is not None:
                data = [message] + list(data)
            condition = math_ops.reduce_all(
                op_library.apply_op(op_type, x=x, y=y))
            x_static = constant_op.constant_value(x)
            y_static = constant_op.constant_value(y)
            if x_static is not None and y_static is not None:
                _assert_static(np.all(static_function(x_static, y_static)),
                               data)
            return control_flow_ops.Assert(condition, data,
                                           summarize=summarize)
    default_name = name
    check.__name__ = check.__qualname__ = name
    check.__doc__ = "Asserts x %s y for every element." % symbol
    return check


assert_equal = _binary_assertion("assert_equal", "==", "Equal", np.equal)
assert_none_equal = _binary_assertion("assert_none_equal", "!=", "NotEqual",
                                      np.not_equal)
assert_less = _binary_assertion("assert_less", "<", "Less", np.less)
assert_less_equal = _binary_assertion("assert_less_equal", "<=", "LessEqual",
                                      np.less_equal)
assert_greater = _binary_assertion("assert_greater", ">", "Greater",
                                   np.greater)
assert_greater_equal = _binary_assertion("assert_greater_equal", ">=",
                                         "GreaterEqual", np.greater_equal)


def _sign_assertion(name, symbol, zero_first, compare):
    def check(x, data=None, summarize=None, message=None, name=None):
        with ops.name_scope(name, default_name, [x, data]):
            x = ops.convert_to_tensor(x, name="x")
            if data is None:
                data = [message or "",
                        "Condition x %s 0 did not hold element-wise:" % symbol,
                        "x (%s) = " % x.name, x]
                if symbol == "<=":  # one text, in TensorFlow
                    data[1:3] = [data[1] + data[2]]
            zero = ops.convert_to_tensor(0, dtype=x.dtype)
            pair = (zero, x) if zero_first else (x, zero)
            return compare(*pair, data=data, summarize=summarize)
    default_name = name
    check.__name__ = check.__qualname__ = name
    check.__doc__ = "Asserts x %s 0 for every element." % symbol
    return check


assert_negative = _sign_assertion("assert_negative", "<", False, assert_less)
assert_positive = _sign_assertion("assert_positive", ">", True, assert_less)
assert_non_negative = _sign_assertion("assert_non_negative", ">=", True,
                                      assert_less_equal)
assert_non_positive = _sign_assertion("assert_non_positive", "<=", False,
                                      assert_less_equal)


def is_tensor(x):
    """Whether a value is a Tensor, a SparseTensor or a variable."""
    return ops.is_dense_tensor_like(x)
