"""tf.constant, and values as tensors: make_tensor_proto and its checks."""
import numpy as np

from retrograph import _core
from retrograph.framework import dtypes
from retrograph.framework import nest
from retrograph.framework import ops
from retrograph.framework import tensor_shape

_INTS = (int, np.integer, tensor_shape.Dimension)
_REALS = (int, float, np.integer, np.floating)


def _allowed_types(dtype):
    """The Python types that a value of this type may be given as."""
    if dtype is None:
        return None
    if dtype is dtypes.bool:
        return (bool, np.bool_)
    if dtype is dtypes.string:
        return (str, bytes)
    if dtype.is_integer:
        return _INTS
    if dtype.is_floating:
        return _REALS + ((object,) if dtype is dtypes.bfloat16 else ())
    if dtype.is_complex:
        return _REALS + (complex, np.complexfloating)
    return (object,)


def _leaves(values):
    if nest.is_nested(values):
        return nest.flatten(values)
    return [values]


def _list_leaves(values):
    if not isinstance(values, (list, tuple)):
        return [values]
    return [leaf for value in values for leaf in _list_leaves(value)]


def _check_values(values, dtype):
    allowed = _allowed_types(dtype)
    for value in _leaves(values):
        if allowed is None:
            if isinstance(value, ops.Tensor):
                raise TypeError("List of Tensors when single Tensor expected")
        elif not isinstance(value, allowed):
            raise TypeError("Expected %s, got %r of type '%s' instead."
                            % (dtype.name, value, type(value).__name__))


def _dense_dimensions(values):
    """The shape that nested lists claim, by their first elements."""
    dims = []
    while isinstance(values, (list, tuple)):
        dims.append(len(values))
        if not values:
            break
        values = values[0]
    if isinstance(values, np.ndarray):
        dims.extend(values.shape)
    return dims


def _outer_shape(values):
    """The shape numpy of old gave to ragged lists: the regular part."""
    dims = []
    level = [values]
    while level and all(isinstance(v, (list, tuple)) for v in level):
        lengths = {len(v) for v in level}
        if len(lengths) != 1:
            break
        dims.append(lengths.pop())
        level = [e for v in level for e in v]
    return dims


def _dense_error(values, shape):
    return ValueError(
        "Argument must be a dense tensor: %s - got shape %s, but wanted %s."
        % (values, shape, _dense_dimensions(values)))


def _string_array(values):
    flat = []
    for value in _list_leaves(values):
        if isinstance(value, str):
            value = value.encode("utf-8")
        if not isinstance(value, bytes):
            raise TypeError(
                "Failed to convert object of type %s to Tensor. Contents: %s. "
                "Consider casting elements to a supported type."
                % (type(values), values))
        flat.append(value)
    dims = _dense_dimensions(values)
    if int(np.prod(dims)) != len(flat):
        raise _dense_error(values, _outer_shape(values))
    array = np.empty(len(flat), dtype=object)
    array[:] = flat
    return array.reshape(dims)


def _numpy_of_python(values, dtype, shape):
    """Python values as an array of the type that TensorFlow chooses."""
    np_dtype = dtype.as_numpy_dtype if dtype is not None else None
    if shape is not None and np.prod(shape, dtype=np.int64) == 0:
        array = np.empty(shape, dtype=np_dtype)
        return array if dtype is not None else _preferred_width(array)
    _check_values(values, dtype)
    leaves = _leaves(values)
    if dtype is dtypes.string or (
            dtype is None and leaves and
            any(isinstance(v, (str, bytes)) for v in leaves)):
        return _string_array(values)
    try:
        array = np.array(values, dtype=np_dtype)
    except ValueError:
        if _outer_shape(values) != _dense_dimensions(values):
            raise _dense_error(values, _outer_shape(values)) from None
        if dtype is None:
            return _string_array(values)  # an error that says why not
        raise
    except OverflowError:
        # numpy of old cut integers to size, if they fit into any.
        array = np.array(values)
        if array.dtype == object:
            raise
        array = array.astype(np_dtype)
    if array.dtype == object:
        return _string_array(values)  # or an error that says why not
    if list(array.shape) != _dense_dimensions(values) and not (
            dtype is not None and dtype.is_quantized):
        raise _dense_error(values, list(array.shape))
    if dtype is None:
        array = _preferred_width(array)
    return array


def _preferred_width(array):
    """float32 and int32 where numpy would take 64 bits."""
    if array.dtype == np.float64:
        return array.astype(np.float32)
    if array.dtype == np.int64:
        narrow = array.astype(np.int32)
        if np.array_equal(narrow, array):
            return narrow
    return array


