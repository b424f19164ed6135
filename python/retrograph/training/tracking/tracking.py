"""AutoTrackable: what is assigned to an attribute is a dependency."""
from retrograph.training.tracking import base
from retrograph.training.tracking import data_structures


class NotTrackable:
    """A base class of objects that must not be saved by what they hold."""


class AutoTrackable(base.Trackable):
    """Tracks the trackable objects, lists and dicts in its attributes."""

    def __setattr__(self, name, value):
        try:
            if getattr(self, name) is value:
                return
        except AttributeError:
            pass
        if getattr(self, "_self_setattr_tracking", True):
            value = data_structures.sticky_attribute_assignment(self, name,
                                                                value)
        super().__setattr__(name, value)

    def __delattr__(self, name):
        self._maybe_initialize_trackable()
        delete_tracking(self, name)
        super().__delattr__(name)

    def _no_dependency(self, value):
        return data_structures.NoDependency(value)


def delete_tracking(obj, name):
    """The attribute is no dependency any more."""
    if obj._unconditional_dependency_names.pop(name, None) is not None:
        declared = obj._unconditional_checkpoint_dependencies
        declared[:] = [reference for reference in declared
                       if reference.name != name]


AutoTrackable.__module__ = "tensorflow.python.training.tracking.tracking"
