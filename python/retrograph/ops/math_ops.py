"""Arithmetic, reductions and the operators of Tensor."""
import builtins
import numbers

import numpy as np

from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework.constant_op import constant
from retrograph.ops import array_ops
from retrograph.ops.array_ops import deprecated_argument

_gen = op_library.gen


def cast(x, dtype, name=None):
    """The values as another type; floats lose their fractions as integers.

    Parameters
    ----------
    x : Tensor, SparseTensor or IndexedSlices
    dtype : DType, or what `tf.as_dtype` takes
    name : str, optional

    Returns
    -------
    Tensor, SparseTensor or IndexedSlices
        As `x`, which it is itself if the type is the same.
    """
    base = dtypes.as_dtype(dtype).base_dtype
    if ops.is_dense_tensor_like(x) and x.dtype == base:
        return x
    with ops.name_scope(name, "Cast", [x]) as scope:
        x = ops.convert_to_tensor(x, name="x")
        if x.dtype.base_dtype != base:
            x = _gen.cast(x, base, name=scope)
        return x


def _caster(dtype, default_name):
    def to_dtype(x, name=default_name):
        return cast(x, dtype, name=name)
    to_dtype.__name__ = "to_" + default_name[2:].lower()
    to_dtype.__doc__ = "The values as %s, as `cast` makes them." % dtype.name
    return to_dtype


to_float = _caster(dtypes.float32, "ToFloat")
to_double = _caster(dtypes.float64, "ToDouble")
to_int32 = _caster(dtypes.int32, "ToInt32")
to_int64 = _caster(dtypes.int64, "ToInt64")
to_bfloat16 = _caster(dtypes.bfloat16, "ToBFloat16")
to_complex64 = _caster(dtypes.complex64, "ToComplex64")
to_complex128 = _caster(dtypes.complex128, "ToComplex128")


def saturate_cast(value, dtype, name=None):
    """The values as another type, cut off where that ends."""
    with ops.name_scope(name, "saturate_cast", [value]) as scope:
        value = ops.convert_to_tensor(value, name="value")
        dtype = dtypes.as_dtype(dtype).base_dtype
        if value.dtype.min < dtype.min:
            value = _gen.maximum(value, ops.convert_to_tensor(
                dtype.min, dtype=value.dtype, name="min"))
        if value.dtype.max > dtype.max:
            value = _gen.minimum(value, ops.convert_to_tensor(
                dtype.max, dtype=value.dtype, name="max"))
        return cast(value, dtype, name=scope)


# ---- Arithmetic -------------------------------------------------------------

def add(x, y, name=None):
    """x + y, element by element; shapes are broadcast. Strings are joined."""
    return _gen.add(x, y, name=name)


def subtract(x, y, name=None):
    """x - y, element by element; shapes are broadcast."""
    return _gen.sub(x, y, name=name)


def multiply(x, y, name=None):
    """x * y, element by element; shapes are broadcast."""
    return _gen.mul(x, y, name=name)


def negative(x, name=None):
    """-x, element by element."""
    return _gen.neg(x, name=name)


def abs(x, name=None):  # noqa: A001, TensorFlow's name
    """The absolute values; of complex numbers real ones."""
    with ops.name_scope(name, "Abs", [x]) as scope:
        x = ops.convert_to_tensor(x, name="x")
        if x.dtype.is_complex:
            return op_library.apply_op("ComplexAbs", scope, x=x,
                                       Tout=x.dtype.real_dtype)
        return _gen.abs(x, name=scope)


def pow(x, y, name=None):  # noqa: A001
    """x to the power y, element by element; shapes are broadcast."""
    with ops.name_scope(name, "Pow", [x]) as scope:
        return _gen.pow(x, y, name=scope)


def sigmoid(x, name=None):
    """1 / (1 + exp(-x)) of each element, a float or complex."""
    with ops.name_scope(name, "Sigmoid", [x]) as scope:
        return _gen.sigmoid(ops.convert_to_tensor(x, name="x"), name=scope)


def tanh(x, name=None):
    """The hyperbolic tangent of each element."""
    return _gen.tanh(x, name=name)


def round(x, name=None):  # noqa: A001
    """The nearest integer, the even one of two, of each element."""
    x = ops.convert_to_tensor(x, name="x")
    return x if x.dtype.is_integer else _gen.round(x, name=name)


_TRUEDIV = {dtypes.uint8: dtypes.float32, dtypes.int8: dtypes.float32,
            dtypes.uint16: dtypes.float32, dtypes.int16: dtypes.float32,
            dtypes.int32: dtypes.float64, dtypes.int64: dtypes.float64,
            dtypes.bfloat16: None, dtypes.float16: None, dtypes.float32: None,
            dtypes.float64: None, dtypes.complex64: None,
            dtypes.complex128: None}


