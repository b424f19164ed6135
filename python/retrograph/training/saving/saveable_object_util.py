"""Saveable objects of variables, and what C++ is told of others."""
from retrograph import _core
from retrograph.framework import dtypes
from retrograph.framework import nest
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import variables
from retrograph.training.saving import saveable_object

_VALUE = "VARIABLE_VALUE"  # the attribute of an object that is its value


def set_cpu0(device_string):
    """The same machine's CPU 0."""
    return _core.cpu0_of(device_string)


class ReferenceVariableSaveable(saveable_object.SaveableObject):
    """A ref variable, or a slice of one."""

    def __init__(self, var, slice_spec, name):
        self._core = _core.VariableSaveable(False, var, slice_spec, name)
        spec = saveable_object.SaveSpec(var, slice_spec, name,
                                        dtype=var.dtype)
        super().__init__(var, [spec], name)

    def restore(self, restored_tensors, restored_shapes):
        return _restore_variable(self._core, restored_tensors,
                                 restored_shapes).outputs[0]


class ResourceVariableSaveable(saveable_object.SaveableObject):
    """A resource variable, a read of one, or a slice."""

    def __init__(self, var, slice_spec, name):
        if not isinstance(var, (ops.Tensor, variables.ResourceVariable)):
            raise ValueError("Saveable is neither a resource variable nor a "
                             "read operation. Got: %s" % repr(var))
        self._core = _core.VariableSaveable(True, var, slice_spec, name)
        tensor = var
        if isinstance(var, ops.Tensor):
            self.handle_op = var.op.inputs[0]
        else:
            self.handle_op = var.handle
            tensor = self._read
        spec = saveable_object.SaveSpec(tensor, slice_spec, name,
                                        dtype=var.dtype, device=var.device)
        super().__init__(var, [spec], name)

    def _read(self):
        graph = ops.get_default_graph()
        return graph._tensor(self._core.tensor(graph._c))

    def restore(self, restored_tensors, restored_shapes):
        return _restore_variable(self._core, restored_tensors,
                                 restored_shapes)


def _restore_variable(core, tensors, shapes):
    shape = None
    if shapes is not None:
        shape = shapes[0]
        if not isinstance(shape, ops.Tensor):
            shape = tensor_shape.as_shape(shape)._known()
    graph = ops.get_default_graph()
    tensor = ops.convert_to_tensor(tensors[0])
    return graph._operation(core.restore(graph._c, tensor, shape))


def global_name(variable):
    """The key under which a name-based Saver saves a variable."""
    info = variable._save_slice_info
    return info.full_name if info else variable._shared_name


def saveable_object_for_variable(variable, name):
    """The variable under the key `name`."""
    info = variable._save_slice_info
    kind = (ResourceVariableSaveable
            if isinstance(variable, variables.ResourceVariable)
            else ReferenceVariableSaveable)
    return kind(variable._graph_element, info.spec if info else "", name)


# ---- As the binding takes it ------------------------------------------------

def object_entry(saveable, key=None):
    specs = [(spec, spec.slice_spec, spec.name,
              dtypes.as_dtype(spec.dtype).base_dtype._number,
              spec.device or "") for spec in saveable.specs]
    return key, "object", saveable, saveable.name, specs, saveable.op


def _entry(key, value):
    """One thing of a var_list."""
    if isinstance(value, variables.Variable):
        return key, "variable", value._core_variable
    if isinstance(value, variables.PartitionedVariable):
        return key, "partitioned", value._core_partitioned
    if isinstance(value, saveable_object.SaveableObject):
        return object_entry(value, key)
    if not isinstance(value, ops.Tensor):
        value = ops.convert_to_tensor(value, as_ref=True)
    return key, "tensor", value


def _slices(key, parts):
    for part in parts:
        if not isinstance(part, variables.Variable):
            raise ValueError("Slices must all be Variables: %s" % part)
    return key, "slices", [part._core_variable for part in parts]


def _is_trackable(value):
    """An object, such as a table, that says itself what it saves."""
    return hasattr(value, "_gather_saveables_for_checkpoint") and \
        not isinstance(value, (variables.Variable,
                               variables.PartitionedVariable))


