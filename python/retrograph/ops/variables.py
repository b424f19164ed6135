"""tf.Variable, its two kinds, and operations on sets of variables."""
from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from retrograph import _core
from retrograph.framework import dtypes
from retrograph.framework import op_library
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.framework import wrappers
from retrograph.ops import array_ops
from retrograph.training.tracking import base as tracking

if TYPE_CHECKING:
    from retrograph.framework.operators import Operators
else:
    Operators = object  # array_ops and math_ops set them

_gen = op_library.gen
_MODULE = "tensorflow.python.ops.variables"


class VariableSynchronization(enum.Enum):
    """When replicas' copies of a variable are brought together."""
    AUTO, NONE, ON_WRITE, ON_READ = range(4)


class VariableAggregation(enum.Enum):
    """How replicas' copies of a variable become one."""
    NONE, SUM, MEAN, ONLY_FIRST_REPLICA = range(4)


class _VariableMeta(type):
    """tf.Variable(...) makes a RefVariable or a ResourceVariable."""

    def __call__(cls, *args, **kwargs):
        if cls.__dict__.get("_makes_itself"):
            kind = cls._use_resource
            return _create(*args, _kind=kind, **kwargs)
        if cls is Variable:
            return _create(*args, **kwargs)
        return super().__call__(*args, **kwargs)


def _number(value, enumeration, what, name):
    if value is None:
        return 0
    try:
        return enumeration(value).value
    except ValueError:
        raise ValueError("Invalid variable %s mode: %s for variable: %s"
                         % (what, value, name)) from None


def _create(initial_value=None, trainable=None, collections=None,
            validate_shape=True, caching_device=None, name=None,
            variable_def=None, dtype=None, expected_shape=None,
            import_scope=None, constraint=None, use_resource=None,
            synchronization=VariableSynchronization.AUTO,
            aggregation=VariableAggregation.NONE, shape=None, _kind=None,
            distribute_strategy=None):
    graph = ops.get_default_graph()
    if _kind is not None:
        use_resource = _kind
    if variable_def is not None:
        if initial_value is not None:
            raise ValueError("variable_def and initial_value are mutually "
                             "exclusive.")
        assert type(variable_def).__name__ == "VariableDef"
        return Variable.from_proto(variable_def, import_scope)
    if initial_value is None:
        raise ValueError("initial_value must be specified.")
    if collections is not None and not isinstance(collections,
                                                  (list, tuple, set)):
        raise ValueError(
            "collections argument to Variable constructor must be a list, "
            "tuple, or set. Got %s of type %s" % (collections,
                                                  type(collections)))
    if constraint is not None and not callable(constraint):
        raise ValueError("The `constraint` argument must be a callable.")
    if isinstance(initial_value, type):
        initial_value = initial_value()
    initializer = None
    if callable(initial_value) and not ops.is_dense_tensor_like(
            initial_value):
        initializer, initial_value = initial_value, None
    elif ops.is_dense_tensor_like(initial_value):
        ops._graph_from_inputs([initial_value], graph)
    dtype = None if dtype is None else dtypes.as_dtype(dtype)
    core = _core.create_variable(graph._c, {
        "initial_value": initial_value,
        "initializer": initializer,
        "trainable": trainable,
        "collections": None if collections is None else list(collections),
        "validate_shape": bool(validate_shape),
        "caching_device": caching_device,
        "name": graph._node_name(name, ""),
        "dtype": 0 if dtype is None else dtype.base_dtype._number,
        "no_shape": shape is None,
        "shape": tensor_shape.as_shape(shape)._known(),
        "use_resource": use_resource,
        "constraint": constraint,
        "synchronization": _number(synchronization, VariableSynchronization,
                                   "synchronization", name),
        "aggregation": _number(aggregation, VariableAggregation,
                               "aggregation", name),
    })
    variable = _wrap(core)
    variable._constraint = constraint
    return variable


def _wrap(core):
    """The Python object of a C++ variable: always the same one."""
    if core is None:
        return None
    if isinstance(core, _core.PartitionedVariable):
        return _wrap_partitioned(core)
    graph = ops._graphs[core.graph_key]
    variable = graph._variables.get(core.key)
    if variable is None:
        cls = ResourceVariable if core.is_resource else RefVariable
        variable = object.__new__(cls)
        variable._core_variable = core
        variable._graph = graph
        variable._constraint = None
        graph._variables[core.key] = variable
    return variable


