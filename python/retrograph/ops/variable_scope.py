"""tf.variable_scope and tf.get_variable."""
from __future__ import annotations

import contextlib
import enum
import inspect
import threading
from typing import Any

from retrograph import _core
from retrograph.framework import dtypes
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.ops import init_ops
from retrograph.ops import variables
from retrograph.ops.variables import VariableAggregation
from retrograph.ops.variables import VariableSynchronization


class _ReuseMode(enum.Enum):
    AUTO_REUSE = 1


AUTO_REUSE = _ReuseMode.AUTO_REUSE


def _reuse_number(reuse):
    """None stays None; else 0 (no), 1 (yes) or 2 (as it comes)."""
    if reuse is None:
        return None
    if reuse is AUTO_REUSE:
        return 2
    return 1 if reuse else 0


def _reuse_value(number):
    return (False, True, AUTO_REUSE)[number]


def _is_value(initializer):
    return not callable(initializer) or ops.is_dense_tensor_like(initializer)


def _needs_no_arguments(function):
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return all(p.default is not p.empty or
               p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
               for p in parameters)


def _initializer_kind(initializer, shape):
    """How C++ is to use an initializer, and the initializer itself."""
    if initializer is None:
        return None, "none"
    if isinstance(initializer, type):
        initializer = initializer()
    if _is_value(initializer):
        return initializer, "value"
    known = shape is not None and tensor_shape.as_shape(
        shape).is_fully_defined()
    if not known and _needs_no_arguments(initializer):
        return initializer, "no_arguments"
    return initializer, "function"


class VariableScope:
    """The settings of a variable scope; hand it to variable_scope() to
    re-enter it."""

    def __init__(self, graph, core, live):
        self._graph = graph
        self._c = core
        self._live = live
        self._values = {}

    def _everywhere(self):
        """The settings to change: these, and those in force if it is ours."""
        yield self._c
        if self._live and get_variable_scope() is self:
            yield _core.current_variable_scope(self._graph._c)

    name = property(lambda self: self._c.name,
                    doc='Its whole name, as in "a/b"; "" for the outermost.')
    original_name_scope = property(
        lambda self: self._c.original_name_scope,
        doc='The name scope opened with it, as in "a/b/".')
    reuse = property(
        lambda self: _reuse_value(self._c.reuse),
        doc="Whether get_variable() takes what there is: a bool, or "
            "tf.AUTO_REUSE.")
    dtype = property(lambda self: dtypes._BY_NUMBER[self._c.dtype],
                     doc="The DType of variables that are given none.")
    use_resource = property(
        lambda self: self._c.use_resource,
        doc="Whether variables are resource variables; None if not said.")
    caching_device = property(
        lambda self: self._c.caching_device,
        doc="Where copies of variables are read, or None.")
    initializer = property(
        lambda self: self._values.get("initializer"),
        doc="The initializer of variables without one, or None.")
    regularizer = property(
        lambda self: self._values.get("regularizer"),
        doc="The regularizer of variables without one, or None.")
    partitioner = property(
        lambda self: self._values.get("partitioner"),
        doc="The partitioner of variables without one, or None.")
    custom_getter = property(
        lambda self: self._values.get("custom_getter"),
        doc="What get_variable() calls to get a variable, or None.")
    constraint = property(
        lambda self: self._values.get("constraint"),
        doc="The constraint of variables without one, or None.")

    def reuse_variables(self):
        """From now on get_variable() takes what there is, and makes none."""
        for scope in self._everywhere():
            scope.reuse = 1

    def set_initializer(self, initializer):
        """Sets the initializer of variables without one."""
        self._values["initializer"] = initializer
        initializer, kind = _initializer_kind(initializer, [1])
        for scope in self._everywhere():
            scope.set_initializer(initializer, kind == "function")

    def set_dtype(self, dtype):
        """Sets the DType of variables that are given none."""
        for scope in self._everywhere():
            scope.dtype = dtypes.as_dtype(dtype)._number

    def set_use_resource(self, use_resource):
        """Sets whether variables are resource variables: a bool, or None."""
        for scope in self._everywhere():
            scope.use_resource = use_resource

    def set_regularizer(self, regularizer):
        """Sets the regularizer of variables without one."""
        self._values["regularizer"] = regularizer
        for scope in self._everywhere():
            scope.set_regularizer(regularizer)

    def set_caching_device(self, caching_device):
        """Sets where copies of variables are read: a str, or None."""
        for scope in self._everywhere():
            scope.set_caching_device(caching_device)

    def set_partitioner(self, partitioner):
        """Sets the partitioner of variables without one."""
        self._values["partitioner"] = partitioner
        for scope in self._everywhere():
            scope.set_partitioner(partitioner)

    def set_custom_getter(self, custom_getter):
        """Sets what get_variable() calls to get a variable."""
        self._values["custom_getter"] = custom_getter
        for scope in self._everywhere():
            scope.set_custom_getter(custom_getter)

    def get_collection(self, name):
        """What is in a collection of the graph and in the scope, a list."""
        prefix = self.name + "/" if self.name else ""
        return ops.get_collection(name, prefix)

    def trainable_variables(self):
        """The scope's variables in TRAINABLE_VARIABLES, a list."""
        return self.get_collection(ops.GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self):
        """The scope's variables in GLOBAL_VARIABLES, a list."""
        return self.get_collection(ops.GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self):
        """The scope's variables in LOCAL_VARIABLES, a list."""
        return self.get_collection(ops.GraphKeys.LOCAL_VARIABLES)


