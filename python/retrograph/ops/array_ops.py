"""Shapes, slices, joins: what TensorFlow's Python layer composes of array ops.

What is one op with the same arguments is not here: the package takes it from
the registry.
"""
from __future__ import annotations

import builtins
import functools
import operator
import sys
from typing import Any

import numpy as np

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.framework.constant_op import constant

_gen = op_library.gen
newaxis = None
_builtin_slice = builtins.slice


def deprecated_argument(new_name, new, old_name, old):
    """The value of an argument that has two names."""
    if old is not None:
        if new is not None:
            raise ValueError("Cannot specify both '%s' and '%s'"
                             % (old_name, new_name))
        return old
    return new


def placeholder(dtype: Any, shape: Any = None,
                name: str | None = None) -> ops.Tensor:
    """A tensor whose value every run must feed.

    Parameters
    ----------
    dtype : DType, or what `tf.as_dtype` takes
    shape : TensorShape, list of int or None, or None
        What values may have; None for any.
    name : str, optional
    """
    return _gen.placeholder(dtype, shape, name=name)


def placeholder_with_default(input, shape, name=None):
    """A tensor with a value that a run may feed another for."""
    return _gen.placeholder_with_default(input, shape, name=name)


def identity(input, name=None):
    """A tensor of the same shape, type and values."""
    return _gen.identity(input, name=name)


def identity_n(input, name=None):
    """A list of tensors of the same shapes, types and values."""
    return _gen.identity_n(input, name=name)


def stop_gradient(input, name=None):
    """The same tensor, which gradients take for a constant."""
    return _gen.stop_gradient(input, name=name)


def reshape(tensor, shape, name=None):
    """The elements in their order, in another shape; one size may be -1.

    ValueError if the sizes do not fit, as far as they are known.
    """
    return _gen.reshape(tensor, shape, name=name)


def shape_tensor(shape):
    """A shape as a tensor: int32 unless it holds something else."""
    dtype = None
    if isinstance(shape, (list, tuple)):
        if not shape:
            dtype = dtypes.int32
        else:
            shape = [tensor_shape.dimension_value(d) for d in shape]
    return ops.convert_to_tensor(shape, dtype=dtype, name="shape")


def shape(input, name=None, out_type=dtypes.int32):
    """The shape of a tensor: a constant if it is known."""
    return shape_internal(input, name, True, out_type)


def shape_internal(input, name=None, optimize=True, out_type=dtypes.int32):
    with ops.name_scope(name, "Shape", [input]) as scope:
        tensor = ops.convert_to_tensor(input)
        if optimize and tensor.shape.is_fully_defined():
            return constant(tensor.shape.as_list(), out_type, name=scope)
        return _gen.shape(tensor, out_type, name=scope)


def shape_v2(input, out_type=dtypes.int32, name=None):
    return shape(input, name, out_type)


def rank(input, name=None):
    """How many dimensions it has, an int32 scalar."""
    return rank_internal(input, name, True)


def rank_internal(input, name=None, optimize=True):
    with ops.name_scope(name, "Rank", [input]) as scope:
        tensor = ops.convert_to_tensor(input)
        if optimize and tensor.shape.rank is not None:
            return constant(tensor.shape.rank, dtypes.int32, name=scope)
        return _gen.rank(tensor, name=scope)


def size(input, name=None, out_type=dtypes.int32):
    """How many elements it has, a scalar of `out_type`."""
    return size_internal(input, name, True, out_type)


def size_internal(input, name=None, optimize=True, out_type=dtypes.int32):
    with ops.name_scope(name, "Size", [input]) as scope:
        tensor = ops.convert_to_tensor(input)
        if optimize:
            count = tensor.shape.num_elements()
            if count is not None:
                return constant(count, out_type, name=scope)
            if 0 in (tensor.shape._known() or ()):
                return constant(0, out_type, name=scope)
        return _gen.size(tensor, out_type, name=scope)


def _filled(value, shape, dtype, scope):
    """tf.zeros and tf.ones: a constant if it is small, else Fill."""
    if not isinstance(shape, ops.Tensor):
        try:
            result = _constant_if_small(value, shape, dtype, scope)
            if result is not None:
                return result
            shape = constant_op.convert(tensor_shape.TensorShape(shape), None,
                                        None)
        except (TypeError, ValueError):
            shape = ops.convert_to_tensor(shape, dtype=dtypes.int32)
    if not shape.shape._known():
        shape = reshape(shape, [-1])
    return fill(shape, constant(value, dtype), name=scope)


