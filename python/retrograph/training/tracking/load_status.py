"""What Checkpoint.restore() returns: assertions, and the ops to run."""
from retrograph.framework import ops
from retrograph.platform import tf_logging
from retrograph.training import saver as saver_lib
from retrograph.training.tracking import data_structures
from retrograph.training.tracking import graph_view
from retrograph.training.tracking import restore

_sessions = {}  # for programs that open none: a session a graph


def get_session():
    """The default session, or one for the default graph."""
    session = ops.get_default_session()
    if session is None:
        from retrograph.client import session as session_lib
        graph = ops.get_default_graph()
        session = _sessions.get(graph)
        if session is None:
            _sessions.clear()
            session = _sessions[graph] = session_lib.Session(graph=graph)
    return session


class _LoadStatus:

    def __init__(self, view):
        self._graph_view = view
        self._root = view.root  # the view may hold it weakly

    def expect_partial(self):
        """No warnings about what the restore did not use."""
        return self

    def _initializers(self, restore_uid, but=()):
        """Of objects that no later restore gives a value."""
        done = {id(obj) for obj in but}
        return [obj.initializer for obj in self._graph_view.list_objects()
                if getattr(obj, "initializer", None) is not None
                and id(obj) not in done
                and getattr(obj, "_update_uid", -1) < restore_uid]


class CheckpointLoadStatus(_LoadStatus):
    """An object-based checkpoint was restored."""

    def __init__(self, checkpoint, feed_dict, view):
        super().__init__(view)
        self._checkpoint = checkpoint
        self._feed_dict = feed_dict

    def assert_consumed(self):
        """Everything in the checkpoint has an object, and each object a value
        in it. AssertionError if not."""
        checkpoint = self._checkpoint
        names = graph_view.object_paths(checkpoint.object_graph)
        self.assert_existing_objects_matched()
        for node_id, node in enumerate(checkpoint.object_graph.nodes):
            if checkpoint.object_by_proto_id.get(node_id) is None:
                raise AssertionError(
                    "Unresolved object in checkpoint {}: {}".format(
                        names[node_id], node))
        if checkpoint.slot_restorations:
            raise AssertionError("Unresolved slot restorations: %s"
                                 % (checkpoint.slot_restorations,))
        if checkpoint.unused_attributes:
            unused = ["{} ({}): {}".format(
                names[node_id], checkpoint.object_by_proto_id[node_id],
                attributes)
                for node_id, attributes in checkpoint.unused_attributes.items()]
            raise AssertionError(
                "Unused attributes in these objects (the attributes exist in "
                "the checkpoint but were not restored):\n{}".format(
                    "\n".join(unused)))
        return self

    def assert_existing_objects_matched(self):
        """Each object of the program has a value in the checkpoint."""
        checkpoint = self._checkpoint
        for node_id, node in enumerate(checkpoint.object_graph.nodes):
            obj = checkpoint.object_by_proto_id.get(node_id)
            if obj is not None and obj._update_uid < checkpoint.restore_uid:
                raise AssertionError(
                    "Object not assigned a value from checkpoint: %s" % (node,))
        for obj in self._graph_view.list_objects():
            if not self._is_empty_container(obj):
                checkpoint.see(obj)
        unmatched = checkpoint.unmatched_objects()
        if unmatched:
            raise AssertionError(
                "Some Python objects were not bound to checkpointed values, "
                "likely due to changes in the Python program: %s"
                % (unmatched,))
        return self

    @staticmethod
    def _is_empty_container(obj):
        return isinstance(obj, data_structures.TrackableDataStructure) and \
            not obj._checkpoint_dependencies

    def assert_nontrivial_match(self):
        """Something besides the root object was matched."""
        for obj in self._graph_view.list_objects():
            self._checkpoint.see(obj)
        if len(self._checkpoint.object_by_proto_id) <= 1:
            unmatched = self._checkpoint.unmatched_objects()
            if unmatched:
                raise AssertionError(
                    "Nothing except the root object matched a checkpointed "
                    "value. Typically this means that the checkpoint does not "
                    "match the Python program. The following objects have no "
                    "matching checkpointed value: %s" % (unmatched,))
            raise AssertionError("Nothing to load. No dependencies have been "
                                 "added to %s yet." % (self._root,))
        return self

    def run_restore_ops(self, session=None):
        (session or get_session()).run(self._checkpoint.restore_ops,
                                       feed_dict=self._feed_dict)

    def initialize_or_restore(self, session=None):
        """Restores what the checkpoint has and initialises the rest."""
        session = session or get_session()
        initializers = self._initializers(
            self._checkpoint.restore_uid,
            but=self._checkpoint.object_by_proto_id.values())
        self.run_restore_ops(session)
        session.run(initializers)

    def expect_partial(self):
        self._checkpoint.warning.expect_partial = True
        return self


