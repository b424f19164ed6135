"""The builders of a Saver's ops, which users may derive from.

C++ builds; what a derived class overrides is called from there.
"""
from retrograph import _core
from retrograph import protos
from retrograph.framework import ops
from retrograph.training.saving import saveable_object
from retrograph.training.saving import saveable_object_util


def _entries(saveables):
    return [saveable_object_util.object_entry(s) for s in saveables]


class BaseSaverBuilder:
    """Restores each tensor by an op of its own."""

    SaveSpec = saveable_object.SaveSpec
    SaveableObject = saveable_object.SaveableObject
    VariableSaveable = saveable_object_util.ReferenceVariableSaveable
    ResourceVariableSaveable = saveable_object_util.ResourceVariableSaveable
    _bulk = False

    def __init__(self, write_version=2):
        self._write_version = write_version

    def _core_arguments(self):
        """(format, whether it is the bulk builder, the object to ask)."""
        if type(self) in (BaseSaverBuilder, BulkSaverBuilder):
            return self._write_version, self._bulk, None
        return self._write_version, False, self

    def save_op(self, filename_tensor, saveables):
        """The op that saves them to a file."""
        graph = ops.get_default_graph()
        return graph._operation(_core.builder_save_op(
            graph._c, self._write_version, filename_tensor,
            _entries(saveables)))

    def bulk_restore(self, filename_tensor, saveables, preferred_shard,
                     restore_sequentially):
        """The tensors of all of them, read from a file."""
        graph = ops.get_default_graph()
        return [graph._tensor(pair) for pair in _core.builder_bulk_restore(
            graph._c, False, self, filename_tensor, _entries(saveables),
            preferred_shard, restore_sequentially)]

    def restore_op(self, filename_tensor, saveable, preferred_shard):
        """The tensors of one of them."""
        graph = ops.get_default_graph()
        return [graph._tensor(pair) for pair in _core.builder_restore_op(
            graph._c, filename_tensor, _entries([saveable]), preferred_shard)]

    def sharded_filename(self, filename_tensor, shard, num_shards):
        """The name of a shard's file."""
        from retrograph.framework import op_library
        return op_library.apply_op(
            "ShardedFilename", basename=filename_tensor, shard=shard,
            num_shards=num_shards)

    def build(self, names_to_saveables, reshape=False, sharded=False,
              max_to_keep=5, keep_checkpoint_every_n_hours=10000.0, name=None,
              restore_sequentially=False, filename="model"):
        """Adds the ops; returns the SaverDef that names them."""
        entries, is_dict = saveable_object_util.entries(names_to_saveables)
        return protos.SaverDef.FromString(_core.build_saver(
            ops.get_default_graph()._c, self._core_arguments(), entries,
            is_dict, {
                "reshape": bool(reshape), "sharded": bool(sharded),
                "max_to_keep": max_to_keep or 0,
                "keep_checkpoint_every_n_hours":
                    float(keep_checkpoint_every_n_hours),
                "name": name, "restore_sequentially":
                    bool(restore_sequentially),
                "filename": filename or "model"}))


class BulkSaverBuilder(BaseSaverBuilder):
    """Restores all tensors by one op: the default."""

    _bulk = True

    def bulk_restore(self, filename_tensor, saveables, preferred_shard,
                     restore_sequentially):
        graph = ops.get_default_graph()
        return [graph._tensor(pair) for pair in _core.builder_bulk_restore(
            graph._c, True, None, filename_tensor, _entries(saveables),
            preferred_shard, restore_sequentially)]


for _class in (BaseSaverBuilder, BulkSaverBuilder):
    _class.__module__ = "tensorflow.python.training.saver"


# ---- What the binding calls back --------------------------------------------

def _wrapped(graph, saveables):
    return [saveable_object_util.wrap(graph, s) for s in saveables]


def _save_op(key, builder, filename, saveables):
    def save():
        graph = ops.get_default_graph()
        return saveable_object_util._operation_ids(builder.save_op(
            graph._tensor(filename), _wrapped(graph, saveables)))
    return ops._in_graph(key, save)


def _bulk_restore(key, builder, filename, saveables, shard, sequentially):
    def restore():
        graph = ops.get_default_graph()
        return [ops.convert_to_tensor(t) for t in builder.bulk_restore(
            graph._tensor(filename), _wrapped(graph, saveables), shard,
            sequentially)]
    return ops._in_graph(key, restore)


def _restore_op(key, builder, filename, saveable, shard):
    def restore():
        graph = ops.get_default_graph()
        return [ops.convert_to_tensor(t) for t in builder.restore_op(
            graph._tensor(filename),
            saveable_object_util.wrap(graph, saveable), shard)]
    return ops._in_graph(key, restore)


def _sharded_filename(key, builder, filename, shard, num_shards):
    def name():
        graph = ops.get_default_graph()
        return ops.convert_to_tensor(builder.sharded_filename(
            graph._tensor(filename), shard, graph._tensor(num_shards)))
    return ops._in_graph(key, name)


_core.set_hook("builder_save_op", _save_op)
_core.set_hook("builder_bulk_restore", _bulk_restore)
_core.set_hook("builder_restore_op", _restore_op)
_core.set_hook("builder_sharded_filename", _sharded_filename)
