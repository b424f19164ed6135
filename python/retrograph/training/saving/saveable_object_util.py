"""SaveableObjects of variables."""
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import state_ops
from retrograph.ops import variables
from retrograph.training import saver


class ReferenceVariableSaveable(saver.SaveableObject):
    """A ref variable, saved through its reference."""

    def __init__(self, variable, slice_spec, name):
        reference = variable._ref()
        spec = saver.SaveSpec(reference, slice_spec, name,
                              dtype=variable.dtype)
        super().__init__(reference, [spec], name)

    def restore(self, restored_tensors, restored_shapes):
        value = restored_tensors[0]
        if restored_shapes is not None:
            value = array_ops.reshape(value, restored_shapes[0])
        return state_ops.assign(
            self.op, value, validate_shape=restored_shapes is None and
            self.op.shape.is_fully_defined())


class ResourceVariableSaveable(saver.SaveableObject):
    """A resource variable, saved through the read that it was made with."""

    def __init__(self, variable, slice_spec, name):
        read = variable._graph_element
        self._device = variable.device
        self._shape = variable.shape
        self.handle_op = read.op.inputs[0]
        spec = saver.SaveSpec(read, slice_spec, name, dtype=variable.dtype,
                              device=variable.device)
        super().__init__(read, [spec], name)

    def restore(self, restored_tensors, restored_shapes):
        value = restored_tensors[0]
        if restored_shapes is not None:
            value = array_ops.reshape(value, restored_shapes[0])
        with ops.device(self._device):
            value = array_ops.identity(value)
            self._shape.assert_is_compatible_with(value.shape)
            return op_library.add("AssignVariableOp", None,
                                  resource=self.handle_op, value=value)


def global_name(variable):
    """The key under which a name-based Saver saves a variable."""
    info = variable._save_slice_info
    return info.full_name if info else variable._shared_name


def saveable_object_for_variable(variable, name):
    """The variable under the key `name`."""
    info = variable._save_slice_info
    slice_spec = info.spec if info else ""
    kind = (ResourceVariableSaveable
            if isinstance(variable, variables.ResourceVariable)
            else ReferenceVariableSaveable)
    return kind(variable, slice_spec, name)