wrappers.register("variable", _wrap)


class Variable(tracking.Trackable, Operators, metaclass=_VariableMeta):
    """A value that a session keeps between runs.

    It has one once its `initializer` has run, or a saver restored it. As an
    input of operations it is its value.

    Parameters
    ----------
    initial_value : tensor, value, or callable without arguments
        What the initializer sets it to.
    trainable : bool, optional
        Whether it goes into TRAINABLE_VARIABLES: it does if this is None.
    collections : list of str, optional
        Where to put it; GLOBAL_VARIABLES if there is none here.
    validate_shape : bool
        Whether the shape of the initial value is the variable's for good.
    caching_device : str or callable, optional
        Where a copy of it is read.
    name : str, optional
        A number is added if it is taken.
    variable_def : VariableDef, optional
        Its ops are in the graph already, and none are added.
    dtype : DType, optional
        What the initial value is converted to.
    import_scope : str, optional
        The scope of the ops of `variable_def`.
    constraint : callable, optional
        Applied to the value after an optimizer changed it.
    use_resource : bool, optional
        Whether it is a resource variable.
    synchronization : VariableSynchronization
    aggregation : VariableAggregation
    shape : TensorShape or list, optional
        Its shape, where that is not the initial value's.

    Raises
    ------
    ValueError
        If there is no initial value, or its shape is not known and should be.
    """

    __array_priority__ = 100

    if TYPE_CHECKING:  # the metaclass makes it
        def __init__(self, initial_value: Any = None,
                     trainable: bool | None = None, collections: Any = None,
                     validate_shape: bool = True, caching_device: Any = None,
                     name: str | None = None, variable_def: Any = None,
                     dtype: Any = None, expected_shape: Any = None,
                     import_scope: str | None = None, constraint: Any = None,
                     use_resource: bool | None = None,
                     synchronization: VariableSynchronization = ...,
                     aggregation: VariableAggregation = ...,
                     shape: Any = None) -> None: ...

    # -- what it is --
    graph = property(lambda self: self._graph, doc="The graph that it is in.")
    constraint = property(
        lambda self: self._constraint,
        doc="What an optimizer applies to its value, or None.")

    @property
    def name(self) -> str:
        """The name of its op, with ":0"."""
        return self._core_variable.name

    @property
    def device(self) -> str:
        """The device that was asked for; may be ""."""
        return self._core_variable.device

    @property
    def trainable(self) -> bool:
        """Whether it was made to be trained."""
        return self._core_variable.trainable

    @property
    def op(self) -> ops.Operation:
        """The operation that holds it, VariableV2 or VarHandleOp."""
        return self._graph._operation(self._core_variable.op)

    @property
    def shape(self) -> tensor_shape.TensorShape:
        """What is known of its shape before anything runs."""
        return tensor_shape._from_core(self._core_variable.shape)

    def get_shape(self):
        """The static shape, a TensorShape."""
        return self.shape

    def set_shape(self, shape):
        """Says more of the shape than is known."""
        self._handle_or_ref().set_shape(shape)
        self.value().set_shape(shape)

    @property
    def initializer(self) -> Any:
        """The operation that gives it its initial value."""
        op_id = self._core_variable.initializer
        if self._core_variable.initializer_is_tensor:
            return self._graph._tensor((op_id, 0))
        return self._graph._operation(op_id) if op_id else None

    @property
    def initial_value(self) -> ops.Tensor:
        """The tensor that the initializer sets it to."""
        return self._graph._tensor(self._core_variable.initial_value)

    synchronization = property(
        lambda self: VariableSynchronization(
            self._core_variable.synchronization),
        doc="When replicas' copies are brought together.")
    aggregation = property(
        lambda self: VariableAggregation(self._core_variable.aggregation),
        doc="How replicas' copies become one.")

    @property
    def _shared_name(self):
        return self.name[:self.name.index(":")]

    def _unique_id(self):
        return self._shared_name

    @property
    def _save_slice_info(self):
        info = self._core_variable.save_slice_info
        return None if info is None else SaveSliceInfo(*info[:4])

    def _get_save_slice_info(self):
        return self._save_slice_info

    def _set_save_slice_info(self, info):
        self._core_variable.set_save_slice_info(
            info.full_name, list(info.full_shape), list(info.var_offset),
            list(info.var_shape))

    # -- its value --
    def _tensor(self, pair):
        return self._graph._tensor(pair)

    def value(self) -> ops.Tensor:
        """The tensor that operations take when they take the variable."""
        return self._tensor(self._core_variable.value())

    def read_value(self) -> ops.Tensor:
        """A new tensor that reads it, after the control dependencies."""
        return self._tensor(self._core_variable.read_value())

    def initialized_value(self) -> ops.Tensor:
        """Its value, or, where it has none yet, its initial value."""
        return self._tensor(self._core_variable.initialized_value())

    def is_initialized(self, name: str | None = None) -> ops.Tensor:
        """A boolean tensor: whether it has a value."""
        return self._tensor(self._core_variable.is_initialized(name or ""))

    def eval(self, session: Any = None) -> Any:
        """Its value in a session, or in the default one; see `Tensor.eval`."""
        return self._graph_element.eval(session=session)

    @property
    def _graph_element(self):
        return self._tensor(self._core_variable.graph_element)

    def _as_graph_element(self):
        return self._graph_element

    def _handle_or_ref(self):
        return self._tensor(self._core_variable.handle)

    def _dense_var_to_tensor(self, dtype=None, name=None, as_ref=False):
        if dtype is not None and not dtype.is_compatible_with(self.dtype):
            raise ValueError(
                "Incompatible type conversion requested to type '%s' for "
                "variable of type '%s'" % (dtype.name, self.dtype.name))
        return self._handle_or_ref() if as_ref else self.value()

    def load(self, value: Any, session: Any = None) -> None:
        """Gives it a value in a session, without adding an op.

        Raises
        ------
        ValueError
            If there is no session, or the value has another shape.
        """
        session = session or ops.get_default_session()
        if session is None:
            raise ValueError("Either session argument should be provided or "
                             "default session should be established")
        session.run(self.initializer, {self.initializer.inputs[1]: value})

    # -- changes --
    def _changed(self, pair, read_value):
        tensor = self._tensor(pair)
        return tensor if read_value else tensor.op

    def assign(self, value: Any, use_locking: bool = False,
               name: str | None = None, read_value: bool = True) -> Any:
        """Adds an op that sets it.

        Parameters
        ----------
        value : tensor or value
            Of the variable's dtype and, unless its shape is not validated,
            its shape.
        use_locking : bool
        name : str, optional
        read_value : bool
            Whether to return the new value and not the operation.

        Returns
        -------
        Tensor, or Operation

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        return self._changed(self._core_variable.assign(
            value, name or "", bool(use_locking)), read_value)

    def assign_add(self, delta: Any, use_locking: bool = False,
                   name: str | None = None, read_value: bool = True) -> Any:
        """Adds an op that adds to it; see `assign`."""
        return self._changed(self._core_variable.assign_add(
            delta, name or "", bool(use_locking)), read_value)

    def assign_sub(self, delta: Any, use_locking: bool = False,
                   name: str | None = None, read_value: bool = True) -> Any:
        """Adds an op that subtracts from it; see `assign`."""
        return self._changed(self._core_variable.assign_sub(
            delta, name or "", bool(use_locking)), read_value)

    def count_up_to(self, limit):
        """Counts up by 1, gives what it was; OutOfRangeError at `limit`."""
        return op_library.apply_op("CountUpTo", ref=self, limit=limit)

    def sparse_read(self, indices, name=None):
        """The rows at indices, int32 or int64."""
        return _gen.gather_v2(self, indices, 0, name=name)

    def _gather_saveables_for_checkpoint(self):
        return {tracking.VARIABLE_VALUE_KEY: self}

    # -- messages --
    def to_proto(self, export_scope=None):
        """The VariableDef; None if it is not in the scope."""
        from retrograph import protos
        proto = protos.VariableDef.FromString(
            self._core_variable.to_proto(export_scope or ""))
        return proto if proto.variable_name else None

    @staticmethod
    def from_proto(variable_def, import_scope=None):
        """The variable that a VariableDef names in the default graph."""
        return _wrap(_core.variable_from_proto(
            ops.get_default_graph()._c, variable_def.SerializeToString(),
            import_scope or ""))

    def experimental_ref(self):
        """A key for dicts and sets, equal to this variable's alone."""
        return ops._Ref(self)

    def __repr__(self):
        return self._core_variable.repr

    def __hash__(self):
        return id(self)

    def __eq__(self, other):
        return self is other

    def __ne__(self, other):
        return self is not other

    def __iter__(self):
        raise TypeError("'Variable' object is not iterable.")

    def __getitem__(self, slice_spec):
        return array_ops._slice_helper(self.value(), slice_spec, self)


