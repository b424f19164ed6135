"""The global step."""
from retrograph.framework import dtypes
from retrograph.framework import ops
from retrograph.ops import init_ops
from retrograph.ops import variable_scope
from retrograph.ops import variables


def global_step(sess, global_step_tensor):
    """The global step's value in a session, as an int."""
    return int(sess.run(global_step_tensor))


def get_global_step(graph=None):
    graph = graph or ops.get_default_graph()
    found = graph.get_collection(ops.GraphKeys.GLOBAL_STEP)
    if len(found) == 1:
        tensor = found[0]
    elif not found:
        try:
            tensor = graph.get_tensor_by_name("global_step:0")
        except KeyError:
            return None
    else:
        _log_many(found)
        return None
    assert_global_step(tensor)
    return tensor


def _log_many(found):
    from retrograph.platform import tf_logging
    tf_logging.error("Multiple tensors in global_step collection.")


def assert_global_step(tensor):
    if not (isinstance(tensor, (variables.Variable, ops.Tensor))):
        raise TypeError("Existing \"global_step\" must be a Variable or Tensor: "
                        "%s." % tensor)
    if not tensor.dtype.base_dtype.is_integer:
        raise TypeError("Existing \"global_step\" does not have integer type: "
                        "%s" % tensor.dtype)
    if tensor.shape.ndims not in (0, None):
        raise TypeError("Existing \"global_step\" is not scalar: %s"
                        % tensor.shape)


def create_global_step(graph=None):
    graph = graph or ops.get_default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), graph.name_scope(None):
        return variable_scope.get_variable(
            ops.GraphKeys.GLOBAL_STEP, shape=[], dtype=dtypes.int64,
            initializer=init_ops.zeros_initializer(), trainable=False,
            aggregation=variables.VariableAggregation.ONLY_FIRST_REPLICA,
            collections=[ops.GraphKeys.GLOBAL_VARIABLES,
                         ops.GraphKeys.GLOBAL_STEP])


def get_or_create_global_step(graph=None):
    graph = graph or ops.get_default_graph()
    step = get_global_step(graph)
    return create_global_step(graph) if step is None else step