def _constant_if_small(value, shape, dtype, scope):
    try:
        if _product(_plain(shape)) < 1000:
            return constant(value, dtype, shape, name=scope)
    except TypeError:  # tensors in it, or no list at all
        pass
    return None


def _product(sizes):
    if isinstance(sizes, list) and any(isinstance(s, ops.Tensor)
                                       for s in sizes):
        return functools.reduce(operator.mul, sizes)
    return np.prod(sizes)


def _plain(shape):
    if isinstance(shape, tensor_shape.TensorShape):
        return shape.as_list()
    if isinstance(shape, (list, tuple)):
        return [tensor_shape.dimension_value(d) for d in shape]
    return shape


def zeros(shape, dtype=dtypes.float32, name=None):
    """A tensor of zeros; `shape` is a list of int or an integer vector."""
    dtype = dtypes.as_dtype(dtype).base_dtype
    with ops.name_scope(name, "zeros", [shape]) as scope:
        value = False if dtype is dtypes.bool else (
            "" if dtype is dtypes.string else 0)
        result = _filled(value, shape, dtype, scope)
    assert result.dtype.base_dtype == dtype
    return result


def ones(shape, dtype=dtypes.float32, name=None):
    """A tensor of ones; `shape` is a list of int or an integer vector."""
    dtype = dtypes.as_dtype(dtype).base_dtype
    with ops.name_scope(name, "ones", [shape]) as scope:
        value = True if dtype is dtypes.bool else 1
        result = _filled(value, shape, dtype, scope)
    return result


def zeros_like(tensor, dtype=None, name=None, optimize=True):
    """Zeros in the shape of `tensor`, of its type if `dtype` is None."""
    with ops.name_scope(name, "zeros_like", [tensor]) as scope:
        tensor = ops.convert_to_tensor(tensor, name="tensor")
        if dtype is not None:
            dtype = dtypes.as_dtype(dtype)
        if optimize and tensor.shape.is_fully_defined() and \
                tensor.dtype is not dtypes.variant:
            return zeros(tensor.shape, dtype or tensor.dtype, name=scope)
        if dtype is not None and dtype != tensor.dtype:
            return zeros(shape_internal(tensor, optimize=optimize), dtype,
                         name=scope)
        return _gen.zeros_like(tensor, name=scope)


def ones_like(tensor, dtype=None, name=None, optimize=True):
    """Ones in the shape of `tensor`, of its type if `dtype` is None."""
    with ops.name_scope(name, "ones_like", [tensor]) as scope:
        tensor = ops.convert_to_tensor(tensor, name="tensor")
        result = ones(shape_internal(tensor, optimize=optimize),
                      dtype or tensor.dtype, name=scope)
        result.set_shape(tensor.shape)
        return result


def fill(dims, value, name=None):
    """A tensor of shape `dims` whose elements are all `value`, a scalar."""
    return _gen.fill(dims, value, name=name)


def expand_dims(input, axis=None, name=None, dim=None):
    """The tensor with a dimension of size 1 put in before `axis`.

    ValueError without an axis.
    """
    axis = deprecated_argument("axis", axis, "dim", dim)
    if axis is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    return _gen.expand_dims(input, axis, name=name)


def squeeze(input, axis=None, name=None, squeeze_dims=None):
    """The tensor without dimensions of size 1: those of `axis`, or all.

    ValueError if one of `axis` is larger.
    """
    axis = deprecated_argument("axis", axis, "squeeze_dims", squeeze_dims)
    if np.isscalar(axis):
        axis = [axis]
    return _gen.squeeze(input, axis, name=name)


