"""tf.train.Checkpoint in graph mode, and what it is made of."""
import os
import weakref

from retrograph import protos
from retrograph.compat import bytes_text
from retrograph.framework import constant_op
from retrograph.framework import display
from retrograph.framework import dtypes
from retrograph.framework import errors
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import variables
from retrograph.platform import gfile
from retrograph.training import checkpoint_management
from retrograph.training import checkpoint_utils
from retrograph.training.saving import functional_saver
from retrograph.training.tracking import base
from retrograph.training.tracking import data_structures
from retrograph.training.tracking import graph_view
from retrograph.training.tracking import load_status
from retrograph.training.tracking import python_state
from retrograph.training.tracking import restore
from retrograph.training.tracking import tracking

streaming_restore = load_status.streaming_restore
get_session = load_status.get_session


def _object_graph(save_path):
    """The TrackableObjectGraph in a checkpoint, or None."""
    reader = checkpoint_utils.NewCheckpointReader(save_path)
    try:
        data = reader.get_tensor(base.OBJECT_GRAPH_PROTO_KEY)
    except errors.NotFoundError:
        return None
    return protos.TrackableObjectGraph.FromString(data)


def object_metadata(save_path):
    """The TrackableObjectGraph in a checkpoint; ValueError if it has none."""
    graph = _object_graph(save_path)
    if graph is None:
        raise ValueError(
            'The specified checkpoint "%s" does not appear to be object-based '
            '(it is missing the key "%s"). Likely it was created with a '
            "name-based saver and does not contain an object dependency graph."
            % (save_path, base.OBJECT_GRAPH_PROTO_KEY))
    return graph


def list_objects(root_trackable):
    """The root and all that it depends on."""
    return graph_view.ObjectGraphView(root_trackable).list_objects()


def gather_initializers(root_trackable):
    return [obj.initializer for obj in list_objects(root_trackable)
            if getattr(obj, "initializer", None) is not None]


def _default_getter(name, shape, dtype, initializer=None, **kwargs):
    """A new resource variable of this very name, in no variable scope."""
    dtype = dtypes.as_dtype(dtype).base_dtype
    with ops.init_scope():
        if callable(initializer):
            function = initializer
            initializer = lambda: function(shape, dtype=dtype)  # noqa: E731
        elif shape is not None:
            raise ValueError("If initializer is a constant, do not specify "
                             "shape.")
        return variables.Variable(initial_value=initializer, name=name,
                                  dtype=dtype, use_resource=True, **kwargs)


def add_variable(trackable, name, shape=None, dtype=dtypes.float32,
                 initializer=None, trainable=True):
    """A variable that the object depends on."""
    return trackable._add_variable_with_custom_getter(
        name=name, shape=shape, dtype=dtype, initializer=initializer,
        getter=_default_getter, trainable=trainable)


class TrackableSaver:
    """Saves and restores what hangs on an object. Its ops are made once."""

    def __init__(self, view):
        self._graph_view = view
        self._restore_op_cache = {}
        self._restore_prefix = None
        self._save_prefix = None
        self._object_graph_tensor = None
        self._last_object_graph = None
        self._save_operation = None

    def save(self, file_prefix, checkpoint_number=None, session=None):
        """Writes a checkpoint; returns its prefix, as bytes."""
        if checkpoint_number:
            file_prefix = "%s-%d" % (file_prefix, checkpoint_number)
        if self._object_graph_tensor is None:
            with ops.device("/cpu:0"):
                self._object_graph_tensor = constant_op.constant(
                    "", dtype=dtypes.string)
                self._save_prefix = constant_op.constant(
                    "", dtype=dtypes.string)
        folder = os.path.dirname(file_prefix)
        if folder:
            gfile.makedirs(folder)
        feeds = self._update_save_operation()
        feeds[self._save_prefix] = file_prefix
        return (session or get_session()).run(self._save_operation, feeds)

    def _update_save_operation(self):
        """New save ops if other objects are there than last time."""
        saveables, graph, feeds = self._graph_view.serialize_object_graph()
        feeds[self._object_graph_tensor] = graph.SerializeToString()
        saveables.append(python_state.NoRestoreSaveable(
            self._object_graph_tensor, base.OBJECT_GRAPH_PROTO_KEY))
        if self._last_object_graph != graph:
            save_op = functional_saver.MultiDeviceSaver(saveables).save(
                self._save_prefix)
            with ops.device("/cpu:0"), ops.control_dependencies([save_op]):
                self._save_operation = array_ops.identity(self._save_prefix)
            self._last_object_graph = graph
        return feeds

    def restore(self, save_path):
        """Makes the ops that restore; a status object runs them."""
        if save_path is None:
            return load_status.InitializationOnlyStatus(
                self._graph_view, restore.next_restore_uid())
        graph = _object_graph(save_path)
        if graph is None:
            return load_status.NameBasedSaverStatus(save_path,
                                                    self._graph_view)
        if self._restore_prefix is None:
            with ops.device("/cpu:0"):
                self._restore_prefix = constant_op.constant("model")
        checkpoint = restore.RestoreCoordinator(
            graph, save_path, self._restore_prefix, self._restore_op_cache,
            self._graph_view)
        restore.CheckpointPosition(checkpoint, 0).restore(
            self._graph_view.root)
        return load_status.CheckpointLoadStatus(
            checkpoint, {self._restore_prefix: save_path}, self._graph_view)