class RefVariable(Variable):
    """A variable whose op outputs a reference (VariableV2)."""
    _makes_itself, _use_resource = True, False

    @property
    def dtype(self):
        return dtypes._BY_NUMBER[self._core_variable.dtype]._ref

    def _ref(self):
        return self._handle_or_ref()

    _variable = property(_ref)

    @property
    def _snapshot(self):
        return self._tensor(self._core_variable.snapshot)

    def _scatter(self, op_type, sparse_delta, name):
        return op_library.apply_op(op_type, name, ref=self,
                                   indices=sparse_delta.indices,
                                   updates=sparse_delta.values)


class ResourceVariable(Variable):
    """A variable behind a handle (VarHandleOp)."""
    _makes_itself, _use_resource = True, True

    @property
    def dtype(self):
        return dtypes._BY_NUMBER[self._core_variable.dtype]

    @property
    def handle(self):
        return self._handle_or_ref()

    def __bool__(self):
        return bool(self.read_value())  # adds the read, and then raises

    @property
    def create(self):
        return self.initializer

    def _control_dependency(self):
        return self.op

    def _changed(self, pair, read_value=True):
        read = self._tensor(pair)
        # After those of the scopes around it.
        update = read.op.control_inputs[-1]
        return _UnreadVariable(self, update, read)

    def _changed_only(self, op_type, value, name):
        """A change without a read after it."""
        value = ops.convert_to_tensor(value, self.dtype)
        if op_type == "AssignVariableOp":
            self.shape.assert_is_compatible_with(value.shape)
        return op_library.add(op_type, name, resource=self.handle, value=value)

    def assign(self, value, use_locking=None, name=None, read_value=True):
        if not read_value:
            return self._changed_only("AssignVariableOp", value, name)
        return super().assign(value, use_locking, name)

    def assign_add(self, delta, use_locking=None, name=None, read_value=True):
        if not read_value:
            return self._changed_only("AssignAddVariableOp", delta, name)
        return super().assign_add(delta, use_locking, name)

    def assign_sub(self, delta, use_locking=None, name=None, read_value=True):
        if not read_value:
            return self._changed_only("AssignSubVariableOp", delta, name)
        return super().assign_sub(delta, use_locking, name)

    def _lazy_read(self, update):
        """The variable as it is after an update."""
        with ops.control_dependencies([update]):
            read = op_library.apply_op("ReadVariableOp", resource=self.handle,
                                       dtype=self.dtype)
        return _UnreadVariable(self, update, read)

    def sparse_read(self, indices, name=None):
        with ops.name_scope("Gather" if name is None else name) as scope:
            value = op_library.apply_op(
                "ResourceGather", scope, resource=self.handle,
                indices=indices, dtype=self.dtype)
        return array_ops.identity(value)