def _same_type(x, y):
    a, b = x.dtype.base_dtype, y.dtype.base_dtype
    if a != b:
        raise TypeError("x and y must have the same dtype, got %r != %r"
                        % (a, b))
    return a


def truediv(x, y, name=None):
    """x / y as Python 3 divides: integers become floats first.

    TypeError if the types differ.
    """
    with ops.name_scope(name, "truediv", [x, y]) as scope:
        x = ops.convert_to_tensor(x, name="x")
        y = ops.convert_to_tensor(y, name="y")
        dtype = _same_type(x, y)
        if dtype not in _TRUEDIV:
            raise TypeError("Invalid dtype %r in __truediv__" % dtype)
        if _TRUEDIV[dtype] is not None:
            x, y = cast(x, _TRUEDIV[dtype]), cast(y, _TRUEDIV[dtype])
        return _gen.real_div(x, y, name=scope)


def divide(x, y, name=None):
    """x / y, as the operator does."""
    if name is not None:
        return _NamedDivision(x, name) / y
    return x / y


class _NamedDivision:
    """x whose division has a name."""

    def __init__(self, x, name):
        self._x, self._name = x, name

    def __truediv__(self, y):
        return truediv(self._x, y, self._name)


def div(x, y, name=None):
    """x / y as Python 2 divides: integers are rounded down."""
    with ops.name_scope(name, "div", [x, y]) as scope:
        x = ops.convert_to_tensor(x, name="x")
        y = ops.convert_to_tensor(y, x.dtype.base_dtype, name="y")
        dtype = _same_type(x, y)
        if dtype.is_floating or dtype.is_complex:
            return _gen.real_div(x, y, name=scope)
        return _gen.floor_div(x, y, name=scope)


def div_no_nan(x, y, name=None):
    """x / y, and 0 where y is 0; floats."""
    with ops.name_scope(name, "div_no_nan", [x, y]) as scope:
        x = ops.convert_to_tensor(x, name="x")
        y = ops.convert_to_tensor(y, x.dtype.base_dtype, name="y")
        return _gen.div_no_nan(x, y, name=scope)


def floordiv(x, y, name=None):
    """x // y: rounded down, of the same type."""
    with ops.name_scope(name, "floordiv", [x, y]) as scope:
        return _gen.floor_div(x, y, name=scope)


def floormod(x, y, name=None):
    """x % y: what floordiv leaves, with the sign of y."""
    return _gen.floor_mod(x, y, name=name)


mod = floormod


def add_n(inputs, name=None):
    """The sum of tensors of one shape and type.

    ValueError for an empty list or shapes that do not fit.
    """
    if not inputs or not isinstance(inputs, (list, tuple)):
        raise ValueError("inputs must be a list of at least one "
                         "Tensor/IndexedSlices with the same dtype and shape")
    inputs = ops.convert_n_to_tensor(inputs)
    if len(inputs) == 1:
        return array_ops.identity(inputs[0], name) if name else inputs[0]
    return _gen.add_n(inputs, name=name)


def logical_xor(x, y, name="LogicalXor"):
    """Whether one of x and y, not both, is true; bool."""
    return _gen.logical_and(_gen.logical_or(x, y),
                            _gen.logical_not(_gen.logical_and(x, y)),
                            name=name)


def range(start, limit=None, delta=1, dtype=None, name="range"):  # noqa: A001
    """The numbers from `start` up to `limit`, which is not among them.

    With one argument, from 0. A vector of the widest of the arguments' types,
    or of `dtype`.
    """
    if limit is None:
        start, limit = 0, start
    with ops.name_scope(name, "Range", [start, limit, delta]) as scope:
        values = [ops.convert_to_tensor(v, dtype=dtype, name=n) for v, n in
                  ((start, "start"), (limit, "limit"), (delta, "delta"))]
        if dtype is None:
            order = [dtypes.int32, dtypes.int64, dtypes.float32,
                     dtypes.float64]
            assert all(v.dtype in order for v in values)
            widest = max((v.dtype for v in values), key=order.index)
            values = [cast(v, widest) for v in values]
        return _gen.range(*values, name=scope)


def linspace(start, stop, num, name=None):
    """`num` numbers at equal distances from `start` to `stop`; floats."""
    return _gen.lin_space(start, stop, num, name=name)


