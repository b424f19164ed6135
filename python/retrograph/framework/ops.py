"""Graph, Operation, Tensor, and the stacks of default graphs and sessions.

The graph itself is C++'s (retrograph._core.Graph); the objects here name its
parts: an Operation by its number, a Tensor by operation and index.
"""
import collections
import contextlib
import re
import threading
import weakref

import numpy as np

from retrograph import _core
from retrograph.framework import dtypes
from retrograph.framework import errors
from retrograph.framework import tensor_shape

_graphs = weakref.WeakValueDictionary()  # by the C++ graph's key


class GraphKeys:
    """Names of the standard collections."""
    GLOBAL_VARIABLES = "variables"
    LOCAL_VARIABLES = "local_variables"
    METRIC_VARIABLES = "metric_variables"
    MODEL_VARIABLES = "model_variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    SUMMARIES = "summaries"
    QUEUE_RUNNERS = "queue_runners"
    TABLE_INITIALIZERS = "table_initializer"
    ASSET_FILEPATHS = "asset_filepaths"
    MOVING_AVERAGE_VARIABLES = "moving_average_variables"
    REGULARIZATION_LOSSES = "regularization_losses"
    CONCATENATED_VARIABLES = "concatenated_variables"
    SAVERS = "savers"
    WEIGHTS = "weights"
    BIASES = "biases"
    ACTIVATIONS = "activations"
    UPDATE_OPS = "update_ops"
    LOSSES = "losses"
    SAVEABLE_OBJECTS = "saveable_objects"
    RESOURCES = "resources"
    LOCAL_RESOURCES = "local_resources"
    TRAINABLE_RESOURCE_VARIABLES = "trainable_resource_variables"
    INIT_OP = "init_op"
    LOCAL_INIT_OP = "local_init_op"
    READY_OP = "ready_op"
    READY_FOR_LOCAL_INIT_OP = "ready_for_local_init_op"
    SUMMARY_OP = "summary_op"
    GLOBAL_STEP = "global_step"
    EVAL_STEP = "eval_step"
    TRAIN_OP = "train_op"
    COND_CONTEXT = "cond_context"
    WHILE_CONTEXT = "while_context"
    VARIABLES = "variables"
    _SUMMARY_COLLECTION = "_SUMMARY_V2"
    _VARIABLE_COLLECTIONS = [GLOBAL_VARIABLES, LOCAL_VARIABLES,
                             METRIC_VARIABLES, MODEL_VARIABLES,
                             TRAINABLE_VARIABLES, MOVING_AVERAGE_VARIABLES,
                             CONCATENATED_VARIABLES,
                             TRAINABLE_RESOURCE_VARIABLES]


# ---- Tensors ----------------------------------------------------------------

class Tensor(_core.TensorBase):
    """One output of an operation: a value that a session computes."""

    __array_priority__ = 100
    OVERLOADABLE_OPERATORS = {
        "__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__",
        "__truediv__", "__rtruediv__", "__floordiv__", "__rfloordiv__",
        "__mod__", "__rmod__", "__lt__", "__le__", "__gt__", "__ge__",
        "__and__", "__rand__", "__or__", "__ror__", "__xor__", "__rxor__",
        "__getitem__", "__pow__", "__rpow__", "__invert__", "__neg__",
        "__abs__", "__matmul__", "__rmatmul__"}

    def __init__(self, op, value_index, dtype=None):
        super().__init__(op.graph._c, op._id, value_index)
        self._op = op
        self._value_index = value_index
        self._dtype = dtypes._BY_NUMBER[
            op.graph._c.output_dtype(op._id, value_index)]

    op = property(lambda self: self._op)
    graph = property(lambda self: self._op.graph)
    dtype = property(lambda self: self._dtype)
    value_index = property(lambda self: self._value_index)
    device = property(lambda self: self._op.device)

    @property
    def name(self):
        return "%s:%d" % (self._op.name, self._value_index)

    @property
    def shape(self):
        return tensor_shape._from_core(
            self.graph._c.output_shape(self._op._id, self._value_index))

    def get_shape(self):
        return self.shape

    def _shape_as_list(self):
        return self.shape._known()

    def _shape_tuple(self):
        known = self.shape._known()
        return None if known is None else tuple(known)

    def _rank(self):
        return self.shape.rank

    def set_shape(self, shape):
        """Merges `shape` into what is known; ValueError if they disagree."""
        self.graph._c.merge_output_shape(
            self._op._id, self._value_index,
            tensor_shape.as_shape(shape)._known())

    def consumers(self):
        return [op for op in self.graph.get_operations()
                if any(t is self for t in op.inputs)]

    def eval(self, feed_dict=None, session=None):
        return _eval_using_default_session(self, feed_dict, self.graph,
                                           session)

    def experimental_ref(self):
        return _Ref(self)

    def _as_graph_element(self):
        return self

    def __str__(self):
        return self._core_str()

    def __repr__(self):
        return self._core_repr()

    def __hash__(self):
        return id(self)

    def __eq__(self, other):
        return self is other

    def __ne__(self, other):
        return self is not other

    def __copy__(self):
        return self

    def __len__(self):
        raise TypeError("object of type 'Tensor' has no len()")

    def __array__(self, *args, **kwargs):
        raise NotImplementedError("Cannot convert a symbolic Tensor ({}) to a "
                                  "numpy array.".format(self.name))

    def __iter__(self):
        raise errors.OperatorNotAllowedInGraphError(
            "iterating over `tf.Tensor` is not allowed in Graph execution. Use "
            "Eager execution or decorate this function with @tf.function.")

    def __bool__(self):
        raise errors.OperatorNotAllowedInGraphError(
            "using a `tf.Tensor` as a Python `bool` is not allowed in Graph "
            "execution. Use Eager execution or decorate this function with "
            "@tf.function.")

    @staticmethod
    def _override_operator(operator, function):
        setattr(Tensor, operator, function)


