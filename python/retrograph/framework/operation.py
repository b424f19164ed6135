"""Operation: a node of a graph.

The graph itself is C++'s (retrograph._core.Graph); an Operation names a part
of it by its number, a Tensor by operation and index.
"""
from __future__ import annotations

import linecache
from typing import TYPE_CHECKING, Any

from retrograph import _core
from retrograph import protos
from retrograph.compat import bytes_text
from retrograph.framework import wrappers
from retrograph.framework.default_session import _run_using_default_session
from retrograph.framework.tensor import Tensor

if TYPE_CHECKING:
    from retrograph.framework.graph import Graph
    from retrograph.proto.node_def_pb2 import NodeDef
    from retrograph.proto.op_def_pb2 import OpDef


class Operation:
    """A node of a graph: it takes tensors and computes tensors."""

    __slots__ = ("_graph", "_id", "_name", "_type", "_outputs", "__weakref__",
                 "__dict__")

    def __init__(self, graph, op_id):
        self._graph = graph
        self._id = op_id
        self._name = None
        self._type = None
        self._outputs = None

    @property
    def graph(self) -> Graph:
        """The graph that it is part of."""
        return self._graph

    _core_operation = property(lambda self: (self._graph._c, self._id))
    _original_op = None

    @property
    def name(self) -> str:
        """Its name, which no other operation of the graph has."""
        if self._name is None:
            self._name = self._graph._c.op_name(self._id)
        return self._name

    @property
    def type(self) -> str:
        """The name of its op, as in "MatMul"."""
        if self._type is None:
            self._type = self._graph._c.op_type(self._id)
        return self._type

    @property
    def device(self) -> str:
        """The device that was asked for; may be ""."""
        return self._graph._c.op_device(self._id)

    @property
    def outputs(self) -> list[Tensor]:
        """The tensors that it computes."""
        if self._outputs is None:
            count = self._graph._c.op_num_outputs(self._id)
            self._outputs = [Tensor(self, i) for i in range(count)]
        return self._outputs

    def values(self):
        """The tensors that it computes, as a tuple."""
        return tuple(self.outputs)

    _output_types = property(
        lambda self: [int(t.dtype) for t in self.outputs])
    _input_types = property(
        lambda self: [t.dtype.base_dtype for t in self.inputs])

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """The tensors that it takes."""
        return tuple(self._graph._tensor(pair)
                     for pair in self._graph._c.op_inputs(self._id))

    @property
    def control_inputs(self) -> list[Operation]:
        """The operations that must have run before it does."""
        return [self._graph._operation(i)
                for i in self._graph._c.op_control_inputs(self._id)]

    def _get_control_flow_context(self):
        return wrappers.wrap(
            "context", _core.context_of(self._graph._c, self._id))

    _control_flow_context = property(_get_control_flow_context)

    _control_inputs = control_inputs
    _id_value = property(lambda self: self._id)

    @property
    def _is_stateful(self):
        return self.op_def.is_stateful

    @property
    def _control_outputs(self):
        return [op for op in self._graph.get_operations()
                if self in op.control_inputs]

    @property
    def node_def(self) -> NodeDef:
        """A copy of its NodeDef."""
        return protos.NodeDef.FromString(self._graph._c.op_node_def(self._id))

    _node_def = node_def

    @property
    def op_def(self) -> OpDef | None:
        """The definition of its op; None if that is not known."""
        definition = self._graph._c.op_def(self._id)
        return None if definition is None else protos.OpDef.FromString(
            definition)

    _op_def = op_def

    @property
    def traceback(self) -> list[tuple[str, int, str, str | None]]:
        """The user's frames when the operation was made, outermost first."""
        return [(file, line, function,
                 (linecache.getline(file, line).strip() or None))
                for file, line, function in
                self._graph._c.op_traceback(self._id)]

    def colocation_groups(self) -> list[bytes]:
        """The names of the operations that it must share a device with."""
        return [b"loc:@" + name.encode() for name in
                self._graph._c.op_colocation_groups(self._id)]

    def get_attr(self, name: str) -> Any:
        """The value of an attr.

        Returns
        -------
        int, float, bool, bytes, DType, TensorShapeProto, TensorProto or
        NameAttrList, or a list of such

        Raises
        ------
        ValueError
            If the operation has no attr of this name.
        """
        found = self._graph._c.op_attr(self._id, name)
        if found is None:
            raise ValueError("Operation '%s' has no attr named '%s'."
                             % (self.name, name))
        return found[0]

    def _set_attr(self, name, value):
        self._graph._c.op_set_attr(self._id, name, value.SerializeToString())

    def _set_list_attr(self, name, **items):
        self._set_attr(name, protos.AttrValue(
            list=protos.AttrValue.ListValue(**items)))

    def _set_func_attr(self, name, func_name):
        self._set_attr(name, protos.AttrValue(
            func=protos.NameAttrList(name=func_name)))

    def _set_type_list_attr(self, name, types):
        if types:
            self._set_list_attr(name, type=[t.as_datatype_enum
                                            for t in types])

    def _set_shape_list_attr(self, name, shapes):
        self._set_list_attr(name, shape=[s.as_proto() for s in shapes])

    # -- changes, for code that rewires graphs; a session that has run the
    # operation may go on as before --
    def _set_device(self, device):
        self._set_device_from_string(
            bytes_text.as_str(getattr(device, "to_string", lambda: device)()))

    def _set_device_from_string(self, device):
        self._graph._c.op_set_device(self._id, device)

    def _update_input(self, index, tensor):
        """Makes a tensor of the same graph the input of this number."""
        if not isinstance(tensor, Tensor):
            raise TypeError("tensor must be a Tensor: %s" % tensor)
        if tensor.graph is not self._graph:
            raise ValueError("%s must be from the same graph as %s."
                             % (tensor, self))
        self._graph._c.op_update_input(self._id, index, tensor)

    def _add_control_input(self, op):
        self._add_control_inputs([op])

    def _add_control_inputs(self, ops):
        for op in ops:
            if not isinstance(op, Operation):
                raise TypeError("op must be an Operation: %s" % op)
            if op.graph is not self._graph:
                raise ValueError("%s must be from the same graph as %s."
                                 % (op, self))
            self._graph._c.op_add_control_input(self._id, op._id)

    def _remove_all_control_inputs(self):
        self._graph._c.op_remove_control_inputs(self._id)

    def run(self, feed_dict: dict | None = None, session: Any = None) -> None:
        """Runs it in a session, or in the default one.

        Raises
        ------
        ValueError
            If there is no session, or it is of another graph.
        tf.errors.OpError
            What `Session.run` raises.
        """
        _run_using_default_session(self, feed_dict, self.graph, session)

    def _as_graph_element(self):
        return self

    def __str__(self):
        return protos.text(self.node_def)  # its attrs sorted by name

    def __repr__(self):
        return "<tf.Operation '%s' type=%s>" % (self.name, self.type)


Operation.__module__ = "tensorflow.python.framework.ops"


def _as_graph_element(obj):
    convert = getattr(obj, "_as_graph_element", None)
    return convert() if convert is not None and not isinstance(obj, type) \
        else None