class _UnreadVariable:
    """A resource variable after an update: to read it is to wait for that."""

    __array_priority__ = 100

    def __init__(self, variable, update, read):
        self._parent = variable
        self._parent_op = update
        self._graph_element = read

    def __getattr__(self, name):
        return getattr(self._parent, name)

    name = property(lambda self: self._parent_op.name)
    op = property(lambda self: self._parent_op)
    _core_variable = None

    def _control_dependency(self):
        return self._parent_op

    def value(self):
        with ops.control_dependencies([self._parent_op]):
            return op_library.apply_op("ReadVariableOp",
                                       resource=self._parent.handle,
                                       dtype=self._parent.dtype)

    read_value = value

    def __bool__(self):
        return bool(self.read_value())

    def eval(self, session=None):
        return self._graph_element.eval(session=session)

    def _as_graph_element(self):
        return self._graph_element

    def _dense_var_to_tensor(self, dtype=None, name=None, as_ref=False):
        if dtype is not None and not dtype.is_compatible_with(self.dtype):
            raise ValueError(
                "Incompatible type conversion requested to type '%s' for "
                "variable of type '%s'" % (dtype.name, self.dtype.name))
        return self.value()

    def __repr__(self):
        return "<tf.Variable '%s' shape=%s dtype=%s>" % (
            self.name, self.shape, self.dtype.name)

    def __getitem__(self, slice_spec):
        return array_ops._slice_helper(self.value(), slice_spec, self)