class InitializationOnlyStatus(_LoadStatus):
    """restore(None): there was no checkpoint."""

    def __init__(self, view, restore_uid):
        super().__init__(view)
        self._restore_uid = restore_uid

    def assert_consumed(self):
        raise AssertionError("No checkpoint specified (save_path=None); "
                             "nothing is being restored.")

    assert_existing_objects_matched = assert_consumed
    assert_nontrivial_match = assert_consumed

    def run_restore_ops(self, session=None):
        raise AssertionError("No checkpoint specified, so no restore ops are "
                             "available (save_path=None to Saver.restore).")

    def initialize_or_restore(self, session=None):
        (session or get_session()).run(self._initializers(self._restore_uid))


class NameBasedSaverStatus(_LoadStatus):
    """A checkpoint of tf.train.Saver: variables are matched by their names."""

    def __init__(self, save_path, view):
        tf_logging.warning(
            "From %s: NameBasedSaverStatus.__init__ (from tensorflow.python."
            "training.tracking.util) is deprecated and will be removed in a "
            "future version.\nInstructions for updating:\nRestoring a "
            "name-based tf.train.Saver checkpoint using the object-based "
            "restore API. This mode uses global names to match variables, and "
            "so is somewhat fragile. It also adds new restore ops to the graph "
            "each time it is called when graph building. Prefer re-encoding "
            "training checkpoints in the object-based format: run save() on "
            "the object-based saver (the same one this message is coming from) "
            "and use that checkpoint in the future.", __file__)
        super().__init__(view)
        self._save_path = save_path
        self._restore_uid = restore.next_restore_uid()
        self._unused_attributes = graph_view.IdentityDict()

    def assert_consumed(self):
        unused = list(self._unused_attributes.items())
        if unused:
            raise AssertionError(
                "Some objects had attributes which were not restored:" +
                "".join("\n    {}: {}".format(graph_view.shown(obj), names)
                        for obj, names in unused))
        for obj in self._graph_view.list_objects():
            obj._maybe_initialize_trackable()
            if obj._update_uid < self._restore_uid:
                raise AssertionError("Object not restored: %s" % graph_view.shown(obj))
        return self

    assert_existing_objects_matched = assert_consumed
    assert_nontrivial_match = assert_consumed

    def _named_saveables(self, obj):
        """Those of the object's attributes that have a name of their own."""
        for attribute, factory in \
                obj._gather_saveables_for_checkpoint().items():
            if not callable(factory):
                yield factory
                continue
            try:
                yield factory()
            except TypeError:  # it must be told a name
                if not factory("").optional_restore:
                    self._unused_attributes[obj] = \
                        self._unused_attributes.get(obj, []) + [attribute]

    def run_restore_ops(self, session=None):
        session = session or get_session()
        with ops.device("/cpu:0"):
            saveables = []
            for obj in self._graph_view.list_objects():
                obj._maybe_initialize_trackable()
                if obj._update_uid < self._restore_uid:
                    obj._update_uid = self._restore_uid
                    saveables.extend(self._named_saveables(obj))
            saver_lib.Saver(saveables).restore(session, self._save_path)

    initialize_or_restore = run_restore_ops


def streaming_restore(status, session=None):
    """Runs restore ops now, and later ones as they come."""
    session = session or get_session()
    if isinstance(status, NameBasedSaverStatus):
        raise NotImplementedError(
            "Streaming restore not supported from name-based checkpoints when "
            "graph building. File a feature request if this limitation bothers "
            "you. As a workaround, consider either using tf.train.Checkpoint "
            "to load name-based checkpoints or enabling eager execution.")
    status.run_restore_ops(session)
    status._checkpoint.new_restore_ops_callback = (
        lambda new_ops: session.run(new_ops, feed_dict=status._feed_dict))