class _Ref:
    """A tensor as a key: equal to the same tensor's."""

    def __init__(self, tensor):
        self._tensor = tensor

    def deref(self):
        return self._tensor

    def __eq__(self, other):
        return isinstance(other, _Ref) and self._tensor is other._tensor

    def __hash__(self):
        return id(self._tensor)


# ---- Operations -------------------------------------------------------------

class Operation:
    """A node of a graph."""

    __slots__ = ("_graph", "_id", "_name", "_type", "_outputs", "__weakref__",
                 "__dict__")

    def __init__(self, graph, op_id):
        self._graph = graph
        self._id = op_id
        self._name = None
        self._type = None
        self._outputs = None

    graph = property(lambda self: self._graph)
    _core_operation = property(lambda self: (self._graph._c, self._id))
    _original_op = None

    @property
    def name(self):
        if self._name is None:
            self._name = self._graph._c.op_name(self._id)
        return self._name

    @property
    def type(self):
        if self._type is None:
            self._type = self._graph._c.op_type(self._id)
        return self._type

    @property
    def device(self):
        return self._graph._c.op_device(self._id)

    @property
    def outputs(self):
        if self._outputs is None:
            count = self._graph._c.op_num_outputs(self._id)
            self._outputs = [Tensor(self, i) for i in range(count)]
        return self._outputs

    values = lambda self: tuple(self.outputs)
    _output_types = property(
        lambda self: [int(t.dtype) for t in self.outputs])

    @property
    def inputs(self):
        return tuple(self._graph._tensor(pair)
                     for pair in self._graph._c.op_inputs(self._id))

    @property
    def control_inputs(self):
        return [self._graph._operation(i)
                for i in self._graph._c.op_control_inputs(self._id)]

    def _get_control_flow_context(self):
        from retrograph.ops import control_flow_context
        return control_flow_context.wrap(
            _core.context_of(self._graph._c, self._id))

    _control_flow_context = property(_get_control_flow_context)

    @property
    def _control_outputs(self):
        return [op for op in self._graph.get_operations()
                if self in op.control_inputs]

    @property
    def node_def(self):
        from retrograph import protos
        return protos.NodeDef.FromString(self._graph._c.op_node_def(self._id))

    @property
    def op_def(self):
        from retrograph import protos
        definition = self._graph._c.op_def(self._id)
        return None if definition is None else protos.OpDef.FromString(
            definition)

    @property
    def traceback(self):
        """The user's frames when the operation was made, outermost first."""
        import linecache
        return [(file, line, function,
                 (linecache.getline(file, line).strip() or None))
                for file, line, function in
                self._graph._c.op_traceback(self._id)]

    def colocation_groups(self):
        return [b"loc:@" + name.encode() for name in
                self._graph._c.op_colocation_groups(self._id)]

    def get_attr(self, name):
        """The value of an attr; ValueError if there is none."""
        found = self._graph._c.op_attr(self._id, name)
        if found is None:
            raise ValueError("Operation '%s' has no attr named '%s'."
                             % (self.name, name))
        return found[0]

    def _set_attr(self, name, value):
        self._graph._c.op_set_attr(self._id, name, value.SerializeToString())

    def run(self, feed_dict=None, session=None):
        _run_using_default_session(self, feed_dict, self.graph, session)

    def _as_graph_element(self):
        return self

    def __str__(self):
        from retrograph import protos
        return protos.text(self.node_def)  # its attrs sorted by name

    def __repr__(self):
        return "<tf.Operation '%s' type=%s>" % (self.name, self.type)


