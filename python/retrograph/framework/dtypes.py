"""Data types: tf.float32 and its like.

A DType is one object a type, so that types may be compared with `is`.
"""
import numpy as np

# Name, number in DataType, numpy type, and (for types that numpy has not) the
# type that holds the bits.
_TYPES = [
    ("float32", 1, np.float32), ("float64", 2, np.float64),
    ("int32", 3, np.int32), ("uint8", 4, np.uint8), ("int16", 5, np.int16),
    ("int8", 6, np.int8), ("string", 7, object),
    ("complex64", 8, np.complex64), ("int64", 9, np.int64),
    ("bool", 10, np.bool_), ("qint8", 11, None), ("quint8", 12, None),
    ("qint32", 13, None), ("bfloat16", 14, None), ("qint16", 15, None),
    ("quint16", 16, None), ("uint16", 17, np.uint16),
    ("complex128", 18, np.complex128), ("float16", 19, np.float16),
    ("resource", 20, object), ("variant", 21, object),
    ("uint32", 22, np.uint32), ("uint64", 23, np.uint64),
]
_QUANTIZED = {"qint8": np.int8, "quint8": np.uint8, "qint16": np.int16,
              "quint16": np.uint16, "qint32": np.int32}
_REF = 100  # DT_FLOAT_REF is DT_FLOAT + 100
_MODULE = "tensorflow.python.framework.dtypes"


def _bfloat16():
    """The numpy type for bfloat16: that of ml_dtypes, or plain 16 bits."""
    try:
        import ml_dtypes
        return ml_dtypes.bfloat16
    except ImportError:
        return np.dtype([("bfloat16", np.uint16)])


class DType:
    """The type of the elements of a Tensor."""

    __slots__ = ("_number", "_name", "_numpy", "__weakref__")

    def __new__(cls, number):
        """The one object for a number of the DataType enum."""
        return as_dtype(number)

    @staticmethod
    def _make(number, name, numpy_type):
        self = object.__new__(DType)
        self._number = number
        self._name = name
        self._numpy = numpy_type
        return self

    name = property(
        lambda self: self._name,
        doc='Its name, as in "float32"; that of a reference ends in "_ref".')
    as_datatype_enum = property(lambda self: self._number,
                                doc="Its number in the DataType enum, an int.")
    _is_ref_dtype = property(lambda self: self._number > _REF)

    @property
    def _ref(self):
        return self if self._is_ref_dtype else _BY_NUMBER[self._number + _REF]

    @property
    def _as_ref(self):
        return self._ref

    @property
    def base_dtype(self):
        """The type without being a reference."""
        return _BY_NUMBER[self._number - _REF] if self._is_ref_dtype else self

    @property
    def real_dtype(self):
        """That of the parts of a complex number, or the type itself."""
        base = self.base_dtype
        if base is complex64:
            return float32
        return float64 if base is complex128 else self

    @property
    def as_numpy_dtype(self):
        """NumPy's type; object for strings."""
        if self._numpy is None and self.base_dtype._name == "bfloat16":
            return _bfloat16()
        return self._numpy

    @property
    def is_numpy_compatible(self):
        """Whether arrays can have it."""
        return self.base_dtype not in (resource, variant)

    @property
    def is_bool(self):
        """Whether it is bool."""
        return self.base_dtype is bool

    @property
    def is_integer(self):
        """Whether it is an integer, not a quantized one."""
        return (self.is_numpy_compatible and not self.is_quantized and
                self._numpy is not None and
                np.issubdtype(self._numpy, np.integer))

    @property
    def is_floating(self):
        """Whether it is float16, float32, float64 or bfloat16."""
        return self.base_dtype in (float16, float32, float64, bfloat16)

    @property
    def is_complex(self):
        """Whether it is complex64 or complex128."""
        return self.base_dtype in (complex64, complex128)

    @property
    def is_quantized(self):
        """Whether it is a quantized integer."""
        return self.base_dtype._name in _QUANTIZED

    @property
    def is_unsigned(self):
        """Whether it is an integer that cannot be negative."""
        return self.base_dtype in (uint8, uint16, uint32, uint64)

    def _limits(self):
        kind = self.base_dtype._name
        if kind in _QUANTIZED:
            return np.iinfo(_QUANTIZED[kind])
        if self.is_integer:
            return np.iinfo(self._numpy)
        if self.is_floating and self._numpy is not None:
            return np.finfo(self._numpy)
        return None

    @property
    def min(self):
        """The least number; TypeError if there is none."""
        limits = self._limits()
        if self.base_dtype is bfloat16:
            return float.fromhex("-0x1.FEp127")
        if limits is None:
            raise TypeError("Cannot find minimum value of %s." % self)
        return limits.min

    @property
    def max(self):
        """The greatest number; TypeError if there is none."""
        limits = self._limits()
        if self.base_dtype is bfloat16:
            return float.fromhex("0x1.FEp127")
        if limits is None:
            raise TypeError("Cannot find maximum value of %s." % self)
        return limits.max

    @property
    def limits(self):
        """(lowest, highest) of what a value is clipped to."""
        if self.is_floating or self.is_integer:
            return self.min, self.max
        raise ValueError(str(self) + " does not have defined limits.")

    @property
    def size(self):
        """How many bytes an element takes; 1 for strings."""
        if self.base_dtype in (variant, resource):
            return 1
        if self.as_numpy_dtype is None:
            return np.dtype(_QUANTIZED[self.base_dtype._name]).itemsize
        return np.dtype(self.as_numpy_dtype).itemsize

    def is_compatible_with(self, other):
        """Whether it is that type, or a reference of one."""
        other = as_dtype(other)
        return self._number in (other._number, other.base_dtype._number)

    def __eq__(self, other):
        if other is None:
            return False
        try:
            return self._number == as_dtype(other)._number
        except TypeError:
            return False

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return self._number

    def __int__(self):
        return self._number

    def __str__(self):
        return "<dtype: %r>" % self._name

    def __repr__(self):
        return "tf." + self._name

    def __reduce__(self):
        return as_dtype, (self._name,)


