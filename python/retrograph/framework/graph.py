"""Graph: operations, their names, scopes and collections."""
from __future__ import annotations

import collections
import contextlib
import re
import threading
import weakref
from typing import TYPE_CHECKING, Any

from retrograph import _core
from retrograph import protos
from retrograph.framework import display
from retrograph.framework import wrappers
from retrograph.framework.collection_ref import _CollectionRef
from retrograph.framework.conversion import _op_to_colocate_with
from retrograph.framework.default_session import _DefaultStack
from retrograph.framework.operation import Operation
from retrograph.framework.operation import _as_graph_element
from retrograph.framework.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrograph.proto.graph_pb2 import GraphDef

_graphs = weakref.WeakValueDictionary()  # by the C++ graph's key


class Graph:
    """Operations, their names, scopes and collections.

    A graph only grows. A program builds one by default, `get_default_graph`;
    `as_default` makes another the default one for a while.
    """

    def __init__(self) -> None:
        self._adopt(_core.Graph())

    def _adopt(self, core_graph):
        self._c = core_graph
        self._operations = []  # by id - 1, made when first asked for
        self._variables = {}   # Python's objects for C++'s variables
        self._asked_collections = {}  # by get_collection_ref
        self._odd_collections = {}  # those whose names are no strings
        self._override_scopes = []  # [ops that are done, the user's map]
        self._device_scopes = threading.local()  # how many are entered
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

    def get_operations(self) -> list[Operation]:
        """All operations, in the order in which they were made."""
        return [self._operation(i + 1) for i in range(self._c.num_operations)]

    def get_operation_by_name(self, name: str) -> Operation:
        """The operation of this name.

        Raises
        ------
        TypeError
            If the name is no string.
        KeyError
            If there is no such operation.
        ValueError
            If it is the name of a tensor.
        """
        if not isinstance(name, str):
            raise TypeError("Operation names are strings (or similar), not %s."
                            % type(name).__name__)
        return self._operation(self._c.get_operation_by_name(name))

    def get_tensor_by_name(self, name: str) -> Tensor:
        """The tensor of this name, as in "x:0".

        Raises
        ------
        TypeError
            If the name is no string.
        KeyError
            If there is no such tensor.
        ValueError
            If it is not the name of a tensor.
        """
        if not isinstance(name, str):
            raise TypeError("Tensor names are strings (or similar), not %s."
                            % type(name).__name__)
        return self._tensor(self._c.get_tensor_by_name(name))

    def as_graph_element(self, obj, allow_tensor=True, allow_operation=True):
        """The Tensor or Operation that `obj` is or names."""
        if allow_tensor and isinstance(obj, Tensor) and obj.graph is self:
            return obj
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
        """Whether runs may feed this tensor."""
        return self._c.is_feedable(tensor.op._id, tensor.value_index)

    def is_fetchable(self, tensor_or_op):
        """Whether runs may fetch this tensor or operation."""
        op = getattr(tensor_or_op, "op", tensor_or_op)
        return self._c.is_fetchable(op._id)

    def prevent_feeding(self, tensor):
        """From now on runs must not feed this tensor."""
        self._c.prevent_feeding(tensor.op._id, tensor.value_index)

    def prevent_fetching(self, op):
        """From now on runs must not fetch this operation."""
        self._c.prevent_fetching(op._id)

    # -- building --
    def create_op(self, op_type, inputs, dtypes=None, input_types=None,
                  name=None, attrs=None, op_def=None, compute_shapes=True,
                  compute_device=True):
        """Adds a node that is spelled out: its inputs and its attrs."""
        node = protos.NodeDef()
        for key, value in (attrs or {}).items():
            node.attr[key].CopyFrom(value)
        for i, tensor in enumerate(inputs):
            if not isinstance(tensor, Tensor):
                raise TypeError("Input #%d is not a tensor: %s" % (i, tensor))
        with self.as_default():
            return self._operation(_core.create_op(
                self._c, op_type, list(inputs), node.SerializeToString(),
                self._node_name(name, op_type)))

    def _node_name(self, name, default_name):
        """What C++ is to call a node: there, "" means the default name.

        Here None means that, and "" is a name that no node may have; a second
        such node would be called "_1", which none may either.
        """
        if name is None:
            return default_name
        if name == "":
            with self.name_scope(None):
                raise ValueError("'%s' is not a valid node name"
                                 % self.unique_name(""))
        return name

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """The name, or the name with "_1", "_2", ..., that is not used yet.

        The current name scope is put in front of it.
        """
        return self._c.unique_name(name, mark_as_used)

    def finalize(self) -> None:
        """Forbids changes: they raise RuntimeError from now on."""
        self._c.finalize()

    def _unsafe_unfinalize(self):
        self._c.unsafe_unfinalize()

    def _check_not_finalized(self):
        self._c.check_not_finalized()

    @property
    def finalized(self) -> bool:
        """Whether changes are forbidden."""
        return self._c.finalized

    @property
    def version(self) -> int:
        """A number that grows with every operation."""
        return self._c.num_operations

    _last_id = _version = property(lambda self: self._c.num_operations)
    _nodes_by_id = property(
        lambda self: {op._id: op for op in self.get_operations()})
    _nodes_by_name = property(
        lambda self: {op.name: op for op in self.get_operations()})
    _finalized = property(lambda self: self.finalized)
    _seed = property(lambda self: self.seed)
    building_function = _building_function = False
    _graph_key = property(lambda self: "grap-key-%d/" % self._c.key)

    @property
    def seed(self) -> int | None:
        """The seed of random ops that `tf.set_random_seed` sets, or None."""
        return self._c.seed

    @seed.setter
    def seed(self, seed):
        self._c.seed = seed

    @property
    def graph_def_versions(self):
        """The VersionDef of GraphDefs of this graph."""
        return protos.VersionDef(producer=self._c.producer)

    # -- scopes --
    def as_default(self) -> contextlib.AbstractContextManager[Graph]:
        """A context manager in which it is this thread's default graph."""
        return _default_graph_stack.get_controller(self)

    @contextlib.contextmanager
    def name_scope(self, name: Any) -> Iterator[str]:
        """A context manager in which names of new operations begin with name/.

        Its value is the scope's name with the "/". A name that ends with "/"
        enters that scope as it is; None or "" leaves all scopes.

        Raises
        ------
        ValueError
            If the name is not one that a scope may have.
        """
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
        """The name scope that is open, without a slash at its end."""
        return self._c.current_name_scope()

    @property
    def _name_stack(self):
        return self._c.current_name_scope()

    @contextlib.contextmanager
    def control_dependencies(self, control_inputs: Any) -> Iterator[None]:
        """A context manager in which new operations wait for these.

        Parameters
        ----------
        control_inputs : list of Operation or Tensor, or None
            None lifts what surrounding ones ask for.

        Raises
        ------
        TypeError
            If one is no Operation or Tensor.
        """
        ids = []
        for item in () if control_inputs is None else control_inputs:
            if hasattr(item, "_control_dependency"):
                item = item._control_dependency()
            elif not isinstance(item, (Tensor, Operation)):
                converted = _as_graph_element(item)
                item = item if converted is None else converted
            element = self.as_graph_element(item)
            op = element.op if isinstance(element, Tensor) else element
            ids.append(op._id)
        self._c.enter_control_dependencies(ids, control_inputs is None)
        try:
            yield
        finally:
            self._c.exit_control_dependencies()

    @contextlib.contextmanager
    def device(self, device_name_or_function):
        """A context: operations made in it stand on this device."""
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
        depth = getattr(self._device_scopes, "depth", 0)
        self._device_scopes.depth = depth + 1
        try:
            yield
        finally:
            self._device_scopes.depth = depth
            self._c.exit_device()

    def _in_device_scope(self):
        return getattr(self._device_scopes, "depth", 0) > 0

    @contextlib.contextmanager
    def colocate_with(self, op, ignore_existing=False):
        """A context: operations made in it stand on the device of `op`."""
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
        """A context: resources made in it are of this container."""
        self._c.enter_container(container_name)
        try:
            yield container_name
        finally:
            self._c.exit_container()

    @contextlib.contextmanager
    def gradient_override_map(self, op_type_map):
        """New ops of the types named get these gradient functions."""
        if not isinstance(op_type_map, dict):
            raise TypeError("op_type_map must be a dictionary mapping "
                            "strings to strings")
        for op_type, mapped_op_type in op_type_map.items():
            if not isinstance(op_type, str) or \
                    not isinstance(mapped_op_type, str):
                raise TypeError("op_type_map must be a dictionary mapping "
                                "strings to strings")
        scope = [self._c.num_operations, op_type_map]
        self._override_scopes.append(scope)
        try:
            yield
        finally:
            self._apply_gradient_overrides()
            self._override_scopes.remove(scope)

    def _apply_gradient_overrides(self):
        """Marks the ops made since the scopes began; inner scopes first."""
        count = self._c.num_operations
        marked = set()
        for scope in reversed(self._override_scopes):
            first, names = scope
            for op_id in range(first + 1, count + 1):
                name = names.get(self._operation(op_id).type)
                if name is None or op_id in marked:
                    continue
                marked.add(op_id)
                self._operation(op_id)._set_attr(
                    "_gradient_op_type", protos.AttrValue(s=name.encode()))
        for scope in self._override_scopes:
            scope[0] = count

    # -- collections --
    def add_to_collection(self, name: Any, value: Any) -> None:
        """Adds a value to a collection, even if it is there already."""
        self._c.check_not_finalized()
        if not isinstance(name, str):
            self._odd_collections.setdefault(name, []).append(value)
            return
        variable = getattr(value, "_core_variable", None)
        if variable is not None:
            self._variables[variable.key] = value
        self._c.add_to_collection(name, value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        """Adds a value to each of several collections."""
        names = (names,) if isinstance(names, str) else set(names)
        for name in names:
            self.add_to_collection(name, value)

    def get_collection(self, name: Any, scope: str | None = None) -> list:
        """A copy of a collection; [] if there is none of this name.

        Parameters
        ----------
        name : str
        scope : str, optional
            A regular expression: only what has a name that begins like it.
        """
        if not isinstance(name, str):
            return list(self._odd_collections.get(name, ()))
        items = [self._collection_item(item) if type(item) is tuple else item
                 for item in self._c.get_collection(name, self._variables)]
        if scope is None:
            return items
        matches = re.compile(scope).match
        return [item for item in items
                if hasattr(item, "name") and matches(item.name)]

    def get_collection_ref(self, name: Any) -> Any:
        """The collection itself: changes to this list change it."""
        if isinstance(name, str):
            self._asked_collections[name] = None
        return _CollectionRef(self, name)

    def _collection_item(self, item):
        kind = item[0]
        if kind == "tensor":
            return self._tensor(item[1:])
        if kind == "operation":
            return self._operation(item[1])
        if kind == "variable":
            return wrappers.wrap("variable", item[1])
        if kind == "context":
            return wrappers.wrap("context", item[1])
        return item[1]

    def _get_control_flow_context(self):
        return wrappers.wrap("context", _core.current_context(self._c))

    def get_all_collection_keys(self) -> list[str]:
        """The names of the collections that there are."""
        names = list(self._c.collection_names())
        # One that was only asked for is there, too, and empty.
        return names + [n for n in self._asked_collections if n not in names]

    @property
    def collections(self):
        """The names of the collections."""
        return self.get_all_collection_keys()

    def clear_collection(self, name: Any) -> None:
        """Empties a collection."""
        self._c.check_not_finalized()
        self._odd_collections.pop(name, None)
        if isinstance(name, str):
            self._asked_collections.pop(name, None)
            self._c.clear_collection(name)

    # -- export --
    def as_graph_def(self, from_version: int | None = None,
                     add_shapes: bool = False) -> GraphDef:
        """The graph as a message.

        Parameters
        ----------
        from_version : int, optional
            Only what was added since the graph had this `version`.
        add_shapes : bool
            Whether nodes get the attr `_output_shapes`.
        """
        return protos.GraphDef.FromString(
            self._c.to_graph_def(add_shapes, from_version or 0))

    def __repr__(self):
        return "<tf.Graph of %s>" % display.counted(
            self._c.num_operations, "operation")

    def _repr_html_(self):
        variables = [(v.name, v.dtype.base_dtype.name, v.shape)
                     for v in self.get_collection("variables")
                     if hasattr(v, "initializer")]
        types = collections.Counter(op.type for op in self.get_operations())
        return display.table(
            display.counted(self._c.num_operations, "operation"),
            ["op", "count"], types.most_common()) + display.table(
                display.counted(len(variables), "variable"),
                ["variable", "dtype", "shape"], variables)


class _PendingOperation:
    """What a device function sees of the operation that is being made."""

    def __init__(self, graph, node_def):
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


Graph.__module__ = "tensorflow.python.framework.ops"


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

    @contextlib.contextmanager
    def get_controller(self, default):
        # C++ keeps the device scopes for init_scope().
        default._c.push_default()
        try:
            with super().get_controller(default):
                yield default
        finally:
            default._c.pop_default()

    def reset(self):
        super().reset()
        self._fallback = None


_default_graph_stack = _DefaultGraphStack("Graph")