# ---- Graphs -----------------------------------------------------------------

class Graph:
    """Operations, their names, scopes and collections."""

    def __init__(self):
        self._adopt(_core.Graph())

    def _adopt(self, core_graph):
        self._c = core_graph
        self._operations = []  # by id - 1, made when first asked for
        self._variables = {}   # Python's objects for C++'s variables
        self._odd_collections = {}  # those whose names are no strings
        self._lock = threading.RLock()
        _graphs[core_graph.key] = self

    # -- elements --
    def _operation(self, op_id):
        operations = self._operations
        if op_id > len(operations):
            operations.extend([None] * (op_id - len(operations)))
        op = operations[op_id - 1]
        if op is None:
            op = operations[op_id - 1] = Operation(self, op_id)
        return op

    def _tensor(self, pair):
        return None if pair is None else \
            self._operation(pair[0]).outputs[pair[1]]

    def _element(self, pair):
        if pair[1] is None:
            return self._operation(pair[0])
        return self._tensor(pair)

    def _find_operation(self, name):
        op_id = self._c.find_operation(name)
        return self._operation(op_id) if op_id else None

    def get_operations(self):
        return [self._operation(i + 1) for i in range(self._c.num_operations)]

    def get_operation_by_name(self, name):
        if not isinstance(name, str):
            raise TypeError("Operation names are strings (or similar), not %s."
                            % type(name).__name__)
        return self._operation(self._c.get_operation_by_name(name))

    def get_tensor_by_name(self, name):
        if not isinstance(name, str):
            raise TypeError("Tensor names are strings (or similar), not %s."
                            % type(name).__name__)
        return self._tensor(self._c.get_tensor_by_name(name))

    def as_graph_element(self, obj, allow_tensor=True, allow_operation=True):
        """The Tensor or Operation that `obj` is or names."""
        if allow_tensor and allow_operation:
            wanted = "Tensor or Operation"
        elif allow_tensor:
            wanted = "Tensor"
        elif allow_operation:
            wanted = "Operation"
        else:
            raise ValueError("allow_tensor and allow_operation can't both be "
                             "False.")
        converted = _as_graph_element(obj)
        if converted is not None:
            obj = converted
        if isinstance(obj, bytes):
            obj = obj.decode("utf-8")
        if isinstance(obj, str):
            return self._element(self._c.as_graph_element(
                obj, allow_tensor, allow_operation))
        kind = ("Tensor" if isinstance(obj, Tensor) and allow_tensor else
                "Operation" if isinstance(obj, Operation) and allow_operation
                else None)
        if kind is None:
            raise TypeError("Can not convert a %s into a %s."
                            % (type(obj).__name__, wanted))
        if obj.graph is not self:
            raise ValueError("%s %s is not an element of this graph."
                             % (kind, obj))
        return obj

    _as_graph_element_locked = as_graph_element

    def _get_operation_by_name_unsafe(self, name):
        return self.get_operation_by_name(name)

    def is_feedable(self, tensor):
        return self._c.is_feedable(tensor.op._id, tensor.value_index)

    def is_fetchable(self, tensor_or_op):
        op = getattr(tensor_or_op, "op", tensor_or_op)
        return self._c.is_fetchable(op._id)

    def prevent_feeding(self, tensor):
        self._c.prevent_feeding(tensor.op._id, tensor.value_index)

    def prevent_fetching(self, op):
        self._c.prevent_fetching(op._id)

    # -- building --
    def create_op(self, op_type, inputs, dtypes=None, input_types=None,
                  name=None, attrs=None, op_def=None, compute_shapes=True,
                  compute_device=True):
        """Adds a node that is spelled out: its inputs and its attrs."""
        from retrograph import protos
        node = protos.NodeDef()
        for key, value in (attrs or {}).items():
            node.attr[key].CopyFrom(value)
        for i, tensor in enumerate(inputs):
            if not isinstance(tensor, Tensor):
                raise TypeError("Input #%d is not a tensor: %s" % (i, tensor))
        with self.as_default():
            return self._operation(_core.create_op(
                self._c, op_type, list(inputs), node.SerializeToString(),
                name or op_type))

    def unique_name(self, name, mark_as_used=True):
        return self._c.unique_name(name, mark_as_used)

    def finalize(self):
        self._c.finalize()

    def _unsafe_unfinalize(self):
        self._c.unsafe_unfinalize()

    def _check_not_finalized(self):
        self._c.check_not_finalized()

    finalized = property(lambda self: self._c.finalized)
    version = property(lambda self: self._c.num_operations)
    _last_id = property(lambda self: self._c.num_operations)
    building_function = False
    _graph_key = property(lambda self: "grap-key-%d/" % self._c.key)

    @property
    def seed(self):
        return self._c.seed

    @seed.setter
    def seed(self, seed):
        self._c.seed = seed

    @property
    def graph_def_versions(self):
        from retrograph import protos
        return protos.VersionDef(producer=self._c.producer)

    # -- scopes --
    def as_default(self):
        return _default_graph_stack.get_controller(self)

    @contextlib.contextmanager
    def name_scope(self, name):
        if isinstance(name, bytes):
            name = name.decode()
        if name and not isinstance(name, str):
            raise TypeError("expected string or bytes-like object")
        scope = self._c.enter_name_scope(name or "")
        try:
            yield scope
        finally:
            self._c.exit_name_scope()

    def get_name_scope(self):
        return self._c.current_name_scope()

    @property
    def _name_stack(self):
        return self._c.current_name_scope()

    @contextlib.contextmanager
    def control_dependencies(self, control_inputs):
        ids = []
        for item in () if control_inputs is None else control_inputs:
            if hasattr(item, "_control_dependency"):
                item = item._control_dependency()
            elif not isinstance(item, (Tensor, Operation)):
                converted = _as_graph_element(item)
                item = item if converted is None else converted
            element = self.as_graph_element(item)
            op = element.op if isinstance(element, Tensor) else element
            if op._id not in ids:
                ids.append(op._id)
        self._c.enter_control_dependencies(ids, control_inputs is None)
        try:
            yield
        finally:
            self._c.exit_control_dependencies()

    @contextlib.contextmanager
    def device(self, device_name_or_function):
        device = device_name_or_function
        if callable(device) and not hasattr(device, "to_string"):
            self._c.enter_device_function(
                lambda node: _as_text(_device_of(
                    device(_PendingOperation(self, node)))))
        else:
            text = None if device is None else _device_of(device)
            if text is not None and not isinstance(text, str):
                text.split  # noqa: B018, TensorFlow's AttributeError
            self._c.enter_device(text)
        try:
            yield
        finally:
            self._c.exit_device()

    @contextlib.contextmanager
    def colocate_with(self, op, ignore_existing=False):
        if op is None and not ignore_existing:
            raise ValueError("Trying to reset colocation (op is None) but "
                             "ignore_existing is not True")
        op = _op_to_colocate_with(op, self)
        self._c.enter_colocate_with(None if op is None else op._id,
                                    ignore_existing)
        try:
            yield
        finally:
            self._c.exit_colocate_with()

    _colocate_with_for_gradient = None

    @contextlib.contextmanager
    def container(self, container_name):
        self._c.enter_container(container_name)
        try:
            yield container_name
        finally:
            self._c.exit_container()

    @contextlib.contextmanager
    def gradient_override_map(self, op_type_map):
        raise NotImplementedError("gradient_override_map is not in retrograph "
                                  "yet")

    # -- collections --
    def add_to_collection(self, name, value):
        self._c.check_not_finalized()
        if not isinstance(name, str):
            self._odd_collections.setdefault(name, []).append(value)
            return
        variable = getattr(value, "_core_variable", None)
        if variable is not None:
            self._variables[variable.key] = value
        self._c.add_to_collection(name, value)

    def add_to_collections(self, names, value):
        names = (names,) if isinstance(names, str) else set(names)
        for name in names:
            self.add_to_collection(name, value)

    def get_collection(self, name, scope=None):
        if not isinstance(name, str):
            return list(self._odd_collections.get(name, ()))
        items = [self._collection_item(item)
                 for item in self._c.get_collection(name, "")]
        if scope is None:
            return items
        matches = re.compile(scope).match
        return [item for item in items
                if hasattr(item, "name") and matches(item.name)]

    def get_collection_ref(self, name):
        return _CollectionRef(self, name)

    def _collection_item(self, item):
        kind = item[0]
        if kind == "tensor":
            return self._tensor(item[1:])
        if kind == "operation":
            return self._operation(item[1])
        if kind == "variable":
            return _wrap_variable(item[1])
        if kind == "context":
            from retrograph.ops import control_flow_context
            return control_flow_context.wrap(item[1])
        return item[1]

    def _get_control_flow_context(self):
        from retrograph.ops import control_flow_context
        return control_flow_context.wrap(_core.current_context(self._c))

    def get_all_collection_keys(self):
        return [name for name in self._c.collection_names()]

    @property
    def collections(self):
        return self.get_all_collection_keys()

    def clear_collection(self, name):
        self._c.check_not_finalized()
        self._odd_collections.pop(name, None)
        if isinstance(name, str):
            self._c.clear_collection(name)

    # -- export --
    def as_graph_def(self, from_version=None, add_shapes=False):
        from retrograph import protos
        return protos.GraphDef.FromString(
            self._c.to_graph_def(add_shapes, from_version or 0))

    def _repr_html_(self):
        return ("<b>tf.Graph</b> with %d operations" % self._c.num_operations)


