"""tf.data.Dataset: pipelines. The elements are made by C++."""
from retrograph.data import iterator_ops
from retrograph.data import structure
from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import array_ops
from retrograph.ops import random_ops

_gen = op_library.gen

# What TensorFlow does to every pipeline before it is iterated.
_OPTIMIZATIONS = ["map_and_batch_fusion", "noop_elimination",
                  "shuffle_and_repeat_fusion"]
_OPTIMIZATION_CONFIGS = ["map_vectorization:use_choose_fastest:false"]


def _int64(value, name):
    return ops.convert_to_tensor(value, dtype=dtypes.int64, name=name)


def _seeds(seed):
    """A dataset's seeds, as tensors: never both 0."""
    seed, seed2 = random_ops.get_seed(seed)
    seed = _int64(0 if seed is None else seed, "seed")
    if seed2 is None:
        return seed, constant_op.constant(0, dtype=dtypes.int64, name="seed2")
    with ops.name_scope("seed2") as scope:
        seed2 = ops.convert_to_tensor(seed2, dtype=dtypes.int64)
        both_zero = _gen.logical_and(_gen.equal(seed, 0),
                                     _gen.equal(seed2, 0))
        return seed, array_ops.where(
            both_zero, constant_op.constant(2**31 - 1, dtype=dtypes.int64),
            seed2, name=scope)


