"""FuncGraph: the body of a function while Python builds it."""
import contextlib

from retrograph import _core
from retrograph.framework import default_graph
from retrograph.framework import graph as graph_lib
from retrograph.framework import op_library
from retrograph.framework import tensor_shape


class FuncGraph(graph_lib.Graph):
    """A graph whose ops may take tensors of the graphs around it.

    Each such tensor becomes an argument of the function (`captures`).
    """

    building_function = True
    _building_function = True

    def __init__(self, name):
        self.outer_graph = default_graph.get_default_graph()
        super().__init__()
        self.name = name
        self.seed = self.outer_graph.seed
        self.inputs = []
        self.outputs = []
        self._trace = _core.FunctionTrace(self._c)

    @contextlib.contextmanager
    def as_default(self):
        with super().as_default():
            self._trace.enter()
            try:
                yield self
            finally:
                self._trace.exit()

    def capture(self, tensor):
        """The tensor as the body sees it."""
        return self._tensor(self._trace.capture(tensor))

    @property
    def external_captures(self):
        """The tensors outside, in the order of the arguments."""
        return [graph_lib._graphs[key]._tensor(pair)
                for key, pair in self._trace.captured()]

    def get_collection(self, name, scope=None):
        return (self.outer_graph.get_collection(name, scope) +
                super().get_collection(name, scope))

    def argument(self, dtype, shape, name):
        """A new argument of the function."""
        tensor = op_library.apply_op(
            "Placeholder", name, dtype=dtype,
            shape=tensor_shape.as_shape(shape))
        tensor.op._set_attr("_user_specified_name", _string_attr(name))
        self.inputs.append(tensor)
        return tensor

    def add_to(self, graph, name):
        """Adds the function to the library of a graph."""
        def pairs(tensors):
            return [(t.op._id, t.value_index) for t in tensors]
        self._trace.add_function(graph._c, name, pairs(self.inputs),
                                 pairs(self.outputs))

    def __str__(self):
        return "FuncGraph(name=%s, id=%s)" % (self.name, id(self))


def _string_attr(text):
    from retrograph import protos
    return protos.AttrValue(s=text.encode())


def inference_name(name):
    """The name of a function that has no gradient."""
    return "__inference_%s_%d" % (name, _core.take_unique_id())


def outermost(graph):
    """The graph around all functions that are being built."""
    while isinstance(graph, FuncGraph):
        graph = graph.outer_graph
    return graph


FuncGraph.__module__ = "tensorflow.python.framework.func_graph"