def concat(values, axis, name="concat"):
    """The tensors, one type, joined along `axis`.

    Parameters
    ----------
    values : list of Tensors
        Of one rank; their sizes may differ along the axis alone.
    axis : int or int32 Tensor
        Below 0 it counts from the end.
    name : str

    Returns
    -------
    Tensor

    Raises
    ------
    ValueError
        If ranks or sizes do not fit.
    """
    if not isinstance(values, (list, tuple)):
        values = [values]
    if len(values) == 1:
        with ops.name_scope(name):
            ops.convert_to_tensor(
                axis, dtypes.int32,
                name="concat_dim").shape.assert_has_rank(0)
            return identity(values[0], name=name)
    return _gen.concat_v2(values, axis, name=name)


def stack(values, axis=0, name="stack"):
    """Tensors of one shape and type, stacked along a new dimension `axis`.

    ValueError if shapes differ or the axis is out of bounds.
    """
    if axis == 0:
        try:
            return ops.convert_to_tensor(values, name=name)
        except (TypeError, ValueError):
            pass
    shape = ops.convert_to_tensor(values[0], name=name).shape
    if shape.rank is not None:
        dims = shape.rank + 1
        if not -dims <= axis < dims:
            raise ValueError("axis = %d not in [%d, %d)" % (axis, -dims, dims))
    return _gen.pack(values, axis=axis, name=name)


def unstack(value, num=None, axis=0, name="unstack"):
    """The list of the slices along `axis`, which lose that dimension.

    ValueError if neither `num` nor the shape says how many there are.
    """
    if num is None:
        value = ops.convert_to_tensor(value)
        shape = value.shape
        if shape.rank is not None:
            if not -shape.rank <= axis < shape.rank:
                raise ValueError("axis = %d not in [%d, %d)"
                                 % (axis, -shape.rank, shape.rank))
            num = shape.dims[axis].value
    if num is None:
        raise ValueError("Cannot infer num from shape %s" % value.shape)
    return _gen.unpack(value, num=num, axis=axis, name=name)


def split(value, num_or_size_splits, axis=0, num=None, name="split"):
    """The parts along `axis`: so many equal ones, or ones of the given sizes.

    ValueError if the number is not known or the sizes do not fit.
    """
    sizes = ops.convert_to_tensor(num_or_size_splits)
    if isinstance(num_or_size_splits, (int, tensor_shape.Dimension)):
        return _gen.split(axis, value, num_split=num_or_size_splits, name=name)
    if sizes.shape.rank == 0:
        raise ValueError(
            "Rank-0 tensors are not supported as the num_or_size_splits "
            "argument to split. Argument provided: %s" % (num_or_size_splits,))
    if num is None:
        known = sizes.shape._known()
        num = known[0] if known else None
        if num is None:
            raise ValueError("Cannot infer num from shape %s"
                             % (num_or_size_splits,))
    return _gen.split_v(value, sizes, axis, num_split=num, name=name)


def transpose(a, perm=None, name="transpose", conjugate=False):
    """The tensor with its dimensions in the order of `perm`, or reversed.

    `conjugate`: of complex numbers the conjugates.
    """
    with ops.name_scope(name, "transpose", [a]) as scope:
        conjugated = conjugate and a.dtype.is_complex
        turn = _gen.conjugate_transpose if conjugated else _gen.transpose
        if perm is not None:
            return turn(a, perm, name=scope)
        a = ops.convert_to_tensor(a, name="a")
        if not a.shape.rank:
            count = _gen.rank(a)
            perm = (count - 1) - _gen.range(0, count, 1)
        else:
            perm = (a.shape.rank - 1) - np.arange(a.shape.rank)
        result = turn(a, perm, name=scope)
        if a.shape.rank is not None:
            result.set_shape(a.shape.as_list()[::-1])
        return result


def gather(params, indices, validate_indices=None, name=None, axis=None,
           batch_dims=0):
    """The slices of `params` at `indices`, int32 or int64, along `axis`.

    The shape is params.shape[:axis] + indices.shape + params.shape[axis + 1:].
    InvalidArgumentError when it runs if an index is out of range.
    """
    if axis is None:
        axis = batch_dims
    if constant_op.constant_value(axis) == 0 and hasattr(params,
                                                         "sparse_read"):
        return params.sparse_read(indices, name=name)
    if constant_op.constant_value(axis) != 0:
        return _gen.gather_v2(params, indices, axis, batch_dims=batch_dims,
                              name=name)
    return _gen.gather_v2(params, indices, axis, name=name)


