"""tf.map_fn, foldl, foldr and scan: functions over the rows of tensors."""
import contextlib

from retrograph.framework import constant_op
from retrograph.framework import nest
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import array_ops
from retrograph.ops import control_flow_ops
from retrograph.ops import tensor_array_ops
from retrograph.ops import variable_scope as vs


@contextlib.contextmanager
def _variables_read_where_used():
    scope = vs.get_variable_scope()
    is_ours = scope.caching_device is None
    if is_ours:
        scope.set_caching_device("")  # on any device
    yield
    if is_ours:
        scope.set_caching_device(None)


def _rows(elems):
    """The tensors whose rows are meant."""
    return [ops.convert_to_tensor(elem, name="elem")
            for elem in nest.flatten(elems)]


def _count(flat):
    known = tensor_shape.dimension_value(flat[0].shape[0])
    return known or array_ops.shape(flat[0])[0]


def _arrays(flat, n, dtypes=None, infer_shape=True, unstack=True):
    arrays = [tensor_array_ops.TensorArray(dtype=dtype, size=n,
                                           dynamic_size=False,
                                           infer_shape=infer_shape)
              for dtype in dtypes or [x.dtype for x in flat]]
    if not unstack:
        return arrays
    return [a.unstack(x) for a, x in zip(arrays, flat)]


def _known_count(flat):
    count = tensor_shape.Dimension(tensor_shape.dimension_value(
        flat[0].shape.with_rank_at_least(1)[0]))
    for x in flat[1:]:
        count.merge_with(tensor_shape.Dimension(tensor_shape.dimension_value(
            x.shape.with_rank_at_least(1)[0])))
    return count


def _stacked(arrays, flat):
    """The arrays as tensors, of as many rows as the elements have."""
    results = [a.stack() for a in arrays]
    count = tensor_shape.TensorShape([_known_count(flat)])
    for result in results:
        result.set_shape(count.concatenate(result.shape[1:]))
    return results


def map_fn(fn, elems, dtype=None, parallel_iterations=None, back_prop=True,
           swap_memory=False, infer_shape=True, name=None):
    """fn(row) of each row of `elems`, put together again."""
    if not callable(fn):
        raise TypeError("fn must be callable.")
    flat = nest.flatten(elems)
    with ops.name_scope(name, "map", flat), _variables_read_where_used():
        flat = _rows(flat)
        structure = dtype
        if not dtype:
            structure = nest.pack_sequence_as(elems, [x.dtype for x in flat])
        if flat[0].shape.ndims is not None and flat[0].shape.ndims < 1:
            raise ValueError(
                "elems must be a 1+ dimensional Tensor, not a scalar"
                if len(flat) == 1 else
                "elements in elems must be 1+ dimensional Tensors, not scalars")
        n = _count(flat)
        inputs = _arrays(flat, n)
        i = constant_op.constant(0)
        outputs = _arrays(None, n, nest.flatten(structure), infer_shape,
                          unstack=False)

        def compute(i, arrays):
            result = fn(nest.pack_sequence_as(elems,
                                              [a.read(i) for a in inputs]))
            nest.assert_same_structure(structure, result)
            arrays = [a.write(i, value)
                      for a, value in zip(arrays, nest.flatten(result))]
            return i + 1, arrays
        _, outputs = control_flow_ops.while_loop(
            lambda i, _: i < n, compute, (i, outputs),
            parallel_iterations=parallel_iterations or 10,
            back_prop=back_prop, swap_memory=swap_memory,
            maximum_iterations=n)
        results = _stacked(outputs, flat)
    return nest.pack_sequence_as(structure, results)


def _fold(fn, elems, initializer, parallel_iterations, back_prop, swap_memory,
          name, default_name, forwards):
    if not callable(fn):
        raise TypeError("fn must be callable.")
    flat = nest.flatten(elems)
    with ops.name_scope(name, default_name, flat), \
            _variables_read_where_used():
        flat = _rows(flat)
        n = _count(flat)
        inputs = _arrays(flat, n)
        read = lambda i: nest.pack_sequence_as(elems,
                                               [a.read(i) for a in inputs])
        if initializer is not None:
            value = initializer
            i = constant_op.constant(0) if forwards else n
        elif forwards:
            value = read(0)
            i = constant_op.constant(1)
        else:
            i = n - 1
            value = read(i)

        def step(i, value):
            if forwards:
                value = fn(value, read(i))
                return [i + 1, value]
            i -= 1
            return [i, fn(value, read(i))]
        _, value = control_flow_ops.while_loop(
            (lambda i, v: i < n) if forwards else (lambda i, v: i > 0), step,
            [i, value], parallel_iterations=parallel_iterations,
            back_prop=back_prop, swap_memory=swap_memory,
            maximum_iterations=n)
    return value


def foldl(fn, elems, initializer=None, parallel_iterations=10, back_prop=True,
          swap_memory=False, name=None):
    """fn(fn(initializer, first row), second row) and so on."""
    return _fold(fn, elems, initializer, parallel_iterations, back_prop,
                 swap_memory, name, "foldl", True)


def foldr(fn, elems, initializer=None, parallel_iterations=10, back_prop=True,
          swap_memory=False, name=None):
    """As foldl, from the last row."""
    return _fold(fn, elems, initializer, parallel_iterations, back_prop,
                 swap_memory, name, "foldr", False)


def scan(fn, elems, initializer=None, parallel_iterations=10, back_prop=True,
         swap_memory=False, infer_shape=True, reverse=False, name=None):
    """All that foldl comes by on its way."""
    if not callable(fn):
        raise TypeError("fn must be callable.")
    flat = nest.flatten(elems)
    with ops.name_scope(name, "scan", flat), _variables_read_where_used():
        flat = _rows(flat)
        n = _count(flat)
        inputs = [tensor_array_ops.TensorArray(
            dtype=x.dtype, size=n, dynamic_size=False,
            element_shape=x.shape[1:], infer_shape=True) for x in flat]
        inputs = [a.unstack(x) for a, x in zip(inputs, flat)]
        read = lambda i: nest.pack_sequence_as(elems,
                                               [a.read(i) for a in inputs])
        if initializer is None:
            first = read(n - 1 if reverse else 0)
            values, start = nest.flatten(first), 1
            structure = elems
        else:
            values = [ops.convert_to_tensor(v)
                      for v in nest.flatten(initializer)]
            structure, start = initializer, 0
        outputs = [tensor_array_ops.TensorArray(
            dtype=v.dtype, size=n,
            element_shape=v.shape if infer_shape else None,
            dynamic_size=False, infer_shape=infer_shape) for v in values]
        if initializer is None:
            outputs = [a.write(n - 1 if reverse else 0, v)
                       for a, v in zip(outputs, values)]

        def compute(i, values, arrays):
            result = fn(nest.pack_sequence_as(structure, values), read(i))
            nest.assert_same_structure(
                elems if initializer is None else initializer, result)
            values = nest.flatten(result)
            arrays = [a.write(i, v) for a, v in zip(arrays, values)]
            return (i - 1 if reverse else i + 1), values, arrays
        if reverse:
            i = n - 1 - start
            condition = lambda i, *_: i >= 0
        else:
            i = start
            condition = lambda i, *_: i < n
        _, _, outputs = control_flow_ops.while_loop(
            condition, compute, (i, values, outputs),
            parallel_iterations=parallel_iterations, back_prop=back_prop,
            swap_memory=swap_memory, maximum_iterations=n)
        results = _stacked(outputs, flat)
    return nest.pack_sequence_as(structure, results)