def _is_array_like(value):
    if isinstance(value, (ops.Tensor, bytes, str)):
        return False
    if callable(getattr(value, "__array__", None)) or isinstance(
            getattr(value, "__array_interface__", None), dict):
        return not isinstance(value, type)
    try:
        memoryview(value)
    except TypeError:
        return False
    return True


def to_numpy(values, dtype=None, shape=None):
    """(array, DType): what make_tensor_proto would store."""
    if _is_array_like(values):
        values = np.asarray(values)
    if isinstance(values, (np.ndarray, np.generic)):
        array = values
        if dtype is not None and dtype.is_numpy_compatible and \
                dtype is not dtypes.string:
            array = values.astype(dtype.as_numpy_dtype)
    else:
        if values is None:
            raise ValueError("None values not supported.")
        array = _numpy_of_python(values, dtype, shape)
    array = np.asarray(array)
    found = dtypes.as_dtype(array.dtype)
    if found is dtypes.string and array.dtype.kind in "SU":
        array = _string_array(array.tolist())
    if dtype is not None and dtype.is_quantized:
        found = dtype
    if dtype is not None and dtype.base_dtype != found.base_dtype:
        raise TypeError("Incompatible types: %s vs. %s. Value is %s"
                        % (dtype, array.dtype, values))
    return array, found


def carried(array, dtype):
    """The array as the bindings take it."""
    if dtype is dtypes.string:
        return array
    if not array.flags.c_contiguous:
        array = np.ascontiguousarray(array)
    carrier = dtypes.carrier(dtype._number)
    return array if array.dtype == carrier else array.view(carrier)


def _tensor_proto_bytes(values, dtype, shape, verify_shape, allow_broadcast):
    if dtype is not None:
        dtype = dtypes.as_dtype(dtype)
    array, found = to_numpy(values, dtype, shape)
    if shape is not None:
        shape = [int(dim) for dim in shape]
        size = int(np.prod(shape, dtype=np.int64))
        if allow_broadcast:
            if array.shape not in ((), (1,)) and array.size != size:
                raise TypeError("Expected Tensor's shape: %s, got %s."
                                % (tuple(shape), array.shape))
        else:
            if verify_shape and array.shape != tuple(shape):
                raise TypeError("Expected Tensor's shape: %s, got %s."
                                % (tuple(shape), array.shape))
            if array.size > size:
                raise ValueError(
                    "Too many elements provided. Needed at most %d, but "
                    "received %d" % (size, array.size))
    if found is dtypes.string and not array.size and \
            not isinstance(values, np.ndarray):
        # They are kept, even if the shape has no place for them.
        array = _string_array(_list_leaves(values))
    if array.nbytes >= 1 << 31:
        raise ValueError("Cannot create a tensor proto whose content is larger "
                         "than 2GB.")
    return _core.array_to_tensor_proto(carried(array, found),
                                       found.base_dtype._number, shape)


def make_tensor_proto(values, dtype=None, shape=None, verify_shape=False,
                      allow_broadcast=False):
    """A TensorProto of Python or numpy values."""
    from retrograph import protos
    if allow_broadcast and verify_shape:
        raise ValueError("allow_broadcast and verify_shape are not both "
                         "allowed.")
    if isinstance(values, protos.TensorProto):
        return values
    return protos.TensorProto.FromString(_tensor_proto_bytes(
        values, dtype, shape, verify_shape, allow_broadcast))


def make_ndarray(tensor):
    """The values of a TensorProto."""
    return np.asarray(_core.tensor_proto_to_array(tensor.SerializeToString()))


def constant(value, dtype=None, shape=None, name="Const", verify_shape=False):
    """A tensor that holds `value` (op Const).

    Parameters
    ----------
    value
        A number, string, list or array.
    dtype
        The tensor's type; by default float32, int32, bool or string for
        Python values, an array's own type.
    shape
        The tensor's shape; fewer values are filled up with the last.
    """
    if type(value).__name__ == "TensorProto":
        proto = value.SerializeToString()
    else:
        proto = _tensor_proto_bytes(value, dtype, shape, verify_shape, False)
    if name is not None and not isinstance(name, str):
        name[-1]  # noqa: B018, TensorFlow's TypeError
    graph = ops.get_default_graph()
    op_id = _core.add_constant(graph._c, proto, graph._node_name(name, "Const"))
    return graph._operation(op_id).outputs[0]


