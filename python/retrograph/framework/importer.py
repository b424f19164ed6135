"""import_graph_def."""
import collections.abc

from retrograph.framework import ops


def _graph_def(graph_def):
    from retrograph import protos
    if isinstance(graph_def, protos.GraphDef):
        return graph_def
    try:
        copied = protos.GraphDef()
        copied.CopyFrom(graph_def)
        return copied
    except TypeError:
        raise TypeError("graph_def must be a GraphDef proto.")


def _input_map(input_map):
    if input_map is None:
        return {}
    if not (isinstance(input_map, collections.abc.Mapping) and all(
            isinstance(key, (str, bytes)) for key in input_map)):
        raise TypeError("input_map must be a dictionary mapping strings to "
                        "Tensor objects.")
    return input_map


def _tensors_of(input_map, graph, name):
    """An input_map with text for keys and tensors for values. What is none yet
    becomes one under "_inputs" in the scope that `name` will be."""
    values = list(input_map.values())
    if not all(isinstance(value, ops.Tensor) for value in values):
        if not name:
            raise ValueError("tf.import_graph_def() requires a non-empty "
                             "`name` if `input_map` contains non-Tensor values."
                             " Try calling tf.convert_to_tensor() on "
                             "`input_map` values before calling "
                             "tf.import_graph_def().")
        scope = graph.unique_name(name, mark_as_used=False)
        with graph.name_scope(scope + "/"), graph.name_scope("_inputs"):
            values = [ops.convert_to_tensor(value) for value in values]
    return {key.decode() if isinstance(key, bytes) else key: value
            for key, value in zip(input_map, values)}


def _return_elements(return_elements):
    if return_elements is None:
        return None
    return_elements = tuple(return_elements)
    if not all(isinstance(x, (str, bytes)) for x in return_elements):
        raise TypeError("return_elements must be a list of strings.")
    return [x.decode() if isinstance(x, bytes) else x
            for x in return_elements]


def import_graph_def(graph_def, input_map=None, return_elements=None,
                     name=None, op_dict=None, producer_op_list=None,
                     validate_colocation_constraints=True):
    """Adds the nodes of a GraphDef to the default graph.

    Returns: the return_elements, Tensors and Operations, in order; None if
      none were asked for.
    """
    graph_def = _graph_def(graph_def)
    input_map = _input_map(input_map)
    elements = _return_elements(return_elements)
    graph = ops.get_default_graph()
    if name is None:
        name = "import"
    mapped = _tensors_of(input_map, graph, name)
    found = graph._c.import_graph_def(
        graph_def.SerializeToString(), name,
        mapped, elements or [], False, True,
        None if producer_op_list is None
        else producer_op_list.SerializeToString())
    if elements is None:
        return None
    return [graph._element(pair) for pair in found]
