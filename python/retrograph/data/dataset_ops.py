"""tf.data.Dataset: pipelines. The elements are made by C++."""
import warnings

from retrograph.data import iterator_ops
from retrograph.data import structure
from retrograph.data import structured_function
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
# For an attr that an op has by another name.
NO_ATTR = object()
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

    Made by from_tensor_slices(), range(), ..., and changed by map(), batch(),
    repeat(), ... into others; gone through by an iterator.
    """

    _class_name = "DatasetV1Adapter"
    # Those that a function is given, and what is made of them, are datasets of
    # TensorFlow's second version.
    _is_v2 = False

    def __init__(self, variant_tensor, element_spec, inputs=(), functions=()):
        self._variant_tensor = variant_tensor
        self._element_spec = element_spec
        self._inputs, self._functions = list(inputs), list(functions)

    @staticmethod
    def _make(op_type, element_spec, inputs=(), functions=(), **arguments):
        """The dataset of a new op."""
        for name, value in structure.attrs(element_spec).items():
            arguments.setdefault(name, value)
        arguments = {k: v for k, v in arguments.items() if v is not NO_ATTR}
        return Dataset(op_library.apply_op(op_type, None, **arguments),
                       element_spec, inputs, functions)

    element_spec = property(
        lambda self: self._element_spec,
        doc="What is known of an element: a spec of each of its parts, in its "
            "structure.")
    output_types = property(
        lambda self: structure.types(self._element_spec),
        doc="The DTypes of an element's parts, in its structure.")
    output_shapes = property(
        lambda self: structure.shapes(self._element_spec),
        doc="The TensorShapes of an element's parts, in its structure.")

    @property
    def output_classes(self):
        """The classes of an element's parts, in its structure."""
        return structure.map_leaves(lambda s: s.value_class,
                                    self._element_spec)

    def __iter__(self):
        raise RuntimeError("__iter__() is only supported inside of "
                           "tf.function or when eager execution is enabled.")

    def __repr__(self):
        def shown(value):
            return str(value).replace("'", "")
        return "<%s shapes: %s, types: %s>" % (
            self._class_name,
            shown(structure.map_leaves(str, self.output_shapes)),
            shown(structure.map_leaves(repr, self.output_types)))

    # ---- Sources ----

    @staticmethod
    def _of_tensors(op_type, tensors, shape_of):
        with ops.name_scope("normalize_element"):
            components = [
                ops.convert_to_tensor(t, name="component_%d" % i)
                for i, t in enumerate(structure.flatten(tensors))]
        spec = structure.pack(tensors, [
            structure.leaf(t.dtype.base_dtype, shape_of(t))
            for t in components])
        return Dataset._make(op_type, spec, components=components,
                             output_types=NO_ATTR)

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
    def from_generator(generator, output_types, output_shapes=None, args=None):
        """What a Python generator yields, begun anew for each iterator."""
        from retrograph.data import generator as generator_lib
        return generator_lib.from_generator(generator, output_types,
                                            output_shapes, args)

    @staticmethod
    def list_files(file_pattern, shuffle=None, seed=None):
        """The names of the files that match, shuffled unless told not to."""
        from retrograph.data import readers
        return readers.list_files(file_pattern, shuffle, seed)

    @staticmethod
    def range(*args):
        """As Python's range."""
        if not 1 <= len(args) <= 3:
            raise ValueError("Invalid arguments to RangeDataset: %s"
                             % str(args))
        start, stop, step = (0, args[0], 1) if len(args) == 1 else \
            args + (1,) * (3 - len(args))
        return Dataset._make(
            "RangeDataset", structure.leaf(dtypes.int64, []),
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
        return Dataset._make(
            "ZipDataset",
            structure.pack(datasets, [d.element_spec for d in inputs]),
            inputs, input_datasets=[d._variant_tensor for d in inputs])

    # ---- Changes ----

    def _changed(self, op_type, spec=None, functions=(), **arguments):
        result = Dataset._make(
            op_type, self._element_spec if spec is None else spec, [self],
            functions, input_dataset=self._variant_tensor, **arguments)
        result._is_v2 = self._is_v2
        return result

    def _batch_spec(self, batch_size, drop_remainder, spec=None):
        """The spec of batches; their size is known if they are all full."""
        rows = constant_op.constant_value(batch_size) if \
            constant_op.constant_value(drop_remainder) else None
        return structure.map_leaves(
            lambda s: s.batched(None if rows is None else int(rows)),
            self._element_spec if spec is None else spec)

    def batch(self, batch_size, drop_remainder=False):
        """Elements of `batch_size` elements along a new first axis."""
        batch_size = _int64(batch_size, "batch_size")
        drop_remainder = ops.convert_to_tensor(
            drop_remainder, dtype=dtypes.bool, name="drop_remainder")
        return self._changed(
            "BatchDatasetV2", self._batch_spec(batch_size, drop_remainder),
            batch_size=batch_size, drop_remainder=drop_remainder)

    def padded_batch(self, batch_size, padded_shapes, padding_values=None,
                     drop_remainder=False):
        """Batches of elements that are filled up to one shape."""
        from retrograph.data import padded_batch
        return padded_batch.padded_batch(self, batch_size, padded_shapes,
                                         padding_values, drop_remainder)

    def repeat(self, count=None):
        """Again and again; for ever by default."""
        return self._changed("RepeatDataset", count=_int64(
            -1 if count is None else count, "count"))

    def take(self, count):
        """The first `count` elements; all if it is -1."""
        return self._changed("TakeDataset", count=_int64(count, "count"))

    def skip(self, count):
        """The elements behind the first `count`; none if it is -1."""
        return self._changed("SkipDataset", count=_int64(count, "count"))

    def prefetch(self, buffer_size):
        """The same elements, up to `buffer_size` of them made ahead."""
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
        if self.output_types != dataset.output_types:
            raise TypeError(
                "Two datasets to concatenate have different types %s and %s"
                % (self.output_types, dataset.output_types))
        if self.output_classes != dataset.output_classes:
            raise TypeError(
                "Two datasets to concatenate have different classes %s and %s"
                % (self.output_classes, dataset.output_classes))
        spec = structure.pack(self._element_spec, [
            structure.leaf(a.dtype, _common_shape(a.shape, b.shape))
            for a, b in zip(structure.flatten(self._element_spec),
                            structure.flatten(dataset.element_spec))])
        result = self._changed("ConcatenateDataset", spec,
                               another_dataset=dataset._variant_tensor)
        result._inputs.append(dataset)
        return result

    def enumerate(self, start=0):
        """Pairs of a number and an element."""
        return Dataset.zip((Dataset.range(start, 2**63 - 1), self))

    def cache(self, filename=""):
        """Elements that are computed once."""
        return self._changed("CacheDataset", filename=ops.convert_to_tensor(
            filename, dtype=dtypes.string, name="filename"))

    def shard(self, num_shards, index):
        """Every `num_shards`-th element, from number `index` on."""
        return self._changed(
            "ShardDataset", num_shards=_int64(num_shards, "num_shards"),
            index=_int64(index, "index"))

    def window(self, size, shift=None, stride=1, drop_remainder=False):
        """Datasets of `size` elements each."""
        spec = structure.map_leaves(structure.DatasetSpec, self._element_spec)
        return self._changed(
            "WindowDataset", spec, size=_int64(size, "size"),
            shift=_int64(size if shift is None else shift, "shift"),
            stride=_int64(stride, "stride"),
            drop_remainder=ops.convert_to_tensor(
                drop_remainder, dtype=dtypes.bool, name="drop_remainder"))

    # ---- Functions of elements ----

    def map(self, map_func, num_parallel_calls=None):
        """The function of each element."""
        f = self._function(map_func, "Dataset.map()")
        if num_parallel_calls is None:
            return self._mapped("MapDataset", f, f.output_spec,
                                preserve_cardinality=self._is_v2)
        return self._mapped(
            "ParallelMapDataset", f, f.output_spec,
            preserve_cardinality=self._is_v2,
            num_parallel_calls=ops.convert_to_tensor(
                num_parallel_calls, dtype=dtypes.int32,
                name="num_parallel_calls"))

    map_with_legacy_function = map

    def flat_map(self, map_func):
        """The elements of the datasets that the function returns."""
        f = self._function_to_dataset(map_func, "Dataset.flat_map()")
        return self._mapped("FlatMapDataset", f, f.output_spec._element_spec)

    def interleave(self, map_func, cycle_length=-1, block_length=1,
                   num_parallel_calls=None):
        """Some elements in turn of the datasets that the function returns."""
        f = self._function_to_dataset(map_func, "Dataset.interleave()")
        arguments = dict(cycle_length=_int64(cycle_length, "cycle_length"),
                         block_length=_int64(block_length, "block_length"))
        if num_parallel_calls is not None:
            arguments["num_parallel_calls"] = _int64(num_parallel_calls,
                                                     "num_parallel_calls")
        return self._mapped(
            "InterleaveDataset" if num_parallel_calls is None else
            "ParallelInterleaveDatasetV2", f, f.output_spec._element_spec,
            **arguments)

    def filter(self, predicate):
        """The elements of which the function says True."""
        f = self._function(predicate, "Dataset.filter()")
        if not structure.leaf(dtypes.bool, []).is_compatible_with(
                f.output_spec):
            raise ValueError("`predicate` return type must be convertible to "
                             "a scalar boolean tensor. Was %s."
                             % (f.output_spec,))
        return self._changed("FilterDataset", None, [f], predicate=f.attr,
                             other_arguments=f.captured_inputs)

    filter_with_legacy_function = filter

    def _function(self, func, transformation):
        return structured_function.StructuredFunction(func, transformation,
                                                      self._element_spec)

    def _function_to_dataset(self, func, transformation):
        f = self._function(func, transformation)
        if not isinstance(f.output_spec, structure.DatasetSpec):
            raise TypeError("`map_func` must return a `Dataset` object. Got %s"
                            % type(f.output_spec))
        return f

    def _mapped(self, op_type, f, spec, **arguments):
        return self._changed(op_type, spec, [f], f=f.attr,
                             other_arguments=f.captured_inputs, **arguments)

    # ---- The rest ----

    def apply(self, transformation_func):
        """What a function of this dataset returns, a dataset."""
        dataset = transformation_func(self)
        if not isinstance(dataset, Dataset):
            raise TypeError("`transformation_func` must return a Dataset. "
                            "Got %s." % dataset)
        return dataset

    def _apply_options(self):
        """The pipeline as an iterator gets it."""
        optimized = self
        if self._has_captured_ref():
            warnings.warn(
                "tf.data static optimizations are not compatible with "
                "tf.Variable. The following optimizations will be disabled: "
                "%s. To enable optimizations, use resource variables instead "
                "by calling `tf.enable_resource_variables()` at the start of "
                "the program." % ", ".join(_OPTIMIZATIONS))
        else:
            optimized = self._changed(
                "OptimizeDataset",
                optimizations=ops.convert_to_tensor(
                    _OPTIMIZATIONS, dtype=dtypes.string,
                    name="optimizations"),
                optimization_configs=_OPTIMIZATION_CONFIGS)
        return optimized._changed("ModelDataset", algorithm=0, cpu_budget=0)

    def _has_captured_ref(self):
        """Whether a function takes what comes from a ref variable."""
        seen, to_do = set(), [self]
        while to_do:
            dataset = to_do.pop()
            if id(dataset) in seen:
                continue
            seen.add(id(dataset))
            to_do.extend(dataset._inputs)
            tensors = [t for f in dataset._functions
                       for t in f.captured_inputs]
            while tensors:
                tensor = tensors.pop()
                if tensor.dtype._is_ref_dtype:
                    return True
                if tensor.op not in seen:
                    seen.add(tensor.op)
                    tensors.extend(tensor.op.inputs)
        return False

    # ---- Iterators ----

    def make_initializable_iterator(self, shared_name=None):
        """An iterator; its `initializer` must run before the first element."""
        return iterator_ops.make_initializable_iterator(self, shared_name)

    def make_one_shot_iterator(self):
        """An iterator from the first element on; captures no variable."""
        return iterator_ops.make_one_shot_iterator(self)


def _common_shape(a, b):
    """What two shapes agree on."""
    if a.ndims is None or a.ndims != b.ndims:
        return tensor_shape.unknown_shape()
    return tensor_shape.TensorShape(
        [m if m == n else None for m, n in zip(a.as_list(), b.as_list())])


def get_output_types(dataset_or_iterator):
    """The types of an element's parts, in its structure."""
    return dataset_or_iterator.output_types


def get_output_shapes(dataset_or_iterator):
    """The shapes of an element's parts, in its structure."""
    return dataset_or_iterator.output_shapes


def get_output_classes(dataset_or_iterator):
    """The classes of an element's parts, in its structure."""
    return dataset_or_iterator.output_classes


Dataset.__module__ = "tensorflow.python.data.ops.dataset_ops"