def where(condition, x=None, y=None, name=None):
    """x where `condition` is true, else y; of one shape, or a vector for rows.

    Without x and y: the indices [n, rank], int64, of what is true. ValueError
    if there is one of the two alone.
    """
    if x is None and y is None:
        with ops.name_scope(name, "Where", [condition]) as scope:
            condition = ops.convert_to_tensor(
                condition, preferred_dtype=dtypes.bool, name="condition")
            return _gen.where(condition, name=scope)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return _gen.select(condition, x, y, name=name)


def one_hot(indices, depth, on_value=None, off_value=None, axis=None,
            dtype=None, name=None):
    """For each index a vector of `depth` elements, `on_value` at the index.

    Parameters
    ----------
    indices : Tensor of uint8, int32 or int64
    depth : int or int32 Tensor
    on_value, off_value : scalar, optional
        1 and 0 if there is none here.
    axis : int, optional
        Where the new dimension is; the last one.
    dtype : DType, optional
        float32, or that of the values.
    name : str, optional

    Returns
    -------
    Tensor
        Of a rank more than the indices.

    Raises
    ------
    TypeError
        If the types of the values and `dtype` differ.
    """
    with ops.name_scope(name, "one_hot", [indices, depth, on_value, off_value,
                                          axis, dtype]) as scope:
        on_dtype = None if on_value is None else \
            ops.convert_to_tensor(on_value).dtype.base_dtype
        off_dtype = None if off_value is None else \
            ops.convert_to_tensor(off_value).dtype.base_dtype
        if dtype is not None:
            for found, which in ((on_dtype, "on_value"),
                                 (off_dtype, "off_value")):
                if found is not None and found != dtype:
                    raise TypeError("dtype {0} of {2} does not match dtype "
                                    "parameter {1}".format(found, dtype,
                                                           which))
        else:
            dtype = on_dtype or off_dtype or dtypes.float32
        if on_value is None:
            on_value, on_dtype = ops.convert_to_tensor(
                1, dtype, name="on_value"), dtype
        if off_value is None:
            off_value, off_dtype = ops.convert_to_tensor(
                0, dtype, name="off_value"), dtype
        if on_dtype != off_dtype:
            raise TypeError("dtype {0} of on_value does not match dtype {1} of "
                            "off_value".format(on_dtype, off_dtype))
        return _gen.one_hot(indices, depth, on_value, off_value, axis=axis,
                            name=scope)


def slice(input_, begin, size, name=None):
    """The part that begins at `begin` and has these sizes; -1: the rest."""
    return _gen.slice(input_, begin, size, name=name)


def strided_slice(input_, begin, end, strides=None, begin_mask=0, end_mask=0,
                  ellipsis_mask=0, new_axis_mask=0, shrink_axis_mask=0,
                  var=None, name=None):
    """input_[begin:end:strides]; the masks say which bounds to ignore."""
    if strides is None:
        strides = ones_like(begin)
    return _gen.strided_slice(
        input_, begin, end, strides, begin_mask=begin_mask, end_mask=end_mask,
        ellipsis_mask=ellipsis_mask, new_axis_mask=new_axis_mask,
        shrink_axis_mask=shrink_axis_mask, name=name)


def _check_index(index):
    """An index is an integer, or a tensor that may be one."""
    if isinstance(index, (int, np.integer, tensor_shape.Dimension)):
        return
    dtype = getattr(index, "dtype", None)
    if dtype is None or dtypes.as_dtype(dtype) not in (
            dtypes.int16, dtypes.int32, dtypes.int64, dtypes.uint8,
            dtypes.uint16, dtypes.uint32, dtypes.uint64, dtypes.int8) or \
            (hasattr(index, "shape") and len(index.shape) == 1):
        raise TypeError(
            "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis "
            "(`None`) and scalar tf.int32/tf.int64 tensors are valid indices, "
            "got {!r}".format(index))


