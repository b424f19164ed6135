"""Functions over the default graph."""
import contextlib
import functools

from retrograph.framework.graph import Graph
from retrograph.framework.graph import _default_graph_stack
from retrograph.framework.operation import Operation
from retrograph.framework.operation import _as_graph_element
from retrograph.framework.tensor import Tensor


def get_default_graph() -> Graph:
    """This thread's innermost default graph, or the one of all threads."""
    return _default_graph_stack.get_default()


def has_default_graph():
    return bool(_default_graph_stack.stack)


def reset_default_graph():
    """A new default graph; AssertionError in another graph's context."""
    if not _default_graph_stack.is_cleared():
        raise AssertionError("Do not use tf.reset_default_graph() to clear "
                             "nested graphs. If you need a cleared graph, exit "
                             "the nesting and create a new graph.")
    _default_graph_stack.reset()


def executing_eagerly():
    """False: there are graphs alone."""
    return False


def executing_eagerly_outside_functions():
    return False


def inside_function():
    return False


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

    name = property(lambda self: self._name,
                    doc="The name that was given, else the default name.")

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
        @functools.wraps(function)
        def scoped(*args, **kwargs):
            with name_scope(self._name, self._default_name, self._values):
                return function(*args, **kwargs)
        return scoped


def control_dependencies(control_inputs):
    """A context: operations made in it run after these."""
    return get_default_graph().control_dependencies(control_inputs)


def device(device_name_or_function):
    """A context: operations made in it stand on this device."""
    return get_default_graph().device(device_name_or_function)


def colocate_with(op, ignore_existing=False):
    """A context: operations made in it stand on the device of `op`."""
    return get_default_graph().colocate_with(op, ignore_existing)


def container(container_name):
    """A context: resources made in it are of this container."""
    return get_default_graph().container(container_name)


@contextlib.contextmanager
def op_scope(values, name, default_name=None):
    """The `name_scope` of old, its arguments in another order."""
    with name_scope(name, default_name, values) as scope:
        yield scope


@contextlib.contextmanager
def init_scope():
    """Outside control dependencies, in the outer name and device scopes."""
    graph = get_default_graph()
    scope = graph.get_name_scope()
    with graph.name_scope(scope + "/" if scope else None):
        graph._c.enter_init_scope()
        try:
            yield
        finally:
            graph._c.exit_init_scope()


def add_to_collection(name, value):
    """Adds a value to a collection of the default graph."""
    get_default_graph().add_to_collection(name, value)


def add_to_collections(names, value):
    """Adds a value to several collections of the default graph."""
    get_default_graph().add_to_collections(names, value)


def get_collection(key, scope=None):
    """A copy of a collection of the default graph, of a scope."""
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key):
    """The collection itself, of the default graph."""
    return get_default_graph().get_collection_ref(key)


def get_all_collection_keys():
    return get_default_graph().get_all_collection_keys()


def _graph_of(item):
    if isinstance(item, (Tensor, Operation)):
        return item.graph
    element = _as_graph_element(item)
    return None if element is None else element.graph


def _graph_from_inputs(values, graph=None):
    """The graph of the values; ValueError if they are of several.

    The body of a function takes values of any graph.
    """
    if get_default_graph().building_function:
        return get_default_graph()
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