def saver_with_op_caching(obj):
    return TrackableSaver(graph_view.ObjectGraphView(weakref.ref(obj)))


class CheckpointV1(tracking.AutoTrackable):
    """tf.train.Checkpoint(model=..., optimizer=...): objects saved together.

    In graph mode save() runs in a session, and restore() makes ops that the
    status that it returns runs.

    Parameters
    ----------
    **kwargs : trackable objects
        Variables, optimizers, layers, other Checkpoints; attributes of it then.

    Raises
    ------
    ValueError
        For an object that is not trackable.
    """

    def __init__(self, **kwargs):
        for name, value in sorted(kwargs.items()):
            if not isinstance(value, base.Trackable):
                raise ValueError(
                    "`Checkpoint` was expecting a trackable object (an object "
                    "derived from `TrackableBase`), got %s. If you believe "
                    "this object should be trackable (i.e. it is part of the "
                    "TensorFlow Python API and manages state), please open an "
                    "issue." % (value,))
            setattr(self, name, value)
        self._save_counter = None
        self._save_assign_op = None
        self._saver = saver_with_op_caching(self)

    _repr_in_errors = object.__repr__  # what TensorFlow's texts have

    def __repr__(self):
        return "<tf.train.Checkpoint: %s>" % display.named(
            [name for name, _ in self._checkpoint_dependencies], "object")

    def _repr_html_(self):
        return display.table(
            "tf.train.Checkpoint", ["name", "object"],
            [(name, repr(tracked))
             for name, tracked in self._checkpoint_dependencies])

    @property
    def save_counter(self):
        """How often save() was called: an int64 variable."""
        if self._save_counter is None:
            with ops.device("/cpu:0"):
                self._save_counter = data_structures.NoDependency(add_variable(
                    self, name="save_counter", initializer=0,
                    dtype=dtypes.int64, trainable=False))
        return self._save_counter

    def write(self, file_prefix, session=None):
        """Saves without counting, and without touching the state file."""
        return bytes_text.as_text(self._saver.save(
            checkpoint_management._path(file_prefix), session=session))

    def save(self, file_prefix, session=None):
        """Saves as "<file_prefix>-<save_counter>"; returns that."""
        file_prefix = checkpoint_management._path(file_prefix)
        session = session or get_session()
        if self._save_counter is None:
            session.run(self.save_counter.initializer)
        if self._save_assign_op is None:
            with ops.colocate_with(self.save_counter):
                self._save_assign_op = data_structures.NoDependency(
                    self.save_counter.assign_add(1, read_value=True))
        number = session.run(self._save_assign_op)
        path = self.write("%s-%d" % (file_prefix, number), session)
        checkpoint_management.update_checkpoint_state_internal(
            save_dir=os.path.dirname(file_prefix), model_checkpoint_path=path,
            all_model_checkpoint_paths=[path], save_relative_paths=True)
        return path

    def restore(self, save_path):
        """Makes the ops that restore; see the status object it returns."""
        status = self._saver.restore(save_path)
        self.save_counter  # now, so that it is initialised with the others
        return status


CheckpointV1.__module__ = "tensorflow.python.training.tracking.util"
Checkpoint = CheckpointV1
