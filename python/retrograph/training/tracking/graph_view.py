"""The objects that a root depends on, and the keys under which they are saved.

A key is the shortest path from the root, "net/dense/kernel", and the attribute,
".ATTRIBUTES/VARIABLE_VALUE". A "." in front marks what is no name: within a
name "." is doubled and "/" is ".S".
"""
import collections
import weakref

from retrograph import protos
from retrograph.training.saving import saveable_object
from retrograph.training.saving import saveable_object_util
from retrograph.training.tracking import python_state
from retrograph.training.tracking import tracking


def _escape(name):
    return name.replace(".", "..").replace("/", ".S")


def shown(obj):
    """An object as TensorFlow's texts have it, whose Checkpoint has no repr."""
    return getattr(obj, "_repr_in_errors", obj.__str__)()


class IdentityDict:
    """A dict whose keys are objects themselves, whatever their == says."""

    def __init__(self):
        self._items = {}  # id: (object, value); the object keeps its id

    def __contains__(self, key):
        return id(key) in self._items

    def __getitem__(self, key):
        return self._items[id(key)][1]

    def __setitem__(self, key, value):
        self._items[id(key)] = (key, value)

    def get(self, key, default=None):
        return self._items.get(id(key), (key, default))[1]

    def __iter__(self):
        return (key for key, _ in self._items.values())

    def items(self):
        return self._items.values()


class _Gathered:
    """Objects in order of their ids, with names; slot variables come last."""

    def __init__(self, view):
        self.objects = []
        self.ids = IdentityDict()
        self.names = IdentityDict()
        self.slots = IdentityDict()  # optimizer: [SlotVariableReference]
        self._find(view)
        self._add_slot_variables()

    def _add(self, obj, name):
        self.ids[obj] = len(self.objects)
        self.names[obj] = name
        self.objects.append(obj)

    def _find(self, view):
        """Breadth first, so that each object has its shortest name."""
        paths = IdentityDict()
        paths[view.root] = ()
        waiting = collections.deque([view.root])
        while waiting:
            obj = waiting.popleft()
            if isinstance(obj, tracking.NotTrackable):
                raise NotImplementedError(
                    "The object %s does not support object-based saving. File "
                    "a feature request if this limitation bothers you. In the "
                    "meantime, you can remove the dependency on this object "
                    "and save everything else." % shown(obj))
            self._add(obj, "/".join(map(_escape, paths[obj])))
            for name, dependency in view.list_dependencies(obj):
                if dependency not in paths:
                    paths[dependency] = paths[obj] + (name,)
                    waiting.append(dependency)

    def _add_slot_variables(self):
        originals = list(self.objects)
        for optimizer in originals:
            if not hasattr(optimizer, "_create_or_restore_slot_variable"):
                continue
            for slot_name in optimizer.get_slot_names():
                for original in originals:
                    self._add_slot_variable(optimizer, slot_name, original)

    def _add_slot_variable(self, optimizer, slot_name, original):
        try:
            slot = optimizer.get_slot(original, slot_name)
        except (AttributeError, KeyError):
            return
        if slot is None:
            return
        slot._maybe_initialize_trackable()
        if slot._checkpoint_dependencies:
            raise NotImplementedError(
                "Currently only variables with no dependencies can be saved as "
                "slot variables. File a feature request if this limitation "
                "bothers you.")
        if slot in self.ids:
            raise NotImplementedError(
                "A slot variable was re-used as a dependency of a Trackable "
                "object. This is not currently allowed. File a feature request "
                "if this limitation bothers you.")
        name = "%s/.OPTIMIZER_SLOT/%s/%s" % (
            self.names[original], self.names[optimizer], _escape(slot_name))
        self._add(slot, name)
        if optimizer not in self.slots:
            self.slots[optimizer] = []
        reference = protos.TrackableObjectGraph.TrackableObject
        self.slots[optimizer].append(reference.SlotVariableReference(
            slot_name=slot_name, original_variable_node_id=self.ids[original],
            slot_variable_node_id=self.ids[slot]))