class _SliceSpec:
    """The arguments of StridedSlice, gathered from Python's indices."""

    def __init__(self, indices):
        self.begin, self.end, self.strides = [], [], []
        self.masks = dict(begin_mask=0, end_mask=0, ellipsis_mask=0,
                          new_axis_mask=0, shrink_axis_mask=0)
        for position, index in enumerate(indices):
            bit = 1 << position
            if isinstance(index, _builtin_slice):
                self._add_slice(index, bit)
            elif index is Ellipsis:
                self._add(0, 0, 1, ellipsis_mask=bit)
            elif index is newaxis:
                self._add(0, 0, 1, new_axis_mask=bit)
            else:
                _check_index(index)
                self._add(index, index + 1, 1, shrink_axis_mask=bit)

    def _add(self, begin, end, stride, **masks):
        self.begin.append(begin)
        self.end.append(end)
        self.strides.append(stride)
        for mask, bit in masks.items():
            self.masks[mask] |= bit

    def _add_slice(self, index, bit):
        masks = {}
        bounds = []
        for bound, mask in ((index.start, "begin_mask"),
                            (index.stop, "end_mask")):
            if bound is not None and (isinstance(bound, ops.Tensor) or
                                      bound != sys.maxsize):
                _check_index(bound)
                bounds.append(bound)
            else:
                bounds.append(0)
                masks[mask] = bit
        stride = 1
        if index.step is not None:
            _check_index(index.step)
            stride = index.step
        self._add(bounds[0], bounds[1], stride, **masks)


def _is_mask(spec):
    if isinstance(spec, bool):
        return True
    if isinstance(spec, ops.Tensor):
        return spec.dtype == dtypes.bool
    return isinstance(spec, np.ndarray) and spec.dtype == bool


def _slice_helper(tensor, slice_spec, var=None):
    """tensor[...]."""
    if _is_mask(slice_spec):
        return boolean_mask(tensor, slice_spec)
    if not isinstance(slice_spec, (list, tuple)):
        slice_spec = [slice_spec]
    spec = _SliceSpec(slice_spec)
    values = [tensor] + spec.begin + spec.end + spec.strides
    with ops.name_scope(None, "strided_slice", values) as scope:
        if spec.begin:
            packed = [stack(spec.begin), stack(spec.end), stack(spec.strides)]
            if any(p.dtype == dtypes.int64 for p in packed):
                packed = [p if p.dtype == dtypes.int64 else
                          _gen.cast(p, dtypes.int64) for p in packed]
        else:
            packed = [constant([], dtypes.int32)] * 3
        return strided_slice(tensor, *packed, name=scope, **spec.masks)


def boolean_mask(tensor, mask, name="boolean_mask", axis=None):
    """The elements of `tensor` where `mask` is true."""
    with ops.name_scope(name, values=[tensor, mask]):
        tensor = ops.convert_to_tensor(tensor, name="tensor")
        mask = ops.convert_to_tensor(mask, name="mask")
        shape_mask, shape_tensor_ = mask.shape, tensor.shape
        if shape_mask.rank == 0:
            raise ValueError("mask cannot be scalar.")
        if shape_mask.rank is None:
            raise ValueError(
                "Number of mask dimensions must be specified, even if some "
                "dimensions are None.  E.g. shape=[None] is ok, but shape=None "
                "is not.")
        axis = 0 if axis is None else axis
        ndims = shape_mask.rank
        shape_tensor_[axis:axis + ndims].assert_is_compatible_with(shape_mask)
        leading = _gen.prod(shape(tensor)[axis:axis + ndims], [0])
        tensor = reshape(tensor, concat(
            [shape(tensor)[:axis], [leading], shape(tensor)[axis + ndims:]],
            0))
        first = shape_tensor_[axis:axis + ndims].num_elements()
        tensor.set_shape(tensor_shape.as_shape(shape_tensor_[:axis])
                         .concatenate([first])
                         .concatenate(shape_tensor_[axis + ndims:]))
        mask = reshape(mask, [-1])
        indices = squeeze(where(mask), axis=[1])
        return gather(tensor, indices, axis=axis)


def reverse_sequence(input, seq_lengths, seq_axis=None, batch_axis=None,
                     name=None, seq_dim=None, batch_dim=None):
    """The first seq_lengths[i] slices along one axis turned round."""
    seq_axis = deprecated_argument("seq_axis", seq_axis, "seq_dim", seq_dim)
    batch_axis = deprecated_argument("batch_axis", batch_axis, "batch_dim",
                                     batch_dim)
    return _gen.reverse_sequence(input, seq_lengths, seq_dim=seq_axis,
                                 batch_dim=batch_axis, name=name)


