"""The global step."""
from retrograph import _core
from retrograph.framework import graph_io
from retrograph.framework import ops
from retrograph.ops import variables

write_graph = graph_io.write_graph

GLOBAL_STEP_READ_KEY = "global_step_read_op_cache"


def global_step(sess, global_step_tensor):
    """The global step's value in a session, as an int."""
    return int(sess.run(global_step_tensor))


def get_global_step(graph=None):
    """The graph's global step, a variable or tensor, or None."""
    graph = graph or ops.get_default_graph()
    found = _core.find_global_step(graph._c)
    if found is None:
        return None
    step = graph._collection_item(found)
    assert_global_step(step)
    return step


def assert_global_step(global_step_tensor):
    """TypeError unless the tensor is an integer scalar variable."""
    if not isinstance(global_step_tensor, (variables.Variable, ops.Tensor)):
        raise TypeError("Existing \"global_step\" must be a Variable or "
                        "Tensor: %s." % global_step_tensor)
    _core.assert_global_step(global_step_tensor)


def create_global_step(graph=None):
    """A new global step; ValueError if there is one."""
    graph = graph or ops.get_default_graph()
    get_global_step(graph)  # an odd one's own error
    with graph.as_default():
        return variables._wrap(_core.create_global_step(graph._c))


def get_or_create_global_step(graph=None):
    """The graph's global step, an int64 variable, made if there is none."""
    graph = graph or ops.get_default_graph()
    step = get_global_step(graph)
    return create_global_step(graph) if step is None else step


def _get_global_step_read(graph=None):
    graph = graph or ops.get_default_graph()
    found = graph.get_collection(GLOBAL_STEP_READ_KEY)
    if len(found) > 1:
        raise RuntimeError("There are multiple items in collection {}. There "
                           "should be only one.".format(GLOBAL_STEP_READ_KEY))
    return found[0] if found else None


def _get_or_create_global_step_read(graph=None):
    """The step's value plus 0, made once a graph; None without a step."""
    graph = graph or ops.get_default_graph()
    with graph.as_default():
        pair = _core.global_step_read(graph._c)
    return None if pair is None else graph._tensor(pair)


def _increment_global_step(increment, graph=None):
    graph = graph or ops.get_default_graph()
    with graph.as_default():
        pair = _core.increment_global_step(graph._c, increment)
    step = get_global_step(graph)
    if isinstance(step, variables.Variable):
        return step._changed(pair, True)
    return graph._tensor(pair)
