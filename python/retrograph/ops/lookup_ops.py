"""Hash tables that change, and that a Saver saves; initialisers of tables;
hash_tables has those that are filled once."""
import functools

from retrograph import _core
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops.hash_tables import HashTable  # noqa: F401
from retrograph.ops.hash_tables import InitializableLookupTableBase  # noqa: F401
from retrograph.ops.hash_tables import KeyValueTensorInitializer  # noqa: F401
from retrograph.ops.hash_tables import LookupInterface  # noqa: F401
from retrograph.ops.hash_tables import StaticHashTable  # noqa: F401
from retrograph.ops.hash_tables import TableInitializerBase  # noqa: F401
from retrograph.ops.hash_tables import TextFileIdTableInitializer  # noqa: F401
from retrograph.ops.hash_tables import TextFileIndex  # noqa: F401
from retrograph.ops.hash_tables import TextFileInitializer  # noqa: F401
from retrograph.ops.hash_tables import TextFileStringTableInitializer  # noqa: F401
from retrograph.ops.hash_tables import index_table_from_file  # noqa: F401
from retrograph.ops.hash_tables import index_table_from_tensor  # noqa: F401
from retrograph.ops.hash_tables import index_to_string_table_from_file  # noqa: F401
from retrograph.ops.hash_tables import index_to_string_table_from_tensor  # noqa: F401
from retrograph.training.saving import saveable_object
from retrograph.training.tracking import base

_gen = op_library.gen


def tables_initializer(name="init_all_tables"):
    """An op that initialises every table of the graph."""
    graph = ops.get_default_graph()
    return graph._operation(_core.tables_initializer(graph._c, name))


initialize_all_tables = tables_initializer


class MutableHashTable(base.Trackable):
    """A table from scalars to scalars; a key that is not there has the default
    value. With `checkpoint` it is saved with the variables."""

    def __init__(self, key_dtype, value_dtype, default_value,
                 name="MutableHashTable", checkpoint=True):
        self._default_value = ops.convert_to_tensor(default_value,
                                                    dtype=value_dtype)
        if self._default_value.shape.ndims != 0:
            raise NotImplementedError("A hash table of values that are no "
                                      "scalars is not in retrograph yet")
        self._key_dtype = key_dtype
        self._value_dtype = value_dtype
        self._full_name = name
        self.resource_handle = _gen.mutable_hash_table_v2(
            use_node_name_sharing=checkpoint, key_dtype=key_dtype,
            value_dtype=value_dtype, name=name)
        self._name = self.resource_handle.op.name.split("/")[-1]
        if checkpoint:
            ops.add_to_collection(ops.GraphKeys.SAVEABLE_OBJECTS,
                                  _Saveable(self, name))

    name = property(lambda self: self._name)
    key_dtype = property(lambda self: self._key_dtype)
    value_dtype = property(lambda self: self._value_dtype)

    def size(self, name=None):
        """The number of keys, int64."""
        with ops.name_scope(name, "%s_Size" % self.name,
                            [self.resource_handle]):
            with ops.colocate_with(self.resource_handle):
                return _gen.lookup_table_size_v2(self.resource_handle)

    def remove(self, keys, name=None):
        """Forgets keys; one that is not there is no error."""
        if keys.dtype != self._key_dtype:
            raise TypeError("Signature mismatch. Keys must be dtype %s, got "
                            "%s." % (self._key_dtype, keys.dtype))
        with ops.name_scope(name, "%s_lookup_table_remove" % self.name,
                            (self.resource_handle, keys,
                             self._default_value)):
            return _gen.lookup_table_remove_v2(self.resource_handle, keys)

    def lookup(self, keys, name=None):
        """The keys' values, in the keys' shape."""
        with ops.name_scope(name, "%s_lookup_table_find" % self.name,
                            (self.resource_handle, keys,
                             self._default_value)):
            keys = ops.convert_to_tensor(keys, dtype=self._key_dtype,
                                         name="keys")
            with ops.colocate_with(self.resource_handle):
                return _gen.lookup_table_find_v2(self.resource_handle, keys,
                                                 self._default_value)

    def insert(self, keys, values, name=None):
        """The operation that gives keys their values."""
        with ops.name_scope(name, "%s_lookup_table_insert" % self.name,
                            [self.resource_handle, keys, values]):
            keys = ops.convert_to_tensor(keys, self._key_dtype, name="keys")
            values = ops.convert_to_tensor(values, self._value_dtype,
                                           name="values")
            with ops.colocate_with(self.resource_handle):
                return _gen.lookup_table_insert_v2(self.resource_handle, keys,
                                                   values)

    def export(self, name=None):
        """All keys and values, as two vectors."""
        with ops.name_scope(name, "%s_lookup_table_export_values" % self.name,
                            [self.resource_handle]):
            with ops.colocate_with(self.resource_handle):
                return _gen.lookup_table_export_v2(
                    self.resource_handle, self._key_dtype, self._value_dtype)

    def _gather_saveables_for_checkpoint(self):
        return {"table": functools.partial(_Saveable, table=self,
                                           name=self._full_name)}


class _Saveable(saveable_object.SaveableObject):
    """Saves a table as "<name>-keys" and "<name>-values"."""

    def __init__(self, table, name):
        keys, values = table.export()
        spec = saveable_object.SaveSpec
        super().__init__(table, [spec(keys, "", name + "-keys"),
                                 spec(values, "", name + "-values")], name)

    def restore(self, restored_tensors, restored_shapes, name=None):
        table = self.op
        with ops.name_scope(name, "%s_table_restore" % self.name):
            with ops.colocate_with(table.resource_handle):
                return _gen.lookup_table_import_v2(table.resource_handle,
                                                   *restored_tensors)


MutableHashTable.__module__ = "tensorflow.python.ops.lookup_ops"
