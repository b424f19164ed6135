"""Matching the objects of a checkpoint with those of a program.

Restore goes down from the root along the names of dependencies. A name that no
object has yet waits there (Trackable._deferred_dependencies). In graph mode a
restore only makes ops; a status object runs them.
"""
import collections
import itertools
import weakref

from retrograph.framework import ops
from retrograph.platform import tf_logging
from retrograph.training import checkpoint_utils
from retrograph.training.saving import functional_saver
from retrograph.training.tracking import graph_view
from retrograph.training.tracking import python_state

# Restores are numbered in the order in which they were asked for.
_restore_uids = itertools.count(1)

_SlotRestoration = collections.namedtuple(
    "_SlotRestoration", ["optimizer_id", "slot_variable_id", "slot_name"])
_DeferredSlot = collections.namedtuple(
    "_DeferredSlot", ["original_variable", "slot_variable_id", "slot_name"])


def next_restore_uid():
    return next(_restore_uids)


class _UnusedValuesWarning:
    """Says, when the restore is forgotten, what it did not use."""

    def __init__(self, graph, matched, unused_attributes):
        self.expect_partial = False
        self._graph = graph
        self._matched = matched
        self._unused_attributes = unused_attributes

    def __del__(self):
        if self.expect_partial:
            return
        unresolved = [i for i in range(len(self._graph.nodes))
                      if i not in self._matched]
        if not unresolved and not self._unused_attributes:
            return
        names = graph_view.object_paths(self._graph)
        for node_id in unresolved:
            tf_logging.warning("Unresolved object in checkpoint: {}".format(
                names[node_id]))
        for node_id, attributes in self._unused_attributes.items():
            tf_logging.warning("Unused attribute in object {}: {}".format(
                names[node_id], attributes))
        tf_logging.warning(
            "A checkpoint was restored (e.g. tf.train.Checkpoint.restore or "
            "tf.keras.Model.load_weights) but not all checkpointed values were "
            "used. See above for specific issues. Use expect_partial() on the "
            "load status object, e.g. tf.train.Checkpoint.restore(...)."
            "expect_partial(), to silence these warnings, or use "
            "assert_consumed() to make the check explicit. See "
            "https://www.tensorflow.org/alpha/guide/checkpoints"
            "#loading_mechanics for details.")


class RestoreCoordinator:
    """One restore of an object-based checkpoint: what was matched so far."""

    def __init__(self, object_graph, save_path, save_path_tensor,
                 restore_op_cache, view):
        self.object_graph = object_graph
        self.save_path = save_path
        self.restore_uid = next_restore_uid()
        self.view = view
        self.restore_ops = []
        # By checkpoint key; shared by all restores into the same objects.
        self.restore_ops_by_name = restore_op_cache
        self.object_by_proto_id = weakref.WeakValueDictionary()
        self.unused_attributes = {}  # node id: [attribute name]
        self.new_restore_ops_callback = None
        self._matched_proto_ids = set()
        self._save_path_tensor = save_path_tensor
        self._seen_objects = []  # weak references
        # Slot variables wait for their variable, then for their optimizer.
        self.slot_restorations = {}
        self._deferred_slots = {}
        for node_id, node in enumerate(object_graph.nodes):
            for slot in node.slot_variables:
                self.slot_restorations.setdefault(
                    slot.original_variable_node_id, []).append(
                        _SlotRestoration(node_id, slot.slot_variable_node_id,
                                         slot.slot_name))
        self.warning = _UnusedValuesWarning(
            object_graph, self._matched_proto_ids, self.unused_attributes)

    def see(self, obj):
        """The object is part of the program, matched or not."""
        self._seen_objects.append(weakref.ref(obj))

    def unmatched_objects(self):
        """Objects of the program that the checkpoint has not."""
        matched = {id(obj) for obj in self.object_by_proto_id.values()}
        found = {}
        for reference in self._seen_objects:
            obj = reference()
            if obj is not None and id(obj) not in matched:
                found[id(obj)] = obj
        return list(found.values())

    def bind(self, proto_id, obj):
        """Whether `obj` is now, and was not before, the node's object."""
        self.see(obj)
        self._matched_proto_ids.add(proto_id)
        bound = self.object_by_proto_id.get(proto_id)
        if bound is None:
            self.object_by_proto_id[proto_id] = obj
            self._restore_slots(proto_id, obj)
            return True
        if bound is not obj:
            tf_logging.warning(
                "Inconsistent references when loading the checkpoint into this "
                "object graph. Either the Trackable object references in the "
                "Python program have changed in an incompatible way, or the "
                "checkpoint was generated in an incompatible program.\n\nTwo "
                "checkpoint references resolved to different objects (%s and "
                "%s).", bound, obj)
        return False

    def _restore_slots(self, proto_id, obj):
        for slot in self._deferred_slots.pop(proto_id, ()):
            self._restore_slot(obj, slot.original_variable,
                               slot.slot_variable_id, slot.slot_name)
        for slot in self.slot_restorations.pop(proto_id, ()):
            optimizer = self.object_by_proto_id.get(slot.optimizer_id)
            if optimizer is None:
                self._deferred_slots.setdefault(
                    slot.optimizer_id, []).append(_DeferredSlot(
                        obj, slot.slot_variable_id, slot.slot_name))
            else:
                self._restore_slot(optimizer, obj, slot.slot_variable_id,
                                   slot.slot_name)

    def _restore_slot(self, optimizer, variable, slot_variable_id, slot_name):
        optimizer._create_or_restore_slot_variable(
            slot_variable_position=CheckpointPosition(self, slot_variable_id),
            variable=variable, slot_name=slot_name)

    def restore_saveables(self, tensor_saveables, python_saveables):
        """Restores Python state; returns new ops that restore the tensors."""
        if python_saveables:
            reader = checkpoint_utils.NewCheckpointReader(self.save_path)
            for saveable in python_saveables:
                saveable.python_restore([reader.get_tensor(spec.name)
                                         for spec in saveable.specs])
        if not tensor_saveables:
            return []
        # By name: so TensorFlow orders them.
        saveables = [tensor_saveables[name]
                     for name in sorted(tensor_saveables)]
        made = functional_saver.MultiDeviceSaver(saveables).restore(
            self._save_path_tensor)
        self.restore_ops_by_name.update(made)
        return [made[name] for name in sorted(made)]

    def add_restore_ops(self, new_ops):
        self.restore_ops.extend(new_ops)
        if self.new_restore_ops_callback:
            self.new_restore_ops_callback(new_ops)


