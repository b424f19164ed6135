"""Hash tables that are filled once, from tensors or from a file of words.

What a table is filled with, an initializer, tells the types of its keys and
values. `tf.tables_initializer()` fills all tables of a graph.
"""
import uuid

from retrograph.framework import constant_op
from retrograph.framework import conversion
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import sparse_tensor
from retrograph.framework import tensor_shape
from retrograph.ops import array_ops
from retrograph.ops import math_ops
from retrograph.training.tracking import base

_gen = op_library.gen


class LookupInterface(base.Trackable):
    """A table that lasts as long as its session."""

    def __init__(self, key_dtype, value_dtype):
        self._key_dtype = dtypes.as_dtype(key_dtype)
        self._value_dtype = dtypes.as_dtype(value_dtype)

    key_dtype = property(lambda self: self._key_dtype)
    value_dtype = property(lambda self: self._value_dtype)


class InitializableLookupTableBase(LookupInterface):
    """A table that an initializer fills. Subclasses make its resource."""

    def __init__(self, default_value, initializer):
        super().__init__(initializer.key_dtype, initializer.value_dtype)
        self._default_value = ops.convert_to_tensor(default_value,
                                                    dtype=self._value_dtype)
        self._default_value.shape.merge_with(tensor_shape.TensorShape([]))
        if isinstance(initializer, base.Trackable):
            self._initializer = self._track_trackable(initializer,
                                                      "_initializer")
        with ops.init_scope():
            self._resource_handle = self._create_resource()
        if _in_control_flow():
            with ops.init_scope():
                self._init_op = self._initialize()
        else:
            self._init_op = self._initialize()

    resource_handle = property(lambda self: self._resource_handle)
    default_value = property(lambda self: self._default_value)
    initializer = property(lambda self: self._init_op)

    def _initialize(self):
        return self._initializer.initialize(self)

    def size(self, name=None):
        """The number of keys, int64; 0 before the table is filled."""
        with ops.name_scope(name, "%s_Size" % self.name,
                            [self.resource_handle]):
            return _gen.lookup_table_size_v2(self.resource_handle)

    def lookup(self, keys, name=None):
        """The keys' values, in the keys' shape, or as sparse as the keys.

        Parameters
        ----------
        keys : Tensor or SparseTensor
        name : str, optional

        Raises
        ------
        TypeError
            If the keys are of another type than the table's.
        """
        is_sparse = isinstance(keys, sparse_tensor.SparseTensor)
        dense = keys.values if is_sparse else keys
        if keys.dtype.base_dtype != self._key_dtype:
            raise TypeError("Signature mismatch. Keys must be dtype %s, got "
                            "%s." % (self._key_dtype, keys.dtype))
        with ops.name_scope(name, "%s_Lookup" % self.name,
                            (self.resource_handle, dense,
                             self._default_value)):
            values = _gen.lookup_table_find_v2(self.resource_handle, dense,
                                               self._default_value)
        values.set_shape(dense.shape)
        if is_sparse:
            return sparse_tensor.SparseTensor(keys.indices, values,
                                              keys.dense_shape)
        return values


def _in_control_flow():
    return ops.get_default_graph()._get_control_flow_context() is not None


class _HashTable(InitializableLookupTableBase):
    """A table of the op HashTableV2."""

    def __init__(self, initializer, default_value, shared_name, name):
        self._initializer = initializer
        self._shared_name = shared_name
        self._name = name or "hash_table"
        super().__init__(default_value, initializer)

    name = property(lambda self: self._table_name)
    init = property(lambda self: self.initializer)

    def _create_resource(self):
        handle = _gen.hash_table_v2(
            shared_name=self._shared_name,
            key_dtype=self._initializer.key_dtype,
            value_dtype=self._initializer.value_dtype, name=self._name)
        self._table_name = handle.op.name.split("/")[-1]
        return handle

    def _export(self, name):
        keys, values = _gen.lookup_table_export_v2(
            self.resource_handle, self._key_dtype, self._value_dtype,
            name=name)
        values.set_shape(keys.shape.concatenate(self._default_value.shape))
        return keys, values


