"""tf.contrib.checkpoint: objects that tf.train.Checkpoint follows."""
from retrograph.protos import TrackableObjectGraph as CheckpointableObjectGraph  # noqa: F401
from retrograph.training.checkpoint_manager import CheckpointManager  # noqa: F401
from retrograph.training.tracking.base import Trackable as CheckpointableBase  # noqa: F401
from retrograph.training.tracking.data_structures import (  # noqa: F401
    List, Mapping, NoDependency, TrackableDataStructure)
from retrograph.training.tracking.python_state import (  # noqa: F401
    PythonState as PythonStateWrapper)
from retrograph.training.tracking.tracking import (  # noqa: F401
    AutoTrackable as Checkpointable)
from retrograph.training.tracking.util import (  # noqa: F401
    list_objects, object_metadata)


class UniqueNameTracker(TrackableDataStructure):
    """Depends on objects under names that it makes unique."""

    def __init__(self):
        super().__init__()
        self._maybe_initialize_trackable()
        self._name_counts = {}

    @property
    def _values(self):
        return [dependency.ref for dependency in self._checkpoint_dependencies]

    def track(self, trackable, base_name):
        """Adds a dependency "name", "name_1", ...; returns the object."""
        if not isinstance(trackable, CheckpointableBase):
            raise ValueError("Expected a trackable value, got %s which does "
                             "not inherit from tf.track.Trackable."
                             % (trackable,))
        count = self._name_counts.get(base_name, 0)
        name = base_name if count == 0 else "%s_%d" % (base_name, count)
        while self._lookup_dependency(name) is not None:
            count += 1
            name = "%s_%d" % (base_name, count)
        self._name_counts[base_name] = count + 1
        self._track_value(trackable, name=name)
        return trackable