class _CollectionRef(list):
    """A collection's list; what is done to it is done to the collection."""

    def __init__(self, graph, name):
        super().__init__(graph.get_collection(name))
        self._graph = graph
        self._name = name

    def _write(self):
        self._graph.clear_collection(self._name)
        for item in self:
            self._graph.add_to_collection(self._name, item)


def _writing(method):
    def changed(self, *args, **kwargs):
        result = getattr(list, method)(self, *args, **kwargs)
        self._write()
        return result
    return changed


for _method in ("append", "extend", "insert", "remove", "pop", "clear",
                "sort", "reverse", "__setitem__", "__delitem__", "__iadd__"):
    setattr(_CollectionRef, _method, _writing(_method))


class _PendingOperation:
    """What a device function sees of the operation that is being made."""

    def __init__(self, graph, node_def):
        from retrograph import protos
        self.graph = graph
        self.node_def = protos.NodeDef.FromString(node_def)
        self.name = self.node_def.name
        self.type = self.node_def.op
        self.device = self.node_def.device

    def get_attr(self, name):
        return self.node_def.attr[name]


def _device_of(device):
    if hasattr(device, "to_string"):
        return device.to_string()
    return device.decode() if isinstance(device, bytes) else device


def _as_text(value):
    if not isinstance(value, str):
        raise TypeError("Expected binary or unicode string, got %r" % (value,))
    return value


