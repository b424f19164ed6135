"""TensorShape and Dimension: what is known of a tensor's sizes."""
import functools

_MODULE = "tensorflow.python.framework.tensor_shape"


def _as_int(value):
    if isinstance(value, Dimension):
        return value.value
    if value is None:
        return None
    if hasattr(value, "__index__"):
        return value.__index__()
    number = int(value)
    if not isinstance(value, (str, bytes)) and number != value:
        raise ValueError("Ambiguous dimension: %s" % (value,))
    return number


def _dimension_operator(unknown, result):
    """Makes an operator of two dimensions of a function of their sizes:
    unknown() if either is not known, else result() of the function's."""
    def decorator(operation):
        @functools.wraps(operation)
        def method(self, other):
            try:
                other = as_dimension(other)
            except (TypeError, ValueError):
                return NotImplemented
            if self._value is None or other._value is None:
                return unknown()
            return result(operation(self._value, other._value))
        return method
    return decorator


_dimension_arithmetic = _dimension_operator(
    lambda: Dimension(None), lambda size: Dimension(size))
_dimension_comparison = _dimension_operator(lambda: None, lambda holds: holds)


class Dimension:
    """One dimension's size, or None where it is not known."""

    __slots__ = ("_value",)

    def __init__(self, value):
        if isinstance(value, int):
            if value < 0:
                raise ValueError("Dimension %d must be >= 0" % value)
            self._value = value
        else:
            from retrograph.framework import dtypes
            if isinstance(value, dtypes.DType):
                raise TypeError("Cannot convert %s to Dimension" % value)
            self._value = _as_int(value)
            if self._value is not None and self._value < 0:
                raise ValueError("Dimension %d must be >= 0" % self._value)

    value = property(lambda self: self._value,
                     doc="The size, an int; None if it is not known.")

    def __repr__(self):
        return "Dimension(%s)" % self._value

    def __str__(self):
        return "?" if self._value is None else str(self._value)

    def __eq__(self, other):
        try:
            other = as_dimension(other)
        except (TypeError, ValueError):
            return NotImplemented
        if self._value is None or other._value is None:
            return None
        return self._value == other._value

    def __ne__(self, other):
        equal = self.__eq__(other)
        return equal if equal in (None, NotImplemented) else not equal

    def __hash__(self):
        return hash(self._value)

    def __int__(self):
        return self._value

    def __index__(self):
        return self._value

    __add__ = __radd__ = _dimension_arithmetic(lambda a, b: a + b)
    __sub__ = _dimension_arithmetic(lambda a, b: a - b)
    __rsub__ = _dimension_arithmetic(lambda a, b: b - a)
    __mul__ = __rmul__ = _dimension_arithmetic(lambda a, b: a * b)
    __floordiv__ = __div__ = _dimension_arithmetic(lambda a, b: a // b)
    __rfloordiv__ = _dimension_arithmetic(lambda a, b: b // a)
    __mod__ = _dimension_arithmetic(lambda a, b: a % b)
    __rmod__ = _dimension_arithmetic(lambda a, b: b % a)
    __lt__ = _dimension_comparison(lambda a, b: a < b)
    __le__ = _dimension_comparison(lambda a, b: a <= b)
    __gt__ = _dimension_comparison(lambda a, b: a > b)
    __ge__ = _dimension_comparison(lambda a, b: a >= b)

    def __truediv__(self, other):
        raise TypeError(
            "unsupported operand type(s) for /: 'Dimension' and '{}', please "
            "use // instead".format(type(other).__name__))

    def __reduce__(self):
        return Dimension, (self._value,)

    def is_compatible_with(self, other):
        """Whether the sizes are the same, or one is not known."""
        other = as_dimension(other)
        return None in (self._value, other._value) or \
            self._value == other._value

    def assert_is_compatible_with(self, other):
        """ValueError if both sizes are known and differ."""
        if not self.is_compatible_with(other):
            raise ValueError("Dimensions %s and %s are not compatible"
                             % (self, other))

    def merge_with(self, other):
        """The Dimension of what is known; ValueError if the two differ."""
        other = as_dimension(other)
        self.assert_is_compatible_with(other)
        return Dimension(other._value if self._value is None else self._value)


def as_dimension(value):
    return value if isinstance(value, Dimension) else Dimension(value)


class TensorShape:
    """A tensor's shape: None if nothing is known, else its dimensions."""

    __slots__ = ("_dims",)

    def __init__(self, dims):
        if dims is None:
            self._dims = None
        elif isinstance(dims, TensorShape):
            self._dims = dims._dims
        elif hasattr(dims, "unknown_rank") and hasattr(dims, "dim"):
            self._dims = None if dims.unknown_rank else tuple(
                Dimension(d.size if d.size >= 0 else None) for d in dims.dim)
        elif isinstance(dims, (str, bytes)):
            raise TypeError("A string has ambiguous TensorShape, please wrap in "
                            "a list or convert to an int: %s" % (dims,))
        else:
            try:
                iterator = iter(dims)
            except TypeError:
                self._dims = (as_dimension(dims),)
            else:
                self._dims = tuple(as_dimension(d) for d in iterator)

    @property
    def dims(self):
        """The Dimensions; None if the rank is not known."""
        return None if self._dims is None else list(self._dims)

    rank = property(
        lambda self: None if self._dims is None else len(self._dims),
        doc="How many dimensions; None if that is not known.")
    ndims = rank

    def _known(self):
        """The sizes as a list of int or None; None for an unknown rank."""
        if self._dims is None:
            return None
        return [d._value for d in self._dims]

    def __repr__(self):
        if self._dims is None:
            return "TensorShape(None)"
        return "TensorShape(%r)" % list(self._dims)

    def __str__(self):
        if self._dims is None:
            return "<unknown>"
        if len(self._dims) == 1:
            return "(%s,)" % self._dims[0]
        return "(%s)" % ", ".join(str(d) for d in self._dims)

    def __len__(self):
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown "
                             "rank.")
        return len(self._dims)

    def __bool__(self):
        return self._dims is not None

    def __iter__(self):
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter(self._dims)

    def __getitem__(self, key):
        if self._dims is not None:
            if isinstance(key, slice):
                return TensorShape(self._dims[key])
            return list(self._dims)[key]
        if not isinstance(key, slice):
            return Dimension(None)
        start, stop = key.start or 0, key.stop
        if key.step is not None:
            raise ValueError("Steps are not yet handled")
        if stop is None or start < 0 or stop < 0:
            return unknown_shape()
        return unknown_shape(rank=max(stop - start, 0))

    def __eq__(self, other):
        try:
            other = as_shape(other)
        except TypeError:
            return NotImplemented
        return self._known() == other._known()

    def __ne__(self, other):
        try:
            other = as_shape(other)
        except TypeError:
            return NotImplemented
        if self._dims is None or other._dims is None:
            raise ValueError("The inequality of unknown TensorShapes is "
                             "undefined.")
        return self._known() != other._known()

    def __hash__(self):
        return hash(None if self._dims is None else tuple(self._known()))

    def __reduce__(self):
        return TensorShape, (self._known(),)

    def __add__(self, other):
        return self.concatenate(as_shape(other))

    def __radd__(self, other):
        return as_shape(other).concatenate(self)

    def __concat__(self, other):
        return self.concatenate(other)

    def num_elements(self):
        """How many elements; None if that is not known."""
        if not self.is_fully_defined():
            return None
        size = 1
        for dim in self._dims:
            size *= dim._value
        return size

    def is_fully_defined(self):
        """Whether all sizes are known."""
        return self._dims is not None and None not in self._known()

    def assert_is_fully_defined(self):
        """ValueError if a size is not known."""
        if not self.is_fully_defined():
            raise ValueError("Shape %s is not fully defined" % self)

    def as_list(self):
        """The sizes, None for unknown ones; ValueError without a rank."""
        if self._dims is None:
            raise ValueError("as_list() is not defined on an unknown "
                             "TensorShape.")
        return self._known()

    def as_proto(self):
        """The TensorShapeProto."""
        from retrograph import protos
        message = protos.TensorShapeProto()
        if self._dims is None:
            message.unknown_rank = True
        else:
            for dim in self._known():
                message.dim.add(size=-1 if dim is None else dim)
        return message

    def merge_with(self, other):
        """What is known of either; ValueError if no shape fits both."""
        other = as_shape(other)
        if self._dims is None:
            return other
        if other._dims is None:
            return self
        try:
            self.assert_same_rank(other)
            return TensorShape([a.merge_with(b)
                                for a, b in zip(self._dims, other._dims)])
        except ValueError:
            raise ValueError("Shapes %s and %s are not compatible"
                             % (self, other))

    def concatenate(self, other):
        """The dimensions of both, this one's first."""
        other = as_shape(other)
        if self._dims is None or other._dims is None:
            return unknown_shape()
        return TensorShape(self._dims + other._dims)

    def with_rank(self, rank):
        """The shape with this rank; ValueError if it has another."""
        try:
            return self.merge_with(unknown_shape(rank=rank))
        except ValueError:
            raise ValueError("Shape %s must have rank %d" % (self, rank))

    def with_rank_at_least(self, rank):
        """The shape; ValueError if its rank is less."""
        if self.rank is not None and self.rank < rank:
            raise ValueError("Shape %s must have rank at least %d"
                             % (self, rank))
        return self

    def with_rank_at_most(self, rank):
        """The shape; ValueError if its rank is greater."""
        if self.rank is not None and self.rank > rank:
            raise ValueError("Shape %s must have rank at most %d"
                             % (self, rank))
        return self

    def assert_has_rank(self, rank):
        """ValueError if the rank is, or may not become, another."""
        if self.rank not in (None, rank):
            raise ValueError("Shape %s must have rank %d" % (self, rank))

    def assert_same_rank(self, other):
        """ValueError if the ranks differ."""
        other = as_shape(other)
        if None not in (self.rank, other.rank) and self.rank != other.rank:
            raise ValueError("Shapes %s and %s must have the same rank"
                             % (self, other))

    def is_compatible_with(self, other):
        """Whether a shape fits both."""
        other = as_shape(other)
        if self._dims is None or other._dims is None:
            return True
        return len(self._dims) == len(other._dims) and all(
            a.is_compatible_with(b) for a, b in zip(self._dims, other._dims))

    def assert_is_compatible_with(self, other):
        """ValueError if no shape fits both."""
        if not self.is_compatible_with(other):
            raise ValueError("Shapes %s and %s are incompatible"
                             % (self, other))

    def most_specific_compatible_shape(self, other):
        """What both say, unknown where they differ."""
        other = as_shape(other)
        if self.rank is None or self.rank != other.rank:
            return unknown_shape()
        return TensorShape([a if a is not None and a == b else None
                            for a, b in zip(self._known(), other._known())])


Dimension.__module__ = TensorShape.__module__ = _MODULE


def as_shape(shape):
    return shape if isinstance(shape, TensorShape) else TensorShape(shape)


def unknown_shape(rank=None, **kwargs):
    if rank is None and "ndims" in kwargs:
        rank = kwargs["ndims"]
    return TensorShape(None if rank is None else [None] * rank)


def scalar():
    return TensorShape([])


def vector(length):
    return TensorShape([length])


def matrix(rows, cols):
    return TensorShape([rows, cols])


def dimension_value(dimension):
    """The int, or None, of a Dimension or of what one is made from."""
    return dimension.value if isinstance(dimension, Dimension) else dimension


def dimension_at_index(shape, index):
    """The Dimension at an index of a TensorShape, unknown if that is."""
    return Dimension(None) if shape.rank is None else shape.dims[index]


def _from_core(dims):
    """A shape as C++ gives it: a list of int or None, or None."""
    shape = TensorShape(None)
    if dims is not None:
        shape._dims = tuple([Dimension(size) for size in dims])
    return shape