def matmul(a, b, transpose_a=False, transpose_b=False, adjoint_a=False,
           adjoint_b=False, a_is_sparse=False, b_is_sparse=False, name=None):
    """a @ b, of matrices, or of the last two dimensions of more.

    Parameters
    ----------
    a : Tensor of shape [..., M, K]
        float16, float32, float64, int32, int64, complex64 or complex128.
    b : Tensor of shape [..., K, N]
    transpose_a, transpose_b : bool
    adjoint_a, adjoint_b : bool
        Transposed and conjugated.
    a_is_sparse, b_is_sparse : bool
        Hints that most of it is 0.
    name : str, optional

    Returns
    -------
    Tensor of shape [..., M, N]

    Raises
    ------
    ValueError
        For one that is to be transposed and adjoint; for shapes that do not
        fit.
    """
    with ops.name_scope(name, "MatMul", [a, b]) as scope:
        if transpose_a and adjoint_a:
            raise ValueError("Only one of transpose_a and adjoint_a can be "
                             "True.")
        if transpose_b and adjoint_b:
            raise ValueError("Only one of transpose_b and adjoint_b can be "
                             "True.")
        a = ops.convert_to_tensor(a, name="a")
        b = ops.convert_to_tensor(b, name="b")
        ranks = a._rank(), b._rank()
        batched = None in ranks or max(ranks) > 2
        if batched and not a_is_sparse and not b_is_sparse:
            if transpose_a:
                a, adjoint_a = conj(a), True
            if transpose_b:
                b, adjoint_b = conj(b), True
            return _gen.batch_mat_mul_v2(a, b, adj_x=adjoint_a,
                                         adj_y=adjoint_b, name=scope)
        if adjoint_a:
            a, transpose_a = conj(a), True
        if adjoint_b:
            b, transpose_b = conj(b), True
        return _gen.mat_mul(a, b, transpose_a=transpose_a,
                            transpose_b=transpose_b, name=scope)


def _contraction_axes(a, axes):
    """The axes of a and of b, from what tf.tensordot takes."""
    rank = a.shape.rank
    if isinstance(axes, numbers.Integral):
        if axes < 0:
            raise ValueError("'axes' must be at least 0.")
        if rank is None:
            rank = array_ops.rank(a)
            return (range(rank - axes, rank, dtype=dtypes.int32),
                    range(axes, dtype=dtypes.int32))
        if axes > rank:
            raise ValueError("'axes' must not be larger than the number of "
                             "dimensions of tensor %s." % a)
        return (list(builtins.range(rank - axes, rank)),
                list(builtins.range(axes)))
    if not isinstance(axes, (list, tuple)):
        axes = ops.convert_to_tensor(axes, name="axes", dtype=dtypes.int32)
        return axes[0], axes[1]
    if len(axes) != 2:
        raise ValueError("'axes' must be an integer or have length 2.")
    first, second = axes
    if isinstance(first, numbers.Integral) and isinstance(second,
                                                          numbers.Integral):
        return [first], [second]
    if len(first) != len(second):
        raise ValueError(
            "Different number of contraction axes 'a' and 'b', %s != %s."
            % (len(first), len(second)))
    return first, second


def _as_matrix(a, axes, axes_first):
    """a as a matrix of `axes` and the others, and the others' sizes: as a list
    or a tensor, and as a list if they are known."""
    sizes = None if a.shape.rank is None else a.shape.as_list()
    listed = sizes is not None and isinstance(axes, (list, tuple))
    if listed:
        axes = [i if i >= 0 else i + len(sizes) for i in axes]
        free = [i for i in builtins.range(len(sizes)) if i not in axes]
        known = [sizes[i] for i in free]
    if listed and a.shape.is_fully_defined():
        order = axes + free if axes_first else free + axes
        products = [int(np.prod(known)),
                    int(np.prod([sizes[i] for i in axes]))]
        if axes_first:
            products = products[::-1]
        matrix = array_ops.reshape(array_ops.transpose(a, order), products)
        return matrix, known, known
    if listed:
        axes = ops.convert_to_tensor(axes, dtype=dtypes.int32, name="axes")
        free = ops.convert_to_tensor(free, dtype=dtypes.int32, name="free")
        shape = array_ops.shape(a)
    else:
        known = None
        shape = array_ops.shape(a)
        rank = array_ops.rank(a)
        axes = ops.convert_to_tensor(axes, dtype=dtypes.int32, name="axes")
        axes = array_ops.where(axes >= 0, axes, axes + rank)
        free = _gen.list_diff(range(rank), axes, dtypes.int32)[0]
    free_sizes = array_ops.gather(shape, free)
    axes_sizes = array_ops.gather(shape, axes)
    products = [reduce_prod(free_sizes), reduce_prod(axes_sizes)]
    order = array_ops.concat([axes, free] if axes_first else [free, axes], 0)
    if axes_first:
        products = products[::-1]
    size = array_ops.stack(products)
    matrix = array_ops.reshape(array_ops.transpose(a, order), size)
    return matrix, free_sizes, known


