"""tf.graph_util: parts of GraphDefs, and graphs with constants for variables."""
import sys

from retrograph import _core
from retrograph.framework import errors
from retrograph.framework import importer
from retrograph.framework import ops
from retrograph.framework import tensor_shape
from retrograph.platform import deprecation

import_graph_def = importer.import_graph_def


def _deprecated(function):
    return deprecation.deprecated(
        "tensorflow.python.framework.graph_util_impl",
        "Use `tf.compat.v1.graph_util.%s`" % function.__name__)(function)


@_deprecated
def must_run_on_cpu(node, pin_variables_on_cpu=False):
    """Whether a node (or NodeDef) must run on the CPU."""
    from retrograph import protos
    if isinstance(node, ops.Operation):
        node = node.node_def
    assert isinstance(node, protos.NodeDef)
    return _core.must_run_on_cpu(node.SerializeToString(),
                                 bool(pin_variables_on_cpu))


@_deprecated
def extract_sub_graph(graph_def, dest_nodes):
    """The part of a GraphDef that the nodes of these names need."""
    from retrograph import protos
    if not isinstance(graph_def, protos.GraphDef):
        raise TypeError("graph_def must be a graph_pb2.GraphDef proto.")
    if isinstance(dest_nodes, str):
        raise TypeError("dest_nodes must be a list.")
    return protos.GraphDef.FromString(_core.extract_sub_graph(
        graph_def.SerializeToString(), list(dest_nodes)))


@_deprecated
def tensor_shape_from_node_def_name(graph, input_name):
    """The shape of the tensor that an input in a NodeDef names."""
    return tensor_shape.TensorShape(
        _core.tensor_shape_from_node_def_name(graph._c, input_name))


@_deprecated
def convert_variables_to_constants(sess, input_graph_def, output_node_names,
                                   variable_names_whitelist=None,
                                   variable_names_blacklist=None):
    """What the output nodes need, with the variables' values as constants."""
    from retrograph import protos
    from retrograph.training import saver
    extract_sub_graph.warn(sys._getframe())
    if not isinstance(input_graph_def, protos.GraphDef):
        raise TypeError("graph_def must be a graph_pb2.GraphDef proto.")
    if isinstance(output_node_names, str):
        raise TypeError("dest_nodes must be a list.")
    try:
        data = _core.convert_variables_to_constants(
            saver.Saver._core_session(sess),
            input_graph_def.SerializeToString(), list(output_node_names),
            None if variable_names_whitelist is None
            else list(variable_names_whitelist),
            list(variable_names_blacklist or ()))
    except errors.OpError as e:
        raise errors._with_op(e, sess.graph) from None
    return protos.GraphDef.FromString(data)


@_deprecated
def remove_training_nodes(input_graph, protected_nodes=None):
    """A GraphDef without nodes that only training needs."""
    from retrograph import protos
    return protos.GraphDef.FromString(_core.remove_training_nodes(
        input_graph.SerializeToString(), list(protected_nodes or ())))
