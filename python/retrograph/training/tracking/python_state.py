"""PythonState: what a Python object says it is, saved as a string."""
import functools

from retrograph.framework import constant_op
from retrograph.framework import dtypes
from retrograph.framework import ops
from retrograph.ops import control_flow_ops
from retrograph.training.saving import saveable_object
from retrograph.training.tracking import base


class NoRestoreSaveable(saveable_object.SaveableObject):
    """A tensor that is written and never read back."""

    def __init__(self, tensor, name, dtype=None, device=None):
        spec = saveable_object.SaveSpec(tensor, "", name, dtype=dtype,
                                        device=device)
        super().__init__(tensor, [spec], name)

    def restore(self, restored_tensors, restored_shapes):
        return control_flow_ops.no_op()


class PythonStateSaveable(saveable_object.SaveableObject):
    """State that is not in the graph; a save feeds it."""

    def feed_dict_additions(self):
        raise NotImplementedError


class PythonStringStateSaveable(PythonStateSaveable):
    """A string that `state_callback` returns at every save.

    Without a `restore_callback` it need not be restored for a checkpoint to
    count as consumed.
    """

    def __init__(self, name, state_callback, restore_callback=None):
        self._state_callback = state_callback
        self._restore_callback = restore_callback
        with ops.device("/cpu:0"):
            self._save_string = constant_op.constant("", dtype=dtypes.string)
        spec = saveable_object.SaveSpec(self._save_string, "", name,
                                        dtype=dtypes.string)
        super().__init__(self._save_string, [spec], name)

    @property
    def optional_restore(self):
        return self._restore_callback is None

    def feed_dict_additions(self):
        with ops.init_scope():
            return {self._save_string: self._state_callback()}

    def python_restore(self, restored_strings):
        if self._restore_callback:
            restored, = restored_strings
            self._restore_callback(restored)

    def restore(self, restored_tensors, restored_shapes):
        return control_flow_ops.no_op()


class PythonState(base.Trackable):
    """Derive from it: serialize() -> bytes, deserialize(bytes)."""

    def serialize(self):
        """For subclasses: the state as bytes, asked for at every save."""
        raise NotImplementedError

    def deserialize(self, string_value):
        """For subclasses: takes the bytes that serialize() once gave."""
        raise NotImplementedError

    def _gather_saveables_for_checkpoint(self):
        return {"py_state": functools.partial(
            PythonStringStateSaveable, state_callback=self.serialize,
            restore_callback=self.deserialize)}