class StaticHashTable(_HashTable):
    """A table that is filled once."""

    def __init__(self, initializer, default_value, name=None):
        # Without a name that is its own, each node would have another table.
        super().__init__(
            initializer, default_value,
            initializer._shared_name or "hash_table_%s" % uuid.uuid4(), name)

    def export(self, name=None):
        """All keys and values, as two vectors."""
        with ops.name_scope(name, "%s_Export" % self.name,
                            [self.resource_handle]):
            return self._export(None)


class HashTable(StaticHashTable):
    """StaticHashTable under its old name."""


class ContribHashTable(_HashTable):
    """tf.contrib.lookup.HashTable: it can be shared by name."""

    def __init__(self, initializer, default_value, shared_name=None,
                 name=None):
        super().__init__(initializer, default_value, shared_name, name)

    def export(self, name=None):
        """All keys and values, as two vectors."""
        with ops.name_scope(name, "%s_Export" % self.name,
                            [self.resource_handle]) as scope:
            return self._export(scope)


# ---- Initializers -----------------------------------------------------------

class TableInitializerBase(base.Trackable):
    """What fills a table: `initialize` returns the operation that does."""

    _shared_name = ""

    def __init__(self, key_dtype, value_dtype):
        self._key_dtype = dtypes.as_dtype(key_dtype)
        self._value_dtype = dtypes.as_dtype(value_dtype)

    key_dtype = property(lambda self: self._key_dtype)
    value_dtype = property(lambda self: self._value_dtype)

    def initialize(self, table):
        """The operation that fills the table."""
        raise NotImplementedError

    def _check(self, table):
        if self.key_dtype.base_dtype != table.key_dtype:
            raise TypeError("Invalid key dtype, expected %s but got %s."
                            % (table.key_dtype, self.key_dtype))
        if self.value_dtype.base_dtype != table.value_dtype:
            raise TypeError("Invalid value dtype, expected %s but got %s."
                            % (table.value_dtype, self.value_dtype))


class KeyValueTensorInitializer(TableInitializerBase):
    """Fills a table with keys and their values."""

    def __init__(self, keys, values, key_dtype=None, value_dtype=None,
                 name=None):
        if _in_control_flow():
            with ops.init_scope():
                self._convert(keys, values, key_dtype, value_dtype)
        else:
            self._convert(keys, values, key_dtype, value_dtype)
        self._name = "key_value_init" if name is None else name
        super().__init__(self._keys.dtype, self._values.dtype)

    def _convert(self, keys, values, key_dtype, value_dtype):
        self._keys = ops.convert_to_tensor(keys, dtype=key_dtype, name="keys")
        self._values = ops.convert_to_tensor(values, dtype=value_dtype,
                                             name="values")

    def initialize(self, table):
        """The operation that fills the table."""
        self._check(table)
        with ops.name_scope(self._name, values=(
                table.resource_handle, self._keys, self._values)):
            op = _gen.lookup_table_import_v2(table.resource_handle,
                                             self._keys, self._values)
        ops.add_to_collection(ops.GraphKeys.TABLE_INITIALIZERS, op)
        return op


class TextFileIndex:
    """What of a line is key or value: a column from 0 on, or one of these."""

    WHOLE_LINE = -2
    LINE_NUMBER = -1


class _Asset(base.Trackable):
    """The name of a file that a SavedModel takes along."""

    def __init__(self, path):
        with ops.init_scope(), ops.device("CPU"):
            self._path = ops.convert_to_tensor(path, dtype=dtypes.string,
                                               name="asset_path")

    def _as_tensor(self, dtype=None, name=None, as_ref=False):
        return self._path


conversion.register_tensor_conversion_function(
    _Asset, lambda asset, **kwargs: asset._as_tensor(**kwargs))


