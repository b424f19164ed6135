"""Trackable: an object with named dependencies on other such objects.

An object's dependencies may appear after a checkpoint was restored into it;
until then their part of the checkpoint waits in the object ("deferred").
"""
import collections
import contextlib
import functools

# Where the object graph stands in a checkpoint.
OBJECT_GRAPH_PROTO_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
# The attribute that is a variable's value.
VARIABLE_VALUE_KEY = "VARIABLE_VALUE"

TrackableReference = collections.namedtuple("TrackableReference",
                                            ["name", "ref"])


def no_automatic_dependency_tracking(method):
    """Attributes that the method assigns become no dependencies."""
    @functools.wraps(method)
    def untracked(self, *args, **kwargs):
        with no_automatic_dependency_tracking_scope(self):
            return method(self, *args, **kwargs)
    return untracked


@contextlib.contextmanager
def no_automatic_dependency_tracking_scope(obj):
    before = getattr(obj, "_self_setattr_tracking", True)
    obj._self_setattr_tracking = False
    try:
        yield
    finally:
        obj._self_setattr_tracking = before


class Trackable:
    """An object that a checkpoint can hold; its dependencies are declared.

    AutoTrackable declares them when an attribute is assigned. The fields begin
    with _self_ because a wrapper of a dict forwards all others to the dict.
    """

    def _maybe_initialize_trackable(self):
        """What a constructor would do; subclasses forget to call those."""
        if hasattr(self, "_self_unconditional_checkpoint_dependencies"):
            return
        with no_automatic_dependency_tracking_scope(self):
            self._self_unconditional_checkpoint_dependencies = []
            self._self_unconditional_dependency_names = {}
            self._self_unconditional_deferred_dependencies = {}
            # The number of the last restore that gave this object a value.
            self._self_update_uid = -1

    @property
    def _update_uid(self):
        return self._self_update_uid

    @_update_uid.setter
    def _update_uid(self, value):
        self._self_update_uid = value

    @property
    def _setattr_tracking(self):
        return getattr(self, "_self_setattr_tracking", True)

    @_setattr_tracking.setter
    def _setattr_tracking(self, value):
        self._self_setattr_tracking = value

    @property
    def _unconditional_checkpoint_dependencies(self):
        return self._self_unconditional_checkpoint_dependencies

    @property
    def _unconditional_dependency_names(self):
        return self._self_unconditional_dependency_names

    @property
    def _checkpoint_dependencies(self):
        """TrackableReferences, in the order of their declaration."""
        return self._self_unconditional_checkpoint_dependencies

    @property
    def _deferred_dependencies(self):
        """Positions in checkpoints that wait for a dependency, by its name."""
        return self._self_unconditional_deferred_dependencies

    def _lookup_dependency(self, name):
        return self._self_unconditional_dependency_names.get(name)

    def _no_dependency(self, value):
        return value

    def _gather_saveables_for_checkpoint(self):
        """What is saved of this object itself, by attribute name: variables,
        SaveableObjects, or functions of a key that return one."""
        return {}

    def _track_trackable(self, trackable, name, overwrite=False):
        """Declares a dependency and restores into it what waited for it."""
        self._maybe_initialize_trackable()
        if not isinstance(trackable, Trackable):
            raise TypeError("Trackable._track_trackable() passed type %s, not "
                            "a Trackable." % (type(trackable),))
        current = self._lookup_dependency(name)
        reference = TrackableReference(name, trackable)
        declared = self._self_unconditional_checkpoint_dependencies
        if current is None:
            declared.append(reference)
            self._handle_deferred_dependencies(name, trackable)
        elif current is not trackable:
            if not overwrite:
                raise ValueError(
                    "Called Trackable._track_trackable() with name='%s', but a "
                    "Trackable with this name is already declared as a "
                    "dependency. Names must be unique (or overwrite=True)."
                    % (name,))
            declared[:] = [reference if old.name == name else old
                           for old in declared]
        self._self_unconditional_dependency_names[name] = trackable
        return trackable

    def _handle_deferred_dependencies(self, name, trackable):
        self._maybe_initialize_trackable()
        trackable._maybe_initialize_trackable()
        waiting = self._deferred_dependencies.pop(name, ())
        # The last restore that was asked for decides.
        for position in sorted(waiting, key=lambda p: p.restore_uid,
                               reverse=True):
            position.restore(trackable)

    def _add_variable_with_custom_getter(self, name, getter, shape=None,
                                         dtype=None, initializer=None,
                                         overwrite=False, **kwargs):
        """A variable from `getter` that is a dependency at once."""
        self._maybe_initialize_trackable()
        variable = getter(name=name, shape=shape, dtype=dtype,
                          initializer=initializer, **kwargs)
        if overwrite and not isinstance(variable, Trackable):
            return variable
        return self._track_trackable(variable, name, overwrite)


Trackable.__module__ = "tensorflow.python.training.tracking.base"
