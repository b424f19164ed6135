"""Groups, dependencies, assertions."""
from retrograph.framework import dtypes
from retrograph.framework import nest
from retrograph.framework import op_library
from retrograph.framework import ops

_gen = op_library.gen


def no_op(name=None):
    return op_library.add("NoOp", name)


def group(*inputs, **kwargs):
    """An operation that runs after all `inputs`; one NoOp a device."""
    name = kwargs.pop("name", None)
    if kwargs:
        raise ValueError("Unknown keyword arguments: " + ", ".join(kwargs))
    with ops.name_scope(name, "group_deps", nest.flatten(inputs)) as scope:
        if not inputs:
            return no_op(name=scope)
        by_device = {}
        for item in nest.flatten(inputs):
            if not hasattr(item, "device"):
                raise TypeError("Expected tf.group() expected Tensor arguments "
                                "not '%s' with type '%s'" % (item, type(item)))
            by_device.setdefault(item.device, []).append(item)
        if len(by_device) == 1:
            (device, deps), = by_device.items()
            return _group_on(device, deps, scope)
        parts = [_group_on(device, by_device[device])
                 for device in sorted(by_device)]
        with ops.control_dependencies(parts):
            return no_op(name=scope)


def _group_on(device, deps, name=None):
    with ops.control_dependencies(deps), ops.device(device):
        return no_op(name=name)


def with_dependencies(dependencies, output_tensor, name=None):
    with ops.name_scope(name, "control_dependency",
                        list(dependencies) + [output_tensor]) as scope:
        with ops.colocate_with(output_tensor), \
                ops.control_dependencies(dependencies):
            return _gen.identity(ops.convert_to_tensor(output_tensor),
                                 name=scope)


def tuple(tensors, name=None, control_inputs=None):  # noqa: A001
    """The tensors, each available only when all are."""
    with ops.name_scope(name, "tuple", tensors):
        tensors = [t if t is None or isinstance(t, (ops.Operation, ops.Tensor))
                   else ops.convert_to_tensor(t) for t in tensors]
        gating = [getattr(t, "op", t) for t in tensors if t is not None]
        for item in control_inputs or ():
            item = getattr(item, "op", item)
            if not isinstance(item, ops.Operation):
                raise TypeError("Control input must be Operation or Tensor: %s"
                                % item)
            gating.append(item)
        if not gating:
            raise ValueError("Must have at least one Tensor: %s" % tensors)
        gate = group(*sorted(set(gating), key=lambda op: op._id))
        result = []
        for t in tensors:
            if isinstance(t, ops.Tensor):
                result.append(with_dependencies([gate], t))
            elif isinstance(t, ops.Operation):
                with ops.control_dependencies([gate]):
                    result.append(group(t))
            else:
                result.append(None)
        return result


def _assert_op(condition, data, summarize, name):
    return op_library.add("Assert", name, condition=condition, data=data,
                          summarize=summarize)


def Assert(condition, data, summarize=None, name=None):  # noqa: N802
    """Fails with the values of `data` if `condition` is false."""
    with ops.name_scope(name, "Assert", [condition] + list(data)):
        tensors = ops.convert_n_to_tensor(data)
        if all(t.dtype in (dtypes.string, dtypes.int32) for t in tensors):
            return _assert_op(condition, list(data), summarize, "Assert")
        condition = ops.convert_to_tensor(condition, name="Condition")
        guarded = cond(condition, no_op,
                       lambda: _assert_op(condition, list(data), summarize,
                                          "Assert"),
                       name="AssertGuard")
        return guarded.op


def cond(pred, true_fn=None, false_fn=None, strict=False, name=None,
         fn1=None, fn2=None):
    """true_fn() if `pred` else false_fn()."""
    true_fn = true_fn if fn1 is None else fn1
    false_fn = false_fn if fn2 is None else fn2
    for function, argument in ((true_fn, "true_fn"), (false_fn, "false_fn")):
        if not callable(function):
            raise TypeError("%s must be callable." % argument)
    raise NotImplementedError("tf.cond is not in retrograph yet")