for _class in (Graph, Operation, Tensor, GraphKeys):
    _class.__module__ = "tensorflow.python.framework.ops"


def _graph_of_key(key):
    return _graphs[key]


def _wrap_variable(core_variable):
    """The Python object of a C++ variable; one object a variable."""
    from retrograph.ops import variables
    return variables._wrap(core_variable)


def _as_graph_element(obj):
    convert = getattr(obj, "_as_graph_element", None)
    return convert() if convert is not None and not isinstance(obj, type) \
        else None


# ---- Stacks of defaults -----------------------------------------------------

class _DefaultStack(threading.local):
    """A stack of default objects of one class, for each thread."""

    def __init__(self, class_name):
        super().__init__()
        self._enforce_nesting = True
        self._class_name = class_name
        self.stack = []

    def get_default(self):
        return self.stack[-1] if self.stack else None

    def reset(self):
        self.stack = []

    def is_cleared(self):
        return not self.stack

    enforce_nesting = property(
        lambda self: self._enforce_nesting,
        lambda self, value: setattr(self, "_enforce_nesting", value))

    @contextlib.contextmanager
    def get_controller(self, default):
        self.stack.append(default)
        try:
            yield default
        finally:
            # The stack may have been reset inside.
            if self.stack:
                if self._enforce_nesting:
                    if self.stack[-1] is not default:
                        raise AssertionError(
                            "Nesting violated for default stack of %s objects"
                            % type(default))
                    self.stack.pop()
                else:
                    self.stack.remove(default)


class _DefaultGraphStack(_DefaultStack):
    """Falls back to one graph for each thread, as TensorFlow's does."""

    def __init__(self, class_name):
        super().__init__(class_name)
        self._fallback = None

    def get_default(self):
        if self.stack:
            return self.stack[-1]
        if self._fallback is None:
            self._fallback = Graph()
        return self._fallback

    def reset(self):
        super().reset()
        self._fallback = None