def tensordot(a, b, axes, name=None):
    """The sum of products over axes of two tensors.

    Parameters
    ----------
    a, b
        Tensors of one type.
    axes
        How many of a's last and b's first axes; or a pair of lists, or a
        tensor of two rows, with the axes of each.
    name
        Of the op.
    """
    with ops.name_scope(name, "Tensordot", [a, b, axes]) as name:
        a = ops.convert_to_tensor(a, name="a")
        b = ops.convert_to_tensor(b, name="b")
        a_axes, b_axes = _contraction_axes(a, axes)
        left, a_sizes, a_known = _as_matrix(a, a_axes, False)
        right, b_sizes, b_known = _as_matrix(b, b_axes, True)
        product = matmul(left, right)
        if isinstance(a_sizes, list) and isinstance(b_sizes, list):
            return array_ops.reshape(product, a_sizes + b_sizes, name=name)
        a_sizes = ops.convert_to_tensor(a_sizes, dtype=dtypes.int32)
        b_sizes = ops.convert_to_tensor(b_sizes, dtype=dtypes.int32)
        product = array_ops.reshape(
            product, array_ops.concat([a_sizes, b_sizes], 0), name=name)
        if a_known is not None and b_known is not None:
            product.set_shape(a_known + b_known)
        return product


def conj(x, name=None):
    """The complex conjugates; real numbers as they are."""
    x = ops.convert_to_tensor(x, name="x")
    return _gen.conj(x, name=name) if x.dtype.is_complex else x


def argmax(input, axis=None, name=None, dimension=None,
           output_type=dtypes.int64):
    """The index of the greatest element along `axis` (0), the first of equals.

    Of `output_type`, int64 or int32; without that dimension.
    """
    axis = deprecated_argument("axis", axis, "dimension", dimension)
    return op_library.apply_op("ArgMax", name, input=input,
                               dimension=0 if axis is None else axis,
                               output_type=output_type)


def argmin(input, axis=None, name=None, dimension=None,
           output_type=dtypes.int64):
    """The index of the least element along `axis` (0), the first of equals.

    Of `output_type`, int64 or int32; without that dimension.
    """
    axis = deprecated_argument("axis", axis, "dimension", dimension)
    return op_library.apply_op("ArgMin", name, input=input,
                               dimension=0 if axis is None else axis,
                               output_type=output_type)


# ---- Reductions -------------------------------------------------------------

def _reduction_dims(x, axis):
    """The axes to reduce: all if none are given."""
    if axis is not None:
        return axis
    if isinstance(x, ops.Tensor) and x.shape.rank is not None:
        return constant(np.arange(x.shape.rank), dtypes.int32)
    return range(0, array_ops.rank(x))


def _reduce(op_type, x, axis, keepdims, name):
    keepdims = False if keepdims is None else keepdims
    result = op_library.apply_op(
        op_type, name, input=x, reduction_indices=_reduction_dims(x, axis),
        keep_dims=keepdims)
    if axis is None and not keepdims and not result.shape.is_fully_defined():
        result.set_shape(())
    return result


def _reduction(name, op_type):
    def reduce(input_tensor, axis=None, keepdims=None, name=None,
               reduction_indices=None, keep_dims=None):
        axis = deprecated_argument("axis", axis, "reduction_indices",
                                   reduction_indices)
        keepdims = deprecated_argument("keepdims", keepdims, "keep_dims",
                                       keep_dims)
        return _reduce(op_type, input_tensor, axis, keepdims, name)
    reduce.__name__ = reduce.__qualname__ = name
    reduce.__doc__ = (
        "The op %s over `axis`, or over all axes.\n\nThe axes are left out of "
        "the shape, or, with `keepdims`, become 1." % op_type)
    return reduce


reduce_sum = _reduction("reduce_sum", "Sum")
reduce_mean = _reduction("reduce_mean", "Mean")
reduce_prod = _reduction("reduce_prod", "Prod")
reduce_max = _reduction("reduce_max", "Max")
reduce_min = _reduction("reduce_min", "Min")
reduce_all = _reduction("reduce_all", "All")
reduce_any = _reduction("reduce_any", "Any")


def reduce_variance(input_tensor, axis=None, keepdims=False, name=None):
    """The variance over `axis`, or over all axes; floats."""
    with ops.name_scope(name or "reduce_variance"):
        means = reduce_mean(input_tensor, axis=axis, keepdims=True)
        return reduce_mean(_gen.square(input_tensor - means), axis=axis,
                           keepdims=keepdims)


