"""Slots: variables that an optimizer keeps beside a variable."""
import contextlib

from retrograph.framework import ops
from retrograph.ops import array_ops
from retrograph.ops import init_ops
from retrograph.ops import variable_scope
from retrograph.ops import variables


def _is_variable(primary):
    return isinstance(primary, variables.Variable)


def _create_slot_var(primary, value, validate_shape, shape, dtype):
    """In the current variable scope, which is named for the slot."""
    scope = variable_scope.get_variable_scope()
    partitioner = scope.partitioner
    scope.set_partitioner(None)
    use_resource = None
    if _is_variable(primary):
        use_resource = isinstance(primary, variables.ResourceVariable)
    slot = variable_scope.get_variable(
        "", initializer=value, trainable=False, use_resource=use_resource,
        shape=shape if callable(value) else None, dtype=dtype,
        validate_shape=validate_shape)
    scope.set_partitioner(partitioner)
    info = getattr(primary, "_save_slice_info", None)
    if info is not None:
        _share_slice(primary, slot, info)
    return slot


def _share_slice(primary, slot, info):
    """The slot of a part is the same part of the whole variable's slot."""
    name = slot.name[len(primary.op.name + "/"):-2]
    rank = slot.shape.ndims
    slot._set_save_slice_info(variables.SaveSliceInfo(
        info.full_name + "/" + name, info.full_shape[:rank],
        info.var_offset[:rank], info.var_shape[:rank]))


@contextlib.contextmanager
def _slot_scope(primary, name, colocate):
    with variable_scope.variable_scope(None, primary.op.name + "/" + name):
        if not colocate:
            yield
            return
        with ops.colocate_with(primary):
            yield


def create_slot(primary, val, name, colocate_with_primary=True):
    """A slot whose first value is the tensor `val`."""
    with _slot_scope(primary, name, colocate_with_primary):
        return _create_slot_var(primary, val,
                                val.get_shape().is_fully_defined(), None, None)


def create_slot_with_initializer(primary, initializer, shape, dtype, name,
                                 colocate_with_primary=True):
    with _slot_scope(primary, name, colocate_with_primary):
        return _create_slot_var(primary, initializer,
                                shape.is_fully_defined(), shape, dtype)


def create_zeros_slot(primary, name, dtype=None, colocate_with_primary=True):
    """A slot of zeros in the primary's shape."""
    dtype = (dtype or primary.dtype).base_dtype
    shape = primary.get_shape()
    if shape.is_fully_defined():
        return create_slot_with_initializer(
            primary, init_ops.zeros_initializer(dtype), shape, dtype, name,
            colocate_with_primary)
    value = primary.initialized_value() if _is_variable(primary) else primary
    zeros = array_ops.zeros(array_ops.shape(value), dtype=dtype)
    return create_slot(primary, zeros, name, colocate_with_primary)