_default_graph_stack = _DefaultGraphStack("Graph")
_default_session_stack = _DefaultStack("Session")


def get_default_graph():
    return _default_graph_stack.get_default()


def has_default_graph():
    return bool(_default_graph_stack.stack)


def reset_default_graph():
    if not _default_graph_stack.is_cleared():
        raise AssertionError("Do not use tf.reset_default_graph() to clear "
                             "nested graphs. If you need a cleared graph, exit "
                             "the nesting and create a new graph.")
    _default_graph_stack.reset()


def get_default_session():
    return _default_session_stack.get_default()


def default_session(session):
    return _default_session_stack.get_controller(session)


def executing_eagerly():
    return False


def executing_eagerly_outside_functions():
    return False


def inside_function():
    return False


def _session_for(what, method, graph, session):
    if session is None:
        session = get_default_session()
        if session is None:
            raise ValueError(
                "Cannot %s using `%s`: No default session is registered. Use "
                "`with sess.as_default()` or pass an explicit session to "
                "`%s`" % what)
        if session.graph is not graph:
            raise ValueError(
                "Cannot use the default session to %s: the %s's graph is "
                "different from the session's graph. Pass an explicit session "
                "to `%s`." % method)
    elif session.graph is not graph:
        raise ValueError(
            "Cannot use the given session to %s: the %s's graph is different "
            "from the session's graph." % method[:2])
    return session


def _eval_using_default_session(tensor, feed_dict, graph, session):
    session = _session_for(
        ("evaluate tensor", "eval()", "eval(session=sess)"),
        ("evaluate tensor", "tensor", "eval(session=sess)"), graph, session)
    return session.run(tensor, feed_dict)


def _run_using_default_session(operation, feed_dict, graph, session):
    if session is None and get_default_session() is None:
        raise ValueError(
            "Cannot execute operation using `run()`: No default session is "
            "registered. Use `with sess.as_default():` or pass an explicit "
            "session to `run(session=sess)`")
    session = _session_for(
        None, ("execute operation", "operation", "run(session=sess)"), graph,
        session)
    session.run(operation, feed_dict)


# ---- Functions over the default graph ---------------------------------------

class name_scope:  # noqa: N801, TensorFlow's name
    """with tf.name_scope(name, default_name, values) as scope: ..."""

    def __init__(self, name, default_name=None, values=None):
        self._name = default_name if name is None else name
        self._default_name = default_name
        self._values = values
        if not (default_name is None or isinstance(default_name, str)):
            raise TypeError("`default_name` type (%s) is not a string type. "
                            "You likely meant to pass this into the `values` "
                            "kwarg." % type(default_name))

    name = property(lambda self: self._name)

    def __enter__(self):
        if self._name is None and self._values is not None:
            raise ValueError("At least one of name (%s) and default_name (%s) "
                             "must be provided." % (self._name,
                                                    self._default_name))
        graph = _graph_from_inputs(self._values or ())
        self._stack = contextlib.ExitStack()
        if graph is not get_default_graph():
            self._stack.enter_context(graph.as_default())
        try:
            return self._stack.enter_context(graph.name_scope(self._name))
        except BaseException:
            self._stack.close()
            raise

    def __exit__(self, *exc_info):
        self._stack.close()

    def __call__(self, function):
        import functools

        @functools.wraps(function)
        def scoped(*args, **kwargs):
            with name_scope(self._name, self._default_name, self._values):
                return function(*args, **kwargs)
        return scoped


def control_dependencies(control_inputs):
    return get_default_graph().control_dependencies(control_inputs)


def device(device_name_or_function):
    return get_default_graph().device(device_name_or_function)


def colocate_with(op, ignore_existing=False):
    return get_default_graph().colocate_with(op, ignore_existing)


def container(container_name):
    return get_default_graph().container(container_name)


@contextlib.contextmanager
def op_scope(values, name, default_name=None):
    with name_scope(name, default_name, values) as scope:
        yield scope


@contextlib.contextmanager
def init_scope():
    """Outside control dependencies, in the outer name scope."""
    graph = get_default_graph()
    scope = graph.get_name_scope()
    with graph.name_scope(scope + "/" if scope else None), \
            graph.control_dependencies(None):
        yield


def add_to_collection(name, value):
    get_default_graph().add_to_collection(name, value)