VariableScope.__module__ = "tensorflow.python.ops.variable_scope"


class _Stacks(threading.local):
    """The entered scopes, by the graph's key."""

    def __init__(self):
        super().__init__()
        self.by_graph = {}

    def of(self, graph):
        stack = self.by_graph.get(graph._c.key)
        if stack is None:
            root = VariableScope(
                graph, _core.current_variable_scope(graph._c).copy(), True)
            stack = self.by_graph[graph._c.key] = [root]
        return stack


_stacks = _Stacks()


def get_variable_scope() -> VariableScope:
    """The current variable scope of the default graph."""
    return _stacks.of(ops.get_default_graph())[-1]


class variable_scope:  # noqa: N801, TensorFlow's name
    """with tf.variable_scope("a") as scope: ..."""

    def __init__(self, name_or_scope, default_name=None, values=None,
                 initializer=None, regularizer=None, caching_device=None,
                 partitioner=None, custom_getter=None, reuse=None, dtype=None,
                 use_resource=None, constraint=None,
                 auxiliary_name_scope=True):
        if default_name is None and name_or_scope is None:
            raise TypeError("If default_name is None then name_or_scope is "
                            "required")
        if not isinstance(auxiliary_name_scope, bool):
            raise TypeError("The auxiliary_name_scope must be `True` or "
                            "`False`, while get {}".format(
                                auxiliary_name_scope))
        self._name_or_scope = name_or_scope
        self._given = values or ()
        self._values = {
            "initializer": initializer, "regularizer": regularizer,
            "partitioner": partitioner, "custom_getter": custom_getter,
            "constraint": constraint}
        self._options = {
            "default_name": default_name, "reuse": reuse,
            "caching_device": caching_device, "dtype": dtype,
            "use_resource": use_resource,
            "auxiliary_name_scope": auxiliary_name_scope}
        self._entered = []

    def _arguments(self):
        given = self._name_or_scope
        if isinstance(given, bytes):
            given = given.decode()
        if given is not None and not isinstance(given, (str, VariableScope)):
            raise TypeError("VariableScope: name_or_scope must be a string or "
                            "VariableScope.")
        options = self._options
        initializer, kind = _initializer_kind(self._values["initializer"],
                                              [1])
        if kind == "value":  # a scope's initializer that is a value
            value = initializer
            initializer, kind = (lambda: value), "no_arguments"
        return dict(
            self._values, name=given if isinstance(given, str) else None,
            scope=given._c if isinstance(given, VariableScope) else None,
            default_name=options["default_name"],
            reuse=_reuse_number(options["reuse"]), initializer=initializer,
            initializer_kind=kind, caching_device=options["caching_device"],
            dtype=0 if options["dtype"] is None else
            dtypes.as_dtype(options["dtype"])._number,
            use_resource=options["use_resource"],
            auxiliary_name_scope=options["auxiliary_name_scope"])

    def __enter__(self):
        if self._options["reuse"] not in (None, True, False, AUTO_REUSE):
            raise ValueError("The reuse parameter must be True or False or "
                             "None.")
        graph = ops._graph_from_inputs(self._given)
        stack = contextlib.ExitStack()
        if graph is not ops.get_default_graph():
            stack.enter_context(graph.as_default())
        try:
            outer = _stacks.of(graph)
            entered = _core.enter_variable_scope(graph._c, self._arguments())
            stack.callback(entered.exit)
            scope = VariableScope(graph, entered.scope_copy(), True)
            scope._values = self._inherited(outer[-1])
            outer.append(scope)
            stack.callback(self._leave, outer, scope)
        except BaseException:
            stack.close()
            raise
        self._entered.append(stack)
        return scope

    def _inherited(self, outer):
        source = self._name_or_scope if isinstance(
            self._name_or_scope, VariableScope) else outer
        values = dict(source._values)
        values.update({k: v for k, v in self._values.items()
                       if v is not None})
        return values

    @staticmethod
    def _leave(stack, scope):
        scope._live = False
        stack.remove(scope)

    def __exit__(self, *exc_info):
        self._entered.pop().close()


