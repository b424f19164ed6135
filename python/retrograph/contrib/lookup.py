"""tf.contrib.lookup: tables from words to numbers and back."""
from retrograph.framework import dtypes
from retrograph.framework import ops
from retrograph.ops import hash_tables
from retrograph.ops.hash_tables import ContribHashTable as HashTable  # noqa: F401
from retrograph.ops.hash_tables import InitializableLookupTableBase  # noqa: F401
from retrograph.ops.hash_tables import KeyValueTensorInitializer  # noqa: F401
from retrograph.ops.hash_tables import LookupInterface  # noqa: F401
from retrograph.ops.hash_tables import TableInitializerBase  # noqa: F401
from retrograph.ops.hash_tables import TextFileIdTableInitializer  # noqa: F401
from retrograph.ops.hash_tables import TextFileIndex  # noqa: F401
from retrograph.ops.hash_tables import TextFileInitializer  # noqa: F401
from retrograph.ops.hash_tables import TextFileStringTableInitializer  # noqa: F401
from retrograph.ops.hash_tables import index_table_from_file  # noqa: F401
from retrograph.ops.hash_tables import index_to_string_table_from_file  # noqa: F401
from retrograph.ops.lookup_ops import MutableHashTable  # noqa: F401


def index_table_from_tensor(mapping, num_oov_buckets=0, default_value=-1,
                            hasher_spec=None, dtype=dtypes.string, name=None):
    """A table from words to their places in a list."""
    if mapping is None:
        raise ValueError("mapping must be specified.")
    return hash_tables.index_table_from_tensor(
        mapping, num_oov_buckets, default_value, hasher_spec, dtype, name)


def index_to_string_table_from_tensor(mapping, default_value="UNK", name=None):
    """A table from places in a list to the words there."""
    if mapping is None:
        raise ValueError("mapping must be specified.")
    return hash_tables.index_to_string_table_from_tensor(
        mapping, default_value, name)


def string_to_index_table_from_file(vocabulary_file=None, num_oov_buckets=0,
                                    vocab_size=None, default_value=-1,
                                    hasher_spec=None, name=None):
    """index_table_from_file under its old name."""
    return index_table_from_file(vocabulary_file, num_oov_buckets, vocab_size,
                                 default_value, hasher_spec,
                                 key_dtype=dtypes.string, name=name)


def string_to_index_table_from_tensor(mapping, num_oov_buckets=0,
                                      default_value=-1, hasher_spec=None,
                                      name=None):
    """index_table_from_tensor, of strings, under its old name."""
    with ops.name_scope(name, "string_to_index") as scope:
        mapping = ops.convert_to_tensor(mapping)
    if mapping.dtype.base_dtype != dtypes.string:
        raise ValueError("string_to_index_table_from_tensor requires string.")
    return index_table_from_tensor(mapping, num_oov_buckets, default_value,
                                   hasher_spec, name=scope)


def string_to_index(tensor, mapping, default_value=-1, name=None):
    """The places of words in a list."""
    return index_table_from_tensor(
        mapping, default_value=default_value, name=name).lookup(tensor)


def index_to_string(tensor, mapping, default_value="UNK", name=None):
    """The words at places in a list."""
    return index_to_string_table_from_tensor(
        mapping, default_value=default_value, name=name).lookup(tensor)