def add_to_collections(names, value):
    get_default_graph().add_to_collections(names, value)


def get_collection(key, scope=None):
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key):
    return get_default_graph().get_collection_ref(key)


def get_all_collection_keys():
    return get_default_graph().get_all_collection_keys()


def _graph_of(item):
    if isinstance(item, (Tensor, Operation)):
        return item.graph
    element = _as_graph_element(item)
    return None if element is None else element.graph


def _graph_from_inputs(values, graph=None):
    """The graph of the values; ValueError if they are of several."""
    original = None
    for value in values:
        found = _graph_of(value)
        if found is None:
            continue
        if graph is None and original is None:
            original, graph = value, found
        elif found is not graph:
            if original is None:
                raise ValueError("%s is not from the passed-in graph."
                                 % (value,))
            raise ValueError("%s must be from the same graph as %s."
                             % (value, original))
    return graph or get_default_graph()


_get_graph_from_inputs = _graph_from_inputs


def _op_to_colocate_with(value, graph):
    if value is None or isinstance(value, Operation):
        return value
    if hasattr(value, "handle") and isinstance(value.handle, Tensor):
        return value.handle.op
    if hasattr(value, "_dense_var_to_tensor"):
        return value.op
    return convert_to_tensor(value, as_ref=True).op


def is_dense_tensor_like(value):
    return isinstance(value, Tensor) or hasattr(value, "_dense_var_to_tensor")


# ---- Conversion -------------------------------------------------------------

_conversions = []  # (priority, base types, function)


def register_tensor_conversion_function(base_type, conversion_func,
                                        priority=100):
    """Calls conversion_func(value, dtype, name, as_ref) for these types."""
    if not callable(conversion_func):
        raise TypeError("conversion_func must be callable.")
    _conversions.append((priority, base_type, conversion_func))
    _conversions.sort(key=lambda entry: entry[0])


def _registered(value):
    return [f for _, base, f in _conversions if isinstance(value, base)]


def convert_to_tensor(value, dtype=None, name=None, preferred_dtype=None,
                      dtype_hint=None, as_ref=False):
    """`value` as a Tensor of the default graph.

    Args:
      value: a Tensor, a Variable, a number, a string, a list or an array.
      dtype: what the tensor's type must be.
      name: of a new constant.
      preferred_dtype: a wish, tried first.

    Raises:
      TypeError, ValueError: with TensorFlow's texts.
    """
    preferred = dtype_hint or preferred_dtype
    if dtype is not None:
        dtype = dtypes.as_dtype(dtype)
    if isinstance(value, Tensor):
        return _checked_tensor(value, dtype)
    if preferred is not None and dtype is None:
        try:
            return _convert(value, dtypes.as_dtype(preferred), name, as_ref)
        except (TypeError, ValueError):
            pass
    return _convert(value, dtype, name, as_ref)


internal_convert_to_tensor = convert_to_tensor
convert_to_tensor_or_composite = convert_to_tensor
convert_to_tensor_or_indexed_slices = convert_to_tensor
internal_convert_to_tensor_or_indexed_slices = convert_to_tensor


def _checked_tensor(tensor, dtype):
    if dtype is not None and not dtype.is_compatible_with(tensor.dtype):
        raise ValueError(
            "Tensor conversion requested dtype %s for Tensor with dtype %s: %r"
            % (dtype.name, tensor.dtype.name, tensor))
    return tensor


def _convert(value, dtype, name, as_ref):
    from retrograph.framework import constant_op
    if isinstance(value, Operation):
        raise TypeError("Can't convert Operation '%s' to Tensor (target dtype="
                        "%r, name=%r, as_ref=%r)"
                        % (value.name, dtype, name, as_ref))
    for function in _registered(value):
        result = function(value, dtype=dtype, name=name, as_ref=as_ref)
        if result is not NotImplemented:
            return result
    if hasattr(value, "_dense_var_to_tensor"):
        result = value._dense_var_to_tensor(dtype=dtype, name=name,
                                            as_ref=as_ref)
        if result is not NotImplemented:
            return result
    return constant_op.convert(value, dtype, name)


def convert_n_to_tensor(values, dtype=None, name=None, preferred_dtype=None):
    if not isinstance(values, collections.abc.Sequence):
        raise TypeError("values must be a sequence.")
    return [convert_to_tensor(
        v, dtype, None if name is None else "%s_%d" % (name, i),
        preferred_dtype) for i, v in enumerate(values)]