def variable_op_scope(values, name_or_scope, default_name=None, **kwargs):
    """The `variable_scope` of old, its arguments in another order."""
    return variable_scope(name_or_scope, default_name, values, **kwargs)


def _arguments(name, shape, dtype, initializer, **kwargs):
    if not isinstance(name, (str, bytes)):
        raise TypeError("expected string or bytes-like object")
    if shape is not None:
        shape = tensor_shape.as_shape(shape)
    dtype = None if dtype is None else dtypes.as_dtype(dtype)
    initializer, kind = _initializer_kind(initializer, shape)
    return dict(
        kwargs, name=name, no_shape=shape is None,
        shape=None if shape is None else shape._known(),
        dtype=0 if dtype is None else dtype.base_dtype._number,
        initializer=initializer, initializer_kind=kind)


def get_variable(name: str, shape: Any = None, dtype: Any = None,
                 initializer: Any = None, regularizer: Any = None,
                 trainable: bool | None = None, collections: Any = None,
                 caching_device: Any = None, partitioner: Any = None,
                 validate_shape: bool = True, use_resource: bool | None = None,
                 custom_getter: Any = None, constraint: Any = None,
                 synchronization: Any = VariableSynchronization.AUTO,
                 aggregation: Any = VariableAggregation.NONE,
                 reuse: Any = None, _local: bool = False) -> Any:
    """The variable of this name in the current scope.

    It is a new one, or, where the scope says reuse, the one that is there.

    Parameters
    ----------
    name : str
        The scope's name is put in front of it.
    shape : TensorShape or list of int, optional
        Needed unless the initializer has one.
    dtype : DType, optional
        The scope's if there is none here, which is float32 unless it was set.
    initializer : initializer, callable, tensor or value, optional
        The scope's if there is none here, or else Glorot's uniform one for
        floats and zeros for integers and booleans.
    regularizer : callable, optional
        Of the variable; what it returns goes into REGULARIZATION_LOSSES.
    trainable : bool, optional
        Whether it goes into TRAINABLE_VARIABLES: it does if this is None.
    collections : list of str, optional
        Where else to put it than into GLOBAL_VARIABLES.
    partitioner : callable, optional
        From a shape and a dtype to the number of parts in each dimension.
    use_resource : bool, optional
        Whether it is a resource variable.
    custom_getter : callable, optional
        Called instead, with the true getter as its first argument.
    constraint : callable, optional
        Applied to the value after an optimizer changed it.

    Returns
    -------
    Variable, or PartitionedVariable if there is a partitioner

    Raises
    ------
    ValueError
        If it exists and the scope does not say reuse, or the other way round;
        if the shape is missing or not that of the one that is there.
    """
    if partitioner is not None and not callable(partitioner):
        raise ValueError("Partitioner must be callable, but received: %s"
                         % partitioner)
    if custom_getter is not None and not callable(custom_getter):
        raise ValueError("Passed a custom_getter which is not callable: %s"
                         % custom_getter)
    graph = ops.get_default_graph()
    core = _core.get_variable(graph._c, _arguments(
        name, shape, dtype, initializer, regularizer=regularizer,
        trainable=trainable,
        collections=None if collections is None else list(collections),
        caching_device=caching_device, partitioner=partitioner,
        validate_shape=validate_shape, use_resource=use_resource,
        custom_getter=custom_getter, constraint=constraint,
        synchronization=variables._number(
            synchronization, VariableSynchronization, "synchronization", name),
        aggregation=variables._number(aggregation, VariableAggregation,
                                      "aggregation", name),
        reuse=_reuse_number(reuse)), _local)
    variable = variables._wrap(core)
    if constraint is not None:
        variable._constraint = constraint
    return variable


def get_local_variable(name, *args, **kwargs):
    """As `get_variable`, in the collection of local variables, not trained."""
    return get_variable(name, *args, _local=True, **kwargs)


# ---- Partitioners -----------------------------------------------------------

def fixed_size_partitioner(num_shards, axis=0):
    """A partitioner: so many shards along an axis."""
    def partitioner(shape, **unused):
        partitions = [1] * len(shape)
        partitions[axis] = min(num_shards, shape.dims[axis].value)
        return partitions
    return partitioner