class TextFileInitializer(TableInitializerBase):
    """Fills a table with parts of the lines of a file."""

    def __init__(self, filename, key_dtype, key_index, value_dtype,
                 value_index, vocab_size=None, delimiter="\t", name=None):
        if not isinstance(filename, ops.Tensor) and not filename:
            raise ValueError("Filename required for %s." % name)
        self._filename_arg = filename
        super().__init__(key_dtype, value_dtype)
        self._check_index("key", "Keys", key_index, self._key_dtype)
        self._check_index("value", "Values", value_index, self._value_dtype)
        if vocab_size is not None and vocab_size <= 0:
            raise ValueError("Invalid vocab_size %s." % vocab_size)
        self._key_index = key_index
        self._value_index = value_index
        self._vocab_size = vocab_size
        self._delimiter = delimiter
        self._name = name
        self._filename = self._track_trackable(_Asset(filename), "_filename")

    @staticmethod
    def _check_index(which, what, index, dtype):
        if index < TextFileIndex.WHOLE_LINE:
            raise ValueError("Invalid %s index %s." % (which, index))
        if index == TextFileIndex.LINE_NUMBER and dtype != dtypes.int64:
            wanted = "dtype %s" % dtypes.int64
        elif index != TextFileIndex.WHOLE_LINE or dtype == dtypes.string:
            return
        elif which == "value":
            wanted = "dtype %s" % dtypes.string
        elif dtype.is_integer:
            return
        else:
            wanted = "integer or string"
        raise ValueError("Signature mismatch. %s must be %s, got %s."
                         % (what, wanted, dtype))

    def initialize(self, table):
        """The operation that fills the table."""
        self._check(table)
        with ops.name_scope(self._name, "text_file_init",
                            (table.resource_handle,)):
            filename = ops.convert_to_tensor(self._filename, dtypes.string,
                                             name="asset_filepath")
            op = _gen.initialize_table_from_text_file_v2(
                table.resource_handle, filename, self._key_index,
                self._value_index,
                -1 if self._vocab_size is None else self._vocab_size,
                self._delimiter)
        ops.add_to_collection(ops.GraphKeys.TABLE_INITIALIZERS, op)
        if constant_op.is_constant(filename):
            ops.add_to_collection(ops.GraphKeys.ASSET_FILEPATHS, filename)
        return op

    @property
    def _shared_name(self):
        parts = [self._filename_arg, self._key_index, self._value_index]
        if self._vocab_size:
            parts.insert(1, self._vocab_size)
        return "_".join(["hash_table"] + [str(part) for part in parts])


class TextFileStringTableInitializer(TextFileInitializer):
    """Fills a table from numbers to words."""

    def __init__(self, filename, key_column_index=TextFileIndex.LINE_NUMBER,
                 value_column_index=TextFileIndex.WHOLE_LINE, vocab_size=None,
                 delimiter="\t", name="text_file_string_table_init"):
        super().__init__(filename, dtypes.int64, key_column_index,
                         dtypes.string, value_column_index, vocab_size,
                         delimiter, name)


class TextFileIdTableInitializer(TextFileInitializer):
    """Fills a table from words to numbers."""

    def __init__(self, filename, key_column_index=TextFileIndex.WHOLE_LINE,
                 value_column_index=TextFileIndex.LINE_NUMBER,
                 vocab_size=None, delimiter="\t",
                 name="text_file_id_table_init", key_dtype=dtypes.string):
        super().__init__(filename, key_dtype, key_column_index, dtypes.int64,
                         value_column_index, vocab_size, delimiter, name)


# ---- Tables of words --------------------------------------------------------

def _check_buckets(num_oov_buckets):
    if num_oov_buckets < 0:
        raise ValueError("num_oov_buckets must be greater or equal than 0, "
                         "got %d." % num_oov_buckets)
    if num_oov_buckets:
        raise NotImplementedError("num_oov_buckets needs a hash of strings, "
                                  "which is not in retrograph yet")


def _check_file(vocabulary_file):
    if vocabulary_file is None or (isinstance(vocabulary_file, str) and
                                   not vocabulary_file):
        raise ValueError("vocabulary_file must be specified and must not be "
                         "empty.")


def _check_key_dtype(dtype):
    if not dtype.is_integer and dtype.base_dtype != dtypes.string:
        raise TypeError("Only integer and string keys are supported.")