def _dict_entries(items):
    for name, value in items:
        if not isinstance(name, str):
            raise TypeError(
                "names_to_saveables must be a dict mapping string names to "
                "trackable operations. Name is not a string: %s" % name)
        if isinstance(value, (list, tuple)):
            yield _slices(name, value)
        elif _is_trackable(value):
            found = value._gather_saveables_for_checkpoint()
            for attribute, factory in found.items():
                full_name = name if attribute == _VALUE else \
                    "%s_%s" % (name, attribute)
                yield _entry(name, factory(full_name) if callable(factory)
                             else factory)
        else:
            yield _entry(name, value)


def _list_entries(items):
    for value in items:
        value.name  # noqa: B018, by which TensorFlow sorts: AttributeError
        if _is_trackable(value):
            for factory in value._gather_saveables_for_checkpoint().values():
                yield _entry(None, factory() if callable(factory) else factory)
        else:
            yield _entry(None, value)


def entries(var_list):
    """(what C++ takes, whether it is a dict) of a var_list."""
    if isinstance(var_list, dict):
        items = sorted(var_list.items(), key=lambda item: item[0])
        return list(_dict_entries(items)), True
    if not isinstance(var_list, (list, tuple, set)):
        raise TypeError("Variables to save should be passed in a dict or a "
                        "list: %s" % var_list)
    return list(_list_entries(var_list)), False


def wrap(graph, saveable):
    """The Python object of a saveable that C++ hands out."""
    if not isinstance(saveable, tuple):
        return saveable
    is_resource, source, slice_spec, name, key = saveable
    source = graph._tensor(source) if isinstance(source, tuple) else \
        variables._wrap(source)
    cls = ResourceVariableSaveable if is_resource else \
        ReferenceVariableSaveable
    wrapped = cls(source, slice_spec, name)
    wrapped.specs[0].name = key
    return wrapped


# ---- TensorFlow's functions -------------------------------------------------

def op_list_to_dict(op_list, convert_variable_to_tensor=True):
    """The things of a list by the names that they are saved under."""
    if not isinstance(op_list, (list, tuple, set)):
        raise TypeError("Variables to save should be passed in a dict or a "
                        "list: %s" % op_list)
    op_list = list(op_list)
    result = {}
    for name, places in _core.names_of_list(list(_list_entries(op_list))):
        found = [op_list[place] for place in places]
        first = found[0]
        if not isinstance(first, variables.Variable):
            result[name] = first
        elif first._save_slice_info:
            result[name] = found
        else:
            result[name] = first._graph_element \
                if convert_variable_to_tensor else first
    return result


def validate_and_slice_inputs(names_to_saveables):
    """The SaveableObjects of a var_list, in the order they are saved in."""
    graph = ops.get_default_graph()
    return [wrap(graph, saveable) for saveable in
            _core.validate_and_slice_inputs(*entries(names_to_saveables))]


def saveable_objects_for_op(op, name):
    """The SaveableObjects of one thing under a name."""
    yield from validate_and_slice_inputs({name: op})


# ---- What the binding calls back --------------------------------------------

def _spec_tensor(key, spec):
    def tensor():
        found = spec.tensor
        if isinstance(found, (ops.Tensor, variables.Variable)):
            return found
        return ops.convert_to_tensor(found)
    return ops._in_graph(key, tensor)


def _operation_ids(result):
    """The operations among what a user's function returned, as numbers."""
    ids = []
    for item in nest.flatten(result):
        if not hasattr(item, "device"):
            raise TypeError("Expected tf.Tensor, tf.Operation or a nested "
                            "structure of them, got %r" % (item,))
        ids.append(getattr(item, "op", item)._id)
    return ids


def _restore(key, saveable, tensors, shapes):
    def restore():
        graph = ops.get_default_graph()
        if shapes is None:
            target = None
        else:
            target = [tensor_shape._from_core(known) if tensor is None
                      else graph._tensor(tensor) for tensor, known in shapes]
        return _operation_ids(saveable.restore(
            [graph._tensor(pair) for pair in tensors], target))
    return ops._in_graph(key, restore)


def all_saveables():
    return entries(variables._all_saveable_objects())[0]


_core.set_hook("spec_tensor", _spec_tensor)
_core.set_hook("restore_saveable", _restore)
