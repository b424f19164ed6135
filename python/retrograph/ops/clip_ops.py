"""Clipping of tensors and gradients."""
from retrograph.framework import constant_op
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import math_ops

_gen = op_library.gen


def _rows_or_tensor(t, name):
    return ops.convert_to_tensor(
        t.values if isinstance(t, ops.IndexedSlices) else t, name=name)


def _like(values, t):
    if isinstance(t, ops.IndexedSlices):
        return ops.IndexedSlices(values, t.indices, t.dense_shape)
    return values


def clip_by_value(t, clip_value_min, clip_value_max, name=None):
    """The tensor with min and max for what is less or greater."""
    with ops.name_scope(name, "clip_by_value",
                        [t, clip_value_min, clip_value_max]) as scope:
        values = ops.convert_to_tensor(
            t.values if isinstance(t, ops.IndexedSlices) else t, name="t")
        t_min = _gen.minimum(values, clip_value_max)
        values.shape.merge_with(t_min.shape)
        t_max = _gen.maximum(t_min, clip_value_min, name=scope)
        values.shape.merge_with(t_max.shape)
        return _like(t_max, t)


def clip_by_norm(t, clip_norm, axes=None, name=None):
    """The tensor, scaled to a norm of `clip_norm` if its norm is greater.

    The norm is over `axes`, or all elements.
    """
    with ops.name_scope(name, "clip_by_norm", [t, clip_norm]) as scope:
        values = _rows_or_tensor(t, "t")
        l2sum = math_ops.reduce_sum(values * values, axes, keepdims=True)
        positive = l2sum > 0
        safe = array_ops.where(positive, l2sum, array_ops.ones_like(l2sum))
        l2norm = array_ops.where(positive, _gen.sqrt(safe), l2sum)
        intermediate = values * clip_norm
        values.shape.merge_with(intermediate.shape)
        clipped = array_ops.identity(
            intermediate / _gen.maximum(l2norm, clip_norm), name=scope)
        return _like(clipped, t)


def _list_of(t_list):
    if not isinstance(t_list, (list, tuple)):
        raise TypeError("t_list should be a sequence")
    return list(t_list)


def _values_of(t_list):
    return [None if t is None else _rows_or_tensor(t, "t_%d" % i)
            for i, t in enumerate(t_list)]


def global_norm(t_list, name=None):
    """The norm of all tensors together."""
    t_list = _list_of(t_list)
    with ops.name_scope(name, "global_norm", t_list):
        halves = []
        for v in _values_of(t_list):
            if v is not None:
                with ops.colocate_with(v):
                    halves.append(op_library.apply_op("L2Loss", t=v))
        half = math_ops.reduce_sum(array_ops.stack(halves))
        two = constant_op.constant(2.0, dtype=half.dtype)
        return _gen.sqrt(half * two, name="global_norm")


def clip_by_global_norm(t_list, clip_norm, use_norm=None, name=None):
    """The tensors scaled down so that their norm is at most `clip_norm`."""
    t_list = _list_of(t_list)
    if use_norm is None:
        use_norm = global_norm(t_list, name)
    with ops.name_scope(name, "clip_by_global_norm",
                        t_list + [clip_norm]) as scope:
        scale_for_finite = clip_norm * _gen.minimum(
            1.0 / use_norm,
            constant_op.constant(1.0, dtype=use_norm.dtype) / clip_norm)
        scale = array_ops.where(
            _gen.is_finite(use_norm), scale_for_finite,
            constant_op.constant(float("nan"), dtype=use_norm.dtype))
        clipped = []
        for i, (v, t) in enumerate(zip(_values_of(t_list), t_list)):
            if v is None:
                clipped.append(None)
                continue
            with ops.colocate_with(v):
                clipped.append(_like(array_ops.identity(
                    v * scale, name="%s_%d" % (scope, i)), t))
    return clipped, use_norm


def clip_by_average_norm(t, clip_norm, name=None):
    """The tensor, scaled until its norm by its size is at most `clip_norm`."""
    with ops.name_scope(name, "clip_by_average_norm", [t, clip_norm]) as scope:
        t = ops.convert_to_tensor(t, name="t")
        n = math_ops.cast(array_ops.size(t), t.dtype)
        squares = t * t
        axes = math_ops.range(array_ops.rank(t))
        inverse = _gen.rsqrt(math_ops.reduce_sum(squares, axes))
        return array_ops.identity(
            t * clip_norm * _gen.minimum(
                inverse * n,
                constant_op.constant(1.0, dtype=t.dtype) / clip_norm),
            name=scope)