class Dataset:
    """A sequence of elements: tensors, or tuples and dicts of tensors.

    Made by from_tensor_slices(), range(), ..., and changed by batch(),
    repeat(), ... into others; gone through by an iterator.
    """

    def __init__(self, op_type, types, shapes, **arguments):
        self._types, self._shapes = types, shapes
        if "components" not in arguments:
            arguments["output_types"] = structure.flatten(types)
        self._variant_tensor = op_library.apply_op(
            op_type, None, output_shapes=structure.flatten(shapes),
            **arguments)

    output_types = property(lambda self: self._types)
    output_shapes = property(lambda self: self._shapes)

    @property
    def output_classes(self):
        return structure.map_leaves(lambda _: ops.Tensor, self._types)

    def __repr__(self):
        def shown(value):
            return str(value).replace("'", "")
        shapes = structure.map_leaves(str, self._shapes)
        types = structure.map_leaves(repr, self._types)
        return "<DatasetV1Adapter shapes: %s, types: %s>" % (
            shown(shapes), shown(types))

    # ---- Sources ----

    @staticmethod
    def _of_tensors(op_type, tensors, shape_of):
        with ops.name_scope("normalize_element"):
            components = [
                ops.convert_to_tensor(t, name="component_%d" % i)
                for i, t in enumerate(structure.flatten(tensors))]
        types = structure.pack(tensors, [t.dtype for t in components])
        shapes = structure.pack(tensors, [shape_of(t) for t in components])
        return Dataset(op_type, types, shapes, components=components)

    @staticmethod
    def from_tensors(tensors):
        """One element."""
        return Dataset._of_tensors("TensorDataset", tensors,
                                   lambda t: t.shape)

    @staticmethod
    def from_tensor_slices(tensors):
        """The rows of the tensors, one element each."""
        rows = [tensor_shape.Dimension(None)]

        def row_shape(tensor):
            dim = tensor.shape.with_rank_at_least(1)[0]
            rows[0].assert_is_compatible_with(dim)
            rows[0] = rows[0].merge_with(dim)
            return tensor.shape[1:]
        return Dataset._of_tensors("TensorSliceDataset", tensors, row_shape)

    @staticmethod
    def range(*args):
        """As Python's range."""
        if not 1 <= len(args) <= 3:
            raise ValueError("Invalid arguments to RangeDataset: %s"
                             % str(args))
        start, stop, step = (0, args[0], 1) if len(args) == 1 else \
            args + (1,) * (3 - len(args))
        return Dataset(
            "RangeDataset", dtypes.int64, tensor_shape.TensorShape([]),
            start=_int64(start, "start"), stop=_int64(stop, "stop"),
            step=_int64(step, "step"))

    @staticmethod
    def zip(datasets):
        """Elements of several datasets, put together."""
        inputs = structure.flatten(datasets)
        for dataset in inputs:
            if not isinstance(dataset, Dataset):
                if isinstance(dataset, list):
                    raise TypeError(
                        "The argument to `Dataset.zip()` must be a nested "
                        "structure of `Dataset` objects. Nested structures do "
                        "not support Python lists; please use a tuple "
                        "instead.")
                raise TypeError("The argument to `Dataset.zip()` must be a "
                                "nested structure of `Dataset` objects.")
        return Dataset(
            "ZipDataset",
            structure.pack(datasets, [d.output_types for d in inputs]),
            structure.pack(datasets, [d.output_shapes for d in inputs]),
            input_datasets=[d._variant_tensor for d in inputs])

    # ---- Changes ----

    def _changed(self, op_type, shapes=None, **arguments):
        return Dataset(op_type, self._types,
                       self._shapes if shapes is None else shapes,
                       input_dataset=self._variant_tensor, **arguments)

    def batch(self, batch_size, drop_remainder=False):
        """Elements of `batch_size` elements along a new first axis."""
        batch_size = _int64(batch_size, "batch_size")
        drop_remainder = ops.convert_to_tensor(
            drop_remainder, dtype=dtypes.bool, name="drop_remainder")
        rows = constant_op.constant_value(batch_size) if \
            constant_op.constant_value(drop_remainder) else None
        first = tensor_shape.TensorShape(
            [None if rows is None else int(rows)])
        shapes = structure.map_leaves(first.concatenate, self._shapes)
        return self._changed("BatchDatasetV2", shapes, batch_size=batch_size,
                             drop_remainder=drop_remainder)

    def repeat(self, count=None):
        """Again and again; for ever by default."""
        return self._changed("RepeatDataset", count=_int64(
            -1 if count is None else count, "count"))

    def take(self, count):
        return self._changed("TakeDataset", count=_int64(count, "count"))

    def skip(self, count):
        return self._changed("SkipDataset", count=_int64(count, "count"))

    def prefetch(self, buffer_size):
        return self._changed(
            "PrefetchDataset",
            buffer_size=_int64(-1 if buffer_size is None else buffer_size,
                               "buffer_size"))

    def shuffle(self, buffer_size, seed=None, reshuffle_each_iteration=None):
        """In an order drawn from a buffer of `buffer_size` elements."""
        buffer_size = _int64(buffer_size, "buffer_size")
        seed, seed2 = _seeds(seed)
        return self._changed(
            "ShuffleDataset", buffer_size=buffer_size, seed=seed, seed2=seed2,
            reshuffle_each_iteration=reshuffle_each_iteration in (None, True))

    def concatenate(self, dataset):
        """The elements of this one, then those of another."""
        if self._types != dataset.output_types:
            raise TypeError(
                "Two datasets to concatenate have different types %s and %s"
                % (self._types, dataset.output_types))
        shapes = structure.pack(self._shapes, [
            _common_shape(a, b)
            for a, b in zip(structure.flatten(self._shapes),
                            structure.flatten(dataset.output_shapes))])
        return self._changed("ConcatenateDataset", shapes,
                             another_dataset=dataset._variant_tensor)

    def apply(self, transformation_func):
        dataset = transformation_func(self)
        if not isinstance(dataset, Dataset):
            raise TypeError("`transformation_func` must return a Dataset. "
                            "Got %s." % dataset)
        return dataset

    def _apply_options(self):
        """The pipeline as an iterator gets it."""
        optimized = self._changed(
            "OptimizeDataset",
            optimizations=ops.convert_to_tensor(
                _OPTIMIZATIONS, dtype=dtypes.string, name="optimizations"),
            optimization_configs=_OPTIMIZATION_CONFIGS)
        return optimized._changed("ModelDataset", algorithm=0, cpu_budget=0)

    # ---- Iterators ----

    def make_initializable_iterator(self, shared_name=None):
        return iterator_ops.make_initializable_iterator(self, shared_name)

    def make_one_shot_iterator(self):
        return iterator_ops.make_one_shot_iterator(self)


def _common_shape(a, b):
    """What two shapes agree on."""
    if a.ndims is None or a.ndims != b.ndims:
        return tensor_shape.unknown_shape()
    return tensor_shape.TensorShape(
        [m if m == n else None for m, n in zip(a.as_list(), b.as_list())])


def get_output_types(dataset_or_iterator):
    return dataset_or_iterator.output_types


def get_output_shapes(dataset_or_iterator):
    return dataset_or_iterator.output_shapes


def get_output_classes(dataset_or_iterator):
    return dataset_or_iterator.output_classes


Dataset.__module__ = "tensorflow.python.data.ops.dataset_ops"