class CheckpointPosition:
    """A node of a checkpoint that is being restored."""

    def __init__(self, checkpoint, proto_id):
        self.checkpoint = checkpoint
        self._proto_id = proto_id

    @property
    def restore_uid(self):
        return self.checkpoint.restore_uid

    @property
    def object_proto(self):
        return self.checkpoint.object_graph.nodes[self._proto_id]

    def restore(self, obj):
        """Restores the node and what it depends on into the object."""
        with ops.init_scope():
            if self.checkpoint.bind(self._proto_id, obj):
                self.checkpoint.add_restore_ops(self._restore_all(obj))

    def _restore_all(self, root):
        """Breadth first: the user sees the shortest paths."""
        restore_ops, tensor_saveables, python_saveables = [], {}, []
        waiting = collections.deque([(self, root)])
        while waiting:
            position, obj = waiting.popleft()
            obj._maybe_initialize_trackable()
            # A later restore has decided this object's value already, but
            # perhaps not its dependencies'.
            if position.restore_uid > obj._update_uid:
                position._gather(obj, restore_ops, tensor_saveables,
                                 python_saveables)
                obj._update_uid = position.restore_uid
            for child in position.object_proto.children:
                child_position = CheckpointPosition(self.checkpoint,
                                                    child.node_id)
                dependency = obj._lookup_dependency(child.local_name)
                if dependency is None:
                    obj._deferred_dependencies.setdefault(
                        child.local_name, []).append(child_position)
                elif self.checkpoint.bind(child.node_id, dependency):
                    waiting.append((child_position, dependency))
        restore_ops.extend(self.checkpoint.restore_saveables(
            tensor_saveables, python_saveables))
        return restore_ops

    def _gather(self, obj, restore_ops, tensor_saveables, python_saveables):
        """What restores the attributes of one object."""
        factories = obj._gather_saveables_for_checkpoint()
        cache = self.checkpoint.view.cached(obj)
        for attribute in self.object_proto.attributes:
            key = attribute.checkpoint_key
            existing = self.checkpoint.restore_ops_by_name.get(key)
            if existing is not None:
                restore_ops.append(existing)
                continue
            saveable = cache.get(attribute.name)
            if saveable is not None and key not in saveable.name:
                # It was saved under another name.
                cache.clear()
                break
            if saveable is None:
                factory = factories.get(attribute.name)
                if factory is None:
                    if not attribute.optional_restore:
                        self.checkpoint.unused_attributes.setdefault(
                            self._proto_id, []).append(attribute.name)
                    continue
                saveable = cache[attribute.name] = graph_view.make_saveable(
                    factory, key)
            if isinstance(saveable, python_state.PythonStateSaveable):
                python_saveables.append(saveable)
            else:
                tensor_saveables[key] = saveable

    def __repr__(self):
        return repr(self.object_proto)