def reduce_std(input_tensor, axis=None, keepdims=False, name=None):
    """The standard deviation over `axis`, or over all axes; floats."""
    with ops.name_scope(name or "reduce_std"):
        return _gen.sqrt(reduce_variance(input_tensor, axis, keepdims))


def count_nonzero(input_tensor=None, axis=None, keepdims=None,
                  dtype=dtypes.int64, name=None, reduction_indices=None,
                  keep_dims=None, input=None):
    """How many elements are not 0 over `axis`, or over all axes."""
    keepdims = deprecated_argument("keepdims", keepdims, "keep_dims",
                                   keep_dims)
    x = deprecated_argument("input", input, "input_tensor", input_tensor)
    axis = deprecated_argument("axis", axis, "reduction_indices",
                               reduction_indices)
    with ops.name_scope(name, "count_nonzero", [x]):
        x = ops.convert_to_tensor(x, name="input")
        zero = array_ops.zeros([], dtype=x.dtype)
        return cast(reduce_sum(
            _gen.cast(_gen.not_equal(x, zero), dtypes.int64), axis=axis,
            keepdims=keepdims), dtype)


def squared_difference(x, y, name=None):
    """(x - y) * (x - y), element by element; shapes are broadcast."""
    return _gen.squared_difference(x, y, name=name)


# ---- Operators --------------------------------------------------------------

def _binary(function, op_name):
    """Defines x.__NAME__(y) and x.__rNAME__(y) under the name NAME."""
    def forward(x, y):
        with ops.name_scope(None, op_name, [x, y]) as scope:
            if not (isinstance(x, ops.Tensor) and isinstance(y, ops.Tensor)):
                try:
                    y = ops.convert_to_tensor(
                        y, preferred_dtype=x.dtype.base_dtype, name="y")
                except TypeError:
                    if hasattr(type(y), "__r%s__" % op_name):
                        return NotImplemented
                    raise
            return function(x, y, name=scope)

    def backward(y, x):
        with ops.name_scope(None, op_name, [x, y]) as scope:
            x = ops.convert_to_tensor(x, y.dtype.base_dtype, name="x")
            return function(x, y, name=scope)

    ops.Tensor._override_operator("__%s__" % op_name, forward)
    ops.Tensor._override_operator("__r%s__" % op_name, backward)


def _add_operator(x, y, name=None):
    if x.dtype == dtypes.string:
        return _gen.add(x, y, name=name)
    return op_library.apply_op("AddV2", name, x=x, y=y)


def _define_operators():
    _binary(_add_operator, "add")
    _binary(subtract, "sub")
    _binary(multiply, "mul")
    _binary(truediv, "truediv")
    _binary(floordiv, "floordiv")
    _binary(floormod, "mod")
    _binary(pow, "pow")
    _binary(matmul, "matmul")
    _binary(lambda x, y, name=None: _gen.logical_and(x, y, name=name), "and")
    _binary(lambda x, y, name=None: _gen.logical_or(x, y, name=name), "or")
    _binary(logical_xor, "xor")
    for operator, op_type in (("__lt__", "Less"), ("__le__", "LessEqual"),
                              ("__gt__", "Greater"),
                              ("__ge__", "GreaterEqual")):
        ops.Tensor._override_operator(operator, _comparison(op_type))
    ops.Tensor._override_operator("__neg__", negative)
    ops.Tensor._override_operator("__abs__", abs)
    ops.Tensor._override_operator(
        "__invert__", lambda x: _gen.logical_not(x))


def _comparison(op_type):
    def compare(x, y, name=None):
        return op_library.apply_op(op_type, name, x=x, y=y)
    return compare


_define_operators()


def _cumulative(op_type):
    def function(x, axis=0, exclusive=False, reverse=False, name=None):
        with ops.name_scope(name, op_type, [x]) as scope:
            return op_library.apply_op(
                op_type, scope, x=ops.convert_to_tensor(x, name="x"),
                axis=axis, exclusive=exclusive, reverse=reverse)
    function.__name__ = function.__qualname__ = op_type.lower()
    function.__doc__ = "The %s up to each element along an axis." % (
        "sums" if op_type == "Cumsum" else "products")
    return function


cumsum = _cumulative("Cumsum")
cumprod = _cumulative("Cumprod")


def equal(x, y, name=None):
    """Whether x == y, by element."""
    return _gen.equal(x, y, name=name)


def not_equal(x, y, name=None):
    """Whether x != y, by element."""
    return _gen.not_equal(x, y, name=name)