def is_constant(tensor_or_op):
    return getattr(tensor_or_op, "op", tensor_or_op).type == "Const"


def constant_value(tensor, partial=False):
    """The value of a tensor that depends on constants alone, or None."""
    if not isinstance(tensor, ops.Tensor):
        return tensor
    value = tensor.graph._c.constant_value(tensor.op._id, tensor.value_index)
    return None if value is None else np.asarray(value)


def constant_value_as_shape(tensor):
    return tensor_shape._from_core(tensor.graph._c.constant_value_as_shape(
        tensor.op._id, tensor.value_index))


# ---- Conversions ------------------------------------------------------------

def _shape_to_tensor(shape, dtype, name):
    if not shape.is_fully_defined():
        raise ValueError("Cannot convert a partially known TensorShape to a "
                         "Tensor: %s" % shape)
    dims = shape.as_list()
    large = next((d for d in dims if d >= 2 ** 31), 0)
    if dtype is None:
        dtype = dtypes.int64 if large else dtypes.int32
    elif dtype not in (dtypes.int32, dtypes.int64):
        raise TypeError("Cannot convert a TensorShape to dtype: %s" % dtype)
    elif dtype == dtypes.int32 and large:
        raise ValueError("Cannot convert a TensorShape to dtype int32; a "
                         "dimension is too large (%s)" % large)
    return constant(dims, dtype, name=name or "shape_as_tensor")


def _dimension_to_tensor(dimension, dtype, name):
    if dimension.value is None:
        raise ValueError("Cannot convert an unknown Dimension to a Tensor: %s"
                         % dimension)
    if dtype is None:
        dtype = dtypes.int64 if dimension.value >= 2 ** 31 else dtypes.int32
    elif dtype not in (dtypes.int32, dtypes.int64):
        raise TypeError("Cannot convert a TensorShape to dtype: %s" % dtype)
    return constant(dimension.value, dtype,
                    name=name or "shape_as_tensor")


def convert(value, dtype, name):
    """A value that is no tensor as one."""
    if isinstance(value, tensor_shape.TensorShape):
        return _shape_to_tensor(value, dtype, name)
    if isinstance(value, tensor_shape.Dimension):
        return _dimension_to_tensor(value, dtype, name)
    if isinstance(value, (list, tuple)) and _holds_tensors(value):
        return _pack(value, dtype, name)
    return constant(value, dtype, name=name)


def _holds_tensors(values):
    return any(ops.is_dense_tensor_like(v) or
               isinstance(v, (list, tuple)) and _holds_tensors(v)
               for v in values)


def _first_dtype(values):
    for value in values:
        if ops.is_dense_tensor_like(value):
            return value.dtype.base_dtype
        if isinstance(value, (list, tuple)):
            dtype = _first_dtype(value)
            if dtype is not None:
                return dtype
    return None


def _pack(values, dtype, name):
    """A list with tensors in it, packed into one (op Pack)."""
    inferred = _first_dtype(values)
    if dtype is not None and dtype.base_dtype != inferred:
        inferred = dtype.base_dtype
        values = _cast_level(values, inferred)
    return _pack_level(values, inferred, name or "packed")


def _cast_level(values, dtype):
    """The list with its tensors cast."""
    from retrograph.framework import op_library

    def cast(value):
        if isinstance(value, (list, tuple)):
            return _cast_level(value, dtype)
        if ops.is_dense_tensor_like(value) and \
                value.dtype.base_dtype != dtype:
            return op_library.apply_op("Cast", x=value, DstT=dtype)
        return value
    return [cast(value) for value in values]


def _pack_level(values, dtype, name):
    """Each level has a scope of its own, even one without tensors."""
    from retrograph.framework import op_library
    with ops.name_scope(name) as scope:
        converted = []
        for i, value in enumerate(values):
            if ops.is_dense_tensor_like(value) and \
                    value.dtype.base_dtype != dtype:
                raise TypeError(
                    "Cannot convert a list containing a tensor of dtype %s to "
                    "%s (Tensor is: %r)" % (value.dtype, dtype, value))
            if isinstance(value, (list, tuple)):
                value = _pack_level(value, dtype, str(i))
            converted.append(value)
        if not _holds_tensors(values):
            return values
        for i, value in enumerate(converted):
            if not isinstance(value, ops.Tensor):
                converted[i] = ops.convert_to_tensor(value, dtype) \
                    if ops.is_dense_tensor_like(value) else \
                    constant(value, dtype, name=str(i))
        return op_library.apply_op("Pack", scope, values=converted, axis=0)


ops.set_constant_conversion(convert)
