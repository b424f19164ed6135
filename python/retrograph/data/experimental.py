"""tf.data.experimental: what Dataset.apply() takes."""
from retrograph.data import structure
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.data import structured_function

AUTOTUNE = -1


def _int64(value, name):
    return ops.convert_to_tensor(value, dtype=dtypes.int64, name=name)


def map_and_batch(map_func, batch_size, num_parallel_batches=None,
                  drop_remainder=False, num_parallel_calls=None):
    """map() and batch() as one."""
    if num_parallel_batches is None and num_parallel_calls is None:
        num_parallel_calls = batch_size
    elif num_parallel_batches is not None and num_parallel_calls is None:
        num_parallel_calls = batch_size * num_parallel_batches
    elif num_parallel_batches is not None:
        raise ValueError("The `num_parallel_batches` and `num_parallel_calls` "
                         "arguments are mutually exclusive.")

    def apply(dataset):
        f = dataset._function(map_func, "tf.data.experimental.map_and_batch()")
        size = _int64(batch_size, "batch_size")
        calls = _int64(num_parallel_calls, "num_parallel_calls")
        drop = ops.convert_to_tensor(drop_remainder, dtype=dtypes.bool,
                                     name="drop_remainder")
        return dataset._mapped(
            "MapAndBatchDataset", f,
            dataset._batch_spec(size, drop, f.output_spec), batch_size=size,
            num_parallel_calls=calls, drop_remainder=drop,
            preserve_cardinality=True)
    return apply


def parallel_interleave(map_func, cycle_length, block_length=1, sloppy=False,
                        buffer_output_elements=None,
                        prefetch_input_elements=None):
    """interleave() of datasets that are read ahead."""
    def apply(dataset):
        f = dataset._function(map_func,
                              "tf.data.experimental.parallel_interleave()")
        if not isinstance(f.output_spec, structure.DatasetSpec):
            raise TypeError("`map_func` must return a `Dataset` object.")

        def count(name, value, default):
            if value is None:
                return constant_op.constant(default, dtype=dtypes.int64,
                                            name=name)
            return _int64(value, name)
        arguments = dict(
            cycle_length=_int64(cycle_length, "cycle_length"),
            block_length=_int64(block_length, "block_length"),
            sloppy=ops.convert_to_tensor(sloppy, dtype=dtypes.bool,
                                         name="sloppy"))
        arguments["buffer_output_elements"] = count(
            "buffer_output_elements", buffer_output_elements,
            2 * block_length)
        arguments["prefetch_input_elements"] = count(
            "prefetch_input_elements", prefetch_input_elements,
            2 * cycle_length)
        return dataset._mapped("ParallelInterleaveDataset", f,
                               f.output_spec._element_spec, **arguments)
    return apply


def group_by_window(key_func, reduce_func, window_size=None,
                    window_size_func=None):
    """Collects elements by key and reduces each group."""
    if (window_size is None) == (not window_size_func):
        raise ValueError("Must pass either window_size or window_size_func.")
    if window_size is not None:
        def window_size_func(unused_key):
            return _convert(window_size)
    return lambda dataset: _grouped(dataset, key_func, reduce_func,
                                    window_size_func)


def _convert(value):
    return ops.convert_to_tensor(value, dtype=dtypes.int64)


def _grouped(dataset, key_func, reduce_func, window_size_func):
    name = "tf.data.experimental.group_by_window()"
    number = structure.leaf(dtypes.int64, [])

    def key_func_wrapper(*args):
        return _convert(key_func(*args))

    def window_size_func_wrapper(key):
        return _convert(window_size_func(key))
    key = dataset._function(key_func_wrapper, name)
    if not key.output_spec.is_compatible_with(number):
        raise ValueError("`key_func` must return a single tf.int64 scalar "
                         "tensor.")
    reduce = structured_function.StructuredFunction(
        reduce_func, name,
        (number, structure.DatasetSpec(dataset.element_spec)))
    if not isinstance(reduce.output_spec, structure.DatasetSpec):
        raise TypeError("`reduce_func` must return a `Dataset` object.")
    size = structured_function.StructuredFunction(window_size_func_wrapper,
                                                  name, number)
    if not size.output_spec.is_compatible_with(number):
        raise ValueError("`window_size_func` must return a single tf.int64 "
                         "scalar tensor.")
    return dataset._changed(
        "GroupByWindowDataset", reduce.output_spec._element_spec,
        [key, reduce, size],
        key_func_other_arguments=key.captured_inputs,
        reduce_func_other_arguments=reduce.captured_inputs,
        window_size_func_other_arguments=size.captured_inputs,
        key_func=key.attr, reduce_func=reduce.attr,
        window_size_func=size.attr)


def shuffle_and_repeat(buffer_size, count=None, seed=None):
    """shuffle() and repeat() as one."""
    def apply(dataset):
        from retrograph.data import dataset_ops
        size = _int64(buffer_size, "buffer_size")
        times = _int64(-1 if count is None else count, "count")
        first, second = dataset_ops._seeds(seed)
        return dataset._changed("ShuffleAndRepeatDataset", buffer_size=size,
                                seed=first, seed2=second, count=times)
    return apply


def unbatch():
    """The rows of each element."""
    def apply(dataset):
        leaves = structure.flatten(dataset.element_spec)
        if any(leaf.shape.ndims == 0 for leaf in leaves):
            raise ValueError("Cannot unbatch an input with scalar components.")
        rows = tensor_shape.Dimension(None)
        for leaf in leaves:
            if leaf.shape.ndims is None:
                continue
            try:
                rows = rows.merge_with(leaf.shape[0])
            except ValueError:
                raise ValueError("Cannot unbatch an input whose components "
                                 "have different batch sizes.") from None
        normalized = dataset.map(normalize)
        spec = structure.map_leaves(lambda leaf: leaf.unbatched(),
                                    dataset.element_spec)
        return normalized._changed("UnbatchDataset", spec)

    def normalize(*parts):
        return parts[0] if len(parts) == 1 else parts
    return apply


def ignore_errors():
    """The elements that can be had."""
    return lambda dataset: dataset._changed("IgnoreErrorsDataset")


def enumerate_dataset(start=0):
    """Pairs of a number and an element."""
    return lambda dataset: dataset.enumerate(start)
