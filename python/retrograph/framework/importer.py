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
    mapped = {}
    if any(not isinstance(v, ops.Tensor) for v in input_map.values()):
        if name == "":
            raise ValueError("tf.import_graph_def() requires a non-empty "
                             "`name` if `input_map` contains non-Tensor values."
                             " Try calling tf.convert_to_tensor() on "
                             "`input_map` values before calling "
                             "tf.import_graph_def().")
        with graph.name_scope("_inputs"):
            input_map = {k: ops.convert_to_tensor(v)
                         for k, v in input_map.items()}
    for key, value in input_map.items():
        mapped[key.decode() if isinstance(key, bytes) else key] = value
    found = graph._c.import_graph_def(
        graph_def.SerializeToString(), "import" if name is None else name,
        mapped, elements or [], False, True,
        None if producer_op_list is None
        else producer_op_list.SerializeToString())
    if elements is None:
        return None
    return [graph._element(pair) for pair in found]