internal_convert_n_to_tensor = convert_n_to_tensor


# ---- Gradients --------------------------------------------------------------

class RegisterGradient:
    """Decorator: gradients of an op type that the user writes."""
    registry = {}

    def __init__(self, op_type):
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, function):
        self.registry[self._op_type] = function
        return function


def NotDifferentiable(op_type):  # noqa: N802, TensorFlow's name
    RegisterGradient.registry[op_type] = None


NoGradient = NotDifferentiable


# ---- What the bindings call back --------------------------------------------

def _array_from_memory(memory, shape, number):
    array = np.frombuffer(memory, dtypes.carrier(number))
    return _visible_array(array, shape, number)


def _array_from_address(address, owner, shape, number):
    carrier = dtypes.carrier(number)
    interface = {"data": (address, False), "shape": tuple(shape),
                 "typestr": carrier.str, "version": 3}
    return _visible_array(np.asarray(_Memory(interface, owner)), shape, number)


class _Memory:
    """Memory of C++ for numpy; keeps its owner alive."""

    def __init__(self, interface, owner):
        self.__array_interface__ = interface
        self._owner = owner


def _visible_array(array, shape, number):
    array = array.reshape(shape)
    visible = dtypes.visible(number)
    if array.dtype != visible:
        array = array.view(visible)
    return array if array.shape else array[()]


def _object_array(values, shape):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array.reshape(shape)


def _in_graph(key, function, *args):
    """function(*args) with the graph of this key as the default."""
    graph = _graphs[key]
    if graph is get_default_graph():
        return function(*args)
    with graph.as_default():
        return function(*args)


def _convert_for_core(value, number, name, preferred, key, op_type):
    """A value as an op's argument; called while the op is being built."""
    dtype = dtypes._BY_NUMBER[number] if number else None
    preferred = dtypes._BY_NUMBER[preferred] if preferred else None
    return _in_graph(key, _convert_argument, value, dtype, name, preferred,
                     op_type)


def _convert_argument(value, dtype, name, preferred, op_type):
    try:
        return convert_to_tensor(value, dtype, name, preferred)
    except TypeError as e:
        if dtype is None or not op_type:
            raise
        raise TypeError(
            "Expected %s passed to parameter '%s' of op '%s', got %r of type "
            "'%s' instead. Error: %s" % (dtype.name, name, op_type, value,
                                         type(value).__name__, e)) from None
    except ValueError:
        if not op_type:
            raise
        # What it is by itself: the op then says that it needs another type.
        try:
            return convert_to_tensor(value)
        except ValueError as e:
            raise ValueError("Tried to convert '%s' to a tensor and failed. "
                             "Error: %s" % (name, e)) from None


def _dtype_number(value):
    try:
        return dtypes.as_dtype(value)._number
    except TypeError:
        return None


def _shape_proto(value, argument):
    from retrograph import protos
    if isinstance(value, protos.TensorShapeProto):
        return value.SerializeToString()
    try:
        return tensor_shape.as_shape(value).as_proto().SerializeToString()
    except (TypeError, ValueError) as e:
        raise type(e)("Error converting %s to a TensorShape: %s."
                      % (argument, e))


def _tensor_proto(value, argument):
    from retrograph import protos
    if isinstance(value, protos.TensorProto):
        return value.SerializeToString()
    raise TypeError("Don't know how to convert %r to a TensorProto for "
                    "argument '%s'." % (value, argument))


def _is_real(value):
    import numbers
    return isinstance(value, (numbers.Real, np.integer, np.floating))


def _message(name):
    def parse(data):
        from retrograph import protos
        return getattr(protos, name).FromString(data)
    return parse


def _install_hooks():
    import os
    import retrograph
    hooks = {
        "make_error": errors._make,
        "package_folder": os.path.dirname(retrograph.__file__) + os.sep,
        "array_from_memory": _array_from_memory,
        "array_from_address": _array_from_address,
        "object_array": _object_array,
        "convert": _convert_for_core,
        "dtype": dtypes._BY_NUMBER.__getitem__,
        "dtype_number": _dtype_number,
        "shape_proto": _shape_proto,
        "tensor_proto": _tensor_proto,
        "shape_message": _message("TensorShapeProto"),
        "tensor_message": _message("TensorProto"),
        "is_real": _is_real,
    }
    for name, hook in hooks.items():
        _core.set_hook(name, hook)


_install_hooks()