for _class, _module in ((Variable, _MODULE), (RefVariable, _MODULE),
                        (ResourceVariable,
                         "tensorflow.python.ops.resource_variable_ops")):
    _class.__module__ = _module


def _overload_operators():
    """v + x is v.value() + x, and so on."""
    def overload(operator):
        def method(self, *args):
            return getattr(ops.Tensor, operator)(self.value(), *args)
        return method
    for operator in ops.Tensor.OVERLOADABLE_OPERATORS:
        if operator != "__getitem__":
            setattr(Variable, operator, overload(operator))
            setattr(_UnreadVariable, operator, overload(operator))


_overload_operators()


class SaveSliceInfo:
    """Where a partition lies in the whole variable."""

    def __init__(self, full_name=None, full_shape=None, var_offset=None,
                 var_shape=None, save_slice_info_def=None, import_scope=None):
        self.full_name = full_name
        self.full_shape = full_shape
        self.var_offset = var_offset
        self.var_shape = var_shape

    @property
    def spec(self):
        return " ".join(str(d) for d in self.full_shape) + " " + ":".join(
            "%d,%d" % pair for pair in zip(self.var_offset, self.var_shape))


Variable.SaveSliceInfo = SaveSliceInfo


class PartitionedVariable:
    """A variable in parts along one axis; iterate over it for the parts."""

    name = property(lambda self: self._core_partitioned.name)
    _name = name

    @property
    def dtype(self):
        return self._variable_list[0].dtype.base_dtype

    @property
    def shape(self):
        return tensor_shape._from_core(self._core_partitioned.shape)

    def get_shape(self):
        return self.shape

    @property
    def graph(self):
        return self._variable_list[0].graph

    @property
    def _variable_list(self):
        return [_wrap(part) for part in self._core_partitioned.parts]

    @property
    def _partitions(self):
        return self._core_partitioned.partitions

    def _get_variable_list(self):
        return self._variable_list

    def _get_partitions(self):
        return self._partitions

    def __iter__(self):
        return iter(self._variable_list)

    def __len__(self):
        return len(self._variable_list)

    def as_tensor(self):
        graph = ops.get_default_graph()
        return graph._tensor(self._core_partitioned.as_tensor(graph._c))

    def _dense_var_to_tensor(self, dtype=None, name=None, as_ref=False):
        if dtype is not None and not dtype.is_compatible_with(self.dtype):
            raise ValueError(
                "Incompatible type conversion requested to type '%s' for "
                "variable of type '%s'" % (dtype.name, self.dtype.name))
        if as_ref:
            self._not_a_reference()
        return self.as_tensor()

    def _not_a_reference(self):
        raise NotImplementedError("PartitionedVariable doesn't support being "
                                  "used as a reference.")

    def assign(self, value, use_locking=False, name=None, read_value=True):
        return self._change("assign", value, use_locking, name, read_value)

    def assign_add(self, value, use_locking=False, name=None, read_value=True):
        return self._change("assign_add", value, use_locking, name, read_value)

    def assign_sub(self, value, use_locking=False, name=None, read_value=True):
        return self._change("assign_sub", value, use_locking, name, read_value)

    def _partition_axes(self):
        return [i for i, count in enumerate(self._partitions)
                if count > 1] or [0]

    def _values_of_parts(self, value):
        axes = self._partition_axes()
        if len(axes) > 1:
            raise NotImplementedError(
                "Cannot do assign action along more than one dimension: %s.  "
                "Multi-axis partition assign action is not supported " % axes)
        if isinstance(value, list):
            assert len(value) == len(self)
            return value
        if isinstance(value, PartitionedVariable):
            return list(value)
        return array_ops.split(
            value, [v.shape.as_list()[axes[0]] for v in self], axis=axes[0])

    def _change(self, method, value, use_locking, name, read_value):
        values = self._values_of_parts(value)
        # One for each part, so too few values are an IndexError.
        results = [getattr(v, method)(values[i], use_locking, name, read_value)
                   for i, v in enumerate(self)]
        return results if read_value else [r.op for r in results]


PartitionedVariable.__module__ = _MODULE
_partitioned = {}


def _wrap_partitioned(core):
    found = _partitioned.get(core.key)
    if found is None or found._core_partitioned is not core:
        found = PartitionedVariable()
        found._core_partitioned = core
        _partitioned[core.key] = found
    return found