class ObjectGraphView:
    """What hangs on a root object at this moment.

    SaveableObjects are kept, so that saving twice adds no op.
    """

    def __init__(self, root):
        self._root = root
        self._saveables = {}  # id of an object: (weak reference, saveables)

    @property
    def root(self):
        return self._root() if isinstance(self._root, weakref.ref) \
            else self._root

    @staticmethod
    def list_dependencies(obj):
        obj._maybe_initialize_trackable()
        return obj._checkpoint_dependencies

    def list_objects(self):
        return _Gathered(self).objects

    def cached(self, obj):
        """The object's SaveableObjects by attribute name: a dict to change."""
        reference, saveables = self._saveables.get(id(obj), (None, None))
        if reference is None or reference() is not obj:
            saveables = {}
            self._saveables[id(obj)] = weakref.ref(obj), saveables
        return saveables

    def serialize_object_graph(self):
        """(SaveableObjects, TrackableObjectGraph, feeds for a save)."""
        gathered = _Gathered(self)
        graph = protos.TrackableObjectGraph()
        for obj in gathered.objects:
            node = graph.nodes.add()
            node.slot_variables.extend(gathered.slots.get(obj, ()))
            for name, dependency in self.list_dependencies(obj):
                node.children.add(node_id=gathered.ids[dependency],
                                  local_name=name)
        saveables, feeds = [], {}
        for obj, node in zip(gathered.objects, graph.nodes):
            self._add_attributes(obj, gathered.names[obj], node, saveables,
                                 feeds)
        return saveables, graph, feeds

    def _add_attributes(self, obj, name, node, saveables, feeds):
        for attribute_name, factory in \
                obj._gather_saveables_for_checkpoint().items():
            key = "%s/.ATTRIBUTES/%s" % (name, _escape(attribute_name))
            saveable = self._saveable(obj, attribute_name, factory, key)
            node.attributes.add(
                name=attribute_name, checkpoint_key=key,
                full_name=getattr(saveable, "full_name", ""),
                optional_restore=saveable.optional_restore)
            if isinstance(saveable, python_state.PythonStateSaveable):
                feeds.update(saveable.feed_dict_additions())
            saveables.append(saveable)

    def _saveable(self, obj, attribute_name, factory, key):
        cache = self.cached(obj)
        saveable = cache.get(attribute_name)
        if saveable is None or key not in saveable.name:
            saveable = cache[attribute_name] = make_saveable(factory, key)
        if key not in saveable.name:
            raise AssertionError(
                "The object %s produced a SaveableObject with name '%s' for "
                "attribute '%s'. Expected a name containing '%s'."
                % (shown(obj), attribute_name, saveable.name, key))
        return saveable


def make_saveable(factory, key):
    """The SaveableObject of what _gather_saveables_for_checkpoint() names."""
    made = factory(name=key) if callable(factory) else factory
    if isinstance(made, saveable_object.SaveableObject):
        return made
    saveable = saveable_object_util.saveable_object_for_variable(made, key)
    # Under which a name-based Saver finds it in this checkpoint.
    saveable.full_name = saveable_object_util.global_name(made)
    return saveable


def object_paths(graph):
    """Readable names of a TrackableObjectGraph's nodes, "(root).net.kernel"."""
    paths = {0: ("(root)",)}
    waiting = collections.deque([0])
    while waiting:
        node_id = waiting.popleft()
        for child in graph.nodes[node_id].children:
            if child.node_id not in paths:
                paths[child.node_id] = paths[node_id] + (child.local_name,)
                waiting.append(child.node_id)
    names = {node_id: ".".join(path) for node_id, path in paths.items()}
    for node_id, node in enumerate(graph.nodes):
        for slot in node.slot_variables:
            names[slot.slot_variable_node_id] = "{}'s state '{}' for {}".format(
                names[node_id], slot.slot_name,
                names[slot.original_variable_node_id])
    return names

