"""Functions of strings that are more than their op."""
import numpy as np

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import sparse_tensor
from retrograph.ops import array_ops
from retrograph.ops import math_ops

_gen = op_library.gen


def _one_of(new_name, new, old_name, old):
    """The value of an argument that goes by two names."""
    if old is None:
        return new
    if new is not None:
        raise ValueError("Cannot specify both '%s' and '%s'"
                         % (old_name, new_name))
    return old


def regex_replace(input, pattern, rewrite, replace_global=True, name=None):
    """Pieces that match, rewritten (RE2's syntax)."""
    texts = (str, bytes)
    if isinstance(pattern, texts) and isinstance(rewrite, texts):
        return _gen.static_regex_replace(input, pattern, rewrite,
                                         replace_global, name=name)
    return _gen.regex_replace(input, pattern, rewrite, replace_global,
                              name=name)


def regex_full_match(input, pattern, name=None):
    """Whether the whole string matches."""
    if isinstance(pattern, (str, bytes)):
        return _gen.static_regex_full_match(input, pattern, name=name)
    return _gen.regex_full_match(input, pattern, name=name)


def substr(input, pos, len, name=None, unit="BYTE"):
    """Part of each string: `len` bytes or characters from `pos`.

    InvalidArgumentError when it runs if `pos` is out of range.
    """
    return _gen.substr(input, pos, len, unit=unit, name=name)


def string_length(input, name=None, unit="BYTE"):
    """How many bytes each string has, or characters ("UTF8_CHAR"); int32."""
    return _gen.string_length(input, unit=unit, name=name)


def reduce_join(inputs, axis=None, keep_dims=None, separator="", name=None,
                reduction_indices=None, keepdims=None):
    """Strings along axes put together."""
    keepdims = bool(_one_of("keepdims", keepdims, "keep_dims", keep_dims))
    axis = _one_of("axis", axis, "reduction_indices", reduction_indices)
    with ops.name_scope(None, "ReduceJoin", [inputs, axis]):
        inputs = ops.convert_to_tensor(inputs, dtype=dtypes.string)
        if axis is None and inputs.shape.ndims is not None:
            axis = constant_op.constant(
                np.arange(inputs.shape.ndims - 1, -1, -1), dtype=dtypes.int32)
        elif axis is None:
            axis = math_ops.range(array_ops.rank(inputs) - 1, -1, -1)
        return _gen.reduce_join(inputs, axis, keepdims, separator, name=name)


def _pieces(outputs):
    indices, values, shape = outputs
    indices.set_shape([None, 2])
    values.set_shape([None])
    shape.set_shape([2])
    return sparse_tensor.SparseTensor(indices, values, shape)


def string_split(source, sep=None, skip_empty=True, delimiter=None,
                 result_type="SparseTensor", name=None):
    """The pieces between delimiters, as a SparseTensor."""
    if result_type != "SparseTensor":
        raise ValueError("result_type must be 'SparseTensor': retrograph has "
                         "no RaggedTensor.")
    with ops.name_scope(name, "StringSplit", [source]):
        delimiter = _one_of("sep", sep, "delimiter", delimiter)
        delimiter = ops.convert_to_tensor(
            " " if delimiter is None else delimiter, dtype=dtypes.string)
        source = ops.convert_to_tensor(source, dtype=dtypes.string)
        return _pieces(_gen.string_split(source, delimiter=delimiter,
                                         skip_empty=skip_empty))


def string_to_number(string_tensor=None, out_type=dtypes.float32, name=None,
                     input=None):
    """The numbers that strings spell."""
    return _gen.string_to_number(
        _one_of("input", input, "string_tensor", string_tensor),
        out_type=out_type, name=name)