# ---- Sets of variables ------------------------------------------------------

def _collection(key):
    def variables(scope=None):
        return ops.get_collection(key, scope)
    variables.__doc__ = (
        "The default graph's collection %r: a list of Variables.\n\n"
        "`scope`: of those whose names a regular expression matches." % key)
    return variables


global_variables = _collection(ops.GraphKeys.GLOBAL_VARIABLES)
local_variables = _collection(ops.GraphKeys.LOCAL_VARIABLES)
model_variables = _collection(ops.GraphKeys.MODEL_VARIABLES)
moving_average_variables = _collection(
    ops.GraphKeys.MOVING_AVERAGE_VARIABLES)
all_variables = global_variables


def _all_saveable_objects(scope=None):
    """What a Saver handles if it is told nothing."""
    return (ops.get_collection(ops.GraphKeys.GLOBAL_VARIABLES, scope) +
            ops.get_collection(ops.GraphKeys.SAVEABLE_OBJECTS, scope))


def trainable_variables(scope=None):
    """The variables that optimizers train, of a scope."""
    return ops.get_collection(ops.GraphKeys.TRAINABLE_VARIABLES, scope)


def variables_initializer(var_list, name="init"):
    """One operation that initialises the variables."""
    from retrograph.ops import control_flow_ops
    if not var_list:
        return control_flow_ops.no_op(name=name)
    var_list = list(var_list)
    graph = _graph_of_all(var_list)
    if graph is not None and name and isinstance(name, str):
        return graph._operation(_core.variables_initializer(
            graph._c, [v._core_variable for v in var_list], name))
    return control_flow_ops.group(*[v.initializer for v in var_list],
                                  name=name)


def _graph_of_all(var_list):
    """The graph, if all are variables of one and none is of a user's class."""
    kinds = (RefVariable, ResourceVariable)
    graphs = {v._graph if type(v) in kinds else None for v in var_list}
    return graphs.pop() if len(graphs) == 1 else None


def global_variables_initializer():
    """An Operation that gives all global variables their first values."""
    return variables_initializer(global_variables())


def local_variables_initializer():
    """An Operation that gives all local variables their first values."""
    return variables_initializer(local_variables())


initialize_variables = variables_initializer
initialize_all_variables = global_variables_initializer
initialize_local_variables = local_variables_initializer


def report_uninitialized_variables(var_list=None,
                                   name="report_uninitialized_variables"):
    """The names of the variables that have no value yet."""
    graph = ops.get_default_graph()
    variables = None if var_list is None else [v._core_variable
                                               for v in var_list]
    return graph._tensor(_core.report_uninitialized_variables(
        graph._c, variables, name))


def assert_variables_initialized(var_list=None):
    """A tensor whose evaluation fails if a variable has no value."""
    if var_list is None:
        var_list = global_variables() + local_variables()
        if not var_list:  # ops of variables that are in no collection
            var_list = [
                op.outputs[0] for op in ops.get_default_graph().get_operations()
                if op.type in ("Variable", "VariableV2", "AutoReloadVariable")]
    if not var_list:
        return None
    ranks = []
    for variable in var_list:
        with ops.colocate_with(variable.op):
            ranks.append(array_ops.rank_internal(variable, optimize=False))
    return ranks[0] if len(ranks) == 1 else array_ops.stack(ranks)


def is_variable_initialized(variable):
    """Whether a variable has a value, a bool Tensor."""
    from retrograph.ops import state_ops
    return state_ops.is_variable_initialized(variable)


# ---- What the bindings call back --------------------------------------------

def _pair(tensor):
    return (tensor.op._id, tensor.value_index)


def _call_initializer(function, key):
    """A callable initial value, as a tensor."""
    def call():
        return ops.convert_to_tensor(function(), name="initial_value")
    return ops._in_graph(key, call)


def _call_with_tensor(function, pair):
    tensor = ops.get_default_graph()._tensor(pair)
    result = function(tensor)
    return None if result is None else ops.convert_to_tensor(result)


def _call_with_variable(function, core, key):
    def call():
        result = function(_wrap(core))
        return None if result is None else ops.convert_to_tensor(result)
    return ops._in_graph(key, call)


_core.set_hook("call_initializer", _call_initializer)
_core.set_hook("call_with_variable", _call_with_variable)
_core.set_hook("call_with_tensor", _call_with_tensor)
