"""The contexts of cond and while_loop, as collections and ops hand them out."""
from retrograph import _core
from retrograph import protos
from retrograph.framework import ops
from retrograph.framework import wrappers


class ControlFlowContext:
    """A branch of a cond or a loop. The contexts themselves are C++'s."""

    _field = None  # of ControlFlowContextDef
    _message = None

    def __init__(self, core):
        self._core_context = core

    name = property(lambda self: self._core_context.name)

    @property
    def outer_context(self):
        return wrap(self._core_context.outer)

    _outer_context = outer_context

    def Enter(self):  # noqa: N802, TensorFlow's name
        self._core_context.enter()

    def Exit(self):  # noqa: N802
        self._core_context.exit()

    def IsWhileContext(self):  # noqa: N802
        return self._core_context.is_while

    def IsCondContext(self):  # noqa: N802
        return not self._core_context.is_while

    def GetWhileContext(self):  # noqa: N802
        context = self
        while context is not None and not context.IsWhileContext():
            context = context.outer_context
        return context

    def to_proto(self, export_scope=None):
        """The CondContextDef or WhileContextDef; None outside of the scope."""
        written = self._core_context.to_proto(export_scope or "")
        if written is None:
            return None
        outer = protos.module("control_flow").ControlFlowContextDef
        return getattr(outer.FromString(written), self._field)

    @classmethod
    def from_proto(cls, context_def, import_scope=None):
        """The context again, in the default graph, which has its ops."""
        outer = protos.module("control_flow").ControlFlowContextDef()
        getattr(outer, cls._field).CopyFrom(context_def)
        return wrap(_core.context_from_proto(
            ops.get_default_graph()._c, outer.SerializeToString(),
            import_scope or ""))

    def _tensor(self, name):
        return ops._graphs[self._core_context.graph_key].get_tensor_by_name(
            name)

    def __eq__(self, other):
        return (isinstance(other, ControlFlowContext) and
                self._core_context is other._core_context)

    def __hash__(self):
        return hash(id(self._core_context))

    def __str__(self):
        return self.name


class CondContext(ControlFlowContext):
    """One branch of a cond."""

    _field = "cond_ctxt"
    pred = property(lambda self: self._tensor(self.to_proto().pred_name))
    pivot = property(lambda self: self._tensor(self.to_proto().pivot_name))
    branch = property(lambda self: self.to_proto().branch)

    def GetControlPivot(self):  # noqa: N802
        return self.pivot


class WhileContext(ControlFlowContext):
    """A while_loop."""

    _field = "while_ctxt"
    pivot = property(lambda self: self._tensor(self.to_proto().pivot_name))
    parallel_iterations = property(
        lambda self: self.to_proto().parallel_iterations)
    back_prop = property(lambda self: self.to_proto().back_prop)
    swap_memory = property(lambda self: self.to_proto().swap_memory)

    @property
    def maximum_iterations(self):
        name = self.to_proto().maximum_iterations_name
        return self._tensor(name) if name else None

    @property
    def loop_enters(self):
        return [self._tensor(n) for n in self.to_proto().loop_enter_names]

    @property
    def loop_exits(self):
        return [self._tensor(n) for n in self.to_proto().loop_exit_names]


def wrap(core):
    """Python's object for a context of C++."""
    if core is None:
        return None
    return (WhileContext if core.is_while else CondContext)(core)


wrappers.register("context", wrap)
