"""tf.py_func: Python functions in a graph."""
import re
import threading
import traceback
import weakref

import numpy as np

from retrograph import _core
from retrograph.framework import dtypes
from retrograph.framework import func_graph
from retrograph.framework import op_library
from retrograph.framework import ops

# Status codes, by the exception that a function raised.
_CODES = ((ValueError, 3), (TypeError, 3), (StopIteration, 11),
          (MemoryError, 8), (NotImplementedError, 12))
_UNKNOWN, _INTERNAL = 2, 13
# The marks below a line of code that newer Pythons print.
_MARKS = re.compile(r"\n +[~^]+[~^ ]*(?=\n)")


class _Functions:
    """The functions by token. Graphs keep them alive."""

    def __init__(self):
        self._lock = threading.Lock()
        self._count = 0
        self._functions = weakref.WeakValueDictionary()

    def insert(self, func):
        with self._lock:
            token = "pyfunc_%d" % self._count
            self._count += 1
        self._functions[token] = func
        return token

    def __call__(self, token, args):
        func = self._functions.get(token)
        if func is None:
            raise ValueError("callback %s is not found" % token)
        ret = func(*args)
        if isinstance(ret, bytes):
            ret = [ret]
        if isinstance(ret, (tuple, list)):
            return [self._convert(value) for value in ret]
        if ret is None:
            return []
        return self._convert(ret)

    def _convert(self, value, dtype=None):
        result = np.asarray(value, dtype=dtype, order="C")
        if result.dtype.char == "S" and result is not value:
            return np.asarray(value, order="C", dtype=object)
        if result.dtype.char == "U" and result is not value:
            value = np.vectorize(lambda x: x.encode("utf8"))(value)
            return np.asarray(value, order="C", dtype=object)
        if result.dtype.char == "U":
            return result.astype(np.bytes_)
        return result


_functions = _Functions()


def convert_for_dtype(value, dtype):
    """A value of a generator as the array that a py_func returns for it."""
    return _functions._convert(value, dtype.as_numpy_dtype)


def _with_dtype(array):
    if array.dtype.char == "S":
        array = array.astype(object)
    if array.dtype.char != "O":
        return array, dtypes.as_dtype(array.dtype)._number
    for element in array.flat:
        if not isinstance(element, (bytes, str)):
            raise _Unsupported("Unsupported object type %s"
                               % type(element).__name__)
    return array, dtypes.string._number


class _Unsupported(Exception):
    pass


def _run(token, args):
    """What the kernel calls: (0, values) or (a status code, a text)."""
    try:
        arrays = _functions(token, args)
        if not isinstance(arrays, list):
            arrays = [arrays]
    except Exception as e:
        lines = traceback.format_exception(type(e), e,
                                           e.__traceback__.tb_next)
        text = "%s: %s\n" % (type(e).__name__, e) + "".join(
            _MARKS.sub("", line) + "\n" for line in lines)
        for kind, code in _CODES:
            if isinstance(e, kind):
                return code, text
        return _UNKNOWN, text
    try:
        return 0, [_with_dtype(array) for array in arrays]
    except (_Unsupported, TypeError) as e:
        return _INTERNAL, str(e)


_core.set_hook("run_py_func", _run)


def py_func(func, inp, Tout, stateful=True, name=None):  # noqa: N803
    """Tensors that a Python function computes from arrays."""
    if not callable(func):
        raise ValueError("Expected func to be callable, got func of type {}"
                         .format(type(func)))
    several = isinstance(Tout, (list, tuple))
    token = _functions.insert(func)
    graph = func_graph.outermost(ops.get_default_graph())
    if not hasattr(graph, "_py_funcs_used_in_graph"):
        graph._py_funcs_used_in_graph = []
    graph._py_funcs_used_in_graph.append(func)
    result = op_library.apply_op(
        "PyFunc" if stateful else "PyFuncStateless", name, input=inp,
        token=token, Tout=list(Tout) if several else [Tout])
    if not several:
        return result[0] if isinstance(result, (list, tuple)) else result
    return [result] if isinstance(result, ops.Tensor) else result


def numpy_function(func, inp, Tout, name=None):  # noqa: N803
    """As `py_func` with state: a Python function of arrays as an operation."""
    return py_func(func, inp, Tout, stateful=True, name=name)