def variable_axis_size_partitioner(max_shard_bytes, axis=0,
                                   bytes_per_string_element=16,
                                   max_shards=None):
    """A partitioner: as few shards as have at most `max_shard_bytes` bytes.

    ValueError for numbers that are not positive.
    """
    import math
    if max_shard_bytes < 1 or bytes_per_string_element < 1:
        raise ValueError("Both max_shard_bytes and bytes_per_string_element "
                         "must be positive.")
    if max_shards and max_shards < 1:
        raise ValueError("max_shards must be positive.")

    def partitioner(shape, dtype):
        if not isinstance(shape, tensor_shape.TensorShape):
            raise ValueError("shape is not a TensorShape: %s" % shape)
        if not shape.is_fully_defined():
            raise ValueError("shape is not fully defined: %s" % shape)
        if not isinstance(dtype, dtypes.DType):
            raise ValueError("dtype is not a DType: %s" % dtype)
        element = bytes_per_string_element if dtype.base_dtype == \
            dtypes.string else dtype.size
        partitions = [1] * shape.ndims
        slice_bytes = element * (shape.num_elements() /
                                 shape.dims[axis].value)
        slices = max(1, math.floor(max_shard_bytes / slice_bytes))
        shards = math.ceil(shape.dims[axis].value / slices)
        if max_shards:
            shards = min(max_shards, shards)
        partitions[axis] = shards
        return partitions
    return partitioner


def min_max_variable_partitioner(max_partitions=1, axis=0,
                                 min_slice_size=256 << 10,
                                 bytes_per_string_element=16):
    """A partitioner: shards of `min_slice_size` bytes, up to a limit."""
    import math

    def partitioner(shape, dtype):
        if axis >= len(shape):
            raise ValueError("Can not partition variable along axis %d when "
                             "shape is only %s" % (axis, shape))
        dtype = dtypes.as_dtype(dtype)
        element = bytes_per_string_element if dtype.base_dtype == \
            dtypes.string else dtype.size
        parts = max(1, math.ceil(shape.num_elements() * element /
                                 min_slice_size))
        partitions = [1] * len(shape)
        partitions[axis] = max(1, min(shape.dims[axis].value, max_partitions,
                                      parts))
        return partitions
    return partitioner


# ---- What the bindings call back --------------------------------------------

def _call_shape_initializer(function, key, shape, number, info):
    dtype = dtypes._BY_NUMBER[number]

    def call():
        partition = None if info is None else init_ops._PartitionInfo(*info)
        value = function(shape, dtype=dtype, partition_info=partition)
        return ops.convert_to_tensor(value, name="initial_value")
    return ops._in_graph(key, call)


def _call_partitioner(function, shape, number):
    partitions = function(shape=tensor_shape.TensorShape(shape),
                          dtype=dtypes._BY_NUMBER[number])
    if not isinstance(partitions, (list, tuple)):
        raise ValueError("Partitioner must return a sequence, but saw: %s"
                         % partitions)
    return list(partitions)


def _call_custom_getter(function, inner, options):
    """Calls a user's getter; what it changes goes down to C++."""
    if not callable(function):
        raise ValueError("Passed a custom_getter which is not callable: %s"
                         % function)
    plain = {
        "name": options["name"],
        "shape": tensor_shape._from_core(options["shape"])
        if options["has_shape"] else None,
        "dtype": dtypes._BY_NUMBER[options["dtype"]] if options["dtype"]
        else dtypes.float32,
        "initializer": None, "regularizer": None,
        "reuse": None if options["reuse"] is None
        else _reuse_value(options["reuse"]),
        "trainable": options["trainable"],
        "collections": options["collections"],
        "caching_device": options["caching_device"], "partitioner": None,
        "validate_shape": options["validate_shape"],
        "use_resource": options["use_resource"], "constraint": None,
        "synchronization": VariableSynchronization(
            options["synchronization"]),
        "aggregation": VariableAggregation(options["aggregation"])}

    def getter(name, *args, **kwargs):
        names = ["shape", "dtype", "initializer", "regularizer", "reuse",
                 "trainable", "collections", "caching_device", "partitioner",
                 "validate_shape", "use_resource"]
        kwargs.update(zip(names, args))
        kwargs["name"] = name
        changes = {k: v for k, v in kwargs.items()
                   if k in plain and v is not plain[k]}
        if "shape" in changes:
            changes["shape"] = tensor_shape.as_shape(
                changes["shape"])._known()
        if "dtype" in changes:
            changes["dtype"] = dtypes.as_dtype(changes["dtype"])._number
        if "reuse" in changes:
            changes["reuse"] = _reuse_number(changes["reuse"])
        if "initializer" in changes:
            value, kind = _initializer_kind(changes["initializer"],
                                            kwargs.get("shape"))
            changes.update(initializer=value, initializer_kind=kind)
        return variables._wrap(inner(changes))

    result = function(getter=getter, **plain)
    core = getattr(result, "_core_variable", None)
    return core if core is not None else getattr(result, "_core_partitioned")


_core.set_hook("call_shape_initializer", _call_shape_initializer)
_core.set_hook("call_partitioner", _call_partitioner)
_core.set_hook("call_custom_getter", _call_custom_getter)