DType.__module__ = _MODULE

_BY_NUMBER = {}
_BY_NAME = {}


def _register():
    for name, number, numpy_type in _TYPES:
        if name in _QUANTIZED:
            numpy_type = np.dtype([(name, _QUANTIZED[name])])
        for offset, suffix in ((0, ""), (_REF, "_ref")):
            dtype = DType._make(number + offset, name + suffix, numpy_type)
            _BY_NUMBER[number + offset] = dtype
            _BY_NAME[name + suffix] = dtype
            globals()[name + suffix] = dtype
    for alias, name in (("half", "float16"), ("float", "float32"),
                        ("double", "float64")):
        _BY_NAME[alias] = _BY_NAME[name]
        _BY_NAME[alias + "_ref"] = _BY_NAME[name + "_ref"]


_python_bool, _python_float = bool, float
_register()
half, double = _BY_NAME["float16"], _BY_NAME["float64"]
bool = _BY_NAME["bool"]  # noqa: A001, TensorFlow's name
QUANTIZED_DTYPES = frozenset(_BY_NAME[n + s] for n in _QUANTIZED
                             for s in ("", "_ref"))

_FROM_NUMPY = {np.dtype(numpy_type): _BY_NUMBER[number]
               for _, number, numpy_type in _TYPES
               if numpy_type is not None and number not in (20, 21)}
_FROM_NUMPY.update({np.dtype([(n, t)]): _BY_NAME[n]
                    for n, t in _QUANTIZED.items()})
_FROM_PYTHON = {_python_bool: bool, _python_float: float32, int: int32,
                str: string, bytes: string, object: string}
_by_key = dict(_BY_NUMBER)
_by_key.update(_BY_NAME)


def as_dtype(type_value):
    """The DType for a DType, a number, a name or a numpy type.

    Raises TypeError "Cannot convert value ... to a TensorFlow DType." for
    anything else.
    """
    return type_value if isinstance(type_value, DType) else \
        _as_dtype(type_value)


def _as_dtype(value):
    try:
        if type(value) in (int, str):
            return _by_key[value]
        if isinstance(value, np.dtype):
            return _from_numpy_dtype(value, value)
    except KeyError:
        pass
    try:
        if value in _FROM_PYTHON:
            return _FROM_PYTHON[value]
    except TypeError:  # not hashable
        pass
    if value is not None and not isinstance(value, str):
        try:
            return _from_numpy_dtype(np.dtype(value), value)
        except (TypeError, KeyError, ValueError):
            pass
    raise TypeError("Cannot convert value %r to a TensorFlow DType." % (value,))


def _from_numpy_dtype(dtype, value):
    if dtype.kind in "SU":
        return string
    found = _FROM_NUMPY.get(dtype)
    if found is None and dtype.name == "bfloat16" or \
            found is None and dtype.names == ("bfloat16",):
        found = bfloat16
    if found is None:
        raise TypeError("Cannot convert value %r to a TensorFlow DType."
                        % (value,))
    return found


def carrier(number):
    """The numpy type in which the bits of a type travel to and from C++."""
    dtype = _BY_NUMBER[number]
    if dtype is bfloat16:
        return np.dtype(np.uint16)
    if dtype._name in _QUANTIZED:
        return np.dtype(_QUANTIZED[dtype._name])
    return np.dtype(dtype._numpy)


def visible(number):
    """The numpy type that a user sees."""
    return np.dtype(_BY_NUMBER[number].as_numpy_dtype)