def index_table_from_file(vocabulary_file=None, num_oov_buckets=0,
                          vocab_size=None, default_value=-1, hasher_spec=None,
                          key_dtype=dtypes.string, name=None,
                          key_column_index=TextFileIndex.WHOLE_LINE,
                          value_column_index=TextFileIndex.LINE_NUMBER,
                          delimiter="\t"):
    """A table from the words of a file, one a line, to their numbers.

    Returns
    -------
    StaticHashTable

    Raises
    ------
    ValueError
        If there is no name of a file, or a size is not positive.
    TypeError
        If the keys are neither integers nor strings.
    NotImplementedError
        If there are to be buckets for other words.
    """
    _check_file(vocabulary_file)
    if vocab_size is not None and vocab_size < 1:
        shown = vocabulary_file
        if isinstance(vocabulary_file, ops.Tensor):
            shown = constant_op.constant_value(vocabulary_file) or "?"
        raise ValueError("vocab_size must be greater than 0, got %d. "
                         "vocabulary_file: %s" % (vocab_size, shown))
    _check_key_dtype(key_dtype)
    _check_buckets(num_oov_buckets)
    with ops.name_scope(name, "string_to_index"):
        with ops.name_scope(None, "hash_table"):
            init = TextFileIdTableInitializer(
                vocabulary_file, key_column_index, value_column_index,
                vocab_size, delimiter, "table_init",
                dtypes.int64 if key_dtype.is_integer else key_dtype)
            return StaticHashTable(init, default_value)


def index_table_from_tensor(vocabulary_list, num_oov_buckets=0,
                            default_value=-1, hasher_spec=None,
                            dtype=dtypes.string, name=None):
    """A table from words to their places in a list.

    Returns
    -------
    StaticHashTable

    Raises
    ------
    ValueError
        If there is no list, or it is of another type than `dtype`.
    TypeError
        If the words are neither integers nor strings.
    NotImplementedError
        If there are to be buckets for other words.
    """
    if vocabulary_list is None:
        raise ValueError("vocabulary_list must be specified.")
    _check_buckets(num_oov_buckets)
    _check_key_dtype(dtype)
    with ops.name_scope(name, "string_to_index"):
        keys = ops.convert_to_tensor(vocabulary_list)
        if keys.dtype.is_integer != dtype.is_integer:
            raise ValueError("Expected %s, got %s." % (
                "integer" if dtype.is_integer else "non-integer", keys.dtype))
        if not dtype.is_integer and keys.dtype.base_dtype != dtype:
            raise ValueError("Expected %s, got %s." % (dtype, keys.dtype))
        values = _numbers(keys)
        with ops.name_scope(None, "hash_table"):
            if keys.dtype.is_integer:
                keys = math_ops.cast(keys, dtypes.int64)
            init = KeyValueTensorInitializer(
                keys, values, keys.dtype.base_dtype, dtypes.int64,
                name="table_init")
            return StaticHashTable(init, default_value)


def _numbers(words):
    return math_ops.cast(math_ops.range(array_ops.size(words)), dtypes.int64)


def index_to_string_table_from_file(vocabulary_file, vocab_size=None,
                                    default_value="UNK", name=None,
                                    key_column_index=TextFileIndex.LINE_NUMBER,
                                    value_column_index=TextFileIndex.WHOLE_LINE,
                                    delimiter="\t"):
    """A table from numbers to the words of a file, one a line.

    Returns
    -------
    StaticHashTable

    Raises
    ------
    ValueError
        If there is no name of a file, or a size is not positive.
    """
    _check_file(vocabulary_file)
    if vocab_size is not None and vocab_size < 1:
        raise ValueError("vocab_size must be greater than 0, got %d."
                         % vocab_size)
    with ops.name_scope(name, "index_to_string"):
        init = TextFileStringTableInitializer(
            vocabulary_file, key_column_index, value_column_index, vocab_size,
            delimiter, "table_init")
        return StaticHashTable(init, default_value)


def index_to_string_table_from_tensor(vocabulary_list, default_value="UNK",
                                      name=None):
    """A table from places in a list to the words there.

    Returns
    -------
    StaticHashTable

    Raises
    ------
    ValueError
        If there is no list.
    """
    if vocabulary_list is None:
        raise ValueError("vocabulary_list must be specified.")
    with ops.name_scope(name, "index_to_string"):
        words = ops.convert_to_tensor(vocabulary_list, dtypes.string)
        init = KeyValueTensorInitializer(_numbers(words), words, dtypes.int64,
                                         dtypes.string, name="table_init")
        return StaticHashTable(init, default_value)


for _class in (LookupInterface, InitializableLookupTableBase, StaticHashTable,
               HashTable, TableInitializerBase, KeyValueTensorInitializer,
               TextFileIndex, TextFileInitializer,
               TextFileStringTableInitializer, TextFileIdTableInitializer):
    _class.__module__ = "tensorflow.python.ops.lookup_ops"
ContribHashTable.__module__ = "tensorflow.contrib.lookup.lookup_ops"