def sequence_mask(lengths, maxlen=None, dtype=dtypes.bool, name=None):
    """For each length so many True, and then False."""
    with ops.name_scope(name, "SequenceMask", [lengths, maxlen]):
        lengths = ops.convert_to_tensor(lengths)
        if maxlen is None:
            rank = lengths.shape.ndims
            axes = (constant_op.constant(list(range(rank)), dtype=dtypes.int32)
                    if rank is not None
                    else _gen.range(0, rank_internal(lengths), 1))
            maxlen = _gen.max(lengths, axes)
            maxlen = _gen.maximum(constant_op.constant(0, maxlen.dtype),
                                  maxlen)
        else:
            maxlen = ops.convert_to_tensor(maxlen)
        if maxlen.shape.ndims not in (None, 0):
            raise ValueError("maxlen must be scalar for sequence_mask")
        row = _gen.range(constant_op.constant(0, maxlen.dtype), maxlen,
                         constant_op.constant(1, maxlen.dtype))
        column = _gen.cast(expand_dims(lengths, -1), maxlen.dtype)
        mask = row < column
        if dtype is None or mask.dtype.base_dtype == dtype.base_dtype:
            return mask
        return _gen.cast(mask, dtype)


def tile(input, multiples, name=None):
    """The tensor, repeated as often as `multiples` says for each dimension."""
    return _gen.tile(input, multiples, name=name)


def pad(tensor, paddings, mode="CONSTANT", name=None, constant_values=0):
    """The tensor with `paddings[i]` = (before, after) elements added.

    `mode` is "CONSTANT", "REFLECT" or "SYMMETRIC"; ValueError for another.
    """
    mode = mode.upper()
    if mode == "CONSTANT":
        if not isinstance(constant_values, ops.Tensor) and \
                constant_values == 0:
            result = _gen.pad(tensor, paddings, name=name)
        else:
            result = _gen.pad_v2(tensor, paddings, constant_values, name=name)
    elif mode in ("REFLECT", "SYMMETRIC"):
        result = _gen.mirror_pad(tensor, paddings, mode=mode, name=name)
    else:
        raise ValueError("Unknown padding mode: %s" % mode)
    return result


def matrix_diag(diagonal, name="diag"):
    """Matrices [..., M, M] with these diagonals [..., M], else zeros."""
    return _gen.matrix_diag(diagonal, name=name)


def matrix_diag_part(input, name="diag_part"):
    """The main diagonals [..., min(M, N)] of matrices [..., M, N]."""
    return _gen.matrix_diag_part(input, name=name)


def matrix_set_diag(input, diagonal, name="set_diag"):
    """The matrices [..., M, N] with other main diagonals [..., min(M, N)]."""
    return _gen.matrix_set_diag(input, diagonal, name=name)


def matrix_transpose(a, name="matrix_transpose", conjugate=False):
    """The last two axes swapped."""
    with ops.name_scope(name, values=[a]):
        a = ops.convert_to_tensor(a, name="a")
        axes = a.shape.rank
        if axes is None:
            axes = rank(a)
            order = concat((_gen.range(0, axes - 2, 1),
                            [axes - 1, axes - 2]), 0)
        elif axes < 2:
            raise ValueError("Argument 'a' should be a (batch) matrix, with "
                             "rank >= 2.  Found: %s" % a.shape)
        else:
            order = list(range(axes - 2)) + [axes - 1, axes - 2]
        return transpose(a, perm=order, conjugate=conjugate)


ops.Tensor._override_operator("__getitem__", _slice_helper)


def ensure_shape(x, shape, name=None):
    """The same, checked to have this shape when it is computed, too."""
    if not isinstance(shape, tensor_shape.TensorShape):
        shape = tensor_shape.TensorShape(shape)
    return _gen.ensure_shape(x, shape, name=name)


def gather_nd(params, indices, name=None, batch_dims=0):
    """Elements, or slices, at places that the rows of `indices` tell."""
    if constant_op.constant_value(batch_dims) != 0:
        raise NotImplementedError("gather_nd with batch_dims is not in "
                                  "retrograph yet")
    return _gen.gather_nd(params, indices, name=name)
